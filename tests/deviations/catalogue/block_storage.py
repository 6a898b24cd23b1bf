"""Clouds that keep volumes and snapshots wrongly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from defcore.model.capability import Service
from tests.deviations.changes import (
    acknowledge,
    answer,
    as_method,
    as_owner,
    at_path,
    more,
    note_owner,
    respond,
    retry,
    status,
    told,
    untold,
    with_header,
    with_json,
    with_query,
    without_json,
    without_query,
)
from tests.deviations.deviation import Book
from tests.deviations.message import Call, Reply

book = Book(Service.BLOCK_STORAGE)
add, at = book.add, book.at
LIST, GET, LIFE, META = "volumes-v3-list", "volumes-v3-get", "volumes-v3-create-delete", "volumes-v3-metadata"
UPDATE, SNAPSHOT, UPLOAD = "volumes-v3-update", "volumes-v3-snapshot-create-delete", "volumes-v3-upload"
IMAGE, CLONE, READONLY = "volumes-v3-copy-image-to-volume", "volumes-v3-clone", "volumes-v3-readonly"
ZONES, EXTENSIONS, VERSIONS = "volumes-v3-availability-zones", "volumes-v3-extensions", "volumes-list-api-versions"
LISTS, VOLUME, ACTION = "/volumes(/detail)?", "/volumes/{uuid}", "/volumes/{id}/action"
SNAPSHOTS, ONE_SNAPSHOT = "/snapshots(/detail)?", "/snapshots/{uuid}"


def does(action: str) -> Callable[[Call], bool]:
    return lambda call: action in (call.document or {})


def asks(**attributes: Any) -> Callable[[Call], bool]:
    """Whether a request for a volume has these attributes."""
    return lambda call: attributes.items() <= ((call.document or {}).get("volume") or {}).items()


# --- lists ---------------------------------------------------------------------------------------------------

add("name-ignored", "lists are not filtered by name", LIST, at("GET", LISTS, without_query("name")), published="MV-01")
add(
    "sort-direction-ignored",
    "lists are sorted one way only",
    LIST,
    at("GET", LISTS, without_query("sort_dir")),
    published="MV-03",
)
add("status-ignored", "lists are not filtered by status", LIST, at("GET", LISTS, without_query("status")))
add("metadata-ignored", "lists are not filtered by metadata", LIST, at("GET", LISTS, without_query("metadata")))
add(
    "zone-ignored",
    "lists are not filtered by availability zone",
    LIST,
    at("GET", LISTS, without_query("availability_zone")),
)
add("limit-ignored", "lists have no limit", LIST, at("GET", LISTS, without_query("limit")))
add(
    "limit-off-by-one",
    "a page has one volume too many",
    LIST,
    at("GET", LISTS, with_query("limit", more(1))),
)
add("marker-ignored", "each page is the first one", LIST, at("GET", LISTS, without_query("marker")))
add("next-missing", "pages have no link to the next one", LIST, at("GET", LISTS, untold("volumes_links")))
add(
    "sort-key-ignored",
    "lists are sorted by time whatever is asked for",
    LIST,
    at("GET", LISTS, without_query("sort_key")),
)
add("brief-without-name", "the brief list has no names", LIST, at("GET", "/volumes", told("volumes.*.name", None)))
add(
    "detail-without-metadata",
    "the detailed list has no metadata",
    LIST,
    at("GET", "/volumes/detail", told("volumes.*.metadata", {})),
)
add(
    "detail-of-wrong-size",
    "the detailed list has sizes in bytes",
    LIST,
    at("GET", "/volumes/detail", told("volumes.*.size", lambda size: size << 30)),
)
add(
    "page-loses-filter",
    "the next page has other filters",
    LIST,
    at("GET", LISTS, answer(lambda _, reply: _shorten_links(reply))),
)


def _shorten_links(reply: Reply) -> None:
    document = reply.document
    for link in document.get("volumes_links", []):
        link["href"] = link["href"].partition("&")[0].replace("limit=1", "limit=2")
    reply.document = document


# --- one volume ----------------------------------------------------------------------------------------------

add(
    "bootable-is-boolean",
    "`bootable` is a boolean",
    LIFE,
    at("GET", VOLUME, told("volume.bootable", lambda word: word == "true")),
    published="MV-05",
)
add(
    "foreign-volume-shown",
    "a volume of another project is shown",
    GET,
    at("POST", "/volumes", note_owner()),
    at("GET", VOLUME, as_owner()),
    published="MV-07",
)
add(
    "empty-id-lists",
    "an empty id gives the list",
    GET,
    at("GET", "/volumes/", at_path(lambda path: path.rstrip("/"))),
    published="MV-09",
)
add(
    "unknown-is-bad", "a volume that does not exist is a bad request", GET, at("GET", "/volumes/{id}", status(404, 400))
)
add(
    "unknown-deleted",
    "a volume that does not exist is reported as deleted",
    LIFE,
    at("DELETE", VOLUME, status(404, 202)),
)
add("delete-status-204", "a deletion is answered with 204", LIFE, at("DELETE", VOLUME, status(202, 204)))
add("create-status-200", "a creation is answered with 200", LIFE, at("POST", "/volumes", status(202, 200)))
add("size-is-text", "`size` is a string", LIFE, at("GET", VOLUME, told("volume.size", str)))
add("created-without-zone", "a time without date", LIFE, at("GET", VOLUME, told("volume.created_at", "12:00")))
add(
    "unknown-type-taken",
    "an unknown type is taken for the default",
    LIFE,
    at("POST", "/volumes", without_json("volume.volume_type")),
)
add("zero-is-one", "a size of zero or less is taken for 1", LIFE, at("POST", "/volumes", with_json("volume.size", 1)))
add(
    "metadata-lost-at-birth",
    "a volume is made without its metadata",
    LIFE,
    at("POST", "/volumes", without_json("volume.metadata")),
)
add(
    "description-cut",
    "a description ends at the first quotation mark",
    LIFE,
    at(
        "POST|PUT",
        "/volumes(/{id})?",
        with_json(
            "volume.description",
            lambda text: text and text.split('"')[0],
            when=lambda call: "description" in (call.document or {}).get("volume", {}),
        ),
    ),
)
add("update-not-stored", "a change is told and not stored", UPDATE, at("PUT", VOLUME, acknowledge("volume")))
add("unknown-updated", "changing a volume by an empty id is allowed", UPDATE, at("PUT", "/volumes/", status(404, 200)))
add(
    "deletion-without-effect",
    "a deleted volume that was changed before stays",
    LIFE,
    at("PUT", VOLUME, answer(lambda call, _: call.memory.update({call.last: True}))),
    at("DELETE", VOLUME, respond(202, when=lambda call: call.last in call.memory)),
)

add(
    "snapshots-no-hindrance",
    "a volume that has a snapshot is reported as deleted",
    LIFE,
    at("DELETE", VOLUME, status(400, 202, empty=True)),
)
add(
    "extension-without-effect",
    "a volume does not grow",
    UPDATE,
    at("POST", ACTION, respond(202, when=does("os-extend"))),
)
add(
    "limit-of-many",
    "a limit that is none is taken for no limit",
    LIST,
    at("GET", LISTS, retry(400, lambda call: _unlimited(call))),
)


def _unlimited(call: Call) -> None:
    call.params = [pair for pair in call.params if pair[0] not in ("limit", "sort", "sort_key")]


# --- metadata, flags, sources --------------------------------------------------------------------------------

add(
    "metadata-put-merges",
    "metadata that is put does not replace the rest",
    META,
    at("PUT", "/volumes/{id}/metadata", as_method("POST")),
)
add(
    "metadata-post-replaces",
    "metadata that is posted replaces the rest",
    META,
    at("POST", "/volumes/{id}/metadata", as_method("PUT")),
)
add(
    "metadata-item-stays",
    "an item of metadata cannot be deleted",
    META,
    at("DELETE", "/volumes/{id}/metadata/{id}", respond(200)),
)
add(
    "metadata-escaped",
    "special characters of metadata are escaped",
    META,
    at(
        "GET",
        "/volumes/{id}/metadata",
        told("metadata", lambda all: {key: value.replace("&", "&amp;") for key, value in all.items()}),
    ),
)
add(
    "metadata-item-alone",
    "an item of metadata that is put replaces the rest",
    META,
    at(
        "PUT",
        "/volumes/{id}/metadata/{id}",
        answer(lambda call, _: call.memory.update({call.path.rpartition("/")[0]: call.last})),
    ),
    at("GET", "/volumes/{id}/metadata", answer(lambda call, reply: _only(call, reply))),
)
add(
    "bootable-ignored",
    "the flag bootable cannot be set",
    IMAGE,
    at("POST", ACTION, respond(200, when=does("os-set_bootable"))),
)
add(
    "not-bootable-from-image",
    "a volume made from an image is not bootable",
    IMAGE,
    at("GET", VOLUME, told("volume.bootable", "false")),
)
add(
    "origin-not-told",
    "a volume does not tell the image that it was made from",
    IMAGE,
    at("GET", VOLUME, untold("volume.volume_image_metadata")),
)
add(
    "readonly-ignored",
    "the flag readonly is not set",
    READONLY,
    at("POST", ACTION, respond(202, when=does("os-update_readonly_flag"))),
)
add(
    "readonly-small",
    "readonly is told in small letters",
    READONLY,
    at(
        "GET",
        VOLUME,
        told(
            "volume.metadata",
            lambda all: {key: value.lower() if key == "readonly" else value for key, value in all.items()},
        ),
    ),
)
add(
    "clone-without-source",
    "a clone does not tell its source",
    CLONE,
    at("GET", VOLUME, told("volume.source_volid", None)),
)
add(
    "clone-is-empty",
    "a clone is made as an empty volume",
    CLONE,
    at("POST", "/volumes", without_json("volume.source_volid")),
)
add(
    "upload-renamed",
    "an image of a volume has another name",
    UPLOAD,
    at("POST", ACTION, with_json("os-volume_upload_image.image_name", "volume", when=does("os-volume_upload_image"))),
)
add(
    "upload-in-own-format",
    "an image of a volume has another format",
    UPLOAD,
    at("POST", ACTION, with_json("os-volume_upload_image.disk_format", "qcow2", when=does("os-volume_upload_image"))),
)
add(
    "upload-without-id",
    "the answer to an upload does not name the image",
    UPLOAD,
    at("POST", ACTION, untold("os-volume_upload_image.image_id")),
)


def _only(call: Call, reply: Reply) -> None:
    key, document = call.memory.get(call.path), reply.document
    if key:
        document["metadata"] = {key: document["metadata"].get(key, "")}
        reply.document = document


# --- the service ---------------------------------------------------------------------------------------------

add(
    "no-zones",
    "there is no availability zone",
    ZONES,
    at("GET", "/os-availability-zone", told("availabilityZoneInfo", [])),
)
add(
    "zone-state-is-text",
    "a zone's state is a word",
    ZONES,
    at("GET", "/os-availability-zone", told("availabilityZoneInfo.*.zoneState", "available")),
)
add(
    "extension-without-alias",
    "extensions have no alias",
    EXTENSIONS,
    at("GET", "/extensions", untold("extensions.*.alias")),
)
add(
    "extensions-twice",
    "each extension is listed twice",
    EXTENSIONS,
    at("GET", "/extensions", told("extensions", lambda all: all * 2)),
)
add("root-status-200", "the root answers 200", VERSIONS, at("GET", "^/?", status(300, 200)))
add(
    "root-without-microversions",
    "version 3 tells no microversions",
    VERSIONS,
    at("GET", "^/?", untold("versions.*.min_version", "versions.*.version", on=(300,))),
)
add(
    "microversion-not-told",
    "answers do not tell their microversion",
    VERSIONS,
    at("GET", ".*", untold(headers=("OpenStack-API-Version",))),
)
add(
    "microversion-of-another",
    "answers tell another microversion",
    VERSIONS,
    at("GET", ".*", with_header("OpenStack-API-Version", "volume 3.1")),
)
