"""What a guideline froze when it was published or approved: enough to tell what has been changed since."""

from __future__ import annotations

from dataclasses import dataclass

from defcore.model.guideline import Guideline, Kind, Status

PUBLISHED = ("review", "advisory")
"""Statuses of a published draft: its weights are frozen, its capabilities and tests are still talked about."""
APPROVED = ("approved", "superseded")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    guideline: str
    kind: Kind
    status: str
    replaces: str | None
    digest: str
    """`sha256:<hex>` of the guideline's file."""
    cutoff: int | None
    weights: tuple[tuple[str, int], ...]
    """(criterion, weight)."""
    components: tuple[tuple[str, tuple[tuple[str, Status], ...]], ...]
    """(component, its capabilities by status)."""
    tests: tuple[tuple[str, tuple[str, ...]], ...]
    """(capability, keys of its tests): the resolved map. A key that stands twice has two names."""


def lock_of(guideline: Guideline) -> Lock:
    return Lock(
        guideline=guideline.id,
        kind=guideline.kind,
        status=guideline.status,
        replaces=guideline.replaces,
        digest=guideline.digest,
        cutoff=guideline.cutoff,
        weights=tuple((one.id, one.weight) for one in guideline.criteria),
        components=tuple((one.name, one.capabilities) for one in guideline.components),
        tests=tuple((one.id, tuple(test.key for test in one.tests)) for one in guideline.capabilities),
    )
