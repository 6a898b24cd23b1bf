"""`defcore run`: test a cloud and judge it."""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import click
from rich.text import Text

from defcore.cli.check import print_check, print_skipped
from defcore.cli.cloud_options import CloudChoice, cloud_options_of_run
from defcore.cli.options import Selection, budget_option, policy_option, selection_options
from defcore.cli.progress import Watcher
from defcore.cli.rendering import REPORTS, RESULT, show_text, write, write_reports
from defcore.cli.score import EXIT
from defcore.cli.stored import date_of, evidence_loader, open_results
from defcore.cli.task import (
    Outcomes,
    Task,
    check_options,
    keep_origin,
    own_task,
    rerun_task,
    resumed_task,
    with_origin,
)
from defcore.cli.terminal import console, inert, print_problems
from defcore.errors import EXIT_UNKNOWN, InputError, Problem
from defcore.judge import score
from defcore.model.budget import Budget
from defcore.model.documents import result_document, text
from defcore.model.outcome import Outcome
from defcore.model.policy import Policy
from defcore.plan import to_json
from defcore.run.begun import check_cloud, check_users
from defcore.run.durable import is_full
from defcore.run.folder import alone, claimed
from defcore.run.preflight import State
from defcore.run.runner import RunOutcome, RunRequest, run_tests
from defcore.run.survey import Survey, survey

EPILOG = """\b
Examples:
  defcore run --cloud mycloud --platform object
  defcore run --cloud mycloud --alt-cloud mycloud2 --guideline 2020.06 -n 8 --out runs/monday
  defcore run --cloud mycloud --service network --set external_network=public
  defcore run --cloud mycloud --component os_powered_storage --repeat 5 --policy quantitative
  defcore run --cloud mycloud --budget servers=4,volumes=4,gigabytes=20,minutes=90
  defcore run --resume runs/monday
  defcore run --rerun failed,error --of runs/monday

\b
Ctrl-C ends the run in order: what was measured is kept, what was made is removed. Whatever else ends it, --resume
goes on where it stopped.

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
@cloud_options_of_run
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
@click.option(
    "--resume",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Go on with the run in DIR, which was cut off: what is in its journal is not run again. Takes -n and --policy"
    " beside it; --guideline and --catalog only say where the same are.",
)
@click.option(
    "--rerun",
    type=Outcomes(),
    help="Try again the tests of the run in --of that are failed, error, skipped or not-run: a run of its own, whose"
    " result is merged with that one. FAILED stays FAILED: where it passes now, the conflict is on record. PASSED"
    " outweighs what was not decided.",
)
@click.option(
    "--of", metavar="DIR", type=click.Path(path_type=Path), help="The run whose tests --rerun tries; it is not changed."
)
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
    resume: Path | None,
    rerun: frozenset[Outcome] | None,
    of: Path | None,
    policy: Policy,
) -> int:
    """Test a cloud and judge it."""
    check_options(resume, rerun, of, out)
    options = {"workers": workers, "shuffle": shuffle, "challenge": challenge, "out": out}
    if resume:
        task = resumed_task(resume, choice, selection, workers)
    elif rerun and of:
        task = rerun_task(rerun, of, choice, selection, repeat, budget, **options)
    elif choice.users.get("primary"):
        task = own_task(choice, selection, repeat, budget, **options)
    else:
        raise click.UsageError("Missing option '--cloud'.")
    if task.complete and task.begun:
        return _show_complete(task, task.begun.folder, policy)
    seen = survey(
        task.users,
        given=task.given,
        plan=task.plan,
        workers=task.workers,
        reference_file=choice.reference_file,
        hidden=choice.hidden,
    )
    _tell(seen)
    with _request(task, seen, choice) as request:
        with Watcher() as watcher:
            outcome = run_tests(request, watcher, seen.recorder)
        return _judge(task, request.folder, outcome, policy)


@contextmanager
def _request(task: Task, seen: Survey, choice: CloudChoice) -> Iterator[RunRequest]:
    """The run in its folder, which has the plan, and where no other process is at work.

    Raises InputError if this is not the cloud of the run before it, or the folder cannot be had.
    """
    for before in (task.begun, task.of):
        if before:
            check_cloud(before, seen.facts.cloud)
    if task.begun:
        check_users(task.begun, seen.identities)
    request = partial(
        RunRequest,
        cloud=seen.facts.cloud,
        users=task.users,
        workers=seen.workers,
        shuffle=task.shuffle,
        room=seen.room,
        challenge=task.challenge,
        reference_file=choice.reference_file,
        redact_file=choice.redact_file,
        identities=seen.identities,
    )
    if task.begun:
        header, folder = task.begun.journal.header, task.begun.folder
        with alone(folder):
            yield request(run=header.run, folder=folder, plan=task.plan, plan_digest=header.plan or "", resume=True)
        return
    started, run_id = datetime.now(UTC), str(uuid.uuid4())
    plan = replace(task.plan, settings=seen.settings)
    written = text(to_json(plan))
    choice.refuse_in(written, *task.users.values(), str(task.out or ""))
    digest = f"sha256:{hashlib.sha256(written.encode()).hexdigest()}"
    with claimed(task.out or Path("runs") / f"{started:%Y%m%dT%H%M%SZ}-{run_id[:8]}") as folder:
        write(folder / "plan.json", written)
        yield request(run=run_id, folder=folder, plan=plan, plan_digest=digest, origin=keep_origin(folder, task))


def _judge(task: Task, folder: Path, outcome: RunOutcome, policy: Policy) -> int:
    """Judge what was measured, keep it and show it; on a full disk what can be kept."""
    result, problems = with_origin(outcome.result, task), list(outcome.problems)
    card = score(result, task.guideline, target=task.plan.target, policy=policy, date=date_of(result))
    try:
        for stale in REPORTS:  # of the part before it, it may be; the last of them says that all are there
            (folder / stale).unlink(missing_ok=True)
        write(folder / RESULT, text(result_document(result)))
        write_reports(folder, result, card)
    except OSError as error:
        if not is_full(error):
            raise
        hint = f"free some space, then defcore run --resume {folder}"
        message = f"the result cannot be written: {error.strerror}"
        problems.append(Problem(code="disk.full", message=message, where=str(error.filename), hint=hint))
    show_text(card, result, evidence_loader(folder))
    if len(problems) == len(outcome.problems):
        click.echo(f"report: {folder / 'report.html'}")
    for one in outcome.settled:
        said = f"note: {one.where}: {one.message}; the run was resumed after it, and what it held was run again"
        console(stderr=True).print(Text(inert(said)), soft_wrap=True)
    print_problems(problems)
    return EXIT[card.verdict] if result.run.complete and not problems else EXIT_UNKNOWN


def _show_complete(task: Task, folder: Path, policy: Policy) -> int:
    stored = open_results([folder])
    console(stderr=True).print(Text(f"{folder}: the run is complete, there is nothing to resume"), soft_wrap=True)
    card = score(stored.result, task.guideline, target=task.plan.target, policy=policy, date=date_of(stored.result))
    show_text(card, stored.result, stored.evidence)
    return EXIT[card.verdict] if stored.result.run.complete else EXIT_UNKNOWN


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
