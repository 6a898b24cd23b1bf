"""A guideline: platforms made of components, components that list capabilities by status, capabilities
that are sets of official tests. RULES.md of the field: Interop guideline schema 2.0.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Status(StrEnum):
    """The status of a capability in a component, strongest first."""

    REQUIRED = "required"
    ADVISORY = "advisory"
    DEPRECATED = "deprecated"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Flag:
    """Lifts a test for everyone: it stops being must-pass."""

    code: str | None
    """D400 to D406, where the guideline gives one."""
    date: str | None
    """As the guideline gives it, YYYY-MM-DD."""
    reason: str
    """In our own words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficialTest:
    """A test as the guideline names it."""

    id: str
    """UUID without the prefix `id-`."""
    name: str
    aliases: tuple[str, ...] = ()
    flag: Flag | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GuidelineCapability:
    """A capability with the official tests that this guideline resolves it to."""

    id: str
    description: str
    project: str
    admin: bool
    required_since: str | None
    achievements: tuple[str, ...]
    """Names of the criteria that the board found it to meet."""
    tests: tuple[OfficialTest, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Component:
    """A core component, such as os_powered_compute, with its capabilities by status."""

    name: str
    capabilities: tuple[tuple[str, Status], ...]
    """(capability id, strongest status), in the order of the guideline."""

    def with_status(self, status: Status) -> tuple[str, ...]:
        return tuple(name for name, own in self.capabilities if own is status)


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """A programme: components that are judged together."""

    name: str
    target: str
    """Short name: one of RefStack's (platform, compute, object, dns, orchestration), or scs-0128."""
    description: str
    components: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """One of the reasons for choosing a capability, with its weight of 100."""

    id: str
    name: str
    description: str
    weight: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Guideline:
    """What a cloud must show, by name and date."""

    id: str
    status: str
    """draft, review, approved or superseded."""
    source: str
    releases: tuple[str, ...]
    replaces: str | None
    approval: str | None
    cutoff: int | None
    criteria: tuple[Criterion, ...]
    platforms: tuple[Platform, ...]
    components: tuple[Component, ...]
    capabilities: tuple[GuidelineCapability, ...]
    digest: str
    """`sha256:<hex>` of the file."""
    path: str = field(default="", compare=False)

    def capability(self, name: str) -> GuidelineCapability | None:
        return next((one for one in self.capabilities if one.id == name), None)

    def asked_by(self, capability: str) -> tuple[tuple[str, Status], ...]:
        """(component, status) of each component that lists the capability."""
        found = ((one.name, dict(one.capabilities).get(capability)) for one in self.components)
        return tuple((name, status) for name, status in found if status)

    def component(self, name: str) -> Component | None:
        return next((one for one in self.components if one.name == name), None)

    def platform(self, name: str) -> Platform | None:
        """By short or full name."""
        return next((one for one in self.platforms if name in (one.target, one.name)), None)
