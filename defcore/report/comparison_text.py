"""Comparisons for the terminal: lines of words with their style; who prints them decides on colours."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from defcore.model.change import ChangeKind
from defcore.model.comparison import Comparison, Matrix, Side, Tallies
from defcore.model.outcome import Outcome
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
from defcore.report.inert import line

Line = tuple[str, str]
"""Words and their style, a colour or `bold` or `dim` or nothing."""
BAD = {ChangeKind.REGRESSION, ChangeKind.EXPOSED}
DOUBTFUL = {ChangeKind.LOST, ChangeKind.NEWLY_FLAKY, ChangeKind.OBSCURED, ChangeKind.NEW_FINDING}
GOOD = {ChangeKind.REPAIR, ChangeKind.REGAINED, ChangeKind.NO_LONGER_FLAKY, ChangeKind.GONE_FINDING}
STYLES = dict.fromkeys(BAD, "bold red") | dict.fromkeys(DOUBTFUL, "bold yellow") | dict.fromkeys(GOOD, "bold green")
COMMAND = re.compile(r"\A(\s*)(?=::)")
SHOWN = 200
"""Rows that the terminal gets of one list; the other formats hold all of them."""
LETTER = {
    Outcome.PASSED: "pass",
    Outcome.FAILED: "FAIL",
    Outcome.ERROR: "err",
    Outcome.SKIPPED: "skip",
    Outcome.NOT_RUN: "n/r",
    None: NOWHERE,
}


def lines(comparison: Comparison | Matrix | Tallies) -> Iterator[Line]:
    match comparison:
        case Comparison():
            yield from unread(_changes(comparison))
        case Matrix():
            yield from unread(_matrix(comparison))
        case Tallies():
            yield from unread(_tallies(comparison))


def unread(lines: Iterable[Line]) -> Iterator[Line]:
    """The lines, with nothing in them that a runner of pipelines takes for a command.

    GitHub obeys a line that begins with `::`, after blanks too, and `##[...]` anywhere in it; others have their own
    words after `##`.
    """
    for words, style in lines:
        yield COMMAND.sub(r"\1.", words).replace("##", "# #"), style


def _changes(comparison: Comparison) -> Iterator[Line]:
    for kind, own in grouped(comparison.changes):
        yield heading(kind, len(own)), STYLES.get(kind, "bold")
        for change in own[:SHOWN]:
            yield f"  {line(change.capability or NOWHERE)}: {line(change.name)}  {step(change)}", ""
            if reason(change):
                yield f"    because {reason(change)}", "dim"
        yield from _more(len(own))
        yield "", ""
    if comparison.supports:
        n = len(comparison.supports)
        what = "1 capability" if n == 1 else f"{n} capabilities"
        yield f"{what} of the guideline with another support", "bold"
        for one in comparison.supports:
            yield f"  {line(one.capability)}: {one.before or NOWHERE} -> {one.after or NOWHERE}", ""
        yield "", ""
    for word, side in (("before", comparison.before), ("after ", comparison.after)):
        yield f"{word}  {line(side.label)}: {side_words(side)}", ""
        yield f"        {outcome_words(side)}", "dim"
    yield terms_words(comparison.terms), "dim"
    yield counts(comparison.changes), "bold"


def _matrix(matrix: Matrix) -> Iterator[Line]:
    keys = [f"[{n}]" for n, _ in enumerate(matrix.sides, 1)]
    if matrix.differing:
        yield f"{len(matrix.differing)} tests with differing outcomes", "bold"
        rows = [[line(row.name, 70), *(LETTER[one] for one in row.outcomes)] for row in matrix.differing[:SHOWN]]
        yield from _table([["test", *keys], *rows])
        yield from _more(len(matrix.differing))
        yield "", ""
    if matrix.capabilities:
        yield "Tests passed, by capability of the suite", "bold"
        rows = [
            [line(row.capability, 70), *(f"{cell[0]}/{cell[1]}" if cell else NOWHERE for cell in row.cells)]
            for row in matrix.capabilities
        ]
        yield from _table([["capability", *keys], *rows])
        yield "", ""
    components = list(dict.fromkeys(name for side in matrix.sides for name, _ in side.components))
    if components:
        yield "Verdicts", "bold"
        rows = [[line(name, 70), *(_component(side, name) for side in matrix.sides)] for name in components]
        yield from _table([["component", *keys], *rows, ["all of them", *(_verdict(side) for side in matrix.sides)]])
        yield "", ""
    for key, side in zip(keys, matrix.sides, strict=True):
        yield f"{key} {line(side.label)}: {side_words(side)}", ""
        yield f"    {outcome_words(side)}", "dim"
    yield terms_words(matrix.terms), "dim"
    yield f"{len(matrix.differing)} tests differ, {matrix.agreeing} agree", "bold"


def _tallies(tallies: Tallies) -> Iterator[Line]:
    rest = [one for one in tallies.tests if dict(one.outcomes)[Outcome.PASSED] < tallies.results]
    everywhere = len(tallies.tests) - len(rest)
    if rest:
        yield "Tests that not every result passed", "bold"
        rows = [[line(one.name, 70), *(str(n) for _, n in one.outcomes), str(one.flaky)] for one in rest[:SHOWN]]
        yield from _table([["test", *(outcome for outcome, _ in rest[0].outcomes), "flaky"], *rows])
        yield from _more(len(rest))
        yield "", ""
    yield f"{tallies.results} results of {tallies.clouds} clouds; {everywhere} tests passed in all of them", "bold"


def _table(rows: Sequence[Sequence[str]]) -> Iterator[Line]:
    """Columns as wide as their widest cell; the first row is the head."""
    widths = [max(len(row[n]) for row in rows) for n in range(len(rows[0]))]
    for n, row in enumerate(rows):
        first = row[0].ljust(widths[0])
        others = "".join(f"  {cell.rjust(width)}" for cell, width in zip(row[1:], widths[1:], strict=True))
        yield f"  {first}{others}".rstrip(), "" if n else "dim"


def _more(n: int) -> Iterator[Line]:
    if n > SHOWN:
        yield f"  and {n - SHOWN} more; the other formats hold all of them", "dim"


def _component(side: Side, name: str) -> str:
    return _short(dict(side.components).get(name))


def _verdict(side: Side) -> str:
    return _short(side.verdict)


def _short(verdict: str | None) -> str:
    return {"CONFORMANT": "yes", "NON_CONFORMANT": "no", "INCONCLUSIVE": "unknown"}.get(verdict or "", NOWHERE)
