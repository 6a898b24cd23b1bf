"""Clouds that keep routers, floating IPs, security groups and subnet pools wrongly."""

from __future__ import annotations

from typing import Any

from defcore.model.capability import Service
from tests.deviations.catalogue.asking import is_null, without
from tests.deviations.changes import (
    acknowledge,
    answer,
    as_owner,
    ask,
    invent,
    note_owner,
    respond,
    status,
    told,
    untold,
    with_json,
    without_json,
    without_query,
)
from tests.deviations.deviation import Book
from tests.deviations.message import Call, Reply

book = Book(Service.NETWORK)
add, at = book.add, book.at
L3, ROUTER = "networks-l3-CRUD", "networks-l3-router"
FLOATING, POOLS, VERSIONS = "networks-floating-ips-CRUD", "networks-subnet-pools-CRUD", "networks-list-api-versions"


async def _keep_interface(call: Call) -> Reply:
    """An interface that is to be taken off by its subnet is told as taken off, and stays."""
    subnet = (call.document or {}).get("subnet_id")
    router = call.path.split("/")[-2]
    if not subnet:
        return await call.forward()
    reply = await call.beside("/v2.0/ports", query=f"device_id={router}").forward()
    ports = [one for one in reply.document["ports"] if any(ip["subnet_id"] == subnet for ip in one["fixed_ips"])]
    if not ports:
        return await call.forward()
    about = {"id": router, "port_id": ports[0]["id"], "subnet_id": subnet, "subnet_ids": [subnet]}
    same = {name: ports[0][name] for name in ("network_id", "tenant_id", "project_id")}
    reply.document = about | same | {"tags": []}
    return reply


# --- routers -------------------------------------------------------------------------------------------------

ONE_ROUTER = "/routers/{id}"
add(
    "router-in-use-deleted",
    "a router with an interface is reported as deleted",
    ROUTER,
    at("DELETE", ONE_ROUTER, status(409, 204, empty=True)),
    published="MQ-09",
)
add(
    "router-always-up",
    "a router is up though it was to be down",
    L3,
    at("POST", "/routers", with_json("router.admin_state_up", True)),
)
add(
    "router-stays-down",
    "a router that is to be set up stays down",
    L3,
    at("PUT", ONE_ROUTER, without_json("router.admin_state_up")),
)
add("gateway-stays", "a router keeps its gateway", L3, at("PUT", ONE_ROUTER, acknowledge("router")))
add("routes-not-kept", "extra routes are told and not kept", L3, at("GET", ONE_ROUTER, told("router.routes", [])))
add(
    "routes-not-removed",
    "extra routes cannot be removed",
    L3,
    at("PUT", ONE_ROUTER, ask(lambda call: without(call, "router", "routes"), when=is_null("router", "routes"))),
)
add(
    "external-filter-ignored",
    "all networks are listed as external ones",
    L3,
    at("GET", "/networks", without_query("router:external")),
)
add(
    "unknown-router-deleted",
    "a router that does not exist is reported as deleted",
    L3,
    at("DELETE", ONE_ROUTER, status(404, 204, empty=True)),
)
add("router-stays", "a deleted router stays", L3, at("DELETE", ONE_ROUTER, respond(204)))
add(
    "interface-stays",
    "an interface that is taken off stays",
    L3,
    at("PUT", f"{ONE_ROUTER}/remove_router_interface", _keep_interface),
)
add(
    "device-filter-ignored",
    "lists of ports are not filtered by device",
    L3,
    at("GET", "/ports", without_query("device_id")),
)
add(
    "interface-of-other-port",
    "an added interface names another port",
    L3,
    at("PUT", f"{ONE_ROUTER}/add_router_interface", told("port_id", "00000000-0000-4000-8000-000000000000")),
)
add(
    "gateway-on-any-network",
    "a gateway on a network that is not external is reported as set",
    ROUTER,
    at("PUT", ONE_ROUTER, status(400, 200)),
)
add(
    "foreign-router-shown",
    "a router of another project is shown",
    L3,
    at("POST", "/routers", note_owner()),
    at("GET", ONE_ROUTER, as_owner()),
)

# --- floating IPs --------------------------------------------------------------------------------------------

add(
    "floating-keeps-port",
    "a floating IP keeps its port",
    FLOATING,
    at("PUT", "/floatingips/{id}", acknowledge("floatingip")),
)
add(
    "floating-without-address",
    "a floating IP does not show its fixed address",
    FLOATING,
    at("GET|POST|PUT", "/floatingips(/{id})?", told("floatingip.fixed_ip_address", None)),
)
add(
    "floating-filter-ignored",
    "lists of floating IPs are not filtered",
    FLOATING,
    at("GET", "/floatingips", without_query("floating_ip_address")),
)
add("floating-stays", "a floating IP that is deleted stays", FLOATING, at("DELETE", "/floatingips/{id}", respond(204)))
add(
    "floating-first-address",
    "a floating IP is always for the first address of its port",
    FLOATING,
    at("POST|PUT", "/floatingips(/{id})?", without_json("floatingip.fixed_ip_address")),
)

# --- security groups -----------------------------------------------------------------------------------------

GROUPS, RULES, RULE = "networks-security-groups-CRUD", "/security-group-rules", "/security-group-rules/{id}"
add(
    "rule-twice",
    "a rule that the group has is taken a second time",
    GROUPS,
    at("POST", RULES, invent("security_group_rule", on=409)),
    published="MQ-03",
)
add(
    "prefix-lost",
    "a rule forgets its remote prefix",
    GROUPS,
    at("POST", RULES, without_json("security_group_rule.remote_ip_prefix")),
)
add(
    "remote-group-lost",
    "a rule forgets its remote group",
    GROUPS,
    at("POST", RULES, without_json("security_group_rule.remote_group_id")),
)
add(
    "ports-as-text",
    "a rule's ports are strings",
    GROUPS,
    at("GET|POST", f"{RULES}(/{{id}})?", told("security_group_rule.port_range_min", lambda port: port and str(port))),
)
add(
    "zero-is-null",
    "a zero in a rule is told as null",
    GROUPS,
    at("GET|POST", f"{RULES}(/{{id}})?", told("security_group_rule.port_range_max", lambda port: port or None)),
)
add(
    "any-ethertype",
    "an unknown ethertype is taken for IPv4",
    GROUPS,
    at("POST", RULES, with_json("security_group_rule.ethertype", "IPv4")),
)
add(
    "refusal-without-reason",
    "a refused rule is not told why",
    GROUPS,
    at("POST", RULES, told("NeutronError.message", "invalid", on=(400,))),
)
add("unknown-group-400", "a rule of an unknown group is a bad request", GROUPS, at("POST", RULES, status(404, 400)))
add("rule-stays", "a deleted rule stays", GROUPS, at("DELETE", RULE, respond(204)))
add(
    "group-description-kept",
    "a group's description is not changed",
    GROUPS,
    at("PUT", "/security-groups/{id}", without_json("security_group.description")),
)
add(
    "second-default",
    "a second group called default is reported as made",
    GROUPS,
    at("POST", "/security-groups", invent("security_group", on=409)),
)
add(
    "default-not-listed",
    "the default group is not listed",
    GROUPS,
    at("GET", "/security-groups", answer(lambda _, reply: _without_default(reply))),
)
add(
    "group-in-use-deleted",
    "a group that a port has is reported as deleted",
    GROUPS,
    at("DELETE", "/security-groups/{id}", status(409, 204, empty=True)),
)
add(
    "egress-becomes-ingress",
    "each rule is for what comes in",
    GROUPS,
    at("GET", RULE, told("security_group_rule.direction", "egress")),
)
add(
    "protocol-number-named",
    "a protocol asked for by number is told by name",
    GROUPS,
    at("POST", RULES, told("security_group_rule.protocol", lambda one: {"17": "udp", "6": "tcp"}.get(one, one))),
)


def _without_default(reply: Reply) -> None:
    document = reply.document
    groups = document["security_groups"]
    document["security_groups"] = [one for one in groups if one.get("name") != "default"]
    reply.document = document


def _incoming(rules: Any) -> Any:
    return [one for one in rules if one.get("direction") != "egress"]


add(
    "no-default-rules",
    "a new security group lets nothing out",
    GROUPS,
    at("POST", "/security-groups", told("security_group.security_group_rules", [])),
    at("GET", RULES, answer(lambda _, reply: _without_egress(reply))),
    at("GET", "/security-groups/{id}", told("security_group.security_group_rules", _incoming)),
)


def _without_egress(reply: Reply) -> None:
    document = reply.document
    rules = document["security_group_rules"]
    document["security_group_rules"] = _incoming(rules)
    reply.document = document


# --- subnet pools, versions, IPv6 ----------------------------------------------------------------------------

add("pool-stays", "a deleted subnet pool stays", POOLS, at("DELETE", "/subnetpools/{id}", respond(204)))
add(
    "pool-rename-ignored",
    "a subnet pool keeps its name",
    POOLS,
    at("PUT", "/subnetpools/{id}", acknowledge("subnetpool")),
)
add(
    "pool-without-prefixes",
    "a subnet pool shows no prefixes",
    POOLS,
    at("GET", "/subnetpools/{id}", told("subnetpool.prefixes", [])),
)
add("version-without-status", "a version has no status", VERSIONS, at("GET", "^/", untold("versions.*.status")))
add("version-named-2", "version v2.0 is called 2.0", VERSIONS, at("GET", "^/", told("versions.*.id", "2.0")))
add("no-extension-shown", "an extension cannot be shown", VERSIONS, at("GET", "/extensions/{id}", respond(404)))
add(
    "slaac-as-stateful",
    "an IPv6 subnet is made without modes",
    "networks-dhcpv6",
    at("POST", "/subnets", without_json("subnet.ipv6_address_mode", "subnet.ipv6_ra_mode")),
)
