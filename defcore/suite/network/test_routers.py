"""Routers are created, shown, listed, changed and deleted."""

from __future__ import annotations

import pytest

from defcore.suite.support.network import Net, same

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-ref/network/v2/#routers-routers")

NO_ROUTER = "defcore-no-such-router"


@pytest.mark.uuid("625c2ed5-3d6b-4aa2-8373-3aa84d9d5934")
@pytest.mark.covers("f64403e2-8483-4b34-8ccd-b09a87bcc68c")
@pytest.mark.needs("external_network")
def test_router_lifecycle(net: Net, external_network: str) -> None:
    """A router with a gateway on the external network can be created, shown, listed, renamed and deleted."""
    name = net.resources.name("router")
    asked = {"name": name, "admin_state_up": False}
    answer = net.create("router", **asked, external_gateway_info={"network_id": external_network}).expect(201)
    router = net.taken("router", answer)
    for seen in (answer, net.show("router", router["id"]).expect(200)):
        body = net.taken("router", seen)
        same(seen, body, asked)
        gateway = (body["external_gateway_info"] or {}).get("network_id")
        assert gateway == external_network, f"{seen.where}: gateway on {gateway}, not on {external_network}"
    listed = [one["name"] for one in net.listed("router") if one["id"] == router["id"]]
    assert listed == [name], f"expected router {router['id']} once in the list as {name!r}, seen {listed}"
    net.updated("router", router["id"], name=f"{name}-renamed")
    net.deleted("router", router["id"])


@pytest.mark.uuid("50e67642-d212-4a1e-bb6f-211866878926")
@pytest.mark.covers("a8902683-c788-4246-95c7-ad9c6d63a4d9")
def test_router_is_set_up(net: Net) -> None:
    """A router that was created administratively down can be set up."""
    router = net.created("router", name=net.resources.name("router"), admin_state_up=False)
    net.updated("router", router["id"], admin_state_up=True)


@pytest.mark.uuid("a43e67e2-b639-4784-908d-f89525fe47bd")
@pytest.mark.covers("ad81b7ee-4f81-407b-a19c-17e623f763e8")
@pytest.mark.needs("external_network")
def test_router_gateway_is_taken_away(net: Net, external_network: str) -> None:
    """A router that gets an empty gateway has none any more."""
    router = net.router(external_gateway_info={"network_id": external_network})
    gateway = (router.get("external_gateway_info") or {}).get("network_id")
    assert gateway == external_network, f"the new router has its gateway on {gateway}, not on {external_network}"
    for seen in (
        net.update("router", router["id"], external_gateway_info={}).expect(200),
        net.show("router", router["id"]).expect(200),
    ):
        same(seen, net.taken("router", seen), {"external_gateway_info": None})


@pytest.mark.uuid("e00c963b-b13c-4cb6-8cc0-550df54819b9")
@pytest.mark.needs("external_network", "admin")
def test_router_gateway_takes_its_port_away(net: Net, admin_net: Net, external_network: str) -> None:
    """A router that loses its gateway leaves no port on the external network, as an administrator sees it."""
    router = net.router(external_gateway_info={"network_id": external_network})
    ports = {"network_id": external_network, "device_id": router["id"]}
    before = [port for port in admin_net.listed("port", **ports) if port["device_id"] == router["id"]]
    assert before, f"no port of router {router['id']} on the external network {external_network}"
    net.update("router", router["id"], external_gateway_info={}).setup(200)
    left = [port["id"] for port in admin_net.listed("port", **ports) if port["device_id"] == router["id"]]
    assert not left, f"router {router['id']} has no gateway, but port {left} on the external network"


@pytest.mark.uuid("dfb1592e-6e5c-4105-826c-d10ab5be2f84")
@pytest.mark.covers(
    "c2a70d72-8826-43a7-8208-0209e6360c47",
    "b23d1569-8b0c-4169-8d4b-6abd34fad5c7",
    "c7edc5ad-d09d-41e6-a344-5c0c31e2e3e4",
)
def test_unknown_router_is_not_found(net: Net) -> None:
    """A router that does not exist can be neither shown nor changed nor deleted: 404."""
    net.require("router")
    net.show("router", NO_ROUTER).expect(404)
    net.update("router", NO_ROUTER, name="new-name").expect(404)
    net.delete("router", NO_ROUTER).expect(404)


@pytest.mark.uuid("a0bf84a8-a259-4058-a854-7b219d904c8e")
@pytest.mark.covers("c86ac3a8-50bd-4b00-a6b8-62af84a0765c")
@pytest.mark.reference("https://docs.openstack.org/api-ref/network/v2/#extra-routes-extraroute")
def test_router_routes_are_set_and_removed(net: Net) -> None:
    """A router keeps the extra routes that it is given, and has none after they are set to null."""
    net.require("extraroute")
    router = net.router(admin_state_up=True)
    for number in range(4):
        subnet = net.subnet(net.network(), cidr=f"10.81.{number}.0/28")
        net.attach(router, subnet_id=subnet["id"]).setup(200)
    routes = [{"destination": f"10.91.{number}.0/24", "nexthop": f"10.81.{number}.2"} for number in range(4)]
    net.updated("router", router["id"], routes=routes)
    net.update("router", router["id"], routes=None).expect(200)
    answer = net.show("router", router["id"]).expect(200)
    same(answer, net.taken("router", answer), {"routes": []})
