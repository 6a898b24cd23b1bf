"""Whether a build may go on. Pure: results, scorecards, lists and the date in; a decision with its reasons out.

new-failures: a promise that the baseline kept and that is broken now is a fail. What the baseline kept and this
result does not say is unknown, and so is a broken promise of which the baseline does not say whether it was
broken before: with an empty baseline nothing would ever be new. verdict: NON_CONFORMANT is a fail, INCONCLUSIVE
is unknown. A fail outweighs an unknown, and unknown becomes a warning where the caller allows it.

A known failure in force takes its test out of the comparison, never out of the verdict. It stays in force up to
and including its last day. The list may only shrink against the one before: no entry more, none for longer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from defcore.judge.changes import changes, standing
from defcore.judge.comparison import terms
from defcore.model.change import Answer, Change, ChangeKind
from defcore.model.documents import digest, result_document
from defcore.model.gate import (
    FailOn,
    GateAnswer,
    GateDecision,
    GateInput,
    GateReason,
    KnownFailures,
    KnownState,
    KnownUse,
    ReasonKind,
    Weight,
)
from defcore.model.outcome import TestRecord
from defcore.model.result import Result
from defcore.model.scorecard import Scorecard, Verdict

WEIGHTS = tuple(Weight)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A result, and its scorecard where it was judged."""

    result: Result
    card: Scorecard | None = None


def gate(
    after: Judged,
    before: Judged | None,
    *,
    fail_on: FailOn,
    date: str,
    known: KnownFailures | None = None,
    known_before: KnownFailures | None = None,
    allow_unknown: bool = False,
) -> GateDecision:
    """Decide on a result. `before` is the baseline, `known_before` the list of known failures that held with it.

    Raises ValueError if `fail_on` asks for what is not given: a baseline, or a scorecard of the result.
    """
    _check(fail_on, after, before)
    listed = known or KnownFailures()
    uses = _uses(listed, {record.id: record for record in after.result.tests}, date)
    found = changes(before.result, after.result) if before else ()
    compared = _compared(before, after)
    reasons = [
        *(_of_comparison(found, uses, after.result, compared) if fail_on.new_failures else ()),
        *(_of_verdict(after.card) if fail_on.verdict and after.card else ()),
        *_of_known(uses),
        *(_growth(listed, known_before) if known_before else ()),
    ]
    reasons = [_allowed(reason) for reason in reasons] if allow_unknown else reasons
    return GateDecision(
        answer=_answer(reasons),
        fail_on=fail_on,
        allow_unknown=allow_unknown,
        date=date,
        terms=terms(after.card),
        result=_input(after),
        baseline=_input(before) if before else None,
        compared=compared,
        changes=found,
        reasons=tuple(sorted(reasons, key=lambda reason: WEIGHTS.index(reason.weight))),
        known=uses,
        known_digest=listed.digest,
    )


def _check(fail_on: FailOn, after: Judged, before: Judged | None) -> None:
    if fail_on.new_failures and before is None:
        raise ValueError("new failures need a baseline")
    if fail_on.verdict and after.card is None:
        raise ValueError("a verdict needs a scorecard")


def _of_comparison(
    found: tuple[Change, ...], uses: tuple[KnownUse, ...], after: Result, compared: int
) -> Iterator[GateReason]:
    excused = {use.entry.key for use in uses if use.excuses}
    for change in found:
        if change.test not in excused:
            yield from _of_change(change)
    yield from _of_coverage(after, compared)


def _answer(reasons: list[GateReason]) -> GateAnswer:
    weights = {reason.weight for reason in reasons}
    if Weight.FAIL in weights:
        return GateAnswer.FAIL
    return GateAnswer.INCONCLUSIVE if Weight.UNKNOWN in weights else GateAnswer.PASS


def _allowed(reason: GateReason) -> GateReason:
    return replace(reason, weight=Weight.WARNING) if reason.weight is Weight.UNKNOWN else reason


def _input(own: Judged) -> GateInput:
    return GateInput(
        run=own.result.run.id,
        cloud=own.result.cloud.name,
        digest=digest(result_document(own.result)),
        verdict=own.card.verdict if own.card else None,
    )


def _compared(before: Judged | None, after: Judged) -> int:
    old = {record.id for record in before.result.tests} if before else set()
    return sum(record.id in old for record in after.result.tests)


def _of_change(change: Change) -> Iterator[GateReason]:
    """What a change means to a build; most mean nothing."""
    now = f"is {_words(change)}" if change.after else "is not in this result"
    kept = change.before is not None and change.before.answer is Answer.KEPT
    broken = change.after is not None and change.after.answer is Answer.BROKEN
    match change.kind:
        case ChangeKind.REGRESSION:
            message = f"{change.name} {now}, and the baseline kept the promise"
            yield _reason(ReasonKind.REGRESSION, Weight.FAIL, message, change)
        case ChangeKind.LOST | ChangeKind.GONE_TEST if kept:
            message = f"{change.name} {now}, and the baseline kept the promise: we do not know any more"
            yield _reason(ReasonKind.LOST, Weight.UNKNOWN, message, change)
        case ChangeKind.EXPOSED | ChangeKind.NEW_TEST if broken:
            message = f"{change.name} {now}, and the baseline does not say whether it was before"
            yield _reason(ReasonKind.UNPRECEDENTED, Weight.UNKNOWN, message, change)
        case ChangeKind.NEWLY_FLAKY if change.after:
            tried = change.after.passed + change.after.failed
            message = f"{change.name} passed {change.after.passed} of {tried} attempts, and was not flaky before"
            yield _reason(ReasonKind.NEWLY_FLAKY, Weight.WARNING, message, change)


def _words(change: Change) -> str:
    if change.after is None:
        return "gone"
    return f"{change.after.outcome} ({change.after.cause})" if change.after.cause else str(change.after.outcome)


def _reason(kind: ReasonKind, weight: Weight, message: str, change: Change | None = None) -> GateReason:
    return GateReason(kind=kind, weight=weight, message=message, change=change)


def _of_coverage(after: Result, compared: int) -> Iterator[GateReason]:
    if not after.run.complete:
        yield _reason(ReasonKind.INCOMPLETE, Weight.UNKNOWN, "the run is not complete")
    if not compared:
        message = "result and baseline have no test in common, so nothing was compared"
        yield _reason(ReasonKind.NOTHING_COMPARED, Weight.UNKNOWN, message)


def _of_verdict(card: Scorecard) -> Iterator[GateReason]:
    weight = {Verdict.NON_CONFORMANT: Weight.FAIL, Verdict.INCONCLUSIVE: Weight.UNKNOWN}.get(card.verdict)
    if weight:
        because = f": {card.reasons[0]}" if card.reasons else ""
        yield _reason(ReasonKind.VERDICT, weight, f"the verdict is {card.verdict}{because}")


def _uses(known: KnownFailures, records: Mapping[str, TestRecord], date: str) -> tuple[KnownUse, ...]:
    uses = []
    for entry in known.entries:
        record = records.get(entry.key)
        if entry.expired(date):
            state = KnownState.EXPIRED
        elif record is None:
            state = KnownState.ELSEWHERE
        else:
            own = standing(record)
            # One that fails now and then is still needed.
            state = KnownState.PASSES if own.answer is Answer.KEPT and not own.failed else KnownState.IN_FORCE
        uses.append(KnownUse(entry=entry, state=state))
    return tuple(uses)


def _of_known(uses: tuple[KnownUse, ...]) -> Iterator[GateReason]:
    for use in uses:
        entry = use.entry
        if use.state is KnownState.EXPIRED:
            message = f"the known failure {entry.test} expired on {entry.expires} and excuses nothing"
            kind = ReasonKind.KNOWN_EXPIRED
        elif use.state is KnownState.PASSES:
            message = f"the known failure {entry.test} passes now: take it out of the list"
            kind = ReasonKind.KNOWN_PASSES
        else:
            continue
        yield GateReason(kind=kind, weight=Weight.WARNING, message=message, where=entry.where)


def _growth(known: KnownFailures, before: KnownFailures) -> Iterator[GateReason]:
    old = {entry.key: entry for entry in before.entries}
    for entry in known.entries:
        former = old.get(entry.key)
        if former is None:
            kind, message = ReasonKind.KNOWN_ADDED, f"the known failure {entry.test} was added"
        elif entry.expires > former.expires:
            kind = ReasonKind.KNOWN_EXTENDED
            message = f"the known failure {entry.test} was extended from {former.expires} to {entry.expires}"
        else:
            continue
        message = f"{message}, and the list may only shrink"
        yield GateReason(kind=kind, weight=Weight.FAIL, message=message, where=entry.where)
