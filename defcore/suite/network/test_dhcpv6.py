"""IPv6 subnets: who chooses the address of a port, by the subnet's modes."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from itertools import permutations
from typing import Any

import pytest

from defcore.suite.support.network import Body, Net

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-ref/network/v2/#subnets")

CIDR = "fd80:0:0:1::/64"
GATEWAY = "fd80:0:0:1::1"
OTHER_CIDR = "fd80:0:0:2::/64"
CIDR4 = "10.86.0.0/24"
MAC = "fa:16:3e:86:00:01"
SELF_MADE = ("slaac", "dhcpv6-stateless")
"""Modes in which a port makes its address of the prefix and its MAC address."""
STATEFUL = "dhcpv6-stateful"
STATEFUL_PAIRS: tuple[dict[str, Any], ...] = (
    {"ipv6_ra_mode": STATEFUL, "ipv6_address_mode": STATEFUL},
    {"ipv6_ra_mode": STATEFUL},
    {"ipv6_address_mode": STATEFUL},
)


def eui64(cidr: str, mac: str) -> IPv6Address:
    """The address that a MAC address makes in a /64 (RFC 4291, appendix A)."""
    octets = bytes.fromhex(mac.replace(":", ""))
    interface = bytes([octets[0] ^ 2]) + octets[1:3] + b"\xff\xfe" + octets[3:]
    return IPv6Network(cidr)[int.from_bytes(interface, "big")]


def _addresses(port: Body) -> dict[str, str]:
    """The port's addresses by subnet."""
    assert port["fixed_ips"], f"port {port['id']} has no address"
    return {one["subnet_id"]: one["ip_address"] for one in port["fixed_ips"]}


def _port(net: Net, network: Body, **more: Any) -> Body:
    return net.created("port", network_id=network["id"], mac_address=MAC, **more)


def _only_address(net: Net, port: Body, subnet: Body) -> IPv6Address:
    addresses = _addresses(net.shown("port", port["id"]))
    assert set(addresses) == {subnet["id"]}, f"expected one address of subnet {subnet['id']}, seen {addresses}"
    return IPv6Address(addresses[subnet["id"]])


@pytest.mark.uuid("c6d522ed-895a-459a-8b8c-3c0c548d614d")
@pytest.mark.covers("e5517e62-6f16-430d-a672-f80875493d4c")
def test_slaac_address_is_made_of_the_mac_address(net: Net) -> None:
    """With SLAAC or stateless DHCPv6 a port has the address that its MAC address makes in the prefix."""
    for mode in SELF_MADE:
        network = net.network()
        modes = {"ipv6_ra_mode": mode, "ipv6_address_mode": mode}
        subnet = net.created("subnet", network_id=network["id"], ip_version=6, cidr=CIDR, gateway_ip=GATEWAY, **modes)
        port = _port(net, network)
        address = _only_address(net, port, subnet)
        assert address == eui64(CIDR, MAC), f"{mode}: expected {eui64(CIDR, MAC)}, seen {address}"
        net.deleted("port", port["id"])
        net.deleted("subnet", subnet["id"])


@pytest.mark.uuid("5d5b836f-3d32-4cff-9e82-d34ff7112d74")
@pytest.mark.covers("ae2f4a5d-03ff-4c42-a3b0-ce2fcb7ea832")
def test_slaac_address_without_router_advertisements(net: Net) -> None:
    """A port's address is made of its MAC address also if routers of the cloud do not advertise the prefix."""
    for mode in SELF_MADE:
        network = net.network()
        subnet = net.created("subnet", network_id=network["id"], ip_version=6, cidr=CIDR, ipv6_address_mode=mode)
        address = _only_address(net, _port(net, network), subnet)
        assert address == eui64(CIDR, MAC), f"{mode}: expected {eui64(CIDR, MAC)}, seen {address}"


@pytest.mark.uuid("30f78b03-360c-4676-b295-2b0c7644efa6")
@pytest.mark.covers("21635b6f-165a-4d42-bf49-7d195e47342f")
def test_address_without_modes_is_of_the_pool(net: Net) -> None:
    """On an IPv6 subnet without modes a port gets an address of an allocation pool, not one made of its MAC address."""
    network = net.network()
    pool = {"start": "fd80:0:0:1::20", "end": "fd80:0:0:1::40"}
    subnet = net.created("subnet", network_id=network["id"], ip_version=6, cidr=CIDR, allocation_pools=[pool])
    assert subnet["ipv6_ra_mode"] is None, f"no mode was asked for, seen {subnet['ipv6_ra_mode']}"
    assert subnet["ipv6_address_mode"] is None, f"no mode was asked for, seen {subnet['ipv6_address_mode']}"
    address = _only_address(net, _port(net, network), subnet)
    assert address != eui64(CIDR, MAC), f"{address} is made of the MAC address"
    assert IPv6Address(pool["start"]) <= address <= IPv6Address(pool["end"]), f"{address} is not in {pool}"


@pytest.mark.uuid("cbbbf860-1163-4df4-b98d-6178e60adedd")
@pytest.mark.covers("81f18ef6-95b5-4584-9966-10d480b7496a")
def test_unequal_modes_are_refused(net: Net) -> None:
    """A subnet whose two IPv6 modes are given and differ is refused with 400."""
    network = net.network()
    for ra, address in permutations((*SELF_MADE, STATEFUL), 2):
        modes = {"ipv6_ra_mode": ra, "ipv6_address_mode": address}
        net.create("subnet", network_id=network["id"], ip_version=6, cidr=CIDR, **modes).expect(
            400, because=f"the subnet is asked for with {modes}"
        )
    listed = [one["id"] for one in net.listed("subnet", network_id=network["id"])]
    assert not listed, f"every subnet was refused, but there is {listed}"


def _two_subnets(net: Net, mode: str, other: dict[str, Any], *, other_first: bool) -> tuple[Body, str, str]:
    """A network with a subnet of self-made addresses and another one: network, and the subnets' ids."""
    network = net.network()
    asked = [{"ip_version": 6, "cidr": CIDR, "ipv6_ra_mode": mode, "ipv6_address_mode": mode}, other]
    made = {
        one["cidr"]: net.given("subnet", network_id=network["id"], **one)["id"]
        for one in (asked[::-1] if other_first else asked)
    }
    return network, made[CIDR], made[other["cidr"]]


@pytest.mark.uuid("42e6ab8f-08cc-4367-b424-9655aa1fe6d9")
@pytest.mark.covers("4544adf7-bb5f-4bdc-b769-b3e77026cef2")
def test_port_on_slaac_and_stateful_subnets(net: Net) -> None:
    """On a network with a SLAAC and a stateful subnet a port has an address of each, whichever was there first."""
    other = {"ip_version": 6, "cidr": OTHER_CIDR, "ipv6_address_mode": STATEFUL}
    for mode in SELF_MADE:
        for other_first in (False, True):
            network, self_made, stateful = _two_subnets(net, mode, other, other_first=other_first)
            port = _port(net, network)
            addresses = _addresses(port)
            assert set(addresses) == {self_made, stateful}, f"{mode}: expected one of each subnet, seen {addresses}"
            seen = IPv6Address(addresses[self_made])
            assert seen == eui64(CIDR, MAC), f"{mode}: expected {eui64(CIDR, MAC)}, seen {seen}"
            given = IPv6Address(addresses[stateful])
            assert given in IPv6Network(OTHER_CIDR), f"{mode}: {given} is not in {OTHER_CIDR}"
            net.deleted("port", port["id"])


@pytest.mark.uuid("ba47d54f-63d3-4859-ae26-706cc7de0fa1")
@pytest.mark.covers("4256c61d-c538-41ea-9147-3c450c36669e")
def test_port_on_slaac_and_ipv4_subnets(net: Net) -> None:
    """On a network with a SLAAC and an IPv4 subnet a port has an address of each, whichever was there first."""
    for mode in SELF_MADE:
        for other_first in (False, True):
            network, self_made, ipv4 = _two_subnets(
                net, mode, {"ip_version": 4, "cidr": CIDR4}, other_first=other_first
            )
            addresses = _addresses(_port(net, network))
            assert set(addresses) == {self_made, ipv4}, f"{mode}: expected one of each subnet, seen {addresses}"
            seen = IPv6Address(addresses[self_made])
            assert seen == eui64(CIDR, MAC), f"{mode}: expected {eui64(CIDR, MAC)}, seen {seen}"
            given = IPv4Address(addresses[ipv4])
            assert given in IPv4Network(CIDR4), f"{mode}: {given} is not in {CIDR4}"


@pytest.mark.uuid("59539696-b272-4dc9-8d81-9dfee9ca8cad")
@pytest.mark.covers("4ab211a0-276f-4552-9070-51e27f58fecf")
def test_stateful_address_is_in_the_subnet(net: Net) -> None:
    """With stateful DHCPv6 a port gets an address of the subnet."""
    for modes in STATEFUL_PAIRS:
        network = net.network()
        subnet = net.created("subnet", network_id=network["id"], ip_version=6, cidr=CIDR, **modes)
        address = _only_address(net, _port(net, network), subnet)
        assert address in IPv6Network(CIDR), f"{modes}: {address} is not in {CIDR}"


@pytest.mark.uuid("04f57662-c02e-4e1d-bd34-e0c1e88c97cc")
@pytest.mark.covers("51a5e97f-f02e-4e4e-9a17-a69811d300e3")
def test_stateful_address_can_be_chosen(net: Net) -> None:
    """With stateful DHCPv6 a port gets the address of the allocation pool that it asks for."""
    for modes in STATEFUL_PAIRS:
        network = net.network()
        subnet = net.given("subnet", network_id=network["id"], ip_version=6, cidr=CIDR, **modes)
        chosen = IPv6Address(subnet["allocation_pools"][0]["start"]) + 77
        asked = [{"subnet_id": subnet["id"], "ip_address": str(chosen)}]
        address = _only_address(net, _port(net, network, fixed_ips=asked), subnet)
        assert address == chosen, f"{modes}: asked for {chosen}, seen {address}"


@pytest.mark.uuid("4e0b5d25-6755-456b-ba52-d092f19cbeac")
@pytest.mark.covers("98244d88-d990-4570-91d4-6b25d70d08af")
def test_stateful_address_outside_the_subnet_is_refused(net: Net) -> None:
    """With stateful DHCPv6 a port gets no address outside the subnet: 400."""
    network = net.network()
    subnet = net.given("subnet", network_id=network["id"], ip_version=6, cidr=CIDR, **STATEFUL_PAIRS[0])
    beyond = IPv6Address(subnet["allocation_pools"][0]["end"]) + 1
    asked = [{"subnet_id": subnet["id"], "ip_address": str(beyond)}]
    net.create("port", network_id=network["id"], fixed_ips=asked).expect(400, because=f"{beyond} is not in {CIDR}")


@pytest.mark.uuid("1663760d-177f-433c-887e-e9972c109580")
@pytest.mark.covers("57b8302b-cba9-4fbb-8835-9168df029051")
def test_stateful_address_in_use_is_not_given_again(net: Net) -> None:
    """With stateful DHCPv6 an address that a port has is not given to a second one: 409, which says so."""
    network = net.network()
    subnet = net.given("subnet", network_id=network["id"], ip_version=6, cidr=CIDR, **STATEFUL_PAIRS[0])
    asked = [{"subnet_id": subnet["id"], "ip_address": "fd80:0:0:1::77"}]
    net.created("port", network_id=network["id"], fixed_ips=asked)
    answer = net.create("port", network_id=network["id"], fixed_ips=asked).expect(409)
    reasons = ("IpAddressAlreadyAllocated", "IpAddressInUse")
    assert any(reason in answer.text for reason in reasons), f"{answer.where}: expected {reasons}, seen {answer.text}"


@pytest.mark.uuid("030d8d11-40ff-42b9-856e-0492913ce0fc")
@pytest.mark.covers("e98f65db-68f4-4330-9fea-abd8c5192d4d")
@pytest.mark.reference("https://docs.openstack.org/api-ref/network/v2/#add-interface-to-router")
def test_router_gets_the_gateway_address_of_a_stateful_subnet(net: Net) -> None:
    """The interface of a router on a subnet with stateful DHCPv6 has the subnet's gateway as its address."""
    for modes in STATEFUL_PAIRS[:2]:
        network = net.network()
        subnet = net.given("subnet", network_id=network["id"], ip_version=6, cidr=CIDR, gateway_ip=GATEWAY, **modes)
        port_id = net.attach(net.router(), subnet_id=subnet["id"]).expect(200).json["port_id"]
        address = _only_address(net, {"id": port_id}, subnet)
        assert address == IPv6Address(GATEWAY), f"{modes}: expected {GATEWAY}, seen {address}"
