"""A waiver: what a board lets one product off, for a time. A flag lifts a test for everyone; a waiver does not."""

from __future__ import annotations

from dataclasses import dataclass

EXPIRES_SOON = 90
"""Days before the end of a waiver from which a scorecard names it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What is waived: tests and whole capabilities, under some guidelines or all."""

    tests: tuple[str, ...] = ()
    """Official ids or names."""
    capabilities: tuple[str, ...] = ()
    guidelines: tuple[str, ...] = ()
    """Ids; empty for all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiver:
    id: str
    product: str
    scope: Scope
    reason: str
    granted: str
    """First day on which it holds, YYYY-MM-DD."""
    expires: str
    """Last day on which it holds, YYYY-MM-DD."""
    decided_by: str

    def in_force(self, date: str) -> bool:
        return self.granted <= date <= self.expires
