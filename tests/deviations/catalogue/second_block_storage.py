"""Clouds that get volumes and snapshots wrong in ways written down in a second round, before the tests were looked at.

They estimate what the suite notices of clouds that it was not made for.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit, urlunsplit

from defcore.model.capability import Service
from tests.deviations.catalogue.leniency import (
    item_as_named,
    json_mended,
    microversion_passed_over,
    query_passed_over,
)
from tests.deviations.changes import answer, status, told, untold, without_json
from tests.deviations.deviation import Book
from tests.deviations.message import Call, Reply

book = Book(Service.BLOCK_STORAGE)
add, at = book.add, book.at
ALL, LISTS, ONE, ACTION = "/volumes", "/volumes(?:/detail)?", "/volumes/{uuid}", "/volumes/{id}/action"
SNAPSHOTS, SNAPSHOT = "/snapshots(?:/detail)?", "/snapshots/{id}"
MADE, LIST, UPDATE, META = "volumes-v3-create-delete", "volumes-v3-list", "volumes-v3-update", "volumes-v3-metadata"
SNAPPED, SNAPS, UPLOAD = "volumes-v3-snapshot-create-delete", "volumes-v3-snapshots-list", "volumes-v3-upload"


def _words(document: Any) -> None:
    """Numbers and truths among the metadata are taken for words."""
    for kind in ("volume", "snapshot"):
        metadata = (document.get(kind) or {}).get("metadata")
        if isinstance(metadata, dict):
            document[kind]["metadata"] = {name: str(value) for name, value in metadata.items()}
    if isinstance(document.get("metadata"), dict):
        document["metadata"] = {name: str(value) for name, value in document["metadata"].items()}


def _name_cut(document: Any) -> None:
    for kind in ("volume", "snapshot"):
        about = document.get(kind)
        if isinstance(about, dict) and isinstance(about.get("name"), str):
            about["name"] = about["name"][:255]


def _sized(document: Any) -> None:
    about = document.get("volume")
    if isinstance(about, dict) and about.get("size") is None:
        about["size"] = 1


def _smallest(document: Any) -> None:
    about = document.get("volume")
    if isinstance(about, dict) and "snapshot_id" in about:
        about.pop("size", None)


def _raw(document: Any) -> None:
    about = document.get("os-volume_upload_image")
    if isinstance(about, dict):
        about["disk_format"] = "raw"


def _yes(document: Any) -> None:
    for action, name in (("os-set_bootable", "bootable"), ("os-update_readonly_flag", "readonly")):
        if isinstance(document.get(action), dict):
            document[action][name] = True


def _next_is_brief(_: Call, reply: Reply) -> None:
    document = reply.document
    for link in document.get("volumes_links", []):
        parts = urlsplit(link["href"])
        link["href"] = urlunsplit(parts._replace(path=parts.path.removesuffix("/detail")))
    reply.document = document


add(
    "number-metadata-taken",
    "a number as metadata is stored as a word",
    META,
    at("POST|PUT", "/volumes(?:/{id}/metadata)?", json_mended(400, _words)),
)
add(
    "metadata-item-of-other-name",
    "an item of metadata is stored under another name than that of its address",
    META,
    at("PUT", "/(?:volumes|snapshots)/{id}/metadata/{id}", item_as_named),
)
add(
    "long-name-cut",
    "a name that is too long is cut",
    MADE,
    at("POST", ALL, json_mended(400, _name_cut)),
)
add(
    "size-may-be-missing",
    "an empty volume needs no size",
    MADE,
    at("POST", ALL, json_mended(400, _sized)),
)
add(
    "type-not-shown",
    "a volume does not show its type",
    MADE,
    at("GET", ONE, told("volume.volume_type", None)),
)
add(
    "attachments-not-shown",
    "a volume in use shows no attachment",
    "volumes-v3-get",
    at("GET", ONE, told("volume.attachments", [])),
)
add(
    "smaller-than-snapshot",
    "a volume that is to be smaller than its snapshot is made as large",
    SNAPPED,
    at("POST", ALL, json_mended(400, _smallest)),
)
add(
    "unknown-snapshot-deleted",
    "a snapshot that does not exist is reported as deleted",
    SNAPPED,
    at("DELETE", SNAPSHOT, status(404, 202, empty=True)),
)
add(
    "snapshot-long-name-cut",
    "a snapshot's name that is too long is cut",
    SNAPPED,
    at("POST|PUT", "/snapshots(?:/{id})?", json_mended(400, _name_cut)),
)
add(
    "snapshot-item-unknown",
    "deleting an item of a snapshot's metadata that is not there is no error",
    SNAPPED,
    at("DELETE", "/snapshots/{id}/metadata/{id}", status(404, 200, empty=True)),
)
add(
    "snapshot-bad-limit-taken",
    "a limit of snapshots that makes no sense is taken for none",
    SNAPS,
    at("GET", SNAPSHOTS, query_passed_over(400, "limit")),
)
add(
    "snapshot-unknown-marker-taken",
    "a page after a snapshot that there is not is the first one",
    SNAPS,
    at("GET", SNAPSHOTS, query_passed_over(404, "marker")),
)
add(
    "bad-sort-taken",
    "a sorting that makes no sense is taken for none",
    LIST,
    at("GET", LISTS, query_passed_over(400, "sort", "sort_key", "sort_dir")),
)
add(
    "next-of-detail-is-brief",
    "the next page of the detailed list is one of the brief list",
    LIST,
    at("GET", "/volumes/detail", answer(_next_is_brief)),
)
add(
    "count-not-told",
    "the number of volumes is not told with a page",
    LIST,
    at("GET", LISTS, untold("count")),
)
add(
    "update-forgets-metadata",
    "metadata in a change of a volume is not stored",
    UPDATE,
    at("PUT", ONE, without_json("volume.metadata")),
)
add(
    "image-in-unknown-format",
    "an image of a volume in a format that there is not is made in another one",
    UPLOAD,
    at("POST", ACTION, json_mended(400, _raw)),
)
add(
    "flag-of-words-taken",
    "a flag that is neither true nor false is taken for true",
    "volumes-v3-copy-image-to-volume",
    at("POST", ACTION, json_mended(400, _yes)),
)
add(
    "garbled-microversion-taken",
    "a microversion that is none is passed over",
    "volumes-list-api-versions",
    at("GET", "/.*", microversion_passed_over(400)),
)
add(
    "extension-without-links",
    "extensions have no links",
    "volumes-v3-extensions",
    at("GET", "/extensions", untold("extensions.*.links")),
)
