"""The outcomes of many results in little memory: one byte a test, and each list of tests once.

Ten thousand results of 300 tests are three million bytes here. Results that hold the same tests in the same
order, as those of one version of the suite do, make a `Block`; the outcomes of a test over all results of a
block are a slice (`Block.column`), which is counted and combined without a loop over results.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from defcore.model.outcome import Cause, Outcome

PASSED, FAILED, ERROR, NOT_RUN, PREREQUISITE, ABSENT = range(6)
"""The outcome's byte; SKIPPED by its cause."""
FLAKY = 8
"""Added to the byte of a test with an attempt that PASSED and another that FAILED."""
OUTCOME = (Outcome.PASSED, Outcome.FAILED, Outcome.ERROR, Outcome.NOT_RUN, Outcome.SKIPPED, Outcome.SKIPPED)
CAUSE = (None, None, None, None, Cause.PREREQUISITE, Cause.ABSENT)
FEW = 16
"""Results of a block up to which going through them one by one is quicker than column by column."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TestIdentity:
    """A test: its id and what it answers for. Names change, and are those that the first result gave."""

    __test__ = False  # not a pytest class

    id: str
    covers: tuple[str, ...]
    """Official UUIDs that the test answers for."""
    name: str = field(compare=False)
    capability: str | None = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultRow:
    """A result without its tests."""

    path: str
    product: str
    """What the cloud is an instance of: its cpid, unless somebody stated a product."""
    cpid: str
    run: str
    started: str
    """ISO 8601, UTC."""
    guideline: str
    complete: bool
    services: tuple[str, ...]
    """Service types in the cloud's catalog."""
    versioned: tuple[str, ...]
    """Service types for which microversions were seen."""
    outcomes: bytes
    """One byte a test of the block."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """Results that hold the same tests in the same order."""

    tests: tuple[int, ...]
    """Indexes of `OutcomesTable.tests`."""
    rows: tuple[ResultRow, ...]

    def columns(self) -> Iterator[tuple[int, bytes]]:
        """(index of the test, its outcome in each row)."""
        joined, width = b"".join(row.outcomes for row in self.rows), len(self.tests)
        for n, test in enumerate(self.tests):
            yield test, joined[n::width]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """A test over many results."""

    test: TestIdentity
    outcomes: tuple[tuple[Outcome, Cause | None, int], ...]
    """(outcome, cause, number of results), of those that occur."""
    flaky: int
    """Results in which the test passed and failed."""

    def count(self, outcome: Outcome) -> int:
        return sum(number for own, _, number in self.outcomes if own is outcome)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutcomesTable:
    tests: tuple[TestIdentity, ...]
    """Every test of any result; the same id twice if it answers for something else in another version."""
    blocks: tuple[Block, ...]

    @property
    def rows(self) -> Iterator[ResultRow]:
        return (row for block in self.blocks for row in block.rows)

    @property
    def results(self) -> int:
        return sum(len(block.rows) for block in self.blocks)

    @property
    def products(self) -> int:
        return len({row.product for row in self.rows})

    def tallies(self) -> Iterator[Tally]:
        """Each test with how often it had which outcome."""
        counts: list[Counter[int]] = [Counter() for _ in self.tests]
        for block in self.blocks:
            if len(block.rows) > FEW:
                for test, column in block.columns():
                    counts[test].update({code: column.count(code) for code in set(column)})
                continue
            for row in block.rows:
                for test, code in zip(block.tests, row.outcomes, strict=True):
                    counts[test][code] += 1
        for identity, own in zip(self.tests, counts, strict=True):
            yield _tally(identity, own)


def _tally(identity: TestIdentity, counts: Counter[int]) -> Tally:
    steady: Counter[int] = Counter()
    for code, number in counts.items():
        steady[code & ~FLAKY] += number
    return Tally(
        test=identity,
        outcomes=tuple((OUTCOME[code], CAUSE[code], steady[code]) for code in sorted(steady)),
        flaky=sum(number for code, number in counts.items() if code & FLAKY),
    )
