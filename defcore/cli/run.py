"""`defcore run`: test a cloud and judge it."""

from __future__ import annotations

import hashlib
import re
import uuid
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click
from rich.text import Text

from defcore.cli.check import print_check, print_skipped
from defcore.cli.cloud_options import CloudChoice, cloud_options
from defcore.cli.options import Selection, budget_option, policy_option, selection_options
from defcore.cli.progress import Watcher
from defcore.cli.rendering import show_text, write, write_reports
from defcore.cli.score import EXIT
from defcore.cli.stored import date_of, evidence_loader
from defcore.cli.terminal import console, inert, print_problems
from defcore.errors import EXIT_UNKNOWN, InputError
from defcore.judge import score
from defcore.model.budget import Budget
from defcore.model.documents import result_document, text
from defcore.model.policy import Policy
from defcore.plan import to_json
from defcore.run.preflight import State
from defcore.run.runner import RunRequest, check_folder, claim_folder, run_tests
from defcore.run.survey import Survey, survey

EPILOG = """\b
Examples:
  defcore run --cloud mycloud --platform object
  defcore run --cloud mycloud --alt-cloud mycloud2 --guideline 2020.06 -n 8 --out runs/monday
  defcore run --cloud mycloud --service network --set external_network=public
  defcore run --cloud mycloud --component os_powered_storage --repeat 5 --policy quantitative
  defcore run --cloud mycloud --budget servers=4,volumes=4,gigabytes=20,minutes=90

\b
Ctrl-C ends the run in order: what was measured is kept, what was made is removed.

\b
Exit codes:
  0  conformant   1  not conformant   2  your input   3  could not find out
"""


class Workers(click.ParamType[int | None]):
    """A number of workers, or `auto`."""

    name = "N|auto"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int | None:
        if value == "auto":
            return None
        given = str(value)
        if not (given.isdecimal() and 1 <= int(given[:4]) <= 64):
            self.fail(f"{value!r} is neither auto nor a number from 1 to 64", param, ctx)
        return int(given)


class Challenge(click.ParamType[str]):
    """What may stand in the names of all kinds of resource; the longest of them has room for so much."""

    name = "NONCE"
    FORM = re.compile(r"[A-Za-z0-9]{6,16}")

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if not self.FORM.fullmatch(str(value)):
            self.fail(f"{value!r} is no challenge: 6 to 16 letters and digits", param, ctx)
        return str(value)


@click.command(epilog=EPILOG)
@cloud_options
@selection_options
@click.option("-n", "workers", type=Workers(), default="auto", show_default=True, help="Tests at a time.")
@click.option(
    "--out", metavar="DIR", type=click.Path(path_type=Path), help="The run folder, absent or empty (default: in runs/)."
)
@click.option("--shuffle", metavar="SEED", type=int, help="Run the tests in a random order, the same for a seed.")
@click.option(
    "--repeat",
    metavar="N",
    type=click.IntRange(1, 1000),
    default=1,
    show_default=True,
    help="Attempts at each test, in N rounds over all of them: measures how flaky the cloud is.",
)
@click.option(
    "--challenge",
    metavar="NONCE",
    type=Challenge(),
    help="What a board gave: goes into the names of resources and into the result.",
)
@budget_option
@policy_option
def run(
    choice: CloudChoice,
    selection: Selection,
    workers: int | None,
    out: Path | None,
    shuffle: int | None,
    repeat: int,
    challenge: str | None,
    budget: Budget,
    policy: Policy,
) -> int:
    """Test a cloud and judge it."""
    guideline, _, plan = selection.load()
    plan = replace(plan, budget=budget)
    if out:
        check_folder(out)
    seen = survey(choice.users, given=choice.given, plan=plan, workers=workers, reference_file=choice.reference_file)
    _tell(seen)
    plan = replace(plan, settings=seen.settings, repeat=repeat)
    started, run_id = datetime.now(UTC), str(uuid.uuid4())
    folder = claim_folder(out or Path("runs") / f"{started:%Y%m%dT%H%M%SZ}-{run_id[:8]}")
    written = text(to_json(plan))
    write(folder / "plan.json", written)
    request = RunRequest(
        run=run_id,
        folder=folder,
        plan=plan,
        plan_digest=f"sha256:{hashlib.sha256(written.encode()).hexdigest()}",
        cloud=seen.facts.cloud,
        users=choice.users,
        workers=seen.workers,
        shuffle=shuffle,
        room=seen.room,
        challenge=challenge,
        reference_file=choice.reference_file,
    )
    with Watcher() as watcher:
        outcome = run_tests(request, watcher, seen.recorder)
    result = outcome.result
    write(folder / "result.json", text(result_document(result)))
    card = score(result, guideline, target=plan.target, policy=policy, date=date_of(result))
    write_reports(folder, result, card)
    show_text(card, result, evidence_loader(folder))
    click.echo(f"report: {folder / 'report.html'}")
    print_problems(outcome.problems)
    return EXIT[card.verdict] if result.run.complete else EXIT_UNKNOWN


def _tell(seen: Survey) -> None:
    """What is not as it should be. Raises InputError for what must be put right first."""
    if seen.preflight.problems:
        raise InputError(*seen.preflight.problems)
    for check in seen.preflight.checks:
        if check.state is State.NOTE:
            print_check(check, stderr=True)
    print_skipped(seen.preflight, stderr=True)
    cloud = seen.facts.cloud
    console(stderr=True).print(Text(f"testing {inert(cloud.name)} ({inert(cloud.cpid)})"), soft_wrap=True)
