"""How many tests may run at once: what the machine and the project's quotas allow. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from defcore.model.budget import Budget
from defcore.run.facts import FlavorFact, Quota

PER_WORKER = {
    "compute.instances": 3,
    "compute.cores": 3,
    "compute.ram": 1536,
    "block-storage.volumes": 3,
    "block-storage.gigabytes": 4,
    "block-storage.snapshots": 2,
    "network.network": 2,
    "network.subnet": 3,
    "network.port": 8,
    "network.router": 1,
    "network.security_group": 3,
    "network.security_group_rule": 15,
    "network.floatingip": 1,
    "budget.servers": 2,
    "budget.volumes": 4,
    "budget.gigabytes": 6,
}
"""What one test may have at a time; of a budget, what the most demanding one of the suite has had."""
COUNTED = {
    "compute.instances": ("server",),
    "compute.cores": ("server",),
    "compute.ram": ("server",),
    "block-storage.volumes": ("volume",),
    "block-storage.gigabytes": ("volume", "snapshot"),
    "block-storage.snapshots": ("snapshot",),
    "network.network": ("network",),
    "network.subnet": ("subnet",),
    "network.port": ("port", "server", "router"),
    "network.router": ("router",),
    "network.security_group": ("security_group", "compute_security_group"),
    "network.security_group_rule": ("security_group_rule", "security_group", "compute_security_group"),
    "network.floatingip": ("floating_ip",),
    "budget.servers": ("server",),
    "budget.volumes": ("volume",),
    "budget.gigabytes": ("volume", "snapshot"),
}
"""The kinds of `defcore.model.resources.KINDS` that a quota, or a part of the budget, counts."""
PER_CORE = 2
"""Workers mostly wait for the cloud."""
MOST = 8
"""More than this is a load test."""


def allowed(budget: Budget) -> tuple[Quota, ...]:
    """The budget, as if the project had no more."""
    parts = (("servers", budget.servers), ("volumes", budget.volumes), ("gigabytes", budget.gigabytes))
    return tuple(Quota(name=f"budget.{name}", limit=limit, used=0) for name, limit in parts)


def per_worker(flavor: FlavorFact | None) -> dict[str, int]:
    """What one test may have at a time, servers being of the flavor."""
    if flavor is None:
        return PER_WORKER
    return PER_WORKER | {"compute.cores": 3 * flavor.vcpus, "compute.ram": 3 * flavor.ram}


def workers_within(quotas: Iterable[Quota], flavor: FlavorFact | None) -> tuple[int | None, str | None]:
    """(how many workers the quotas bear, the quota that is the tightest); (None, None) without limit."""
    bounds = [(bound, name) for name, bound in _bounds(quotas, flavor).items()]
    return min(bounds, default=(None, None), key=lambda bound: bound[0])


def _bounds(quotas: Iterable[Quota], flavor: FlavorFact | None) -> dict[str, int]:
    """Quota -> how many tests at a time it bears."""
    need = per_worker(flavor)
    return {one.name: one.free // need[one.name] for one in quotas if one.name in need and one.free is not None}


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What the project has little room for: of the tests that make any of these kinds, so many at a time."""

    tests: int
    kinds: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.tests}:{','.join(self.kinds)}"

    @classmethod
    def parse(cls, text: str) -> Room:
        """From what `str` gives. Raises ValueError."""
        tests, _, kinds = text.partition(":")
        return cls(tests=max(1, int(tests)), kinds=tuple(kinds.split(",")))


def room_for(quotas: Iterable[Quota], flavor: FlavorFact | None, workers: int) -> Room | None:
    """How the tests share a project whose quotas do not bear all workers; None if they do."""
    tight = {name: bound for name, bound in _bounds(quotas, flavor).items() if bound < workers}
    if not tight or workers < 2:
        return None
    kinds = sorted({kind for name in tight for kind in COUNTED[name]})
    return Room(tests=max(1, min(tight.values())), kinds=tuple(kinds))


def safe_workers(cores: int, quotas: Iterable[Quota], flavor: FlavorFact | None) -> int:
    """The number that `-n auto` stands for; at least one."""
    bound, _ = workers_within(quotas, flavor)
    wanted = min(MOST, PER_CORE * max(1, cores))
    return max(1, wanted if bound is None else min(wanted, bound))
