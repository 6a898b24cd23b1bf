"""The outcome of an official test, from the records that answer for it.

An official id takes the worst outcome of all tests that cover it. An id that no test of the run covers, or
whose tests have no record, is NOT_RUN: what was not measured is never a pass. Attempts are folded in the same
way, the first ones together, the second ones together, and so on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from defcore.judge.match import Match, match
from defcore.model.guideline import Guideline, OfficialTest
from defcore.model.outcome import Attempt, Cause, Outcome, TestRecord, worst
from defcore.model.result import Origin, Result
from defcore.model.scorecard import MatchedBy, Tally

NOBODY = "no test of this run answers for it"
NOT_NAMED = "not among the passed tests, and the result names no others"
NO_ATTEMPTS = Tally()
NO_ATTEMPT = "planned, and no attempt is on record"


@dataclass(frozen=True, slots=True, kw_only=True)
class Folded:
    outcome: Outcome
    cause: Cause | None = None
    reason: str | None = None
    """Of the records with that outcome, in words; None for PASSED."""
    covered_by: tuple[str, ...] = ()
    matched_by: MatchedBy | None = None
    tally: Tally = NO_ATTEMPTS
    """Of its attempts."""


def fold(result: Result, guideline: Guideline, *, findings: Sequence[str] = ()) -> dict[OfficialTest, Folded]:
    """Each official test of the guideline with its folded outcome.

    `findings`: kinds of findings that make a PASSED attempt count as FAILED.
    """
    weighed = {record.id: _weighed(record, frozenset(findings)) for record in result.tests} if findings else {}
    return {
        test: _fold_one(found, weighed) if found[0] else _missing((test.name, *test.aliases), result.origin)
        for test, found in match(result, guideline).items()
    }


def _missing(names: Sequence[str], origin: Origin) -> Folded:
    """Of a test without a record: what became of its class, if that is known."""
    for fixture in origin.broken_fixtures:
        if any(name.startswith(f"{fixture.class_name}.") for name in names):
            cause = Cause.PREREQUISITE if fixture.outcome is Outcome.SKIPPED else None
            reason = f"{fixture.class_name}: {fixture.reason}"
            tally = Tally(undecided=int(fixture.outcome is Outcome.ERROR))
            return Folded(outcome=fixture.outcome, cause=cause, reason=reason, tally=tally)
    return Folded(outcome=Outcome.NOT_RUN, reason=NOT_NAMED if origin.passes_only else NOBODY)


def _fold_one(found: Match, weighed: dict[str, TestRecord]) -> Folded:
    records, matched_by = found
    records = tuple(weighed.get(record.id, record) for record in records)
    outcome = worst(record.outcome for record in records)
    deciding = [record for record in records if record.outcome is outcome]
    cause = _cause(deciding) if outcome is Outcome.SKIPPED else None
    if cause:
        deciding = [record for record in deciding if (record.cause or Cause.PREREQUISITE) is cause]
    return Folded(
        outcome=outcome,
        cause=cause,
        reason=None if outcome is Outcome.PASSED else _reason(outcome, deciding),
        covered_by=tuple(record.id for record in records),
        matched_by=matched_by,
        tally=_tally(records),
    )


def _tally(records: Sequence[TestRecord]) -> Tally:
    """Of the attempts: those with the same number at all records are one attempt at the official test.

    Where one of the records never passed, the official test never did: in a round that was cut off before it, the
    passes of the others show nothing.
    """
    together: dict[int, list[Outcome]] = defaultdict(list)
    for record in records:
        if not record.attempts:
            together[1].append(record.outcome)
        for attempt in record.attempts:
            together[attempt.n].append(attempt.outcome)
    folded = [worst(outcomes) for outcomes in together.values()]
    passed, failed = folded.count(Outcome.PASSED), folded.count(Outcome.FAILED)
    if any(_never_passed(record) for record in records):
        return Tally(failed=failed, undecided=len(folded) - passed - failed)
    return Tally(passed=passed, failed=failed, undecided=len(folded) - passed - failed)


def _never_passed(record: TestRecord) -> bool:
    outcomes = {attempt.outcome for attempt in record.attempts} or {record.outcome}
    return Outcome.FAILED in outcomes and Outcome.PASSED not in outcomes


def _weighed(record: TestRecord, kinds: frozenset[str]) -> TestRecord:
    """The record with what was found held against the cloud."""
    attempts = tuple(_weighed_attempt(one, kinds) for one in record.attempts)
    found = next((one for one in record.findings if one.kind in kinds), None)
    if found is None or record.outcome is not Outcome.PASSED:
        return replace(record, attempts=attempts)
    reason = f"the policy holds a finding against it: {found.kind} at {found.where}"
    return replace(record, outcome=Outcome.FAILED, reason=reason, attempts=attempts)


def _weighed_attempt(attempt: Attempt, kinds: frozenset[str]) -> Attempt:
    if attempt.outcome is not Outcome.PASSED or not any(one.kind in kinds for one in attempt.findings):
        return attempt
    return replace(attempt, outcome=Outcome.FAILED)


def _cause(skipped: list[TestRecord]) -> Cause:
    """Absent, which says something about the cloud, is worse than a prerequisite, which does not."""
    return Cause.ABSENT if any(record.cause is Cause.ABSENT for record in skipped) else Cause.PREREQUISITE


def _reason(outcome: Outcome, deciding: list[TestRecord]) -> str:
    first = deciding[0]
    default = NO_ATTEMPT if outcome is Outcome.NOT_RUN else "no reason is on record"
    more = f" (and {len(deciding) - 1} more of its tests)" if len(deciding) > 1 else ""
    return f"{first.name}: {first.reason or default}{more}"
