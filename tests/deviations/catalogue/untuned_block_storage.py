"""Clouds that get volumes wrong in ways written down before the tests were looked at.

They estimate what the suite notices of clouds that it was not made for.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from defcore.model.capability import Service
from tests.deviations.changes import (
    answer,
    ask,
    invent,
    respond,
    retry,
    stale,
    status,
    told,
    untold,
    with_json,
    with_query,
    without_json,
    without_query,
)
from tests.deviations.deviation import Book, Change
from tests.deviations.message import Call, Reply

book = Book(Service.BLOCK_STORAGE)
add, at = book.add, book.at
ALL, LISTS, ONE, ACTION = "/volumes", "/volumes(?:/detail)?", "/volumes/{uuid}", "/volumes/{id}/action"
SNAPSHOTS, SNAPSHOT = "/snapshots(?:/detail)?", "/snapshots/{uuid}"
MADE, LIST, UPDATE, GET = "volumes-v3-create-delete", "volumes-v3-list", "volumes-v3-update", "volumes-v3-get"
SNAPPED, SNAPS, META = "volumes-v3-snapshot-create-delete", "volumes-v3-snapshots-list", "volumes-v3-metadata"
TRANSFERS, VERSIONS = "/(?:os-volume-transfer|volume-transfers)", "volumes-list-api-versions"


def acts(name: str) -> Callable[[Call], bool]:
    """Whether a call asks for this action."""
    return lambda call: name in (call.document or {})


def _without(*names: str) -> Callable[[Call], None]:
    def edit(call: Call) -> None:
        call.params = [pair for pair in call.params if pair[0] not in names]

    return edit


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


async def _from_marker(call: Call) -> Reply:
    """A page begins with its marker."""
    marker = call.param("marker")
    reply = await call.forward()
    if reply.good and marker:
        kind = "snapshot" if "/snapshots" in call.path else "volume"
        shown = await call.beside(f"{call.path.removesuffix('/detail')}/{marker}").forward()
        document = reply.document
        if shown.good:
            document[f"{kind}s"].insert(0, shown.document[kind])
            reply.document = document
    return reply


def _each_next(collection: str, edit: Callable[[str], str]) -> Change:
    def change(_: Call, reply: Reply) -> None:
        document = reply.document
        for link in document.get(f"{collection}_links", []):
            link["href"] = edit(link["href"])
        reply.document = document

    return answer(change)


def _without_limit(address: str) -> str:
    parts = urlsplit(address)
    return urlunsplit(parts._replace(query=urlencode([one for one in parse_qsl(parts.query) if one[0] != "limit"])))


def _to_nowhere(address: str) -> str:
    return urlunsplit(urlsplit(address)._replace(netloc="volume.invalid"))


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


def _first_sort_key(text: str) -> str:
    return text.split(",", maxsplit=1)[0]


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
add(
    "rename-changes-metadata",
    "a change does not store metadata",
    UPDATE,
    at("PUT", ONE, without_json("volume.metadata")),
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
add("without-type", "a volume shows no type", MADE, at("GET", ONE, told("volume.volume_type", None)))
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
add("bootable-filter-ignored", "lists are not filtered by bootable", LIST, at("GET", LISTS, without_query("bootable")))
add("offset-ignored", "lists of volumes ignore `offset`", LIST, at("GET", LISTS, without_query("offset")))
add("marker-inclusive", "a page begins with its marker", LIST, at("GET", LISTS, _from_marker))
add(
    "unknown-marker-taken",
    "a page after a volume that there is not is the first one",
    LIST,
    at("GET", LISTS, retry(404, _without("marker"))),
)
add(
    "sorted-by-first-key",
    "lists are sorted by the first key only",
    LIST,
    at("GET", LISTS, with_query("sort", _first_sort_key)),
)
add("next-loses-limit", "the next page has no limit", LIST, at("GET", LISTS, _each_next("volumes", _without_limit)))
add(
    "next-leads-elsewhere",
    "the next page is at an address inside of the cloud",
    LIST,
    at("GET", LISTS, _each_next("volumes", _to_nowhere)),
)
add(
    "limit-0-is-none",
    "a limit of 0 is none",
    LIST,
    at("GET", LISTS, with_query("limit", lambda text: "1000" if text == "0" else text)),
)
add(
    "detail-without-description",
    "the detailed list has no descriptions",
    LIST,
    at("GET", "/volumes/detail", told("volumes.*.description", None)),
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
    "volume-without-snapshot",
    "a volume does not tell the snapshot that it was made from",
    SNAPPED,
    at("GET", ONE, told("volume.snapshot_id", None)),
)
add(
    "snapshot-description-lost",
    "a snapshot is made without its description",
    SNAPPED,
    at("POST", "/snapshots", without_json("snapshot.description")),
)
add(
    "snapshot-size-one-more",
    "a snapshot shows one gigabyte too many",
    SNAPPED,
    at("GET", SNAPSHOT, told("snapshot.size", _grown)),
)
add("snapshot-stays", "a snapshot that is deleted stays", SNAPPED, at("DELETE", SNAPSHOT, respond(202)))
add(
    "snapshot-delete-status-204",
    "the deletion of a snapshot is answered with 204",
    SNAPPED,
    at("DELETE", SNAPSHOT, status(202, 204)),
)
add(
    "snapshot-item-alone",
    "an item of a snapshot's metadata that is put replaces the rest",
    SNAPPED,
    at("PUT", "/snapshots/{id}/metadata/{id}", lambda call: _item_alone(call)),
)
add(
    "snapshot-item-with-all",
    "with an item of a snapshot's metadata all others go",
    SNAPPED,
    at("DELETE", "/snapshots/{id}/metadata/{id}", _none_left),
)
add(
    "snapshot-keeps-description",
    "a snapshot's new description is not stored",
    SNAPPED,
    at("PUT", SNAPSHOT, without_json("snapshot.description")),
)
add(
    "snapshot-volume-ignored",
    "lists of snapshots are not filtered by volume",
    SNAPPED,
    at("GET", SNAPSHOTS, without_query("volume_id")),
)
add(
    "unknown-snapshot-400",
    "a volume of a snapshot that there is not is a bad request",
    SNAPPED,
    at("POST", ALL, status(404, 400)),
)
add(
    "snapshot-marker-inclusive", "a page of snapshots begins with its marker", SNAPS, at("GET", SNAPSHOTS, _from_marker)
)
add(
    "snapshot-limit-0-is-none",
    "a limit of 0 snapshots is none",
    SNAPS,
    at("GET", SNAPSHOTS, with_query("limit", lambda text: "1000" if text == "0" else text)),
)
add(
    "snapshots-oldest-first",
    "lists of snapshots begin with the oldest",
    SNAPS,
    at("GET", SNAPSHOTS, ask(lambda call: _oldest_first(call))),
)
add(
    "upload-of-own-container",
    "an image of a volume has another container format",
    "volumes-v3-upload",
    at("POST", ACTION, without_json("os-volume_upload_image.container_format")),
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
    "retype-without-effect", "a volume keeps its type", UPDATE, at("POST", ACTION, respond(202, when=acts("os-retype")))
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
add(
    "request-id-missing",
    "answers have no id of the request",
    GET,
    at("GET", "/volumes/{id}", untold(headers=("X-Openstack-Request-Id", "X-Compute-Request-Id"), on=(200, 404))),
)
add("cascade-ignored", "a volume is not deleted with its snapshots", MADE, at("DELETE", ONE, without_query("cascade")))
add(
    "in-use-deleted",
    "a volume that is in use is reported as deleted",
    MADE,
    at("DELETE", ONE, status(400, 202, empty=True)),
)
add(
    "state-set-by-user",
    "a user is reported to have set a volume's state",
    UPDATE,
    at("POST", ACTION, status(403, 202, empty=True)),
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


async def _item_alone(call: Call) -> Reply:
    reply = await call.forward()
    meta = (call.document or {}).get("meta")
    if reply.good and meta:
        other = call.again(path=call.path.rpartition("/")[0])
        other.document = {"metadata": meta}
        await other.forward()
    return reply


def _echo(call: Call, reply: Reply) -> None:
    if isinstance(call.document, dict):
        reply.status = 200
        reply.document = call.document


def _oldest_first(call: Call) -> None:
    if not any(name.startswith("sort") for name, _ in call.params):
        call.params = [*call.params, ("sort", "created_at:asc")]


def _type(call: Call, reply: Reply) -> None:
    reply.status = 200
    reply.document = {"volume_type": {"id": call.last, "name": call.last, "is_public": True, "extra_specs": {}}}


def _unnamed(reply: Reply) -> None:
    reply.document = next(iter(reply.document.values()))
