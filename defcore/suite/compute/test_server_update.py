"""Updating servers, and what a server shows of what was asked for."""

from ipaddress import IPv6Address
from typing import Any

import pytest

from defcore.suite.support import Api, Resources
from defcore.suite.support.compute import Servers, unknown_id
from defcore.suite.support.compute_schemas import (
    SERVER_BODY,
    SERVER_CREATED_BODY,
    SERVER_EXACT_BODY,
    SERVER_UPDATED_BODY,
)

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-ref/compute/#update-server")


@pytest.mark.uuid("4c663877-ea4e-4d85-846c-be0cbd0a0a92")
@pytest.mark.covers("89b90870-bc13-4b73-96af-f9d4f2b70077")
@pytest.mark.needs("image", "flavor")
def test_update_access_addresses(compute: Api, servers: Servers) -> None:
    """The access addresses of a server can be changed, and are shown as changed."""
    id = servers.boot("access")["id"]
    wanted = {"accessIPv4": "1.1.1.1", "accessIPv6": "::babe:202:202"}
    compute.put(f"/servers/{id}", json={"server": wanted}).expect(200).check(SERVER_UPDATED_BODY)
    answer = servers.show(id).expect(200).check(SERVER_BODY)
    seen = {key: answer.json["server"].get(key) for key in wanted}
    assert seen == wanted, f"{answer.where}: expected {wanted}, seen {seen}"


def rename(compute: Api, servers: Servers, id: str, name: str, status: str) -> dict[str, Any]:
    """Give the server a name; it must have it then, in the same state. Returns it as shown."""
    updated = compute.put(f"/servers/{id}", json={"server": {"name": name}}).expect(200).check(SERVER_UPDATED_BODY)
    shown = servers.show(id).expect(200).check(SERVER_BODY)
    for answer in (updated, shown):
        seen = answer.json["server"]
        assert seen["name"] == name, f"{answer.where}: expected the name {name!r}, seen {seen['name']!r}"
        assert seen["status"] == status, f"{answer.where}: expected the status {status}, seen {seen['status']}"
    return dict(shown.json["server"])


@pytest.mark.uuid("2ee4d284-6c96-47bb-8ce1-0822aeb2c4c4")
@pytest.mark.covers("5e6ccff8-349d-4852-a8b3-055df7988dd2")
@pytest.mark.needs("image", "flavor")
def test_update_name_unicode(compute: Api, servers: Servers, resources: Resources) -> None:
    """The name of a server can be changed to one with letters outside ASCII, while it is active and while it is
    shut off; a server that is shut off shows no progress."""
    id = servers.boot("rename")["id"]
    rename(compute, servers, id, f"Íñstáñcé-{resources.name('active')}", "ACTIVE")
    servers.act(id, "os-stop").setup(202)
    servers.wait(id, "SHUTOFF")
    server = rename(compute, servers, id, f"Íñstáñcé-{resources.name('off')}", "SHUTOFF")
    assert "progress" not in server, f"server {id} is SHUTOFF and shows progress {server['progress']}"


@pytest.mark.uuid("1358adf6-4b54-47c2-ba0a-0470da2ca06e")
@pytest.mark.covers("aa8eed43-e2cb-4ebf-930b-da14f6a21d81")
def test_update_unknown_404(compute: Api, resources: Resources) -> None:
    """Renaming a server that does not exist is answered with 404."""
    compute.put(f"/servers/{unknown_id()}", json={"server": {"name": resources.name("none")}}).expect(404)


@pytest.mark.uuid("3932d48d-c558-4568-923f-e678a4c887d2")
@pytest.mark.covers("38204696-17c6-44da-9590-40f87fb5a899")
@pytest.mark.needs("image", "flavor")
def test_update_rejects_empty_name(compute: Api, servers: Servers) -> None:
    """Giving a server an empty name is refused with 400, and it keeps its name."""
    expect_refused(compute, servers, "")


@pytest.mark.uuid("956d2a2c-e3e8-4f7a-a99e-1eeb163ab298")
@pytest.mark.covers("5c8e244c-dada-4590-9944-749c455b431f")
@pytest.mark.needs("image", "flavor")
def test_update_rejects_long_name(compute: Api, servers: Servers) -> None:
    """Giving a server a name of 256 characters is refused with 400, and it keeps its name."""
    expect_refused(compute, servers, "a" * 256)


def expect_refused(compute: Api, servers: Servers, name: str) -> None:
    server = servers.boot("keeps-name")
    because = f"a name of {len(name)} characters"
    compute.put(f"/servers/{server['id']}", json={"server": {"name": name}}).expect(400, because=because)
    answer = servers.show(server["id"]).expect(200).check(SERVER_BODY)
    seen = answer.json["server"]["name"]
    assert seen == server["name"], f"{answer.where}: expected the name {server['name']}, seen {seen!r}"


@pytest.mark.uuid("991e90bb-7b51-46cc-80cc-6e3ff6a461c2")
@pytest.mark.needs("image", "flavor", "alt_flavor")
def test_update_changes_nothing_else(compute: Api, servers: Servers, resources: Resources) -> None:
    """An update changes what it names and nothing else; properties that cannot be updated are refused with 400."""
    before = servers.boot("update", metadata={"color": "blue"})
    path, name = f"/servers/{before['id']}", resources.name("updated")
    compute.put(path, json={"server": {"name": name}}).expect(200)
    after = servers.show(before["id"]).expect(200).check(SERVER_BODY).json["server"]
    changed = sorted(key for key in before if after.get(key) != before[key] and key != "updated")
    assert changed == ["name"], f"GET {path}: expected a change of the name alone, seen {changed}"
    for wrong in ({"flavorRef": servers.flavor}, {"accessIPv4": "not.an.address"}, {"accessIPv6": "1.1.1.1"}):
        compute.put(path, json={"server": wrong}).expect(400, because=str(wrong))


@pytest.mark.uuid("a4d81343-f4ff-43ed-a764-f3a865729ce4")
@pytest.mark.covers("5de47127-9977-400a-936f-abcfbec1218f")
@pytest.mark.needs("image", "flavor")
@pytest.mark.reference("https://docs.openstack.org/api-ref/compute/#show-server-details")
def test_details_match_request(servers: Servers, resources: Resources) -> None:
    """An active server shows the name, image, flavor, metadata and access addresses that were asked for, the IPv6
    address in its short form."""
    name, long = resources.name("details"), "0000:0000:0000:0000:0000:babe:220.12.22.2"
    wanted: dict[str, Any] = {
        "metadata": {"hello": "world"},
        "accessIPv4": "1.1.1.1",
        "accessIPv6": long,
        "OS-DCF:diskConfig": "AUTO",
        "adminPass": "detailsPassword",
    }
    id = servers.post(name, **wanted).expect(202).check(SERVER_CREATED_BODY).json["server"]["id"]
    servers.wait(id, "ACTIVE", promised=True)
    answer = servers.show(id).expect(200).check(SERVER_BODY)
    server = answer.json["server"]
    expected = {
        "id": id,
        "name": name,
        "image": servers.image,
        "flavor": servers.flavor,
        "metadata": {"hello": "world"},
        "accessIPv4": "1.1.1.1",
        "accessIPv6": str(IPv6Address(long)),
    }
    seen = {key: server.get(key) for key in expected}
    seen |= {"image": (server["image"] or {}).get("id"), "flavor": server["flavor"]["id"]}
    assert seen == expected, f"{answer.where}: expected {expected}, seen {seen}"


@pytest.mark.uuid("f4d5b0e7-b33c-449f-8b7c-3f1dea2b5c33")
@pytest.mark.needs("image", "flavor")
@pytest.mark.reference("https://docs.openstack.org/api-ref/compute/#show-server-details")
def test_server_shows_documented_properties_alone(servers: Servers) -> None:
    """An active server shows every property that the API reference names at microversion 2.1, and no other."""
    id = servers.boot("strict")["id"]
    answer = servers.show(id).expect(200).check(SERVER_EXACT_BODY)
    assert answer.json["server"]["id"] == id, f"{answer.where}: another server than {id} is shown"


@pytest.mark.uuid("2dff0a2a-fbb5-4e10-91e5-e8caaf1a0313")
@pytest.mark.needs("image", "flavor")
@pytest.mark.reference("https://docs.openstack.org/api-ref/compute/#show-server-details")
def test_server_belongs_to_who_asked(compute: Api, servers: Servers) -> None:
    """A server names the user and project that asked for it, and when it was launched after it was created."""
    server = servers.boot("owner")
    seen = (server["user_id"], server["tenant_id"])
    expected = (compute.actor.user_id, compute.actor.project_id)
    assert seen == expected, f"server {server['id']}: expected user and project {expected}, seen {seen}"
    created, updated = server["created"], server["updated"]
    assert created <= updated, f"server {server['id']}: created {created}, updated {updated}"
    launched = server["OS-SRV-USG:launched_at"]
    assert launched, f"server {server['id']}: expected the time of its launch, seen {launched}"
    assert launched[:19] >= created[:19], f"server {server['id']}: created {created}, launched {launched}"
    assert server["hostId"], f"server {server['id']}: expected a hostId, seen {server['hostId']!r}"
