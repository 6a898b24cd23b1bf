"""An update touches what it names and nothing else; ports, routers and lists are what was asked for."""

from __future__ import annotations

from typing import Any

import pytest

from defcore.suite.support.network import NOBODY, Net

KEPT = (
    *("description", "admin_state_up", "shared", "network_id", "project_id", "mtu", "tags", "subnets"),
    *("cidr", "ip_version", "gateway_ip", "allocation_pools", "host_routes", "dns_nameservers", "enable_dhcp"),
    *("mac_address", "fixed_ips", "security_groups", "device_id", "allowed_address_pairs", "routes"),
)
"""What users decide about, of whichever kind; the cloud's own, such as a status, may change at any time."""


def renamed_alone(net: Net, kind: str, id: str) -> None:
    """A new name changes the name, and every other attribute stays."""
    before = net.shown(kind, id)
    net.updated(kind, id, name=net.resources.name("renamed"))
    after = net.shown(kind, id)
    changed = {name: (before.get(name), after.get(name)) for name in KEPT if before.get(name) != after.get(name)}
    assert not changed, f"{kind} {id}: a new name changed besides: {changed}"


@pytest.mark.uuid("fbc00fdd-5cc0-491b-8aa6-ce150ce1562a")
@pytest.mark.reference("https://docs.openstack.org/api-ref/network/v2/#update-subnet")
def test_new_name_changes_nothing_else(net: Net) -> None:
    """A new name of a network, a subnet, a port, a router or a security group changes none of its other attributes."""
    net.require("standard-attr-description", "router")
    network = net.network(description="kept")
    routes = [{"destination": "10.21.0.0/24", "nexthop": "10.98.0.9"}]
    about: dict[str, Any] = {"dns_nameservers": ["10.98.0.7"], "host_routes": routes, "description": "kept"}
    subnet = net.subnet(network, cidr="10.98.0.0/24", **about)
    group = net.group(description="kept")
    port = net.port(network, security_groups=[group["id"]], description="kept")
    router = net.router(description="kept", admin_state_up=False)
    for kind, one in (
        ("network", network),
        ("subnet", subnet),
        ("port", port),
        ("router", router),
        ("security_group", group),
    ):
        renamed_alone(net, kind, one["id"])


@pytest.mark.uuid("0b33b702-7fba-434e-9c9f-c629772e2ee9")
@pytest.mark.reference("https://docs.openstack.org/api-ref/network/v2/#list-networks")
def test_resources_are_listed_as_shown(net: Net) -> None:
    """Networks, subnets, ports, routers and security groups are listed with the attributes that they are shown with."""
    net.require("router")
    network = net.network()
    pools = [{"start": "10.98.0.20", "end": "10.98.0.30"}]
    about: dict[str, Any] = {"dns_nameservers": ["10.98.0.7"], "allocation_pools": pools}
    subnet = net.subnet(network, cidr="10.98.0.0/24", **about)
    group = net.group()
    port = net.port(network, security_groups=[group["id"]])
    made = {"network": network, "subnet": subnet, "port": port, "router": net.router(), "security_group": group}
    for kind, one in made.items():
        shown, listed = net.shown(kind, one["id"]), net.listed(kind, id=one["id"])
        assert [entry["id"] for entry in listed] == [one["id"]], (
            f"{kind} {one['id']}: the list under its id is {listed}"
        )
        differing = {
            name: (listed[0].get(name), shown[name])
            for name in ("name", *KEPT)
            if name in shown and listed[0].get(name) != shown[name]
        }
        assert not differing, f"{kind} {one['id']}: (listed, shown) differ: {differing}"


@pytest.mark.uuid("48af37af-a582-42c7-9815-99a633b7b083")
@pytest.mark.reference("https://docs.openstack.org/api-ref/network/v2/#create-port")
def test_port_is_as_it_was_chosen(net: Net) -> None:
    """A port has the MAC address, the fixed address and the device that were asked for, and is in the project's
    default security group if no group is named."""
    net.require("security-group")
    network = net.network()
    subnet = net.subnet(network, cidr="10.99.0.0/24")
    fixed = [{"subnet_id": subnet["id"], "ip_address": "10.99.0.77"}]
    chosen = {"mac_address": "fa:16:3e:00:0d:ef", "device_id": "defcore-device", "fixed_ips": fixed}
    made = net.created("port", network_id=network["id"], **chosen)
    shown = net.shown("port", made["id"])
    seen = {name: shown[name] for name in chosen}
    assert seen == chosen, f"port {made['id']}: expected {chosen}, seen {seen}"
    if shown.get("port_security_enabled") is False:  # where ports have no security, they have no groups
        return
    names = [net.shown("security_group", id)["name"] for id in shown["security_groups"]]
    assert names == ["default"], f"port {made['id']}: expected the group default, seen {names}"


@pytest.mark.uuid("24de60a9-2fd8-464f-9f11-5cf91a5b37ff")
@pytest.mark.reference("https://docs.openstack.org/api-ref/network/v2/#list-subnets")
def test_subnets_and_ports_are_filtered(net: Net) -> None:
    """Lists of subnets and of ports, filtered by an attribute, hold what matches and nothing else."""
    network, other = net.network(), net.network()
    first = net.subnet(network, cidr="10.101.0.0/24")
    second = net.subnet(network, cidr="10.101.1.0/24", enable_dhcp=False, gateway_ip="10.101.1.9")
    third = net.subnet(other, cidr="10.101.2.0/24")
    own = {first["id"], second["id"], third["id"]}
    for filters, expected in (
        ({"network_id": network["id"]}, {first["id"], second["id"]}),
        ({"cidr": "10.101.1.0/24"}, {second["id"]}),
        ({"gateway_ip": "10.101.1.9"}, {second["id"]}),
        ({"name": third["name"]}, {third["id"]}),
        ({"enable_dhcp": "False"}, {second["id"]}),
        ({"ip_version": 6}, set()),
    ):
        seen = {one["id"] for one in net.listed("subnet", **filters)} & own
        assert seen == expected, f"subnets with {filters}: expected {expected}, seen {seen}"
    here, there = net.port(network), net.port(other)
    own = {here["id"], there["id"]}
    for filters in (
        {"network_id": network["id"]},
        {"mac_address": here["mac_address"]},
        {"name": here["name"]},
        {"network_id": network["id"], "mac_address": here["mac_address"]},
    ):
        seen = {one["id"] for one in net.listed("port", **filters)} & own
        assert seen == {here["id"]}, f"ports with {filters}: expected {here['id']}, seen {seen}"


@pytest.mark.uuid("40d8a53c-0485-4637-ab19-0777791d5cdb")
@pytest.mark.reference("https://docs.openstack.org/api-ref/network/v2/#list-security-group-rules")
def test_rules_are_filtered(net: Net) -> None:
    """A list of rules, filtered by group, direction or protocol, holds what matches and nothing else."""
    group, other = net.group(), net.group()
    about = {"security_group_id": group["id"], "ethertype": "IPv4"}
    tcp = net.given("security_group_rule", direction="ingress", protocol="tcp", **about)
    udp = net.given("security_group_rule", direction="egress", protocol="udp", **about)
    far = net.given("security_group_rule", direction="ingress", protocol="tcp", security_group_id=other["id"])
    own = {one["id"] for one in (tcp, udp, far)}
    for filters, expected in (
        ({"security_group_id": group["id"]}, {tcp["id"], udp["id"]}),
        ({"security_group_id": group["id"], "direction": "egress"}, {udp["id"]}),
        ({"protocol": "tcp"}, {tcp["id"], far["id"]}),
    ):
        seen = {one["id"] for one in net.listed("security_group_rule", **filters)} & own
        assert seen == expected, f"rules with {filters}: expected {expected}, seen {seen}"


@pytest.mark.uuid("7e4521b6-f05f-4892-9310-772a817be9b6")
@pytest.mark.reference("https://docs.openstack.org/api-ref/network/v2/#delete-network")
def test_what_is_not_there_is_not_deleted(net: Net) -> None:
    """To delete a network, a subnet, a port or a rule that does not exist is answered with 404."""
    for kind in ("network", "subnet", "port", "security_group_rule"):
        net.delete(kind, NOBODY).expect(404, because=f"there is no such {kind}")


@pytest.mark.uuid("56354abe-08dc-4a6d-a4b9-74b4a276104b")
@pytest.mark.reference("https://docs.openstack.org/api-ref/network/v2/#update-router")
def test_routes_are_replaced(net: Net) -> None:
    """Extra routes that a router gets replace those that it had; its interface says that it is a router's, and what
    is no interface of it cannot be taken off."""
    net.require("router", "extraroute")
    network = net.network()
    subnet = net.subnet(network, cidr="10.102.0.0/24")
    router = net.router(description="kept")
    assert net.shown("router", router["id"])["description"] == "kept", f"router {router['id']}: lost its description"
    port = net.attach(router, subnet_id=subnet["id"]).setup(200).json["port_id"]
    owner = net.shown("port", port)["device_owner"]
    assert owner.startswith("network:"), f"port {port}: expected network:..., seen the device_owner {owner!r}"
    for destination in ("10.103.0.0/24", "10.104.0.0/24"):
        net.updated("router", router["id"], routes=[{"destination": destination, "nexthop": "10.102.0.9"}])
    net.updated("router", router["id"], routes=[])
    stranger = net.subnet(network, cidr="10.105.0.0/24")
    net.detach(router, subnet_id=stranger["id"]).expect(404, 409, because="the router has no interface there")


@pytest.mark.uuid("190d1679-db0a-4b18-a782-689196e9cb85")
@pytest.mark.needs("external_network")
@pytest.mark.reference("https://docs.openstack.org/api-ref/network/v2/#create-floating-ip")
def test_floating_ip_keeps_its_description(net: Net, external_network: str) -> None:
    """A floating IP keeps the description that it is created with, also when it is associated with a port."""
    net.require("standard-attr-description")
    network, _, _ = net.behind_router(external_network, cidr="10.106.0.0/24")
    port = net.port(network)
    kept = net.resources.name("kept")
    floating = net.created("floating_ip", floating_network_id=external_network, description=kept)
    net.updated("floating_ip", floating["id"], port_id=port["id"])
    seen = net.shown("floating_ip", floating["id"])["description"]
    assert seen == kept, f"floating IP {floating['id']}: expected the description {kept!r}, seen {seen!r}"
    found = [one["id"] for one in net.listed("floating_ip", port_id=port["id"])]
    assert found == [floating["id"]], f"floating IPs of port {port['id']}: expected {floating['id']}, seen {found}"


@pytest.mark.uuid("199d682a-b5d9-4d23-9694-eb8002c7a375")
@pytest.mark.reference("https://docs.openstack.org/api-ref/network/v2/#update-subnet-pool")
def test_pool_grows(net: Net) -> None:
    """A subnet pool gets a further prefix, and keeps the one that it has."""
    pool = net.given("subnet_pool", prefixes=["10.107.0.0/24"])
    net.updated("subnet_pool", pool["id"], prefixes=["10.107.0.0/24", "10.109.0.0/24"])
