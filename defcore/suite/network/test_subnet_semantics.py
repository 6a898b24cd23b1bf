"""What the attributes of a subnet mean, and which values make no sense."""

from __future__ import annotations

from typing import Any

import pytest

from defcore.suite.support.network import Net, same

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-ref/network/v2/#create-subnet")


def _refused(net: Net, status: int, because: str, **asked: Any) -> None:
    """A subnet is refused, and the network has none."""
    network = net.network()
    net.create("subnet", network_id=network["id"], **{"ip_version": 4} | asked).expect(status, because=because)
    listed = [one["cidr"] for one in net.listed("subnet", network_id=network["id"])]
    assert not listed, f"the subnet was refused, but there is {listed}"


@pytest.mark.uuid("1ced2736-452c-47cb-a5de-dc24ff82c09e")
def test_subnet_without_dhcp(net: Net) -> None:
    """A subnet that is created without DHCP has none, in the answer and when it is shown."""
    network = net.network()
    subnet = net.created("subnet", network_id=network["id"], ip_version=4, cidr="10.80.0.0/24", enable_dhcp=False)
    answer = net.show("subnet", subnet["id"]).expect(200)
    same(answer, net.taken("subnet", answer), {"enable_dhcp": False})


@pytest.mark.uuid("a7fa9f53-62f9-43eb-b6b7-636440ead978")
@pytest.mark.reference("https://docs.openstack.org/api-ref/network/v2/#update-subnet")
def test_dhcp_is_switched_off_and_on(net: Net) -> None:
    """DHCP of a subnet can be switched off, and on again."""
    subnet = net.subnet(net.network())
    assert subnet["enable_dhcp"] is True, "a new subnet has no DHCP, though it was not asked to be without"
    net.updated("subnet", subnet["id"], enable_dhcp=False)
    net.updated("subnet", subnet["id"], enable_dhcp=True)


@pytest.mark.uuid("a5add88b-b655-4454-a838-72f23a41d731")
def test_gateway_is_the_first_address(net: Net) -> None:
    """A subnet for which no gateway is asked has the first address as its gateway, and gives the rest to ports."""
    network = net.network()
    subnet = net.created("subnet", network_id=network["id"], ip_version=4, cidr="10.80.0.0/24")
    assert subnet["gateway_ip"] == "10.80.0.1", f"expected gateway 10.80.0.1, seen {subnet['gateway_ip']}"
    pools = subnet["allocation_pools"]
    assert pools == [{"start": "10.80.0.2", "end": "10.80.0.254"}], f"seen allocation pools {pools}"


@pytest.mark.uuid("b741e85e-db71-4f38-b816-0f0c4a6399b6")
@pytest.mark.reference("https://docs.openstack.org/api-ref/network/v2/#update-subnet")
def test_gateway_is_taken_away(net: Net) -> None:
    """A subnet that gets the gateway null has none any more."""
    subnet = net.subnet(net.network(), gateway_ip="10.80.0.1")
    net.updated("subnet", subnet["id"], gateway_ip=None)


@pytest.mark.uuid("f16b2f66-70d5-4ec6-83ae-e32a7526161a")
def test_overlapping_subnet_of_the_network_is_refused(net: Net) -> None:
    """Two subnets of one network do not overlap: the second is refused with 400."""
    network = net.network()
    first = net.subnet(network, cidr="10.80.0.0/24")
    net.create("subnet", network_id=network["id"], ip_version=4, cidr="10.80.0.128/25").expect(
        400, because=f"subnet {first['id']} has 10.80.0.0/24"
    )
    listed = [one["cidr"] for one in net.listed("subnet", network_id=network["id"])]
    assert listed == ["10.80.0.0/24"], f"expected one subnet, seen {listed}"


@pytest.mark.uuid("2b46990b-1fe9-4964-bb84-021b1514c072")
def test_gateway_in_the_allocation_pool_is_refused(net: Net) -> None:
    """A gateway is not an address that ports may get: 409."""
    pool = [{"start": "10.80.0.2", "end": "10.80.0.20"}]
    because = "the gateway is in the allocation pool"
    _refused(net, 409, because, cidr="10.80.0.0/24", gateway_ip="10.80.0.10", allocation_pools=pool)


@pytest.mark.uuid("8fc6bcd1-eaa6-470c-9a26-a851f8bd8039")
def test_malformed_cidr_is_refused(net: Net) -> None:
    """A subnet whose CIDR is none is refused with 400."""
    _refused(net, 400, "there is no prefix of 33 bits", cidr="10.0.0.0/33")


@pytest.mark.uuid("d7ab68d6-4e75-4458-9b40-598da7f6cb12")
def test_cidr_of_the_other_ip_version_is_refused(net: Net) -> None:
    """A subnet of IPv6 with a CIDR of IPv4 is refused with 400."""
    _refused(net, 400, "the CIDR is of IPv4", cidr="10.80.0.0/24", ip_version=6)
