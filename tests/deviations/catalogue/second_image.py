"""Clouds that get images wrong in ways written down in a second round, before the tests were looked at.

They estimate what the suite notices of clouds that it was not made for.
"""

from __future__ import annotations

from typing import Any

from defcore.model.capability import Service
from tests.deviations.catalogue.leniency import json_mended, json_passed_over
from tests.deviations.changes import answer, ask, retry, status
from tests.deviations.deviation import Book, Change
from tests.deviations.message import Call, Reply

book = Book(Service.IMAGE)
add, at = book.add, book.at
ALL, ONE, FILE, TAG = "/images", "/images/{id}", "/images/{id}/file", "/images/{id}/tags/{id}"
MEMBERS = "/images/{id}/members"
UPDATE, DATA, SHARE = "images-v2-update", "images-v2-import", "images-v2-share"


def _without_change_of(path: str) -> Change:
    """What a patch says about the property is passed over."""

    def edit(call: Call) -> None:
        document = call.document
        if isinstance(document, list):
            kept = [one for one in document if one.get("path") != path]
            if kept != document:
                call.document = kept

    return ask(edit)


def _as_add(call: Call) -> None:
    document = call.document
    if isinstance(document, list):
        call.document = [one | {"op": "add"} if one.get("op") == "replace" else one for one in document]


def _without_removals(call: Call) -> None:
    document = call.document
    if isinstance(document, list):
        call.document = [one for one in document if one.get("op") != "remove"]


async def _only_own_community(call: Call) -> Reply:
    """A community image is for its project only."""
    reply = await call.forward()
    image = reply.document
    if not reply.good or not isinstance(image, dict):
        return reply
    hidden = image.get("visibility") == "community" and image.get("owner") != call.project
    return Reply(status=404, body=b"404 Not Found") if hidden else reply


async def _as_owner_of_image(call: Call) -> Reply:
    """Every member of an image sees all others."""
    reply = await call.forward()
    image = await call.beside(call.path.removesuffix("/members")).forward()
    owner = image.document.get("owner") if image.good else None
    if reply.good and owner and owner != call.project:
        token = call.tokens.of_project(owner)
        if token:
            call.headers["X-Auth-Token"] = token
            return await call.again().forward()
    return reply


def _as_private(document: Any) -> None:
    if document.get("visibility") == "public":
        document["visibility"] = "private"


def _as_gone(call: Call, reply: Reply) -> None:
    reply.status, reply.body = 204, b""


add(
    "tag-too-long-taken",
    "a tag that is too long is reported as added",
    UPDATE,
    at("PUT", TAG, status(400, 204, empty=True)),
)
add(
    "protected-for-ever",
    "a protected image stays protected",
    UPDATE,
    at("PATCH", ONE, _without_change_of("/protected")),
)
add(
    "visibility-not-changed",
    "a change of the visibility is not stored",
    UPDATE,
    at("PATCH", ONE, _without_change_of("/visibility")),
)
add(
    "patch-replaces-nothing-there",
    "a property that is not there is replaced",
    UPDATE,
    at("PATCH", ONE, retry(409, _as_add)),
)
add(
    "patch-removes-nothing-there",
    "removing a property that is not there is no error",
    UPDATE,
    at("PATCH", ONE, retry(409, _without_removals)),
)
add(
    "base-property-removed",
    "removing a property that every image has is reported as done",
    UPDATE,
    at("PATCH", ONE, retry(403, _without_removals)),
)
add(
    "community-image-hidden",
    "a community image is not found by other projects",
    SHARE,
    at("GET", ONE, _only_own_community),
)
add(
    "members-see-each-other",
    "a member of an image sees all other members",
    SHARE,
    at("GET", MEMBERS, _as_owner_of_image),
)
add(
    "member-deletes",
    "a member of an image is told to have deleted it",
    SHARE,
    at("DELETE", ONE, answer(_as_gone, on=(403,))),
)
add(
    "public-made-private",
    "an image that may not be public is made as a private one",
    DATA,
    at("POST", ALL, json_mended(403, _as_private)),
)
add(
    "read-only-at-birth-passed-over",
    "properties that cannot be set are passed over when an image is made",
    DATA,
    at("POST", ALL, json_passed_over(403, "size", "status", "checksum", "created_at", "updated_at", "owner", "file")),
)
add(
    "negative-minimum-taken",
    "a negative least disk or memory is passed over",
    DATA,
    at("POST", ALL, json_passed_over(400, "min_disk", "min_ram")),
)
add(
    "data-for-nothing",
    "data for an image that does not exist is reported as taken",
    DATA,
    at("PUT", FILE, status(404, 204, empty=True)),
)
