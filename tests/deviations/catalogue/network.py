"""Clouds that keep networks, subnets, ports and what connects them wrongly."""

from __future__ import annotations

from defcore.model.capability import Service
from tests.deviations.catalogue.asking import asked, is_false, is_null, without
from tests.deviations.changes import (
    acknowledge,
    answer,
    as_owner,
    ask,
    invent,
    note_owner,
    respond,
    stale,
    status,
    told,
    untold,
    with_json,
    with_query,
    without_json,
    without_query,
)
from tests.deviations.deviation import Book
from tests.deviations.message import Call, Reply

book = Book(Service.NETWORK)
add, at = book.add, book.at
L2 = "networks-l2-CRUD"


# --- networks ------------------------------------------------------------------------------------------------

NETWORK, SUBNET, PORT = "/networks/{id}", "/subnets/{id}", "/ports/{id}"
add(
    "fields-ignored",
    "all fields are shown whichever are asked for",
    L2,
    at("GET", "/(networks|subnets|ports)(/{id})?", without_query("fields")),
    published="MQ-01",
)
add(
    "network-in-use-deleted",
    "a network that is in use is reported as deleted",
    L2,
    at("DELETE", NETWORK, status(409, 204, empty=True)),
    published="MQ-07",
)
add("network-stays", "a deleted network stays", L2, at("DELETE", NETWORK, respond(204)))
add("network-rename-ignored", "a new name is told and not stored", L2, at("PUT", NETWORK, acknowledge("network")))
add(
    "network-name-folded",
    "a network's name is stored in capitals",
    L2,
    at("POST", "/networks", with_json("network.name", str.upper)),
)
add(
    "network-without-status",
    "a network does not show its status",
    L2,
    at("GET|POST", "/networks(/{id})?", untold("network.status")),
)
add(
    "network-status-lower",
    "a network's status is written small",
    L2,
    at("POST", "/networks", told("network.status", str.lower)),
)
add("up-is-text", "admin_state_up is a string", L2, at("GET", NETWORK, told("network.admin_state_up", "true")))
add(
    "filters-ignored",
    "lists of networks are not filtered",
    L2,
    at("GET", "/networks", without_query("name", "id", "admin_state_up")),
)
add("limit-ignored", "lists have no limit", L2, at("GET", "/(networks|subnets|ports)", without_query("limit")))
add("next-missing", "pages have no link to the next one", L2, at("GET", "/networks", untold("networks_links")))
add(
    "sorting-ignored",
    "lists of networks are not sorted",
    L2,
    at("GET", "/networks", without_query("sort_key", "sort_dir")),
)
add(
    "sorted-backwards",
    "lists of networks are sorted the other way round",
    L2,
    at("GET", "/networks", with_query("sort_dir", lambda way: "asc" if way == "desc" else "desc")),
)
add("unknown-is-forbidden", "a network that does not exist is forbidden", L2, at("GET", NETWORK, status(404, 403)))
add(
    "faults-without-type",
    "an error does not say its type",
    L2,
    at("GET|PUT|DELETE", NETWORK, untold("NeutronError.type", on=(404,))),
)
add(
    "revision-stands", "the revision number never grows", L2, at("GET|PUT", NETWORK, told("network.revision_number", 1))
)
add(
    "if-match-ignored",
    "an update of an old revision is made",
    L2,
    at("PUT", NETWORK, ask(lambda call: _without_if_match(call))),
)
add(
    "foreign-network-shown",
    "a network of another project is shown",
    L2,
    at("POST", "/networks", note_owner()),
    at("GET", NETWORK, as_owner()),
)
add(
    "bulk-in-part",
    "bulk creation tells the resources in another order",
    L2,
    at("POST", "/ports", answer(lambda _, reply: _reverse(reply, "ports"))),
)
add(
    "tags-filter-ignored",
    "lists are not filtered by tags",
    L2,
    at("GET", "/networks", without_query("tags", "tags-any", "not-tags", "not-tags-any")),
)
add("tag-not-removed", "a tag that is removed stays", L2, at("DELETE", f"{NETWORK}/tags/{{id}}", respond(204)))


def _without_if_match(call: Call) -> None:
    call.headers.popall("If-Match", None)


def _reverse(reply: Reply, name: str) -> None:
    document = reply.document
    if name in document:
        document[name].reverse()
        reply.document = document


# --- subnets -------------------------------------------------------------------------------------------------

add(
    "dhcp-always-on",
    "DHCP is on though it was to be off",
    L2,
    at("POST|PUT", "/subnets(/{id})?", with_json("subnet.enable_dhcp", True, when=is_false("subnet", "enable_dhcp"))),
    published="MQ-05",
)
add(
    "gateway-always",
    "a subnet has a gateway though it was to have none",
    L2,
    at(
        "POST",
        "/subnets",
        ask(lambda call: without(call, "subnet", "gateway_ip"), when=is_null("subnet", "gateway_ip")),
    ),
)
add(
    "gateway-forced",
    "the gateway is the first address whichever is asked for",
    L2,
    at("PUT", SUBNET, without_json("subnet.gateway_ip")),
)
add(
    "pools-ignored",
    "a subnet gives out all its addresses whatever its pools",
    L2,
    at("POST", "/subnets", without_json("subnet.allocation_pools")),
)
add(
    "routes-lost",
    "a subnet has no host routes",
    L2,
    at("GET|POST|PUT", "/subnets(/{id})?", told("subnet.host_routes", [])),
)
add(
    "one-nameserver",
    "a subnet keeps only one name server",
    L2,
    at("POST", "/subnets", with_json("subnet.dns_nameservers", lambda servers: (servers or [])[:1])),
)
add("subnet-outlives-network", "the subnet of a deleted network is shown", L2, at("GET", SUBNET, stale()))
add(
    "cidr-normalised-wrongly",
    "a subnet shows its CIDR without its length",
    L2,
    at("GET", SUBNET, told("subnet.cidr", lambda cidr: cidr.split("/")[0])),
)
add(
    "overlap-accepted",
    "a subnet that overlaps another one is reported as made",
    L2,
    at("POST", "/subnets", invent("subnet", on=400)),
)
add(
    "dhcp-is-number", "enable_dhcp is a number", L2, at("GET|POST", "/subnets(/{id})?", told("subnet.enable_dhcp", int))
)


add(
    "subnet-in-use-deleted",
    "a subnet that is in use is reported as deleted",
    L2,
    at("DELETE", SUBNET, status(409, 204, empty=True)),
)
# --- ports ---------------------------------------------------------------------------------------------------

add(
    "port-always-up",
    "a port stays up though it was to be down",
    L2,
    at("PUT", PORT, with_json("port.admin_state_up", True, when=is_false("port", "admin_state_up"))),
)
add(
    "port-keeps-groups",
    "a port's security groups are not changed",
    L2,
    at("PUT", PORT, without_json("port.security_groups")),
)
add(
    "port-in-one-group",
    "a port is in one security group only",
    L2,
    at(
        "PUT",
        PORT,
        with_json(
            "port.security_groups",
            lambda groups: (groups or [])[:1],
            when=lambda call: "security_groups" in asked(call, "port"),
        ),
    ),
)
add("port-keeps-subnet", "a port's addresses are not changed", L2, at("PUT", PORT, without_json("port.fixed_ips")))
add("port-without-mac", "a port does not show its MAC address", L2, at("GET", PORT, untold("port.mac_address")))
add(
    "mac-in-capitals",
    "a port is listed with another spelling of its MAC address",
    L2,
    at("GET", "/ports", told("ports.*.mac_address", str.upper)),
)
add(
    "address-not-of-pool",
    "a port is told an address outside of the pool",
    L2,
    at("POST", "/ports", told("port.fixed_ips.*.ip_address", "10.80.0.2")),
)
add("port-stays", "a deleted port stays", L2, at("DELETE", PORT, respond(204)))
add("address-twice", "an address that is in use is reported as given", L2, at("POST", "/ports", invent("port", on=409)))
add(
    "dhcp-options-lost",
    "a port's extra DHCP options are lost",
    L2,
    at("POST", "/ports", without_json("port.extra_dhcp_opts")),
)
add(
    "listed-without-name-servers",
    "lists of subnets have no name servers",
    L2,
    at("GET", "/subnets", told("subnets.*.dns_nameservers", [], when=lambda call: call.param("fields") is None)),
)
