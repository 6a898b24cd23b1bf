"""A run that was begun: what its folder holds, and whether it can go on here. Nothing is written.

What a run was begun with is in two files: `plan.json`, and the first line of its journal, which has the plan's
digest. A run goes on with the same tests, against the same cloud, or not at all.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from defcore.errors import InputError, Problem
from defcore.model.plan import Plan
from defcore.model.result import CloudInfo
from defcore.run.journal import FILE, Identity, Journal, last_heard, read_journal
from defcore.run.ledger import indexed_runs, read_ledger
from defcore.run.process import ProcessId, is_alive

PLAN = "plan.json"
PATIENCE = 10.0
"""Seconds for the processes of a run to end that was killed a moment ago."""
SILENCE = 2 * 3600.0
"""Seconds without a line, after which a run is over wherever it was: it ends itself sooner."""
BEGIN_ANEW = "nothing was measured: remove the folder, and start the run again"


@dataclass(frozen=True, slots=True, kw_only=True)
class Begun:
    """A run folder, with a plan and a journal that belong together."""

    folder: Path
    plan: bytes
    """The text of plan.json."""
    journal: Journal

    @property
    def users(self) -> dict[str, str]:
        return dict(self.journal.header.users)


def open_begun(folder: Path) -> Begun:
    """The run in the folder. Raises InputError that says what of it cannot be used."""
    try:
        plan = (folder / PLAN).read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise _unusable("begun.plan", "there is no plan here", folder / PLAN, _without_plan(folder)) from None
    try:
        journal = read_journal(folder)
    except InputError as error:
        said = error.problems[0]
        if said.code == "journal.header":  # what follows may be all that was measured
            raise InputError(replace(said, hint="put it back, or use the defcore that wrote it")) from None
        raise _unusable(
            said.code, f"{said.message}: the run was cut off before its first test", folder / FILE
        ) from None
    expected, seen = journal.header.plan, f"sha256:{hashlib.sha256(plan).hexdigest()}"
    if expected != seen:
        message = (
            f"the plan is not the one that the run was begun with: its digest is {seen}, the journal says {expected}"
        )
        raise _unusable("begun.plan-digest", message, folder / PLAN, "put the plan back, or start a run of its own")
    return Begun(folder=folder.resolve(), plan=plan, journal=journal)


def _without_plan(folder: Path) -> str:
    """What to do about a folder without a plan: nobody is told to remove what may be no run, or a whole one."""
    try:
        names = {file.name for file in folder.iterdir()}
    except (FileNotFoundError, NotADirectoryError):
        names = {""}
    if FILE in names:
        return "put back the plan that the run was begun with"
    return "name the folder of a run" if any(not name.startswith(".") for name in names) else BEGIN_ANEW


def _unusable(code: str, message: str, where: Path, hint: str = BEGIN_ANEW) -> InputError:
    return InputError(Problem(code=code, message=message, where=str(where), hint=hint))


def nothing_to_do(plan: Plan, journal: Journal) -> bool:
    """Every attempt is finished, and the run has ended."""
    tried: dict[str, set[int]] = {}
    finished = journal.finished
    for line in journal.lines:
        if line.lost and finished[line.nodeid] < plan.repeat:
            return False
        tried.setdefault(line.test, set()).add(line.attempt.n)
    return journal.complete and all(len(tried.get(test.case.id, ())) >= plan.repeat for test in plan.tests)


def check_made_of(
    plan: Plan, *, guideline: str, guideline_digest: str, suite_version: str, suite_digest: str, where: Path
) -> None:
    """The guideline and the suite that are here are those of the plan. Raises InputError with both values of each."""
    problems = []
    if plan.guideline_digest != guideline_digest:
        message = (
            f"the guideline {guideline} is another one here: {guideline_digest}, the run has {plan.guideline_digest}"
        )
        hint = "name the one that the run has, with --guideline or --catalog; or start a run of its own"
        problems.append(Problem(code="begun.guideline", message=message, where=str(where), hint=hint))
    if plan.suite_digest != suite_digest:
        message = (
            f"the suite is another one here: version {suite_version}, {suite_digest};"
            f" the run has {plan.suite_version}, {plan.suite_digest}"
        )
        hint = f"install defcore {plan.suite_version} as it was; or start a run of its own"
        problems.append(Problem(code="begun.suite", message=message, where=str(where), hint=hint))
    if problems:
        raise InputError(*problems)


def check_cloud(begun: Begun, cloud: CloudInfo) -> None:
    """It is the cloud that was tested before. Raises InputError with what differs."""
    before = begun.journal.header.cloud
    if before is None:
        return
    differing = [
        f"{what}: {now or 'none'}, before {then or 'none'}"
        for what, then, now in (
            ("cpid", before.cpid, cloud.cpid),
            ("region", before.region, cloud.region),
            *_services(before, cloud),
        )
        if then != now
    ]
    if differing:
        hint = "a verdict is about one cloud: name in clouds.yaml the one that the run was begun with"
        message = f"this is not the cloud that the run was begun with: {'; '.join(differing)}"
        raise InputError(Problem(code="begun.cloud", message=message, where=str(begun.folder), hint=hint))


def check_users(begun: Begun, users: Iterable[Identity]) -> None:
    """They are those that tested before, in the same projects. Raises InputError with what differs."""
    before = {one.role: one for one in begun.journal.header.identities}
    differing = [
        f"{begun.users.get(one.role)}: {what}"
        for one in users
        if one.role in before
        for what in before[one.role].unlike(user=one.user, project=one.project)
    ]
    if differing:
        hint = "name in clouds.yaml the users that the run was begun with, or start a run of its own"
        message = f"these are not the users that the run was begun with: {'; '.join(differing)}"
        raise InputError(Problem(code="begun.users", message=message, where=str(begun.folder), hint=hint))


def _services(before: CloudInfo, now: CloudInfo) -> Iterator[tuple[str, str | None, str | None]]:
    old, new = dict(before.endpoints), dict(now.endpoints)
    for service in sorted({*old, *new}):
        yield f"endpoint of {service}", old.get(service), new.get(service)


def check_ended(begun: Begun, *, now: float, patience: float = PATIENCE) -> None:
    """No process of the run is alive. Raises InputError if one still is after so many seconds."""
    end = time.monotonic() + patience
    while alive := [one for one in _processes(begun) if is_alive(one)]:
        foreign = [one for one in alive if not one.is_here]
        if foreign and foreign == alive:
            silent = now - last_heard(begun.journal)
            if silent > SILENCE:
                return
            hint = (
                f"if nothing more is heard of it, it has ended in {(SILENCE - silent) / 60:.0f} minutes at the latest"
            )
            raise _alive(begun, f"it may still be alive on {foreign[0].host}", hint)
        if time.monotonic() > end:
            raise _alive(begun, f"it is alive: process {alive[0].pid}", "wait for its end, or end it with Ctrl-C")
        time.sleep(0.1)


def _processes(begun: Begun) -> list[ProcessId]:
    found = [one.process for one in indexed_runs() if one.id == begun.journal.header.run]
    return [*found, *read_ledger(begun.folder).processes]


def _alive(begun: Begun, message: str, hint: str) -> InputError:
    return InputError(Problem(code="run.alive", message=message, where=str(begun.folder), hint=hint))
