"""Lists of servers."""

import pytest

from defcore.suite.support import Api
from defcore.suite.support.compute import Servers, listed, pick
from defcore.suite.support.compute_schemas import SERVERS_BODY, SERVERS_BRIEF_BODY

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
