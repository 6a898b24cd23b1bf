"""What later microversions promise: what they show, take and tell otherwise."""

from __future__ import annotations

import pytest

from defcore.suite.support import Api, CannotTell, Resources
from defcore.suite.support.compute import Servers, Settings, chosen, ids, listed, unknown_id
from defcore.suite.support.compute_schemas import (
    ACTIONS_BODY,
    FLAVOR_BODY,
    FLAVOR_OF_SERVER_BODY,
    LATER_FLAVOR_BODY,
    LATER_QUOTA_BODY,
    LATER_SERVER_BODY,
    keypairs_body,
    record,
)

pytestmark = pytest.mark.reference("https://docs.openstack.org/nova/latest/reference/api-microversion-history.html")
PUBLIC_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINLI31rhAe9jHch4tIgwa48WqKgiisuqX0is+AJaCm/E defcore"
"""Nobody has the private half."""


@pytest.mark.uuid("26c31b3a-cfb0-4a3c-beb3-c31612dc2093")
@pytest.mark.needs("image", "flavor")
@pytest.mark.reference("https://docs.openstack.org/api-ref/compute/#show-server-details")
def test_flavor_is_shown_as_it_was(compute: Api, servers: Servers) -> None:
    """A server shows what its flavor is, and no longer its id.

    Microversion 2.47.
    """
    compute.need_microversion("2.47")
    id = servers.boot("embedded")["id"]
    flavor = compute.get(f"/flavors/{servers.flavor}").setup(200).check(FLAVOR_BODY).json["flavor"]
    answer = servers.show(id, microversion="2.47").expect(200).check(FLAVOR_OF_SERVER_BODY)
    seen = answer.json["server"]["flavor"]
    expected = {
        **{name: flavor[name] for name in ("vcpus", "ram", "disk")},
        "swap": flavor["swap"] or 0,
        "original_name": flavor["name"],
    }
    shown = {name: seen[name] for name in expected}
    assert shown == expected, f"{answer.where}: expected the flavor {expected}, seen {shown}"
    assert "id" not in seen, f"{answer.where}: expected no id of the flavor, seen {seen['id']}"


@pytest.mark.uuid("e91c1229-d203-4e2b-8046-1745bd695ced")
@pytest.mark.needs("flavor")
@pytest.mark.reference("https://docs.openstack.org/api-ref/compute/#show-flavor-details")
def test_swap_is_a_number(compute: Api, settings: Settings) -> None:
    """A flavor tells the size of its swap as a number, also if there is none.

    Microversion 2.75.
    """
    compute.need_microversion("2.75")
    answer = compute.get(f"/flavors/{chosen(settings, 'flavor')}", microversion="2.75").expect(200)
    answer.check(LATER_FLAVOR_BODY)


@pytest.mark.uuid("989a72ba-69bc-4688-bad0-2dd1cda67439")
@pytest.mark.needs("image", "flavor")
@pytest.mark.reference("https://docs.openstack.org/api-ref/compute/#lock-server-lock-action")
def test_lock_has_a_reason(compute: Api, servers: Servers) -> None:
    """A locked server shows the reason of its lock until it is unlocked, and is found among the locked ones.

    Microversion 2.73.
    """
    compute.need_microversion("2.73")
    name = servers.resources.name("reason")  # begins the names of both, so that others' servers do not fill a page
    locked, other = servers.boot_two("reason", {"name": f"{name}-1"}, {"name": f"{name}-2"})
    reason = {"locked_reason": "for a test"}
    servers.act(locked["id"], "lock", reason, microversion="2.73").expect(202)
    try:
        expect_reason(servers, locked["id"], "for a test")
        for state, expected in (("true", locked), ("false", other)):
            found = listed(compute, "/servers", "servers", microversion="2.73", locked=state, name=name)
            seen = ids(found) & {locked["id"], other["id"]}
            assert seen == {expected["id"]}, f"locked={state}: expected {expected['id']}, seen {sorted(seen)}"
    finally:
        released = servers.act(locked["id"], "unlock", microversion="2.73")
    released.expect(202)
    expect_reason(servers, locked["id"], None)


def expect_reason(servers: Servers, id: str, expected: str | None) -> None:
    answer = servers.show(id, microversion="2.73").expect(200).check(LATER_SERVER_BODY)
    seen = answer.json["server"].get("locked_reason", "nothing")
    assert seen == expected, f"{answer.where}: expected the locked_reason {expected!r}, seen {seen!r}"


@pytest.mark.uuid("27f646c4-a2b7-405e-8ab9-ffe1484be9b1")
@pytest.mark.reference("https://docs.openstack.org/api-ref/compute/#list-keypairs")
def test_key_pairs_are_paged(compute: Api, resources: Resources) -> None:
    """A list of key pairs has no more than its limit, and begins after its marker.

    Microversion 2.35.
    """
    compute.need_microversion("2.35")
    names = sorted(resources.name("paged") for _ in range(2))
    for name in names:
        body = {"keypair": {"name": name, "public_key": PUBLIC_KEY}}
        resources.create(compute, "keypair", "/os-keypairs", name=name, json=body, microversion="2.35").setup(201)
    schema = keypairs_body({**record({"name": {"type": "string"}}), "additionalProperties": True})
    answer = compute.get("/os-keypairs", params={"limit": 1}, microversion="2.35").expect(200).check(schema)
    assert len(answer.json["keypairs"]) == 1, f"{answer.where}: expected one key pair, seen {answer.json['keypairs']}"
    answer = compute.get("/os-keypairs", microversion="2.35").expect(200).check(schema)
    order = [one["keypair"]["name"] for one in answer.json["keypairs"] if one["keypair"]["name"] in names]
    if answer.json.get("keypairs_links") and len(order) < 2:
        raise CannotTell(f"{answer.where}: the user has more key pairs than fit on a page")
    assert sorted(order) == names, f"{answer.where}: expected {names}, seen {order}"
    first, last = order
    answer = compute.get("/os-keypairs", params={"marker": first}, microversion="2.35").expect(200).check(schema)
    seen = [one["keypair"]["name"] for one in answer.json["keypairs"]]
    assert first not in seen, f"{answer.where}: the list begins with its marker {first}"
    # What others add meanwhile may fill the page.
    told = last in seen or bool(answer.json.get("keypairs_links"))
    assert told, f"{answer.where}: {last} is missing, which follows {first}"


@pytest.mark.uuid("f3ae0126-28aa-4743-a00f-87920b956f8c")
@pytest.mark.reference("https://docs.openstack.org/api-ref/compute/#import-or-create-keypair")
def test_key_is_brought_along(compute: Api, resources: Resources) -> None:
    """A key pair without public key is refused with 400: keys are no longer made by the cloud.

    Microversion 2.92.
    """
    compute.need_microversion("2.92")
    name = resources.name("none")
    body = {"keypair": {"name": name, "type": "ssh"}}
    answer = resources.create(compute, "keypair", "/os-keypairs", name=name, json=body, microversion="2.92")
    answer.expect(400, because="no public key is given")


@pytest.mark.uuid("8aa55e2e-f893-4d92-98c9-8a225dfb939d")
@pytest.mark.needs("image", "flavor")
@pytest.mark.reference("https://docs.openstack.org/api-ref/compute/#list-actions-for-server")
def test_actions_are_paged_and_outlive_their_server(compute: Api, servers: Servers) -> None:
    """A list of actions has no more than its limit, and those of a deleted server are still listed.

    Microversion 2.58; the latter since 2.21.
    """
    compute.need_microversion("2.58")
    id = servers.boot("actions")["id"]
    path = f"/servers/{id}/os-instance-actions"
    servers.act(id, "reboot", {"type": "HARD"}).setup(202)
    servers.wait(id, "ACTIVE")
    answer = compute.get(path, params={"limit": 1}, microversion="2.58").expect(200).check(ACTIONS_BODY)
    seen = [one["action"] for one in answer.json["instanceActions"]]
    assert len(seen) == 1, f"{answer.where}: expected one action, seen {seen}"
    compute.delete(f"/servers/{id}").setup(204)
    servers.wait_gone(id)
    answer = compute.get(path, microversion="2.58").expect(200, because="the server was deleted").check(ACTIONS_BODY)
    seen = sorted({one["action"] for one in answer.json["instanceActions"]})
    assert {"create", "reboot"} <= set(seen), f"{answer.where}: expected create and reboot, seen {seen}"


@pytest.mark.uuid("e13e427c-5fdf-4cb0-abe8-de286e1ae5ef")
@pytest.mark.reference("https://docs.openstack.org/api-ref/compute/#show-a-quota")
def test_networks_are_left_to_the_network_service(compute: Api) -> None:
    """Quotas tell no more of what the network service counts, and security groups are not found.

    Microversion 2.36.
    """
    compute.need_microversion("2.36")
    answer = compute.get(f"/os-quota-sets/{compute.actor.project_id}", microversion="2.36").expect(200)
    answer.check(LATER_QUOTA_BODY)
    gone = {"fixed_ips", "floating_ips", "security_groups", "security_group_rules", "networks"}
    left = sorted(gone & answer.json["quota_set"].keys())
    assert not left, f"{answer.where}: expected nothing of the network service, seen {left}"
    for path in ("/os-security-groups", f"/os-security-groups/{unknown_id()}", "/os-floating-ips", "/os-networks"):
        compute.get(path, microversion="2.36").expect(404, because="it ended with microversion 2.35")
