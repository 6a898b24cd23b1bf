"""Clouds that keep networks, subnets and ports in another way than promised."""

from __future__ import annotations

from defcore.model.capability import Service
from tests.deviations.changes import (
    acknowledge,
    as_owner,
    more,
    note_owner,
    respond,
    status,
    told,
    untold,
    with_query,
    without_json,
    without_query,
)
from tests.deviations.deviation import Book
from tests.deviations.message import Call, Reply

book = Book(Service.NETWORK)
add, at = book.add, book.at
NONE, NOBODY = "00000000-0000-4000-8000-000000000000", "0" * 32

# --- networks, subnets, ports --------------------------------------------------------------------------------

PORTS, SUBNETS = "/ports", "/subnets"
L2 = "networks-l2-CRUD"
for kind in ("network", "subnet", "port"):
    add(
        f"{kind}-created-200",
        f"the creation of a {kind} is answered with 200",
        L2,
        at("POST", f"/{kind}s", status(201, 200)),
    )
    add(
        f"{kind}-updated-201",
        f"the change of a {kind} is answered with 201",
        L2,
        at("PUT", f"/{kind}s/{{id}}", status(200, 201)),
    )
    add(
        f"{kind}-deleted-200",
        f"the deletion of a {kind} is answered with 200",
        L2,
        at("DELETE", f"/{kind}s/{{id}}", status(204, 200)),
    )
    add(
        f"{kind}-of-other-project",
        f"a {kind} shows another project",
        L2,
        at("GET|POST", f"/{kind}s(/{{id}})?", told(f"{kind}.project_id", NOBODY)),
    )
    add(
        f"{kind}-without-tenant",
        f"a {kind} does not show `tenant_id`",
        L2,
        at("GET|POST", f"/{kind}s(/{{id}})?", untold(f"{kind}.tenant_id")),
    )
    add(f"{kind}-not-listed", f"a {kind} is not listed", L2, at("GET", f"/{kind}s", told(f"{kind}s", [])))
    add(
        f"{kind}-listed-otherwise",
        f"a {kind} is listed by another name",
        L2,
        at("GET", f"/{kind}s", told(f"{kind}s.*.name", "name")),
    )
    add(
        f"{kind}-unknown-400",
        f"a {kind} that does not exist is a bad request",
        L2,
        at("GET|PUT|DELETE", f"/{kind}s/{{id}}", status(404, 400)),
    )
    add(
        f"{kind}-bulk-in-part",
        f"bulk creation of {kind}s tells the first one only",
        L2,
        at("POST", f"/{kind}s", told(f"{kind}s", lambda all: all[:1])),
    )
    add(
        f"{kind}-description-lost",
        f"a {kind} has no description",
        L2,
        at("POST|PUT", f"/{kind}s(/{{id}})?", without_json(f"{kind}.description")),
    )
for name in ("shared", "subnets", "mtu", "admin_state_up", "router:external"):
    add(
        f"network-without-{name.replace('_', '-').replace(':', '-')}",
        f"a network does not show `{name}`",
        L2,
        at("GET", "/networks/{id}", untold(f"network.{name}")),
    )
add(
    "network-shared",
    "a network is told as shared",
    L2,
    at("GET|POST", "/networks(/{id})?", told("network.shared", True)),
)
add(
    "network-without-its-subnets",
    "a network does not name its subnets",
    L2,
    at("GET", "/networks/{id}", told("network.subnets", [])),
)
add(
    "network-stays-up",
    "a network stays up though it was to be down",
    L2,
    at("PUT", "/networks/{id}", without_json("network.admin_state_up")),
)
add(
    "network-fault-code",
    "an error says another type",
    L2,
    at("GET|PUT|DELETE", "/networks/{id}", told("NeutronError.type", "Error", on=(404,))),
)
add(
    "limit-off-by-one",
    "a page has one network too many",
    L2,
    at("GET", "/(networks|subnets|ports)", with_query("limit", more(1))),
)
add(
    "marker-ignored",
    "each page of networks is the first one",
    L2,
    at("GET", "/(networks|subnets|ports)", without_query("marker")),
)
add(
    "reverse-ignored",
    "pages are never read backwards",
    L2,
    at("GET", "/(networks|subnets|ports)", without_query("page_reverse")),
)
add(
    "quota-not-shown",
    "a quota does not tell the networks",
    L2,
    at("GET", "/quotas/{id}(/default|/details)?", untold("quota.network")),
)
for name in ("ip_version", "cidr", "allocation_pools", "network_id", "dns_nameservers", "gateway_ip"):
    add(
        f"subnet-without-{name.replace('_', '-')}",
        f"a subnet does not show `{name}`",
        L2,
        at("GET", "/subnets/{id}", untold(f"subnet.{name}")),
    )
add(
    "subnet-pools-kept",
    "allocation pools cannot be changed",
    L2,
    at("PUT", "/subnets/{id}", without_json("subnet.allocation_pools")),
)
add(
    "subnet-routes-kept",
    "host routes cannot be changed",
    L2,
    at("PUT", "/subnets/{id}", without_json("subnet.host_routes", "subnet.dns_nameservers")),
)
add("subnet-dhcp-kept", "DHCP cannot be switched", L2, at("PUT", "/subnets/{id}", without_json("subnet.enable_dhcp")))
add(
    "subnet-on-nothing",
    "a subnet of a network that does not exist is a bad request",
    L2,
    at("POST", SUBNETS, status(404, 400)),
)
add("subnet-stays", "a deleted subnet stays", L2, at("DELETE", "/subnets/{id}", respond(204)))
add(
    "subnet-version-as-text",
    "the IP version of a subnet is a string",
    L2,
    at("GET", "/subnets/{id}", told("subnet.ip_version", str)),
)
for name in ("network_id", "fixed_ips", "security_groups", "status", "device_id", "device_owner", "admin_state_up"):
    add(
        f"port-without-{name.replace('_', '-')}",
        f"a port does not show `{name}`",
        L2,
        at("GET", "/ports/{id}", untold(f"port.{name}")),
    )
add("port-address-missing", "a port shows no address", L2, at("GET", "/ports/{id}", told("port.fixed_ips", [])))
add(
    "port-of-other-network", "a port shows another network", L2, at("GET", "/ports/{id}", told("port.network_id", NONE))
)
add(
    "port-pairs-lost",
    "a port loses the further addresses that it may use",
    L2,
    at("POST", PORTS, without_json("port.allowed_address_pairs")),
)
add("port-security-on", "a port is always secured", L2, at("POST", PORTS, without_json("port.port_security_enabled")))
add(
    "port-security-off",
    "port security is reported as off in spite of groups",
    L2,
    at("PUT", "/ports/{id}", status(409, 200)),
)
add(
    "port-mac-ignored",
    "a MAC address that is asked for is not given",
    L2,
    at("POST", PORTS, without_json("port.mac_address")),
)
add(
    "port-filter-ignored",
    "lists of ports are not filtered",
    L2,
    at("GET", PORTS, without_query("network_id", "fixed_ips", "mac_address", "name", "device_owner", "admin_state_up")),
)
add(
    "subnet-filter-ignored",
    "lists of subnets are not filtered",
    L2,
    at("GET", SUBNETS, without_query("name", "cidr", "network_id", "gateway_ip", "ip_version", "enable_dhcp")),
)
add(
    "port-rename-ignored", "a port's new name is told and not stored", L2, at("PUT", "/ports/{id}", acknowledge("port"))
)
add(
    "subnet-rename-ignored",
    "a subnet's new name is told and not stored",
    L2,
    at("PUT", "/subnets/{id}", acknowledge("subnet")),
)
add(
    "foreign-port-shown",
    "a port of another project is shown",
    L2,
    at("POST", PORTS, note_owner()),
    at("GET", "/ports/{id}", as_owner()),
)
add(
    "foreign-subnet-deleted",
    "a subnet of another project is deleted",
    L2,
    at("POST", SUBNETS, note_owner()),
    at("DELETE", "/subnets/{id}", as_owner()),
)
add(
    "foreign-network-changed",
    "a network of another project is changed",
    L2,
    at("POST", "/networks", note_owner()),
    at("PUT", "/networks/{id}", as_owner()),
)
add(
    "tags-replaced-merge",
    "tags that are put are added to the others",
    L2,
    at("PUT", "/networks/{id}/tags", lambda call: _merged_tags(call)),
)
add(
    "tags-not-set",
    "tags are told and not stored",
    L2,
    at("PUT", "/networks/{id}/tags", respond(200, lambda call: call.document)),
)
add("tag-status-200", "adding a tag is answered with 200", L2, at("PUT", "/networks/{id}/tags/{id}", status(201, 200)))


async def _merged_tags(call: Call) -> Reply:
    before = await call.beside(call.path).forward()
    document = call.document
    if before.good and isinstance(document, dict) and "tags" in document:
        document["tags"] = [*dict.fromkeys([*before.document["tags"], *document["tags"]])]
        call.document = document
    return await call.forward()
