"""A result as the guideline sees it: a record for each official test, with its folded outcome.

Results of different programs have no test of their own in common; what they say of the official tests can be
compared.
"""

from __future__ import annotations

from dataclasses import replace

from defcore.model.outcome import TestRecord
from defcore.model.result import Result
from defcore.model.scorecard import Scorecard, TestScore


def official_view(result: Result, card: Scorecard) -> Result:
    """The result with the official tests of the card, each once, in the place of its own."""
    records: dict[str, TestRecord] = {}
    for capability in card.capabilities:
        for test in capability.tests:
            records.setdefault(test.key, _record(test, capability.id))
    return replace(result, tests=tuple(records.values()))


def _record(test: TestScore, capability: str) -> TestRecord:
    return TestRecord(
        id=test.key,
        nodeid=test.name,
        name=test.name,
        promise="",
        reference=None,
        capability=capability,
        covers=(test.id,) if test.id else (),
        outcome=test.outcome,
        cause=test.cause,
        reason=test.reason,
    )
