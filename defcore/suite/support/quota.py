"""A quota that is used up breaks no promise: whose project has no room has not given what the test needs.

One rule for all services: a refusal that speaks of a quota is SKIPPED/prerequisite, wherever it comes, and says how
much is in use; `Resources` waits for room first, where others may make some. The quotas of the object store's
containers and accounts are promises of their own: there only an account that is full by its own figures is such.
"""

from __future__ import annotations

import contextlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from defcore.errors import Absent, CannotTell, PromiseBroken
from defcore.model.capability import Service
from defcore.model.resources import ResourceKind

if TYPE_CHECKING:
    from defcore.suite.support.api import Api

REFUSALS = (403, 409, 413, 429)
WORDS = re.compile(
    r"OverQuota|quota exceeded|exceeded for quota|exceeds (the|allowed \w*) ?quota|is over limit|over a limit"
    r"|already exceeded",
    re.IGNORECASE,
)
"""As the services say it: network and compute, block storage, image, and those with unified limits; identity."""
LIMITS = {
    "server": ("maxTotalInstances", "totalInstancesUsed"),
    "volume": ("maxTotalVolumes", "totalVolumesUsed"),
    "snapshot": ("maxTotalSnapshots", "totalSnapshotsUsed"),
}
"""Kind -> its limit and its usage among the absolute limits of compute and block storage."""
SIZED = ("volume", "snapshot")
"""Kinds that take of the GiB too, which all of them share."""
GIGABYTES = ("maxTotalVolumeGigabytes", "totalGigabytesUsed")
QUOTAS = {"floating_ip": "floatingip", "subnet_pool": "subnetpool"}
"""Kind -> its name among the quotas of the network service, where that is another."""


def refused_for_quota(status: int, text: str) -> bool:
    """Whether an answer refuses because a quota is used up."""
    return status in REFUSALS and WORDS.search(text) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    limit: int
    """-1: none."""
    used: int
    unit: str = ""
    """Such as GiB; empty: it counts things."""

    def __str__(self) -> str:
        return f"{self.used} of {self.limit}{' ' * bool(self.unit)}{self.unit} in use"

    def lacks(self, more: int) -> bool:
        """Whether there is no room for so many more."""
        return 0 <= self.limit < self.used + more


def full_account(api: Api, size: int) -> Usage | None:
    """The bytes of the account, if its own quota leaves no room for so many more; None if it does."""
    head = api.head("")
    with contextlib.suppress(KeyError, ValueError):
        limit, used = int(head.headers["X-Account-Meta-Quota-Bytes"]), int(head.headers["X-Account-Bytes-Used"])
        return Usage(limit=limit, used=used) if used + size > limit else None
    return None


def used_up(api: Api, kind: ResourceKind, *, count: int, gigabytes: int = 0) -> Usage | None:
    """Which of the project's quotas leaves no room for so many more of the kind, with so many GiB together.

    None if the service does not tell, or tells that there is room.
    """
    with contextlib.suppress(PromiseBroken, CannotTell, Absent, KeyError, TypeError, ValueError):
        if kind.service is Service.NETWORK:
            path = f"/v2.0/quotas/{api.actor.project_id}/details.json"
            row: Any = api.get(path).json["quota"][QUOTAS.get(kind.name, kind.name)]
            told = Usage(limit=int(row["limit"]), used=int(row["used"]) + int(row.get("reserved", 0)))
            return told if told.lacks(count) else None
        if kind.name in LIMITS:
            absolute = api.get("/limits").json["limits"]["absolute"]
            told = _of(absolute, LIMITS[kind.name])
            if told.lacks(count) or kind.name not in SIZED:
                return told if told.lacks(count) else None
            told = _of(absolute, GIGABYTES, "GiB")
            return told if told.lacks(gigabytes) else None
    return None


def _of(absolute: Any, names: tuple[str, str], unit: str = "") -> Usage:
    return Usage(limit=int(absolute[names[0]]), used=int(absolute[names[1]]), unit=unit)
