"""Results side by side. Two give their changes, several a matrix, many are counted one by one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from defcore.judge.changes import changes, standing
from defcore.model.comparison import (
    CapabilityRow,
    Comparison,
    Matrix,
    Side,
    SupportChange,
    Tallies,
    Terms,
    TestRow,
    TestTally,
)
from defcore.model.guideline import Status
from defcore.model.outcome import WORST_FIRST, Outcome, TestRecord
from defcore.model.outcomes_table import OutcomesTable
from defcore.model.result import Result
from defcore.model.scorecard import Scorecard, Support

PASSES_FIRST = tuple(reversed(WORST_FIRST))


def side(label: str, result: Result, card: Scorecard | None) -> Side:
    """The result in short, with what it was judged to be."""
    return Side(
        label=label,
        cloud=result.cloud.name,
        run=result.run.id,
        started=result.run.started,
        complete=result.run.complete,
        suite_version=result.suite_version,
        outcomes=_counted(Counter(record.outcome for record in result.tests)),
        verdict=card.verdict if card else None,
        components=tuple((one.name, one.verdict) for one in card.components) if card else (),
        must_pass=_must_pass(card) if card else None,
    )


def terms(card: Scorecard | None) -> Terms | None:
    """Under what a card was made."""
    return Terms(guideline=card.guideline, platform=card.platform, policy=str(card.policy)) if card else None


def compare(sides: tuple[Side, Side], results: tuple[Result, Result], cards: Sequence[Scorecard | None]) -> Comparison:
    """Two results, the earlier one first. `cards`: how each was judged, None for those that were not."""
    before, after = cards
    return Comparison(
        before=sides[0],
        after=sides[1],
        terms=terms(after),
        changes=changes(*results),
        supports=supports(before, after) if before and after else (),
    )


def supports(before: Scorecard, after: Scorecard) -> tuple[SupportChange, ...]:
    """The capabilities whose support differs, in the order of the later card."""
    old: dict[str, Support] = {one.id: one.support for one in before.capabilities}
    new: dict[str, Support] = {one.id: one.support for one in after.capabilities}
    return tuple(
        SupportChange(capability=name, before=old.get(name), after=new.get(name))
        for name in dict.fromkeys((*new, *old))
        if old.get(name) is not new.get(name)
    )


@dataclass(slots=True)
class MatrixBuilder:
    """Takes the results one by one; keeps outcomes and counts, not the results."""

    _sides: list[Side] = field(default_factory=list)
    _terms: Terms | None = None
    _tests: dict[str, tuple[str, str | None]] = field(default_factory=dict)
    _outcomes: list[dict[str, Outcome]] = field(default_factory=list)
    _cells: list[dict[str, tuple[int, int]]] = field(default_factory=list)

    def add(self, own: Side, result: Result, card: Scorecard | None) -> None:
        self._sides.append(own)
        self._terms = self._terms or terms(card)
        self._outcomes.append({record.id: record.outcome for record in result.tests})
        self._cells.append(_cells(result.tests))
        for record in result.tests:
            self._tests.setdefault(record.id, (record.name, record.capability))

    def matrix(self) -> Matrix:
        names = sorted({name for cells in self._cells for name in cells})
        rows = [
            TestRow(
                test=test,
                name=name,
                capability=capability,
                outcomes=tuple(outcomes.get(test) for outcomes in self._outcomes),
            )
            for test, (name, capability) in self._tests.items()
        ]
        differing = [row for row in rows if len(set(row.outcomes)) > 1]
        return Matrix(
            sides=tuple(self._sides),
            terms=self._terms,
            capabilities=tuple(
                CapabilityRow(capability=name, cells=tuple(cells.get(name) for cells in self._cells)) for name in names
            ),
            differing=tuple(sorted(differing, key=lambda row: (row.capability or "", row.name, row.test))),
            agreeing=len(rows) - len(differing),
        )


@dataclass(slots=True)
class Counting:
    """Counts outcomes by test; memory grows with the tests, not with the results."""

    _results: int = 0
    _clouds: set[str] = field(default_factory=set)
    _tests: dict[str, tuple[str, str | None]] = field(default_factory=dict)
    _counts: dict[str, Counter[Outcome]] = field(default_factory=dict)
    _flaky: Counter[str] = field(default_factory=Counter)

    def add_result(self, result: Result) -> None:
        self._results += 1
        self._clouds.add(result.cloud.cpid or result.cloud.name)
        for record in result.tests:
            flaky = standing(record).flaky
            self._count(record.id, record.name, record.capability, {record.outcome: 1}, flaky=int(flaky))

    def add_table(self, table: OutcomesTable) -> None:
        """All results of the table; versions of a test that answer for different official ids are one test here."""
        self._results += table.results
        self._clouds.update(row.cpid or row.product for row in table.rows)
        for tally in table.tallies():
            own = {outcome: tally.count(outcome) for outcome in Outcome}
            self._count(tally.test.id, tally.test.name, tally.test.capability, own, flaky=tally.flaky)

    def _count(
        self, test: str, name: str, capability: str | None, outcomes: Mapping[Outcome, int], *, flaky: int
    ) -> None:
        self._tests.setdefault(test, (name, capability))
        self._counts.setdefault(test, Counter()).update(outcomes)
        self._flaky[test] += flaky

    def tallies(self) -> Tallies:
        tests = [
            TestTally(
                test=test,
                name=name,
                capability=capability,
                outcomes=_counted(self._counts[test]),
                flaky=self._flaky[test],
            )
            for test, (name, capability) in self._tests.items()
        ]
        return Tallies(
            results=self._results,
            clouds=len(self._clouds),
            tests=tuple(sorted(tests, key=lambda one: (dict(one.outcomes)[Outcome.PASSED], one.name, one.test))),
        )


def _cells(records: Sequence[TestRecord]) -> dict[str, tuple[int, int]]:
    """capability -> (passed, tests)."""
    cells: dict[str, tuple[int, int]] = {}
    for record in records:
        if record.capability:
            passed, tests = cells.get(record.capability, (0, 0))
            cells[record.capability] = (passed + (record.outcome is Outcome.PASSED), tests + 1)
    return cells


def _counted(counts: Counter[Outcome]) -> tuple[tuple[Outcome, int], ...]:
    return tuple((outcome, counts[outcome]) for outcome in PASSES_FIRST)


def _must_pass(card: Scorecard) -> tuple[int, int]:
    required = next(count for count in card.statuses if count.status is Status.REQUIRED)
    tests = required.tests - required.flagged_passed - required.flagged_failed
    return required.passed - required.flagged_passed, tests
