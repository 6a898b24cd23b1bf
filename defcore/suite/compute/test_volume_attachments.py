"""Volumes attached to servers."""

from typing import Any

import pytest

from defcore.suite.support import Api
from defcore.suite.support.answer import Answer
from defcore.suite.support.compute import Servers, unknown_id
from defcore.suite.support.compute_schemas import ATTACHMENT_BODY, ATTACHMENTS_BODY, SERVER_BODY
from defcore.suite.support.compute_volumes import Volumes
from defcore.suite.support.wait import wait_for

pytestmark = pytest.mark.reference(
    "https://docs.openstack.org/api-ref/compute/#servers-with-volume-attachments-servers-os-volume-attachments"
)
SETTLES = 60.0
"""Seconds in which what is shown of a server must follow what became of its volumes."""


def restart(servers: Servers, id: str) -> None:
    """Set-up: stop the server and start it again."""
    servers.act(id, "os-stop").setup(202)
    servers.wait(id, "SHUTOFF")
    servers.act(id, "os-start").setup(202)
    servers.wait(id, "ACTIVE")


def expect_pair(answer: Answer, attachment: Any, server: str, volume: str) -> None:
    seen = {"serverId": attachment.get("serverId"), "volumeId": attachment["volumeId"], "id": attachment["id"]}
    expected = {"serverId": server, "volumeId": volume, "id": volume}
    assert seen == expected, f"{answer.where}: expected {expected}, seen {seen}"


def expect_attached(volumes: Volumes, server: str, *expected: str) -> Answer:
    """The server's list of attachments must come to hold these volumes and no others.

    A detachment is not over when the volume is free: the compute service forgets it a moment later.
    """

    def listed(answer: Answer) -> list[str]:
        return sorted(attachment["volumeId"] for attachment in answer.json["volumeAttachments"])

    return wait_for(
        lambda: volumes.attached(server).expect(200).check(ATTACHMENTS_BODY),
        lambda answer: listed(answer) == sorted(expected),
        because=f"the server {server} lists the attachments of {sorted(expected)} and of no others",
        timeout=SETTLES,
        promised=True,
        show=lambda answer: f"{answer.where}: {listed(answer)}",
    )


@pytest.mark.uuid("3ace41f7-7c31-4b90-a95d-be69957ef142")
@pytest.mark.covers("52e9045a-e90d-4c0d-9087-79d657faffff")
@pytest.mark.needs("image", "flavor")
def test_attachment_survives_restart_then_detach(server_volumes: Volumes, servers: Servers) -> None:
    """A volume attached to a server stays attached when the server is stopped and started, can be detached, and then
    stays detached."""
    volume = server_volumes.make("attach")
    id = servers.boot("attach")["id"]
    answer = server_volumes.attach(id, volume).expect(200).check(ATTACHMENT_BODY)
    expect_pair(answer, answer.json["volumeAttachment"], id, volume)
    server_volumes.expect_held(volume, id)
    restart(servers, id)
    server_volumes.expect_held(volume, id)
    expect_attached(server_volumes, id, volume)
    server_volumes.detach(id, volume).expect(202)
    server_volumes.expect_free(volume)
    restart(servers, id)
    server_volumes.expect_free(volume)
    expect_attached(server_volumes, id)


@pytest.mark.uuid("5d81d134-ddc9-42c7-a700-0195bf62c969")
@pytest.mark.covers("7fa563fe-f0f7-43eb-9e22-a1ece036b513")
@pytest.mark.needs("image", "flavor")
def test_list_and_show_attachments(compute: Api, server_volumes: Volumes, servers: Servers) -> None:
    """The volumes attached to a server are listed, one and then two, each as it is shown on its own; each can be
    detached."""
    made = [server_volumes.make("first"), server_volumes.make("second")]
    id = servers.boot("attachments")["id"]
    for number, volume in enumerate(made, 1):
        answer = server_volumes.attach(id, volume).expect(200).check(ATTACHMENT_BODY)
        attachment = answer.json["volumeAttachment"]
        expect_pair(answer, attachment, id, volume)
        server_volumes.expect_held(volume, id)
        listing = expect_attached(server_volumes, id, *made[:number])
        assert attachment in listing.json["volumeAttachments"], f"{listing.where}: expected {attachment} in the list"
        for one in made[:number]:
            shown = compute.get(f"/servers/{id}/os-volume_attachments/{one}").expect(200).check(ATTACHMENT_BODY)
            expect_pair(shown, shown.json["volumeAttachment"], id, one)
    for number, volume in enumerate(made, 1):
        server_volumes.detach(id, volume).expect(202)
        server_volumes.expect_free(volume)
        expect_attached(server_volumes, id, *made[number:])


@pytest.mark.uuid("570d49bd-e213-4bca-9a3c-8c7e017ef5e2")
@pytest.mark.needs("image", "flavor")
def test_volume_in_use_is_kept(block_storage: Api, server_volumes: Volumes, servers: Servers) -> None:
    """A volume that a server holds cannot be attached again nor deleted, and a volume that does not exist cannot be
    attached."""
    volume = server_volumes.make("held")
    one, other = servers.boot_two("holder", {}, {})
    server_volumes.attach(one["id"], volume).setup(200)
    server_volumes.wait(volume, "in-use")
    server_volumes.attach(one["id"], volume).expect(400, because="the server holds the volume already")
    server_volumes.attach(other["id"], volume).expect(400, because="another server holds the volume")
    block_storage.delete(f"/volumes/{volume}").expect(400, because="a server holds the volume")
    server_volumes.attach(other["id"], unknown_id()).expect(404, because="there is no such volume")
    server_volumes.detach(other["id"], volume).expect(404, because="the server does not hold the volume")
    expect_attached(server_volumes, one["id"], volume)


@pytest.mark.uuid("e652adef-540b-40bb-83e2-6e6fcdbf94cf")
@pytest.mark.needs("image", "flavor")
def test_server_shows_its_volumes(server_volumes: Volumes, servers: Servers) -> None:
    """A server shows the id of a volume attached to it, and no longer when the volume was detached."""
    volume = server_volumes.make("shown")
    id = servers.boot("shows-volume")["id"]
    server_volumes.attach(id, volume).setup(200)
    server_volumes.wait(volume, "in-use")
    expect_shown(servers, id, [{"id": volume}])
    server_volumes.detach(id, volume).setup(202)
    server_volumes.wait(volume, "available")
    expect_shown(servers, id, [])


def expect_shown(servers: Servers, id: str, expected: list[dict[str, str]]) -> None:
    """The server must come to show these volumes."""

    def shown(answer: Answer) -> list[dict[str, str]]:
        volumes: list[dict[str, str]] = answer.json["server"]["os-extended-volumes:volumes_attached"]
        return volumes

    wait_for(
        lambda: servers.show(id).expect(200).check(SERVER_BODY),
        lambda answer: shown(answer) == expected,
        because=f"the server {id} shows the volumes {expected}",
        timeout=SETTLES,
        promised=True,
        show=lambda answer: f"{answer.where}: {shown(answer)}",
    )


@pytest.mark.uuid("00cc1910-7c00-4ada-b537-af03fa1d3be1")
@pytest.mark.needs("image", "flavor")
def test_attachment_names_its_device(compute: Api, server_volumes: Volumes, servers: Servers) -> None:
    """An attachment names the device that the server sees the volume as, the same when made, shown and listed."""
    volume = server_volumes.make("device")
    id = servers.boot("device")["id"]
    made = server_volumes.attach(id, volume).expect(200).check(ATTACHMENT_BODY).json["volumeAttachment"]
    server_volumes.wait(volume, "in-use")
    shown = compute.get(f"/servers/{id}/os-volume_attachments/{volume}").expect(200).check(ATTACHMENT_BODY)
    entry = expect_attached(server_volumes, id, volume).json["volumeAttachments"][0]
    seen = [one.get("device") for one in (made, shown.json["volumeAttachment"], entry)]
    assert all(seen), f"{shown.where}: expected a device when made, shown and listed, seen {seen}"
    assert len(set(seen)) == 1, f"{shown.where}: expected one device when made, shown and listed, seen {seen}"
