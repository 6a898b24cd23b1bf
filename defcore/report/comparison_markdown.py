"""Comparisons as Markdown, for a merge request or a release note."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from defcore.model.change import Change
from defcore.model.comparison import Comparison, Matrix, Tallies
from defcore.model.outcome import WORST_FIRST
from defcore.report.change_words import (
    NOWHERE,
    counts,
    grouped,
    heading,
    outcome_words,
    reason,
    side_words,
    step,
    terms_words,
)
from defcore.report.markdown import escaped

PASSES_FIRST = tuple(reversed(WORST_FIRST))


def render(comparison: Comparison | Matrix | Tallies) -> str:
    match comparison:
        case Comparison():
            lines = _changes(comparison)
        case Matrix():
            lines = _matrix(comparison)
        case Tallies():
            lines = _tallies(comparison)
    return "\n".join(lines) + "\n"


def change_tables(changes: Sequence[Change], most: int | None = None) -> Iterator[str]:
    """A section for each kind; `most`: rows of one of them."""
    for kind, own in grouped(changes):
        yield ""
        yield f"### {escaped(heading(kind, len(own)))}"
        yield ""
        yield from table(("capability", "test", "change", "reason"), [_row(change) for change in own[:most]])
        if most is not None and len(own) > most:
            yield ""
            yield f"and {len(own) - most} more"


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Cells are Markdown already."""
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    yield from (f"| {' | '.join(row)} |" for row in rows)


def _row(change: Change) -> tuple[str, ...]:
    return (
        escaped(change.capability or NOWHERE),
        escaped(change.name),
        escaped(step(change), 600),
        escaped(reason(change)),
    )


def _changes(comparison: Comparison) -> Iterator[str]:
    yield f"# {escaped(comparison.before.label)} to {escaped(comparison.after.label)}: {counts(comparison.changes)}"
    yield ""
    yield f"{escaped(terms_words(comparison.terms))}."
    yield ""
    for word, side in (("before", comparison.before), ("after", comparison.after)):
        yield f"- {word}: {escaped(side_words(side), 600)}; {outcome_words(side)}"
    yield from change_tables(comparison.changes)
    if comparison.supports:
        yield from ("", "### Capabilities of the guideline", "")
        rows = [(escaped(one.capability), one.before or NOWHERE, one.after or NOWHERE) for one in comparison.supports]
        yield from table(("capability", "before", "after"), rows)


def _matrix(matrix: Matrix) -> Iterator[str]:
    labels = [escaped(side.label) for side in matrix.sides]
    yield f"# {len(matrix.sides)} results: {len(matrix.differing)} tests differ, {matrix.agreeing} agree"
    yield ""
    yield f"{escaped(terms_words(matrix.terms))}."
    yield ""
    yield from (f"- {escaped(side.label)}: {escaped(side_words(side), 600)}" for side in matrix.sides)
    yield ""
    yield from table(("", *labels), [("verdict", *(side.verdict or NOWHERE for side in matrix.sides))])
    yield from ("", "## Tests with differing outcomes", "")
    rows = [(escaped(row.name), *(outcome or NOWHERE for outcome in row.outcomes)) for row in matrix.differing]
    yield from table(("test", *labels), rows)
    yield from ("", "## Tests passed, by capability of the suite", "")
    cells = [
        (escaped(row.capability), *(f"{cell[0]} of {cell[1]}" if cell else NOWHERE for cell in row.cells))
        for row in matrix.capabilities
    ]
    yield from table(("capability", *labels), cells)


def _tallies(tallies: Tallies) -> Iterator[str]:
    yield f"# {tallies.results} results of {tallies.clouds} clouds"
    yield ""
    rows = [
        (escaped(one.name), escaped(one.capability or NOWHERE), *(str(n) for _, n in one.outcomes), str(one.flaky))
        for one in tallies.tests
    ]
    yield from table(("test", "capability", *PASSES_FIRST, "flaky"), rows)
