"""Security groups of servers."""

import pytest

from defcore.suite.support import Api, Resources
from defcore.suite.support.compute import Servers, ids, pick
from defcore.suite.support.compute_groups import GROUPS, Groups, comparable

pytestmark = pytest.mark.reference(
    "https://docs.openstack.org/api-ref/compute/#add-security-group-to-a-server-addsecuritygroup-action"
)


def boot(servers: Servers, groups: Groups) -> str:
    """Set-up: a server whose ports take groups."""
    id = str(servers.boot("groups")["id"])
    groups.need_port_security(id)
    return id


@pytest.mark.uuid("ef4b70ac-3354-4677-a74f-c95c492029c3")
@pytest.mark.covers("fe4abc0d-83f5-4c50-ad11-57a1127297a2")
@pytest.mark.needs("image", "flavor")
def test_group_in_use_is_kept(groups: Groups, servers: Servers) -> None:
    """A security group that a server has been given cannot be deleted, also after a hard reboot, and can be once the
    server is gone."""
    first, second = groups.given("first"), groups.given("second")
    id = boot(servers, groups)
    servers.act(id, "addSecurityGroup", {"name": first["name"]}).expect(202)
    groups.delete(first["id"]).expect(400, because=f"server {id} has the group")
    servers.act(id, "reboot", {"type": "HARD"}).expect(202)
    servers.wait(id, "ACTIVE", promised=True)
    servers.act(id, "addSecurityGroup", {"name": second["name"]}).expect(202)
    groups.delete(second["id"]).expect(400, because=f"server {id} has the group")
    servers.api.delete(f"/servers/{id}").expect(204)
    servers.wait_gone(id, promised=True)
    groups.free(first["id"])
    groups.free(second["id"])


@pytest.mark.uuid("e5f37d20-d8c0-4894-afca-fab258d63a70")
@pytest.mark.covers("79517d60-535a-438f-af3d-e6feab1cbea7")
@pytest.mark.needs("image", "flavor")
@pytest.mark.reference("https://docs.openstack.org/api-ref/compute/#list-security-groups-by-server")
def test_groups_of_a_server_are_listed(groups: Groups, servers: Servers) -> None:
    """The security groups that a server has been given are in its list of groups."""
    given = {groups.given("first")["id"], groups.given("second")["id"]}
    id = boot(servers, groups)
    for group in given:
        servers.act(id, "addSecurityGroup", {"name": groups.shown(group)["name"]}).expect(202)
    seen = ids(groups.of_server(id))
    assert given <= seen, f"GET /servers/{id}{GROUPS}: expected {sorted(given)}, seen {sorted(seen)}"


@pytest.mark.uuid("973bdd0b-199f-43d1-bac0-24a4eeca461f")
@pytest.mark.needs("image", "flavor")
@pytest.mark.reference(
    "https://docs.openstack.org/api-ref/compute/#remove-security-group-from-a-server-removesecuritygroup-action"
)
def test_group_that_was_removed_is_free(groups: Groups, servers: Servers) -> None:
    """A server lists the groups it has, as they are shown, and no other; one that is removed from it is no longer
    listed and can be deleted, and the others stay."""
    kept, removed, never = groups.given("kept"), groups.given("removed"), groups.given("never")
    id = boot(servers, groups)
    before = ids(groups.of_server(id))
    for group in (kept, removed):
        servers.act(id, "addSecurityGroup", {"name": group["name"]}).setup(202)
    found = groups.of_server(id)
    expected = before | {kept["id"], removed["id"]}
    assert ids(found) == expected, f"GET /servers/{id}{GROUPS}: expected {sorted(expected)}, seen {sorted(ids(found))}"
    seen = pick(found, kept["id"])
    assert comparable(seen) == comparable(kept), f"GET /servers/{id}{GROUPS}: expected {kept}, seen {seen}"
    servers.act(id, "removeSecurityGroup", {"name": removed["name"]}).expect(202)
    servers.act(id, "removeSecurityGroup", {"name": never["name"]}).expect(404, because="the server has no such group")
    after = ids(groups.of_server(id))
    expected -= {removed["id"]}
    assert after == expected, f"GET /servers/{id}{GROUPS}: expected {sorted(expected)}, seen {sorted(after)}"
    groups.free(removed["id"])
    groups.delete(kept["id"]).expect(400, because=f"server {id} has the group")


@pytest.mark.uuid("1e201ff8-af06-4578-8371-a918649cfdbe")
@pytest.mark.needs("alt", "image", "flavor")
def test_groups_stay_within_the_project(
    groups: Groups, alt_compute: Api, servers: Servers, resources: Resources
) -> None:
    """A server cannot be given a security group of another project, and a user of another project neither sees nor
    changes the groups of a server: 404 each."""
    foreign = Groups(alt_compute, resources, groups.network).given("foreign")
    own = groups.given("own")
    id = boot(servers, groups)
    before = ids(groups.of_server(id))
    for name in (foreign["name"], foreign["id"]):
        servers.act(id, "addSecurityGroup", {"name": name}).expect(404, because="the group is another project's")
    because = "the server is another project's"
    alt_compute.get(f"/servers/{id}{GROUPS}").expect(404, because=because)
    for name in (foreign["name"], own["name"]):
        change = {"addSecurityGroup": {"name": name}}
        alt_compute.post(f"/servers/{id}/action", json=change).expect(404, because=because)
    after = ids(groups.of_server(id))
    assert after == before, f"GET /servers/{id}{GROUPS}: expected {sorted(before)}, seen {sorted(after)}"
