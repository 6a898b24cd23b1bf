"""Results side by side: two with the changes between them, several as a matrix, many as tallies."""

from __future__ import annotations

from dataclasses import dataclass

from defcore.model.change import Change
from defcore.model.outcome import Outcome
from defcore.model.scorecard import Support, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the results, in short."""

    label: str
    """How the user named it: unique among the sides."""
    cloud: str
    run: str
    started: str
    complete: bool
    suite_version: str
    outcomes: tuple[tuple[Outcome, int], ...]
    """Of its tests, all five outcomes, passes first."""
    verdict: Verdict | None = None
    """None where it was not judged."""
    components: tuple[tuple[str, Verdict], ...] = ()
    must_pass: tuple[int, int] | None = None
    """(passed, all) of the must-pass tests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """Under what the sides were judged."""

    guideline: str
    platform: str | None
    """Full name; None for every component."""
    policy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SupportChange:
    """A capability of the guideline that a cloud shows otherwise than before; None where it was not asked for."""

    capability: str
    before: Support | None
    after: Support | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Two results."""

    before: Side
    after: Side
    terms: Terms | None
    changes: tuple[Change, ...]
    supports: tuple[SupportChange, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CapabilityRow:
    """A capability of ours across the results."""

    capability: str
    cells: tuple[tuple[int, int] | None, ...]
    """(passed, tests) of each result; None where it holds no test of the capability."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TestRow:
    """A test that the results do not agree on."""

    __test__ = False  # not a pytest class

    test: str
    name: str
    capability: str | None
    outcomes: tuple[Outcome | None, ...]
    """None where the result does not hold the test."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Matrix:
    """Three results or more, side by side."""

    sides: tuple[Side, ...]
    terms: Terms | None
    capabilities: tuple[CapabilityRow, ...]
    differing: tuple[TestRow, ...]
    agreeing: int
    """Tests with the same outcome in all results."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TestTally:
    """A test over many results."""

    __test__ = False  # not a pytest class

    test: str
    name: str
    capability: str | None
    outcomes: tuple[tuple[Outcome, int], ...]
    """How many results hold it with each of the five outcomes, passes first."""
    flaky: int
    """Results in which it both PASSED and FAILED."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tallies:
    """Many results, counted."""

    results: int
    clouds: int
    """Distinct clouds, by the id of their identity service."""
    tests: tuple[TestTally, ...]
    """Those that most results did not pass first."""
