"""What a cloud and its users look like before any test runs: asked here, judged in `preflight` and `settings`."""

from __future__ import annotations

import email.utils
import hashlib
import math
import re
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from keystoneauth1.exceptions import ClientException

from defcore.errors import CannotTell
from defcore.model.capability import Service
from defcore.model.result import CloudInfo
from defcore.run.contact import CloudUser

OURS = re.compile(r"defcore-[0-9a-f]{8}-")
"""Names of what tests make: never chosen to test with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageFact:
    id: str
    name: str
    public: bool
    disk_format: str
    min_disk: int
    min_ram: int
    gigabytes: float
    """Of the disk that the image needs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FlavorFact:
    id: str
    name: str
    vcpus: int
    ram: int
    disk: int
    special: bool = False
    """Asks for hardware that not every host has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkFact:
    id: str
    name: str
    external: bool
    own: bool
    subnets: int
    created: str = ""
    """When, as the cloud writes it; empty if it does not tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    name: str
    """Such as `compute.instances`."""
    limit: int
    """-1: none."""
    used: int

    @property
    def free(self) -> int | None:
        """None: without limit."""
        return None if self.limit < 0 else max(0, self.limit - self.used)


@dataclass(frozen=True, slots=True, kw_only=True)
class UserFact:
    role: str
    cloud: str
    user_id: str
    project_id: str
    """Empty, like the user's id, if the token does not tell it."""
    roles: tuple[str, ...]
    """Names of the roles in the project."""
    cpid: str
    lists_users: bool = False
    """Asked of the administrator alone: who may not list users is not expected to make any."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    cloud: CloudInfo
    users: tuple[UserFact, ...]
    """The ordinary one first."""
    images: tuple[ImageFact, ...] = ()
    flavors: tuple[FlavorFact, ...] = ()
    networks: tuple[NetworkFact, ...] = ()
    volume_types: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    quotas: tuple[Quota, ...] = ()
    clock_skew: float | None = None
    """Seconds that the cloud's clock is ahead of ours."""
    silent: tuple[tuple[str, str], ...] = ()
    """(what was asked for, why there was no usable answer)."""
    astray: tuple[tuple[str, str], ...] = ()
    """(type of a service, what is wrong) of addresses in the catalog that are none."""
    lost: tuple[tuple[str, str], ...] = ()
    """(service, why) of those among the six that the catalog has, and that cannot be asked all the same."""

    def has(self, service: Service) -> bool:
        return any(name == service for name, _ in self.cloud.endpoints)


class _Asker:
    """Asks one user's cloud and notes what does not answer."""

    def __init__(self, user: CloudUser) -> None:
        self.user = user
        self.silent: list[tuple[str, str]] = []

    def endpoint(self, service: Service) -> str | None:
        return None if self.user.lost(service) else self.user.endpoint(service)

    def get(self, service: Service, path: str, key: str, **more: Any) -> Any:
        """The value of a key of the answer's body; None if there is none."""
        if self.endpoint(service) is None:
            return None
        try:
            answer = self.user.ask("GET", service, path, **more)
            if answer.status_code != 200:
                raise CannotTell(f"GET {answer.url} answered {answer.status_code}")
            return answer.json()[key]
        except (CannotTell, ClientException, ValueError, KeyError, TypeError, RecursionError) as error:
            self.silent.append((f"{service} {path}", str(error) or type(error).__name__))
            return None

    def rows(self, service: Service, path: str, key: str, **more: Any) -> list[dict[str, Any]]:
        found = self.get(service, path, key, **more)
        return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def gather(user: CloudUser, others: Iterable[CloudUser] = ()) -> Facts:
    """Ask for all that preflight and the choice of settings look at. The users are logged in."""
    asker = _Asker(user)
    endpoints = tuple((str(one), url) for one in Service if (url := asker.endpoint(one)))
    microversions = _microversions(asker)
    project = _told(lambda: user.project_id)
    return Facts(
        cloud=CloudInfo(
            name=user.cloud, cpid=cpid(user), region=user.region, endpoints=endpoints, microversions=microversions
        ),
        users=tuple(_user(one) for one in (user, *others)),
        images=_images(asker),
        flavors=_flavors(asker, microversions),
        networks=_networks(asker, project),
        volume_types=tuple(str(one.get("name")) for one in asker.rows(Service.BLOCK_STORAGE, "/types", "volume_types")),
        zones=tuple(
            str(one.get("zoneName"))
            for one in asker.rows(Service.COMPUTE, "/os-availability-zone", "availabilityZoneInfo")
            if isinstance(one.get("zoneState"), dict) and one["zoneState"].get("available")
        ),
        quotas=(*_absolute(asker), *_network_quotas(asker, project)),
        clock_skew=_clock_skew(user),
        silent=tuple(asker.silent),
        astray=user.astray(),
        lost=tuple((str(one), why) for one in Service if (why := user.lost(one))),
    )


def cpid(user: CloudUser) -> str:
    """RefStack's name of a cloud: the id of the identity service, else the MD5 of the auth URL's host."""
    for entry in user.catalog():
        if entry.get("type") == "identity" and entry.get("id"):
            return str(entry["id"])
    host = urlsplit(user.auth_url).hostname or ""
    return hashlib.md5(host.encode(), usedforsecurity=False).hexdigest()


def _told(id: Callable[[], str]) -> str:
    """Nothing, if the cloud does not tell."""
    try:
        return id()
    except CannotTell:
        return ""


def ids(user: CloudUser) -> tuple[str, str]:
    """(of the user, of its project), each empty if the token does not tell it."""
    return _told(lambda: user.user_id), _told(lambda: user.project_id)


def _user(user: CloudUser) -> UserFact:
    user_id, project_id = ids(user)
    return UserFact(
        role=user.role,
        cloud=user.cloud,
        user_id=user_id,
        project_id=project_id,
        roles=user.role_names(),
        cpid=cpid(user),
        lists_users=user.role == "admin" and _lists_users(user),
    )


def _lists_users(user: CloudUser) -> bool:
    try:
        return user.ask("GET", Service.IDENTITY, f"/v3/users?name={user.user_id}").status_code == 200
    except (CannotTell, ClientException):
        return False


def _microversions(asker: _Asker) -> tuple[tuple[str, str, str], ...]:
    found = []
    compute = asker.get(Service.COMPUTE, "/", "version")
    if isinstance(compute, dict) and compute.get("version"):
        found.append((str(Service.COMPUTE), str(compute.get("min_version")), str(compute["version"])))
    endpoint = asker.endpoint(Service.BLOCK_STORAGE)
    if endpoint:
        root = re.sub(r"(/v3)(/.*)?$", r"\1/", endpoint)
        for version in asker.rows(Service.BLOCK_STORAGE, root, "versions"):
            if str(version.get("id", "")).startswith("v3") and version.get("version"):
                low, high = str(version.get("min_version")), str(version["version"])
                found.append((str(Service.BLOCK_STORAGE), low, high))
    return tuple(found)


def _images(asker: _Asker) -> tuple[ImageFact, ...]:
    rows = asker.rows(Service.IMAGE, "/v2/images?status=active&limit=500", "images")
    return tuple(
        ImageFact(
            id=str(row["id"]),
            name=str(row.get("name") or ""),
            public=row.get("visibility") == "public",
            disk_format=str(row.get("disk_format") or ""),
            min_disk=_number(row.get("min_disk")),
            min_ram=_number(row.get("min_ram")),
            gigabytes=(_number(row.get("virtual_size")) or _number(row.get("size"))) / 2**30,
        )
        for row in rows
        if row.get("id") and not OURS.match(str(row.get("name") or ""))
    )


def _flavors(asker: _Asker, microversions: Iterable[tuple[str, str, str]]) -> tuple[FlavorFact, ...]:
    newest = next((high for name, _, high in microversions if name == Service.COMPUTE), "2.1")
    tells_specs = tuple(map(int, re.findall(r"\d+", newest)[:2])) >= (2, 61)
    # One form of the list that does not answer shall not hide the flavors from the tests of that list.
    ways = [("/detail", "2.61")] if tells_specs else []
    rows: list[dict[str, Any]] = []
    for form, microversion in (*ways, ("/detail", None), ("", None)):
        rows = rows or asker.rows(Service.COMPUTE, f"/flavors{form}?limit=500", "flavors", microversion=microversion)
    return tuple(
        FlavorFact(
            id=str(row["id"]),
            name=str(row.get("name") or ""),
            vcpus=_number(row.get("vcpus")),
            ram=_number(row.get("ram")),
            disk=_number(row.get("disk")),
            special=any(re.match(r"pci_passthrough|trait:|resources:(?!VCPU|MEMORY)", key) for key in _specs(row)),
        )
        for row in rows
        if row.get("id")
    )


def _specs(row: Mapping[str, Any]) -> list[str]:
    specs = row.get("extra_specs")
    return list(specs) if isinstance(specs, dict) else []


def _networks(asker: _Asker, project: str) -> tuple[NetworkFact, ...]:
    return tuple(
        NetworkFact(
            id=str(row["id"]),
            name=str(row.get("name") or ""),
            external=row.get("router:external") is True,
            own=project in (row.get("project_id"), row.get("tenant_id")),
            subnets=len(_list(row.get("subnets"))),
            created=str(row.get("created_at") or ""),
        )
        for row in asker.rows(Service.NETWORK, "/v2.0/networks", "networks")
        if row.get("id") and not OURS.match(str(row.get("name") or ""))
    )


ABSOLUTE = (
    (Service.COMPUTE, "instances", "maxTotalInstances", "totalInstancesUsed"),
    (Service.COMPUTE, "cores", "maxTotalCores", "totalCoresUsed"),
    (Service.COMPUTE, "ram", "maxTotalRAMSize", "totalRAMUsed"),
    (Service.BLOCK_STORAGE, "volumes", "maxTotalVolumes", "totalVolumesUsed"),
    (Service.BLOCK_STORAGE, "gigabytes", "maxTotalVolumeGigabytes", "totalGigabytesUsed"),
    (Service.BLOCK_STORAGE, "snapshots", "maxTotalSnapshots", "totalSnapshotsUsed"),
)


def _absolute(asker: _Asker) -> tuple[Quota, ...]:
    found = []
    for service in (Service.COMPUTE, Service.BLOCK_STORAGE):
        limits = asker.get(service, "/limits", "limits")
        absolute: Any = limits.get("absolute") if isinstance(limits, dict) else None
        if not isinstance(absolute, dict):
            continue
        for own, name, limit, used in ABSOLUTE:
            if own is service and isinstance(absolute.get(limit), int):
                value = Quota(name=f"{service}.{name}", limit=absolute[limit], used=_number(absolute.get(used)))
                found.append(value)
    return tuple(found)


def _network_quotas(asker: _Asker, project: str) -> tuple[Quota, ...]:
    found = asker.get(Service.NETWORK, f"/v2.0/quotas/{project}/details.json", "quota")
    if not isinstance(found, dict):
        return ()
    return tuple(
        Quota(name=f"network.{name}", limit=row["limit"], used=_number(row.get("used")) + _number(row.get("reserved")))
        for name, row in sorted(found.items())
        if isinstance(row, dict) and isinstance(row.get("limit"), int)
    )


def _clock_skew(user: CloudUser) -> float | None:
    try:
        answer = user.request("GET", user.auth_url, headers={}, data=None, timeout=30)
        date = email.utils.parsedate_to_datetime(answer.headers["date"])
    except (CannotTell, KeyError, ValueError, TypeError):
        return None
    return date.timestamp() - time.time()


def _number(value: object) -> int:
    usable = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return int(value) if usable else 0  # type: ignore[call-overload]


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
