"""Clouds that get routers, floating IPs and security groups wrong in ways written down before the tests were looked at.

They estimate what the suite notices of clouds that it was not made for.
"""

from __future__ import annotations

from defcore.model.capability import Service
from tests.deviations.catalogue.asking import asked
from tests.deviations.changes import (
    answer,
    invent,
    status,
    told,
    untold,
    without_json,
    without_query,
)
from tests.deviations.deviation import Book
from tests.deviations.message import Call, Reply

book = Book(Service.NETWORK)
add, at = book.add, book.at
L2, L3, ROUTER = "networks-l2-CRUD", "networks-l3-CRUD", "networks-l3-router"
FLOATING, GROUPS, POOLS = "networks-floating-ips-CRUD", "networks-security-groups-CRUD", "networks-subnet-pools-CRUD"


async def _routes_merged(call: Call) -> Reply:
    """Extra routes that are put join those that there are."""
    routes = asked(call, "router").get("routes")
    if routes:
        shown = await call.beside(call.path).forward()
        document = call.document
        old = [one for one in shown.document["router"]["routes"] if one not in routes]
        document["router"]["routes"] = routes + old
        call.document = document
    return await call.forward()


def _as_added(call: Call, reply: Reply) -> None:
    about = call.document or {}
    reply.status = 200
    reply.document = {"id": call.path.split("/")[-2], "port_id": "0" * 32, "subnet_id": about.get("subnet_id")}


def _extra_rule(_: Call, reply: Reply) -> None:
    document = reply.document
    rules = document["security_group"]["security_group_rules"]
    rules.append(rules[0] | {"direction": "ingress", "id": rules[0]["id"][::-1]})
    reply.document = document


def _first_router(call: Call, reply: Reply) -> None:
    """A floating IP that moves keeps its first router."""
    document = reply.document
    one = document["floatingip"]
    if one["router_id"]:
        one["router_id"] = call.memory.setdefault(one["id"], one["router_id"])
    reply.document = document


add(
    "router-keeps-name",
    "a router's new name is not stored",
    L3,
    at("PUT", "/routers/{id}", without_json("router.name")),
)
add(
    "router-description-lost",
    "a router is made without its description",
    L3,
    at("POST", "/routers", without_json("router.description")),
)
add(
    "routes-merged", "extra routes that are set do not replace the rest", L3, at("PUT", "/routers/{id}", _routes_merged)
)
add(
    "overlap-taken",
    "a router is reported to join networks that overlap",
    L3,
    at("PUT", "/routers/{id}/add_router_interface", answer(_as_added, on=(400,))),
)
add(
    "unknown-interface-removed",
    "taking off an interface that is none is no error",
    L3,
    at("PUT", "/routers/{id}/remove_router_interface", answer(_as_added, on=(404, 409))),
)
add(
    "interface-without-subnet",
    "the answer to a new interface does not name the subnet",
    L3,
    at("PUT", "/routers/{id}/add_router_interface", untold("subnet_id")),
)
add(
    "interface-of-nobody",
    "a router's port does not say whose it is",
    L3,
    at("GET", "/ports(?:/{id})?", told("port.device_owner", "")),
)
add(
    "interface-port-deleted",
    "a port that a router has is reported as deleted",
    ROUTER,
    at("DELETE", "/ports/{id}", status(409, 204, empty=True)),
)
add(
    "gateway-on-unknown",
    "a gateway on a network that there is not is a bad request",
    ROUTER,
    at("PUT", "/routers/{id}", status(404, 400)),
)
add(
    "floating-of-first-router",
    "a floating IP that moves names its first router",
    FLOATING,
    at(
        "GET|PUT|POST",
        "/floatingips(?:/{id})?",
        answer(lambda call, reply: _first_router(call, reply) if "floatingip" in reply.document else None),
    ),
)
add(
    "floating-on-private-network",
    "a floating IP of a private network is reported as made",
    FLOATING,
    at("POST", "/floatingips", invent("floatingip", on=400)),
)
add(
    "floating-without-gateway",
    "a floating IP is reported for a port that no gateway reaches",
    FLOATING,
    at("POST", "/floatingips", invent("floatingip", on=404)),
)
add(
    "floating-description-lost",
    "a floating IP is made without its description",
    FLOATING,
    at("POST", "/floatingips", without_json("floatingip.description")),
)
add(
    "group-keeps-name",
    "a security group's new name is not stored",
    GROUPS,
    at("PUT", "/security-groups/{id}", without_json("security_group.name")),
)
add(
    "group-lets-in",
    "a new security group lets anything in",
    GROUPS,
    at(
        "POST|GET",
        "/security-groups(?:/{uuid})?",
        answer(lambda call, reply: _extra_rule(call, reply) if "security_group" in reply.document else None),
    ),
)
add(
    "bad-ports-taken",
    "a rule with ports that make no sense is reported as made",
    GROUPS,
    at("POST", "/security-group-rules", invent("security_group_rule", on=400)),
)
add(
    "rule-description-lost",
    "a rule is made without its description",
    GROUPS,
    at("POST", "/security-group-rules", without_json("security_group_rule.description")),
)
add(
    "rule-filters-ignored",
    "lists of rules are not filtered",
    GROUPS,
    at("GET", "/security-group-rules", without_query("security_group_id", "direction", "protocol", "ethertype")),
)
add(
    "unknown-rule-deleted",
    "a rule that does not exist is reported as deleted",
    GROUPS,
    at("DELETE", "/security-group-rules/{id}", status(404, 204, empty=True)),
)
add(
    "null-is-zero",
    "a rule without an ICMP code shows the code 0",
    GROUPS,
    at("POST|GET", "/security-group-rules(?:/{id})?", told("security_group_rule.port_range_max", lambda v: v or 0)),
)
add(
    "ports-swapped",
    "a rule shows its ports the other way round",
    GROUPS,
    at(
        "POST|GET", "/security-group-rules(?:/{id})?", told("security_group_rule.port_range_min", lambda v: v and v + 1)
    ),
)
add(
    "pool-keeps-prefixes",
    "a subnet pool's prefixes are not changed",
    POOLS,
    at("PUT", "/subnetpools/{id}", without_json("subnetpool.prefixes")),
)
add(
    "pool-length-ignored",
    "a subnet pool has the common length of prefixes",
    POOLS,
    at(
        "POST",
        "/subnetpools",
        without_json("subnetpool.default_prefixlen", "subnetpool.min_prefixlen", "subnetpool.max_prefixlen"),
    ),
)
add(
    "pool-in-use-deleted",
    "a subnet pool that is in use is reported as deleted",
    POOLS,
    at("DELETE", "/subnetpools/{id}", status(400, 204, empty=True)),
)
