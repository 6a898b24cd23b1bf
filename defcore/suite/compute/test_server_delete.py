"""Servers that are gone, or never were."""

import pytest

from defcore.suite.support import Api
from defcore.suite.support.compute import Servers, unknown_id
from defcore.suite.support.compute_schemas import SERVERS_BODY

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-ref/compute/#delete-server")


@pytest.mark.uuid("43228f0d-9912-4ef4-9565-727c553a8dc5")
@pytest.mark.covers("925fdfb4-5b13-47ea-ac8a-c36ae6fddb05")
@pytest.mark.needs("image", "flavor")
def test_delete_active(compute: Api, servers: Servers) -> None:
    """An active server can be deleted, and is then not found."""
    server = servers.boot("delete")
    compute.delete(f"/servers/{server['id']}").expect(204).empty()
    servers.wait_gone(server["id"], promised=True)


@pytest.mark.uuid("ea1dbf11-f9ec-40dc-9265-e24a4adf8c79")
@pytest.mark.covers("75f79124-277c-45e6-a373-a1d6803f4cc4")
def test_delete_negative_id(compute: Api) -> None:
    """Deleting a server whose id is a negative number is answered with 404."""
    compute.delete("/servers/-1").expect(404, because="no server has that id")


@pytest.mark.uuid("93de14ff-8d3c-4b7a-840d-409db6905978")
@pytest.mark.covers("f4d7279b-5fd2-4bf2-9ba4-ae35df0d18c5")
def test_delete_id_beyond_limit(compute: Api) -> None:
    """Deleting a server whose id is a number of more than 63 bits is answered with 404."""
    compute.delete(f"/servers/{2**63}").expect(404, because="no server has that id")


@pytest.mark.uuid("d2a946b5-424d-423c-988c-417297c7c6f9")
def test_delete_unknown(compute: Api) -> None:
    """Deleting a server that does not exist is answered with 404."""
    compute.delete(f"/servers/{unknown_id()}").expect(404)


@pytest.mark.uuid("10559f65-3274-4f25-8043-624f032d8c1e")
@pytest.mark.needs("image", "flavor")
def test_deleted_server_is_seen_among_changes(compute: Api, servers: Servers) -> None:
    """A deleted server is not found, cannot be deleted again, and is among the changes since its creation as
    DELETED."""
    server = servers.boot("changes")
    compute.delete(f"/servers/{server['id']}").setup(204)
    servers.wait_gone(server["id"])
    compute.delete(f"/servers/{server['id']}").expect(404, because="it was deleted")
    params = {"changes-since": server["created"], "name": server["name"]}
    answer = compute.get("/servers/detail", params=params).expect(200).check(SERVERS_BODY)
    seen = [(one["id"], one["status"]) for one in answer.json["servers"]]
    assert seen == [(server["id"], "DELETED")], f"{answer.where}: expected {server['id']} as DELETED, seen {seen}"


@pytest.mark.uuid("d4654c7b-fc4c-465a-9538-6652d8e47e6e")
@pytest.mark.covers("3436b02f-1b1e-4f03-881e-c6a602327439")
@pytest.mark.reference("https://docs.openstack.org/api-ref/compute/#show-server-details")
def test_get_unknown_404(compute: Api) -> None:
    """A server that does not exist is answered with 404."""
    compute.get(f"/servers/{unknown_id()}").expect(404)
