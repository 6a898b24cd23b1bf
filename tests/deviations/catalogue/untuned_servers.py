"""Clouds that get servers wrong in ways written down before the tests were looked at.

They estimate what the suite notices of clouds that it was not made for.
"""

from __future__ import annotations

from collections.abc import Callable

from defcore.model.capability import Service
from tests.deviations.changes import (
    answer,
    ask,
    respond,
    retry,
    status,
    told,
    untold,
)
from tests.deviations.deviation import Book
from tests.deviations.message import Call, Reply

book = Book(Service.COMPUTE)
add, at = book.add, book.at
LISTS, ONE, ACTION = "/servers(?:/detail)?", "/servers/{uuid}", "/servers/{id}/action"
LIST, VERIFY, ATTACH = "compute-servers-list", "compute-servers-verify", "compute-volume-attach"
VOLUMES, VOLUME = "/servers/{id}/os-volume_attachments", "/servers/{id}/os-volume_attachments/{id}"
PORTS, PORT = "/servers/{id}/os-interface", "/servers/{id}/os-interface/{id}"


def acts(name: str) -> Callable[[Call], bool]:
    """Whether a call asks for this action."""
    return lambda call: name in (call.document or {})


def _no_address(call: Call) -> None:
    document = call.document
    if "server" in document and "name" in document["server"]:
        document["server"] = {"accessIPv4": None, "accessIPv6": None} | document["server"]
        call.document = document


add(
    "rename-loses-access",
    "a new name takes the access addresses away",
    "compute-servers-update",
    at("PUT", ONE, ask(_no_address)),
)
add(
    "locked-deleted",
    "a locked server is reported as deleted",
    "compute-servers-lock",
    at("DELETE", ONE, status(409, 204, empty=True)),
)
add(
    "bad-id-400",
    "an id that cannot be is a bad request",
    "compute-servers-delete",
    at("DELETE", "/servers/{id}", status(404, 400)),
)
add(
    "default-quota-of-nobody",
    "default quotas name no project",
    "compute-quotas-get",
    at("GET", "/os-quota-sets/{id}/defaults", untold("quota_set.id")),
)
add(
    "action-without-start",
    "actions do not tell when they began",
    "compute-instance-actions-list",
    at("GET", "/servers/{id}/os-instance-actions", untold("instanceActions.*.start_time")),
)
add(
    "action-of-other-server",
    "an action names another server",
    "compute-instance-actions-get",
    at("GET", "/servers/{id}/os-instance-actions/{id}", told("instanceAction.instance_uuid", lambda id: id[::-1])),
)
add(
    "unknown-action-empty",
    "an action that there is not is shown as empty",
    "compute-instance-actions-get",
    at("GET", "/servers/{id}/os-instance-actions/{id}", answer(lambda _, reply: _no_action(reply), on=(404,))),
)
add(
    "unknown-attached",
    "a volume that there is not is reported as attached",
    ATTACH,
    at("POST", VOLUMES, answer(lambda call, reply: _attached(call, reply), on=(404,))),
)
add(
    "port-without-mac",
    "a server's port shows no MAC address",
    VERIFY,
    at("GET", PORTS, untold("interfaceAttachments.*.mac_addr")),
)
add("port-stays", "a port that is taken off a server stays", VERIFY, at("DELETE", PORT, respond(202)))
add(
    "addresses-disagree",
    "the addresses of a server are not those that it shows",
    VERIFY,
    at("GET", "/servers/{id}/ips", told("addresses", {})),
)
add(
    "request-id-missing",
    "answers have no id of the request",
    "compute-servers-get",
    at("GET", "/servers/{id}", untold(headers=("X-OpenStack-Request-ID", "X-Compute-Request-ID"), on=(200, 404))),
)
add(
    "image-of-nothing",
    "an image of a server that there is not is reported as made",
    "compute-images-create",
    at("POST", ACTION, answer(lambda _, reply: _made(reply), on=(404,), when=acts("createImage"))),
)
add(
    "counts-turned-round",
    "the least number may be more than the greatest",
    "compute-servers-create-multiple",
    at("POST", "/servers", retry(400, lambda call: _turned(call))),
)
add(
    "server-group-policy",
    "a server group tells another policy",
    "compute-servers-create",
    at("GET|POST", "/os-server-groups(?:/{id})?", told("server_group.policies", ["affinity"])),
)
add(
    "server-group-without-members",
    "a server group does not list its servers",
    "compute-servers-create",
    at("GET", "/os-server-groups/{id}", told("server_group.members", [])),
)


def _no_action(reply: Reply) -> None:
    reply.status = 200
    reply.document = {"instanceAction": {}}


def _attached(call: Call, reply: Reply) -> None:
    about = (call.document or {}).get("volumeAttachment", {})
    volume = about.get("volumeId")
    reply.status = 200
    kept = {"id": volume, "volumeId": volume, "serverId": call.path.split("/")[-2], "device": "/dev/vdz"}
    reply.document = {"volumeAttachment": kept}


def _made(reply: Reply) -> None:
    reply.status, reply.body = 202, b""


def _turned(call: Call) -> None:
    document = call.document
    server = document.get("server", {}) if isinstance(document, dict) else {}
    if "min_count" in server and "max_count" in server:
        server["max_count"] = server["min_count"]
        call.document = document
