"""Clouds that keep objects, large ones and signed addresses among them, wrongly."""

from __future__ import annotations

import re
from urllib.parse import parse_qsl

from defcore.model.capability import Service
from tests.deviations.catalogue.accounts import (
    ACCOUNT,
    CONTAINER,
    OBJECT,
    any_signature,
    by_signature,
    name,
)
from tests.deviations.changes import (
    answer,
    ask,
    at_path,
    drop,
    respond,
    stale,
    status,
    untold,
    with_header,
    without_headers,
    without_query,
)
from tests.deviations.deviation import Book
from tests.deviations.message import Call, Reply

book = Book(Service.OBJECT_STORE)
add, at = book.add, book.at


# --- objects -------------------------------------------------------------------------------------------------

CREATE, GET, DELETE, COPY = (name(f"object-{what}") for what in ("create", "get", "delete", "copy"))
add(
    "etag-unchecked",
    "an upload is not compared with its checksum",
    CREATE,
    at("PUT", OBJECT, without_headers("ETag")),
    published="MS-01",
)
add(
    "range-ignored",
    "the whole is sent where a range was asked for",
    GET,
    at("GET", OBJECT, without_headers("Range")),
    published="MS-03",
)
add(
    "object-metadata-lost",
    "an object is stored without its metadata",
    CREATE,
    at("PUT", OBJECT, without_headers("X-Object-Meta-*")),
)
add(
    "object-metadata-merged",
    "metadata of an object is merged with the old one",
    CREATE,
    at("POST", OBJECT, ask(lambda call: None)),
    at("HEAD|GET", OBJECT, answer(lambda call, reply: _keep_metadata(call, reply))),
)
add(
    "metadata-in-small",
    "metadata of an object is shown in small letters",
    CREATE,
    at("HEAD|GET", OBJECT, answer(lambda _, reply: _in_small(reply))),
)
add(
    "etag-of-nothing",
    "the checksum of an upload is another one",
    CREATE,
    at("PUT", OBJECT, with_header("ETag", "d41d8cd98f00b204e9800998ecf8427e")),
)
add("etag-missing", "the answer to an upload has no checksum", CREATE, at("PUT", OBJECT, untold(headers=("ETag",))))
add(
    "content-type-lost",
    "the type of an object is forgotten",
    CREATE,
    at("PUT", OBJECT, ask(lambda call: call.headers.update({"Content-Type": "application/octet-stream"}))),
)
add(
    "expiry-ignored",
    "an object never expires",
    GET,
    at("POST|PUT", OBJECT, without_headers("X-Delete-After", "X-Delete-At")),
)
add(
    "always-replaced",
    "an object is replaced though it was not to be",
    CREATE,
    at("PUT", OBJECT, without_headers("If-None-Match")),
)
add("upload-cut", "the last byte of an upload is lost", CREATE, at("PUT", OBJECT, ask(lambda call: _cut(call))))
add("upload-status-200", "an upload is answered with 200", CREATE, at("PUT", OBJECT, status(201, 200)))
add(
    "names-decoded-twice",
    "a percent sign in a name is decoded twice",
    name("container-list"),
    at("PUT|GET|HEAD|DELETE", OBJECT, at_path(lambda path: path.replace("%25", "%"))),
)
add(
    "download-differs",
    "the last byte of a download is another one",
    GET,
    at("GET", OBJECT, answer(lambda _, reply: _flip(reply))),
)
add(
    "none-match-ignored",
    "an object is sent though the reader has it",
    GET,
    at("GET|HEAD", OBJECT, without_headers("If-None-Match")),
)
add(
    "match-ignored",
    "an object is sent though it is another one",
    GET,
    at("GET|HEAD", OBJECT, without_headers("If-Match")),
)
add(
    "modified-since-ignored",
    "an object is sent though it has not changed",
    GET,
    at("GET|HEAD", OBJECT, without_headers("If-Modified-Since", "If-Unmodified-Since")),
)
add("head-of-length-0", "HEAD tells no length", GET, at("HEAD", OBJECT, with_header("Content-Length", "0")))
add("read-without-etag", "an object is read without its checksum", GET, at("GET", OBJECT, untold(headers=("ETag",))))
add(
    "read-without-date", "an object is read without its age", GET, at("GET", OBJECT, untold(headers=("Last-Modified",)))
)
add("range-status-200", "a range is answered with 200", GET, at("GET", OBJECT, status(206, 200)))
add("range-one-more", "a range has one byte too many", GET, at("GET", OBJECT, ask(lambda call: _longer_range(call))))
add("object-stays", "a deleted object stays", DELETE, at("DELETE", OBJECT, respond(204)))
add(
    "unknown-object-deleted",
    "deleting what is not there is no error",
    DELETE,
    at("DELETE", OBJECT, status(404, 204, empty=True)),
)
add(
    "deleted-object-read",
    "an object is read after its deletion",
    DELETE,
    at("GET", OBJECT, stale(lambda call: (call.path, call.query, str(call.headers.get("Range"))))),
)
add(
    "copy-without-metadata",
    "a copy has no metadata of its source",
    COPY,
    at("PUT|COPY", OBJECT, ask(lambda call: _fresh(call))),
)
add(
    "fresh-ignored",
    "a copy has the metadata of its source though it was not to",
    COPY,
    at("PUT|COPY", OBJECT, without_headers("X-Fresh-Metadata")),
)
add(
    "copy-keeps-type",
    "a copy has its source's type whatever is asked for",
    COPY,
    at(
        "PUT",
        OBJECT,
        ask(lambda call: drop(call.headers, "Content-Type"), when=lambda call: "X-Copy-From" in call.headers),
    ),
)
add(
    "copy-from-unknown",
    "an answer to a copy does not tell the source",
    COPY,
    at("COPY", OBJECT, untold(headers=("X-Copied-From",))),
)
add("copy-moves", "the source of a copy is gone", COPY, at("COPY", OBJECT, lambda call: _move(call)))


def _keep_metadata(call: Call, reply: Reply) -> None:
    seen = call.memory.setdefault(call.path, {})
    seen |= {name: value for name, value in reply.headers.items() if name.lower().startswith("x-object-meta-")}
    for one, value in seen.items():
        reply.headers.setdefault(one, value)


def _in_small(reply: Reply) -> None:
    for one in [one for one in reply.headers if one.lower().startswith("x-object-meta-")]:
        reply.headers[one] = reply.headers[one].lower()


def _cut(call: Call) -> None:
    call.body = call.body[:-1]


def _flip(reply: Reply) -> None:
    if reply.body:
        reply.body = reply.body[:-1] + bytes([reply.body[-1] ^ 1])


def _longer_range(call: Call) -> None:
    if wanted := re.fullmatch(r"bytes=(\d+)-(\d+)", call.headers.get("Range", "")):
        call.headers["Range"] = f"bytes={wanted[1]}-{int(wanted[2]) + 1}"


def _fresh(call: Call) -> None:
    if call.method == "COPY" or "X-Copy-From" in call.headers:
        call.headers["X-Fresh-Metadata"] = "true"


async def _move(call: Call) -> Reply:
    reply = await call.forward()
    if reply.good:
        await call.beside(call.path, "DELETE").forward()
    return reply


# --- large objects -------------------------------------------------------------------------------------------

SLO, DLO = name("slo-support"), name("dlo-support")
add(
    "manifest-forgotten",
    "a dynamic large object has no manifest",
    DLO,
    at("PUT|POST", OBJECT, without_headers("X-Object-Manifest")),
)
add(
    "manifest-not-shown",
    "a dynamic large object does not show its manifest",
    DLO,
    at("GET|HEAD", OBJECT, untold(headers=("X-Object-Manifest",))),
)
add(
    "large-etag-bare",
    "the checksum of a large object is not in quotation marks",
    DLO,
    at("GET|HEAD", OBJECT, with_header("ETag", lambda etag: etag.strip('"'))),
)
add(
    "segments-in-part",
    "a large object ends in the middle",
    DLO,
    at("GET", OBJECT, answer(lambda _, reply: _half(reply), when=lambda call: not call.headers.get("Range"))),
)
add(
    "segments-deleted-too",
    "deleting a static large object deletes its segments",
    SLO,
    at("DELETE", OBJECT, ask(lambda call: _with_segments(call))),
)
add(
    "segments-stay",
    "the segments of a static large object stay",
    SLO,
    at("DELETE", OBJECT, lambda call: _without_segments(call)),
)
add(
    "static-not-told",
    "a static large object does not say what it is",
    SLO,
    at("GET|HEAD", OBJECT, untold(headers=("X-Static-Large-Object",))),
)
add(
    "any-manifest",
    "a wrong manifest is reported as taken",
    SLO,
    at(
        "PUT",
        OBJECT,
        status(400, 201),
    ),
)
add("manifest-unreadable", "a manifest cannot be read", SLO, at("GET", OBJECT, without_query("multipart-manifest")))


def _half(reply: Reply) -> None:
    if "X-Object-Manifest" in reply.headers:
        reply.body = reply.body[: len(reply.body) // 2]


def _with_segments(call: Call) -> None:
    if not call.query:
        call.query = "multipart-manifest=delete"


async def _without_segments(call: Call) -> Reply:
    manifest = ("multipart-manifest", "delete") in parse_qsl(call.query)
    call.query = "" if manifest else call.query
    reply = await call.forward()
    if manifest and reply.good:
        reply.status = 200
        reply.document = {"Number Deleted": 3, "Number Not Found": 0, "Response Status": "200 OK", "Errors": []}
    return reply


# --- signed addresses ----------------------------------------------------------------------------------------

add(
    "expired-accepted",
    "an expired or forged signed address is accepted",
    name("temp-url-get"),
    at("GET|HEAD", OBJECT, any_signature),
    published="MS-07",
)
add(
    "signature-for-all",
    "an address signed for reading lets store",
    name("temp-url-get"),
    at("PUT|POST|DELETE", OBJECT, any_signature),
)
add(
    "signed-not-saved",
    "what a signed address sends is no file to save",
    name("temp-url-get"),
    at("GET", OBJECT, untold(headers=("Content-Disposition",))),
)
add(
    "signed-upload-lost",
    "what is stored at a signed address is lost",
    name("temp-url-put"),
    at(
        "PUT",
        OBJECT,
        respond(
            201,
            when=by_signature,
            ETag="0" * 32,
            Content_Type="text/html",
            X_Trans_Id="tx0123456789abcdef01234-0123456789",
        ),
    ),
)
add(
    "second-key-unknown",
    "the second key of a container does not sign",
    name("temp-url-get"),
    at("PUT|POST", CONTAINER, without_headers("X-Container-Meta-Temp-URL-Key-2")),
)
add(
    "key-not-shown",
    "an account does not keep its key",
    name("temp-url-put"),
    at("POST", ACCOUNT, without_headers("X-Account-Meta-Temp-URL-Key")),
)
