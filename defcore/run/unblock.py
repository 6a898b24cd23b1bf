"""What stands in the way of removing a resource, and how it is put aside.

`prepare` before the first try, `unblock` after a refusal. Each step may find nothing to do; none raises for what
the cloud answers, since the removal itself tells in the end.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from defcore.model.capability import Service
from defcore.model.resources import KINDS
from defcore.run.contact import CloudUser

PAGES = 1000
"""Of objects in a container, at most."""


def prepare(user: CloudUser, kind: str, path: str) -> None:
    """What is known to be in the way."""
    step = PREPARE.get(kind)
    if step:
        step(user, path)


def unblock(user: CloudUser, kind: str, path: str) -> bool:
    """What may be in the way of a removal that was refused. Returns whether something was tried."""
    step = UNBLOCK.get(kind)
    if step is None:
        return False
    step(user, path)
    return True


def _json(user: CloudUser, service: Service, path: str) -> dict[str, Any]:
    """The body of a GET; empty if there is none to use."""
    answer = user.ask("GET", service, path)
    try:
        body = answer.json() if answer.status_code == 200 else {}
    except ValueError:
        body = {}
    return body if isinstance(body, dict) else {}


def _id(path: str) -> str:
    return path.rpartition("/")[2]


def _free(kind: str) -> Callable[[CloudUser, str], None]:
    """By what the table of kinds says of its release, as the suite's own clean-up does."""
    row = KINDS[kind]

    def step(user: CloudUser, path: str) -> None:
        release = row.release
        if release is None:
            return
        found = _json(user, row.service, release.lists.format(id=_id(path))).get(release.collection, ())
        for place, body in release.steps(path, release.members(found, _id(path)), thorough=True):
            user.ask("PUT", row.service, place, json=body)

    return step


def _free_port(user: CloudUser, path: str) -> None:
    """A port that a router owns goes by way of the router."""
    port = _json(user, Service.NETWORK, path).get("port", {})
    if str(port.get("device_owner", "")).startswith("network:router_interface"):
        release = KINDS["router"].release
        if release is not None:
            path = release.path.format(id=port["device_id"])
            user.ask("PUT", Service.NETWORK, path, json={release.key: port["id"]})


def _on_network(port: dict[str, Any], id: str) -> bool:
    return bool(port.get("network_id") == id)


def _on_subnet(port: dict[str, Any], id: str) -> bool:
    return any(address.get("subnet_id") == id for address in port.get("fixed_ips", ()))


def _free_ports_of(filter_by: str, is_on: Callable[[dict[str, Any], str], bool]) -> Callable[[CloudUser, str], None]:
    """Ports on a network or subnet of our own are our own; a cloud may pass over the filter and list others too."""

    def step(user: CloudUser, path: str) -> None:
        listed = _json(user, Service.NETWORK, f"/v2.0/ports?{filter_by}{_id(path)}").get("ports", ())
        for port in [one for one in listed if is_on(one, _id(path))]:
            _free_port(user, f"/v2.0/ports/{port['id']}")
            if not str(port.get("device_owner", "")).startswith(("network:", "compute:")):
                user.ask("DELETE", Service.NETWORK, f"/v2.0/ports/{port['id']}")

    return step


def _within(path: str, name: object) -> str | None:
    """Path of what has this name in a container or an account; None for a name that would lead out of it, for an
    address is made shorter on the way where it holds `..`."""
    inside = isinstance(name, str) and name and not {".", ".."} & set(name.split("/"))
    return f"{path}/{quote(str(name))}" if inside else None


def _listed(user: CloudUser, path: str) -> list[str]:
    """Paths of what a container or an account holds, a page of it."""
    answer = user.ask("GET", Service.OBJECT_STORE, f"{path}?format=json&limit=1000")
    rows = answer.json() if answer.status_code == 200 and answer.content else []
    found = [_within(path, row["name"]) for row in rows if isinstance(row, dict) and "name" in row]
    return [place for place in found if place]


def _empty_container(user: CloudUser, path: str) -> None:
    for _ in range(PAGES):
        removed = [user.ask("DELETE", Service.OBJECT_STORE, one).status_code for one in _listed(user, path)]
        if not any(status in (200, 204, 404) for status in removed):
            return


def _empty_account(user: CloudUser, path: str) -> None:
    """Of a user that a test made: all of it is ours."""
    for _ in range(PAGES):
        places = _listed(user, path)
        for place in places:
            _empty_container(user, place)
        removed = [user.ask("DELETE", Service.OBJECT_STORE, place).status_code for place in places]
        if not any(status in (200, 204, 404) for status in removed):
            return


def _unprotect_image(user: CloudUser, path: str) -> None:
    url = (user.endpoint(Service.IMAGE) or "") + path
    headers = {"X-Auth-Token": user.token(), "Content-Type": "application/openstack-images-v2.1-json-patch"}
    patch = b'[{"op": "replace", "path": "/protected", "value": false}]'
    user.request("PATCH", url, headers=headers, data=patch, timeout=60)


def _unlock_server(user: CloudUser, path: str) -> None:
    user.ask("POST", Service.COMPUTE, f"{path}/action", json={"unlock": None})


def _take_back_volume(user: CloudUser, path: str) -> None:
    """A volume on offer to another project is not removed before the offer is."""
    for offer in _json(user, Service.BLOCK_STORAGE, "/volume-transfers/detail").get("transfers", ()):
        if offer.get("volume_id") == _id(path):
            user.ask("DELETE", Service.BLOCK_STORAGE, f"/volume-transfers/{offer['id']}")


RELEASED = {name: _free(name) for name, kind in KINDS.items() if kind.release is not None}
PREPARE: dict[str, Callable[[CloudUser, str], None]] = RELEASED | {
    "container": _empty_container,
    "account": _empty_account,
}
UNBLOCK: dict[str, Callable[[CloudUser, str], None]] = RELEASED | {
    "container": _empty_container,
    "port": _free_port,
    "network": _free_ports_of("network_id=", _on_network),
    "subnet": _free_ports_of("fixed_ips=subnet_id%3D", _on_subnet),
    "image": _unprotect_image,
    "server": _unlock_server,
    "volume": _take_back_volume,
}
