"""The scorecard as CSV: a line for each official test of each capability, for a spreadsheet."""

from __future__ import annotations

import csv
import io

from defcore.model.scorecard import CapabilityScore, Scorecard, TestScore
from defcore.report.inert import line

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
FORMULA = ("=", "+", "-", "@")
"""How a cell begins that a spreadsheet computes; such text gets an apostrophe in front."""


def render(card: Scorecard) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for capability in card.capabilities:
        for test in capability.tests:
            writer.writerow([_cell(value) for value in _row(card, capability, test)])
    return out.getvalue()


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


def _cell(value: str | None) -> str:
    text = line(value)
    return f"'{text}" if text.startswith(FORMULA) else text
