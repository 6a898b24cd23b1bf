"""How many tests may run at once: what the machine and the project's quotas allow. Pure."""

from __future__ import annotations

from collections.abc import Iterable

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
}
"""What one test may have at a time."""
PER_CORE = 2
"""Workers mostly wait for the cloud."""
MOST = 8
"""More than this is a load test."""


def per_worker(flavor: FlavorFact | None) -> dict[str, int]:
    """What one test may have at a time, servers being of the flavor."""
    if flavor is None:
        return PER_WORKER
    return PER_WORKER | {"compute.cores": 3 * flavor.vcpus, "compute.ram": 3 * flavor.ram}


def workers_within(quotas: Iterable[Quota], flavor: FlavorFact | None) -> tuple[int | None, str | None]:
    """(how many workers the quotas bear, the quota that is the tightest); (None, None) without limit."""
    need = per_worker(flavor)
    bounds = [(one.free // need[one.name], one.name) for one in quotas if one.name in need and one.free is not None]
    return min(bounds, default=(None, None), key=lambda bound: bound[0])


def safe_workers(cores: int, quotas: Iterable[Quota], flavor: FlavorFact | None) -> int:
    """The number that `-n auto` stands for; at least one."""
    bound, _ = workers_within(quotas, flavor)
    wanted = min(MOST, PER_CORE * max(1, cores))
    return max(1, wanted if bound is None else min(wanted, bound))
