"""What is around a server: its addresses and ports, its group, and what it uses of the project's limits."""

from __future__ import annotations

from typing import Any

import pytest

from defcore.suite.support import Absent, Answer, Api, Resources, wait_for
from defcore.suite.support.compute import Servers, chosen, ids, listed, unknown_id
from defcore.suite.support.compute_schemas import SERVER_BODY, SERVER_GROUP_BODY

SERVER_GROUPS = "/os-server-groups"
ADDRESSES = {
    "type": "object",
    "required": ["addresses"],
    "properties": {
        "addresses": {
            "type": "object",
            "additionalProperties": {
                "type": "array",
                "items": {
                    "type": "object",
                    "required": ["addr", "version"],
                    "properties": {"addr": {"type": "string"}, "version": {"enum": [4, 6]}},
                    "additionalProperties": True,
                },
            },
        }
    },
}
ATTACHMENT = {
    "type": "object",
    "required": ["port_id", "net_id", "mac_addr", "port_state", "fixed_ips"],
    "properties": {
        "port_id": {"type": "string"},
        "net_id": {"type": "string"},
        "mac_addr": {"type": "string", "minLength": 1},
        "port_state": {"type": "string"},
        "fixed_ips": {"type": "array", "items": {"type": "object", "required": ["ip_address", "subnet_id"]}},
    },
    "additionalProperties": True,  # a tag comes with later microversions
}
ATTACHED = {"type": "object", "required": ["interfaceAttachment"], "properties": {"interfaceAttachment": ATTACHMENT}}
LISTED = {
    "type": "object",
    "required": ["interfaceAttachments"],
    "properties": {"interfaceAttachments": {"type": "array", "items": ATTACHMENT}},
}
COUNT = {"type": "integer"}
USED = ("totalInstancesUsed", "totalCoresUsed", "totalRAMUsed")

LIMITS = {
    "type": "object",
    "required": ["limits"],
    "properties": {
        "limits": {
            "type": "object",
            "required": ["absolute"],
            "properties": {
                "absolute": {"type": "object", "required": [*USED], "additionalProperties": COUNT},
                "rate": {"type": "array"},
            },
        }
    },
}


def told(addresses: dict[str, Any]) -> list[tuple[str, str, int]]:
    """(network, address, version) of each."""
    return sorted((name, one["addr"], one["version"]) for name, some in addresses.items() for one in some)


@pytest.mark.uuid("ec69fc2f-66f4-4aa1-9079-85423eecf6ae")
@pytest.mark.needs("image", "flavor")
@pytest.mark.reference("https://docs.openstack.org/api-ref/compute/#servers-ips-servers-ips")
def test_addresses_are_those_of_the_server(compute: Api, servers: Servers) -> None:
    """The addresses of a server, all together and by network, are those that it shows itself, each with its type and
    the MAC address of its port."""
    id = servers.boot("addresses")["id"]
    shown = servers.show(id).expect(200).check(SERVER_BODY)
    addresses = shown.json["server"]["addresses"]
    expected = told(addresses)
    for some in addresses.values():
        for one in some:
            missing = {"OS-EXT-IPS:type", "OS-EXT-IPS-MAC:mac_addr"} - one.keys()
            assert not missing, f"{shown.where}: the address {one} lacks {sorted(missing)}"
    answer = compute.get(f"/servers/{id}/ips").expect(200).check(ADDRESSES)
    seen = told(answer.json["addresses"])
    assert seen == expected, f"{answer.where}: expected {expected}, seen {seen}"


@pytest.mark.uuid("5f7129c5-3309-466f-bfbb-221e3fd1cfc3")
@pytest.mark.needs("image", "flavor", "network")
@pytest.mark.reference("https://docs.openstack.org/api-ref/compute/#port-interfaces-servers-os-interface")
def test_port_comes_and_goes(compute: Api, network: Api, servers: Servers, resources: Resources) -> None:
    """A server gets a further port on a network, shows and lists it with its MAC and fixed address, and loses it."""
    id = servers.boot("ports")["id"]
    path = f"/servers/{id}/os-interface"
    before = {one["port_id"] for one in compute.get(path).expect(200).check(LISTED).json["interfaceAttachments"]}
    wanted = {"interfaceAttachment": {"net_id": chosen(servers.settings, "network")}}
    answer = compute.post(path, json=wanted, timeout=300)
    if answer.status == 501:
        raise Absent(f"the hypervisor gives no further ports to a server ({answer.where})")
    answer.expect(200).check(ATTACHED)
    made = answer.json["interfaceAttachment"]
    port = made["port_id"]
    assert port not in before, f"{answer.where}: the port is one that the server had before"
    resources.track(network, "port", port)
    listed = compute.get(path).expect(200).check(LISTED)
    found = {one["port_id"]: one for one in listed.json["interfaceAttachments"]}
    assert found.keys() == before | {port}, f"{listed.where}: expected {before | {port}}, seen {sorted(found)}"
    shown = compute.get(f"{path}/{port}").expect(200).check(ATTACHED)
    for one in (found[port], shown.json["interfaceAttachment"]):
        seen = (one["mac_addr"], one["net_id"], one["fixed_ips"])
        expected = (made["mac_addr"], made["net_id"], made["fixed_ips"])
        assert seen == expected, f"{shown.where}: expected {expected}, seen {seen}"
    compute.delete(f"{path}/{port}").expect(202)
    wait_for(
        lambda: {one["port_id"] for one in compute.get(path).expect(200).check(LISTED).json["interfaceAttachments"]},
        lambda seen: seen == before,
        because=f"server {id} has the port {port} no more, for it was taken off",
        promised=True,
    )


@pytest.mark.uuid("cd463072-6833-4940-825b-b601be343e7c")
@pytest.mark.needs("image", "flavor")
@pytest.mark.reference("https://docs.openstack.org/api-ref/compute/#server-groups-os-server-groups")
def test_server_group_names_its_members(compute: Api, servers: Servers, resources: Resources) -> None:
    """A server group has the policy that it was made with, and lists the server that was made in it, until either is
    deleted."""
    name = resources.name("group")
    asked = {"server_group": {"name": name, "policies": ["anti-affinity"]}}
    made = resources.create(compute, "server_group", SERVER_GROUPS, name=name, json=asked).expect(200)
    group = made.check(SERVER_GROUP_BODY).json["server_group"]
    path = f"{SERVER_GROUPS}/{group['id']}"
    server = resources.name("member")
    body = servers.wanted(server) | {"os:scheduler_hints": {"group": group["id"]}}
    answer = resources.create(compute, "server", "/servers", name=server, json=body).setup(202)
    id = servers.wait(answer.json["server"]["id"], "ACTIVE")["id"]
    answer = compute.get(path).expect(200).check(SERVER_GROUP_BODY)
    seen = {key: answer.json["server_group"][key] for key in ("name", "policies", "members")}
    expected = {"name": name, "policies": ["anti-affinity"], "members": [id]}
    assert seen == expected, f"{answer.where}: expected {expected}, seen {seen}"
    compute.delete(path).expect(204)
    compute.get(path).expect(404, because="the server group was deleted")
    servers.show(id).expect(200, because="it outlives its group")


@pytest.mark.uuid("5e02939b-d48d-48f0-bb2b-6821020f88fe")
@pytest.mark.needs("image", "flavor")
@pytest.mark.reference("https://docs.openstack.org/api-ref/compute/#show-rate-and-absolute-limits")
def test_limits_count_what_runs(compute: Api, servers: Servers) -> None:
    """The limits count the servers of a project, at least those that are active before and after, and the processors
    and memory at least of those just made.

    One that is being deleted may still be listed though it is counted no more.
    """
    compute.get("/limits").expect(200).check(LIMITS)
    flavor = compute.get(f"/flavors/{servers.flavor}").setup(200).json["flavor"]
    servers.boot_two("counted", {}, {})
    answer = wait_for(
        lambda: counted(compute),
        lambda seen: seen[0] >= seen[1],
        because="the limits count the servers that are active",
        timeout=60,
        promised=True,
        show=lambda seen: f"{seen[2].where}: counted {seen[0]}, active {seen[1]}",
    )[2]
    used = answer.json["limits"]["absolute"]
    for name, least in zip(USED, (2, 2 * flavor["vcpus"], 2 * flavor["ram"]), strict=True):
        assert used[name] >= least, f"{answer.where}: {name} is {used[name]}, though {least} are in use"


def counted(compute: Api) -> tuple[int, int, Answer]:
    """How many servers the limits count, how many are active before and after, and the limits."""
    before = ids(listed(compute, "/servers", "servers", status="ACTIVE"))
    answer = compute.get("/limits").expect(200).check(LIMITS)
    there = before & ids(listed(compute, "/servers", "servers", status="ACTIVE"))
    return answer.json["limits"]["absolute"][USED[0]], len(there), answer


@pytest.mark.uuid("4b381717-0ac0-4127-b24d-d05f38a2bc67")
@pytest.mark.reference("https://docs.openstack.org/api-ref/compute/#create-image-createimage-action")
def test_image_of_an_unknown_server_is_not_made(servers: Servers, resources: Resources) -> None:
    """To make an image of a server that does not exist is answered with 404."""
    answer = servers.act(unknown_id(), "createImage", {"name": resources.name("of-nothing")})
    answer.expect(404, because="there is no such server")


@pytest.mark.uuid("c3b52c96-ac76-4f81-89f8-ed2098aa43aa")
@pytest.mark.needs("image", "flavor")
@pytest.mark.reference("https://docs.openstack.org/api-ref/compute/#create-multiple-servers")
def test_least_is_not_more_than_most(servers: Servers, resources: Resources) -> None:
    """Servers whose least number is above the greatest, or is none, are refused with 400."""
    for counts in ({"min_count": 3, "max_count": 2}, {"min_count": 0}, {"min_count": "many"}):
        answer = servers.post(resources.name("counted"), **counts)
        answer.expect(400, because=f"of {counts}")
