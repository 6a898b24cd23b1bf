"""Clouds that get containers and objects wrong in ways written down in a second round, before the tests were looked at.

They estimate what the suite notices of clouds that it was not made for.
"""

from __future__ import annotations

from urllib.parse import quote

from defcore.model.capability import Service
from tests.deviations.catalogue.accounts import ACCOUNT, CONTAINER, OBJECT, by_signature, name
from tests.deviations.changes import answer, ask, respond, status, untold, without_headers
from tests.deviations.deviation import Book
from tests.deviations.message import Call, Reply

book = Book(Service.OBJECT_STORE)
add, at = book.add, book.at
LISTED, LISTING, BOX, ACL = (
    name(what) for what in ("account-list", "container-list", "container-create", "container-acl")
)
CREATE, GET, COPY, DELETE = (name(f"object-{what}") for what in ("create", "get", "copy", "delete"))
CONDITIONS = ("If-Match", "If-None-Match", "If-Modified-Since", "If-Unmodified-Since")


def _prefix_alone(call: Call) -> None:
    """With a prefix nothing is told as a folder."""
    if call.param("prefix") and call.param("delimiter"):
        call.params = [pair for pair in call.params if pair[0] != "delimiter"]


def _reverse_alone(call: Call) -> None:
    if call.param("reverse"):
        call.params = [pair for pair in call.params if pair[0] not in ("marker", "end_marker")]


async def _again_wipes(call: Call) -> Reply:
    """Making a container again takes its metadata away."""
    old = await call.beside(call.path, method="HEAD").forward()
    for header in old.headers if old.good else ():
        if header.lower().startswith("x-container-meta-") and header not in call.headers:
            call.headers[header.lower().replace("x-container-", "x-remove-container-")] = "x"
    return await call.forward()


def _no_listings(call: Call) -> None:
    rights = call.headers.get("X-Container-Read")
    if rights and ".rlistings" in rights:
        call.headers["X-Container-Read"] = ",".join(one for one in rights.split(",") if one.strip() != ".rlistings")


def _any_site(call: Call) -> None:
    rights = call.headers.get("X-Container-Read")
    if rights and ".r:" in rights:
        parts = [".r:*" if one.strip().startswith(".r:") else one for one in rights.split(",")]
        call.headers["X-Container-Read"] = ",".join(parts)


def _destination_as_it_is(call: Call) -> None:
    """A destination's name is not decoded."""
    place = call.headers.get("Destination")
    if place and "%" in place:
        call.headers["Destination"] = quote(place)


def _type_kept(call: Call) -> None:
    if "X-Object-Manifest" not in call.headers:
        call.headers.pop("Content-Type", None)


def _until_day(call: Call) -> bool:
    return by_signature(call) and not (call.param("temp_url_expires") or "0").isdigit()


def _as_copied(call: Call, reply: Reply) -> None:
    if call.method == "COPY" or "X-Copy-From" in call.headers:
        reply.status, reply.body = 201, b""


add(
    "account-metadata-lost",
    "metadata of an account is not kept",
    LISTED,
    at("POST", ACCOUNT, without_headers("X-Account-Meta-Test*", "X-Account-Meta-Defcore*", "X-Account-Meta-Name*")),
)
add(
    "prefix-without-folders",
    "a listing with a prefix ignores `delimiter`",
    LISTING,
    at("GET", CONTAINER, ask(_prefix_alone)),
)
add(
    "reverse-ignores-markers",
    "a listing from the last name on ignores its markers",
    LISTING,
    at("GET", CONTAINER, ask(_reverse_alone)),
)
add(
    "container-again-wipes-metadata",
    "making a container again takes its metadata away",
    BOX,
    at("PUT", CONTAINER, _again_wipes),
)
add(
    "policy-not-told",
    "a container does not tell its storage policy",
    BOX,
    at("HEAD|GET", CONTAINER, untold(headers=("X-Storage-Policy",))),
)
add(
    "container-delete-status-200",
    "the deletion of a container is answered with 200",
    name("container-delete"),
    at("DELETE", CONTAINER, status(204, 200)),
)
add(
    "object-without-length-taken",
    "an answer to HEAD of an unknown object is 204",
    GET,
    at("HEAD", OBJECT, status(404, 204, empty=True)),
)
add(
    "bad-etag-400",
    "an upload that differs from its checksum is a bad request",
    CREATE,
    at("PUT", OBJECT, status(422, 400)),
)
add(
    "post-keeps-type",
    "a new type of an object is not stored",
    CREATE,
    at("POST", OBJECT, ask(_type_kept)),
)
add(
    "post-status-204",
    "new metadata of an object is answered with 204",
    CREATE,
    at("POST", OBJECT, status(202, 204, empty=True)),
)
add(
    "none-match-status-412",
    "who has an object already is told 412",
    GET,
    at("GET|HEAD", OBJECT, status(304, 412)),
)
add(
    "head-without-conditions",
    "HEAD knows no conditions",
    GET,
    at("HEAD", OBJECT, without_headers(*CONDITIONS)),
)
add(
    "destination-not-decoded",
    "a copy has the name that was sent, with its percent signs",
    COPY,
    at("COPY", OBJECT, ask(_destination_as_it_is)),
)
add(
    "copy-beyond-quota",
    "a copy beyond the quota of its container is reported as made",
    name("container-quotas"),
    at("COPY|PUT", OBJECT, answer(_as_copied, on=(413,))),
)
add(
    "listings-right-ignored",
    "strangers who may list a container may not",
    ACL,
    at("PUT|POST", CONTAINER, ask(_no_listings)),
)
add(
    "any-referrer",
    "who may read from one site may read from all",
    ACL,
    at("PUT|POST", CONTAINER, ask(_any_site)),
)
add(
    "history-not-kept",
    "a container that is to keep its history does not",
    name("object-versioned"),
    at("PUT|POST", CONTAINER, without_headers("X-History-Location")),
)
add(
    "signed-day-refused",
    "an address signed until a day in words opens nothing",
    name("temp-url-get"),
    at("GET|HEAD", OBJECT, respond(401, when=_until_day)),
)
