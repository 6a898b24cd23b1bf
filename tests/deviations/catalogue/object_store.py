"""Clouds that keep containers and accounts wrongly."""

from __future__ import annotations

from defcore.model.capability import Service
from tests.deviations.catalogue.accounts import (
    ACCOUNT,
    CONTAINER,
    OBJECT,
    as_account,
    name,
    owned,
)
from tests.deviations.changes import (
    answer,
    ask,
    more,
    respond,
    retry,
    status,
    told,
    untold,
    with_header,
    with_query,
    without_headers,
    without_query,
)
from tests.deviations.deviation import Book
from tests.deviations.message import Call, Reply

book = Book(Service.OBJECT_STORE)
add, at = book.add, book.at


# --- containers ----------------------------------------------------------------------------------------------

LIST, META, ACL = name("container-list"), name("container-metadata"), name("container-acl")
for parameter in ("delimiter", "end_marker", "marker", "prefix", "path", "limit", "reverse"):
    add(
        f"container-{parameter.replace('_', '-')}-ignored",
        f"a container's listing ignores `{parameter}`",
        LIST,
        at("GET", CONTAINER, without_query(parameter)),
    )
add(
    "container-limit-off-by-one",
    "a container's listing has one name too many",
    LIST,
    at("GET", CONTAINER, with_query("limit", more(1))),
)
add(
    "container-marker-inclusive",
    "a container's listing begins with the marker itself",
    LIST,
    at("GET", CONTAINER, with_query("marker", lambda marker: marker[:-1])),
)
add(
    "listing-hash-wrong",
    "a listing has checksums of other content",
    LIST,
    at("GET", CONTAINER, told("*.hash", "0" * 32)),
)
add("listing-always-text", "a listing is never in JSON", LIST, at("GET", CONTAINER, without_query("format")))
add(
    "listing-backwards",
    "a listing begins with the last name",
    LIST,
    at("GET", CONTAINER, answer(lambda _, reply: _backwards(reply))),
)
add(
    "counts-missing",
    "a container does not tell how much it holds",
    LIST,
    at("GET|HEAD", CONTAINER, untold(headers=("X-Container-Object-Count", "X-Container-Bytes-Used"))),
)
add(
    "counts-stand",
    "a container's counters never change",
    LIST,
    at("HEAD", CONTAINER, with_header("X-Container-Object-Count", "0")),
)
add("empty-not-found", "a container without objects is not found", LIST, at("GET", CONTAINER, status(204, 404)))
add(
    "remove-ignored",
    "metadata of a container cannot be removed",
    META,
    at("POST", CONTAINER, without_headers("X-Remove-Container-Meta-*")),
)
add(
    "empty-remove-ignored",
    "an empty header removes no metadata",
    META,
    at("POST", CONTAINER, ask(lambda call: _drop_empty(call))),
)
add(
    "container-metadata-lost",
    "metadata of a container is not kept",
    META,
    at("POST", CONTAINER, without_headers("X-Container-Meta-*")),
)
add(
    "container-metadata-at-birth-lost",
    "a container is made without its metadata",
    META,
    at("PUT", CONTAINER, without_headers("X-Container-Meta-*")),
)
add(
    "container-metadata-replaced",
    "setting metadata of a container removes the rest",
    META,
    at("POST", CONTAINER, lambda call: _replace(call)),
)
add(
    "container-twice",
    "a container that exists cannot be made again",
    name("container-create"),
    at("PUT", CONTAINER, status(202, 409)),
)
add(
    "unknown-container-empty",
    "a container that does not exist is listed as empty",
    name("container-create"),
    at("GET|HEAD", CONTAINER, status(404, 204, empty=True)),
)
add(
    "container-stays",
    "a deleted container stays",
    name("container-delete"),
    at("DELETE", CONTAINER, respond(204, Content_Type="text/html", X_Trans_Id="tx0123456789abcdef01234-0123456789")),
)
add(
    "full-container-deleted",
    "a container with objects is reported as deleted",
    name("container-delete"),
    at("DELETE", CONTAINER, status(409, 204, empty=True)),
)
add("foreign-object-read", "an object is read without an ACL", ACL, at("GET", OBJECT, owned(403)), published="MS-05")
add(
    "read-acl-ignored", "others cannot be let read", ACL, at("POST|PUT", CONTAINER, without_headers("X-Container-Read"))
)
add(
    "write-acl-ignored",
    "others cannot be let write",
    ACL,
    at("POST|PUT", CONTAINER, without_headers("X-Container-Write")),
)
add("writers-may-read", "who may write may read and list", ACL, at("GET", "/{container}(/{object})?", owned(403)))
add("readers-may-write", "who may read may write", ACL, at("PUT", OBJECT, owned(403)))
add("anyone-may-list", "strangers list a container", ACL, at("GET", CONTAINER, retry(401, as_account)))
add(
    "acl-not-removed",
    "a container that was opened cannot be closed",
    ACL,
    at("POST", CONTAINER, without_headers("X-Remove-Container-Read")),
)
add(
    "container-quota-ignored",
    "a container takes more than its quota",
    name("container-quotas"),
    at("POST|PUT", CONTAINER, without_headers("X-Container-Meta-Quota-Bytes", "X-Container-Meta-Quota-Count")),
    published="MS-09",
)
add(
    "container-quota-exclusive",
    "a container does not take what fills its quota",
    name("container-quotas"),
    at("POST", CONTAINER, ask(lambda call: _less_quota(call))),
)
add(
    "container-count-ignored",
    "a container takes more objects than its quota says",
    name("container-quotas"),
    at("POST|PUT", CONTAINER, without_headers("X-Container-Meta-Quota-Count")),
)
add(
    "versions-not-kept",
    "a container does not keep earlier versions",
    name("object-versioned"),
    at("PUT|POST", CONTAINER, without_headers("X-Versions-Location")),
)
add(
    "version-not-back",
    "an earlier version does not come back",
    name("object-versioned"),
    at("DELETE", OBJECT, answer(lambda call, _: call.memory.update({call.path: True}))),
    at("GET", OBJECT, answer(lambda call, reply: _gone(call, reply))),
)


def _backwards(reply: Reply) -> None:
    if reply.headers.get("Content-Type", "").startswith("text/plain"):
        reply.body = b"".join(reversed(reply.body.splitlines(keepends=True)))


def _drop_empty(call: Call) -> None:
    for one in [one for one, value in call.headers.items() if one.lower().startswith("x-remove-") and not value]:
        call.headers.popall(one)


async def _replace(call: Call) -> Reply:
    head = await call.beside(call.path, "HEAD").forward()
    for one in head.headers:
        if one.lower().startswith("x-container-meta-") and one not in call.headers:
            call.headers[f"X-Remove-{one[2:]}"] = "x"
    return await call.forward()


def _less_quota(call: Call) -> None:
    if value := call.headers.get("X-Container-Meta-Quota-Bytes"):
        call.headers["X-Container-Meta-Quota-Bytes"] = more(-1)(value)


def _gone(call: Call, reply: Reply) -> None:
    if call.path in call.memory:
        reply.status, reply.body = 404, b""


# --- accounts ------------------------------------------------------------------------------------------------

ACCOUNTS, QUOTAS, INFO = name("account-list"), name("account-quotas"), name("info-request")
for parameter in ("limit", "marker", "end_marker", "prefix", "delimiter", "reverse"):
    add(
        f"account-{parameter.replace('_', '-')}-ignored",
        f"an account's listing ignores `{parameter}`",
        ACCOUNTS,
        at("GET", ACCOUNT, without_query(parameter)),
    )
add(
    "account-marker-inclusive",
    "an account's listing begins with the marker itself",
    ACCOUNTS,
    at("GET", ACCOUNT, with_query("marker", lambda marker: marker[:-1])),
)
add(
    "account-limit-off-by-one",
    "an account's listing has one name too many",
    ACCOUNTS,
    at("GET", ACCOUNT, with_query("limit", more(1))),
)
add(
    "account-without-counts",
    "an account does not count its containers",
    ACCOUNTS,
    at("GET|HEAD", ACCOUNT, untold(headers=("X-Account-Container-Count",))),
)
add(
    "account-json-without-count",
    "an account's listing does not count objects",
    ACCOUNTS,
    at("GET", ACCOUNT, untold("*.count")),
)
add(
    "user-sets-quota",
    "a user's change of the account's quota is taken",
    QUOTAS,
    at("POST", ACCOUNT, status(403, 204, empty=True)),
)
add("quota-fills-at-once", "an account with a quota takes nothing", QUOTAS, at("PUT", OBJECT, status(201, 413)))
add(
    "quota-not-shown",
    "an account's quota is not shown",
    QUOTAS,
    at("HEAD", ACCOUNT, untold(headers=("X-Account-Meta-Quota-Bytes", "X-Account-Quota-Bytes"))),
)
add("info-empty", "/info names no feature", INFO, at("GET", "^/info", answer(lambda _, reply: _empty(reply))))
add("info-is-text", "/info is no JSON", INFO, at("GET", "^/info", with_header("Content-Type", "text/plain")))
add(
    "info-without-limits",
    "/info tells no limits",
    INFO,
    at("GET", "^/info", untold("swift.max_file_size", "swift.container_listing_limit")),
)


def _empty(reply: Reply) -> None:
    reply.document = {}
