"""What `defcore run` is to do: a run of its own, one that goes on where it was cut off, or tests that are tried again.

Nothing here asks the cloud. A run that goes on takes all but a few options from its folder; one that tries tests
again takes its tests from the folder of another, which it does not change, and brings that one's result along.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from defcore import results
from defcore.catalog import find_data
from defcore.cli.cloud_options import CloudChoice
from defcore.cli.options import Selection, load_both
from defcore.cli.rendering import REPORTS, RESULT, write
from defcore.cli.stored import copy_evidence
from defcore.errors import InputError, Problem
from defcore.model.budget import Budget
from defcore.model.capability import Catalog
from defcore.model.documents import digest, result_document, text
from defcore.model.guideline import Guideline
from defcore.model.outcome import Outcome
from defcore.model.plan import Plan
from defcore.model.result import Result
from defcore.plan import from_json, make_plan
from defcore.run.begun import Begun, check_ended, check_made_of, nothing_to_do, open_begun
from defcore.run.folder import check_folder
from defcore.run.journal import Origin

ORIGIN = "origin.json"
"""In the folder of a run that tries tests again: the result of the run that they are of."""
SELECTING = ("platform", "capability", "component", "service", "required_only")
BEGUN_WITH = (
    *("cloud", "alt_cloud", "reader_cloud", "admin_cloud", "disposable_cloud", "pairs", "more", "settings"),
    *(*SELECTING, "out", "shuffle", "repeat", "challenge", "budget", "rerun", "of"),
)
"""Parameters that a run keeps as it was begun with."""
AGAIN = {one.value.lower().replace("_", "-"): one for one in Outcome if one is not Outcome.PASSED}


class Outcomes(click.ParamType[frozenset[Outcome]]):
    """Outcomes other than PASSED, with commas between them."""

    name = "OUTCOME,..."

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> frozenset[Outcome]:
        names = str(value).lower().replace("_", "-").split(",")
        unknown = [name for name in names if name not in AGAIN]
        if unknown:
            self.fail(f"{unknown[0]!r} is none of {', '.join(AGAIN)}", param, ctx)
        return frozenset(AGAIN[name] for name in names)


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What is to be run, before the cloud is asked."""

    guideline: Guideline
    plan: Plan
    """With the settings of a run that goes on; without any else."""
    users: Mapping[str, str]
    given: Mapping[str, str]
    """Settings by name."""
    workers: int | None
    shuffle: int | None
    challenge: str | None = None
    out: Path | None = None
    begun: Begun | None = None
    """The run that goes on."""
    of: Begun | None = None
    """The run of which tests are tried again."""
    origin: Result | None = None
    """Its result, with which this one is merged."""

    @property
    def complete(self) -> bool:
        """It was brought to its end before, with its result and the reports."""
        begun = self.begun
        return begun is not None and nothing_to_do(self.plan, begun.journal) and _is_judged(begun)


def _is_judged(begun: Begun) -> bool:
    """All that is written at the end is there, and of this end: an earlier part of the run has left what it came to."""
    if not all((begun.folder / name).exists() for name in (RESULT, *REPORTS)):
        return False
    try:
        finished = results.read_file(begun.folder).run.finished
    except InputError:
        return False
    return begun.journal.footer is not None and finished == begun.journal.footer.finished


def own_task(choice: CloudChoice, selection: Selection, repeat: int, budget: Budget, **options: Any) -> Task:
    """A run of its own."""
    guideline, _, plan = selection.load()
    plan = replace(plan, repeat=repeat, budget=budget)
    return Task(guideline=guideline, plan=plan, users=choice.users, given=choice.given, **options)


def resumed_task(folder: Path, choice: CloudChoice, selection: Selection, workers: int | None) -> Task:
    """The run in the folder. Raises InputError for one that cannot go on here, and for options that it cannot take."""
    _refuse_options(BEGUN_WITH, "--resume", "the run keeps what it was begun with")
    begun = open_begun(folder)
    plan = _plan_of(begun)
    guideline, _ = _same_sources(begun, plan, selection)
    check_ended(begun, now=time.time())
    header = begun.journal.header
    if header.redacts and choice.redact_file is None:
        message = "the run keeps values of your own out of everything, and they are not on record"
        hint = "name the file with them again: --redact FILE"
        raise InputError(Problem(code="begun.redact", message=message, where=str(begun.folder), hint=hint))
    return Task(
        guideline=guideline,
        plan=plan,
        users=begun.users,
        given=_settings_of(plan),
        workers=workers or header.workers,
        shuffle=header.shuffle,
        challenge=header.challenge,
        begun=begun,
        origin=_kept_origin(begun.folder, header.origin) if header.origin else None,
    )


def rerun_task(
    outcomes: frozenset[Outcome],
    of: Path,
    choice: CloudChoice,
    selection: Selection,
    repeat: int,
    budget: Budget,
    **options: Any,
) -> Task:
    """The tests of a run that had one of the outcomes. Raises InputError if there are none, or others are here."""
    _refuse_options(SELECTING, "--rerun", "its tests are those of the run that --of names")
    begun = open_begun(of)
    before = _plan_of(begun)
    guideline, catalog = _same_sources(begun, before, selection)
    check_ended(begun, now=time.time())
    origin = _own_result(of)
    plan = _planned_again(origin, before, guideline, catalog, outcomes)
    return Task(
        guideline=guideline,
        plan=replace(plan, repeat=repeat, settings=(), budget=budget if _is_given("budget") else before.budget),
        users=begun.users | dict(choice.users),
        given=_settings_of(before) | dict(choice.given),
        of=begun,
        origin=origin,
        **options,
    )


def _refuse_options(names: tuple[str, ...], verb: str, why: str) -> None:
    """Raises InputError with every option that was given and does not go with `verb`."""
    context = click.get_current_context()
    given = [one for one in context.command.params if one.name in names and _is_given(one.name)]
    if given:
        said = ", ".join(one.opts[0] if isinstance(one, click.Option) else "NAME=VALUE" for one in given)
        message = f"{said} does not go with {verb}: {why}"
        raise InputError(Problem(code="run.options", message=message, hint=f"leave {said} out"))


def _is_given(name: str) -> bool:
    """Whether the user gave the parameter."""
    return click.get_current_context().get_parameter_source(name) is not ParameterSource.DEFAULT


def _plan_of(begun: Begun) -> Plan:
    try:
        return from_json(json.loads(begun.plan))
    except (ValueError, RecursionError) as error:
        problem = Problem(code="begun.plan", message=f"this is no plan: {error}", where=str(begun.folder / "plan.json"))
        raise InputError(problem) from None


def _same_sources(begun: Begun, plan: Plan, selection: Selection) -> tuple[Guideline, Catalog]:
    """Guideline and catalog, those that the run was begun with."""
    name = selection.guideline if _is_given("guideline") else plan.guideline
    guideline, catalog = load_both(name, find_data(explicit=selection.catalog))
    check_made_of(
        plan,
        guideline=guideline.id,
        guideline_digest=guideline.digest,
        suite_version=catalog.suite_version,
        suite_digest=catalog.suite_digest,
        where=begun.folder,
    )
    return guideline, catalog


def _settings_of(plan: Plan) -> dict[str, str]:
    return {one.name: one.value for one in plan.settings if one.value}


def _own_result(folder: Path) -> Result:
    try:
        result = results.read_file(folder)
    except InputError as error:
        raise InputError(*(replace(one, hint=f"defcore run --resume {folder}") for one in error.problems)) from None
    if result.origin.foreign:
        message = "only the tests of a run of defcore can be run again"
        raise InputError(Problem(code="rerun.foreign", message=message, where=str(folder)))
    return result


def _planned_again(
    origin: Result, before: Plan, guideline: Guideline, catalog: Catalog, outcomes: frozenset[Outcome]
) -> Plan:
    """The plan of the tests that had one of the outcomes, in the order of the guideline."""
    wanted = {record.id for record in origin.tests if record.outcome in outcomes}
    known = {test.case.id: test for test in make_plan(guideline, catalog, target=before.target).tests}
    known |= {test.case.id: test for test in before.tests}
    names = ",".join(name for name, one in AGAIN.items() if one in outcomes)
    if not wanted & known.keys():
        message = f"no test of the run is {names.replace(',', ' or ')}"
        raise InputError(Problem(code="rerun.none", message=message, where="--rerun", hint="there is nothing to do"))
    return replace(
        before,
        selection=(*(one for one in before.selection if not one.startswith("--rerun ")), f"--rerun {names}"),
        tests=tuple(test for id, test in known.items() if id in wanted),
    )


def keep_origin(folder: Path, task: Task) -> Origin | None:
    """Copy what the run needs of its origin into its own folder; what the journal says of it."""
    if task.of is None or task.origin is None:
        return None
    document = result_document(task.origin)
    write(folder / ORIGIN, text(document))
    copy_evidence(task.origin, task.of.folder, folder)
    return Origin(run=task.of.journal.header.run, digest=digest(document))


def _kept_origin(folder: Path, origin: Origin) -> Result:
    result = results.read_file(folder / ORIGIN)
    if digest(result_document(result)) != origin.digest:
        message = f"this is not the result that the run was begun with, whose digest is {origin.digest}"
        raise InputError(Problem(code="begun.origin", message=message, where=str(folder / ORIGIN)))
    return result


def with_origin(result: Result, task: Task) -> Result:
    """The result of this run, merged with that of the run whose tests it tried again."""
    if task.origin is None:
        return result
    merged = results.merge([task.origin, result])
    known = all(record.outcome is not Outcome.NOT_RUN for record in merged.tests)
    return replace(merged, run=replace(merged.run, complete=result.run.complete and known))


def check_options(resume: Path | None, rerun: object, of: Path | None, out: Path | None) -> None:
    """Raises UsageError for options that go together, or do not; InputError for an --out that is taken."""
    if (rerun is None) is not (of is None) and resume is None:
        raise click.UsageError("--rerun and --of go together: --rerun failed,error --of runs/monday")
    if out and resume is None:
        check_folder(out)
