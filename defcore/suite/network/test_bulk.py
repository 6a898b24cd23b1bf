"""Bulk requests create everything or nothing."""

from __future__ import annotations

import pytest

from defcore.suite.support.network import Net

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-ref/network/v2/#bulk-create-ports")


@pytest.mark.uuid("a8a6bdcb-cb37-4cc5-b12f-262a211e1ec4")
def test_bulk_request_with_a_bad_part_creates_nothing(net: Net) -> None:
    """Of a bulk request one part of which is refused, nothing is created."""
    network = net.network()
    subnet = net.subnet(network, cidr="10.80.0.0/24")
    names = [net.resources.name("port"), net.resources.name("port")]
    outside = [{"subnet_id": subnet["id"], "ip_address": "10.99.0.5"}]
    answer = net.resources.create_several(
        net.api,
        "port",
        "/v2.0/ports",
        collection="ports",
        names=names,
        json={
            "ports": [
                {"network_id": network["id"], "name": names[0]},
                {"network_id": network["id"], "name": names[1], "fixed_ips": outside},
            ]
        },
    )
    answer.expect(400, because="the second port's address is in no subnet of the network")
    listed = [one["name"] for one in net.listed("port", network_id=network["id"]) if one["name"] in names]
    assert not listed, f"the bulk request was refused, but port {listed} was created"


@pytest.mark.uuid("9aa01b42-67db-447f-baad-a25c16aab624")
@pytest.mark.reference("https://docs.openstack.org/api-ref/network/v2/#bulk-create-networks")
def test_networks_are_created_in_bulk(net: Net) -> None:
    """One request creates several networks, each with its own attributes."""
    names = [net.resources.name("network"), net.resources.name("network")]
    answer = net.resources.create_several(
        net.api,
        "network",
        "/v2.0/networks",
        collection="networks",
        names=names,
        json={"networks": [{"name": names[0]}, {"name": names[1], "admin_state_up": False}]},
    ).expect(201)
    made = [(one["name"], one["admin_state_up"]) for one in answer.json["networks"]]
    assert made == [(names[0], True), (names[1], False)], f"{answer.where}: seen {made}"
    for one_ in answer.json["networks"]:
        shown = net.shown("network", one_["id"])
        assert (shown["name"], shown["admin_state_up"]) in made, f"shown as {shown}"


@pytest.mark.uuid("f2ee0a02-fe1d-421e-8ad1-4ae9df5846dc")
@pytest.mark.reference("https://docs.openstack.org/api-ref/network/v2/#bulk-create-networks")
def test_bulk_request_with_a_bad_network_creates_none(net: Net) -> None:
    """Of networks asked for in one request, one of which is refused, none is created."""
    names = [net.resources.name("network"), net.resources.name("network")]
    answer = net.resources.create_several(
        net.api,
        "network",
        "/v2.0/networks",
        collection="networks",
        names=names,
        json={"networks": [{"name": names[0]}, {"name": names[1], "admin_state_up": "perhaps"}]},
    )
    answer.expect(400, because="the second network is neither up nor down")
    listed = [one["name"] for one in net.listed("network") if one["name"] in names]
    assert not listed, f"the bulk request was refused, but the network {listed} was created"
