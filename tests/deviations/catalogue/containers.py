"""Clouds that keep containers in another way than promised."""

from __future__ import annotations

from defcore.model.capability import Service
from tests.deviations.catalogue.accounts import CONTAINER, OBJECT, name, shorter
from tests.deviations.changes import (
    answer,
    status,
    told,
    untold,
    with_header,
    without_query,
)
from tests.deviations.deviation import Book
from tests.deviations.message import Call, Reply

book = Book(Service.OBJECT_STORE)
add, at = book.add, book.at
CREATED, DELETED, LIST, META = (name(f"container-{one}") for one in ("create", "delete", "list", "metadata"))
STORED, READ, GONE, COPY = (name(f"object-{one}") for one in ("create", "get", "delete", "copy"))
ACCOUNTS, QUOTAS, OF_ACCOUNT = name("account-list"), name("container-quotas"), name("account-quotas")
SLO, DLO, VERSIONED, SIGNED, SIGNED_PUT = (
    name(one) for one in ("slo-support", "dlo-support", "object-versioned", "temp-url-get", "temp-url-put")
)

# --- containers ----------------------------------------------------------------------------------------------

add("container-created-200", "a new container is answered with 200", CREATED, at("PUT", CONTAINER, status(201, 200)))
add(
    "container-again-201",
    "a container that exists is answered as a new one",
    CREATED,
    at("PUT", CONTAINER, status(202, 201)),
)
add(
    "container-again-emptied",
    "making a container again takes its metadata away",
    CREATED,
    at("PUT", CONTAINER, lambda call: _cleared(call)),
)
add("container-deleted-200", "a deletion is answered with 200", DELETED, at("DELETE", CONTAINER, status(204, 200)))
add(
    "unknown-container-deleted",
    "deleting a container that does not exist is no error",
    DELETED,
    at("DELETE", CONTAINER, status(404, 204, empty=True)),
)
add(
    "unknown-container-403",
    "a container that does not exist is forbidden",
    CREATED,
    at("GET|HEAD|POST|DELETE", CONTAINER, status(404, 403)),
)
add(
    "transaction-missing",
    "answers have no transaction id",
    READ,
    at("GET|HEAD", "/{container}(/{object})?", untold(headers=("X-Trans-Id", "X-Openstack-Request-Id"))),
)
add("head-status-200", "HEAD of a container is answered with 200", LIST, at("HEAD", CONTAINER, status(204, 200)))
add(
    "bytes-wrong",
    "a container counts one byte too many",
    LIST,
    at("HEAD|GET", CONTAINER, with_header("X-Container-Bytes-Used", lambda text: str(int(text) + 1))),
)
add(
    "listing-names-in-capitals",
    "a listing has names in capitals",
    LIST,
    at("GET", CONTAINER, answer(lambda _, reply: _capitals(reply))),
)
for field in ("name", "hash", "bytes", "content_type", "last_modified"):
    add(
        f"listing-without-{field.replace('_', '-')}",
        f"a listing in JSON has no `{field}`",
        LIST,
        at("GET", CONTAINER, untold(f"*.{field}")),
    )
add("listing-bytes-as-text", "a listing in JSON has sizes as strings", LIST, at("GET", CONTAINER, told("*.bytes", str)))
add(
    "listing-loses-last",
    "a listing in JSON leaves out the last object",
    LIST,
    at("GET", CONTAINER, answer(lambda _, reply: shorter(reply))),
)
add("listing-always-json", "a listing is always in JSON", LIST, at("GET", CONTAINER, lambda call: _json(call)))
add(
    "folders-listed-whole",
    "a folder's contents are listed with it",
    LIST,
    at("GET", CONTAINER, without_query("delimiter", "path")),
)
add(
    "container-metadata-in-small",
    "metadata of a container is shown in small letters",
    META,
    at("HEAD|GET", CONTAINER, answer(lambda _, reply: _small(reply))),
)
add(
    "container-metadata-status-202",
    "setting metadata is answered with 202",
    META,
    at("POST", CONTAINER, status(204, 202)),
)
add(
    "container-metadata-not-shown",
    "metadata of a container is not shown by HEAD",
    META,
    at("HEAD", CONTAINER, untold(headers=("X-Container-Meta-*",))),
)
add(
    "quota-not-kept",
    "a quota of a container is not shown",
    QUOTAS,
    at("HEAD|GET", CONTAINER, untold(headers=("X-Container-Meta-Quota-*",))),
)
add("quota-400", "what is more than the quota is a bad request", QUOTAS, at("PUT", OBJECT, status(413, 400)))
add(
    "quota-reported-kept",
    "an object beyond the quota is reported as stored",
    QUOTAS,
    at("PUT", OBJECT, status(413, 201)),
)
add(
    "versions-place-not-shown",
    "a container does not show the place of its old versions",
    VERSIONED,
    at("HEAD", CONTAINER, untold(headers=("X-Versions-Location",))),
)
add(
    "version-deleted-all",
    "deleting an object deletes its earlier versions too",
    VERSIONED,
    at("DELETE", OBJECT, lambda call: _twice(call)),
)
add(
    "version-lost",
    "an earlier version is overwritten",
    VERSIONED,
    at("HEAD", CONTAINER, with_header("X-Container-Object-Count", "1")),
)


async def _cleared(call: Call) -> Reply:
    head = await call.beside(call.path, "HEAD").forward()
    for one in head.headers if head.good else ():
        if one.lower().startswith("x-container-meta-"):
            call.headers[f"X-Remove-{one[2:]}"] = "x"
    return await call.forward()


def _capitals(reply: Reply) -> None:
    if reply.headers.get("Content-Type", "").startswith("text/plain"):
        reply.body = reply.body.upper()


async def _json(call: Call) -> Reply:
    call.params = [*[one for one in call.params if one[0] != "format"], ("format", "json")]
    return await call.forward()


def _small(reply: Reply) -> None:
    for one in [one for one in reply.headers if one.lower().startswith("x-container-meta-")]:
        reply.headers[one] = reply.headers[one].lower()


async def _twice(call: Call) -> Reply:
    reply = await call.forward()
    await call.beside(call.path, "DELETE").forward()
    return reply
