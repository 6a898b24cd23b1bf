"""The history of actions on a server."""

import pytest

from defcore.suite.support import Api, Resources
from defcore.suite.support.compute import Servers, unknown_id
from defcore.suite.support.compute_schemas import ACTION_BODY, ACTIONS_BODY

pytestmark = pytest.mark.reference(
    "https://docs.openstack.org/api-ref/compute/#servers-actions-servers-os-instance-actions"
)


@pytest.mark.uuid("c1cf3ae7-2f22-4b49-b95e-bdb1b813e187")
@pytest.mark.covers("aacc71ca-1d70-4aa5-bbf6-0ff71470e43c")
@pytest.mark.needs("image", "flavor")
def test_show_create_action(compute: Api, servers: Servers, resources: Resources) -> None:
    """The creation of a server can be looked up by the id of the request that asked for it."""
    made = servers.post(resources.name("action")).setup(202)
    id = made.json["server"]["id"]
    request_id = made.header("x-compute-request-id")
    servers.wait(id, "ACTIVE")
    answer = compute.get(f"/servers/{id}/os-instance-actions/{request_id}").expect(200).check(ACTION_BODY)
    action = answer.json["instanceAction"]
    assert action["action"] == "create", f"{answer.where}: expected the action create, seen {action['action']}"
    assert action["instance_uuid"] == id, f"{answer.where}: expected the server {id}, seen {action['instance_uuid']}"


@pytest.mark.uuid("ed10e20e-b44d-4202-b900-3600bb336a6a")
@pytest.mark.needs("image", "flavor")
def test_action_names_who_asked(compute: Api, servers: Servers, resources: Resources) -> None:
    """An action names the request, user and project behind it, and is shown as it is listed; a request that did
    nothing to the server is not found."""
    made = servers.post(resources.name("action-who")).setup(202)
    id = made.json["server"]["id"]
    request_id = made.header("x-compute-request-id")
    servers.wait(id, "ACTIVE")
    answer = compute.get(f"/servers/{id}/os-instance-actions/{request_id}").expect(200).check(ACTION_BODY)
    shown = answer.json["instanceAction"]
    expected = {"request_id": request_id, "user_id": compute.actor.user_id, "project_id": compute.actor.project_id}
    seen = {key: shown[key] for key in expected}
    assert seen == expected, f"{answer.where}: expected {expected}, seen {seen}"
    answer = compute.get(f"/servers/{id}/os-instance-actions").expect(200).check(ACTIONS_BODY)
    entry = next((one for one in answer.json["instanceActions"] if one["request_id"] == request_id), None)
    shown.pop("events", None)
    assert entry == shown, f"{answer.where}: {entry} in the list, {shown} shown"
    compute.get(f"/servers/{id}/os-instance-actions/req-{unknown_id()}").expect(404)


@pytest.mark.uuid("20ff3677-1ac4-4ebb-bf19-91682c110649")
@pytest.mark.covers("77ca5cc5-9990-45e0-ab98-1de8fead201a")
@pytest.mark.needs("image", "flavor")
def test_list_create_and_reboot(compute: Api, servers: Servers) -> None:
    """A server that was created and rebooted has these two actions in its history."""
    id = servers.boot("history")["id"]
    servers.act(id, "reboot", {"type": "HARD"}).setup(202)
    servers.wait(id, "ACTIVE")
    answer = compute.get(f"/servers/{id}/os-instance-actions").expect(200).check(ACTIONS_BODY)
    names = sorted(action["action"] for action in answer.json["instanceActions"])
    assert names == ["create", "reboot"], f"{answer.where}: expected create and reboot, seen {names}"
    strangers = [one for one in answer.json["instanceActions"] if one["instance_uuid"] != id]
    assert strangers == [], f"{answer.where}: actions of other servers: {strangers}"


@pytest.mark.uuid("7b5c3873-0588-43a8-85de-cf91a3b71b21")
def test_actions_of_an_unknown_server_are_not_found(compute: Api) -> None:
    """The history of a server that does not exist is answered with 404."""
    compute.get(f"/servers/{unknown_id()}/os-instance-actions").expect(404)
