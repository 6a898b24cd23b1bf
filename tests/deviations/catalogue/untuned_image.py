"""Clouds that get images wrong in ways written down before the tests were looked at.

They estimate what the suite notices of clouds that it was not made for.
"""

from __future__ import annotations

import json
from collections.abc import Callable

from defcore.model.capability import Service
from tests.deviations.changes import (
    answer,
    ask,
    at_path,
    retry,
    status,
    told,
    untold,
    with_header,
    with_json,
    without_json,
    without_query,
)
from tests.deviations.deviation import Book, Change
from tests.deviations.message import Call, Reply

book = Book(Service.IMAGE)
add, at = book.add, book.at
ALL, ONE, FILE, TAG = "/images", "/images/{id}", "/images/{id}/file", "/images/{id}/tags/{id}"
MEMBERS, MEMBER = "/images/{id}/members", "/images/{id}/members/{id}"
GET, LIST, INDEX, UPDATE = "images-v2-get", "images-v2-list", "images-v2-index", "images-v2-update"
DATA, SHARE = "images-v2-import", "images-v2-share"


def _by_default(name: str, value: str) -> Change:
    """What is not asked for is chosen otherwise."""

    def edit(call: Call) -> None:
        document = call.document
        if isinstance(document, dict):
            call.document = {name: value} | document

    return ask(edit)


def _first_operation(call: Call) -> None:
    if isinstance(call.document, list):
        call.document = call.document[:1]


async def _in_part(call: Call) -> Reply:
    """Of a refused patch what can be done is done."""
    reply = await call.forward()
    if reply.status >= 400 and isinstance(call.document, list) and len(call.document) > 1:
        first = call.again()
        first.document = call.document[:1]
        await first.forward()
    return reply


async def _all_tags_gone(call: Call) -> Reply:
    reply = await call.forward()
    if reply.good:
        other = call.again(method="PATCH", path=call.path.split("/tags/")[0])
        other.headers["Content-Type"] = "application/openstack-images-v2.1-json-patch"
        other.body = json.dumps([{"op": "replace", "path": "/tags", "value": []}]).encode()
        await other.forward()
    return reply


async def _read_after_deletion(call: Call) -> Reply:
    """The data of an image that was read once is sent ever after."""
    reply = await call.forward()
    if reply.status == 200:
        call.memory[call.path] = reply
    kept = call.memory.get(call.path)
    if reply.status == 404 and kept:
        return Reply(status=kept.status, headers=kept.headers.copy(), body=kept.body)
    return reply


def _without(*names: str) -> Callable[[Call], None]:
    def edit(call: Call) -> None:
        call.params = [pair for pair in call.params if pair[0] not in names]

    return edit


def _suffix_as_prefix(call: Call) -> None:
    span = call.headers.get("Range", "")
    if span.startswith("bytes=-"):
        call.headers["Range"] = span.replace("=-", "=0-")


def _whole(call: Call) -> None:
    call.headers.pop("Range", None)


def _as_bytes(call: Call) -> None:
    call.headers["Content-Type"] = "application/octet-stream"


def _oldest_first(call: Call) -> None:
    if not any(name.startswith("sort") for name, _ in call.params):
        call.params = [*call.params, ("sort", "created_at:asc")]


def _name_cut(call: Call) -> None:
    document = call.document
    if isinstance(document, dict) and isinstance(document.get("name"), str):
        document["name"] = document["name"][:255]
        call.document = document


def _ascii(text: object) -> object:
    return text.encode("ascii", "replace").decode() if isinstance(text, str) else text


add(
    "create-without-location",
    "the address of a new image is not told",
    DATA,
    at("POST", ALL, untold(headers=("Location",))),
)
add(
    "private-by-default",
    "a new image is private, not shared, if nothing is said",
    DATA,
    at("POST", ALL, _by_default("visibility", "private")),
)
add("own-id-ignored", "an image has another id than was asked for", DATA, at("POST", ALL, without_json("id")))
add(
    "minimum-ignored",
    "an image is made without its least disk and memory",
    DATA,
    at("POST", ALL, without_json("min_disk", "min_ram")),
)
add(
    "protection-at-birth-lost",
    "an image is made without its protection",
    DATA,
    at("POST", ALL, without_json("protected")),
)
add("tags-at-birth-lost", "an image is made without its tags", DATA, at("POST", ALL, without_json("tags")))
add("active-at-birth", "an image without data is told as active", DATA, at("POST", ALL, told("status", "active")))
add(
    "name-in-ascii",
    "an image loses letters of its name",
    DATA,
    at("POST", ALL, with_json("name", _ascii, when=lambda call: "name" in (call.document or {}))),
)
add("long-name-cut", "a name that is too long is cut", DATA, at("POST", ALL, retry(400, _name_cut)))
add("id-twice", "a second image of an id that is taken is reported as made", DATA, at("POST", ALL, status(409, 201)))
add(
    "size-0-before-data",
    "an image without data has the size 0",
    DATA,
    at("GET", ONE, told("size", lambda size: size or 0)),
)
add(
    "checksum-in-capitals",
    "the checksum is written in capitals",
    DATA,
    at("GET", ONE, told("checksum", lambda sum: sum and sum.upper())),
)
add(
    "hash-of-other-kind",
    "the secure hash is told as one of another kind",
    DATA,
    at("GET", ONE, told("os_hash_algo", lambda algo: algo and "sha256")),
)
add("download-as-text", "data is sent as text", DATA, at("GET", FILE, with_header("Content-Type", "text/plain")))
add(
    "range-from-the-wrong-end",
    "the last bytes that are asked for are the first ones",
    DATA,
    at("GET", FILE, ask(_suffix_as_prefix)),
)
add("range-beyond-the-end", "a range beyond the end gives the whole", DATA, at("GET", FILE, retry(416, _whole)))
add("upload-of-any-media", "data may come as any content", DATA, at("PUT", FILE, retry(415, _as_bytes)))
add(
    "unknown-import-taken",
    "an import by an unknown method is accepted",
    DATA,
    at("POST", "/images/{id}/import", status(400, 202, empty=True)),
)
add(
    "staged-as-queued",
    "an image whose data waits is told as queued",
    DATA,
    at("GET", ONE, told("status", lambda now: "queued" if now == "uploading" else now)),
)
add(
    "deleted-data-read",
    "the data of an image is sent after its deletion",
    "images-v2-delete",
    at("GET", FILE, _read_after_deletion),
)
add(
    "patch-first-only", "of several changes only the first one is made", UPDATE, at("PATCH", ONE, ask(_first_operation))
)
add("patch-in-part", "of a refused patch what can be done is done", UPDATE, at("PATCH", ONE, _in_part))
add("tags-in-small", "tags are kept in small letters", UPDATE, at("PUT|DELETE", TAG, at_path(str.lower)))
add("tag-twice", "an image shows each tag twice", UPDATE, at("GET", ONE, told("tags", lambda tags: (tags or []) * 2)))
add("last-tag-removed-with-all", "with a tag all others go", UPDATE, at("DELETE", TAG, _all_tags_gone))
add("filter-name-ignored", "the list is not filtered by name", LIST, at("GET", ALL, without_query("name")))
add("filter-owner-ignored", "the list is not filtered by owner", LIST, at("GET", ALL, without_query("owner")))
add(
    "filter-time-ignored",
    "the list is not filtered by time",
    LIST,
    at("GET", ALL, without_query("created_at", "updated_at")),
)
add("hidden-not-found", "hidden images are listed nowhere", LIST, at("GET", ALL, without_query("os_hidden")))
add(
    "bad-sort-taken",
    "a sorting that makes no sense is taken for none",
    LIST,
    at("GET", ALL, retry(400, _without("sort", "sort_key", "sort_dir"))),
)
add(
    "unknown-marker-taken",
    "a page after an image that there is not is the first one",
    INDEX,
    at("GET", ALL, retry(400, _without("marker"))),
)
add("oldest-first", "lists begin with the oldest image", INDEX, at("GET", ALL, ask(_oldest_first)))
add(
    "member-status-by-owner",
    "the owner of an image accepts it for others",
    SHARE,
    at("PUT", MEMBER, answer(lambda call, reply: _accepted(call, reply), on=(403,))),
)
add("member-twice", "an image is shared twice with the same project", SHARE, at("POST", MEMBERS, status(409, 200)))
add(
    "unknown-member-removed",
    "removing a member that is none is no error",
    SHARE,
    at("DELETE", MEMBER, status(404, 204, empty=True)),
)
add(
    "member-of-other-image",
    "a member names another image",
    SHARE,
    at("GET|POST", f"{MEMBERS}(?:/{{id}})?", told("image_id", lambda id: id and id[::-1])),
)
add(
    "member-status-not-filtered",
    "the list is not filtered by the status of members",
    SHARE,
    at("GET", ALL, without_query("member_status")),
)


def _accepted(call: Call, reply: Reply) -> None:
    reply.status = 200
    path = call.path.split("/")
    reply.document = {"image_id": path[-3], "member_id": path[-1], "status": call.document.get("status")}
