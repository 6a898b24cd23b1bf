"""Clouds that list, show and change images in another way than promised."""

from __future__ import annotations

from defcore.model.capability import Service
from tests.deviations.changes import (
    answer,
    ask,
    more,
    respond,
    retry,
    status,
    told,
    untold,
    with_query,
)
from tests.deviations.deviation import Book
from tests.deviations.message import Call, Reply

book = Book(Service.IMAGE)
add, at = book.add, book.at
LIST, GET, DELETE, UPDATE = "images-v2-list", "images-v2-get", "images-v2-delete", "images-v2-update"
IMPORT, INDEX, SHARE = "images-v2-import", "images-v2-index", "images-v2-share"
IMAGES, IMAGE, FILE = "/images", "/images/{uuid}", "/images/{uuid}/file"
MEMBERS, MEMBER, TAG = "/images/{uuid}/members", "/images/{uuid}/members/{id}", "/images/{uuid}/tags/{id}"
NOBODY = "0" * 32

# --- lists ---------------------------------------------------------------------------------------------------

add(
    "sorted-backwards",
    "lists are sorted the other way round",
    LIST,
    at("GET", IMAGES, with_query("sort_dir", lambda way: "asc" if way == "desc" else "desc")),
)
add(
    "sorted-by-first-key",
    "lists are sorted by the first key only",
    LIST,
    at("GET", IMAGES, ask(lambda call: _first_key(call))),
)
add("limit-off-by-one", "a page has one image too many", LIST, at("GET", IMAGES, with_query("limit", more(1))))
add(
    "next-loses-filter",
    "the next page has other filters",
    INDEX,
    at(
        "GET",
        IMAGES,
        told("next", lambda link: link and link.partition("&name")[0].partition("&tag")[0].replace("tag=", "x-tag=")),
    ),
)
add(
    "next-loses-limit",
    "the next page has no limit",
    INDEX,
    at("GET", IMAGES, told("next", lambda link: link and link.replace("limit=", "limits="))),
)
add("first-missing", "a page has no link to the first one", INDEX, at("GET", IMAGES, untold("first")))
add("marker-inclusive", "a page begins with its marker", INDEX, at("GET", IMAGES, lambda call: _with_marker(call)))
add(
    "list-loses-last",
    "the last image of a page is left out",
    INDEX,
    at("GET", IMAGES, told("images", lambda all: all[:-1])),
)
add(
    "list-has-twice",
    "the first image of a page is there twice",
    INDEX,
    at("GET", IMAGES, told("images", lambda all: all[:1] + all)),
)
for name in ("status", "visibility", "owner", "disk_format"):
    add(
        f"listed-with-other-{name.replace('_', '-')}",
        f"the list shows another `{name}`",
        INDEX,
        at("GET", IMAGES, told(f"images.*.{name}", "other")),
    )
add(
    "listed-as-protected",
    "the list shows each image as protected",
    INDEX,
    at("GET", IMAGES, told("images.*.protected", True)),
)
add("in-ignored", "the operator `in` finds nothing", LIST, at("GET", IMAGES, lambda call: _no_in(call)))
add(
    "bad-limit-taken",
    "a limit that makes no sense is taken for none",
    LIST,
    at("GET", IMAGES, retry(400, lambda call: setattr(call, "params", []))),
)
add(
    "filter-own-property-ignored",
    "the list is not filtered by properties of the owner's own",
    UPDATE,
    at("GET", IMAGES, lambda call: _known_filters(call)),
)


def _first_key(call: Call) -> None:
    pairs, seen = [], set()
    for name, value in call.params:
        if name in ("sort_key", "sort_dir"):
            if name in seen:
                continue
            seen.add(name)
        pairs.append((name, value.partition(",")[0] if name == "sort" else value))
    call.params = pairs


async def _with_marker(call: Call) -> Reply:
    reply, marker = await call.forward(), call.param("marker")
    if reply.good and marker:
        shown = await call.beside(f"/v2/images/{marker}").forward()
        document = reply.document
        document["images"] = [shown.document, *document["images"]]
        reply.document = document
    return reply


async def _no_in(call: Call) -> Reply:
    call.params = [(name, value.removeprefix("in:")) for name, value in call.params]
    return await call.forward()


async def _known_filters(call: Call) -> Reply:
    known = (
        *("limit", "marker", "name", "tag", "status", "visibility", "size", "size_min", "size_max", "sort", "sort_key"),
        *("sort_dir", "owner", "disk_format", "container_format", "id", "member_status", "protected", "created_at"),
    )
    call.params = [pair for pair in call.params if pair[0] in known]
    return await call.forward()


# --- one image -----------------------------------------------------------------------------------------------

for name in (
    "created_at",
    "updated_at",
    "tags",
    "min_disk",
    "min_ram",
    "visibility",
    "protected",
    "self",
    "file",
    "schema",
):
    add(
        f"shown-without-{name.replace('_', '-')}",
        f"an image does not show `{name}`",
        GET,
        at("GET", IMAGE, untold(name)),
    )
add(
    "time-without-zone",
    "an image shows times without a zone",
    GET,
    at("GET", IMAGE, told("created_at", lambda time: time.rstrip("Z"))),
)
add("owner-of-another", "an image shows another owner", GET, at("GET", IMAGE, told("owner", NOBODY)))
add("schema-without-name", "the schema of an image has no name", GET, at("GET", "/schemas/image", untold("name")))
add(
    "schema-of-no-list",
    "the schema of lists does not describe the images",
    GET,
    at("GET", "/schemas/images", untold("properties.images")),
)
add("unknown-shown-400", "an image that does not exist is a bad request", GET, at("GET", IMAGE, status(404, 400)))
add("empty-id-deleted", "deleting by an empty id is no error", DELETE, at("DELETE", "/images/", respond(204)))
add("protection-409", "a protected image is told as in conflict", DELETE, at("DELETE", IMAGE, status(403, 409)))
add("patch-status-202", "a change is answered with 202", UPDATE, at("PATCH", IMAGE, status(200, 202)))
add(
    "patch-answers-old",
    "a change is answered with the image as it was",
    UPDATE,
    at("PATCH", IMAGE, lambda call: _old(call)),
)
add("patch-any-media", "a patch may come as any content", UPDATE, at("PATCH", IMAGE, lambda call: _as_patch(call)))
add(
    "patch-removes-nothing",
    "a property cannot be removed",
    UPDATE,
    at("PATCH", IMAGE, lambda call: _without_op(call, "remove")),
)
add(
    "patch-adds-nothing",
    "a property cannot be added",
    UPDATE,
    at("PATCH", IMAGE, lambda call: _without_op(call, "add")),
)
add(
    "patch-moves-creation",
    "a change moves the time of creation",
    UPDATE,
    at("PATCH", IMAGE, answer(lambda call, _: call.memory.update({call.last: True}))),
    at("GET", IMAGE, told("created_at", "2033-01-01T00:00:00Z", when=lambda call: call.last in call.memory)),
)
add("tags-replaced", "a tag that is added replaces the others", UPDATE, at("PUT", TAG, lambda call: _only_tag(call)))
add(
    "tag-of-unknown",
    "a tag for an image that does not exist is taken",
    UPDATE,
    at("PUT", TAG, status(404, 204, empty=True)),
)
add("tag-status-200", "adding a tag is answered with 200", UPDATE, at("PUT", TAG, status(204, 200)))


async def _old(call: Call) -> Reply:
    before = await call.beside(call.path).forward()
    reply = await call.forward()
    return before if reply.good and before.good else reply


async def _as_patch(call: Call) -> Reply:
    call.headers["Content-Type"] = "application/openstack-images-v2.1-json-patch"
    return await call.forward()


async def _without_op(call: Call, op: str) -> Reply:
    operations = call.document
    if isinstance(operations, list) and all(one.get("op") == op for one in operations):
        reply = await call.beside(call.path).forward()
        return reply if reply.good else await call.forward()
    return await call.forward()


async def _only_tag(call: Call) -> Reply:
    path = call.path.rpartition("/tags/")[0]
    shown = await call.beside(path).forward()
    for tag in (shown.document or {}).get("tags", []) if shown.good else []:
        await call.beside(f"{path}/tags/{tag}", "DELETE").forward()
    return await call.forward()
