"""Lists of servers."""

from typing import Any

import pytest

from defcore.suite.support import Api, CannotTell, Resources, wait_for
from defcore.suite.support.compute import SETTLED, Servers, listed, pick, state
from defcore.suite.support.compute_schemas import SERVER, SERVER_BODY, SERVERS_BODY, SERVERS_BRIEF_BODY

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-ref/compute/#list-servers")


@pytest.mark.uuid("bf153b74-1339-4af6-80f4-d5a3e5ee45b8")
@pytest.mark.covers("9a438d88-10c6-4bcd-8b5b-5b6e25e1346f")
@pytest.mark.needs("image", "flavor")
def test_brief_list_contains_server(compute: Api, servers: Servers) -> None:
    """A server is in the brief list of servers, with its id and name."""
    server = servers.boot("brief")
    compute.get("/servers").expect(200).check(SERVERS_BRIEF_BODY)
    entry = pick(listed(compute, "/servers", "servers"), server["id"])
    assert entry["name"] == server["name"], f"expected the name {server['name']}, seen {entry['name']}"


@pytest.mark.uuid("f92efb98-27e0-40fd-80e2-8e6543b7d0e2")
@pytest.mark.covers("585e934c-448e-43c4-acbf-d06a9b899997")
@pytest.mark.needs("image", "flavor")
@pytest.mark.reference("https://docs.openstack.org/api-ref/compute/#list-servers-detailed")
def test_detail_list_contains_server(compute: Api, servers: Servers) -> None:
    """A server is in the detailed list of servers, with the values that it is shown with."""
    server = servers.boot("detail", metadata={"color": "blue"})
    compute.get("/servers/detail").expect(200).check(SERVERS_BODY)
    entry = pick(listed(compute, "/servers/detail", "servers"), server["id"])
    for key in ("name", "status", "image", "flavor", "metadata", "tenant_id", "user_id", "created"):
        assert entry[key] == server[key], f"{key} of {server['id']}: {entry[key]} in the list, {server[key]} shown"


@pytest.mark.uuid("992e4ddf-825f-4972-afb7-f8b7ab91e6b8")
@pytest.mark.needs("image", "flavor")
def test_brief_list_has_no_details(compute: Api, servers: Servers) -> None:
    """The brief list of servers gives id, name and links of a server, and none of what only the detailed list is to
    give. What neither has is a finding."""
    id = servers.boot("brief")["id"]
    entry = pick(listed(compute, "/servers", "servers"), id)
    details = sorted(entry.keys() & SERVER["properties"].keys() - {"id", "name", "links"})
    assert not details, f"server {id}: expected id, name and links, seen {details} as well"


@pytest.mark.uuid("f50169d5-3336-49dc-aeec-db9f1ffafda0")
@pytest.mark.needs("image", "flavor")
@pytest.mark.reference("https://docs.openstack.org/api-ref/compute/#show-server-details")
def test_active_server_has_no_task(servers: Servers, resources: Resources) -> None:
    """A new server that has become active comes to have no task left."""
    id = servers.post(resources.name("idle")).setup(202).json["server"]["id"]

    def probe() -> dict[str, Any]:
        return dict(servers.show(id).expect(200).check(SERVER_BODY).json["server"])

    built = wait_for(probe, lambda seen: seen["status"] != "BUILD", because=f"the server {id} is built", show=state)
    if built["status"] != "ACTIVE":
        raise CannotTell(f"the server {id} became {state(built)}")
    wait_for(  # from here on: a slow build is no lingering task
        probe,
        lambda seen: seen.get("OS-EXT-STS:task_state") is None,
        because=f"the active server {id} has no task",
        timeout=SETTLED,
        promised=lambda seen: seen["status"] == "ACTIVE",
        show=state,
    )
