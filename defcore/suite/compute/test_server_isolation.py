"""What a user of another project sees: nothing."""

from typing import Any

import pytest

from defcore.suite.support import Api, Resources
from defcore.suite.support.compute import Servers, listed

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-ref/compute/#show-server-details")


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
        ("DELETE", path, None),
    ]
    for method, where, body in requests:
        alt_compute.request(method, where, json=body).expect(404, because="the server is another project's")
    after = compute.get(path).expect(200).json["server"]
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
    alt_compute.get(f"/os-keypairs/{name}").expect(404, because="the key pair is another user's")
    alt_compute.delete(f"/os-keypairs/{name}").expect(404, because="the key pair is another user's")
    answer = alt_compute.get("/os-keypairs").expect(200)
    names = [entry["keypair"]["name"] for entry in answer.json["keypairs"]]
    assert name not in names, f"{answer.where}: the key pair of another user is listed"
    compute.get(f"/os-keypairs/{name}").expect(200, because="its owner kept it")
