"""Whether a build may go on: the failures that are known, the decision and its reasons."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from defcore.model.change import Change
from defcore.model.comparison import Terms
from defcore.model.scorecard import Verdict


class FailOn(StrEnum):
    """What the gate looks at."""

    NEW_FAILURES = "new-failures"
    """Promises that the baseline kept."""
    VERDICT = "verdict"
    """The guideline's, under the policy."""
    BOTH = "both"

    @property
    def new_failures(self) -> bool:
        return self is not FailOn.VERDICT

    @property
    def verdict(self) -> bool:
        return self is not FailOn.NEW_FAILURES


class GateAnswer(StrEnum):
    PASS = "pass"  # noqa: S105 - a word, no password
    FAIL = "fail"
    INCONCLUSIVE = "inconclusive"
    """Nothing is known to be newly broken, and not everything is known."""


class Weight(StrEnum):
    """What a reason does to the decision. A fail outweighs an unknown."""

    FAIL = "fail"
    UNKNOWN = "unknown"
    WARNING = "warning"
    """Nothing; somebody should read it."""


class ReasonKind(StrEnum):
    REGRESSION = "regression"
    """The baseline kept the promise, and it is broken now."""
    LOST = "lost"
    """The baseline kept the promise, and this result does not say."""
    UNPRECEDENTED = "unprecedented"
    """Broken, and the baseline does not say whether it was before."""
    NOTHING_COMPARED = "nothing-compared"
    """Baseline and result have no test in common."""
    INCOMPLETE = "incomplete"
    """The run was cut off."""
    VERDICT = "verdict"
    NEWLY_FLAKY = "newly-flaky"
    KNOWN_ADDED = "known-failure-added"
    """The list may only shrink."""
    KNOWN_EXTENDED = "known-failure-extended"
    """An entry expires later than it did: the list may only shrink in time, too."""
    KNOWN_EXPIRED = "known-failure-expired"
    KNOWN_PASSES = "known-failure-passes"
    """The entry is to be taken out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownFailure:
    """A test that somebody answers for, until a day."""

    test: str
    """As the file names it: the test's id, or its name."""
    reason: str
    expires: str
    """ISO date, the last day on which it is known."""
    issue: str | None = None
    """Address of the ticket."""
    where: str | None = None
    """`file:line:column`."""
    id: str | None = None
    """The test's id in the results, once it was looked up."""

    @property
    def key(self) -> str:
        return self.id or self.test

    def expired(self, date: str) -> bool:
        return date > self.expires


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownFailures:
    """The file of known failures."""

    entries: tuple[KnownFailure, ...] = ()
    digest: str | None = None


class KnownState(StrEnum):
    """What a known failure is worth in this result."""

    IN_FORCE = "in-force"
    EXPIRED = "expired"
    PASSES = "passes"
    ELSEWHERE = "elsewhere"
    """The result does not hold the test."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownUse:
    entry: KnownFailure
    state: KnownState

    @property
    def excuses(self) -> bool:
        """Whether it takes the test out of the comparison."""
        return self.state in (KnownState.IN_FORCE, KnownState.ELSEWHERE)


@dataclass(frozen=True, slots=True, kw_only=True)
class GateReason:
    kind: ReasonKind
    weight: Weight
    message: str
    """One sentence."""
    change: Change | None = None
    """Of the test that it is about."""
    where: str | None = None
    """`file:line:column` of a known failure."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GateInput:
    """One of the results that the decision was made from."""

    run: str
    cloud: str
    digest: str
    """`sha256:<hex>` of the result."""
    verdict: Verdict | None
    """None where it was not judged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GateDecision:
    answer: GateAnswer
    fail_on: FailOn
    allow_unknown: bool
    date: str
    """ISO date on which known failures were looked at; a parameter, never the clock."""
    terms: Terms | None
    """Under what the verdicts were found; None where there are none."""
    result: GateInput
    baseline: GateInput | None
    compared: int
    """Tests that both hold."""
    changes: tuple[Change, ...]
    reasons: tuple[GateReason, ...]
    """Those that decide first; none for a pass without a warning."""
    known: tuple[KnownUse, ...]
    known_digest: str | None

    def weighing(self, weight: Weight) -> tuple[GateReason, ...]:
        return tuple(reason for reason in self.reasons if reason.weight is weight)

    def known_failure(self, test: str) -> KnownFailure | None:
        """The entry that takes the test out of the comparison."""
        return next((use.entry for use in self.known if use.excuses and use.entry.key == test), None)
