"""Reboot, stop, start, lock."""

import pytest

from defcore.suite.support.compute import Servers, unknown_id
from defcore.suite.support.compute_schemas import SERVER_BODY, SERVER_LOCKED_BODY

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-ref/compute/#servers-run-an-action-servers-action")


@pytest.mark.uuid("ec585906-6fd5-4618-91c9-425189a584af")
@pytest.mark.covers("2cb1baf6-ac8d-4429-bf0d-ba8a0ba53e32")
@pytest.mark.needs("image", "flavor")
@pytest.mark.reference("https://docs.openstack.org/api-ref/compute/#reboot-server-reboot-action")
def test_hard_reboot(servers: Servers) -> None:
    """An active server can be rebooted hard, and is active again."""
    id = servers.boot("reboot")["id"]
    servers.act(id, "reboot", {"type": "HARD"}).expect(202)
    servers.wait(id, "ACTIVE", promised=True)


@pytest.mark.uuid("7f94bade-01a1-4ef3-b202-56f7f676f273")
@pytest.mark.covers("d4c023a0-9c55-4747-9dd5-413b820143c7")
@pytest.mark.reference("https://docs.openstack.org/api-ref/compute/#reboot-server-reboot-action")
def test_reboot_unknown_404(servers: Servers) -> None:
    """Rebooting a server that does not exist is answered with 404."""
    servers.act(unknown_id(), "reboot", {"type": "SOFT"}).expect(404)


@pytest.mark.uuid("3e56df4f-fa42-42de-b8a4-abd567887e32")
@pytest.mark.needs("image", "flavor")
@pytest.mark.reference("https://docs.openstack.org/api-ref/compute/#reboot-server-reboot-action")
def test_reboot_of_no_known_type_is_refused(servers: Servers) -> None:
    """A reboot of a type that does not exist is refused with 400."""
    id = servers.boot("reboot-type")["id"]
    servers.act(id, "reboot", {"type": "LUKEWARM"}).expect(400, because="a reboot is SOFT or HARD")


@pytest.mark.uuid("32accc0e-c8ff-4843-a8ec-9248a93be662")
@pytest.mark.covers("af8eafd4-38a7-4a4b-bdbc-75145a580560")
@pytest.mark.needs("image", "flavor")
@pytest.mark.reference("https://docs.openstack.org/api-ref/compute/#stop-server-os-stop-action")
def test_stop_start(servers: Servers) -> None:
    """An active server can be stopped, is then shut off, and can be started again."""
    id = servers.boot("stop")["id"]
    servers.act(id, "os-stop").expect(202)
    servers.wait(id, "SHUTOFF", promised=True)
    servers.act(id, "os-start").expect(202)
    servers.wait(id, "ACTIVE", promised=True)


@pytest.mark.uuid("a7c129a2-f96a-43b3-8b39-5ff7f531f91a")
@pytest.mark.covers("a31460a9-49e1-42aa-82ee-06e0bb7c2d03")
@pytest.mark.reference("https://docs.openstack.org/api-ref/compute/#stop-server-os-stop-action")
def test_stop_unknown_404(servers: Servers) -> None:
    """Stopping a server that does not exist is answered with 404."""
    servers.act(unknown_id(), "os-stop").expect(404)


@pytest.mark.uuid("6a511bc2-08ea-4fc8-ae71-6b887f95d394")
@pytest.mark.needs("image", "flavor")
def test_actions_that_do_not_fit_conflict(servers: Servers) -> None:
    """An action that does not fit the state of a server is refused with 409, and the server stays as it is."""
    id = servers.boot("conflict")["id"]
    for action in ("os-start", "confirmResize", "revertResize", "unpause", "resume"):
        servers.act(id, action).expect(409, because=f"{action} does not fit an active server")
    servers.wait(id, "ACTIVE")
    servers.act(id, "noSuchAction").expect(400, because="there is no such action")


@pytest.mark.uuid("a7b4b99d-7bcc-4288-b118-8216cce0604f")
@pytest.mark.covers("80a8094c-211e-440a-ab88-9e59d556c7ee")
@pytest.mark.needs("image", "flavor")
@pytest.mark.reference("https://docs.openstack.org/api-ref/compute/#lock-server-lock-action")
def test_lock_blocks_stop(servers: Servers) -> None:
    """A locked server stays active and cannot be stopped by its user, until it is unlocked.

    The user must be no administrator: a lock does not hold those.
    """
    id = servers.boot("lock")["id"]
    servers.act(id, "lock").expect(202)
    answer = servers.show(id).expect(200).check(SERVER_BODY)
    status = answer.json["server"]["status"]
    assert status == "ACTIVE", f"{answer.where}: expected the locked server to be ACTIVE, seen {status}"
    servers.act(id, "os-stop").expect(409, because="the server is locked")
    servers.act(id, "unlock").expect(202)
    servers.act(id, "os-stop").expect(202, because="the server is unlocked")
    servers.wait(id, "SHUTOFF", promised=True)
    servers.act(id, "os-start").expect(202)
    servers.wait(id, "ACTIVE", promised=True)


@pytest.mark.uuid("1e66991d-9675-4af4-a1d8-7abb17663672")
@pytest.mark.needs("image", "flavor")
@pytest.mark.reference("https://docs.openstack.org/api-ref/compute/#lock-server-lock-action")
def test_lock_holds_what_changes_a_server(servers: Servers) -> None:
    """A locked server cannot be rebooted, rebuilt or deleted by its user, and shows that it is locked.

    `locked` is shown from microversion 2.9 on.
    """
    servers.api.need_microversion("2.9")
    id = servers.boot("locked")["id"]
    servers.act(id, "lock").setup(202)
    servers.act(id, "reboot", {"type": "HARD"}).expect(409, because="the server is locked")
    servers.act(id, "rebuild", {"imageRef": servers.image}).expect(409, because="the server is locked")
    servers.api.delete(f"/servers/{id}").expect(409, because="the server is locked")
    answer = servers.show(id, microversion="2.9").expect(200).check(SERVER_LOCKED_BODY)
    assert answer.json["server"]["locked"] is True, f"{answer.where}: expected the server to be shown as locked"
    servers.act(id, "unlock").expect(202)
    answer = servers.show(id, microversion="2.9").expect(200).check(SERVER_LOCKED_BODY)
    assert answer.json["server"]["locked"] is False, f"{answer.where}: expected the server to be shown as unlocked"


@pytest.mark.uuid("5178e7b3-c4eb-4123-91a7-67f2b4e4dbc4")
@pytest.mark.needs("image", "flavor")
@pytest.mark.reference("https://docs.openstack.org/api-ref/compute/#show-server-details")
def test_stopped_server_has_no_power(servers: Servers) -> None:
    """A server that is stopped shows so in its machine state, has no task left, and is without power."""
    id = servers.boot("power")["id"]
    server = servers.show(id).expect(200).check(SERVER_BODY).json["server"]
    assert server["OS-EXT-STS:vm_state"] == "active", f"server {id} is ACTIVE, its machine {server}"
    servers.act(id, "os-stop").setup(202)
    server = servers.wait(id, "SHUTOFF")
    seen = [server[f"OS-EXT-STS:{name}"] for name in ("vm_state", "task_state", "power_state")]
    assert seen == ["stopped", None, 4], f"server {id}: expected stopped, no task and power state 4, seen {seen}"
