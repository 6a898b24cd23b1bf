"""A guideline: platforms made of components, components that list capabilities by status, capabilities
that are sets of official tests. RULES.md of the field: Interop guideline schema 2.0.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from enum import StrEnum

from defcore.errors import Problem

OWN_SCHEMA = "defcore/guideline/1"
CODES = ("D400", "D401", "D402", "D403", "D404", "D405", "D406")
"""Why a test was flagged: not core, test bug, product bug that upstream accepted, tests a capability that is not
required, other, implementation choice, removed."""


class Kind(StrEnum):
    GUIDELINE = "guideline"
    ADD_ON = "add-on"
    """Asks for components of its own beside those of a guideline."""
    VERTICAL = "vertical"
    """A platform for one use, partly of components that another guideline defines."""


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
    """In our own words; in a guideline read from an official file, in that file's."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficialTest:
    """A test as the guideline names it."""

    id: str
    """UUID without the prefix `id-`; empty where the guideline gives none, as schema 1.2 never does."""
    name: str
    aliases: tuple[str, ...] = ()
    flag: Flag | None = None

    @property
    def key(self) -> str:
        """The id, else the name. Where one id has several names, each of them is a test of its own all the same."""
        return self.id or self.name


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
    """(capability id, strongest status), in the order of the guideline. One that the guideline does not define has no
    tests."""

    def with_status(self, status: Status) -> tuple[str, ...]:
        return tuple(name for name, own in self.capabilities if own is status)


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """A component that another guideline defines. It is named here and not judged here, as in RefStack."""

    component: str
    source: str
    """Address of the other guideline, or empty."""
    optional: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Platform:
    """A programme: components that are judged together."""

    name: str
    target: str
    """Short name: one of RefStack's (platform, compute, object, dns, orchestration), nfv, scs-0128, ..."""
    description: str
    components: tuple[str, ...]
    elsewhere: tuple[Elsewhere, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Repository:
    """Where the tests come from."""

    name: str
    url: str
    reference: str
    """Commit or branch."""


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
    """draft, review, advisory, approved or superseded."""
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
    kind: Kind = Kind.GUIDELINE
    repositories: tuple[Repository, ...] = ()
    designated: tuple[str, ...] = ()
    """Projects of which some code had to be used as it is. No test can see it, so it decides nothing."""
    schema: str = field(default=OWN_SCHEMA, compare=False)
    """Of the official file that was read: 1.2 to 2.0."""
    notes: tuple[str, ...] = field(default=(), compare=False)
    """How the source was read where it is in doubt."""
    irregularities: tuple[Problem, ...] = field(default=(), compare=False)
    """What was read leniently, each with its place."""
    path: str = field(default="", compare=False)

    def capability(self, name: str) -> GuidelineCapability | None:
        return next((one for one in self.capabilities if one.id == name), None)

    def asked_by(self, capability: str) -> tuple[tuple[str, Status], ...]:
        """(component, status) of each component that lists the capability."""
        found = ((one.name, dict(one.capabilities).get(capability)) for one in self.components)
        return tuple((name, status) for name, status in found if status)

    def component(self, name: str) -> Component | None:
        return next((one for one in self.components if one.name == name), None)

    def required(self, components: Collection[str]) -> tuple[tuple[str, tuple[OfficialTest, ...]], ...]:
        """(capability, its tests) of what the components require together, each capability once. A test that stands
        in two of them is there twice, as RefStack counts it."""
        own = [one for one in self.components if one.name in components]
        names = dict.fromkeys(name for one in own for name in one.with_status(Status.REQUIRED))
        defined = {one.id: one.tests for one in self.capabilities}
        return tuple((name, defined.get(name, ())) for name in names)

    def platform(self, name: str) -> Platform | None:
        """By short or full name."""
        return next((one for one in self.platforms if name in (one.target, one.name)), None)
