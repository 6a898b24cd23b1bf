"""Clouds that keep images wrongly."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from defcore.model.capability import Service
from tests.deviations.changes import (
    answer,
    as_owner,
    ask,
    at_path,
    more,
    note_owner,
    put,
    remove,
    respond,
    retry,
    status,
    told,
    untold,
    with_json,
    with_query,
    without_headers,
    without_json,
    without_query,
)
from tests.deviations.deviation import Book, Change
from tests.deviations.message import Call, Reply

book = Book(Service.IMAGE)
add, at = book.add, book.at


# --- those of the published list -----------------------------------------------------------------------------


def _foreign_checksum(call: Call, reply: Reply) -> None:
    document = reply.document
    if document and document.get("checksum"):
        document["checksum"] = hashlib.md5(document["id"].encode()).hexdigest()
        reply.document = document


async def _delete_protected(call: Call) -> Reply:
    reply = await call.forward()
    if reply.status != 403:
        return reply
    freed = call.beside(call.path, "PATCH")
    freed.headers["Content-Type"] = "application/openstack-images-v2.1-json-patch"
    freed.document = [{"op": "replace", "path": "/protected", "value": False}]
    await freed.forward()
    return await call.forward()


async def _acknowledge_patch(call: Call) -> Reply:
    reply = await call.beside(call.path).forward()
    document = reply.document
    if not reply.good or not isinstance(call.document, list):
        return await call.forward()
    for operation in call.document:
        if operation.get("op") in ("add", "replace"):
            put(document, operation["path"].lstrip("/").replace("/", "."), operation.get("value"))
        else:
            remove(document, operation["path"].lstrip("/").replace("/", "."))
    reply.document = document
    return reply


LIST, GET, DELETE, UPDATE = "images-v2-list", "images-v2-get", "images-v2-delete", "images-v2-update"
IMPORT, INDEX, SHARE = "images-v2-import", "images-v2-index", "images-v2-share"
IMAGE, FILE = "/images/{uuid}", "/images/{uuid}/file"
add(
    "checksum-of-other-data",
    "the checksum does not belong to the data",
    IMPORT,
    at("GET", IMAGE, answer(_foreign_checksum)),
    published="MG-01",
)
add("limit-ignored", "a list has no limit", LIST, at("GET", "/images", without_query("limit")), published="MG-03")
add(
    "size-range-ignored",
    "the least and greatest size filter nothing",
    LIST,
    at("GET", "/images", without_query("size_min", "size_max")),
    published="MG-05",
)
add(
    "protection-ignored",
    "a protected image is deleted",
    DELETE,
    at("DELETE", IMAGE, _delete_protected),
    published="MG-07",
)
add(
    "patch-not-stored",
    "a change is acknowledged and forgotten",
    UPDATE,
    at("PATCH", IMAGE, _acknowledge_patch),
    published="MG-09",
)


# --- lists ---------------------------------------------------------------------------------------------------

for name in ("container_format", "disk_format", "visibility", "size", "status"):
    add(
        f"filter-{name.replace('_', '-')}-ignored",
        f"the list is not filtered by {name}",
        LIST,
        at("GET", "/images", without_query(name)),
    )
add("filter-tag-ignored", "the list is not filtered by tag", LIST, at("GET", "/images", without_query("tag")))
add(
    "filter-first-tag-only",
    "of several tags only the first one filters",
    LIST,
    at("GET", "/images", ask(lambda call: _first_tag(call))),
)
add("next-missing", "a page has no link to the next one", LIST, at("GET", "/images", untold("next")))
add("marker-ignored", "each page is the first one", INDEX, at("GET", "/images", without_query("marker")))
add(
    "sorting-ignored",
    "the list is never sorted",
    LIST,
    at("GET", "/images", without_query("sort", "sort_dir", "sort_key")),
)
add(
    "size-filter-off-by-one",
    "the least size is taken for one byte less",
    LIST,
    at("GET", "/images", with_query("size_min", more(-600))),
)
add("listed-without-tags", "the list shows no tags", INDEX, at("GET", "/images", told("images.*.tags", [])))
add(
    "listed-without-size",
    "the list shows each image with size 0",
    INDEX,
    at("GET", "/images", told("images.*.size", 0)),
)
add(
    "queued-not-listed",
    "images without data are in no list",
    INDEX,
    at("GET", "/images", answer(lambda _, reply: _drop_queued(reply))),
)
add(
    "list-named-wrongly",
    "the schema of lists describes another thing",
    GET,
    at("GET", "/schemas/images", told("name", "image")),
)
add(
    "schema-without-status",
    "the schema of images lacks the status",
    GET,
    at("GET", "/schemas/image", untold("properties.status")),
)


def _first_tag(call: Call) -> None:
    tags = [value for name, value in call.params if name == "tag"]
    call.params = [pair for pair in call.params if pair[0] != "tag"] + [("tag", tag) for tag in tags[:1]]


def _drop_queued(reply: Reply) -> None:
    document = reply.document
    document["images"] = [one for one in document["images"] if one["status"] != "queued"]
    reply.document = document


# --- one image -----------------------------------------------------------------------------------------------

add("empty-id-lists", "an empty id gives the list", GET, at("GET", "/images/", at_path(lambda path: path.rstrip("/"))))
add("unknown-is-forbidden", "an unknown image is forbidden", GET, at("GET", IMAGE, status(404, 403)))
add("shown-without-owner", "an image does not show its owner", GET, at("GET", IMAGE, untold("owner")))
add(
    "size-is-text",
    "an image shows its size as a string",
    GET,
    at("GET", IMAGE, told("size", lambda size: size and str(size))),
)
add("delete-without-effect", "a deleted image stays", DELETE, at("DELETE", IMAGE, respond(204)))
add(
    "unknown-deleted",
    "an unknown image is reported as deleted",
    DELETE,
    at("DELETE", IMAGE, status(404, 204, empty=True)),
)
add("delete-status-200", "a deletion is answered with 200", DELETE, at("DELETE", IMAGE, status(204, 200)))
add("patch-loses-tags", "a change takes all tags away", UPDATE, at("PATCH", IMAGE, told("tags", [])))
add(
    "patch-folds-case",
    "a name is stored in small letters",
    UPDATE,
    at("PATCH", IMAGE, ask(lambda call: _rename(call, str.upper))),
)
add("tag-not-added", "a tag is acknowledged and forgotten", UPDATE, at("PUT", f"{IMAGE}/tags/{{id}}", respond(204)))
add("tag-not-removed", "a removed tag stays", UPDATE, at("DELETE", f"{IMAGE}/tags/{{id}}", respond(204)))
add(
    "unknown-tag-removed",
    "removing a tag that is not there is no error",
    DELETE,
    at("DELETE", f"{IMAGE}/tags/{{id}}", status(404, 204, empty=True)),
)
add(
    "readonly-changed",
    "a property that cannot be changed is quietly left",
    UPDATE,
    at("PATCH", IMAGE, status(403, 200)),
)


def _rename(call: Call, rename: Callable[[str], str]) -> None:
    document = call.document
    for operation in document:
        if operation.get("path") == "/name" and "value" in operation:
            operation["value"] = rename(operation["value"])
    call.document = document


add(
    "self-leads-nowhere", "an image's link to itself leads elsewhere", GET, at("GET", IMAGE, told("self", "/v2/images"))
)
add(
    "never-updated",
    "an image shows the time of its creation as that of its change",
    GET,
    at("GET", IMAGE, answer(lambda _, reply: _aged(reply))),
)


def _aged(reply: Reply) -> None:
    document = reply.document
    document["updated_at"] = document["created_at"]
    reply.document = document


# --- data ----------------------------------------------------------------------------------------------------


def _cut(call: Call) -> None:
    call.body = call.body[:-1]


def _flip(_: Call, reply: Reply) -> None:
    if reply.body:
        reply.body = reply.body[:-1] + bytes([reply.body[-1] ^ 1])


def _any_format(name: str, good: str) -> Change:
    def edit(call: Call) -> None:
        call.document = call.document | {name: good}

    return retry(400, edit)


add("upload-cut", "the last byte of an upload is lost", IMPORT, at("PUT", FILE, ask(_cut)))
add("download-differs", "the last byte of a download is another one", IMPORT, at("GET", FILE, answer(_flip)))
add("no-data-no-file", "the data of an image without any is not found", IMPORT, at("GET", FILE, status(204, 404)))
add(
    "size-wrong",
    "an image shows one byte too many",
    IMPORT,
    at("GET", IMAGE, told("size", lambda size: size and size + 1)),
)
add(
    "range-ignored",
    "the whole is sent where a range was asked for",
    IMPORT,
    at("GET", FILE, without_headers("Range", "Content-Range")),
)
add(
    "own-property-lost",
    "a property of the owner's own is lost",
    IMPORT,
    at("POST", "/images", without_json("ramdisk_id")),
)
for name, good in (("container_format", "bare"), ("disk_format", "raw")):
    add(
        f"unknown-{name.replace('_', '-')}",
        f"an unknown {name} is taken for {good}",
        IMPORT,
        at("POST", "/images", _any_format(name, good)),
    )
add("hash-missing", "an image shows no secure hash of its data", IMPORT, at("GET", IMAGE, told("os_hash_value", None)))
add("upload-twice", "data is taken though there is some", IMPORT, at("PUT", FILE, status(409, 204, empty=True)))
add("md5-missing", "a download does not tell its checksum", IMPORT, at("GET", FILE, untold(headers=("Content-MD5",))))

# --- sharing -------------------------------------------------------------------------------------------------

add(
    "foreign-image-shown",
    "a private image is shown to other projects",
    SHARE,
    at("POST", "/images", note_owner()),
    at("GET", IMAGE, as_owner()),
)
add(
    "member-accepted-unasked",
    "a member has accepted before having been asked",
    SHARE,
    at("POST|GET", f"{IMAGE}/members(/{{id}})?", told("status", "accepted")),
)
add("member-stays", "a member that is removed stays", SHARE, at("DELETE", f"{IMAGE}/members/{{id}}", respond(204)))
add(
    "members-not-listed",
    "the list of members is empty",
    SHARE,
    at("GET", f"{IMAGE}/members", told("members", [])),
)
add(
    "rejection-ignored",
    "a rejected image is listed",
    SHARE,
    at("PUT", f"{IMAGE}/members/{{id}}", with_json("status", "accepted")),
)
