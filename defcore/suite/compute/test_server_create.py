"""Creating servers."""

import pytest

from defcore.suite.support import Absent, Api, Resources
from defcore.suite.support.compute import Servers
from defcore.suite.support.compute_schemas import SERVER_BODY, SERVER_CREATED_BODY

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-ref/compute/#create-server")


@pytest.mark.uuid("8d1a7525-653d-42f0-9076-45da6d0da839")
@pytest.mark.covers("b92d5ec7-b1dd-44a2-87e4-45e888c46ef0")
@pytest.mark.needs("image", "flavor")
def test_boot_returns_admin_pass(servers: Servers, resources: Resources) -> None:
    """The answer to a server's creation repeats the administrative password that was asked for.

    A deployment may keep passwords out of its answers as a whole (`enable_instance_password`): then the feature
    is absent.
    """
    answer = servers.post(resources.name("password"), adminPass="testpassword")
    server = answer.expect(202).check(SERVER_CREATED_BODY).json["server"]
    if "adminPass" not in server:
        raise Absent(f"this deployment returns no passwords ({answer.where})")
    assert server["adminPass"] == "testpassword", f"{answer.where}: another password than asked for"


@pytest.mark.uuid("c33797ec-5e7d-4c5e-9bac-017842c49562")
@pytest.mark.covers("8fea6be7-065e-47cf-89b8-496e6f96c699")
@pytest.mark.needs("image", "flavor")
def test_boot_two_with_the_same_name(servers: Servers, resources: Resources) -> None:
    """Two servers may have the same name: both become active, as different servers."""
    name = resources.name("same-name")
    ids = []
    for _ in range(2):
        answer = servers.post(name).expect(202).check(SERVER_CREATED_BODY)
        ids.append(answer.json["server"]["id"])
    assert ids[0] != ids[1], f"both servers have the id {ids[0]}"
    for id in ids:
        servers.wait(id, "ACTIVE", promised=True)
        shown = servers.show(id).expect(200).check(SERVER_BODY).json["server"]
        assert shown["id"] == id, f"expected the server {id}, seen {shown['id']}"
        assert shown["name"] == name, f"server {id}: expected the name {name}, seen {shown['name']}"


@pytest.mark.uuid("6ea1e9eb-18d0-4c07-b248-046af0f78fa2")
@pytest.mark.needs("image", "flavor")
def test_boot_generates_a_password(servers: Servers, resources: Resources) -> None:
    """A server created without a password gets one of its own, which is in the answer."""
    answers = [servers.post(resources.name("generated")).expect(202).check(SERVER_CREATED_BODY) for _ in range(2)]
    words = [answer.json["server"].get("adminPass") for answer in answers]
    if words == [None, None]:
        raise Absent(f"this deployment returns no passwords ({answers[0].where})")
    assert all(words), f"{answers[0].where}: expected a password for each server"
    assert words[0] != words[1], f"{answers[1].where}: two servers got the same password"


@pytest.mark.uuid("1a651cd8-e7cb-408b-be66-ac807458fb00")
@pytest.mark.needs("image", "flavor")
def test_boot_answer_points_to_the_server(compute: Api, servers: Servers, resources: Resources) -> None:
    """The answer to a server's creation has its address in Location and in a self link; both end with its id."""
    answer = servers.post(resources.name("location")).expect(202).check(SERVER_CREATED_BODY)
    server = answer.json["server"]
    suffix = f"/servers/{server['id']}"
    location = answer.header("Location")
    assert location.endswith(suffix), f"{answer.where}: expected a Location that ends with {suffix}, seen {location}"
    own = [link["href"] for link in server["links"] if link["rel"] == "self"]
    assert [link.endswith(suffix) for link in own] == [True], f"{answer.where}: expected {suffix}, seen {own}"
    compute.get(suffix).expect(200, because="it was created")


@pytest.mark.uuid("04226dec-e951-4777-8b80-887f952a5ad5")
@pytest.mark.covers("61e03386-89c3-449c-9bb1-a06f423fd9d1")
@pytest.mark.needs("image", "flavor")
@pytest.mark.reference("https://docs.openstack.org/api-ref/compute/#create-multiple-servers")
def test_boot_min_count_two(servers: Servers, resources: Resources) -> None:
    """One request with min_count 2 makes two servers, which both become active; without being asked for, no
    reservation is reported."""
    name = resources.name("pair")
    answer, found = servers.post_two(name)
    answer.expect(202)
    first = answer.json.get("server", {}).get("id")
    assert "reservation_id" not in answer.json, f"{answer.where}: a reservation_id that nobody asked for"
    answer.check(SERVER_CREATED_BODY)
    names = sorted(server["name"] for server in found)
    assert len(names) == 2, f"expected two servers, seen {names}"
    assert all(one.startswith(name) for one in names), f"expected names that begin with {name}, seen {names}"
    assert first in [server["id"] for server in found], f"{answer.where}: the server {first} is not listed"
    for server in found:
        servers.wait(server["id"], "ACTIVE", promised=True)
