"""What a scorecard says of each official test, once, with the records behind it: what the writers write."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from defcore.model.outcome import Attempt, Outcome, TestRecord, worst
from defcore.model.result import Result
from defcore.model.scorecard import Scorecard


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A test, by the name that others know it by."""

    name: str
    uuid: str | None
    outcome: Outcome
    reason: str | None
    attempts: tuple[Attempt, ...]
    """Those that led to the outcome: what a reader who takes the worst of them finds. Empty for NOT_RUN."""


def told(card: Scorecard, result: Result) -> Iterator[Told]:
    """The official tests of the target, by their official names; then what else another program's result holds.

    An official test in two capabilities comes once. Our own tests that answer for no official one are left out:
    nobody else knows their names.
    """
    records = {record.id: record for record in result.tests}
    used: set[str] = set()
    named: set[tuple[str, str]] = set()
    for capability in card.capabilities:
        for test in capability.tests:
            used.update((*test.covered_by, test.id, test.name))
            if (test.id, test.name) in named:
                continue
            named.add((test.id, test.name))
            behind = [records[one] for one in test.covered_by if one in records]
            yield Told(
                name=test.name,
                uuid=test.id or None,
                outcome=test.outcome,
                reason=test.reason,
                attempts=_attempts(test.outcome, test.reason, behind),
            )
    if result.origin.foreign:
        for record in result.tests:
            if not used & {record.id, record.name, *record.covers} and not record.promise:
                yield Told(
                    name=record.name,
                    uuid=record.covers[0] if record.covers else None,
                    outcome=record.outcome,
                    reason=record.reason,
                    attempts=_attempts(record.outcome, record.reason, [record]),
                )


def _attempts(outcome: Outcome, reason: str | None, behind: list[TestRecord]) -> tuple[Attempt, ...]:
    """The attempts of the one record behind a test; otherwise one that stands for all of them."""
    if outcome is Outcome.NOT_RUN:
        return ()
    every = [attempt for record in behind for attempt in record.attempts]
    if len(behind) == 1 and every and worst(one.outcome for one in every) is outcome:
        return tuple(every)
    return (
        Attempt(
            n=1,
            outcome=outcome,
            started=min((one.started for one in every if one.started), default=""),
            seconds=sum(one.seconds for one in every),
            reason=reason,
        ),
    )
