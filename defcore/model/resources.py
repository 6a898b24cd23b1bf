"""The kinds of cloud resource that tests create: how each is named at the API and removed.

One table serves the suite's clean-up and `defcore sweep`, so that a kind the suite can create is a kind that
can be swept.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from defcore.model.capability import Service


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """What frees a resource of that which hangs on it, before its deletion: `steps`.

    What these answer does not matter: the deletion tells.
    """

    reset: str
    """Body, as JSON, of the PUT to the resource itself without which no member may be let go."""
    clear: str
    """Body, as JSON, of the PUT that takes away what else it may hold on to."""
    lists: str
    """Path and query, `{id}` being the resource."""
    collection: str
    """Key of the body that holds the members."""
    path: str
    """Of the PUT that lets a member go."""
    key: str
    """Of that request's body: the member's id."""
    of: str
    """The attribute of a member that names the resource: a cloud may list others too."""

    def members(self, rows: Iterable[Mapping[str, Any]], id: str) -> tuple[str, ...]:
        """The ids of those in the list that hang on the resource with this id."""
        return tuple(str(row["id"]) for row in rows if row.get(self.of) == id)

    def steps(self, place: str, members: Iterable[str], *, thorough: bool) -> tuple[tuple[str, dict[str, Any]], ...]:
        """The PUTs, as path and body, that free the resource at the path `place`, whose members have these ids.

        `thorough` also takes away what a cloud that keeps its promises does not mind.
        """
        ids = tuple(members)
        reset = ((place, json.loads(self.reset)),) if ids or thorough else ()
        path = self.path.format(id=place.rpartition("/")[2])
        clear = ((place, json.loads(self.clear)),) if thorough else ()
        return (*reset, *((path, {self.key: id}) for id in ids), *clear)


@dataclass(frozen=True, slots=True, kw_only=True)
class Purge:
    """What ends a resource at once where the cloud keeps it for a while after its deletion."""

    status: str
    """Its status meanwhile."""
    path: str
    """Path and body of the POST, `{id}` being the resource."""
    body: str
    """As JSON."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ResourceKind:
    name: str
    """Such as `server`; the word in the ledger."""
    service: Service
    path: str
    """Path of one resource below the service's endpoint, `{id}` being its id (or name)."""
    envelope: str | None
    """Key of the body that holds the resource when it is created; None where the id is known beforehand."""
    order: int
    """Removal goes from low to high: what depends on others first."""
    id_key: str = "id"
    lists: str | None = None
    """Path of the collection, to find by name what was asked for when no answer came; None: not by name.

    It may have a query, `{user}` in it being the id of the user; then the cloud is not asked to look for the name."""
    name_key: str = "name"
    """The attribute that tells it from all others: what the ledger calls its name."""
    name_end: str = ""
    """Regular expression of what the cloud may add to the name."""
    asynchronous: bool = False
    """The resource answers for a while after the request to delete it was accepted."""
    release: Release | None = None
    """How to free it; None where nothing but other resources of the ledger can be in the way."""
    purge: Purge | None = None
    """How to end it for good after its deletion; None where a deletion is one."""
    undo: str | None = None
    """Header of the POST that takes a setting back; None: it is a thing, and DELETE removes it."""
    stays: tuple[int, ...] = ()
    """Answers that say that the cloud lets nobody delete it: then it has to be empty."""
    of_a_user: bool = False
    """It ends with the user that made it or with the user's account."""

    @property
    def shown(self) -> tuple[str, ...]:
        """Headers by one of which a setting is shown: the second is that of newer releases."""
        header = (self.undo or "").replace("X-Remove-", "X-")
        return header, header.replace("-Meta-", "-")

    def setting(self, headers: Mapping[str, str]) -> str | None:
        """What stands for the value of the setting, as the ledger's name of it: never the value, which may be secret.
        None if the headers show none."""
        value = next((headers[name] for name in self.shown if headers.get(name)), None)
        return value and f"sha256:{hashlib.sha256(value.encode()).hexdigest()}"


def _kind(name: str, service: Service, path: str, envelope: str | None, order: int, **more: object) -> ResourceKind:
    return ResourceKind(name=name, service=service, path=path, envelope=envelope, order=order, **more)  # type: ignore[arg-type]


KINDS: dict[str, ResourceKind] = {
    kind.name: kind
    for kind in (
        _kind(
            "server",
            Service.COMPUTE,
            "/servers/{id}",
            "server",
            10,
            lists="/servers",
            name_end=r"(-\d+)?",  # of several that one request makes, each has its number
            asynchronous=True,
            purge=Purge(status="SOFT_DELETED", path="/servers/{id}/action", body='{"forceDelete": null}'),
        ),
        _kind(
            "floating_ip",
            Service.NETWORK,
            "/v2.0/floatingips/{id}",
            "floatingip",
            20,
            lists="/v2.0/floatingips",
            name_key="description",
        ),
        _kind("keypair", Service.COMPUTE, "/os-keypairs/{id}", "keypair", 30, id_key="name", lists="/os-keypairs"),
        _kind(
            "server_group",
            Service.COMPUTE,
            "/os-server-groups/{id}",
            "server_group",
            30,
            lists="/os-server-groups",
        ),
        _kind(
            "volume_backup",
            Service.BLOCK_STORAGE,
            "/backups/{id}",
            "backup",
            30,
            lists="/backups",
            asynchronous=True,
        ),
        _kind(
            "snapshot",
            Service.BLOCK_STORAGE,
            "/snapshots/{id}",
            "snapshot",
            30,
            lists="/snapshots",
            asynchronous=True,
        ),
        _kind(
            "volume_transfer",
            Service.BLOCK_STORAGE,
            "/volume-transfers/{id}",
            "transfer",
            25,
            lists="/volume-transfers",
        ),
        _kind(
            "volume",
            Service.BLOCK_STORAGE,
            "/volumes/{id}",
            "volume",
            40,
            lists="/volumes",
            asynchronous=True,
        ),
        _kind("image", Service.IMAGE, "/v2/images/{id}", None, 50, lists="/v2/images"),
        _kind(
            "router",
            Service.NETWORK,
            "/v2.0/routers/{id}",
            "router",
            60,
            lists="/v2.0/routers",
            release=Release(
                reset='{"router": {"routes": []}}',
                clear='{"router": {"external_gateway_info": null}}',
                lists="/v2.0/ports?device_id={id}",
                collection="ports",
                path="/v2.0/routers/{id}/remove_router_interface",
                key="port_id",
                of="device_id",
            ),
        ),
        _kind("port", Service.NETWORK, "/v2.0/ports/{id}", "port", 65, lists="/v2.0/ports"),
        _kind("subnet", Service.NETWORK, "/v2.0/subnets/{id}", "subnet", 70, lists="/v2.0/subnets"),
        _kind(
            "subnet_pool",
            Service.NETWORK,
            "/v2.0/subnetpools/{id}",
            "subnetpool",
            75,
            lists="/v2.0/subnetpools",
        ),
        _kind("network", Service.NETWORK, "/v2.0/networks/{id}", "network", 80, lists="/v2.0/networks"),
        _kind(
            "security_group_rule",
            Service.NETWORK,
            "/v2.0/security-group-rules/{id}",
            "security_group_rule",
            60,
        ),
        _kind(
            "security_group",
            Service.NETWORK,
            "/v2.0/security-groups/{id}",
            "security_group",
            85,
            lists="/v2.0/security-groups",
        ),
        # The same groups, as the compute service shows them until microversion 2.35.
        _kind(
            "compute_security_group",
            Service.COMPUTE,
            "/os-security-groups/{id}",
            "security_group",
            85,
            lists="/os-security-groups",
        ),
        _kind("object", Service.OBJECT_STORE, "/{id}", None, 10, of_a_user=True),
        _kind("container", Service.OBJECT_STORE, "/{id}", None, 20, of_a_user=True),
        # An account, which may be another's, and its settings: the id is the last part of its address.
        _kind("account_quota", Service.OBJECT_STORE, "/../{id}", None, 20, undo="X-Remove-Account-Meta-Quota-Bytes"),
        _kind("account_key", Service.OBJECT_STORE, "/../{id}", None, 20, undo="X-Remove-Account-Meta-Temp-URL-Key"),
        _kind("account", Service.OBJECT_STORE, "/../{id}", None, 30, stays=(403, 405, 501)),
        _kind(
            "application_credential",
            Service.IDENTITY,
            "/v3/users/{owner}/application_credentials/{id}",
            "application_credential",
            10,
            lists="/v3/users/{owner}/application_credentials",
            of_a_user=True,
        ),
        # It outlives its credential, and is known by the path that it lets through.
        _kind(
            "access_rule",
            Service.IDENTITY,
            "/v3/users/{owner}/access_rules/{id}",
            "access_rule",
            15,
            lists="/v3/users/{owner}/access_rules",
            name_key="path",
            of_a_user=True,
        ),
        # It has no name: the second at which it ends is chosen so that no other ends then.
        _kind(
            "trust",
            Service.IDENTITY,
            "/v3/OS-TRUST/trusts/{id}",
            "trust",
            10,
            lists="/v3/OS-TRUST/trusts?trustor_user_id={user}",
            name_key="expires_at",
            name_end=r"(\.\d+)?Z",
            of_a_user=True,
        ),
        _kind("user", Service.IDENTITY, "/v3/users/{id}", "user", 90, lists="/v3/users"),
        _kind("project", Service.IDENTITY, "/v3/projects/{id}", "project", 95, lists="/v3/projects"),
    )
}
"""By name. Endpoints are those of the catalog without their version (identity, image, network), or with it
(compute, block storage, object store), as `run.contact` normalises them."""
