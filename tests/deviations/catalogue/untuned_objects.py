"""Clouds that get objects wrong in ways written down before the tests were looked at.

They estimate what the suite notices of clouds that it was not made for.
"""

from __future__ import annotations

from collections.abc import Callable

from defcore.model.capability import Service
from tests.deviations.catalogue.accounts import OBJECT, name
from tests.deviations.changes import (
    answer,
    ask,
    at_path,
    drop,
    retry,
    status,
    untold,
    with_header,
    without_headers,
)
from tests.deviations.deviation import Book, Change
from tests.deviations.message import Call, Reply

book = Book(Service.OBJECT_STORE)
add, at = book.add, book.at
CREATE, GET, DELETE, COPY = (name(f"object-{what}") for what in ("create", "get", "delete", "copy"))


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
    "long-object-name-taken",
    "an object with a name that is too long is reported as stored",
    CREATE,
    at("PUT", OBJECT, status(400, 201, empty=True)),
)


def _is_copy(call: Call) -> bool:
    return call.method == "COPY" or "X-Copy-From" in call.headers


def _as_copied(call: Call, reply: Reply) -> None:
    if _is_copy(call):
        reply.status, reply.body = 201, b""


def _no_etag(call: Call, reply: Reply) -> None:
    if _is_copy(call):
        drop(reply.headers, "ETag")
