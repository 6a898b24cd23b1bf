"""Clouds whose object store answers for objects and accounts in another way than promised."""

from __future__ import annotations

from defcore.model.capability import Service
from tests.deviations.catalogue.accounts import ACCOUNT, CONTAINER, OBJECT, as_account, by_signature, name, shorter
from tests.deviations.changes import (
    answer,
    ask,
    drop,
    respond,
    retry,
    status,
    told,
    untold,
    with_header,
    without_headers,
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

# --- objects -------------------------------------------------------------------------------------------------

add(
    "object-not-stored",
    "an upload is acknowledged and lost",
    STORED,
    at("PUT", OBJECT, respond(201, ETag="0" * 32, X_Trans_Id="tx0123456789abcdef01234-0123456789")),
)
add(
    "object-type-guessed",
    "the type of an object is always text",
    STORED,
    at("HEAD|GET", OBJECT, with_header("Content-Type", "text/plain")),
)
add(
    "object-length-wrong",
    "HEAD tells one byte too many",
    READ,
    at("HEAD", OBJECT, with_header("Content-Length", lambda text: str(int(text) + 1))),
)
add(
    "object-date-in-words",
    "the age of an object is in another form",
    READ,
    at("HEAD|GET", OBJECT, with_header("Last-Modified", "2020-01-01")),
)
add(
    "etag-of-other",
    "an object is read with another checksum",
    READ,
    at("GET|HEAD", OBJECT, with_header("ETag", "d41d8cd98f00b204e9800998ecf8427e")),
)
add(
    "ranges-not-offered",
    "an object does not say that ranges can be read",
    DLO,
    at("GET|HEAD", OBJECT, untold(headers=("Accept-Ranges",))),
)
add(
    "range-place-missing",
    "a range does not tell its place",
    READ,
    at("GET", OBJECT, untold(headers=("Content-Range",))),
)
add(
    "range-beyond-whole",
    "a range beyond the end gets the whole",
    READ,
    at("GET", OBJECT, retry(416, lambda call: drop(call.headers, "Range"))),
)
add(
    "last-range-first",
    "the last bytes are taken for the first",
    READ,
    at("GET", OBJECT, ask(lambda call: _first_bytes(call))),
)
add("none-match-412", "what the reader has is answered with 412", READ, at("GET|HEAD", OBJECT, status(304, 412)))
add("match-200", "what is another one is answered with 200", READ, at("GET|HEAD", OBJECT, status(412, 200)))
add(
    "expiry-not-shown",
    "an object does not show when it expires",
    READ,
    at("GET|HEAD", OBJECT, untold(headers=("X-Delete-At",))),
)
add(
    "expiry-anything",
    "an expiry that is no time is taken",
    STORED,
    at("PUT", OBJECT, retry(400, lambda call: drop(call.headers, "X-Delete-At", "X-Delete-After"))),
)
add("etag-mismatch-400", "a wrong checksum is a bad request", STORED, at("PUT", OBJECT, status(422, 400)))
add(
    "object-metadata-not-shown",
    "GET does not tell the metadata that HEAD tells",
    READ,
    at("GET", OBJECT, untold(headers=("X-Object-Meta-*",))),
)
add(
    "object-metadata-200",
    "setting metadata of an object is answered with 200",
    STORED,
    at("POST", OBJECT, status(202, 200)),
)
add(
    "object-metadata-ignored",
    "metadata of an object cannot be set",
    STORED,
    at("POST", OBJECT, without_headers("X-Object-Meta-*")),
)
add(
    "long-name-taken",
    "a name that is too long is reported as stored",
    STORED,
    at("PUT", "/{container}(/{object})?", status(400, 201)),
)
add("object-deleted-200", "a deletion is answered with 200", GONE, at("DELETE", OBJECT, status(204, 200)))
add(
    "object-shown-by-head",
    "a deleted object still exists for HEAD",
    GONE,
    at("HEAD", OBJECT, lambda call: _ghost(call)),
)
add(
    "neighbour-deleted",
    "objects with the same beginning are deleted too",
    GONE,
    at("DELETE", OBJECT, lambda call: _siblings(call)),
)
add("deleted-listed", "a deleted object is still listed", GONE, at("GET", CONTAINER, lambda call: _union(call)))
add(
    "copy-other-etag",
    "the answer to a copy has another checksum",
    COPY,
    at(
        "PUT|COPY",
        OBJECT,
        answer(
            lambda _, reply: reply.headers.__setitem__("ETag", "0" * 32),
            when=lambda call: call.method == "COPY" or "X-Copy-From" in call.headers,
        ),
    ),
)
add("copy-makes-empty", "a copy is empty", COPY, at("PUT", OBJECT, without_headers("X-Copy-From")))
add(
    "copy-of-nothing", "a copy of what is not there is reported as made", COPY, at("PUT|COPY", OBJECT, status(404, 201))
)
add("copy-status-200", "a copy is answered with 200", COPY, at("COPY", OBJECT, status(201, 200)))
add(
    "manifest-length-of-one",
    "a large object tells the size of its manifest",
    DLO,
    at("HEAD", OBJECT, with_header("Content-Length", "0")),
)
add(
    "segments-reversed",
    "a large object begins with its last byte",
    DLO,
    at("GET", OBJECT, answer(lambda _, reply: _reversed(reply))),
)
add(
    "static-etag-bare",
    "the checksum of a static large object is not in quotation marks",
    SLO,
    at("GET|HEAD|PUT", OBJECT, with_header("ETag", lambda etag: etag.strip('"'))),
)
add(
    "static-length-wrong",
    "a static large object tells another size",
    SLO,
    at("HEAD", OBJECT, with_header("Content-Length", "1")),
)
add(
    "static-manifest-type",
    "a manifest is read as text",
    SLO,
    at(
        "GET",
        OBJECT,
        answer(
            lambda _, reply: reply.headers.__setitem__("Content-Type", "text/plain"),
            when=lambda call: "multipart-manifest=get" in call.query,
        ),
    ),
)
add(
    "static-manifest-unnamed",
    "a refused manifest does not say what is wrong",
    SLO,
    at("PUT", OBJECT, answer(lambda _, reply: setattr(reply, "body", b"Bad Request"), on=(400,))),
)
add("static-counts-none", "deleting segments counts none", SLO, at("DELETE", OBJECT, told("Number Deleted", 0)))
add(
    "signed-head-refused",
    "an address signed for reading does not show",
    SIGNED,
    at("HEAD", OBJECT, respond(401, when=by_signature)),
)
add(
    "signed-as-401-ok",
    "an address with a wrong signature is not found",
    SIGNED,
    at("GET|HEAD|PUT|POST|DELETE", OBJECT, status(401, 404)),
)
add("signed-later", "an address is good for ever", SIGNED, at("GET|HEAD", OBJECT, lambda call: _later(call)))
add(
    "signed-put-refused",
    "an address signed for storing does not store",
    SIGNED_PUT,
    at("PUT", OBJECT, respond(401, when=by_signature)),
)
add(
    "signed-put-200",
    "what is stored at a signed address is answered with 200",
    SIGNED_PUT,
    at("PUT", OBJECT, answer(lambda _, reply: setattr(reply, "status", 200), when=by_signature)),
)

# --- accounts ------------------------------------------------------------------------------------------------

add(
    "account-bytes-missing",
    "an account does not count its bytes",
    ACCOUNTS,
    at("GET|HEAD", ACCOUNT, untold(headers=("X-Account-Bytes-Used",))),
)
add(
    "account-objects-missing",
    "an account does not count its objects",
    ACCOUNTS,
    at("GET|HEAD", ACCOUNT, untold(headers=("X-Account-Object-Count",))),
)
add(
    "account-names-missing", "an account's listing in JSON has no names", ACCOUNTS, at("GET", ACCOUNT, untold("*.name"))
)
add(
    "account-bytes-unlisted",
    "an account's listing in JSON has no bytes",
    ACCOUNTS,
    at("GET", ACCOUNT, untold("*.bytes")),
)
add(
    "account-loses-last",
    "an account's listing in JSON leaves out the last container",
    ACCOUNTS,
    at("GET", ACCOUNT, answer(lambda _, reply: shorter(reply))),
)
add(
    "account-always-text",
    "an account's listing is never in JSON",
    ACCOUNTS,
    at("GET", ACCOUNT, without_query("format")),
)
add("account-head-200", "HEAD of an account is answered with 200", ACCOUNTS, at("HEAD", ACCOUNT, status(204, 200)))
add(
    "quota-of-account-400",
    "a user's change of the account's quota is a bad request",
    OF_ACCOUNT,
    at("POST", ACCOUNT, status(403, 400)),
)
add("info-status-204", "/info is empty", name("info-request"), at("GET", "^/info", status(200, 204, empty=True)))
add(
    "info-asks-for-token",
    "/info asks for a token",
    name("info-request"),
    at("GET", "^/info", respond(401, when=lambda call: not call.token)),
)
add(
    "readers-may-delete", "who may read may delete", name("container-acl"), at("DELETE", OBJECT, retry(403, as_account))
)
add(
    "readers-change-acl",
    "who may read may change the container",
    name("container-acl"),
    at("POST", CONTAINER, retry(403, as_account)),
)
add("strangers-read", "who has no token reads", name("container-acl"), at("GET|HEAD", OBJECT, retry(401, as_account)))
add(
    "acl-not-shown",
    "a container does not show its ACL to its owner",
    name("container-acl"),
    at("HEAD", CONTAINER, untold(headers=("X-Container-Read", "X-Container-Write"))),
)


def _first_bytes(call: Call) -> None:
    wanted = call.headers.get("Range", "")
    if wanted.startswith("bytes=-") and wanted[7:].isdigit():
        call.headers["Range"] = f"bytes=0-{int(wanted[7:]) - 1}"


async def _ghost(call: Call) -> Reply:
    reply = await call.forward()
    if reply.good:
        call.memory[call.path] = reply.headers.copy()
    elif reply.status == 404 and call.path in call.memory:
        reply.status, reply.headers = 200, call.memory[call.path].copy()
    return reply


async def _siblings(call: Call) -> Reply:
    container = "/".join(call.path.split("/")[:4])
    listed = await call.beside(container, query="format=json").forward()
    reply = await call.forward()
    for one in listed.document or [] if listed.good else []:
        if isinstance(one, dict) and "name" in one:
            await call.beside(f"{container}/{one['name']}", "DELETE").forward()
    return reply


async def _union(call: Call) -> Reply:
    reply = await call.forward()
    if reply.headers.get("Content-Type", "").startswith("text/plain") and not call.query:
        seen = call.memory.setdefault(call.path, [])
        seen += [line for line in reply.body.splitlines() if line not in seen]
        reply.body = b"".join(line + b"\n" for line in sorted(seen))
    return reply


def _reversed(reply: Reply) -> None:
    if "X-Object-Manifest" in reply.headers:
        reply.body = reply.body[::-1]


async def _later(call: Call) -> Reply:
    """What was expired is asked for as its owner would."""
    reply = await call.forward()
    if reply.status == 401 and by_signature(call):
        expires = call.param("temp_url_expires") or "0"
        if expires.isdigit() and int(expires) < 2_000_000_000:
            call.params = [one for one in call.params if not one[0].startswith("temp_url")]
            as_account(call)
            return await call.forward()
    return reply
