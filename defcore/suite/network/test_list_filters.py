"""Lists hold what matches all that was asked for, in the order of all keys that were named."""

from __future__ import annotations

from typing import Any

import pytest

from defcore.suite.support.network import Body, Net
from defcore.suite.support.network_schemas import NETWORK, many

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-ref/network/v2/#filtering-and-column-selection")


def _found(net: Net, kind: str, among: set[str], **filters: Any) -> set[str]:
    return {one["id"] for one in net.listed(kind, **filters)} & among


@pytest.mark.uuid("3a2e130b-c40c-47dc-abe9-42975f0f7093")
@pytest.mark.reference("https://docs.openstack.org/api-ref/network/v2/#sorting")
def test_list_is_sorted_by_several_keys(net: Net) -> None:
    """What is alike by the first key of a sorted list comes in the order of the second one, each key with its own
    direction."""
    net.require("sorting")
    name = net.resources.name("same")
    networks = [net.network(name=name) for _ in range(4)]
    only = [("id", one["id"]) for one in networks]
    ids = sorted(one["id"] for one in networks)
    for direction, expected in (("asc", ids), ("desc", ids[::-1])):
        keys = [("sort_key", "name"), ("sort_dir", "asc"), ("sort_key", "id"), ("sort_dir", direction)]
        answer = net.api.get("/v2.0/networks", params=[*only, *keys]).expect(200)
        seen = [one["id"] for one in answer.check(many("networks", NETWORK)).json["networks"]]
        assert seen == expected, f"{answer.where}: expected {expected}, seen {seen}"


@pytest.mark.uuid("f27fdafd-9245-42c8-921a-2e59eb18ffdd")
@pytest.mark.reference("https://docs.openstack.org/api-ref/network/v2/#list-ports")
def test_ports_are_filtered_by_address(net: Net) -> None:
    """A list of ports, filtered by a fixed address or by its subnet, holds the ports that have it and no other."""
    network = net.network()
    first, second = (net.subnet(network, cidr=f"10.110.{number}.0/24") for number in range(2))
    ports = [net.port(network, fixed_ips=[{"subnet_id": one["id"]}]) for one in (first, first, second)]
    own = {one["id"] for one in ports}
    address = ports[0]["fixed_ips"][0]["ip_address"]
    for wanted, expected in (
        (f"ip_address={address}", {ports[0]["id"]}),
        (f"subnet_id={second['id']}", {ports[2]["id"]}),
    ):
        seen = _found(net, "port", own, fixed_ips=wanted)
        assert seen == expected, f"ports with fixed_ips={wanted}: expected {expected}, seen {seen}"


@pytest.mark.uuid("46ad4877-b5b7-4a21-b383-00814cc60b40")
@pytest.mark.reference("https://docs.openstack.org/api-ref/network/v2/#standard-attributes-tag-extension")
def test_ports_and_subnets_are_filtered_by_tags(net: Net) -> None:
    """Lists of ports and of subnets, filtered by tags, hold what has all of them, any, not all or none, as asked."""
    net.require("standard-attr-tag")
    network = net.network()
    subnets = [net.subnet(network, cidr=f"10.111.{number}.0/24") for number in range(3)]
    ports = [net.port(network) for _ in range(3)]
    for kind, made in (("subnet", subnets), ("port", ports)):
        both, red, none = (one["id"] for one in made)
        for id, tags in ((both, ["red", "blue"]), (red, ["red"])):
            net.api.put(f"{net.path(kind, id)}/tags", json={"tags": tags}).setup(200)
        for name, expected in (
            ("tags", {both}),
            ("tags-any", {both, red}),
            ("not-tags", {red, none}),
            ("not-tags-any", {none}),
        ):
            filters = {name: "red,blue", "network_id": network["id"]}  # so that others do not fill the list
            seen = _found(net, kind, {both, red, none}, **filters)
            assert seen == expected, f"{kind}s with {name}=red,blue: expected {expected}, seen {seen}"


@pytest.mark.uuid("6879d648-ca2b-4fd7-9200-76b3bb61cfea")
@pytest.mark.reference("https://docs.openstack.org/api-ref/network/v2/#list-routers")
def test_routers_are_filtered(net: Net) -> None:
    """A list of routers, filtered by name or by administrative state, holds what matches and nothing else."""
    up, down = net.router(admin_state_up=True), net.router(admin_state_up=False)
    _told_apart(net, "router", up, down)
    for state, expected in (("True", up), ("False", down)):
        seen = _found(net, "router", {up["id"], down["id"]}, admin_state_up=state)
        assert seen == {expected["id"]}, f"routers with admin_state_up={state}: seen {seen}"


@pytest.mark.uuid("25a7be4d-c82a-4846-8a92-5dbf3ab889fc")
@pytest.mark.reference("https://docs.openstack.org/api-ref/network/v2/#list-security-groups")
def test_security_groups_are_filtered(net: Net) -> None:
    """A list of security groups, filtered by name or by id, holds what matches and nothing else."""
    one, other = net.group(), net.group()
    _told_apart(net, "security_group", one, other)
    seen = _found(net, "security_group", {one["id"], other["id"]}, id=one["id"])
    assert seen == {one["id"]}, f"security groups with id={one['id']}: seen {seen}"


def _told_apart(net: Net, kind: str, one: Body, other: Body) -> None:
    """A filter by the name of the one finds it and not the other."""
    seen = _found(net, kind, {one["id"], other["id"]}, name=one["name"])
    assert seen == {one["id"]}, f"{kind} with name={one['name']}: expected {one['id']}, seen {seen}"
