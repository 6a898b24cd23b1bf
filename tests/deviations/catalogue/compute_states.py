"""Clouds that bring servers into other states than they were asked for, or do not say so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from defcore.model.capability import Service
from tests.deviations.changes import (
    answer,
    respond,
    stale,
    status,
    told,
    untold,
    with_json,
    without_json,
)
from tests.deviations.deviation import Book
from tests.deviations.message import Call, Reply

book = Book(Service.COMPUTE)
add, at = book.add, book.at
SERVERS, SERVER, ACTION = "/servers", "/servers/{uuid}", "/servers/{id}/action"
METADATA, ITEM = "/servers/{id}/metadata", "/servers/{id}/metadata/{id}"


def does(*actions: str) -> Callable[[Call], bool]:
    """Whether a request is for one of these actions."""
    return lambda call: any(action in (call.document or {}) for action in actions)


def in_state(seen: str, told: str) -> Callable[[Call, Reply], None]:
    """Servers are shown in one state in place of another."""

    def edit(_: Call, reply: Reply) -> None:
        document = reply.document
        if document["server"]["status"] == seen:
            document["server"]["status"] = told
            reply.document = document

    return edit


# --- actions without effect ----------------------------------------------------------------------------------

for id, action, code, title in (
    ("stop-without-effect", "os-stop", 202, "a server that is stopped stays active"),
    ("start-without-effect", "os-start", 202, "a server that is started stays shut off"),
    ("reboot-without-effect", "reboot", 202, "a reboot is accepted and not made"),
    ("resize-without-effect", "resize", 202, "a resize is accepted and not made"),
    ("confirm-without-effect", "confirmResize", 204, "a confirmed resize waits for its confirmation"),
    ("revert-without-effect", "revertResize", 202, "a reverted resize waits for its confirmation"),
    ("unlock-without-effect", "unlock", 202, "a server that is unlocked stays locked"),
):
    capability = {"os": "stop", "confirmResize": "resize", "revertResize": "resize", "unlock": "lock"}.get(
        action.partition("-")[0], action
    )
    add(id, title, f"compute-servers-{capability}", at("POST", ACTION, respond(code, when=does(action))))
add(
    "server-stays",
    "a deleted server stays",
    "compute-servers-delete",
    at("DELETE", SERVER, respond(204)),
)
add(
    "deleted-server-shown",
    "a deleted server is shown ever after",
    "compute-servers-delete",
    at("GET", SERVER, lambda call: _kept(call)),
)
add(
    "locked-server-deleted",
    "a locked server is reported as deleted",
    "compute-servers-lock",
    at("DELETE", SERVER, status(409, 204, empty=True)),
)
add(
    "lock-holds-stop-only",
    "a locked server is reported as rebooted and rebuilt",
    "compute-servers-lock",
    at(
        "POST",
        ACTION,
        answer(lambda _, reply: _accept(reply), on=(409,), when=does("reboot", "rebuild")),
    ),
)
add(
    "lock-not-shown",
    "a locked server is not shown as such",
    "compute-servers-lock",
    at("GET", SERVER, told("server.locked", False)),
)
add(
    "stopped-with-power",
    "a server that is shut off is told as running",
    "compute-servers-stop",
    at("GET", SERVER, told("server.OS-EXT-STS:power_state", 1)),
)
add(
    "stopped-as-suspended",
    "a server that is stopped is told as suspended",
    "compute-servers-stop",
    at("GET", SERVER, answer(in_state("SHUTOFF", "SUSPENDED"))),
)
add(
    "never-active",
    "a server is told as being built for ever",
    "compute-servers-create",
    at("GET", SERVER, answer(in_state("ACTIVE", "ERROR"))),
)
add(
    "state-in-small",
    "the state of a server is written small",
    "compute-servers-verify",
    at("GET", SERVER, told("server.status", str.lower)),
)
add(
    "resized-at-once",
    "a resize asks for no confirmation",
    "compute-servers-resize",
    at("GET", SERVER, answer(in_state("VERIFY_RESIZE", "ACTIVE"))),
)
add(
    "confirm-status-202",
    "a confirmation is answered with 202",
    "compute-servers-resize",
    at("POST", ACTION, status(204, 202)),
)
add(
    "resize-to-same",
    "a resize to the same flavor is accepted",
    "compute-servers-resize",
    at("POST", ACTION, answer(lambda _, reply: _accept(reply), on=(400,), when=lambda call: _has_flavor(call))),
)
add(
    "action-status-200",
    "an action is answered with 200",
    "compute-servers-reboot",
    at("POST", ACTION, status(202, 200)),
)
add(
    "no-such-action-taken",
    "an action that does not exist is accepted",
    "compute-servers-stop",
    at("POST", ACTION, answer(lambda _, reply: _accept(reply), on=(400,), when=does("noSuchAction"))),
)


async def _kept(call: Call) -> Reply:
    reply = await call.forward()
    if reply.good:
        call.memory[call.path] = reply.body
    elif reply.status == 404 and call.path in call.memory:
        reply.status, reply.body = 200, call.memory[call.path]
    return reply


def _accept(reply: Reply) -> None:
    reply.status, reply.body = 202, b""


def _has_flavor(call: Call) -> bool:
    return bool(((call.document or {}).get("resize") or {}).get("flavorRef"))


# --- rebuild -------------------------------------------------------------------------------------------------

REBUILD = "compute-servers-rebuild"
add(
    "rebuild-keeps-image",
    "a rebuilt server keeps its image",
    REBUILD,
    at("POST", ACTION, lambda call: _same_image(call)),
)
add(
    "rebuild-password-ignored",
    "a rebuild ignores the password that was asked for",
    REBUILD,
    at("POST", ACTION, without_json("rebuild.adminPass")),
)
add(
    "rebuild-password-hidden",
    "a rebuild does not tell the password",
    REBUILD,
    at("POST", ACTION, untold("server.adminPass")),
)
add(
    "rebuild-answers-nothing",
    "a rebuild is answered without the server",
    REBUILD,
    at("POST", ACTION, answer(lambda _, reply: setattr(reply, "body", b""), when=does("rebuild"))),
)
add(
    "rebuild-changes-address",
    "a rebuilt server shows other addresses",
    REBUILD,
    at(
        "POST",
        ACTION,
        answer(lambda call, _: call.memory.update({call.path.split("/")[-2]: True}), when=does("rebuild")),
    ),
    at("GET", SERVER, told("server.addresses", {}, when=lambda call: call.last in call.memory)),
)


async def _same_image(call: Call) -> Reply:
    document = call.document or {}
    if "imageRef" in (document.get("rebuild") or {}):
        shown = await call.beside(call.path.removesuffix("/action")).forward()
        if shown.good:
            document["rebuild"]["imageRef"] = shown.document["server"]["image"]["id"]
            call.document = document
    return await call.forward()


# --- metadata ------------------------------------------------------------------------------------------------

META = "compute-servers-metadata-"
add(
    "metadata-post-answers-part",
    "the answer to metadata that is posted has only what was posted",
    f"{META}update",
    at("POST", METADATA, answer(lambda call, reply: setattr(reply, "document", call.document))),
)
add(
    "metadata-post-not-stored",
    "metadata that is posted is told and not stored",
    f"{META}update",
    at("POST", METADATA, lambda call: _told_not_stored(call)),
)
add(
    "metadata-put-not-stored",
    "metadata that is put is told and not stored",
    f"{META}set",
    at("PUT", METADATA, answer(lambda _, reply: None)),
    at("GET", METADATA, stale(lambda call: call.path)),
)
add(
    "metadata-item-put-alone",
    "an item of metadata that is put is told and not stored",
    f"{META}set",
    at("PUT", ITEM, respond(200, lambda call: call.document)),
)
add(
    "metadata-delete-all",
    "deleting an item of metadata deletes all",
    f"{META}delete",
    at("DELETE", ITEM, answer(lambda call, _: call.memory.update({call.path.rpartition("/")[0]: True}))),
    at("GET", METADATA, told("metadata", {}, when=lambda call: call.path in call.memory)),
)
add(
    "metadata-delete-status-200",
    "deleting an item of metadata is answered with 200",
    f"{META}delete",
    at("DELETE", ITEM, status(204, 200)),
)
add(
    "metadata-item-other-value",
    "an item of metadata is shown with another value",
    f"{META}get",
    at("GET", ITEM, told("meta", lambda item: dict.fromkeys(item, "value"))),
)
add(
    "metadata-item-as-all",
    "an item of metadata is shown as metadata",
    f"{META}get",
    at("GET", ITEM, answer(lambda _, reply: _as_all(reply))),
)
add(
    "metadata-unknown-item-empty",
    "an item of metadata that there is not is shown as empty",
    f"{META}get",
    at("GET", ITEM, answer(lambda call, reply: _empty_item(call, reply), on=(404,))),
)
add(
    "metadata-list-with-more",
    "metadata is listed with an item of the cloud's",
    f"{META}list",
    at("GET", METADATA, told("metadata.cloud", "here")),
)
add(
    "metadata-listed-in-part",
    "one item of metadata is not listed",
    f"{META}list",
    at("GET", METADATA, told("metadata", lambda all: dict([*all.items()][:1]))),
)
add(
    "metadata-values-trimmed",
    "values of metadata end at 64 characters",
    f"{META}update",
    at("POST", METADATA, with_json("metadata", lambda all: _trimmed(all))),
)


async def _told_not_stored(call: Call) -> Reply:
    reply = await call.beside(call.path).forward()
    asked = (call.document or {}).get("metadata")
    if not reply.good or not isinstance(asked, dict):
        return await call.forward()
    reply.document = {"metadata": reply.document["metadata"] | asked}
    return reply


def _as_all(reply: Reply) -> None:
    reply.document = {"metadata": reply.document["meta"]}


def _empty_item(call: Call, reply: Reply) -> None:
    reply.status = 200
    reply.document = {"meta": {call.last: ""}}


def _trimmed(all: Any) -> Any:
    return {key: value[:64] if isinstance(value, str) else value for key, value in all.items()}
