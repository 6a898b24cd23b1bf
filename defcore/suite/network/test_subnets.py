"""Subnets are created with the attributes asked for, shown, listed and changed."""

from __future__ import annotations

from typing import Any

import pytest

from defcore.suite.support.network import Body, Net, same
from defcore.suite.support.network_schemas import exactly, one

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-ref/network/v2/#subnets")

CIDR = "10.80.0.0/28"
GATEWAY = "10.80.0.1"
POOLS = [{"start": "10.80.0.3", "end": "10.80.0.7"}]
ROUTES = [{"destination": "10.20.0.0/32", "nexthop": "10.80.0.1"}]
NAMESERVERS = ["8.8.4.4", "8.8.8.8"]


def _kept(net: Net, **asked: Any) -> Body:
    """Create a subnet, which must keep what was asked for, then remove it with its network."""
    network = net.network()
    subnet = net.created("subnet", network_id=network["id"], ip_version=4, cidr=CIDR, **asked)
    answer = net.show("subnet", subnet["id"]).expect(200)
    same(answer, net.taken("subnet", answer), asked | {"cidr": CIDR, "network_id": network["id"], "ip_version": 4})
    net.delete("network", network["id"]).expect(204)
    net.show("subnet", subnet["id"]).expect(404, because="the subnet's network was deleted")
    return subnet


@pytest.mark.uuid("c9ebafb1-1c83-44ad-9958-eda28cf6d4ec")
@pytest.mark.covers("bd635d81-6030-4dd1-b3b9-31ba0cfdf6cc")
def test_subnet_is_shown_as_created(net: Net) -> None:
    """A subnet is shown with the id, network, CIDR and name that its creation told."""
    subnet = net.subnet(net.network())
    answer = net.show("subnet", subnet["id"]).expect(200)
    expected = {name: subnet[name] for name in ("id", "network_id", "cidr", "name", "gateway_ip")}
    same(answer, net.taken("subnet", answer), expected)


@pytest.mark.uuid("1bb71f15-8cca-425c-a10d-6130c03334d5")
@pytest.mark.covers("270fff0b-8bfc-411f-a184-1e8fd35286f0")
def test_subnet_shows_only_the_fields_asked_for(net: Net) -> None:
    """Of a subnet, exactly the fields asked for are shown, with the values of the subnet."""
    subnet = net.subnet(net.network())
    answer = net.api.get(net.path("subnet", subnet["id"]), params=[("fields", "id"), ("fields", "network_id")])
    answer.expect(200).check(one("subnet", exactly("id", "network_id")))
    same(answer, answer.json["subnet"], {"id": subnet["id"], "network_id": subnet["network_id"]})


@pytest.mark.uuid("c0c3678b-c699-44af-b134-afe4a20b6bc2")
@pytest.mark.covers("db68ba48-f4ea-49e9-81d1-e367f6d0b20a")
def test_subnet_is_listed(net: Net) -> None:
    """A new subnet is in the list of subnets, under its id, network and CIDR."""
    subnet = net.subnet(net.network())
    found = [one for one in net.listed("subnet") if one["id"] == subnet["id"]]
    assert [(one["network_id"], one["cidr"]) for one in found] == [(subnet["network_id"], subnet["cidr"])], (
        f"expected subnet {subnet['id']} of network {subnet['network_id']} once in the list, seen {found}"
    )


@pytest.mark.uuid("af0bfe3a-278d-43fd-8ada-b74b9f4aaff2")
@pytest.mark.covers("842589e3-9663-46b0-85e4-7f01273b0412")
def test_subnets_are_listed_with_only_the_fields_asked_for(net: Net) -> None:
    """The list of subnets holds exactly the fields asked for, with the values of the subnet."""
    subnet = net.subnet(net.network())
    listed = net.selected("subnet", "id", "network_id")
    for one_ in listed:
        assert set(one_) == {"id", "network_id"}, f"asked for id and network_id, seen {sorted(one_)}"
    expected = {"id": subnet["id"], "network_id": subnet["network_id"]}
    assert expected in listed, f"the list does not hold {expected}"


@pytest.mark.uuid("82b98ea9-1160-4e1d-a474-04204cf0db7a")
@pytest.mark.covers("d2d596e2-8e76-47a9-ac51-d4648009f4d3")
def test_subnet_without_gateway(net: Net) -> None:
    """A subnet that is created with the gateway null has none."""
    _kept(net, gateway_ip=None)


@pytest.mark.uuid("73d794c3-0497-4ede-b406-0ff8d8402ee1")
@pytest.mark.covers("9393b468-186d-496d-aa36-732348cd76e7")
def test_subnet_with_gateway(net: Net) -> None:
    """A subnet has the gateway that it is created with."""
    _kept(net, gateway_ip=GATEWAY)


@pytest.mark.uuid("8a2c6786-b0cb-483a-9b9f-f06a36f2d93d")
@pytest.mark.covers("bec949c4-3147-4ba6-af5f-cd2306118404")
def test_subnet_with_allocation_pools(net: Net) -> None:
    """A subnet without gateway has exactly the allocation pools that it is created with."""
    _kept(net, gateway_ip=None, allocation_pools=POOLS)


@pytest.mark.uuid("b0e4d4c7-c219-40b9-b099-348c0a3350f2")
@pytest.mark.covers("8217a149-0c6c-4cfb-93db-0486f707d13f")
def test_subnet_with_gateway_and_allocation_pools(net: Net) -> None:
    """A subnet has the gateway and exactly the allocation pools that it is created with."""
    _kept(net, gateway_ip=GATEWAY, allocation_pools=POOLS)


@pytest.mark.uuid("d67931c0-7eea-4744-bd7e-1993415b53fa")
@pytest.mark.covers("d830de0a-be47-468f-8f02-1fd996118289")
def test_subnet_with_host_routes_and_nameservers(net: Net) -> None:
    """A subnet has the host routes and the name servers that it is created with."""
    _kept(net, gateway_ip=None, host_routes=ROUTES, dns_nameservers=NAMESERVERS)


@pytest.mark.uuid("27d652e0-2ed9-40f8-ac3e-3e00fd973e02")
@pytest.mark.covers("94ce038d-ff0a-4a4c-a56b-09da3ca0b55d")
def test_subnet_with_dhcp(net: Net) -> None:
    """A subnet that is created with DHCP enabled has it enabled."""
    _kept(net, gateway_ip=None, enable_dhcp=True)


@pytest.mark.uuid("cdba57cd-ad1f-43fb-8ab9-f81aa089fcc1")
@pytest.mark.covers("a4d9ec4c-0306-4111-a75c-db01a709030b")
def test_subnet_with_all_attributes(net: Net) -> None:
    """A subnet keeps gateway, host routes, name servers and DHCP when they are given together."""
    _kept(net, enable_dhcp=True, gateway_ip=GATEWAY, host_routes=ROUTES, dns_nameservers=NAMESERVERS)


@pytest.mark.uuid("52615b83-b3ab-4326-ad04-6e48cd42526a")
@pytest.mark.covers("3d3852eb-3009-49ec-97ac-5ce83b73010a")
def test_subnet_attributes_are_changed(net: Net) -> None:
    """Name, gateway, host routes, name servers and DHCP of a subnet can be changed in one request."""
    subnet = net.subnet(
        net.network(),
        cidr=CIDR,
        gateway_ip=GATEWAY,
        allocation_pools=POOLS,
        host_routes=ROUTES,
        dns_nameservers=NAMESERVERS,
    )
    net.updated(
        "subnet",
        subnet["id"],
        name=f"{subnet['name']}-renamed",
        gateway_ip="10.80.0.2",
        host_routes=[{"destination": "10.20.0.0/32", "nexthop": "10.80.0.2"}],
        dns_nameservers=["7.8.8.8", "7.8.4.4"],
        enable_dhcp=True,
    )
