"""Clouds that get objects wrong in ways written down before the tests were looked at.

They estimate what the suite notices of clouds that it was not made for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from defcore.model.capability import Service
from tests.deviations.catalogue.accounts import ACCOUNT, CONTAINER, OBJECT, by_signature, name
from tests.deviations.changes import (
    answer,
    ask,
    at_path,
    drop,
    respond,
    retry,
    stale,
    status,
    told,
    untold,
    with_header,
    without_headers,
    without_query,
)
from tests.deviations.deviation import Book, Change
from tests.deviations.message import Call, Reply

book = Book(Service.OBJECT_STORE)
add, at = book.add, book.at
CREATE, GET, DELETE, COPY = (name(f"object-{what}") for what in ("create", "get", "delete", "copy"))
LISTING, BOX, KEPT = name("container-list"), name("container-create"), name("container-metadata")
LISTED, SLO, DLO = name("account-list"), name("slo-support"), name("dlo-support")
SIGNED, QUOTA, ACL, INFO = (
    name("temp-url-get"),
    name("container-quotas"),
    name("container-acl"),
    name("info-request"),
)


def _listing(edit: Callable[[list[Any]], list[Any]]) -> Change:
    """Of listings in JSON."""

    def change(_: Call, reply: Reply) -> None:
        if isinstance(reply.document, list):
            reply.document = edit(reply.document)

    return answer(change)


def _each(edit: Callable[[dict[str, Any]], Any]) -> Change:
    return _listing(lambda rows: [edit(row) or row for row in rows])


async def _old_metadata(call: Call) -> Reply:
    """An object that replaces another one has its metadata, too."""
    old = await call.beside(call.path, method="HEAD").forward()
    for header, value in old.headers.items() if old.good else ():
        if header.lower().startswith("x-object-meta-") and header not in call.headers:
            call.headers[header] = value
    return await call.forward()


async def _container_made(call: Call) -> Reply:
    """An object may be stored in a container that there is not."""
    reply = await call.forward()
    if reply.status == 404:
        await call.beside("/".join(call.path.split("/")[:4]), method="PUT").forward()
        return await call.again().forward()
    return reply


def _range(edit: Callable[[str], str | None]) -> Change:
    def change(call: Call) -> None:
        span = call.headers.get("Range")
        if span is not None:
            new = edit(span)
            drop(call.headers, "Range")
            if new:
                call.headers["Range"] = new

    return ask(change)


def _whole(call: Call) -> None:
    drop(call.headers, "Range")


def _total_off(text: str) -> str:
    span, _, total = text.rpartition("/")
    return f"{span}/{int(total) + 1}" if total.isdigit() else text


async def _copy_alone(call: Call) -> Reply:
    """A copy with metadata of its own has nothing else of its source."""
    if any(one.lower().startswith("x-object-meta-") for one in call.headers):
        call.headers["X-Fresh-Metadata"] = "true"
    return await call.forward()


def _reversed_segments(call: Call) -> None:
    if "multipart-manifest=put" in call.query and isinstance(call.document, list):
        call.document = call.document[::-1]


def _small(call: Call) -> None:
    parts = call.path.split("/")
    parts[3] = parts[3].lower()
    call.path = "/".join(parts)


def _plus_as_blank(call: Call) -> None:
    call.path = call.path.replace("+", "%20").replace("%2B", "%20")


def _no_slash(call: Call) -> None:
    call.path = call.path.rstrip("/").removesuffix("%2F")


def _after_now(call: Call) -> None:
    """Days instead of seconds."""
    if call.headers.get("X-Delete-After", "").isdigit():
        call.headers["X-Delete-After"] = str(int(call.headers["X-Delete-After"]) * 86400)


def _long_meta(call: Call) -> None:
    for header in [one for one in call.headers if "-meta-" in one.lower() and len(one) + len(call.headers[one]) > 140]:
        drop(call.headers, header)


add(
    "old-metadata-stays",
    "an object that replaces another one has its metadata, too",
    CREATE,
    at("PUT", OBJECT, _old_metadata),
)
add(
    "encoding-lost",
    "an object forgets its content encoding",
    CREATE,
    at("PUT|POST", OBJECT, without_headers("Content-Encoding")),
)
add(
    "disposition-lost",
    "an object forgets its content disposition",
    CREATE,
    at("PUT|POST", OBJECT, without_headers("Content-Disposition")),
)
add(
    "container-made-by-upload",
    "an object is stored in a container that there was not",
    CREATE,
    at("PUT", OBJECT, _container_made),
)
add(
    "long-metadata-cut",
    "metadata that is too long is passed over",
    CREATE,
    at("PUT|POST", OBJECT, retry(400, _long_meta)),
)
add(
    "detection-ignored",
    "the type of an object is not found out",
    CREATE,
    at("PUT", OBJECT, without_headers("X-Detect-Content-Type")),
)
add("slash-lost", "a name loses its last slash", CREATE, at("PUT", OBJECT, ask(_no_slash)))
add("plus-as-blank", "a plus sign in a name is a blank", CREATE, at("PUT|GET|HEAD|DELETE", OBJECT, ask(_plus_as_blank)))
add(
    "object-names-folded",
    "names of objects are kept in small letters",
    CREATE,
    at(
        "PUT|GET|HEAD|DELETE|POST",
        OBJECT,
        at_path(lambda path: "/".join([*path.split("/")[:4], *(part.lower() for part in path.split("/")[4:])])),
    ),
)
add(
    "post-to-nothing",
    "metadata for an object that there is not is taken",
    CREATE,
    at("POST", OBJECT, status(404, 202, empty=True)),
)
add(
    "upload-of-unknown-length",
    "an upload in pieces is refused",
    CREATE,
    at("PUT", OBJECT, answer(lambda call, reply: _length_required(call, reply))),
)
add(
    "unmodified-since-ignored",
    "an object is sent though it has changed",
    GET,
    at("GET", OBJECT, without_headers("If-Unmodified-Since")),
)
add(
    "range-from-the-wrong-end",
    "the last bytes that are asked for are the first ones",
    GET,
    at("GET", OBJECT, _range(lambda span: span.replace("=-", "=0-"))),
)
add(
    "open-range-ignored",
    "a range without end gives the whole",
    GET,
    at("GET", OBJECT, _range(lambda span: None if span.endswith("-") else span)),
)
add(
    "first-range-only",
    "of several ranges only the first one is sent",
    GET,
    at("GET", OBJECT, _range(lambda span: span.split(",")[0])),
)
add("range-beyond-the-end", "a range beyond the end gives the whole", GET, at("GET", OBJECT, retry(416, _whole)))
add(
    "range-of-wrong-total",
    "a range tells another length of the whole",
    GET,
    at("GET", OBJECT, with_header("Content-Range", _total_off)),
)
add(
    "head-of-other-etag",
    "HEAD tells another checksum than GET",
    GET,
    at("HEAD", OBJECT, with_header("ETag", "d41d8cd98f00b204e9800998ecf8427e")),
)
add(
    "etag-in-marks",
    "the checksum of an object is in quotation marks",
    GET,
    at("GET|HEAD", OBJECT, with_header("ETag", lambda etag: f'"{etag}"' if not etag.startswith('"') else etag)),
)
add(
    "ranges-not-told",
    "an object does not say that ranges may be asked for",
    GET,
    at("GET|HEAD", OBJECT, untold(headers=("Accept-Ranges",))),
)
add("timestamp-missing", "an object tells no timestamp", GET, at("GET|HEAD", OBJECT, untold(headers=("X-Timestamp",))))
add(
    "transaction-missing",
    "answers have no id of the transaction",
    GET,
    at("GET|HEAD", OBJECT, untold(headers=("X-Trans-Id", "X-Openstack-Request-Id"))),
)
add(
    "age-in-other-words",
    "an object tells its age as ISO 8601",
    GET,
    at("GET|HEAD", OBJECT, with_header("Last-Modified", "2020-01-01T00:00:00Z")),
)
add("expiry-in-days", "an object expires days too late", GET, at("PUT|POST", OBJECT, ask(_after_now)))
add(
    "expiry-not-told",
    "an object does not tell when it expires",
    GET,
    at("GET|HEAD", OBJECT, untold(headers=("X-Delete-At",))),
)
add(
    "past-expiry-taken",
    "an expiry in the past is passed over",
    GET,
    at("PUT|POST", OBJECT, retry(400, lambda call: drop(call.headers, "X-Delete-At", "X-Delete-After"))),
)
add(
    "unknown-container-deleted",
    "deleting a container that there is not is no error",
    name("container-delete"),
    at("DELETE", CONTAINER, status(404, 204, empty=True)),
)
add("container-again-201", "a container that there is is told as new", BOX, at("PUT", CONTAINER, status(202, 201)))
add(
    "container-names-folded",
    "names of containers are kept in small letters",
    BOX,
    at("PUT|GET|HEAD|DELETE|POST", CONTAINER, ask(_small)),
    at("PUT|GET|HEAD|DELETE|POST", OBJECT, ask(_small)),
)
add("container-head-200", "HEAD of a container is answered with 200", KEPT, at("HEAD", CONTAINER, status(204, 200)))
add(
    "container-metadata-in-small",
    "metadata of a container is kept in small letters",
    KEPT,
    at("POST|PUT", CONTAINER, ask(lambda call: _values_small(call))),
)
add(
    "listing-without-bytes",
    "a listing tells no lengths",
    LISTING,
    at("GET", CONTAINER, _each(lambda row: row.pop("bytes", None) and None)),
)
add(
    "listing-of-wrong-type",
    "a listing tells other types",
    LISTING,
    at("GET", CONTAINER, _each(lambda row: row | {"content_type": "application/x"} if "name" in row else row)),
)
add(
    "listing-without-age",
    "a listing tells no ages",
    LISTING,
    at("GET", CONTAINER, _each(lambda row: row.pop("last_modified", None) and None)),
)
add(
    "folders-as-names",
    "folders of a listing are told as objects",
    LISTING,
    at("GET", CONTAINER, _each(lambda row: {"name": row["subdir"]} if "subdir" in row else row)),
)
add(
    "listing-folds-case",
    "a listing sorts without regard to capitals",
    LISTING,
    at(
        "GET",
        CONTAINER,
        _listing(lambda rows: sorted(rows, key=lambda row: (row.get("name") or row["subdir"]).lower())),
    ),
)
add(
    "end-marker-inclusive",
    "a listing ends with its end marker",
    LISTING,
    at("GET", CONTAINER, ask(lambda call: _later_end(call))),
)
add(
    "text-without-last-line",
    "a listing as text lacks its last name",
    LISTING,
    at("GET", CONTAINER, answer(lambda _, reply: _less_text(reply))),
)
add(
    "count-off-by-one",
    "a container counts one object too many",
    LISTING,
    at("HEAD|GET", CONTAINER, with_header("X-Container-Object-Count", lambda count: str(int(count) + 1))),
)
add(
    "bytes-not-counted",
    "a container counts no bytes",
    LISTING,
    at("HEAD|GET", CONTAINER, with_header("X-Container-Bytes-Used", "0")),
)
add(
    "account-metadata-lost",
    "metadata of an account is not kept",
    LISTED,
    at("POST", ACCOUNT, without_headers("X-Account-Meta-*")),
)
add(
    "account-bytes-not-counted",
    "an account counts no bytes",
    LISTED,
    at("HEAD|GET", ACCOUNT, with_header("X-Account-Bytes-Used", "0")),
)
add(
    "account-backwards",
    "an account lists its containers from the last one",
    LISTED,
    at("GET", ACCOUNT, _listing(lambda rows: rows[::-1])),
)
add(
    "copy-of-unknown",
    "a copy of an object that there is not is reported as made",
    COPY,
    at("COPY|PUT", OBJECT, answer(lambda call, reply: _as_copied(call, reply), on=(404,))),
)
add(
    "copy-with-own-alone",
    "a copy with metadata of its own has nothing else of its source",
    COPY,
    at("COPY|PUT", OBJECT, _copy_alone),
)
add(
    "copy-without-etag",
    "the answer to a copy tells no checksum",
    COPY,
    at("COPY|PUT", OBJECT, answer(lambda call, reply: _no_etag(call, reply))),
)
add(
    "copied-age-missing",
    "the answer to a copy does not tell the age of its source",
    COPY,
    at("COPY|PUT", OBJECT, untold(headers=("X-Copied-From-Last-Modified",))),
)
add(
    "segments-reversed",
    "a static large object begins with its last segment",
    SLO,
    at("PUT", OBJECT, ask(_reversed_segments)),
)
add(
    "manifest-length-told",
    "HEAD of a large object tells another length",
    SLO,
    at(
        "HEAD",
        OBJECT,
        answer(
            lambda _, reply: (
                reply.headers.update({"Content-Length": "7"}) if "X-Static-Large-Object" in reply.headers else None
            )
        ),
    ),
)
add(
    "manifest-deletion-untold",
    "deleting a large object tells no counts",
    SLO,
    at(
        "DELETE",
        OBJECT,
        answer(lambda call, reply: setattr(reply, "body", b"{}") if "multipart-manifest" in call.query else None),
    ),
)
add("new-segment-ignored", "a dynamic large object does not grow", DLO, at("GET", OBJECT, stale()))
add(
    "signed-head-refused",
    "an address signed for GET does not show the headers",
    SIGNED,
    at("HEAD", OBJECT, respond(401, when=by_signature)),
)
add(
    "signed-name-ignored",
    "the name to save a signed object by is ignored",
    SIGNED,
    at("GET", OBJECT, without_query("filename")),
)
add(
    "signed-inline-ignored", "a signed object is never shown inline", SIGNED, at("GET", OBJECT, without_query("inline"))
)
add(
    "quota-of-words-taken",
    "a quota that is no number is taken",
    QUOTA,
    at("POST|PUT", CONTAINER, status(400, 204, empty=True)),
)
add("quota-status-507", "an upload beyond the quota is answered with 507", QUOTA, at("PUT", OBJECT, status(413, 507)))
add(
    "container-quota-not-shown",
    "a container does not show its quota",
    QUOTA,
    at("HEAD|GET", CONTAINER, untold(headers=("X-Container-Meta-Quota-Bytes", "X-Container-Meta-Quota-Count"))),
)
add(
    "acl-not-shown",
    "a container does not show its ACL",
    ACL,
    at("HEAD|GET", CONTAINER, untold(headers=("X-Container-Read", "X-Container-Write"))),
)
add(
    "bad-acl-taken",
    "an ACL that makes no sense is passed over",
    ACL,
    at("POST|PUT", CONTAINER, retry(400, lambda call: drop(call.headers, "X-Container-Read", "X-Container-Write"))),
)
add("no-token-403", "who shows no token is forbidden", ACL, at("GET|HEAD|PUT|DELETE", "/.*", status(401, 403)))
add(
    "versions-place-not-shown",
    "a container does not say where versions are kept",
    name("object-versioned"),
    at("HEAD|GET", CONTAINER, untold(headers=("X-Versions-Location", "X-History-Location"))),
)
add(
    "versions-not-stopped",
    "keeping versions cannot be ended",
    name("object-versioned"),
    at("POST", CONTAINER, without_headers("X-Remove-Versions-Location", "X-Remove-History-Location")),
)
add(
    "version-has-other-data",
    "an earlier version is the present one",
    name("object-versioned"),
    at("PUT", OBJECT, lambda call: _twice(call)),
)
add(
    "limits-are-text",
    "limits of /info are strings",
    INFO,
    at("GET", "^/info", told("swift", lambda about: {key: str(value) for key, value in about.items()})),
)
add(
    "info-with-token-only",
    "/info is told with a token only",
    INFO,
    at("GET", "^/info", respond(401, when=lambda call: not call.token)),
)
add(
    "bad-limit-taken",
    "a limit beyond the greatest is taken for none",
    LISTING,
    at(
        "GET",
        CONTAINER,
        retry(412, lambda call: setattr(call, "params", [one for one in call.params if one[0] != "limit"])),
    ),
)
add(
    "long-name-taken",
    "a container with a name that is too long is reported as made",
    BOX,
    at("PUT", CONTAINER, status(400, 201, empty=True)),
)
add(
    "long-object-name-taken",
    "an object with a name that is too long is reported as stored",
    CREATE,
    at("PUT", OBJECT, status(400, 201, empty=True)),
)


def _length_required(call: Call, reply: Reply) -> None:
    if call.method == "PUT" and "chunked" in call.headers.get("Transfer-Encoding", ""):
        reply.status = 411


def _values_small(call: Call) -> None:
    for header in [one for one in call.headers if one.lower().startswith("x-container-meta-")]:
        if "quota" not in header.lower() and "key" not in header.lower():
            call.headers[header] = call.headers[header].lower()


def _later_end(call: Call) -> None:
    call.params = [(key, f"{value}\x01" if key == "end_marker" else value) for key, value in call.params]


def _less_text(reply: Reply) -> None:
    if reply.headers.get("Content-Type", "").startswith("text/plain") and reply.body:
        reply.body = b"".join(line + b"\n" for line in reply.body.splitlines()[:-1])


def _is_copy(call: Call) -> bool:
    return call.method == "COPY" or "X-Copy-From" in call.headers


def _as_copied(call: Call, reply: Reply) -> None:
    if _is_copy(call):
        reply.status, reply.body = 201, b""


def _no_etag(call: Call, reply: Reply) -> None:
    if _is_copy(call):
        drop(reply.headers, "ETag")


async def _twice(call: Call) -> Reply:
    """What replaces an object is stored twice, so that it is the earlier version of itself."""
    old = await call.beside(call.path, method="HEAD").forward()
    reply = await call.forward()
    return await call.again().forward() if old.good and reply.good and not _is_copy(call) else reply
