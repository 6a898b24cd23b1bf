"""Networks are created, shown, listed, changed and deleted."""

from __future__ import annotations

import pytest

from defcore.suite.support.network import Net, same
from defcore.suite.support.network_schemas import exactly, one

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-ref/network/v2/#networks")


@pytest.mark.uuid("bc454534-6cc9-4a04-a3d6-0f92402b2855")
@pytest.mark.covers("0e269138-0da6-4efc-a46d-578161e7b221")
def test_network_and_subnet_lifecycle(net: Net) -> None:
    """A network and its subnet can be created, renamed and deleted; a new network is ACTIVE."""
    name = net.resources.name("network")
    network = net.created("network", name=name)
    assert network["status"] == "ACTIVE", f"a new network is {network['status']}, not ACTIVE"
    net.updated("network", network["id"], name=f"{name}-renamed")
    subnet = net.created(
        "subnet",
        name=net.resources.name("subnet"),
        network_id=network["id"],
        ip_version=4,
        cidr="10.80.0.0/28",
        gateway_ip="10.80.0.1",
    )
    net.updated("subnet", subnet["id"], name=f"{subnet['name']}-renamed")
    net.deleted("network", network["id"])


@pytest.mark.uuid("369e51b2-71b4-4d0f-abe3-c7535047971b")
@pytest.mark.covers("2bf13842-c93f-4a69-83ed-717d2ec3b44e")
def test_network_is_shown_as_created(net: Net) -> None:
    """A network is shown with the id and the name that its creation told, and is administratively up."""
    network = net.network()
    answer = net.show("network", network["id"]).expect(200)
    expected = {"id": network["id"], "name": network["name"], "admin_state_up": True}
    same(answer, net.taken("network", answer), expected)


def _fields(net: Net) -> tuple[str, ...]:
    """id and name, and mtu where networks have one."""
    return ("id", "name", "mtu") if "net-mtu" in net.extensions() else ("id", "name")


@pytest.mark.uuid("841f23a2-688e-45bc-90db-aa129c65337e")
@pytest.mark.covers("867819bb-c4b6-45f7-acf9-90edcf70aa5e")
def test_network_shows_only_the_fields_asked_for(net: Net) -> None:
    """Of a network, exactly the fields asked for are shown, with the values of the network."""
    network = net.network()
    fields = _fields(net)
    answer = net.api.get(net.path("network", network["id"]), params=[("fields", field) for field in fields])
    answer.expect(200).check(one("network", exactly(*fields)))
    same(answer, answer.json["network"], {field: network[field] for field in fields})


@pytest.mark.uuid("2055145c-e30c-43f2-aaf1-55269be66c97")
@pytest.mark.covers("f7ffdeda-e200-4a7a-bcbe-05716e86bf43")
def test_network_is_listed(net: Net) -> None:
    """A new network is in the list of networks, under its id and name."""
    network = net.network()
    found = [one for one in net.listed("network") if one["id"] == network["id"]]
    assert [one["name"] for one in found] == [network["name"]], (
        f"expected network {network['id']} {network['name']!r} once in the list, seen {found}"
    )


@pytest.mark.uuid("883c2522-5ee6-4869-94ef-27993db317d4")
@pytest.mark.covers("6ae6d24f-9194-4869-9c85-c313cb20e080")
def test_networks_are_listed_with_only_the_fields_asked_for(net: Net) -> None:
    """The list of networks holds exactly the fields asked for, with the values of the network."""
    network = net.network()
    fields = _fields(net)
    listed = net.selected("network", *fields)
    for one_ in listed:
        assert set(one_) == set(fields), f"asked for {sorted(fields)}, seen {sorted(one_)}"
    expected = {field: network[field] for field in fields}
    assert expected in listed, f"the list does not hold {expected}"


@pytest.mark.uuid("03ec8db8-4696-44f7-a061-e23a5e84f2bb")
@pytest.mark.covers("f04f61a9-b7f3-4194-90b2-9bcf660d1bfe")
def test_network_is_deleted_with_its_subnet(net: Net) -> None:
    """A network that nothing uses is deleted together with its subnets."""
    network = net.network()
    subnet = net.subnet(network)
    net.show("subnet", subnet["id"]).setup(200)
    net.delete("network", network["id"]).expect(204)
    net.show("network", network["id"]).expect(404, because="the network was deleted")
    net.show("subnet", subnet["id"]).expect(404, because="the subnet's network was deleted")
    listed = [one["id"] for one in net.listed("subnet", network_id=network["id"])]
    assert subnet["id"] not in listed, f"subnet {subnet['id']} of a deleted network is listed"
