"""What a test came to: outcome, cause, attempts, findings, and the record of all of it.

Closed world (DESIGN decision 9): every planned test has exactly one of the five outcomes, and only PASSED
is a pass.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """The five words."""

    PASSED = "PASSED"
    """The cloud kept the promise."""
    FAILED = "FAILED"
    """The cloud broke a promise that the API reference or the guideline makes."""
    ERROR = "ERROR"
    """We could not find out."""
    SKIPPED = "SKIPPED"
    """Not tried, with a `Cause`."""
    NOT_RUN = "NOT_RUN"
    """Planned, and no attempt is on record."""


class Cause(StrEnum):
    """Why a test was SKIPPED."""

    PREREQUISITE = "prerequisite"
    """The tester did not give what the test needs."""
    ABSENT = "absent"
    """The cloud's own answer proves that it lacks the feature."""


WORST_FIRST = (Outcome.FAILED, Outcome.ERROR, Outcome.NOT_RUN, Outcome.SKIPPED, Outcome.PASSED)
"""The fold's order: an official id takes the worst outcome of the tests that cover it."""


def worst(outcomes: Iterable[Outcome]) -> Outcome:
    """The worst of the outcomes; NOT_RUN if there are none."""
    present = set(outcomes)
    return next((outcome for outcome in WORST_FIRST if outcome in present), Outcome.NOT_RUN)


def settled(attempts: Iterable[Outcome]) -> Outcome:
    """What several attempts at one test come to: a broken promise stays broken, and what was found out at another
    attempt is found out. The worst of them where none was decided; NOT_RUN if there are none."""
    present = set(attempts)
    decided = present & {Outcome.PASSED, Outcome.FAILED}
    return worst(decided or present)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A difference that does not decide the outcome: an unknown field, a weak header (decision 3)."""

    kind: str
    """Such as `additional-property`."""
    where: str
    """`METHOD url` and the place in the body, such as `$.server.extra`."""
    expected: str
    seen: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One execution of a test."""

    n: int
    """From 1."""
    outcome: Outcome
    started: str
    """ISO 8601, UTC; empty where another program's result does not say."""
    seconds: float
    cause: Cause | None = None
    reason: str | None = None
    """For the reader: expected and seen, or what was missing. None for PASSED."""
    expected: str | None = None
    seen: str | None = None
    findings: tuple[Finding, ...] = ()
    evidence: str | None = None
    """Path of the HAR file, relative to the run folder (`evidence/<sha256>.har`)."""
    source: str | None = None
    """In a merged result: the digest of the file that the attempt was read from."""


def telling(attempts: Sequence[Attempt]) -> Attempt:
    """Of one or more attempts at a test the last one with the outcome that all of them come to."""
    outcome = settled(attempt.outcome for attempt in attempts)
    return next(attempt for attempt in reversed(attempts) if attempt.outcome is outcome)


@dataclass(frozen=True, slots=True, kw_only=True)
class TestRecord:
    """A planned test with what became of it."""

    __test__ = False  # not a pytest class

    id: str
    """The test's lasting UUID; of another program's test, its name."""
    nodeid: str
    name: str
    promise: str
    reference: str | None
    """Address of the API reference's section."""
    capability: str | None
    """The capability (ours) that the test belongs to."""
    covers: tuple[str, ...]
    """Official UUIDs that the test answers for."""
    outcome: Outcome
    cause: Cause | None = None
    reason: str | None = None
    expected: str | None = None
    seen: str | None = None
    attempts: tuple[Attempt, ...] = ()
    findings: tuple[Finding, ...] = ()
    evidence: str | None = None
