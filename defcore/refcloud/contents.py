"""What a fresh cloud holds: images, flavors, an external network, a subnet pool, a network per project."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from defcore.errors import Problem, UnknownError
from defcore.refcloud.configuration import USERS, url
from defcore.refcloud.parts import HOST, Part
from defcore.refcloud.state import Facts

IMAGES = ("cirros-like", "cirros-like-alt")
IMAGE_BYTES = 1 << 20
FLAVORS = (("42", "m1.nano", 128, 1), ("43", "m1.micro", 192, 1), ("44", "m1.small", 512, 2))
CALL_SECONDS = 60


class Client:
    """Speaks to the cloud's APIs as one of its users. No proxy is asked: all is on loopback."""

    def __init__(self, ports: Mapping[str, int], user: str, password: str) -> None:
        self._ports = ports
        self._headers: dict[str, str] = {}
        body = {
            "auth": {
                "identity": {
                    "methods": ["password"],
                    "password": {"user": {"name": user, "domain": {"id": "default"}, "password": password}},
                },
                "scope": {"project": {"name": USERS[user][0], "domain": {"id": "default"}}},
            }
        }
        self.call("keystone", "POST", "/v3/auth/tokens", body)

    def call(self, service: str, method: str, path: str, body: object = None) -> Any:
        """Send JSON, or bytes as they are, and return the answer's JSON."""
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        kind = "application/octet-stream" if isinstance(body, bytes) else "application/json"
        connection = http.client.HTTPConnection(HOST, self._ports[service], timeout=CALL_SECONDS)
        where = f"{method} {url(self._ports, service, path)}"
        try:
            connection.request(method, path, data, {**self._headers, "Content-Type": kind})
            response = connection.getresponse()
            text = response.read()
        except OSError as error:
            raise _failed(where, str(error)) from None
        finally:
            connection.close()
        if response.status >= 300:
            raise _failed(where, f"{response.status} {text[:300].decode(errors='replace')}")
        if token := response.headers.get("X-Subject-Token"):
            self._headers["X-Auth-Token"] = token
        return json.loads(text) if text else {}

    def ensure(self, kind: str, name: str, **attributes: object) -> Any:
        """The resource of neutron that has this name, made now if an earlier start has not."""
        found = self.call("neutron", "GET", f"/v2.0/{kind}s?name={name}")[f"{kind}s"]
        if found:
            return found[0]
        return self.call("neutron", "POST", f"/v2.0/{kind}s", {kind: {"name": name, **attributes}})[kind]


def _failed(where: str, reason: str) -> UnknownError:
    return UnknownError(
        Problem(
            code="refcloud.contents",
            message=f"the cloud's first contents could not be made: {reason}",
            where=where,
            hint="`defcore cloud logs` shows the reason; `defcore cloud wipe` starts anew",
        )
    )


def lacking(facts: Facts) -> tuple[str, ...]:
    """The services that run without their first contents."""
    return tuple(name for name in facts.started if name in MAKERS and name not in facts.contents)


def make(facts: Facts, parts: Sequence[Part], made: Callable[[str], None]) -> None:
    """Make what the parts do not hold yet; `made` is called with each part's name once it is complete."""
    todo = [part.name for part in parts if part.name in MAKERS and part.name not in facts.contents]
    if not todo:
        return
    admin = Client(facts.ports, "admin", facts.passwords["admin"])
    for name in todo:
        MAKERS[name](facts, admin)
        made(name)


def _images(_facts: Facts, admin: Client) -> None:
    found = admin.call("glance", "GET", "/v2/images?visibility=public")["images"]
    there = {one["name"]: one for one in found}
    for name in IMAGES:
        if name in there and there[name]["status"] == "active":
            continue
        wanted = {"name": name, "disk_format": "raw", "container_format": "bare", "visibility": "public"}
        image = there.get(name) or admin.call("glance", "POST", "/v2/images", wanted)
        data = f"{name}: no guest boots from this\n".encode().ljust(IMAGE_BYTES, b"\0")
        admin.call("glance", "PUT", f"/v2/images/{image['id']}/file", data)


def _flavors(_facts: Facts, admin: Client) -> None:
    there = {one["id"] for one in admin.call("nova", "GET", "/v2.1/flavors")["flavors"]}
    for key, name, ram, disk in FLAVORS:
        if key not in there:
            flavor = {"id": key, "name": name, "ram": ram, "disk": disk, "vcpus": 1}
            admin.call("nova", "POST", "/v2.1/flavors", {"flavor": flavor})


def _default_rules(admin: Client) -> None:
    """The rules that a new security group begins with: neutron's migrations bring them, its models do not."""
    path = "/v2.0/default-security-group-rules"
    if admin.call("neutron", "GET", path)["default_security_group_rules"]:
        return
    for ethertype in ("IPv4", "IPv6"):
        for direction, group, in_all in (("egress", None, True), ("ingress", "PARENT", False)):
            rule = {
                "direction": direction,
                "ethertype": ethertype,
                "remote_group_id": group,
                "used_in_default_sg": True,
                "used_in_non_default_sg": in_all,
            }
            admin.call("neutron", "POST", path, {"default_security_group_rule": rule})


def _networks(facts: Facts, admin: Client) -> None:
    _default_rules(admin)
    admin.ensure(
        "subnetpool",
        "shared-default-v4",
        prefixes=["10.64.0.0/14"],
        default_prefixlen=26,
        is_default=True,
        shared=True,
    )
    external = {"router:external": True, "provider:network_type": "flat"}
    public = admin.ensure("network", "public", **external, **{"provider:physical_network": "public"})["id"]
    admin.ensure(
        "subnet",
        "public-subnet",
        network_id=public,
        ip_version=4,
        cidr="203.0.113.0/24",
        gateway_ip="203.0.113.1",
        enable_dhcp=False,
    )
    for user in ("ref", "ref-alt"):
        member = Client(facts.ports, user, facts.passwords[user])
        network = member.ensure("network", f"{user}-net")["id"]
        subnet = member.ensure("subnet", f"{user}-subnet", network_id=network, ip_version=4, cidr="10.0.0.0/24")
        router = member.ensure("router", f"{user}-router", external_gateway_info={"network_id": public})["id"]
        if not member.call("neutron", "GET", f"/v2.0/ports?device_id={router}&network_id={network}")["ports"]:
            path = f"/v2.0/routers/{router}/add_router_interface"
            member.call("neutron", "PUT", path, {"subnet_id": subnet["id"]})


MAKERS: Mapping[str, Callable[[Facts, Client], None]] = {
    "glance": _images,
    "nova": _flavors,
    "neutron": _networks,
}
