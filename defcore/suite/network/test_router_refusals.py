"""What a router refuses: gateways that are none, and being deleted while it is in use."""

from __future__ import annotations

import pytest

from defcore.suite.support.network import Net, same

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-ref/network/v2/#update-router")


@pytest.mark.uuid("7925a19d-cb0a-4264-a9fe-ed663e8ac23f")
@pytest.mark.covers("37a94fc0-a834-45b9-bd23-9a81d2fd1e22")
def test_gateway_on_an_unknown_network_is_not_found(net: Net) -> None:
    """A router gets no gateway on a network that does not exist: 404."""
    router = net.router()
    # Its own id: a good id, but of no network.
    net.update("router", router["id"], external_gateway_info={"network_id": router["id"]}).expect(404)
    answer = net.show("router", router["id"]).expect(200)
    same(answer, net.taken("router", answer), {"external_gateway_info": None})


@pytest.mark.uuid("4780e283-4ac0-4c2d-9259-1db42c9f40f7")
@pytest.mark.covers("11836a18-0b15-4327-a50b-f0d9dc66bddd")
def test_gateway_on_an_ordinary_network_is_refused(net: Net) -> None:
    """A router gets no gateway on a network that is not external: 400."""
    router, network = net.router(), net.network()
    net.subnet(network)
    net.update("router", router["id"], external_gateway_info={"network_id": network["id"]}).expect(
        400, because="the network is not external"
    )
    answer = net.show("router", router["id"]).expect(200)
    same(answer, net.taken("router", answer), {"external_gateway_info": None})


@pytest.mark.uuid("0ae17b98-8f86-4052-96bc-c675045440ce")
@pytest.mark.covers("04df80f9-224d-47f5-837a-bf23e33d1c20")
@pytest.mark.reference("https://docs.openstack.org/api-ref/network/v2/#delete-router")
def test_router_with_an_interface_is_not_deleted(net: Net) -> None:
    """A router that has an interface is not deleted: 409, and both are still there."""
    router, subnet = net.router(), net.subnet(net.network())
    interface = net.attach(router, subnet_id=subnet["id"]).setup(200).json
    net.delete("router", router["id"]).expect(409, because=f"it has the interface {interface['port_id']}")
    net.shown("router", router["id"])
    port = net.shown("port", interface["port_id"])
    assert port["device_id"] == router["id"], f"the interface {port['id']} is no longer the router's"
