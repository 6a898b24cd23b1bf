"""Clouds that make, list and show servers wrongly."""

from __future__ import annotations

from defcore.model.capability import Service
from tests.deviations.changes import (
    acknowledge,
    answer,
    as_owner,
    more,
    note_owner,
    retry,
    status,
    told,
    untold,
    with_json,
    with_query,
    without_json,
    without_query,
)
from tests.deviations.deviation import Book
from tests.deviations.message import Call, Reply

book = Book(Service.COMPUTE)
add, at = book.add, book.at
SERVERS, LISTS, SERVER, ACTION = "/servers", "/servers(/detail)?", "/servers/{uuid}", "/servers/{id}/action"
LIST, CREATE, DELETE = "compute-servers-list", "compute-servers-create", "compute-servers-delete"
GET, VERIFY, UPDATE = "compute-servers-get", "compute-servers-verify", "compute-servers-update"


# --- lists ---------------------------------------------------------------------------------------------------

add("limit-ignored", "lists have no limit", LIST, at("GET", LISTS, without_query("limit")), published="MN-01")
add(
    "next-missing",
    "pages have no link to the next one",
    LIST,
    at("GET", LISTS, untold("servers_links")),
    published="MN-09",
)
for parameter in ("name", "status", "flavor", "image", "ip", "changes-since", "marker"):
    add(
        f"{parameter}-ignored",
        f"lists are not filtered by {parameter}",
        LIST,
        at("GET", LISTS, without_query(parameter)),
    )
add("sort-ignored", "lists are not sorted", LIST, at("GET", LISTS, without_query("sort_key", "sort_dir")))
add(
    "limit-off-by-one",
    "a page has one server too many",
    LIST,
    at("GET", LISTS, with_query("limit", more(1))),
)
add(
    "bad-limit-taken",
    "a limit that makes no sense is taken for none",
    LIST,
    at("GET", LISTS, retry(400, lambda call: _drop_query(call, "limit"))),
)
add(
    "bad-time-taken",
    "a time that is none is taken for none",
    LIST,
    at("GET", LISTS, retry(400, lambda call: _drop_query(call, "changes-since"))),
)
add(
    "first-filter-only",
    "of several filters only the first one counts",
    LIST,
    at("GET", LISTS, lambda call: _first_filter(call)),
)
add(
    "brief-without-name",
    "the brief list has ids for names",
    LIST,
    at("GET", SERVERS, answer(lambda _, reply: _ids_for_names(reply))),
)
add(
    "detail-with-old-status",
    "the detailed list shows servers as they were made",
    LIST,
    at("GET", "/servers/detail", told("servers.*.status", "BUILD")),
)
add(
    "deleted-listed",
    "a deleted server is still listed",
    LIST,
    at("DELETE", SERVER, answer(lambda call, _: call.memory.update({call.last: True}))),
    at("GET", SERVERS, answer(lambda call, reply: _and_deleted(call, reply))),
)


def _drop_query(call: Call, name: str) -> None:
    call.params = [pair for pair in call.params if pair[0] != name]


async def _first_filter(call: Call) -> Reply:
    call.params = call.params[:1]
    return await call.forward()


def _ids_for_names(reply: Reply) -> None:
    document = reply.document
    for one in document["servers"]:
        one["name"] = one["id"]
    reply.document = document


def _and_deleted(call: Call, reply: Reply) -> None:
    document = reply.document
    links = [{"rel": "self", "href": "http://localhost/"}, {"rel": "bookmark", "href": "http://localhost/"}]
    document["servers"] += [{"id": id, "name": id, "links": links} for id in call.memory]
    reply.document = document


# --- making, showing, changing, deleting ---------------------------------------------------------------------

add(
    "additional-property",
    "a server has a property of the vendor's",
    VERIFY,
    at("GET", SERVER, told("server.VENDOR:cost", 1, on=(200,))),
    published="MN-05",
)
add(
    "password-of-own",
    "the password that was asked for is ignored",
    CREATE,
    at("POST", SERVERS, without_json("server.adminPass")),
)
add(
    "location-missing", "a new server's address is not told", CREATE, at("POST", SERVERS, untold(headers=("Location",)))
)
add(
    "same-password",
    "all servers have the same password",
    CREATE,
    at("POST", SERVERS, told("server.adminPass", "password")),
)
add("create-status-200", "a creation is answered with 200", CREATE, at("POST", SERVERS, status(202, 200)))
add(
    "long-name-cut",
    "a name that is too long is cut",
    CREATE,
    at("POST", SERVERS, with_json("server.name", lambda name: str(name)[:255])),
)
add(
    "unknown-flavor-404",
    "an unknown flavor is not found, instead of a bad request",
    CREATE,
    at("POST", SERVERS, status(400, 404)),
)
add(
    "unknown-property-taken",
    "a property that there is not is ignored",
    CREATE,
    at("POST", SERVERS, retry(400, lambda call: _known(call))),
)
add(
    "one-for-two",
    "one server is made where two were asked for",
    "compute-servers-create-multiple",
    at("POST", SERVERS, without_json("server.min_count", "server.max_count")),
)
add(
    "blank-name-taken",
    "an empty name is taken",
    "compute-servers-name",
    at("POST", SERVERS, with_json("server.name", lambda name: name or "unnamed")),
)
add(
    "bad-address-taken",
    "an access address that is none is ignored",
    "compute-servers-invalid",
    at("POST", SERVERS, without_json("server.accessIPv4", "server.accessIPv6")),
)
add(
    "shown-without-metadata",
    "a server does not show its metadata",
    VERIFY,
    at("GET", SERVER, told("server.metadata", {})),
)
add(
    "shown-with-other-image",
    "a server shows another image",
    VERIFY,
    at("GET", SERVER, told("server.image.id", "00000000-0000-4000-8000-000000000000")),
)
add("shown-without-host-id", "a server does not show its hostId", VERIFY, at("GET", SERVER, untold("server.hostId")))
add(
    "address-in-capitals",
    "an IPv6 access address is shown with other letters",
    VERIFY,
    at("GET", SERVER, told("server.accessIPv6", lambda one: one and one.upper())),
)
add("address-lost", "an IPv4 access address is lost", VERIFY, at("POST", SERVERS, without_json("server.accessIPv4")))
add(
    "of-another-project",
    "a server shows another project",
    VERIFY,
    at("GET", SERVER, told("server.tenant_id", "0" * 32)),
)
add(
    "time-without-zone",
    "a server shows its age in another form",
    VERIFY,
    at("GET", SERVER, told("server.created", lambda time: time.replace("T", " "))),
)
add("unknown-403", "a server that does not exist is forbidden", GET, at("GET", "/servers/{id}", status(404, 403)))
add(
    "foreign-shown",
    "a server of another project is shown",
    GET,
    at("POST", SERVERS, note_owner()),
    at("GET", SERVER, as_owner()),
)
add("faults-unnamed", "an error says no code", GET, at("GET", "/servers/{id}", untold("itemNotFound.code", on=(404,))))
add(
    "unknown-deleted",
    "a server that does not exist is reported as deleted",
    DELETE,
    at("DELETE", "/servers/{id}", status(404, 204, empty=True)),
)
add("delete-status-202", "a deletion is answered with 202", DELETE, at("DELETE", SERVER, status(204, 202)))
add(
    "deleted-forgotten",
    "a deleted server is not among the changes",
    DELETE,
    at("GET", LISTS, without_query("deleted", "changes-since")),
)
add("name-not-stored", "a new name is told and not stored", UPDATE, at("PUT", SERVER, acknowledge("server")))
add(
    "name-in-ascii",
    "letters outside ASCII are lost from a name",
    UPDATE,
    at(
        "PUT",
        SERVER,
        with_json(
            "server.name",
            lambda name: str(name).encode("ascii", "ignore").decode(),
            when=lambda call: "name" in (call.document or {}).get("server", {}),
        ),
    ),
)
add(
    "access-kept",
    "access addresses are not changed",
    UPDATE,
    at("PUT", SERVER, without_json("server.accessIPv4", "server.accessIPv6")),
)
add(
    "long-name-updated",
    "a name that is too long is cut",
    UPDATE,
    at("PUT", SERVER, retry(400, lambda call: _short_name(call))),
)
add(
    "host-not-told",
    "a server's host cannot be told apart",
    "compute-servers-host",
    at("GET", SERVER, told("server.hostId", "")),
)
add(
    "guest-has-other-name",
    "a server is known to its guest by another name",
    "compute-servers-host",
    at("GET", SERVER, told("server.name", "host")),
)


def _known(call: Call) -> None:
    document = call.document or {}
    names = {"name", "imageRef", "flavorRef", "networks", "metadata", "adminPass", "min_count", "max_count"}
    if isinstance(document.get("server"), dict):
        call.document = {"server": {key: value for key, value in document["server"].items() if key in names}}


def _short_name(call: Call) -> None:
    document = call.document
    if isinstance(document, dict) and "name" in document.get("server", {}):
        document["server"]["name"] = document["server"]["name"][:255] or "unnamed"
        call.document = document
