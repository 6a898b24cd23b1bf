"""The verdict with its reasons: the one truth that every report is rendered from."""

from __future__ import annotations

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


class Policy(StrEnum):
    STRICT = "strict"
    """Closed world: no and don't-know are kept apart (DESIGN decision 9)."""
    OFFICIAL = "official"
    """RefStack's rule: every non-flagged test of every required capability passed (RULES section 1)."""


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
    policy: Policy
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
    """ISO date on which flags were looked at; a parameter, never the clock."""
