"""Clouds that get routers, floating IPs and security groups wrong in ways written down in a second round, before the
tests were looked at.

They estimate what the suite notices of clouds that it was not made for.
"""

from __future__ import annotations

from typing import Any

from defcore.model.capability import Service
from tests.deviations.catalogue.asking import asked
from tests.deviations.catalogue.leniency import json_mended, json_passed_over, last_good
from tests.deviations.changes import answer, ask, invent, status, told, without_json, without_query
from tests.deviations.deviation import Book
from tests.deviations.message import Call, Reply

book = Book(Service.NETWORK)
add, at = book.add, book.at
L3, ROUTER, FLOATING = "networks-l3-CRUD", "networks-l3-router", "networks-floating-ips-CRUD"
GROUPS = "networks-security-groups-CRUD"
ADD, TAKE = "/routers/{id}/add_router_interface", "/routers/{id}/remove_router_interface"
RULES = "/security-group-rules"


async def _added_again(call: Call) -> Reply:
    """An interface that a router has is added again."""
    reply = await call.forward()
    if reply.good:
        call.memory[call.path] = reply
    elif reply.status == 400:
        last_good(call, reply)
    return reply


def _as_taken(call: Call, reply: Reply) -> None:
    about = call.document or {}
    reply.status = 200
    reply.document = {"id": call.path.split("/")[-2], "port_id": "0" * 32, "subnet_id": about.get("subnet_id")}


async def _as_asked(call: Call) -> Reply:
    """A change of a router that is refused is told as made."""
    reply = await call.forward()
    if reply.status == call.memory.get("status", 400) and asked(call, "router"):
        shown = await call.beside(call.path).forward()
        document = shown.document
        if shown.good:
            document["router"] |= asked(call, "router")
            shown.document = document
            return shown
    return reply


async def _gateway_cleared(call: Call) -> Reply:
    """A gateway that is in use is told to have been taken away."""
    call.memory["status"] = 409
    return await _as_asked(call)


def _no_gateway(call: Call) -> None:
    """A change that does not name the gateway takes it away."""
    about = asked(call, "router")
    if about and "external_gateway_info" not in about:
        document = call.document
        document["router"]["external_gateway_info"] = {}
        call.document = document


def _incoming(document: Any) -> None:
    rule = document.get("security_group_rule")
    if isinstance(rule, dict):
        rule.setdefault("direction", "ingress")


def _only_first_rules(_: Call, reply: Reply) -> None:
    """A group shows the rules that it was made with."""
    document = reply.document
    for group in [document.get("security_group"), *document.get("security_groups", [])]:
        if group:
            rules = group["security_group_rules"]
            group["security_group_rules"] = [rule for rule in rules if rule["direction"] == "egress"]
    reply.document = document


add(
    "router-filter-ignored",
    "lists of routers are not filtered by name",
    L3,
    at("GET", "/routers", without_query("name")),
)
add(
    "interface-twice",
    "an interface that a router has is reported as added again",
    L3,
    at("PUT", ADD, _added_again),
)
add(
    "interface-of-both-taken",
    "an interface by a subnet and a port at a time is one by the subnet",
    L3,
    at("PUT", ADD, json_passed_over(400, "port_id")),
)
add(
    "interface-on-unknown-subnet-400",
    "an interface on a subnet that there is not is a bad request",
    L3,
    at("PUT", ADD, status(404, 400)),
)
add(
    "unreachable-route-taken",
    "a route over an address that the router does not reach is reported as set",
    L3,
    at("PUT", "/routers/{id}", _as_asked),
)
add(
    "rename-loses-gateway",
    "a new name takes a router's gateway away",
    L3,
    at("PUT", "/routers/{id}", ask(_no_gateway)),
)
add(
    "gateway-without-addresses",
    "a router's gateway shows no address",
    L3,
    at("GET|POST|PUT", "/routers(?:/{id})?", told("router.external_gateway_info.external_fixed_ips", [])),
)
add(
    "interface-of-floating-removed",
    "an interface that a floating IP needs is reported as taken off",
    ROUTER,
    at("PUT", TAKE, answer(_as_taken, on=(409,))),
)
add(
    "gateway-of-floating-cleared",
    "a gateway that a floating IP needs is reported as taken away",
    ROUTER,
    at("PUT", "/routers/{id}", _gateway_cleared),
)
add(
    "floating-twice-on-address",
    "a second floating IP for an address is reported as made",
    FLOATING,
    at("POST", "/floatingips", invent("floatingip", on=409)),
)
add(
    "floating-on-unknown-network-400",
    "a floating IP of a network that there is not is a bad request",
    FLOATING,
    at("POST", "/floatingips", status(404, 400)),
)
add(
    "floating-without-router",
    "a floating IP does not name its router",
    FLOATING,
    at("GET|POST|PUT", "/floatingips(?:/{id})?", told("floatingip.router_id", None)),
)
add(
    "unknown-floating-deleted",
    "a floating IP that there is not is reported as deleted",
    FLOATING,
    at("DELETE", "/floatingips/{id}", status(404, 204, empty=True)),
)
add(
    "rule-without-direction-taken",
    "a rule without direction is for what comes in",
    GROUPS,
    at("POST", RULES, json_mended(400, _incoming)),
)
add(
    "rule-of-two-remotes-taken",
    "of a remote prefix and a remote group in one rule the prefix counts",
    GROUPS,
    at("POST", RULES, json_passed_over(400, "security_group_rule.remote_group_id")),
)
add(
    "ports-without-protocol-taken",
    "ports of a rule without protocol are passed over",
    GROUPS,
    at(
        "POST",
        RULES,
        json_passed_over(400, "security_group_rule.port_range_min", "security_group_rule.port_range_max"),
    ),
)
add(
    "prefix-of-other-version-taken",
    "an IPv6 prefix in a rule for IPv4 is passed over",
    GROUPS,
    at("POST", RULES, json_passed_over(400, "security_group_rule.remote_ip_prefix")),
)
add(
    "group-shows-first-rules",
    "a group shows no rule for what comes in",
    GROUPS,
    at("GET", "/security-groups(?:/{id})?", answer(_only_first_rules)),
)
add(
    "group-filter-ignored",
    "lists of groups are not filtered by name",
    GROUPS,
    at("GET", "/security-groups", without_query("name", "id")),
)
add(
    "group-always-stateful",
    "a group is stateful though it was not to be",
    GROUPS,
    at("POST|PUT", "/security-groups(?:/{id})?", without_json("security_group.stateful")),
)
