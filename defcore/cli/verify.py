"""`defcore verify`: whether a submission is what it says, without a cloud."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import click

from defcore.catalog import Data, find_data, guideline_names, load_catalog, load_guideline
from defcore.cli.named_path import NamedPath
from defcore.cli.options import catalog_option, policy_option
from defcore.cli.terminal import print_lines
from defcore.errors import EXIT_NO, EXIT_UNKNOWN, EXIT_YES, InputError
from defcore.judge import score
from defcore.model import documents
from defcore.model.capability import Catalog
from defcore.model.guideline import Guideline
from defcore.model.plan import Plan
from defcore.model.policy import Policy
from defcore.model.result import Result
from defcore.model.scorecard import Scorecard
from defcore.model.verification import Answer, Discrepancy, Verification
from defcore.model.verification_document import verification_document
from defcore.plan import from_json, make_plan
from defcore.report.verification import lines
from defcore.results import agreement
from defcore.results.contents import read_contents
from defcore.results.discrepancies import at_most, no, unknown
from defcore.results.keys import load_trusted
from defcore.results.leaves import read_leaf
from defcore.results.source import load
from defcore.results.verification import Expected
from defcore.results.verification import verify as check

EXIT = {Answer.HOLDS: EXIT_YES, Answer.DOES_NOT_HOLD: EXIT_NO, Answer.UNKNOWN: EXIT_UNKNOWN}
EPILOG = """\b
Examples:
  defcore verify results/2020.06/acme/acme-cloud/2026-01-31-0f4f2f8e --trusted keys/
  defcore verify DIR --trusted acme.pub --challenge 7c1f2b --format json
  defcore verify DIR --trusted acme.pub --leaf leaf.json       an outcome that the vendor disclosed

\b
KEYS is a file of OpenSSH (a .pub file, authorized_keys, allowed_signers), a PEM file, or a folder of .pub and .pem.
A signature proves who says it, not that it is true. The verdict is told, and does not change the exit code.

\b
Exit codes:
  0  all of it holds, and a trusted key signed it      1  something does not hold
  2  your input      3  could not find out, such as who signed
"""


@click.command(epilog=EPILOG)
@click.argument("folder", metavar="DIR", type=NamedPath())
@click.option(
    "--trusted",
    metavar="KEYS",
    type=NamedPath(),
    help="The public keys of those who may sign.  [default: none, and who signed is not known]",
)
@click.option("--challenge", metavar="NONCE", help="What the run must have been given with --challenge.")
@click.option(
    "--leaf",
    "leaves",
    metavar="FILE",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="An outcome that `defcore disclose` wrote; may be repeated.",
)
@policy_option
@catalog_option
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def verify(
    folder: Path,
    trusted: Path | None,
    challenge: str | None,
    leaves: tuple[Path, ...],
    policy: Policy,
    catalog: Path | None,
    form: str,
) -> int:
    """Check the submission in the folder DIR: digests, signature, counts, place, and the verdict again."""
    data = find_data(explicit=catalog)
    known = load_catalog(data)
    expected = Expected(
        place=place_of(folder),
        trusted=load_trusted(trusted) if trusted else None,
        challenge=challenge,
        catalog=known,
        leaves=tuple((str(path), read_leaf(load(path))) for path in leaves),
        now=datetime.now(UTC),
    )
    verification = check(read_contents(folder), expected, from_json)
    verification, card = judged(verification, policy, data, known)
    if form == "json":
        click.echo(documents.text(verification_document(verification, card)), nl=False)
    else:
        print_lines(lines(verification, card))
    return EXIT[verification.answer]


def place_of(folder: Path) -> tuple[str, ...]:
    """The last four parts of its path."""
    return Path(os.path.abspath(folder)).parts[-4:]  # noqa: PTH100 - links are not followed


def judged(
    verification: Verification, policy: Policy, data: Data, catalog: Catalog
) -> tuple[Verification, Scorecard | None]:
    """The verdict, if the submission holds and its guideline is known here; what keeps it away is taken down."""
    result, plan = verification.result, verification.plan
    if result is None or plan is None or verification.answer is Answer.DOES_NOT_HOLD:
        return verification, None
    guideline = _guideline(result, data)
    if guideline is None:
        message = "no guideline of this name and digest is known here"
        asked = f"{result.guideline} {result.guideline_digest}"
        return _taken(verification, [unknown("guideline", "result.json", message, asked)]), None
    date = (result.run.finished or result.run.started)[:10]
    try:
        again = _planned_again(plan, guideline, catalog)
        card = score(result, guideline, target=result.run.target, policy=policy, date=date)
    except InputError as error:
        found = at_most(no("guideline", "plan.json", one.message) for one in error.problems)
        return _taken(verification, found), None
    if again is not None:
        return _taken(verification, at_most(agreement.plans(plan, again))), card
    if plan.suite_digest != catalog.suite_digest:
        return verification, None  # which is told already: nobody here can tell what the plan leaves out
    message = "how the plan was narrowed is not known here, so nobody can tell what it leaves out"
    return _taken(verification, [no("plan-incomplete", "plan.json: $.selection", message, None, plan.selection)]), card


def _taken(verification: Verification, found: Iterable[Discrepancy]) -> Verification:
    return replace(verification, discrepancies=(*verification.discrepancies, *found))


def _planned_again(plan: Plan, guideline: Guideline, catalog: Catalog) -> Plan | None:
    """The plan for the same guideline, target and selection, made here; None where the suite is another one."""
    options: dict[str, list[str]] = {}
    for one in plan.selection:
        option, _, name = one.removeprefix("--").partition(" ")
        options.setdefault(option, []).append(name)
    required_only = options.pop("required-only", None) is not None
    if plan.suite_digest != catalog.suite_digest or not options.keys() <= {"capability", "component", "service"}:
        return None
    return make_plan(
        guideline,
        catalog,
        target=plan.target,
        capability=options.get("capability", ()),
        component=options.get("component", ()),
        service=options.get("service", ()),
        required_only=required_only,
    )


def _guideline(result: Result, data: Data) -> Guideline | None:
    """The guideline that the result was made for; None where this catalog has none of its name and digest."""
    if result.guideline not in guideline_names(data):
        return None
    try:
        guideline = load_guideline(result.guideline, data)
    except InputError:
        return None
    return guideline if guideline.digest == result.guideline_digest else None
