"""What a user of another project sees: nothing."""

from typing import Any

import pytest

from defcore.suite.support import Api, Resources
from defcore.suite.support.compute import Servers, listed
from defcore.suite.support.compute_schemas import (
    KEYPAIR_BRIEF,
    SERVER_BODY,
    SERVER_GROUP_BODY,
    SERVER_GROUPS_BODY,
    keypairs_body,
)

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-ref/compute/#show-server-details")
SERVER_GROUPS = "/os-server-groups"


@pytest.mark.uuid("cc9c8cce-0123-498c-8828-e0b07bd3877c")
@pytest.mark.needs("alt", "image", "flavor")
def test_foreign_server_is_not_found(compute: Api, alt_compute: Api, servers: Servers) -> None:
    """A server is not found by a user of another project, whatever is asked of it, and stays as it is."""
    server = servers.boot("foreign", metadata={"color": "blue"})
    path = f"/servers/{server['id']}"
    requests: list[tuple[str, str, Any]] = [
        ("GET", path, None),
        ("PUT", path, {"server": {"name": "taken"}}),
        ("GET", f"{path}/metadata", None),
        ("POST", f"{path}/metadata", {"metadata": {"color": "red"}}),
        ("GET", f"{path}/os-volume_attachments", None),
        ("GET", f"{path}/os-instance-actions", None),
        ("GET", f"{path}/os-interface", None),
        ("POST", f"{path}/action", {"reboot": {"type": "HARD"}}),
        ("POST", f"{path}/action", {"os-stop": None}),
        ("POST", f"{path}/action", {"lock": None}),
        ("POST", f"{path}/action", {"os-getConsoleOutput": {}}),
        ("POST", f"{path}/action", {"resize": {"flavorRef": server["flavor"]["id"]}}),
        ("POST", f"{path}/action", {"rebuild": {"imageRef": servers.image}}),
        ("POST", f"{path}/action", {"createImage": {"name": servers.resources.name("stolen")}}),
        ("POST", f"{path}/os-interface", {}),
        ("DELETE", path, None),
    ]
    for method, where, body in requests:
        alt_compute.request(method, where, json=body).expect(404, because="the server is another project's")
    after = compute.get(path).expect(200).check(SERVER_BODY).json["server"]
    for key in ("name", "status", "metadata", "OS-EXT-STS:task_state", "updated"):
        assert after[key] == server[key], f"GET {path}: {key} was {server[key]}, is {after[key]}"


@pytest.mark.uuid("6e1077ea-0cac-4c52-902c-16c1b9538a08")
@pytest.mark.needs("alt", "image", "flavor")
@pytest.mark.reference("https://docs.openstack.org/api-ref/compute/#list-servers")
def test_foreign_server_is_not_listed(alt_compute: Api, servers: Servers) -> None:
    """A server is in no list that a user of another project gets."""
    server = servers.boot("unlisted")
    for path in ("/servers", "/servers/detail"):
        for params in ({"name": server["name"]}, {"project_id": servers.api.actor.project_id}):
            seen = [one["id"] for one in listed(alt_compute, path, "servers", **params)]
            assert server["id"] not in seen, f"GET {path} with {params} lists the server of another project"


@pytest.mark.uuid("c6535ced-c8a5-4ae4-a551-d2394cae2bdf")
@pytest.mark.needs("alt")
@pytest.mark.reference("https://docs.openstack.org/api-ref/compute/#keypairs-keypairs")
def test_foreign_keypair_is_not_found(compute: Api, alt_compute: Api, resources: Resources) -> None:
    """A key pair is not found by another user, neither shown nor listed nor deleted."""
    name = resources.name("foreign-key")
    resources.create(compute, "keypair", "/os-keypairs", name=name, json={"keypair": {"name": name}}).setup(200)
    compute.get(f"/os-keypairs/{name}").setup(200)
    alt_compute.get(f"/os-keypairs/{name}").expect(404, because="the key pair is another user's")
    alt_compute.delete(f"/os-keypairs/{name}").expect(404, because="the key pair is another user's")
    answer = alt_compute.get("/os-keypairs").expect(200).check(keypairs_body(KEYPAIR_BRIEF))
    names = [entry["keypair"]["name"] for entry in answer.json["keypairs"]]
    assert name not in names, f"{answer.where}: the key pair of another user is listed"
    compute.get(f"/os-keypairs/{name}").expect(200, because="its owner kept it")


@pytest.mark.uuid("15086c32-6017-4cd0-b392-5ae6968ad17b")
@pytest.mark.needs("alt")
@pytest.mark.reference("https://docs.openstack.org/api-ref/compute/#server-groups-os-server-groups")
def test_foreign_server_group_is_not_found(compute: Api, alt_compute: Api, resources: Resources) -> None:
    """A server group is not found by a user of another project, neither shown nor listed nor deleted."""
    name = resources.name("foreign-group")
    asked = {"server_group": {"name": name, "policies": ["anti-affinity"]}}
    made = resources.create(compute, "server_group", SERVER_GROUPS, name=name, json=asked).setup(200)
    id = made.json["server_group"]["id"]
    path = f"{SERVER_GROUPS}/{id}"
    alt_compute.get(path).expect(404, because="the server group is another project's")
    alt_compute.delete(path).expect(404, because="the server group is another project's")
    answer = alt_compute.get(SERVER_GROUPS).expect(200).check(SERVER_GROUPS_BODY)
    seen = [one["id"] for one in answer.json["server_groups"]]
    assert id not in seen, f"{answer.where}: the server group of another project is listed"
    after = compute.get(path).expect(200, because="its owner kept it").check(SERVER_GROUP_BODY).json["server_group"]
    assert (after["name"], after["policies"]) == (name, ["anti-affinity"]), f"GET {path}: changed to {after}"


@pytest.mark.uuid("d590df98-f288-428a-a2e2-db110c0d6da0")
@pytest.mark.needs("alt", "image", "flavor")
@pytest.mark.reference("https://docs.openstack.org/api-ref/compute/#create-server")
def test_server_takes_nothing_of_another_project(compute: Api, alt: Any, servers: Servers) -> None:
    """A server is not made with a network, a port or a key pair that only another project has."""
    resources = servers.resources
    network = _foreign(resources, alt.network, "network")
    port = _foreign(resources, alt.network, "port", network_id=network)
    key = resources.name("foreign-key")
    answer = resources.create(alt.compute, "keypair", "/os-keypairs", name=key, json={"keypair": {"name": key}})
    answer.setup(200)
    for stolen in ({"networks": [{"uuid": network}]}, {"networks": [{"port": port}]}, {"key_name": key}):
        name = resources.name("thief")
        body = {"name": name, "imageRef": servers.image, "flavorRef": servers.flavor, **stolen}
        if "networks" not in stolen and servers.settings.get("network"):
            body["networks"] = [{"uuid": servers.settings["network"]}]
        answer = resources.create(compute, "server", "/servers", name=name, json={"server": body})
        answer.expect(400, 403, 404, because=f"another project has {stolen}")


def _foreign(resources: Resources, api: Api, kind: str, **attributes: str) -> str:
    """The id of a network or port that the other user made."""
    body = {kind: {"name": resources.name(f"foreign-{kind}"), **attributes}}
    answer = resources.create(api, kind, f"/v2.0/{kind}s", name=body[kind]["name"], json=body).setup(201)
    return str(answer.json[kind]["id"])
