"""A policy: how outcomes become support and verdicts. All of it is data, and the data has a digest."""

from __future__ import annotations

from dataclasses import dataclass

from defcore.model.outcome import Cause, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Against:
    """An outcome that is held against the cloud."""

    outcome: Outcome
    cause: Cause | None = None
    """Of SKIPPED: the cause that it must have; None for any."""

    def fits(self, outcome: Outcome, cause: Cause | None) -> bool:
        return outcome is self.outcome and self.cause in (None, cause)

    def __str__(self) -> str:
        return f"{self.outcome}/{self.cause}" if self.cause else str(self.outcome)


@dataclass(frozen=True, slots=True, kw_only=True)
class Thresholds:
    """Of measured pass rates, each from 0 to 1; what must be shown with confidence."""

    confidence: float
    """Of each one-sided bound, such as 0.95."""
    component: float
    """A core component: the lower bound of its rate must reach this."""
    platform: float
    """All components together; each of them must be conformant, too."""
    advisory: float
    """All advisory capabilities together. Reported, never decisive."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """How a level is decided. Without thresholds every must-pass test must have passed."""

    id: str
    description: str
    against: tuple[Against, ...]
    """A must-pass test with one of these outcomes is a no. With thresholds, FAILED is weighed by its rate instead."""
    findings: tuple[str, ...] = ()
    """Kinds of findings that make a test that PASSED count as FAILED, such as `additional-property`."""
    untested_is_unknown: bool = True
    """Whether a required capability for which the guideline names no test keeps the yes away."""
    thresholds: Thresholds | None = None
    digest: str = ""
    """`sha256:<hex>` of the file."""

    def is_no(self, outcome: Outcome, cause: Cause | None) -> bool:
        """Whether the outcome of a must-pass test is held against the cloud."""
        return any(one.fits(outcome, cause) for one in self.against)
