"""Floating IPs are associated with ports, moved, released, and refused where they cannot work."""

from __future__ import annotations

import pytest

from defcore.suite.support.network import Net, same

pytestmark = [
    pytest.mark.reference("https://docs.openstack.org/api-ref/network/v2/#floating-ips-floatingips"),
]

NOWHERE = {"port_id": None, "fixed_ip_address": None, "router_id": None}


@pytest.mark.uuid("604439d8-ad41-4dff-b76f-88ef0bcf0b9c")
@pytest.mark.needs("external_network")
def test_floating_ip_lifecycle(net: Net, external_network: str) -> None:
    """A floating IP can be created, found by its address, associated with a port, parted from it and deleted."""
    network, _, router = net.behind_router(external_network)
    port = net.port(network)
    floating = net.created("floating_ip", floating_network_id=external_network)
    same(net.show("floating_ip", floating["id"]), floating, NOWHERE)
    address = floating["floating_ip_address"]
    net.given("floating_ip", floating_network_id=external_network)  # which the filter is to leave out
    listed = [one["id"] for one in net.listed("floating_ip", floating_ip_address=address)]
    assert listed == [floating["id"]], f"expected only {floating['id']} to have {address}, seen {listed}"
    net.updated("floating_ip", floating["id"], port_id=port["id"])
    answer = net.show("floating_ip", floating["id"]).expect(200)
    fixed = port["fixed_ips"][0]["ip_address"]
    same(answer, net.taken("floating_ip", answer), {"router_id": router["id"], "fixed_ip_address": fixed})
    net.update("floating_ip", floating["id"], port_id=None).expect(200)
    answer = net.show("floating_ip", floating["id"]).expect(200)
    same(answer, net.taken("floating_ip", answer), NOWHERE)
    net.deleted("floating_ip", floating["id"])


@pytest.mark.uuid("00440b94-62bb-4f01-b991-804aa0a44a3a")
@pytest.mark.covers("e1f6bffd-442f-4668-b30e-df13f2705e77")
@pytest.mark.needs("external_network")
def test_floating_ip_outlives_its_port(net: Net, external_network: str) -> None:
    """A floating IP whose port is deleted is still there, without port, router and fixed address."""
    network, _, _ = net.behind_router(external_network)
    floating = net.created("floating_ip", floating_network_id=external_network)
    port = net.port(network)
    answer = net.update("floating_ip", floating["id"], port_id=port["id"]).expect(200)
    same(answer, net.taken("floating_ip", answer), {"port_id": port["id"]})
    net.delete("port", port["id"]).expect(204)
    answer = net.show("floating_ip", floating["id"]).expect(200)
    same(answer, net.taken("floating_ip", answer), NOWHERE | {"id": floating["id"]})


@pytest.mark.uuid("23060858-6ee5-4cf4-a961-e60f8ca644ad")
@pytest.mark.covers("1bb2f731-fe5a-4b8c-8409-799ade1bed4d")
@pytest.mark.needs("external_network")
def test_floating_ip_moves_to_another_router(net: Net, external_network: str) -> None:
    """A floating IP moves from a port behind one router to a port behind another."""
    first, _, first_router = net.behind_router(external_network, cidr="10.84.0.0/24")
    second, _, second_router = net.behind_router(external_network, cidr="10.84.1.0/24")
    port, other = net.port(first), net.port(second)
    floating = net.created("floating_ip", floating_network_id=external_network, port_id=port["id"])
    same(net.show("floating_ip", floating["id"]).expect(200), floating, {"router_id": first_router["id"]})
    answer = net.update("floating_ip", floating["id"], port_id=other["id"]).expect(200)
    expected = {
        "port_id": other["id"],
        "router_id": second_router["id"],
        "fixed_ip_address": other["fixed_ips"][0]["ip_address"],
    }
    same(answer, net.taken("floating_ip", answer), expected)
    answer = net.show("floating_ip", floating["id"]).expect(200)
    same(answer, net.taken("floating_ip", answer), expected)


@pytest.mark.uuid("46009174-70cd-4681-8770-f3d1b63bf41f")
@pytest.mark.covers("36de4bd0-f09c-43e3-a8e1-1decc1ffd3a5")
@pytest.mark.needs("external_network")
def test_floating_ip_for_an_address_of_a_port(net: Net, external_network: str) -> None:
    """A floating IP is created for an address of a port, and parted from it."""
    network, _, _ = net.behind_router(external_network)
    port = net.port(network)
    fixed = port["fixed_ips"][0]["ip_address"]
    floating = net.created(
        "floating_ip", floating_network_id=external_network, port_id=port["id"], fixed_ip_address=fixed
    )
    answer = net.update("floating_ip", floating["id"], port_id=None).expect(200)
    same(answer, net.taken("floating_ip", answer), NOWHERE)


@pytest.mark.uuid("bd07654a-5c89-4d55-8ce4-9a13486f5375")
@pytest.mark.covers("45c4c683-ea97-41ef-9c51-5e9802f2f3d7")
@pytest.mark.needs("external_network")
def test_floating_ip_moves_to_another_address_of_the_port(net: Net, external_network: str) -> None:
    """A floating IP moves from one address of a port to its second one."""
    # Without DHCP, whose port may have any address of the subnet.
    network, subnet, _ = net.behind_router(external_network, enable_dhcp=False)
    addresses = ["10.84.0.50", "10.84.0.51"]
    port = net.port(network, fixed_ips=[{"subnet_id": subnet["id"], "ip_address": address} for address in addresses])
    asked = {"port_id": port["id"], "fixed_ip_address": addresses[0]}
    floating = net.created("floating_ip", floating_network_id=external_network, **asked)
    net.updated("floating_ip", floating["id"], port_id=port["id"], fixed_ip_address=addresses[1])


@pytest.mark.uuid("087bbe8b-ff68-47f8-a00c-3b65a3c6315a")
@pytest.mark.covers("22996ea8-4a81-4b27-b6e1-fa5df92fa5e8", "6b3b8797-6d43-4191-985c-c48b773eb429")
@pytest.mark.needs("external_network")
def test_floating_ip_needs_a_router_with_gateway(net: Net, external_network: str) -> None:
    """A port whose router has no gateway gets no floating IP, neither a new one nor one that there is: 404."""
    network, router = net.network(), net.router()
    subnet = net.subnet(network, cidr="10.84.0.0/24")
    net.attach(router, subnet_id=subnet["id"]).setup(200)
    port = net.port(network)
    asked = {"port_id": port["id"], "fixed_ip_address": port["fixed_ips"][0]["ip_address"]}
    because = "the port's router has no gateway"
    net.create("floating_ip", floating_network_id=external_network, **asked).expect(404, because=because)
    floating = net.created("floating_ip", floating_network_id=external_network)
    net.update("floating_ip", floating["id"], **asked).expect(404, because=because)
    answer = net.show("floating_ip", floating["id"]).expect(200)
    same(answer, net.taken("floating_ip", answer), NOWHERE)


@pytest.mark.uuid("5356f0ed-b51d-4803-b7f1-d77cd1e41db6")
@pytest.mark.covers("50b9aeb4-9f0b-48ee-aa31-fa955a48ff54")
def test_floating_ip_on_an_ordinary_network_is_refused(net: Net) -> None:
    """There are no floating IPs on a network that is not external: 400."""
    network = net.network()
    net.subnet(network)
    net.create("floating_ip", floating_network_id=network["id"]).expect(400, because="the network is not external")


@pytest.mark.uuid("6eacf3b2-2840-4594-a02e-ef662bfa765b")
@pytest.mark.needs("alt", "external_network")
def test_floating_ips_of_others_are_hidden(net: Net, alt_net: Net, external_network: str) -> None:
    """Floating IPs of another project can be neither seen, changed nor deleted (404), nor take its ports."""
    floating = net.given("floating_ip", floating_network_id=external_network)
    because = "it belongs to another project"
    net.show("floating_ip", floating["id"]).setup(200)
    alt_net.show("floating_ip", floating["id"]).expect(404, because=because)
    alt_net.update("floating_ip", floating["id"], port_id=None).expect(404, because=because)
    alt_net.delete("floating_ip", floating["id"]).expect(404, because=because)
    listed = [one["id"] for one in alt_net.listed("floating_ip")]
    assert floating["id"] not in listed, f"floating IP {floating['id']} of another project is listed"
    net.shown("floating_ip", floating["id"])
    network, _, _ = net.behind_router(external_network)
    port = net.port(network)
    alt_net.create("floating_ip", floating_network_id=external_network, port_id=port["id"]).expect(404, 403)
