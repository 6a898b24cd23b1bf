"""The verdict with its reasons: the one truth that every report is rendered from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from defcore.model.guideline import Flag, Status
from defcore.model.outcome import Cause, Outcome


class Verdict(StrEnum):
    CONFORMANT = "CONFORMANT"
    NON_CONFORMANT = "NON_CONFORMANT"
    INCONCLUSIVE = "INCONCLUSIVE"


class Support(StrEnum):
    """What a cloud shows of a capability."""

    SUPPORTED = "SUPPORTED"
    UNSUPPORTED = "UNSUPPORTED"
    INCONCLUSIVE = "INCONCLUSIVE"


class MatchedBy(StrEnum):
    """How the records of an official test were found."""

    UUID = "uuid"
    NAME = "name"
    ALIAS = "alias"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """Attempts, counted. One is decided if it PASSED or FAILED."""

    passed: int = 0
    failed: int = 0
    undecided: int = 0

    @property
    def decided(self) -> int:
        return self.passed + self.failed

    @property
    def flaky(self) -> bool:
        """Both outcomes were seen."""
        return self.passed > 0 and self.failed > 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A measured pass rate with its one-sided bounds, all from 0 to 1."""

    passed: int
    decided: int
    lower: float
    upper: float
    threshold: float | None = None
    """What the policy asks of the lower bound; None where it asks nothing."""

    @property
    def value(self) -> float | None:
        return self.passed / self.decided if self.decided else None


@dataclass(frozen=True, slots=True, kw_only=True)
class TestScore:
    """An official test with the folded outcome of the tests that cover it."""

    __test__ = False  # not a pytest class

    id: str
    name: str
    outcome: Outcome
    cause: Cause | None
    reason: str | None
    flag: Flag | None
    covered_by: tuple[str, ...]
    """UUIDs of the tests whose outcomes were folded."""
    matched_by: MatchedBy | None = None
    tally: Tally = Tally()
    """Of the attempts at it."""
    waiver: str | None = None
    """Id of the waiver that lifts it for this product."""

    @property
    def key(self) -> str:
        """The id, else the name, as of the guideline's test."""
        return self.id or self.name

    @property
    def must_pass(self) -> bool:
        return self.flag is None and self.waiver is None


@dataclass(frozen=True, slots=True, kw_only=True)
class CapabilityScore:
    """A capability, once, however many components of the target name it."""

    id: str
    components: tuple[tuple[str, Status], ...]
    """(component, the capability's status there)."""
    status: Status
    """The strongest of them."""
    description: str
    support: Support
    tests: tuple[TestScore, ...]
    reasons: tuple[str, ...]
    rate: Rate | None = None
    """Over the attempts at its must-pass tests."""

    @property
    def passed(self) -> int:
        return sum(test.outcome is Outcome.PASSED for test in self.tests)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusCount:
    """RefStack's counts of one status; the same test in two capabilities counts twice."""

    status: Status
    capabilities: int = 0
    tests: int = 0
    passed: int = 0
    flagged_passed: int = 0
    flagged_failed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentScore:
    name: str
    verdict: Verdict
    statuses: tuple[StatusCount, ...]
    required_pass_percent: float | None
    non_flagged_required_pass_percent: float | None
    reasons: tuple[str, ...]
    rate: Rate | None = None
    """Over the attempts at the must-pass tests of its required capabilities, each official id once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaiverUse:
    """A waiver of the product that was looked at, on the date of the scorecard."""

    id: str
    reason: str
    decided_by: str
    granted: str
    expires: str
    """Its last day."""
    days_left: int
    """Negative once it has run out."""
    tests: tuple[str, ...]
    """Names of the official tests that it lifts here; empty if it is not in force."""

    @property
    def in_force(self) -> bool:
        return bool(self.tests)


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """How far the cloud has come: no level, core components, the platform."""

    reached: str | None
    """The platform's name, or the names of the conformant components, joined; None for no level."""
    next: str | None
    """The level after it; None at the top."""
    to_mend: int = 0
    """Tests that keep the next level away because the cloud did not pass them."""
    to_find_out: int = 0
    """Tests that keep it away because nothing is known of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mend:
    """A test to mend on the way to yes; flagged tests are never among them."""

    id: str
    name: str
    capability: str
    outcome: Outcome
    cause: Cause | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scorecard:
    guideline: str
    guideline_digest: str
    target: str | None
    """Short name of the platform; None: every component."""
    platform: str | None
    """Full name of the platform."""
    policy: str
    verdict: Verdict
    statuses: tuple[StatusCount, ...]
    required_pass_percent: float | None
    non_flagged_required_pass_percent: float | None
    components: tuple[ComponentScore, ...]
    capabilities: tuple[CapabilityScore, ...]
    reasons: tuple[str, ...]
    mend: tuple[Mend, ...]
    """The shortest list of tests that turns a no, or a don't-know, into yes."""
    cloud: str
    cpid: str
    run: str
    result_digest: str
    date: str
    """ISO date on which flags and waivers were looked at; a parameter, never the clock."""
    policy_digest: str = ""
    rate: Rate | None = None
    """Over the attempts at all must-pass tests of the target, each official id once."""
    advisory_rate: Rate | None = None
    level: Level = Level(reached=None, next=None)
    waivers: tuple[WaiverUse, ...] = ()
    source: str = "defcore"
    """Format of what was judged."""

    @property
    def flaky(self) -> tuple[TestScore, ...]:
        """Tests with both outcomes, each once."""
        tests = {(test.id, test.name): test for one in self.capabilities for test in one.tests if test.tally.flaky}
        return tuple(tests.values())

    @property
    def matching(self) -> Mapping[MatchedBy, int]:
        """How many official tests had their records found by which means, each once."""
        found = {(test.id, test.name): test.matched_by for one in self.capabilities for test in one.tests}
        return {way: count for way in MatchedBy if (count := list(found.values()).count(way))}
