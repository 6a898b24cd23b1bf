"""Rebuilding servers."""

from typing import Any

import pytest

from defcore.suite.support import Absent, Api, PromiseBroken, Resources
from defcore.suite.support.compute import Servers, Settings, chosen, unknown_id
from defcore.suite.support.compute_schemas import SERVER_BODY, SERVER_REBUILT_BODY

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-ref/compute/#rebuild-server-rebuild-action")


def fixed(server: dict[str, Any]) -> list[tuple[str, str]]:
    return sorted((name, one["addr"]) for name, addresses in server["addresses"].items() for one in addresses)


@pytest.mark.uuid("115ea367-7eaa-4abd-9b4d-898a40089fbc")
@pytest.mark.covers("aaa6cdf3-55a7-461a-add9-1c8596b9a07c")
@pytest.mark.needs("image", "flavor", "alt_image")
def test_rebuild_other_image(servers: Servers, resources: Resources, settings: Settings) -> None:
    """A server rebuilt from another image is active again with that image and its new name, and keeps its id,
    flavor and addresses."""
    before = servers.boot("rebuild")
    id, name, image = before["id"], resources.name("rebuilt"), chosen(settings, "alt_image")
    wanted = {"imageRef": image, "name": name, "metadata": {"rebuild": "server"}, "adminPass": "rebuildPassword"}
    answer = servers.act(id, "rebuild", wanted).expect(202).check(SERVER_REBUILT_BODY)
    server = answer.json["server"]
    assert server["id"] == id, f"{answer.where}: expected the server {id}, seen {server['id']}"
    servers.wait(id, "ACTIVE", promised=True)
    again = servers.show(id).expect(200).check(SERVER_BODY)
    for where, seen in ((answer.where, server), (again.where, again.json["server"])):
        found = seen["image"] and seen["image"]["id"]
        assert found == image, f"{where}: expected the image {image}, seen {found!r}"
        assert seen["flavor"]["id"] == servers.flavor, f"{where}: expected {servers.flavor}, seen {seen['flavor']}"
    server = again.json["server"]
    assert server["name"] == name, f"{again.where}: expected the name {name}, seen {server['name']}"
    assert fixed(server) == fixed(before), f"{again.where}: expected {fixed(before)}, seen {fixed(server)}"


@pytest.mark.uuid("86be1d1e-e378-4120-b31d-424bf1781faf")
@pytest.mark.covers("d86141a7-906e-4731-b187-d64a2ea61422")
@pytest.mark.needs("image")
def test_rebuild_unknown_404(servers: Servers) -> None:
    """Rebuilding a server that does not exist is answered with 404."""
    servers.act(unknown_id(), "rebuild", {"imageRef": servers.image}).expect(404)


@pytest.mark.uuid("cd4040e0-7c57-4d8b-af90-cd2a3b5ff8cc")
@pytest.mark.covers("98fa0458-1485-440f-873b-fe7f0d714930")
@pytest.mark.needs("image", "flavor")
def test_rebuild_deleted_404(compute: Api, servers: Servers) -> None:
    """Rebuilding a server that was deleted is answered with 404."""
    id = servers.boot("rebuild-deleted")["id"]
    compute.delete(f"/servers/{id}").setup(204)
    servers.wait_gone(id)
    servers.act(id, "rebuild", {"imageRef": servers.image}).expect(404)


@pytest.mark.uuid("7e94b434-bdd8-4a2c-a48c-06378cae9960")
@pytest.mark.needs("image", "flavor")
def test_rebuild_replaces_metadata(servers: Servers) -> None:
    """A rebuild with metadata replaces all metadata of the server, and an unknown image is refused with 400."""
    id = servers.boot("rebuild-metadata", metadata={"old": "1"})["id"]
    servers.act(id, "rebuild", {"imageRef": unknown_id()}).expect(400, because="there is no such image")
    servers.act(id, "rebuild", {"imageRef": servers.image, "metadata": {"new": "2"}}).expect(202)
    seen = servers.wait(id, "ACTIVE", promised=True)["metadata"]
    assert seen == {"new": "2"}, f"server {id}: expected the metadata new=2 alone, seen {seen}"


@pytest.mark.uuid("a6ae1319-3dd6-46ff-b61c-d4eee5aa6a5b")
@pytest.mark.needs("image", "flavor")
def test_rebuild_answers_the_password_asked_for(servers: Servers) -> None:
    """The answer to a rebuild repeats the administrative password that was asked for.

    A deployment may keep passwords out of its answers as a whole (`enable_instance_password`): then the feature
    is absent.
    """
    id = servers.boot("rebuild-password")["id"]
    answer = servers.act(id, "rebuild", {"imageRef": servers.image, "adminPass": "rebuildPassword"})
    server = answer.expect(202).check(SERVER_REBUILT_BODY).json["server"]
    if "adminPass" not in server:
        created = servers.post(servers.resources.name("password")).setup(202)
        if "adminPass" not in created.json["server"]:
            raise Absent(f"this deployment returns no passwords ({answer.where})")
        raise PromiseBroken(f"{answer.where}: no password", expected="adminPass", seen=sorted(server))
    assert server["adminPass"] == "rebuildPassword", f"{answer.where}: another password than asked for"
