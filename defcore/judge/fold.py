"""The outcome of an official test, from the tests of ours that answer for it.

An official id takes the worst outcome of all tests that cover it. An id that no test of the run covers, or
whose tests have no record, is NOT_RUN: what was not measured is never a pass.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from defcore.model.guideline import Guideline
from defcore.model.outcome import Cause, Outcome, TestRecord, worst
from defcore.model.result import Result

NOBODY = "no test of this run answers for it"
NO_ATTEMPT = "planned, and no attempt is on record"


@dataclass(frozen=True, slots=True, kw_only=True)
class Folded:
    outcome: Outcome
    cause: Cause | None = None
    reason: str | None = None
    """Of the records with that outcome, in words; None for PASSED."""
    covered_by: tuple[str, ...] = ()


def fold(result: Result, guideline: Guideline) -> dict[str, Folded]:
    """Each official id of the guideline with its folded outcome."""
    covering: dict[str, list[TestRecord]] = defaultdict(list)
    for record in result.tests:
        for official in dict.fromkeys(record.covers):
            covering[official].append(record)
    return {
        test.id: _fold_one(covering.get(test.id, []) if test.id else [])
        for capability in guideline.capabilities
        for test in capability.tests
    }


def _fold_one(records: list[TestRecord]) -> Folded:
    if not records:
        return Folded(outcome=Outcome.NOT_RUN, reason=NOBODY)
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
    )


def _cause(skipped: list[TestRecord]) -> Cause:
    """Absent, which says something about the cloud, is worse than a prerequisite, which does not."""
    return Cause.ABSENT if any(record.cause is Cause.ABSENT for record in skipped) else Cause.PREREQUISITE


def _reason(outcome: Outcome, deciding: list[TestRecord]) -> str:
    first = deciding[0]
    default = NO_ATTEMPT if outcome is Outcome.NOT_RUN else "no reason is on record"
    more = f" (and {len(deciding) - 1} more of its tests)" if len(deciding) > 1 else ""
    return f"{first.name}: {first.reason or default}{more}"
