"""Clouds that get volumes wrong in ways written down before the tests were looked at.

They estimate what the suite notices of clouds that it was not made for.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from defcore.model.capability import Service
from tests.deviations.changes import (
    answer,
    ask,
    invent,
    retry,
    stale,
    status,
    told,
    untold,
    with_json,
    without_query,
)
from tests.deviations.deviation import Book, Change
from tests.deviations.message import Call, Reply

book = Book(Service.BLOCK_STORAGE)
add, at = book.add, book.at
ALL, LISTS, ONE, ACTION = "/volumes", "/volumes(?:/detail)?", "/volumes/{uuid}", "/volumes/{id}/action"
MADE, LIST, UPDATE, GET = "volumes-v3-create-delete", "volumes-v3-list", "volumes-v3-update", "volumes-v3-get"
SNAPPED, SNAPS, META = "volumes-v3-snapshot-create-delete", "volumes-v3-snapshots-list", "volumes-v3-metadata"
TRANSFERS, VERSIONS = "/(?:os-volume-transfer|volume-transfers)", "volumes-list-api-versions"


def acts(name: str) -> Callable[[Call], bool]:
    """Whether a call asks for this action."""
    return lambda call: name in (call.document or {})


def _wiping(kind: str, name: str) -> Change:
    """An update that does not name the attribute takes it away."""

    def edit(call: Call) -> None:
        document = call.document
        if name not in document[kind]:
            document[kind][name] = ""
            call.document = document

    return ask(edit, when=lambda call: isinstance((call.document or {}).get(kind), dict))


async def _none_left(call: Call) -> Reply:
    """With an item of metadata all others go."""
    reply = await call.forward()
    if reply.good:
        other = call.again(method="PUT", path=call.path.rpartition("/")[0])
        other.headers["Content-Type"] = "application/json"
        other.body = json.dumps({"metadata": {}}).encode()
        await other.forward()
    return reply


def _own_project(call: Call) -> None:
    parts = call.path.split("/")
    if call.project:
        parts[2] = call.project
    call.path = "/".join(parts)


def _any_key(call: Call) -> None:
    document = call.document
    document["accept"]["auth_key"] = call.memory.get(call.path.split("/")[-2], "")
    call.document = document


async def _note_key(call: Call) -> Reply:
    reply = await call.forward()
    if reply.good:
        about = reply.document["transfer"]
        call.memory[about["id"]] = about.get("auth_key", "")
    return reply


def _grown(size: Any) -> Any:
    return size + 1 if isinstance(size, int) and not isinstance(size, bool) else size


def _known_only(call: Call) -> None:
    document = call.document
    known = {"name", "size", "description", "metadata", "volume_type", "availability_zone"}
    if isinstance(document, dict) and isinstance(document.get("volume"), dict):
        document["volume"] = {name: value for name, value in document["volume"].items() if name in known}
        call.document = document


add(
    "rename-wipes-description",
    "a new name takes the description away",
    UPDATE,
    at("PUT", ONE, _wiping("volume", "description")),
)
add("size-one-more", "a volume is made one gigabyte larger", MADE, at("POST", ALL, with_json("volume.size", _grown)))
add("without-user", "a volume does not show its user", MADE, at("GET", ONE, untold("volume.user_id")))
add(
    "without-encrypted",
    "a volume does not say whether it is encrypted",
    MADE,
    at("GET", ONE, untold("volume.encrypted")),
)
add("multiattach-is-text", "`multiattach` is a string", MADE, at("GET", ONE, told("volume.multiattach", str)))
add("links-missing", "a volume has no links", GET, at("GET", ONE, untold("volume.links")))
add("updated-missing", "a changed volume does not tell when", UPDATE, at("GET", ONE, told("volume.updated_at", None)))
add(
    "time-with-zone",
    "a volume tells times with a zone",
    MADE,
    at("GET", ONE, told("volume.created_at", lambda at: at and at + "Z")),
)
add(
    "zone-of-own",
    "a volume shows another availability zone",
    MADE,
    at("GET", ONE, told("volume.availability_zone", "elsewhere")),
)
add(
    "metadata-item-with-all",
    "with an item of metadata all others go",
    META,
    at("DELETE", "/volumes/{id}/metadata/{id}", _none_left),
)
add(
    "metadata-item-unknown",
    "deleting an item of metadata that is not there is no error",
    META,
    at("DELETE", "/volumes/{id}/metadata/{id}", status(404, 200, empty=True)),
)
add(
    "long-metadata-taken",
    "metadata of any length is reported as stored",
    META,
    at("POST|PUT", "/volumes/{id}/metadata", answer(lambda call, reply: _echo(call, reply), on=(400, 413))),
)
add(
    "clone-smaller",
    "a clone that is smaller than its source is reported as made",
    "volumes-v3-clone",
    at("POST", ALL, invent("volume", on=400, told=202)),
)
add(
    "shrink-accepted",
    "a volume is reported to become smaller",
    UPDATE,
    at("POST", ACTION, status(400, 202, empty=True)),
)
add(
    "bootable-one-way",
    "the flag bootable cannot be taken away",
    "volumes-v3-copy-image-to-volume",
    at("POST", ACTION, with_json("os-set_bootable.bootable", True, when=acts("os-set_bootable"))),
)
add(
    "readonly-one-way",
    "the flag readonly cannot be taken away",
    "volumes-v3-readonly",
    at("POST", ACTION, with_json("os-update_readonly_flag.readonly", True, when=acts("os-update_readonly_flag"))),
)
add(
    "readonly-is-boolean",
    "readonly is a boolean",
    "volumes-v3-readonly",
    at(
        "GET",
        ONE,
        told(
            "volume.metadata",
            lambda kept: {
                name: value == "True" if name == "readonly" else value for name, value in (kept or {}).items()
            },
        ),
    ),
)
add(
    "upload-status-200",
    "the answer to an upload is 200",
    "volumes-v3-upload",
    at(
        "POST",
        ACTION,
        answer(lambda _, reply: setattr(reply, "status", 200), on=(202,), when=acts("os-volume_upload_image")),
    ),
)
add(
    "transfer-with-any-key",
    "a transfer is accepted with any key",
    GET,
    at("POST", TRANSFERS, _note_key),
    at("POST", f"{TRANSFERS}/{{id}}/accept", retry(400, _any_key)),
)
add(
    "transfer-tells-key-again",
    "a transfer shows its key again",
    GET,
    at("GET", f"{TRANSFERS}/{{uuid}}", told("transfer.auth_key", "0123456789abcdef")),
)
add("usage-stands", "a new volume does not count as used", MADE, at("GET", "/limits", stale()))
add(
    "unknown-type-404-missing",
    "a volume type that there is not is shown",
    MADE,
    at("GET", "/types/{id}", answer(lambda call, reply: _type(call, reply), on=(404,))),
)
add(
    "any-microversion",
    "an unknown microversion is answered as if none was asked for",
    VERSIONS,
    at("GET", "/.*", retry(406, lambda call: call.headers.popall("OpenStack-API-Version", None))),
)
add(
    "vary-missing",
    "answers do not say that they depend on the microversion",
    VERSIONS,
    at("GET", "/.*", untold(headers=("Vary",))),
)
add(
    "project-of-address-ignored",
    "the project of an address is passed over",
    GET,
    at("GET", "/volumes(?:/detail)?", retry(400, _own_project)),
)
add(
    "unknown-property-taken",
    "a property that there is not is passed over",
    MADE,
    at("POST", ALL, retry(400, _known_only)),
)
add(
    "faults-unnamed",
    "an error has no name",
    GET,
    at("GET", "/volumes/{id}", answer(lambda _, reply: _unnamed(reply), on=(404,))),
)
add("cascade-ignored", "a volume is not deleted with its snapshots", MADE, at("DELETE", ONE, without_query("cascade")))
add(
    "in-use-deleted",
    "a volume that is in use is reported as deleted",
    MADE,
    at("DELETE", ONE, status(400, 202, empty=True)),
)
add(
    "extension-without-description",
    "extensions have no description",
    "volumes-v3-extensions",
    at("GET", "/extensions", untold("extensions.*.description")),
)
add(
    "zone-without-name",
    "an availability zone has no name",
    "volumes-v3-availability-zones",
    at("GET", "/os-availability-zone", untold("availabilityZoneInfo.*.zoneName")),
)


def _echo(call: Call, reply: Reply) -> None:
    if isinstance(call.document, dict):
        reply.status = 200
        reply.document = call.document


def _type(call: Call, reply: Reply) -> None:
    reply.status = 200
    reply.document = {"volume_type": {"id": call.last, "name": call.last, "is_public": True, "extra_specs": {}}}


def _unnamed(reply: Reply) -> None:
    reply.document = next(iter(reply.document.values()))
