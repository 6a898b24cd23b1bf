"""Clouds that connect networks, and let in what may come in, in another way than promised."""

from __future__ import annotations

from defcore.model.capability import Service
from tests.deviations.changes import (
    acknowledge,
    answer,
    as_owner,
    invent,
    note_owner,
    respond,
    status,
    told,
    untold,
    without_json,
)
from tests.deviations.deviation import Book
from tests.deviations.message import Call, Reply

book = Book(Service.NETWORK)
add, at = book.add, book.at
NONE, NOBODY = "00000000-0000-4000-8000-000000000000", "0" * 32

# --- routers, floating IPs, pools, versions ------------------------------------------------------------------

L3, ROUTER, FLOATING = "networks-l3-CRUD", "networks-l3-router", "networks-floating-ips-CRUD"
POOLS, VERSIONS, ONE_ROUTER = "networks-subnet-pools-CRUD", "networks-list-api-versions", "/routers/{id}"
for name in ("status", "external_gateway_info", "admin_state_up", "routes", "project_id"):
    add(
        f"router-without-{name.replace('_', '-')}",
        f"a router does not show `{name}`",
        L3,
        at("GET|POST", "/routers(/{id})?", untold(f"router.{name}")),
    )
add("router-not-listed", "a router is not listed", L3, at("GET", "/routers", told("routers", [])))
add(
    "router-rename-ignored", "a router's new name is not stored", L3, at("PUT", ONE_ROUTER, without_json("router.name"))
)
add("router-created-200", "the creation of a router is answered with 200", L3, at("POST", "/routers", status(201, 200)))
add(
    "router-gateway-ignored",
    "a router is made without its gateway",
    L3,
    at("POST", "/routers", without_json("router.external_gateway_info")),
)
add(
    "router-gateway-elsewhere",
    "a router's gateway is on another network",
    L3,
    at("GET|POST", "/routers(/{id})?", told("router.external_gateway_info.network_id", NONE)),
)
add(
    "router-snat-missing",
    "a router does not tell its addresses outside",
    L3,
    at("GET", ONE_ROUTER, untold("router.external_gateway_info.external_fixed_ips")),
)
add(
    "interface-of-other-subnet",
    "an added interface names another subnet",
    L3,
    at("PUT", f"{ONE_ROUTER}/add_router_interface", told("subnet_id", NONE)),
)
add(
    "interface-of-other-router",
    "an added interface names another router",
    L3,
    at("PUT", f"{ONE_ROUTER}/(add|remove)_router_interface", told("id", NONE)),
)
add(
    "unknown-router-shown",
    "a router that does not exist is shown as empty",
    ROUTER,
    at("GET", ONE_ROUTER, lambda call: _empty_router(call)),
)
add(
    "unknown-router-400",
    "a router that does not exist is a bad request",
    ROUTER,
    at("GET|PUT|DELETE", ONE_ROUTER, status(404, 400)),
)
add(
    "gateway-on-nothing",
    "a gateway on a network that does not exist is a bad request",
    ROUTER,
    at("PUT|POST", "/routers(/{id})?", status(404, 400)),
)
add(
    "router-in-use-404",
    "a router with an interface is told as unknown",
    ROUTER,
    at("DELETE", ONE_ROUTER, status(409, 404)),
)
for name in ("status", "floating_network_id", "floating_ip_address", "router_id", "project_id"):
    add(
        f"floating-without-{name.replace('_', '-')}",
        f"a floating IP does not show `{name}`",
        FLOATING,
        at("GET|POST", "/floatingips(/{id})?", untold(f"floatingip.{name}")),
    )
add(
    "floating-of-other-router",
    "a floating IP names another router",
    FLOATING,
    at("GET|PUT", "/floatingips/{id}", told("floatingip.router_id", lambda id: id and NONE)),
)
add(
    "floating-without-port",
    "a floating IP is made without its port",
    FLOATING,
    at("POST", "/floatingips", without_json("floatingip.port_id")),
)
add("floating-not-listed", "a floating IP is not listed", FLOATING, at("GET", "/floatingips", told("floatingips", [])))
add(
    "floating-anywhere",
    "a floating IP on a network that is not external is reported as made",
    FLOATING,
    at("POST", "/floatingips", invent("floatingip", on=400)),
)
add(
    "floating-without-gateway",
    "a floating IP for a port without gateway is reported as made",
    FLOATING,
    at("POST", "/floatingips", invent("floatingip", on=404)),
)
add(
    "floating-keeps-lost-port",
    "a floating IP keeps a port that is gone",
    FLOATING,
    at("GET", "/floatingips/{id}", lambda call: _keep_port(call)),
)
add(
    "foreign-floating-shown",
    "a floating IP of another project is shown",
    FLOATING,
    at("POST", "/floatingips", note_owner()),
    at("GET", "/floatingips/{id}", as_owner()),
)
for name in ("default_prefixlen", "min_prefixlen", "max_prefixlen", "ip_version", "shared", "project_id"):
    add(
        f"pool-without-{name.replace('_', '-')}",
        f"a subnet pool does not show `{name}`",
        POOLS,
        at("GET|POST", "/subnetpools(/{id})?", untold(f"subnetpool.{name}")),
    )
add(
    "pool-created-200",
    "the creation of a subnet pool is answered with 200",
    POOLS,
    at("POST", "/subnetpools", status(201, 200)),
)
add("pool-not-listed", "a subnet pool is not listed", POOLS, at("GET", "/subnetpools", told("subnetpools", [])))
add(
    "pool-prefixlen-ignored",
    "a subnet pool ignores the lengths of prefixes",
    POOLS,
    at(
        "POST",
        "/subnetpools",
        without_json("subnetpool.default_prefixlen", "subnetpool.min_prefixlen", "subnetpool.max_prefixlen"),
    ),
)
add(
    "pool-not-used",
    "a subnet is made outside of its pool",
    POOLS,
    at("GET|POST", "/subnets(/{id})?", told("subnet.subnetpool_id", None)),
)
add(
    "foreign-pool-shown",
    "a subnet pool of another project is shown",
    POOLS,
    at("POST", "/subnetpools", note_owner()),
    at("GET", "/subnetpools/{id}", as_owner()),
)
add("versions-status-300", "the root answers with 300", VERSIONS, at("GET", "^/", status(200, 300)))
add("version-without-links", "a version has no link", VERSIONS, at("GET", "^/", untold("versions.*.links")))
add("resources-not-listed", "version 2.0 lists no resources", VERSIONS, at("GET", "/", told("resources", [])))
add("extensions-not-listed", "no extension is listed", VERSIONS, at("GET", "/extensions", told("extensions", [])))
add(
    "extension-shown-otherwise",
    "an extension is shown by another name",
    VERSIONS,
    at("GET", "/extensions/{id}", told("extension.name", "other")),
)
add(
    "extension-without-alias",
    "an extension has no alias",
    VERSIONS,
    at("GET", "/extensions", untold("extensions.*.alias")),
)

GROUPS, RULES, RULE = "networks-security-groups-CRUD", "/security-group-rules", "/security-group-rules/{id}"
GROUP = "/security-groups(/{id})?"
for name in ("id", "direction", "ethertype", "protocol", "security_group_id", "remote_group_id"):
    add(
        f"rule-without-{name.replace('_', '-')}",
        f"a rule does not show `{name}`",
        GROUPS,
        at("GET", RULE, untold(f"security_group_rule.{name}")),
    )
for name in ("description", "security_group_rules", "project_id"):
    add(
        f"group-without-{name.replace('_', '-')}",
        f"a security group does not show `{name}`",
        GROUPS,
        at("GET", "/security-groups/{id}", untold(f"security_group.{name}")),
    )
add(
    "group-not-listed",
    "a security group is not listed",
    GROUPS,
    at("GET", "/security-groups", told("security_groups", lambda all: all[:1])),
)
add(
    "group-rename-ignored",
    "a group's new name is told and not stored",
    GROUPS,
    at("PUT", "/security-groups/{id}", acknowledge("security_group")),
)
add("group-stays", "a deleted security group stays", GROUPS, at("DELETE", "/security-groups/{id}", respond(204)))
add(
    "group-created-200",
    "the creation of a group is answered with 200",
    GROUPS,
    at("POST", "/security-groups", status(201, 200)),
)
add(
    "group-shows-no-rules",
    "a group does not show the rules that it has",
    GROUPS,
    at("GET", "/security-groups/{id}", told("security_group.security_group_rules", [])),
)
add("rule-not-listed", "a rule is not listed", GROUPS, at("GET", RULES, told("security_group_rules", [])))
add(
    "rule-description-lost",
    "a rule forgets its description",
    GROUPS,
    at("POST", RULES, without_json("security_group_rule.description")),
)
add(
    "rule-protocol-any",
    "a rule is for any protocol",
    GROUPS,
    at("POST", RULES, told("security_group_rule.protocol", None)),
)
add(
    "rule-ports-swapped",
    "a rule has the least and the greatest port exchanged",
    GROUPS,
    at("GET|POST", f"{RULES}(/{{id}})?", answer(lambda _, reply: _swap(reply))),
)
add(
    "rule-bad-taken",
    "a rule that makes no sense is reported as made",
    GROUPS,
    at("POST", RULES, invent("security_group_rule", on=400)),
)
add("rule-unknown-400", "a rule that does not exist is a bad request", GROUPS, at("GET|DELETE", RULE, status(404, 400)))
add(
    "group-unknown-200",
    "a group that does not exist is reported as deleted",
    GROUPS,
    at("DELETE", "/security-groups/{id}", status(404, 204, empty=True)),
)
add("rules-outlive-group", "rules of a deleted group are listed", GROUPS, at("GET", RULES, lambda call: _union(call)))
add(
    "foreign-group-shown",
    "a security group of another project is shown",
    GROUPS,
    at("POST", "/security-groups", note_owner()),
    at("GET", "/security-groups/{id}", as_owner()),
)
add(
    "foreign-rule-deleted",
    "a rule of another project is deleted",
    GROUPS,
    at("POST", RULES, note_owner()),
    at("DELETE", RULE, as_owner()),
)


async def _empty_router(call: Call) -> Reply:
    reply = await call.forward()
    if reply.status == 404:
        reply.status = 200
        reply.document = {"router": {}}
    return reply


async def _keep_port(call: Call) -> Reply:
    reply = await call.forward()
    if reply.good:
        document = reply.document
        if document["floatingip"]["port_id"]:
            call.memory[call.last] = document["floatingip"]["port_id"]
        document["floatingip"]["port_id"] = call.memory.get(call.last)
        reply.document = document
    return reply


def _swap(reply: Reply) -> None:
    document = reply.document
    rule = document.get("security_group_rule")
    if rule:
        rule["port_range_min"], rule["port_range_max"] = rule["port_range_max"], rule["port_range_min"]
        reply.document = document


async def _union(call: Call) -> Reply:
    reply = await call.forward()
    if reply.good and call.project:
        seen = call.memory.setdefault(call.project, {})
        document = reply.document
        ids = {one.get("id") for one in document["security_group_rules"]}
        gone = [one for id, one in seen.items() if id not in ids]
        seen |= {one.get("id"): one for one in document["security_group_rules"]}
        document["security_group_rules"] += gone
        reply.document = document
    return reply
