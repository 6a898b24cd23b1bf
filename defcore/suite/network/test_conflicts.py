"""What is in use is not deleted, and what is taken is not given again."""

from __future__ import annotations

import pytest

from defcore.suite.support.network import Net

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-ref/network/v2/#delete-network")


@pytest.mark.uuid("94506cb8-eb09-4050-af24-ccf15955834f")
def test_network_with_a_port_is_not_deleted(net: Net) -> None:
    """A network that has a port of a user is not deleted: 409, and network, subnet and port are still there."""
    network = net.network()
    subnet, port = net.subnet(network), net.port(network)
    net.delete("network", network["id"]).expect(409, because=f"it has the port {port['id']}")
    net.shown("network", network["id"])
    net.shown("subnet", subnet["id"])
    net.shown("port", port["id"])


@pytest.mark.uuid("46f4394a-53e1-4c44-bea0-9e5a3c35cb61")
@pytest.mark.reference("https://docs.openstack.org/api-ref/network/v2/#delete-subnet")
def test_subnet_with_a_port_is_not_deleted(net: Net) -> None:
    """A subnet one of whose addresses a port has is not deleted: 409, and both are still there."""
    network = net.network()
    subnet, port = net.subnet(network), net.port(network)
    net.delete("subnet", subnet["id"]).expect(409, because=f"port {port['id']} has an address of it")
    net.shown("subnet", subnet["id"])
    used = [one["subnet_id"] for one in net.shown("port", port["id"])["fixed_ips"]]
    assert used == [subnet["id"]], f"port {port['id']} has addresses of {used}, not of {subnet['id']}"


@pytest.mark.uuid("e22becc7-29ec-430f-adf3-4b96d9cd9675")
@pytest.mark.reference("https://docs.openstack.org/api-ref/network/v2/#delete-security-group")
def test_group_in_use_is_not_deleted(net: Net) -> None:
    """A security group that a port has is not deleted: 409, and the port still has it."""
    group = net.group()
    port = net.port(net.network(), security_groups=[group["id"]])
    net.delete("security_group", group["id"]).expect(409, because=f"port {port['id']} has it")
    net.shown("security_group", group["id"])
    groups = net.shown("port", port["id"])["security_groups"]
    assert groups == [group["id"]], f"port {port['id']} has groups {groups}, not {group['id']}"


@pytest.mark.uuid("1797a154-72c8-4534-8995-8297462c4ebe")
@pytest.mark.reference("https://docs.openstack.org/api-ref/network/v2/#delete-port")
def test_interface_of_a_router_is_not_deleted_as_a_port(net: Net) -> None:
    """The port of a router's interface is not deleted by itself: 409, and the router still has it."""
    router, subnet = net.router(), net.subnet(net.network())
    port_id = net.attach(router, subnet_id=subnet["id"]).setup(200).json["port_id"]
    net.delete("port", port_id).expect(409, because=f"it is an interface of router {router['id']}")
    device = net.shown("port", port_id)["device_id"]
    assert device == router["id"], f"port {port_id} belongs to {device}, not to router {router['id']}"


@pytest.mark.uuid("e79e8b6b-9181-47c0-abe5-76ea79820f68")
@pytest.mark.reference("https://docs.openstack.org/api-ref/network/v2/#create-port")
def test_address_in_use_is_not_given_again(net: Net) -> None:
    """An address that a port has is not given to a second one: 409."""
    network = net.network()
    subnet = net.subnet(network, cidr="10.80.0.0/24", enable_dhcp=False)  # whose port may have any address
    address = [{"subnet_id": subnet["id"], "ip_address": "10.80.0.77"}]
    first = net.created("port", network_id=network["id"], fixed_ips=address)
    net.create("port", network_id=network["id"], fixed_ips=address).expect(
        409, because=f"port {first['id']} has the address"
    )


@pytest.mark.uuid("61c5148a-931d-41cd-abd3-a48b181ed8c1")
@pytest.mark.reference("https://docs.openstack.org/api-ref/network/v2/#create-port")
def test_address_outside_the_subnet_is_refused(net: Net) -> None:
    """A port gets no address that is in no subnet of its network: 400."""
    network = net.network()
    subnet = net.subnet(network, cidr="10.80.0.0/24")
    outside = [{"subnet_id": subnet["id"], "ip_address": "10.80.1.5"}]
    net.create("port", network_id=network["id"], fixed_ips=outside).expect(400)
    net.create("port", network_id=network["id"], fixed_ips=[{"ip_address": "10.80.1.5"}]).expect(400)


@pytest.mark.uuid("23c91938-a3a9-4183-8e85-71482400bbf0")
@pytest.mark.reference("https://docs.openstack.org/api-ref/network/v2/#create-port")
def test_mac_address_in_use_is_not_given_again(net: Net) -> None:
    """A MAC address that a port of the network has is not given to a second one: 409."""
    network = net.network()
    first = net.port(network)
    net.create("port", network_id=network["id"], mac_address=first["mac_address"]).expect(
        409, because=f"port {first['id']} has the MAC address"
    )
