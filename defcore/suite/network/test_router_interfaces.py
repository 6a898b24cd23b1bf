"""Routers get and lose interfaces, by subnet or by port."""

from __future__ import annotations

import pytest

from defcore.suite.support import Answer
from defcore.suite.support.network import Body, Net, same
from defcore.suite.support.network_schemas import INTERFACE

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-ref/network/v2/#add-interface-to-router")


def _interface(net: Net, answer: Answer, router: Body, subnet: Body) -> Body:
    """The interface in an answer: it is the router's, on the subnet, and its port says so."""
    interface: Body = answer.expect(200).check(INTERFACE).json
    same(answer, interface, {"id": router["id"], "subnet_id": subnet["id"]})
    shown = net.show("port", interface["port_id"]).expect(200)
    port = net.taken("port", shown)
    same(shown, port, {"device_id": router["id"]})
    used = [one["subnet_id"] for one in port["fixed_ips"]]
    assert used == [subnet["id"]], f"{shown.where}: expected an address of subnet {subnet['id']}, seen {used}"
    return interface


def _lost(net: Net, router: Body, port_id: str) -> None:
    """The port is no interface of the router any more."""
    answer = net.show("port", port_id).expect(200, 404)
    if answer.status == 200:
        device = net.taken("port", answer)["device_id"]
        assert device != router["id"], f"{answer.where}: the port is still an interface of router {router['id']}"
    listed = [port["id"] for port in net.listed("port", device_id=router["id"])]
    assert port_id not in listed, f"port {port_id} is listed as a port of router {router['id']}"


@pytest.mark.uuid("49a636d0-afc9-4384-a911-08a1be04bd14")
@pytest.mark.covers("b42e6e39-2e37-49cc-a6f4-8467e940900a")
def test_interface_by_subnet(net: Net) -> None:
    """A router gets an interface on a subnet, whose port is told and is the router's, and loses it again."""
    router, subnet = net.router(), net.subnet(net.network())
    interface = _interface(net, net.attach(router, subnet_id=subnet["id"]), router, subnet)
    answer = net.detach(router, subnet_id=subnet["id"]).expect(200).check(INTERFACE)
    same(answer, answer.json, {"id": router["id"], "subnet_id": subnet["id"], "port_id": interface["port_id"]})
    _lost(net, router, interface["port_id"])


@pytest.mark.uuid("a6e69bf8-1102-44cd-bf7c-9693f981ee15")
@pytest.mark.covers("2b7d2f37-6748-4d78-92e5-1d590234f0d5")
def test_interface_by_port(net: Net) -> None:
    """A router takes a port as an interface, which then is the router's, and loses it again."""
    network = net.network()
    router, subnet, port = net.router(), net.subnet(network), net.port(network)
    interface = _interface(net, net.attach(router, port_id=port["id"]), router, subnet)
    assert interface["port_id"] == port["id"], f"asked for port {port['id']}, got {interface['port_id']}"
    answer = net.detach(router, port_id=port["id"]).expect(200).check(INTERFACE)
    same(answer, answer.json, {"id": router["id"], "subnet_id": subnet["id"], "port_id": port["id"]})
    _lost(net, router, port["id"])


@pytest.mark.uuid("d937395a-9d7b-4d5b-8881-8dca61603842")
@pytest.mark.covers("802c73c9-c937-4cef-824b-2191e24a6aab")
def test_interfaces_on_two_networks(net: Net) -> None:
    """A router has interfaces on two networks at a time, each on its own subnet."""
    router = net.router()
    subnets = [net.subnet(net.network(), cidr=cidr) for cidr in ("10.82.0.0/28", "10.82.1.0/28")]
    ports = {
        _interface(net, net.attach(router, subnet_id=subnet["id"]), router, subnet)["port_id"] for subnet in subnets
    }
    assert len(ports) == 2, f"two interfaces, but one port: {ports}"
    listed = {port["id"] for port in net.listed("port", device_id=router["id"])}
    assert ports <= listed, f"expected ports {ports} of router {router['id']}, listed are {listed}"


@pytest.mark.uuid("52b4b838-299d-430b-81bb-cb82a9451c88")
@pytest.mark.covers("957751a3-3c68-4fa2-93b6-eb52ea10db6e")
def test_interfaces_on_overlapping_subnets_are_refused(net: Net) -> None:
    """A router does not take a second subnet whose addresses overlap with those of the first: 400."""
    router = net.router()
    first, second = (net.subnet(net.network(), cidr="10.83.0.0/28") for _ in range(2))
    _interface(net, net.attach(router, subnet_id=first["id"]), router, first)
    net.attach(router, subnet_id=second["id"]).expect(400, because="the subnets overlap")
    used = [
        address["subnet_id"] for port in net.listed("port", device_id=router["id"]) for address in port["fixed_ips"]
    ]
    assert second["id"] not in used, "the refused subnet is connected to the router"


@pytest.mark.uuid("a757d257-6dca-49c3-8529-339868692249")
@pytest.mark.covers("5ad01ed0-0e6e-4c5d-8194-232801b15c72")
@pytest.mark.reference("https://docs.openstack.org/api-ref/network/v2/#list-ports")
def test_ports_are_listed_by_router(net: Net) -> None:
    """The list of the ports of a router holds its interface and no other port."""
    network = net.network()
    net.subnet(network)
    router, port = net.router(), net.port(network)
    net.port(network)  # which the list must leave out
    net.attach(router, port_id=port["id"]).setup(200)
    listed = [(one["id"], one["device_id"]) for one in net.listed("port", device_id=router["id"])]
    assert listed == [(port["id"], router["id"])], f"expected only port {port['id']}, seen {listed}"
