"""What cannot be changed, or would take something away that is in use, is refused and not passed over."""

from __future__ import annotations

from typing import Any

import pytest

from defcore.suite.support import Prerequisite
from defcore.suite.support.network import NOBODY, Body, Net, same

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-ref/network/v2/#update-subnet")


@pytest.mark.uuid("b651add1-38aa-4613-8872-7dcef2956806")
def test_what_a_subnet_is_cannot_be_changed(net: Net) -> None:
    """CIDR, version and network of a subnet cannot be changed: 400, and it stays as it is."""
    network, other = net.network(), net.network()
    subnet = net.subnet(network, cidr="10.112.0.0/24")
    before = net.shown("subnet", subnet["id"])
    for change in ({"cidr": "10.112.4.0/24"}, {"ip_version": 6}, {"network_id": other["id"]}):
        net.update("subnet", subnet["id"], **change).expect(400, because=f"a subnet cannot change to {change}")
    after = net.shown("subnet", subnet["id"])
    for name in ("cidr", "ip_version", "network_id"):
        assert after[name] == before[name], f"subnet {subnet['id']}: {name} was {before[name]}, is {after[name]}"


@pytest.mark.uuid("707720c8-dd87-4b7b-bfb4-9386e7d31062")
@pytest.mark.reference("https://docs.openstack.org/api-ref/network/v2/#create-subnet")
def test_malformed_host_routes_are_refused(net: Net) -> None:
    """Host routes and name servers of a subnet that are no addresses are refused with 400, and no subnet is made."""
    network = net.network()
    wrong: tuple[dict[str, Any], ...] = (
        {"host_routes": [{"destination": "no-prefix", "nexthop": "10.113.0.9"}]},
        {"host_routes": [{"destination": "10.20.0.0/24", "nexthop": "no-address"}]},
        {"dns_nameservers": ["no/address"]},
    )
    for attributes in wrong:
        asked = {"network_id": network["id"], "cidr": "10.113.0.0/24", "ip_version": 4} | attributes
        net.create("subnet", **asked).expect(400, because=f"the subnet is asked for with {attributes}")
    listed = [one["id"] for one in net.listed("subnet", network_id=network["id"])]
    assert not listed, f"refused subnets were created: {listed}"


@pytest.mark.uuid("aafecdff-111e-4a3f-b491-62c5dd22379a")
@pytest.mark.reference("https://docs.openstack.org/api-ref/network/v2/#create-network")
def test_who_may_not_share_does_not(net: Net) -> None:
    """A network that is to be shared with all projects is so, or is refused with 403: it is never made as another."""
    answer = net.create("network", shared=True).expect(201, 403)
    if answer.status == 201:
        same(answer, net.taken("network", answer), {"shared": True})


@pytest.mark.uuid("7d388496-39df-4aff-babf-6b8e4ec04175")
@pytest.mark.reference("https://docs.openstack.org/api-ref/network/v2/#add-interface-to-router")
def test_interface_needs_one_place(net: Net) -> None:
    """An interface is on a subnet or on a port: both at a time, and neither, are refused with 400, and a subnet or port
    that does not exist is not found."""
    network = net.network()
    router, subnet, port = net.router(), net.subnet(network, cidr="10.114.0.0/24"), net.port(network)
    net.attach(router, subnet_id=subnet["id"], port_id=port["id"]).expect(400, because="subnet and port are named")
    net.attach(router).expect(400, because="neither subnet nor port is named")
    for nothing in ({"subnet_id": NOBODY}, {"port_id": NOBODY}):
        net.attach(router, **nothing).expect(404, because=f"there is nothing with {nothing}")
    listed = [one["id"] for one in net.listed("port", device_id=router["id"])]
    assert not listed, f"router {router['id']} has the interfaces {listed}, all of which were refused"


@pytest.mark.uuid("e5efc60e-ff90-49d8-99b9-0ead25a3a5a0")
@pytest.mark.reference("https://docs.openstack.org/api-ref/network/v2/#update-router")
def test_route_over_an_unreachable_address_is_refused(net: Net) -> None:
    """A router gets no extra route over an address that is in none of its subnets: it is refused with 400, or the
    router has it after. The reference says no more of the next hop."""
    net.require("extraroute")
    router, subnet = net.router(), net.subnet(net.network(), cidr="10.115.0.0/24")
    net.attach(router, subnet_id=subnet["id"]).setup(200)
    routes = [{"destination": "10.116.0.0/24", "nexthop": "10.117.0.9"}]
    changed = net.update("router", router["id"], routes=routes).expect(200, 400, because="10.117.0.9 is in no subnet")
    answer = net.show("router", router["id"]).expect(200)
    same(answer, net.taken("router", answer), {"routes": routes if changed.status == 200 else []})
    net.update("router", router["id"], routes=[]).setup(200)


@pytest.mark.uuid("8b6cba46-616b-44cd-89a4-3294216ead2a")
@pytest.mark.needs("external_network")
@pytest.mark.reference("https://docs.openstack.org/api-ref/network/v2/#update-router")
def test_gateway_stays_as_it_is(net: Net, external_network: str) -> None:
    """A router's gateway has an address, and a change of the name leaves it as it is."""
    router = net.router(external_gateway_info={"network_id": external_network})
    before = net.shown("router", router["id"])["external_gateway_info"]
    addresses = _addresses(before)
    if not addresses and not net.shown("network", external_network).get("subnets"):
        raise Prerequisite(
            f"an external network with a subnet (--set external_network=ID); {external_network} has none"
        )
    assert addresses, f"router {router['id']}: the gateway {before} has no address"
    net.updated("router", router["id"], name=net.resources.name("renamed"))
    after = net.shown("router", router["id"])["external_gateway_info"]
    kept = after and after["network_id"] == before["network_id"] and _addresses(after) == addresses
    assert kept, f"router {router['id']}: a new name changed the gateway from {before} to {after}"


def _addresses(gateway: Body | None) -> list[str]:
    """In a fixed order: theirs means nothing."""
    fixed = (gateway or {}).get("external_fixed_ips") or []
    return sorted(one["ip_address"] for one in fixed if one.get("ip_address"))


@pytest.mark.uuid("5b2d31e6-049d-435e-9432-dee251392096")
@pytest.mark.needs("external_network")
@pytest.mark.reference("https://docs.openstack.org/api-ref/network/v2/#remove-interface-from-router")
def test_what_a_floating_ip_needs_stays(net: Net, external_network: str) -> None:
    """An address that has a floating IP gets no second one: 409. A router's gateway and interface, while a floating IP
    needs them, are refused to be taken away, or are gone.

    The reference says that of the second floating IP alone; a cloud may do without router what the usual one does.
    """
    network, subnet, router = net.behind_router(external_network, cidr="10.118.0.0/24")
    port = net.port(network)
    fixed = port["fixed_ips"][0]["ip_address"]
    asked = {"floating_network_id": external_network, "port_id": port["id"], "fixed_ip_address": fixed}
    floating = net.given("floating_ip", **asked)
    because = f"floating IP {floating['id']} is for {fixed}"
    net.create("floating_ip", **asked).expect(409, because=because)
    answer = net.show("floating_ip", floating["id"]).expect(200)
    same(answer, net.taken("floating_ip", answer), {"port_id": port["id"], "router_id": router["id"]})
    cleared = net.update("router", router["id"], external_gateway_info={}).expect(200, 400, 409, because=because)
    gateway = net.shown("router", router["id"])["external_gateway_info"]
    as_told = bool(gateway) is (cleared.status != 200)
    assert as_told, f"{cleared.where} answered {cleared.status}: the gateway is {gateway}"
    taken = net.detach(router, subnet_id=subnet["id"]).expect(200, 400, 409, because=because)
    left = [one["id"] for one in net.listed("port", device_id=router["id"], network_id=network["id"])]
    as_told = bool(left) is (taken.status != 200)
    assert as_told, f"{taken.where} answered {taken.status}: the interfaces are {left}"


@pytest.mark.uuid("5f9be3af-8511-4869-b829-2763e633c603")
@pytest.mark.reference("https://docs.openstack.org/api-ref/network/v2/#update-subnet-pool")
def test_pool_loses_a_prefix_or_refuses_to(net: Net) -> None:
    """A subnet pool that is to lose a prefix has lost it, or the change is refused with 400 and nothing is changed."""
    prefixes = ["10.119.0.0/24", "10.121.0.0/24"]
    pool = net.given("subnet_pool", prefixes=prefixes)
    answer = net.update("subnet_pool", pool["id"], prefixes=prefixes[:1]).expect(200, 400)
    left = prefixes[:1] if answer.status == 200 else prefixes
    seen = sorted(net.shown("subnet_pool", pool["id"])["prefixes"])
    assert seen == left, f"{answer.where} answered {answer.status}: expected the prefixes {left}, seen {seen}"
