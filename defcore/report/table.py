"""The scorecard as CSV: a line for each official test of each capability, for a spreadsheet."""

from __future__ import annotations

from defcore.model.scorecard import CapabilityScore, Scorecard, TestScore
from defcore.report import cells

COLUMNS = (
    "guideline",
    "target",
    "capability",
    "status",
    "support",
    "id",
    "name",
    "outcome",
    "cause",
    "flag",
    "reason",
    "cloud",
    "date",
)


def render(card: Scorecard) -> str:
    rows = (_row(card, capability, test) for capability in card.capabilities for test in capability.tests)
    return cells.table([COLUMNS, *rows])


def _row(card: Scorecard, capability: CapabilityScore, test: TestScore) -> tuple[str | None, ...]:
    flag = test.flag.code or "flagged" if test.flag else ""
    return (
        card.guideline,
        card.target,
        capability.id,
        capability.status,
        capability.support,
        test.id,
        test.name,
        test.outcome,
        test.cause,
        flag,
        test.reason,
        card.cloud,
        card.date,
    )
