"""Clouds that get networks, subnets and ports wrong in ways of a second round, written down before the tests were
looked at.

They estimate what the suite notices of clouds that it was not made for.
"""

from __future__ import annotations

import ipaddress
from typing import Any

from defcore.model.capability import Service
from tests.deviations.catalogue.leniency import json_passed_over, with_repeated_once
from tests.deviations.changes import answer, ask, retry, status, told, without_json, without_query
from tests.deviations.deviation import Book
from tests.deviations.message import Call, Reply

book = Book(Service.NETWORK)
add, at = book.add, book.at
L2, IPV6, POOLS = "networks-l2-CRUD", "networks-dhcpv6", "networks-subnet-pools-CRUD"
FILTERS = ("id", "name", "status", "mac_address", "network_id")


def _not_the_gateway(_: Call, reply: Reply) -> None:
    """The port of a router's interface has another address than its subnet's gateway."""
    document = reply.document
    port = document.get("port", {})
    if port.get("device_owner") == "network:router_interface":
        for one in port.get("fixed_ips", []):
            one["ip_address"] = str(ipaddress.ip_address(one["ip_address"]) + 7)
        reply.document = document


def _own_mac(call: Call) -> None:
    document = call.document
    if isinstance(document, dict) and "port" in document:
        document["port"].pop("mac_address", None)
        call.document = document


async def _pool_as_asked(call: Call) -> Reply:
    """A pool that may not lose prefixes tells that it has."""
    reply = await call.forward()
    asked: Any = call.document
    if reply.status == 400 and isinstance(asked, dict) and "prefixes" in asked.get("subnetpool", {}):
        shown = await call.beside(call.path).forward()
        document = shown.document
        document["subnetpool"] |= asked["subnetpool"]
        shown.document = document
        return shown
    return reply


add(
    "shared-passed-over",
    "a network that may not be shared is made as one of the project",
    L2,
    at("POST|PUT", "/networks(?:/{id})?", json_passed_over(403, "network.shared")),
)
add(
    "repeated-filter-once",
    "of several values of a filter only the first one counts",
    L2,
    at("GET", "/(?:networks|subnets|ports)", ask(with_repeated_once(*FILTERS))),
)
add(
    "up-filter-ignored",
    "lists are not filtered by admin_state_up",
    L2,
    at("GET", "/(?:networks|ports)", without_query("admin_state_up")),
)
add(
    "sorted-by-first-key",
    "lists of networks are sorted by the first key only",
    L2,
    at("GET", "/networks", ask(with_repeated_once("sort_key", "sort_dir"))),
)
add(
    "port-address-filter-ignored",
    "lists of ports are not filtered by address",
    L2,
    at("GET", "/ports", without_query("fixed_ips")),
)
add(
    "subnet-keeps-pools",
    "a subnet's new allocation pools are not stored",
    L2,
    at("PUT", "/subnets/{id}", without_json("subnet.allocation_pools")),
)
add(
    "cidr-change-passed-over",
    "a change of what a subnet cannot change is passed over",
    L2,
    at("PUT", "/subnets/{id}", json_passed_over(400, "subnet.cidr", "subnet.network_id", "subnet.ip_version")),
)
add(
    "bad-route-taken",
    "a host route that is none is passed over",
    L2,
    at("POST|PUT", "/subnets(?:/{id})?", json_passed_over(400, "subnet.host_routes")),
)
add(
    "mac-twice",
    "a port with a MAC address that is in use has another one",
    L2,
    at("POST", "/ports", retry(409, _own_mac)),
)
add(
    "port-on-unknown-network-400",
    "a port on a network that there is not is a bad request",
    L2,
    at("POST", "/ports", status(404, 400)),
)
add(
    "port-tags-filter-ignored",
    "lists of ports and subnets are not filtered by tags",
    L2,
    at("GET", "/(?:ports|subnets)", without_query("tags", "tags-any", "not-tags", "not-tags-any")),
)
add(
    "any-tag-found",
    "a tag that there is not is found",
    L2,
    at("GET", "/{id}/{id}/tags/{id}", status(404, 204, empty=True)),
)
add(
    "interface-not-the-gateway",
    "a router's interface has another address than the gateway of its subnet",
    IPV6,
    at("GET", "/ports/{id}", answer(_not_the_gateway)),
)
add(
    "subnet-forgets-pool",
    "a subnet does not show the pool that it is from",
    POOLS,
    at("GET|POST", "/subnets(?:/{id})?", told("subnet.subnetpool_id", None)),
)
add(
    "subnet-of-pool-length-ignored",
    "a subnet from a pool has the pool's default length",
    POOLS,
    at("POST", "/subnets", without_json("subnet.prefixlen")),
)
add(
    "pool-shrinks",
    "a subnet pool is reported to have lost prefixes",
    POOLS,
    at("PUT", "/subnetpools/{id}", _pool_as_asked),
)
