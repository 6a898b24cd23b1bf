"""Clouds that get lists of volumes, and snapshots, wrong in ways written down before the tests were looked at.

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
    respond,
    retry,
    status,
    told,
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


def _without(*names: str) -> Callable[[Call], None]:
    def edit(call: Call) -> None:
        call.params = [pair for pair in call.params if pair[0] not in names]

    return edit


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


def _grown(size: Any) -> Any:
    return size + 1 if isinstance(size, int) and not isinstance(size, bool) else size


def _first_sort_key(text: str) -> str:
    return text.split(",", maxsplit=1)[0]


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
    "detail-without-description",
    "the detailed list has no descriptions",
    LIST,
    at("GET", "/volumes/detail", told("volumes.*.description", None)),
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


async def _item_alone(call: Call) -> Reply:
    reply = await call.forward()
    meta = (call.document or {}).get("meta")
    if reply.good and meta:
        other = call.again(path=call.path.rpartition("/")[0])
        other.document = {"metadata": meta}
        await other.forward()
    return reply
