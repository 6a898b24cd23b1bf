"""What became different for a test between two results.

Of each test a result says that the promise was kept, that it was broken, or nothing. A change is a step from one
of the three to another, flakiness that came or went, a test or a finding that came or went. Every kind has a
mirror image, which is what the comparison the other way round says.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum

from defcore.model.outcome import Cause, Finding, Outcome


class Answer(StrEnum):
    """What an outcome says of the promise."""

    KEPT = "kept"
    BROKEN = "broken"
    UNKNOWN = "unknown"


def answer(outcome: Outcome, cause: Cause | None) -> Answer:
    """PASSED is kept; FAILED, or SKIPPED because the cloud lacks the feature, is broken; the rest says nothing."""
    if outcome is Outcome.PASSED:
        return Answer.KEPT
    absent = outcome is Outcome.SKIPPED and cause is Cause.ABSENT
    return Answer.BROKEN if outcome is Outcome.FAILED or absent else Answer.UNKNOWN


class ChangeKind(StrEnum):
    """In the order in which they matter to a release."""

    REGRESSION = "regression"
    """Kept before, broken now."""
    LOST = "lost"
    """Kept before; now we do not know."""
    EXPOSED = "exposed"
    """Not known before, broken now."""
    NEWLY_FLAKY = "newly-flaky"
    """Attempts both PASSED and FAILED now, and did not before."""
    NEW_FINDING = "new-finding"
    NEW_TEST = "new-test"
    GONE_TEST = "gone-test"
    OTHER = "other"
    """Another outcome that says the same of the promise, such as NOT_RUN for ERROR."""
    GONE_FINDING = "gone-finding"
    NO_LONGER_FLAKY = "no-longer-flaky"
    OBSCURED = "obscured"
    """Broken before; now we do not know."""
    REGAINED = "regained"
    """Not known before, kept now."""
    REPAIR = "repair"
    """Broken before, kept now."""


_PAIRS = (
    (ChangeKind.REGRESSION, ChangeKind.REPAIR),
    (ChangeKind.LOST, ChangeKind.REGAINED),
    (ChangeKind.EXPOSED, ChangeKind.OBSCURED),
    (ChangeKind.NEWLY_FLAKY, ChangeKind.NO_LONGER_FLAKY),
    (ChangeKind.NEW_FINDING, ChangeKind.GONE_FINDING),
    (ChangeKind.NEW_TEST, ChangeKind.GONE_TEST),
    (ChangeKind.OTHER, ChangeKind.OTHER),
)
MIRROR = {one: other for pair in _PAIRS for one, other in (pair, pair[::-1])}
STEPS = {
    (Answer.KEPT, Answer.BROKEN): ChangeKind.REGRESSION,
    (Answer.KEPT, Answer.UNKNOWN): ChangeKind.LOST,
    (Answer.UNKNOWN, Answer.BROKEN): ChangeKind.EXPOSED,
    (Answer.BROKEN, Answer.UNKNOWN): ChangeKind.OBSCURED,
    (Answer.UNKNOWN, Answer.KEPT): ChangeKind.REGAINED,
    (Answer.BROKEN, Answer.KEPT): ChangeKind.REPAIR,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a test stands in one result."""

    outcome: Outcome
    cause: Cause | None = None
    reason: str | None = None
    passed: int = 0
    """Attempts that PASSED."""
    failed: int = 0
    """Attempts that FAILED."""

    @property
    def answer(self) -> Answer:
        return answer(self.outcome, self.cause)

    @property
    def flaky(self) -> bool:
        return self.passed > 0 and self.failed > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    kind: ChangeKind
    test: str
    """The test's id in the results: our UUID, or the id of a foreign record."""
    name: str
    capability: str | None
    """Our capability."""
    covers: tuple[str, ...]
    """Official ids that the test answers for."""
    before: Standing | None
    """None for a new test."""
    after: Standing | None
    """None for a test that is gone."""
    finding: Finding | None = None
    """Of the kinds new-finding and gone-finding."""

    def mirrored(self) -> Change:
        """The same change seen from the other result."""
        return replace(self, kind=MIRROR[self.kind], before=self.after, after=self.before)
