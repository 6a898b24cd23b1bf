"""Clouds that get networks, subnets and ports wrong in ways written down before the tests were looked at.

They estimate what the suite notices of clouds that it was not made for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from defcore.model.capability import Service
from tests.deviations.catalogue.asking import asked
from tests.deviations.changes import (
    acknowledge,
    answer,
    ask,
    invent,
    more,
    respond,
    retry,
    status,
    told,
    with_query,
    without_json,
    without_query,
)
from tests.deviations.deviation import Book, Change
from tests.deviations.message import Call, Reply

book = Book(Service.NETWORK)
add, at = book.add, book.at
L2, L3, ROUTER = "networks-l2-CRUD", "networks-l3-CRUD", "networks-l3-router"
IPV6 = "networks-dhcpv6"
ONE = "/networks/{id}"


def _without(*names: str) -> Callable[[Call], None]:
    def edit(call: Call) -> None:
        call.params = [pair for pair in call.params if pair[0] not in names]

    return edit


def _wiping(kind: str, name: str, value: Any) -> Change:
    """An update that does not name the attribute takes it away."""

    def edit(call: Call) -> None:
        document = call.document
        if name not in asked(call, kind):
            document[kind][name] = value
            call.document = document

    return ask(edit, when=lambda call: bool(asked(call, kind)))


def _any_address(call: Call) -> None:
    document = call.document
    for one in asked(call, "port").get("fixed_ips") or ():
        one.pop("ip_address", None)
    kept = [
        {name: value for name, value in one.items() if name != "ip_address"}
        for one in asked(call, "port").get("fixed_ips") or ()
    ]
    document["port"]["fixed_ips"] = [one for one in kept if one]
    if not document["port"]["fixed_ips"]:
        del document["port"]["fixed_ips"]
    call.document = document


def _known_only(call: Call) -> None:
    document = call.document
    known = {"name", "admin_state_up", "network_id", "description"}
    for kind in ("network", "port", "router"):
        if isinstance(document, dict) and kind in document:
            document[kind] = {name: value for name, value in document[kind].items() if name in known}
            call.document = document


async def _first_of_bulk(call: Call) -> Reply:
    """Of a refused bulk request what can be made stays."""
    reply = await call.forward()
    some = (call.document or {}).get("networks")
    if reply.status >= 400 and some:
        first = call.again()
        first.document = {"network": some[0]}
        await first.forward()
    return reply


def _plus_id(call: Call) -> None:
    if any(name == "fields" for name, _ in call.params):
        call.params = [*call.params, ("fields", "id"), ("fields", "tenant_id"), ("fields", "description")]


add(
    "rename-wipes-description",
    "a new name takes a network's description away",
    L2,
    at("PUT", ONE, _wiping("network", "description", "")),
)
add(
    "network-description-lost",
    "a network is made without its description",
    L2,
    at("POST", "/networks", without_json("network.description")),
)
add(
    "network-always-up",
    "a network is up though it was to be down",
    L2,
    at("POST|PUT", "/networks(?:/{id})?", without_json("network.admin_state_up")),
)
add("subnets-not-shown", "a network does not show its subnets", L2, at("GET", ONE, told("network.subnets", [])))
add("mtu-is-text", "a network's MTU is a string", L2, at("GET", ONE, told("network.mtu", lambda mtu: mtu and str(mtu))))
add(
    "marker-ignored",
    "each page is the first one",
    L2,
    at("GET", "/(?:networks|subnets|ports)", without_query("marker")),
)
add("page-reverse-ignored", "pages go one way only", L2, at("GET", "/networks", without_query("page_reverse")))
add(
    "limit-off-by-one",
    "a page has one too many",
    L2,
    at("GET", "/(?:networks|subnets|ports)", with_query("limit", more(1))),
)
add(
    "bad-limit-taken",
    "a limit that makes no sense is taken for none",
    L2,
    at("GET", "/networks", retry(400, _without("limit"))),
)
add(
    "updated-stands",
    "a network does not show when it was changed",
    L2,
    at("GET|PUT", ONE, answer(lambda _, reply: _as_created(reply))),
)
add(
    "time-without-zone",
    "a network shows times without a zone",
    L2,
    at("GET", ONE, told("network.created_at", lambda at: at and at.removesuffix("Z"))),
)
add(
    "unknown-attribute-taken",
    "an attribute that there is not is passed over",
    L2,
    at("POST", "/networks", retry(400, _known_only)),
)
add(
    "fields-with-more",
    "more fields are shown than were asked for",
    L2,
    at("GET", "/(?:networks|subnets|ports)(?:/{id})?", ask(_plus_id)),
)
add("bulk-not-atomic", "of a refused bulk request a part is made", L2, at("POST", "/networks", _first_of_bulk))
add(
    "unknown-network-deleted",
    "a network that does not exist is reported as deleted",
    L2,
    at("DELETE", ONE, status(404, 204, empty=True)),
)
add(
    "unknown-subnet-deleted",
    "a subnet that does not exist is reported as deleted",
    L2,
    at("DELETE", "/subnets/{id}", status(404, 204, empty=True)),
)
add(
    "unknown-port-deleted",
    "a port that does not exist is reported as deleted",
    L2,
    at("DELETE", "/ports/{id}", status(404, 204, empty=True)),
)
add(
    "not-tags-ignored",
    "lists do not leave out by tags",
    L2,
    at("GET", "/networks", without_query("not-tags", "not-tags-any")),
)
add(
    "tags-replace-nothing",
    "tags that are set together are not stored",
    L2,
    at("PUT", "/networks/{id}/tags", respond(200, lambda call: call.document)),
)
add(
    "subnet-filters-ignored",
    "lists of subnets are not filtered",
    L2,
    at("GET", "/subnets", without_query("cidr", "ip_version", "network_id", "name", "gateway_ip", "enable_dhcp")),
)
add(
    "port-filters-ignored",
    "lists of ports are not filtered by network or MAC address",
    L2,
    at("GET", "/ports", without_query("network_id", "mac_address", "fixed_ips", "name")),
)
add(
    "subnet-keeps-gateway",
    "a subnet's gateway is not changed",
    L2,
    at("PUT", "/subnets/{id}", without_json("subnet.gateway_ip")),
)
add(
    "subnet-keeps-nameservers",
    "a subnet's name servers are not changed",
    L2,
    at("PUT", "/subnets/{id}", without_json("subnet.dns_nameservers")),
)
add(
    "subnet-keeps-routes",
    "a subnet's host routes are not changed",
    L2,
    at("PUT", "/subnets/{id}", without_json("subnet.host_routes")),
)
add(
    "subnet-keeps-name",
    "a subnet's new name is told and not stored",
    L2,
    at("PUT", "/subnets/{id}", acknowledge("subnet")),
)
add(
    "subnet-rename-wipes-nameservers",
    "a new name takes a subnet's name servers away",
    L2,
    at("PUT", "/subnets/{id}", _wiping("subnet", "dns_nameservers", [])),
)
add(
    "bad-cidr-taken",
    "a CIDR that is none is reported as a subnet",
    L2,
    at("POST", "/subnets", invent("subnet", on=400)),
)
add(
    "gateway-in-pool-taken",
    "a gateway among the addresses to give out is accepted",
    L2,
    at("POST", "/subnets", invent("subnet", on=409)),
)
add(
    "pool-one-shorter",
    "a subnet shows a pool that ends too early",
    L2,
    at("GET|POST", "/subnets(?:/{id})?", answer(lambda _, reply: _shorter(reply))),
)
add(
    "mac-of-own",
    "a port has another MAC address than was asked for",
    L2,
    at("POST", "/ports", without_json("port.mac_address")),
)
add(
    "address-of-own",
    "a port has another address than was asked for",
    L2,
    at("POST", "/ports", ask(_any_address, when=lambda call: bool(asked(call, "port").get("fixed_ips")))),
)
add(
    "device-lost",
    "a port forgets its device",
    L2,
    at("POST", "/ports", without_json("port.device_id", "port.device_owner")),
)
add("port-keeps-name", "a port's new name is not stored", L2, at("PUT", "/ports/{id}", without_json("port.name")))
add(
    "port-rename-wipes-groups",
    "a new name takes a port's security groups away",
    L2,
    at("PUT", "/ports/{id}", _wiping("port", "security_groups", [])),
)
add(
    "port-in-no-group",
    "a new port is not in the default group",
    L2,
    at("POST", "/ports", _wiping("port", "security_groups", [])),
)
add(
    "pairs-lost",
    "a port forgets its allowed address pairs",
    L2,
    at("POST|PUT", "/ports(?:/{id})?", without_json("port.allowed_address_pairs")),
)
add(
    "port-security-always",
    "a port's security cannot be switched off",
    L2,
    at("POST|PUT", "/ports(?:/{id})?", without_json("port.port_security_enabled")),
)
add(
    "modes-not-shown",
    "an IPv6 subnet does not show its modes",
    IPV6,
    at("GET|POST", "/subnets(?:/{id})?", told("subnet.ipv6_address_mode", None)),
)
add(
    "unequal-modes-taken",
    "modes that do not fit are reported as a subnet",
    IPV6,
    at("POST", "/subnets", invent("subnet", on=400)),
)
add(
    "outside-address-given",
    "an address outside of its subnet is reported as given",
    IPV6,
    at("POST", "/ports", invent("port", on=400)),
)
add(
    "slaac-address-random",
    "a SLAAC address does not come of the MAC address",
    IPV6,
    at("POST", "/ports", answer(lambda _, reply: _random_address(reply))),
)
add(
    "stateful-address-of-own",
    "a port has another IPv6 address than was asked for",
    IPV6,
    at("POST", "/ports", ask(_any_address, when=lambda call: ":" in str(asked(call, "port").get("fixed_ips")))),
)
add(
    "extensions-hidden",
    "no extension is listed",
    "networks-list-api-versions",
    at("GET", "/extensions", told("extensions", [])),
)
add(
    "quota-set-by-user",
    "a user's change of the own quota is reported as made",
    L2,
    at("PUT", "/quotas/{id}", answer(lambda call, reply: _granted(call, reply), on=(403,))),
)


def _as_created(reply: Reply) -> None:
    document = reply.document
    if "updated_at" in document.get("network", {}):
        document["network"]["updated_at"] = document["network"]["created_at"]
        reply.document = document


def _shorter(reply: Reply) -> None:
    document = reply.document
    for pool in document.get("subnet", {}).get("allocation_pools", ()):
        pool["end"] = pool["start"]
    reply.document = document


def _random_address(reply: Reply) -> None:
    document = reply.document
    for one in document.get("port", {}).get("fixed_ips", ()):
        if "ff:fe" in one["ip_address"]:
            one["ip_address"] = one["ip_address"].rpartition(":")[0] + ":beef"
    reply.document = document


def _granted(call: Call, reply: Reply) -> None:
    reply.status = 200
    reply.document = call.document
