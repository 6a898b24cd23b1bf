"""From what pytest saw of a test's three phases to its outcome. Pure.

FAILED is about the cloud and comes from the body of a test alone: PromiseBroken, or a plain `assert` of the
suite's own. Whatever else goes wrong, in set-up, in a library, in ourselves, is ERROR. What was measured stays:
trouble in the clean-up that follows is a finding of kind `leftover` or `teardown`, and changes no outcome but
that of a PASSED test whose teardown broke in a way that is no clean-up problem.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType

from defcore.errors import Absent, CannotTell, DefcoreError, Prerequisite, PromiseBroken, shortened
from defcore.model.capability import NEEDS
from defcore.model.outcome import Cause, Finding, Outcome

LONGEST = 4000
"""Characters kept of a reason, of what was expected and of what was seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """What came of set-up, call or teardown."""

    when: str
    outcome: Outcome
    cause: Cause | None = None
    reason: str | None = None
    expected: str | None = None
    seen: str | None = None
    cleanup: bool = False
    """The problem is one of removing what the test made."""


def judge_phase(when: str, error: BaseException | None, own_code: Iterable[Path]) -> Phase:
    """The phase's outcome. `own_code`: folders and files whose `assert` speaks about the cloud."""
    if error is None:
        return Phase(when=when, outcome=Outcome.PASSED)
    match error:
        case Absent():
            return Phase(when=when, outcome=Outcome.SKIPPED, cause=Cause.ABSENT, reason=str(error))
        case Prerequisite():
            return Phase(when=when, outcome=Outcome.SKIPPED, cause=Cause.PREREQUISITE, reason=str(error))
        case PromiseBroken() if when == "call":
            return Phase(
                when=when,
                outcome=Outcome.FAILED,
                reason=str(error),
                expected=_shown(error.expected),
                seen=_shown(error.seen),
            )
        case AssertionError() if when == "call" and raised_in(error.__traceback__, own_code):
            return Phase(when=when, outcome=Outcome.FAILED, reason=_first(str(error)) or "an assertion failed")
        case CannotTell():
            return Phase(when=when, outcome=Outcome.ERROR, reason=str(error), cleanup=when == "teardown")
        case DefcoreError():
            return Phase(when=when, outcome=Outcome.ERROR, reason="; ".join(one.message for one in error.problems))
    return Phase(when=when, outcome=Outcome.ERROR, reason=f"{type(error).__name__}: {_first(str(error))}")


def doubted(phase: Phase, unsure: Sequence[str]) -> Phase:
    """The phase, given the requests of which it is not known whether the cloud has done them, or done them twice.

    After such a one the cloud may rightly look otherwise than the test expects: no "no" is proven, and what went
    wrong may come from it.
    """
    troubled = phase.outcome in (Outcome.FAILED, Outcome.ERROR) or phase.cause is Cause.ABSENT
    if not unsure or not troubled or (phase.outcome is Outcome.ERROR and any(_tells(phase, one) for one in unsure)):
        return phase
    several = f" and {len(unsure) - 1} more" if len(unsure) > 1 else ""
    reason = f"it is not known what became of {unsure[0]}{several}; after it: {phase.reason}"
    return replace(phase, outcome=Outcome.ERROR, cause=None, reason=reason)


def _tells(phase: Phase, unsure: str) -> bool:
    """Whether the reason is this very trouble."""
    request, _, what = unsure.partition(": ")
    return request in (phase.reason or "") and what.partition(":")[0] in (phase.reason or "")


def raised_in(traceback: TracebackType | None, own_code: Iterable[Path]) -> bool:
    """Whether the innermost frame is in one of the folders or files."""
    if traceback is None:
        return False
    while traceback.tb_next:
        traceback = traceback.tb_next
    file = Path(traceback.tb_frame.f_code.co_filename)
    return any(file == own or own in file.parents for own in own_code)


def fold_phases(phases: Iterable[Phase]) -> tuple[Phase, tuple[Finding, ...]]:
    """The test's outcome, from its phases in order, and what its teardown has to say.

    A phase that never ended is a crash: the caller adds `crashed()` for it.
    """
    by_name = {phase.when: phase for phase in phases}
    setup, call, teardown = by_name.get("setup"), by_name.get("call"), by_name.get("teardown")
    if setup is None or setup.outcome is not Outcome.PASSED:
        main = setup or teardown or Phase(when="setup", outcome=Outcome.ERROR, reason="no set-up on record")
    else:
        main = call or Phase(when="call", outcome=Outcome.ERROR, reason="the test never ended")
    if teardown is None or teardown is main or teardown.outcome is Outcome.PASSED:
        return main, ()
    kind = "leftover" if teardown.cleanup else "teardown"
    left = shortened(teardown.reason or "", LONGEST)
    finding = Finding(kind=kind, where="clean-up", expected="nothing is left behind", seen=left)
    if main.outcome is Outcome.PASSED and not teardown.cleanup:
        main = replace(main, outcome=Outcome.ERROR, reason=f"teardown: {teardown.reason}")
    return main, (finding,)


def crashed(when: str, reason: str) -> Phase:
    """A worker died during the phase. In teardown it takes nothing away from what the body of the test said."""
    return Phase(when=when, outcome=Outcome.ERROR, reason=reason, cleanup=when == "teardown")


def missing_needs(
    needs: Iterable[str], roles: Iterable[str], settings: Mapping[str, str | None]
) -> tuple[tuple[str, str], ...]:
    """(need, remedy) of each need that the tester has not met."""
    given = {name for name, value in settings.items() if value} | set(roles)
    if "ssh_user" in given and "image" in given:
        given.add("guest")
    if "admin" in given:  # who makes one
        given.add("disposable")
    return tuple((need, NEEDS.get(need, f"unknown need {need!r}")) for need in needs if need not in given)


def _shown(value: object) -> str | None:
    return None if value is None else shortened(str(value), LONGEST)


def _first(text: str) -> str:
    return shortened(text.strip(), LONGEST)
