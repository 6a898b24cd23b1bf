"""Clouds that keep snapshots wrongly."""

from __future__ import annotations

from defcore.model.capability import Service
from tests.deviations.changes import (
    acknowledge,
    as_method,
    as_owner,
    more,
    note_owner,
    status,
    told,
    untold,
    with_query,
    without_json,
    without_query,
)
from tests.deviations.deviation import Book

book = Book(Service.BLOCK_STORAGE)
add, at = book.add, book.at
SNAPSHOT, LIST = "volumes-v3-snapshot-create-delete", "volumes-v3-snapshots-list"
SNAPSHOTS, ONE_SNAPSHOT = "/snapshots(/detail)?", "/snapshots/{uuid}"

add(
    "snapshot-name-ignored",
    "lists of snapshots are not filtered by name",
    SNAPSHOT,
    at("GET", SNAPSHOTS, without_query("name")),
)
add(
    "snapshot-status-ignored",
    "lists of snapshots are not filtered by status",
    SNAPSHOT,
    at("GET", SNAPSHOTS, without_query("status")),
)
add(
    "snapshot-without-metadata",
    "a snapshot is made without its metadata",
    SNAPSHOT,
    at("POST", "/snapshots", without_json("snapshot.metadata")),
)
add(
    "snapshot-put-merges",
    "a snapshot's metadata that is put does not replace the rest",
    SNAPSHOT,
    at("PUT", "/snapshots/{id}/metadata", as_method("POST")),
)
add(
    "snapshot-post-replaces",
    "a snapshot's metadata that is posted replaces the rest",
    SNAPSHOT,
    at("POST", "/snapshots/{id}/metadata", as_method("PUT")),
)
add(
    "snapshot-of-nothing",
    "a snapshot of no volume is a bad request",
    SNAPSHOT,
    at("POST", "/snapshots", status(404, 400)),
)
add(
    "snapshot-keeps-name",
    "a snapshot's new name is not stored",
    SNAPSHOT,
    at("PUT", ONE_SNAPSHOT, acknowledge("snapshot")),
)
add(
    "snapshot-of-other-volume",
    "a snapshot tells another volume",
    SNAPSHOT,
    at("GET", ONE_SNAPSHOT, told("snapshot.volume_id", "6d2f4f0e-6c0c-4d43-9a05-2f0b63a34a5c")),
)
add(
    "snapshot-not-the-source",
    "a volume made from a snapshot is empty",
    SNAPSHOT,
    at("POST", "/volumes", without_json("volume.snapshot_id")),
)
add("snapshot-size-missing", "a snapshot has no size", SNAPSHOT, at("GET", ONE_SNAPSHOT, untold("snapshot.size")))

for parameter in ("limit", "offset", "marker", "sort_dir", "sort_key"):
    add(
        f"snapshot-{parameter.replace('_', '-')}-ignored",
        f"lists of snapshots ignore `{parameter}`",
        LIST,
        at("GET", SNAPSHOTS, without_query(parameter)),
    )
add(
    "snapshot-offset-by-one",
    "the list of snapshots leaves out one too many",
    LIST,
    at("GET", SNAPSHOTS, with_query("offset", more(1))),
)
add(
    "snapshot-next-missing",
    "pages of snapshots have no link to the next one",
    LIST,
    at("GET", SNAPSHOTS, untold("snapshots_links")),
)
add(
    "foreign-snapshot-shown",
    "a snapshot of another project is shown",
    SNAPSHOT,
    at("POST", "/snapshots", note_owner()),
    at("GET", ONE_SNAPSHOT, as_owner()),
)
add(
    "snapshot-detail-without-metadata",
    "the detailed list of snapshots has no metadata",
    LIST,
    at("GET", "/snapshots/detail", told("snapshots.*.metadata", {})),
)
