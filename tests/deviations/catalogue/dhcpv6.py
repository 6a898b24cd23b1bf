"""Clouds that give IPv6 addresses in another way than promised."""

from __future__ import annotations

from typing import Any

from defcore.model.capability import Service
from tests.deviations.changes import (
    answer,
    invent,
    told,
    with_json,
    without_json,
)
from tests.deviations.deviation import Book
from tests.deviations.message import Reply

book = Book(Service.NETWORK)
add, at = book.add, book.at
NONE, NOBODY = "00000000-0000-4000-8000-000000000000", "0" * 32

# --- IPv6 ----------------------------------------------------------------------------------------------------

V6, PORT, PORTS, SUBNETS = "networks-dhcpv6", "/ports(/{id})?", "/ports", "/subnets"
add(
    "v6-address-of-pool",
    "a self-made IPv6 address is told as one of the pool",
    V6,
    at("GET|POST", PORT, answer(lambda _, reply: _addresses(reply, _of_pool))),
)
add(
    "v6-address-missing",
    "a port has no IPv6 address",
    V6,
    at("GET|POST", PORT, answer(lambda _, reply: _without(reply, ":"))),
)
add(
    "v6-alone",
    "a port with IPv6 has no IPv4 address",
    V6,
    at("GET|POST", PORT, answer(lambda _, reply: _without(reply, "."))),
)
add(
    "v6-one-address",
    "a port has one address only",
    V6,
    at("GET|POST", PORT, told("port.fixed_ips", lambda all: all[:1])),
)
add("v6-unequal-modes", "unequal IPv6 modes are reported as taken", V6, at("POST", SUBNETS, invent("subnet", on=400)))
add(
    "v6-ra-mode-lost",
    "the mode of router advertisements is lost",
    V6,
    at("GET|POST", "/subnets(/{id})?", told("subnet.ipv6_ra_mode", None)),
)
add(
    "v6-address-mode-lost",
    "the mode of addresses is lost",
    V6,
    at("GET|POST", "/subnets(/{id})?", told("subnet.ipv6_address_mode", None)),
)
add(
    "v6-stateful-as-slaac",
    "an IPv6 subnet with state is one without",
    V6,
    at("POST", SUBNETS, with_json("subnet", lambda one: _modes(one))),
)
add(
    "v6-any-address",
    "an IPv6 address outside the subnet is reported as given",
    V6,
    at("POST", PORTS, invent("port", on=400)),
)
add(
    "v6-address-twice",
    "an IPv6 address that is in use is reported as given",
    V6,
    at("POST", PORTS, invent("port", on=409)),
)
add(
    "v6-chosen-ignored",
    "an IPv6 address that is asked for is not given",
    V6,
    at("POST", PORTS, without_json("port.fixed_ips")),
)
add(
    "v6-conflict-unnamed",
    "the refusal of an address in use does not name it",
    V6,
    at("POST", PORTS, told("NeutronError.message", "invalid", on=(409,))),
)
add(
    "v6-router-elsewhere",
    "a router's interface has another address than the gateway's",
    V6,
    at("GET", "/ports(/{id})?", answer(lambda _, reply: _elsewhere(reply))),
)


def _addresses(reply: Reply, edit: Any) -> None:
    document = reply.document
    for one in document.get("port", {}).get("fixed_ips", []):
        one["ip_address"] = edit(one["ip_address"])
    reply.document = document


def _of_pool(address: str) -> str:
    return address.rpartition("::")[0].partition(":f816")[0] + "::77" if ":" in address else address


def _without(reply: Reply, mark: str) -> None:
    document = reply.document
    if "port" in document:
        kept = [one for one in document["port"]["fixed_ips"] if mark not in one["ip_address"]]
        document["port"]["fixed_ips"] = kept
        reply.document = document


def _modes(subnet: Any) -> Any:
    names = ("ipv6_address_mode", "ipv6_ra_mode")
    return subnet | {name: "slaac" for name in names if subnet.get(name) == "dhcpv6-stateful"}


def _elsewhere(reply: Reply) -> None:
    document = reply.document
    for port in document.get("ports", [document.get("port", {})]):
        if str(port.get("device_owner")).startswith("network:router_interface"):
            for one in port["fixed_ips"]:
                one["ip_address"] = "2001:db8::dead" if ":" in one["ip_address"] else "192.0.2.77"
    reply.document = document
