"""Clouds that keep images wrongly."""

from __future__ import annotations

import hashlib

from defcore.model.capability import Service
from tests.deviations.changes import (
    answer,
    put,
    remove,
    without_query,
)
from tests.deviations.deviation import Book
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


add(
    "checksum-of-other-data", "the checksum does not belong to the data", "images-v2-import",
    at("GET", "/images/{uuid}", answer(_foreign_checksum)), published="MG-01",
)  # fmt: skip
add(
    "limit-ignored", "a list has no limit", "images-v2-list",
    at("GET", "/images", without_query("limit")), published="MG-03",
)  # fmt: skip
add(
    "size-range-ignored", "the least and greatest size filter nothing", "images-v2-list",
    at("GET", "/images", without_query("size_min", "size_max")), published="MG-05",
)  # fmt: skip
add(
    "protection-ignored", "a protected image is deleted", "images-v2-delete",
    at("DELETE", "/images/{uuid}", _delete_protected), published="MG-07",
)  # fmt: skip
add(
    "patch-not-stored", "a change is acknowledged and forgotten", "images-v2-update",
    at("PATCH", "/images/{uuid}", _acknowledge_patch), published="MG-09",
)  # fmt: skip
