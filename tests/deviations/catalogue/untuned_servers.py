"""Clouds that get servers wrong in ways written down before the tests were looked at.

They estimate what the suite notices of clouds that it was not made for.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from defcore.model.capability import Service
from tests.deviations.changes import (
    answer,
    ask,
    respond,
    retry,
    stale,
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


async def _same_image(call: Call) -> Reply:
    """A server is rebuilt from its image, whichever is asked for."""
    if acts("rebuild")(call):
        shown = await call.beside(call.path.removesuffix("/action")).forward()
        document = call.document
        if shown.good and shown.document["server"]["image"]:
            document["rebuild"]["imageRef"] = shown.document["server"]["image"]["id"]
            call.document = document
    return await call.forward()


def _first_flavor(call: Call, reply: Reply) -> None:
    document = reply.document
    document["server"]["flavor"] = call.memory.setdefault(call.path, document["server"]["flavor"])
    reply.document = document


def _progress(_: Call, reply: Reply) -> None:
    document = reply.document
    if document["server"]["status"] == "SHUTOFF":
        document["server"]["progress"] = 100
        reply.document = document


async def _shown_as_deleted(call: Call) -> Reply:
    """A server that is gone is shown as deleted."""
    reply = await call.forward()
    if reply.good:
        call.memory[call.path] = reply.document
    elif reply.status == 404 and call.path in call.memory:
        document = call.memory[call.path]
        document["server"]["status"] = "DELETED"
        return Reply(status=200, headers=reply.headers, body=json.dumps(document).encode())
    return reply


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
    "rebuild-of-same-image",
    "a server is rebuilt from its image whichever is asked for",
    "compute-servers-rebuild",
    at("POST", ACTION, _same_image),
)
add(
    "rebuild-without-password",
    "a rebuilt server tells no password",
    "compute-servers-rebuild",
    at("POST", ACTION, untold("server.adminPass", when=acts("rebuild"))),
)
add(
    "confirm-without-effect",
    "a confirmed resize goes on to wait",
    "compute-servers-resize",
    at("POST", ACTION, respond(204, when=acts("confirmResize"))),
)
add(
    "flavor-stands",
    "a resized server shows its first flavor",
    "compute-servers-resize",
    at("GET", ONE, answer(_first_flavor)),
)
add(
    "progress-when-off",
    "a server that is off shows progress",
    "compute-servers-update",
    at("GET", ONE, answer(_progress)),
)
add(
    "lock-not-told",
    "a locked server does not say so",
    "compute-servers-lock",
    at("GET", ONE, told("server.locked", False)),
)
add(
    "unlock-without-effect",
    "a locked server stays locked",
    "compute-servers-lock",
    at("POST", ACTION, respond(202, when=acts("unlock"))),
)
add(
    "locked-deleted",
    "a locked server is reported as deleted",
    "compute-servers-lock",
    at("DELETE", ONE, status(409, 204, empty=True)),
)
add(
    "deleted-shown",
    "a server that is gone is shown as deleted",
    "compute-servers-delete",
    at("GET", ONE, _shown_as_deleted),
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
add("usage-stands", "a new server does not count as used", "compute-quotas-get", at("GET", "/limits", stale()))
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
    "attached-twice",
    "a volume is reported as attached twice",
    ATTACH,
    at("POST", VOLUMES, answer(lambda call, reply: _attached(call, reply), on=(400, 409))),
)
add(
    "unknown-attached",
    "a volume that there is not is reported as attached",
    ATTACH,
    at("POST", VOLUMES, answer(lambda call, reply: _attached(call, reply), on=(404,))),
)
add("detach-without-effect", "a volume stays attached", ATTACH, at("DELETE", VOLUME, respond(202)))
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
    "address-without-type",
    "addresses of a server have no type",
    VERIFY,
    at("GET", ONE, answer(lambda _, reply: _without_type(reply))),
)
add(
    "links-lead-elsewhere",
    "a server's links lead to another server",
    VERIFY,
    at("GET", ONE, told("server.links.*.href", lambda href: href[:-1] + "0")),
)
add(
    "updated-stands",
    "a server does not show when it was changed",
    VERIFY,
    at("GET", ONE, answer(lambda _, reply: _as_created(reply))),
)
add(
    "config-drive-told-otherwise",
    "a server shows a drive that it has not",
    VERIFY,
    at("GET", ONE, told("server.config_drive", lambda v: "True" if v == "" else "")),
)
add(
    "disk-config-manual",
    "a server shows another OS-DCF:diskConfig",
    VERIFY,
    at("GET", ONE, told("server.OS-DCF:diskConfig", "MANUAL")),
)
add(
    "power-in-words",
    "a server's power state is a word",
    VERIFY,
    at("GET", ONE, told("server.OS-EXT-STS:power_state", "Running")),
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
    "multiple-of-one-name",
    "servers made together have one name",
    "compute-servers-create-multiple",
    at("GET", ONE, told("server.name", lambda text: text.removesuffix("-1").removesuffix("-2"))),
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
add(
    "unknown-key-taken",
    "a key pair that there is not is passed over",
    "compute-servers-create",
    at("POST", "/servers", retry(400, lambda call: _keyless(call))),
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


def _without_type(reply: Reply) -> None:
    document = reply.document
    for network in document["server"]["addresses"].values():
        for address in network:
            address.pop("OS-EXT-IPS:type", None)
    reply.document = document


def _as_created(reply: Reply) -> None:
    document = reply.document
    document["server"]["updated"] = document["server"]["created"]
    reply.document = document


def _made(reply: Reply) -> None:
    reply.status, reply.body = 202, b""


def _turned(call: Call) -> None:
    document = call.document
    server = document.get("server", {}) if isinstance(document, dict) else {}
    if "min_count" in server and "max_count" in server:
        server["max_count"] = server["min_count"]
        call.document = document


def _keyless(call: Call) -> None:
    document = call.document
    server = document.get("server", {}) if isinstance(document, dict) else {}
    if "key_name" in server:
        server.pop("key_name")
        call.document = document
