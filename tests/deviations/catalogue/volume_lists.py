"""Clouds that list volumes and snapshots in another way than promised."""

from __future__ import annotations

from defcore.model.capability import Service
from tests.deviations.changes import (
    more,
    note_owner,
    retry,
    told,
    with_query,
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
OF_SNAPSHOTS = "volumes-v3-snapshots-list"
LISTS, DETAIL, VOLUME, ACTION = "/volumes(/detail)?", "/volumes/detail", "/volumes/{uuid}", "/volumes/{id}/action"
SNAPSHOTS, ONE_SNAPSHOT, METADATA = "/snapshots(/detail)?", "/snapshots/{uuid}", "/volumes/{id}/metadata"
NONE = "00000000-0000-4000-8000-000000000000"

# --- lists ---------------------------------------------------------------------------------------------------

for name, path, value in (
    ("detail-of-other-status", "volumes.*.status", "in-use"),
    ("detail-of-other-name", "volumes.*.name", "volume"),
    ("detail-of-no-zone", "volumes.*.availability_zone", None),
    ("detail-all-bootable", "volumes.*.bootable", "true"),
    ("detail-without-description", "volumes.*.description", None),
):
    add(name, f"the detailed list has other `{path}`", LIST, at("GET", DETAIL, told(path, value)))
add("brief-with-details", "the brief list has details", LIST, at("GET", "/volumes", told("volumes.*.size", 1)))
add(
    "list-loses-last",
    "the last volume of a list is left out",
    LIST,
    at("GET", LISTS, told("volumes", lambda all: all[:-1])),
)
add(
    "list-has-twice",
    "the first volume is listed twice",
    LIST,
    at("GET", LISTS, told("volumes", lambda all: all[:1] + all)),
)
add("sorted-backwards", "lists are sorted the other way round", LIST, at("GET", LISTS, lambda call: _turned(call)))
add("offset-ignored", "lists have no offset", LIST, at("GET", LISTS, without_query("offset")))
add(
    "first-filter-only",
    "of several filters only the first one counts",
    LIST,
    at("GET", LISTS, lambda call: _first_filter(call)),
)
add("name-in-part", "a name filters by its beginning", LIST, at("GET", LISTS, lambda call: _by_beginning(call)))
add(
    "unknown-marker-taken",
    "an unknown marker is taken for none",
    LIST,
    at("GET", LISTS, retry(404, lambda call: _without(call, "marker"))),
)
add(
    "foreign-listed",
    "volumes of all projects are listed",
    LIST,
    at("POST", "/volumes", note_owner()),
    at("GET", LISTS, lambda call: _and_foreign(call)),
)
add(
    "snapshot-list-loses-last",
    "the last snapshot of a list is left out",
    OF_SNAPSHOTS,
    at("GET", SNAPSHOTS, told("snapshots", lambda all: all[:-1])),
)
add(
    "snapshot-limit-off-by-one",
    "a page has one snapshot too many",
    OF_SNAPSHOTS,
    at("GET", SNAPSHOTS, with_query("limit", more(1))),
)
add(
    "snapshot-limit-zero",
    "a limit of 0 is taken for none",
    OF_SNAPSHOTS,
    at("GET", SNAPSHOTS, lambda call: _no_zero(call)),
)
add(
    "snapshots-backwards",
    "snapshots are sorted the other way round",
    OF_SNAPSHOTS,
    at("GET", SNAPSHOTS, with_query("sort_dir", lambda way: "asc" if way == "desc" else "desc")),
)
add(
    "snapshot-detail-of-other-volume",
    "listed snapshots name another volume",
    SNAPSHOT,
    at("GET", "/snapshots/detail", told("snapshots.*.volume_id", NONE)),
)


async def _turned(call: Call) -> Reply:
    pairs = []
    for name, value in call.params:
        if name in ("sort_dir", "sort"):
            value = value.replace("asc", "@").replace("desc", "asc").replace("@", "desc")  # noqa: PLW2901
        pairs.append((name, value))
    call.params = pairs
    return await call.forward()


async def _first_filter(call: Call) -> Reply:
    first = next((name for name, _ in call.params if name in ("name", "status", "metadata", "availability_zone")), "")
    call.params = [one for one in call.params if one[0] in (first, "limit", "marker", "sort", "sort_key", "sort_dir")]
    return await call.forward()


async def _by_beginning(call: Call) -> Reply:
    wanted = call.param("name")
    if wanted is None:
        return await call.forward()
    whole = await call.beside(call.path).forward()
    document = whole.document
    document["volumes"] = [one for one in document["volumes"] if str(one.get("name")).startswith(wanted[:20])]
    whole.document = document
    return whole


def _without(call: Call, name: str) -> None:
    call.params = [pair for pair in call.params if pair[0] != name]


async def _no_zero(call: Call) -> Reply:
    call.params = [pair for pair in call.params if pair != ("limit", "0")]
    return await call.forward()


async def _and_foreign(call: Call) -> Reply:
    reply = await call.forward()
    document = reply.document
    for id, token in call.memory.items():
        if reply.good and call.tokens.project_of(token) != call.project:
            other = call.beside(f"{call.path.partition('/volumes')[0]}/volumes/{id}")
            other.headers["X-Auth-Token"] = token
            shown = await other.forward()
            document["volumes"] += [shown.document["volume"]] if shown.good else []
            reply.document = document
    return reply
