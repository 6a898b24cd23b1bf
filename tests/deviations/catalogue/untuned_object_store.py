"""Clouds that get containers and large objects wrong in ways written down before the tests were looked at.

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


def _reversed_segments(call: Call) -> None:
    if "multipart-manifest=put" in call.query and isinstance(call.document, list):
        call.document = call.document[::-1]


def _small(call: Call) -> None:
    parts = call.path.split("/")
    parts[3] = parts[3].lower()
    call.path = "/".join(parts)


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
    "account-backwards",
    "an account lists its containers from the last one",
    LISTED,
    at("GET", ACCOUNT, _listing(lambda rows: rows[::-1])),
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
    "long-name-taken",
    "a container with a name that is too long is reported as made",
    BOX,
    at("PUT", CONTAINER, status(400, 201, empty=True)),
)


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


async def _twice(call: Call) -> Reply:
    """What replaces an object is stored twice, so that it is the earlier version of itself."""
    old = await call.beside(call.path, method="HEAD").forward()
    reply = await call.forward()
    return await call.again().forward() if old.good and reply.good and not _is_copy(call) else reply
