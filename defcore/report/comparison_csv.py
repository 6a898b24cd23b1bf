"""Comparisons as CSV, for a spreadsheet: a row a change, or a row a test."""

from __future__ import annotations

from collections.abc import Iterable

from defcore.model.comparison import Comparison, Matrix, Tallies
from defcore.report import cells
from defcore.report.change_words import standing_words, step

LONGEST = 4_000
"""Characters of a cell; a reason is the longest."""


def render(comparison: Comparison | Matrix | Tallies) -> str:
    match comparison:
        case Comparison():
            rows = _changes(comparison)
        case Matrix():
            rows = _matrix(comparison)
        case Tallies():
            rows = _tallies(comparison)
    return cells.table(rows, LONGEST)


def _changes(comparison: Comparison) -> Iterable[tuple[str, ...]]:
    yield "kind", "test", "name", "capability", "covers", "before", "after", "finding", "reason"
    for one in comparison.changes:
        yield (
            one.kind,
            one.test,
            one.name,
            one.capability or "",
            " ".join(one.covers),
            standing_words(one.before) if one.before else "",
            standing_words(one.after) if one.after else "",
            step(one) if one.finding else "",
            (one.after.reason if one.after else None) or "",
        )


def _matrix(matrix: Matrix) -> Iterable[tuple[str, ...]]:
    yield "test", "name", "capability", *(side.label for side in matrix.sides)
    for row in matrix.differing:
        yield row.test, row.name, row.capability or "", *(outcome or "" for outcome in row.outcomes)


def _tallies(tallies: Tallies) -> Iterable[tuple[str, ...]]:
    names = [outcome for outcome, _ in tallies.tests[0].outcomes] if tallies.tests else []
    yield "test", "name", "capability", *names, "flaky"
    for one in tallies.tests:
        yield one.test, one.name, one.capability or "", *(str(n) for _, n in one.outcomes), str(one.flaky)
