"""Ports are created, shown, listed, changed and deleted."""

from __future__ import annotations

from ipaddress import IPv4Address

import pytest

from defcore.suite.support.network import Net, same
from defcore.suite.support.network_schemas import PORT, exactly, many, one

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-ref/network/v2/#ports")

MOVING = frozenset({"created_at", "updated_at", "extra_dhcp_opts", "revision_number"})
"""What may differ between a port's creation and its being shown: the cloud may still be working on it."""


@pytest.mark.uuid("301fb6fe-edb1-4fc8-9dcf-4901485c64aa")
@pytest.mark.covers("c72c1c0c-2193-4aca-aaa4-b1442640f51c")
def test_port_lifecycle(net: Net) -> None:
    """A port is created up, can be renamed and set down, and is neither shown nor listed once deleted."""
    network = net.network()
    port = net.created("port", network_id=network["id"], name=net.resources.name("port"))
    assert port["admin_state_up"] is True, "a new port is not administratively up"
    net.updated("port", port["id"], name=f"{port['name']}-renamed", admin_state_up=False)
    net.deleted("port", port["id"])


@pytest.mark.uuid("b49676d4-8c6d-438b-a9f4-54decc0c91b8")
@pytest.mark.covers("67f1b811-f8db-43e2-86bd-72c074d4a42c")
@pytest.mark.reference("https://docs.openstack.org/api-ref/network/v2/#bulk-create-ports")
def test_ports_are_created_in_bulk(net: Net) -> None:
    """One request creates several ports, which are told in the order asked for and are up."""
    networks = [net.network()["id"], net.network()["id"]]
    names = [net.resources.name("port"), net.resources.name("port")]
    answer = net.resources.create_several(
        net.api,
        "port",
        "/v2.0/ports",
        collection="ports",
        names=names,
        json={"ports": [{"network_id": id, "name": name} for id, name in zip(networks, names, strict=True)]},
    )
    ports = answer.expect(201).check(many("ports", PORT)).json["ports"]
    assert [port["network_id"] for port in ports] == networks, f"{answer.where}: other networks than asked for"
    assert [port["name"] for port in ports] == names, f"{answer.where}: other names than asked for"
    assert all(port["admin_state_up"] is True for port in ports), f"{answer.where}: a new port is not up"
    for port in ports:
        shown = net.show("port", port["id"]).expect(200)
        same(shown, net.taken("port", shown), {"network_id": port["network_id"], "name": port["name"]})


@pytest.mark.uuid("d03addb7-4a4e-465c-a64c-430a7a8a7a9b")
@pytest.mark.covers("0435f278-40ae-48cb-a404-b8a087bc09b1")
def test_port_address_is_in_the_allocation_pool(net: Net) -> None:
    """A port that asks for no address gets one of the subnet's allocation pool."""
    network = net.network()
    # Not at the beginning of the subnet, so that a cloud which ignores the pool gives an address outside it.
    first, last = "10.80.0.20", "10.80.0.29"
    subnet = net.subnet(network, cidr="10.80.0.0/24", allocation_pools=[{"start": first, "end": last}])
    port = net.created("port", network_id=network["id"])
    fixed = port["fixed_ips"]
    assert fixed, f"port {port['id']} got no address of subnet {subnet['id']}"
    for one_ in fixed:
        assert one_["subnet_id"] == subnet["id"], f"address of subnet {one_['subnet_id']}, not {subnet['id']}"
        address = IPv4Address(one_["ip_address"])
        assert IPv4Address(first) <= address <= IPv4Address(last), f"{address} is not in the pool {first} to {last}"
    net.deleted("port", port["id"])


@pytest.mark.uuid("6a945f3d-6305-4879-b84e-f8e9c951ac8e")
@pytest.mark.covers("c9a685bd-e83f-499c-939f-9f7863ca259f")
def test_port_is_shown_as_created(net: Net) -> None:
    """A port is shown with the attributes and values that its creation told."""
    network = net.network()
    net.subnet(network)
    port = net.port(network)
    answer = net.show("port", port["id"]).expect(200)
    shown = net.taken("port", answer)
    assert set(shown) - MOVING == set(port) - MOVING, (
        f"{answer.where}: creation told {sorted(set(port))}, shown are {sorted(set(shown))}"
    )
    same(answer, shown, {name: value for name, value in port.items() if name not in MOVING})


@pytest.mark.uuid("67a36e25-f5c8-41f3-bdbf-a30a6fc84a3a")
@pytest.mark.covers("45fcdaf2-dab0-4c13-ac6c-fcddfb579dbd")
def test_port_shows_only_the_fields_asked_for(net: Net) -> None:
    """Of a port, exactly the fields asked for are shown, with the values of the port."""
    port = net.port(net.network())
    answer = net.api.get(net.path("port", port["id"]), params=[("fields", "id"), ("fields", "mac_address")])
    answer.expect(200).check(one("port", exactly("id", "mac_address")))
    same(answer, answer.json["port"], {"id": port["id"], "mac_address": port["mac_address"]})


@pytest.mark.uuid("128f13d3-4078-4c6e-b2a8-cd873fe1f289")
@pytest.mark.covers("cf95b358-3e92-4a29-a148-52445e1ac50e")
def test_port_is_listed(net: Net) -> None:
    """A new port is in the list of ports, under its id, network and MAC address."""
    port = net.port(net.network())
    found = [one for one in net.listed("port") if one["id"] == port["id"]]
    assert [(one["network_id"], one["mac_address"]) for one in found] == [(port["network_id"], port["mac_address"])], (
        f"expected port {port['id']} with MAC {port['mac_address']} once in the list, seen {found}"
    )


@pytest.mark.uuid("c02426d1-3266-4e47-a314-42251084e678")
@pytest.mark.covers("ff7f117f-f034-4e0e-abff-ccef05c454b4")
def test_ports_are_listed_with_only_the_fields_asked_for(net: Net) -> None:
    """The list of ports holds exactly the fields asked for, with the values of the port."""
    port = net.port(net.network())
    listed = net.selected("port", "id", "mac_address")
    for one_ in listed:
        assert set(one_) == {"id", "mac_address"}, f"asked for id and mac_address, seen {sorted(one_)}"
    expected = {"id": port["id"], "mac_address": port["mac_address"]}
    assert expected in listed, f"the list does not hold {expected}"


def _changes_groups_and_address(net: Net, count: int) -> None:
    """A port that moves to another subnet and to this many other groups, in one request."""
    groups = [net.group()["id"] for _ in range(count + 1)]
    network = net.network()
    subnets = [net.subnet(network, cidr="10.80.0.0/24")["id"], net.subnet(network, cidr="10.80.1.0/24")["id"]]
    port = net.port(network, security_groups=groups[:1], fixed_ips=[{"subnet_id": subnets[0]}], admin_state_up=True)
    answer = net.update(
        "port",
        port["id"],
        name=f"{port['name']}-renamed",
        admin_state_up=False,
        fixed_ips=[{"subnet_id": subnets[1]}],
        security_groups=groups[1:],
    ).expect(200)
    for seen in (answer, net.show("port", port["id"]).expect(200)):
        body = net.taken("port", seen)
        expected = {"name": f"{port['name']}-renamed", "admin_state_up": False, "security_groups": groups[1:]}
        same(seen, body, expected)
        used = [one["subnet_id"] for one in body["fixed_ips"]]
        assert used == [subnets[1]], f"{seen.where}: expected an address of subnet {subnets[1]}, seen {used}"


@pytest.mark.uuid("4f7f365b-852a-44dd-bacd-c43267a2b962")
@pytest.mark.covers("58091b66-4ff4-4cc1-a549-05d60c7acd1a")
def test_port_moves_to_another_group_and_subnet(net: Net) -> None:
    """Name, state, subnet and the security group of a port can be changed in one request."""
    _changes_groups_and_address(net, 1)


@pytest.mark.uuid("22435f7e-1c0d-4f4e-a495-57dd95d147d8")
@pytest.mark.covers("edf6766d-3d40-4621-bc6e-2521a44c257d")
def test_port_moves_to_two_groups_and_another_subnet(net: Net) -> None:
    """Name, state and subnet of a port can be changed in one request that gives it two security groups."""
    _changes_groups_and_address(net, 2)
