"""What is asked for beside image and flavor when a server is made: the server has it, or is not made."""

from __future__ import annotations

import pytest

from defcore.suite.support import Api, Prerequisite, Resources
from defcore.suite.support.compute import Servers, listed
from defcore.suite.support.compute_groups import Groups
from defcore.suite.support.compute_schemas import LATER_SERVER_BODY, RESERVATION_BODY, SERVER_BODY, SERVER_CREATED_BODY
from defcore.suite.support.network import Net

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-ref/compute/#create-server")


@pytest.mark.uuid("c425d048-b207-4718-ae01-3d77e6ba73f5")
@pytest.mark.needs("image", "flavor")
def test_description_is_kept_and_changed(servers: Servers, resources: Resources) -> None:
    """A server keeps the description that it is made with, and then the one that it is given.

    Microversion 2.19.
    """
    compute = servers.api
    compute.need_microversion("2.19")
    made = servers.post(resources.name("described"), description="first, ünïcödé", microversion="2.19").expect(202)
    made.check(SERVER_CREATED_BODY)
    id = made.json["server"]["id"]
    servers.wait(id, "ACTIVE")
    expect_shown(servers, id, "2.19", description="first, ünïcödé")
    change = {"server": {"description": "second"}}
    compute.put(f"/servers/{id}", json=change, microversion="2.19").expect(200)
    expect_shown(servers, id, "2.19", description="second")


def expect_shown(servers: Servers, id: str, microversion: str, **expected: object) -> None:
    answer = servers.show(id, microversion=microversion).expect(200).check(LATER_SERVER_BODY)
    server = answer.json["server"]
    seen = {name: server.get(name) for name in expected}
    assert seen == expected, f"{answer.where}: expected {expected}, seen {seen}"


@pytest.mark.uuid("dbc0a12f-d413-40b0-8d2e-a3a89087a1a8")
@pytest.mark.needs("image", "flavor", "network")
def test_tags_are_given_at_birth(servers: Servers, resources: Resources) -> None:
    """A server has the tags that it is made with, and shows them.

    Microversion 2.52.
    """
    servers.api.need_microversion("2.52")
    tag = resources.name("tag")[-60:]  # the most that a tag may have; --challenge makes names longer
    made = servers.post(resources.name("tagged"), tags=[tag], microversion="2.52").expect(202)
    made.check(SERVER_CREATED_BODY)
    id = made.json["server"]["id"]
    servers.wait(id, "ACTIVE")
    expect_shown(servers, id, "2.52", tags=[tag])


@pytest.mark.uuid("8ef51154-de14-477a-ba09-4f97f525bcc0")
@pytest.mark.needs("image", "flavor")
def test_networks_are_named_or_none(servers: Servers, resources: Resources) -> None:
    """From microversion 2.37 on, networks of a new server have to be named: without them it is refused with 400, and
    one that is to have none has no address."""
    compute, name = servers.api, resources.name("nowhere")
    compute.need_microversion("2.37")
    unnamed = servers.wanted(name)
    unnamed["server"].pop("networks", None)
    answer = resources.create(compute, "server", "/servers", name=name, json=unnamed, microversion="2.37")
    answer.expect(400, because="no networks are named")
    made = servers.post(name, networks="none", microversion="2.37").expect(202)
    made.check(SERVER_CREATED_BODY)
    server = servers.wait(made.json["server"]["id"], "ACTIVE")
    assert server["addresses"] == {}, f"{made.where}: asked for no network, seen {server['addresses']}"


@pytest.mark.uuid("9280c2dd-daa5-4ef6-9d2a-dc432ba3fabd")
@pytest.mark.needs("image", "flavor")
def test_server_has_the_address_asked_for(network: Api, servers: Servers, resources: Resources) -> None:
    """A server has the fixed address that was asked for on its network."""
    net = Net(network, resources)
    place = net.network()
    net.subnet(place, cidr="10.122.0.0/24")
    networks = [{"uuid": place["id"], "fixed_ip": "10.122.0.77"}]
    made = servers.post(resources.name("addressed"), networks=networks).expect(202).check(SERVER_CREATED_BODY)
    id = made.json["server"]["id"]
    server = servers.wait(id, "ACTIVE")
    seen = [one["addr"] for some in server["addresses"].values() for one in some]
    assert seen == ["10.122.0.77"], f"server {id}: expected the address 10.122.0.77, seen {seen}"


@pytest.mark.uuid("ae8fbca8-787c-40c0-bcdd-ac598115ea37")
@pytest.mark.needs("image", "flavor")
def test_server_has_the_groups_asked_for(groups: Groups, servers: Servers, resources: Resources) -> None:
    """A server is in the security groups that it is made with, and in no other, and shows their names."""
    group = groups.given("birth")
    wanted = [{"name": group["name"]}]
    made = servers.post(resources.name("grouped"), security_groups=wanted).expect(202).check(SERVER_CREATED_BODY)
    id = made.json["server"]["id"]
    servers.wait(id, "ACTIVE")
    groups.need_port_security(id)
    listed_groups = [one["id"] for one in groups.of_server(id)]
    assert listed_groups == [group["id"]], f"server {id}: expected the group {group['id']}, seen {listed_groups}"
    answer = servers.show(id).expect(200).check(SERVER_BODY)
    seen = {one["name"] for one in answer.json["server"].get("security_groups", [])}
    assert seen == {group["name"]}, f"{answer.where}: expected the group {group['name']}, seen {seen}"


@pytest.mark.uuid("bce60d40-0030-422e-9c44-596497078c30")
@pytest.mark.needs("image", "flavor")
@pytest.mark.reference("https://docs.openstack.org/api-ref/compute/#create-multiple-servers")
def test_reservation_is_told_instead_of_a_server(compute: Api, servers: Servers, resources: Resources) -> None:
    """Who asks for it is told the id of the reservation, by which the new servers are found."""
    name = resources.name("reserved")
    made = resources.intend(compute, "server", name=name)
    answer = compute.post("/servers", json=servers.wanted(name, return_reservation_id=True))
    if 400 <= answer.status < 500:
        made.never_asked_for()
    if answer.refused_for_quota:
        raise Prerequisite(f"needs room for a server, and the quota leaves none ({answer.where})")
    found = servers.named(name)
    for one in found[:1]:
        made.known_as(one["id"])
    reservation = answer.expect(202).check(RESERVATION_BODY).json["reservation_id"]
    seen = [one["id"] for one in listed(compute, "/servers", "servers", reservation_id=reservation)]
    assert seen == [one["id"] for one in found], f"reservation {reservation}: expected {found}, seen {seen}"
    assert len(found) == 1, f"{answer.where}: expected one server called {name}, seen {found}"
