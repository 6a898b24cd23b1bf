"""What users say about networks, subnets, ports and rules is kept, and what they change is changed."""

from __future__ import annotations

import pytest

from defcore.suite.support.network import NOBODY, Net

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-ref/network/v2/#standard-attributes-description")


@pytest.mark.uuid("36201372-0dd1-4625-83e2-36b6a72ab711")
def test_descriptions_are_kept(net: Net) -> None:
    """A network, a subnet and a port keep the description that they are created with, and the one that they get."""
    net.require("standard-attr-description")
    network = net.created("network", description="first, with ünïcödé")
    subnet = net.created("subnet", network_id=network["id"], cidr="10.95.0.0/24", ip_version=4, description="second")
    port = net.created("port", network_id=network["id"], description="third")
    for kind, made in (("network", network), ("subnet", subnet), ("port", port)):
        shown = net.shown(kind, made["id"])
        assert shown["description"] == made["description"], f"{kind} {made['id']}: {shown['description']!r} is shown"
        net.updated(kind, made["id"], description="another one")


@pytest.mark.uuid("481cb354-b8fc-4672-a732-0a7ddecf2180")
@pytest.mark.reference("https://docs.openstack.org/api-ref/network/v2/#update-network")
def test_network_is_set_down_and_up(net: Net) -> None:
    """A network that is set down administratively is so until it is set up again; nothing else changes."""
    before = net.shown("network", net.network()["id"])
    for up in (False, True):
        net.updated("network", before["id"], admin_state_up=up)
    after = net.shown("network", before["id"])
    names = ("name", "description", "shared", "subnets", "mtu", "project_id")
    changed = {name: (before.get(name), after.get(name)) for name in names if before.get(name) != after.get(name)}
    assert not changed, f"network {before['id']}: changed besides: {changed}"


@pytest.mark.uuid("40d51216-1568-4878-b496-0c2caa5bf8d0")
@pytest.mark.reference("https://docs.openstack.org/api-ref/network/v2/#update-subnet")
def test_allocation_pools_are_changed(net: Net) -> None:
    """The allocation pools of a subnet can be changed, and a port created then has an address of the new pool."""
    network = net.network()
    # Without DHCP, whose ports may take what little there is in the new pool.
    subnet = net.subnet(network, cidr="10.96.0.0/24", enable_dhcp=False)
    net.updated("subnet", subnet["id"], allocation_pools=[{"start": "10.96.0.100", "end": "10.96.0.101"}])
    port = net.created("port", network_id=network["id"])
    address = port["fixed_ips"][0]["ip_address"]
    assert address in ("10.96.0.100", "10.96.0.101"), f"port {port['id']}: {address} is not of the changed pool"


@pytest.mark.uuid("56144c6f-7053-4a68-9ab5-097a3a620be9")
@pytest.mark.reference("https://docs.openstack.org/api-ref/network/v2/#create-subnet")
def test_nothing_is_made_on_an_unknown_network(net: Net) -> None:
    """Neither a subnet nor a port is created on a network that does not exist: 404."""
    net.create("subnet", network_id=NOBODY, cidr="10.97.0.0/24", ip_version=4).expect(404)
    net.create("port", network_id=NOBODY).expect(404)


@pytest.mark.uuid("1d950619-f520-4e4b-9a6c-86684007073c")
def test_description_of_a_rule_is_kept(net: Net) -> None:
    """A rule of a security group keeps the description that it is created with."""
    net.require("standard-attr-description")
    about = {"direction": "ingress", "ethertype": "IPv4", "protocol": "tcp", "description": "for the rule"}
    rule = net.created("security_group_rule", security_group_id=net.group()["id"], **about)
    seen = net.shown("security_group_rule", rule["id"])["description"]
    assert seen == about["description"], f"rule {rule['id']}: expected {about['description']!r}, seen {seen!r}"
