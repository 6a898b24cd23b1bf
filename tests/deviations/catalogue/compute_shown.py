"""Clouds whose compute service makes, shows and changes servers in another way than promised."""

from __future__ import annotations

from typing import Any

from defcore.model.capability import Service
from tests.deviations.changes import (
    answer,
    status,
    told,
    untold,
    with_json,
    without_json,
)
from tests.deviations.deviation import Book
from tests.deviations.message import Call, Reply

book = Book(Service.COMPUTE)
add, at = book.add, book.at
SERVERS, DETAIL, SERVER, ACTION = "/servers", "/servers/detail", "/servers/{uuid}", "/servers/{id}/action"
NOBODY, NONE = "0" * 32, "00000000-0000-4000-8000-000000000000"

# --- one server ----------------------------------------------------------------------------------------------

VERIFY, CREATE, UPDATE, LIST = (f"compute-servers-{what}" for what in ("verify", "create", "update", "list"))
for name, path, value in (
    ("shown-without-addresses", "server.addresses", {}),
    ("shown-with-other-flavor", "server.flavor.id", "none"),
    ("shown-with-other-user", "server.user_id", NOBODY),
    ("image-is-text", "server.image", lambda image: image and image["id"]),
    ("metadata-is-null", "server.metadata", None),
    ("id-in-capitals", "server.id", str.upper),
    ("launched-never", "server.OS-SRV-USG:launched_at", None),
    ("updated-before-creation", "server.updated", "2001-01-01T00:00:00Z"),
    ("progress-is-text", "server.progress", lambda number: "0" if number is not None else None),
    ("shown-without-self", "server.links", []),
    ("zone-is-null", "server.OS-EXT-AZ:availability_zone", None),
):
    add(
        name, f"a server is shown with another `{path.partition('.')[2]}`", VERIFY, at("GET", SERVER, told(path, value))
    )
for field in ("updated", "created", "security_groups", "config_drive", "key_name", "flavor"):
    add(
        f"shown-without-{field.replace('_', '-')}",
        f"a server does not show `{field}`",
        VERIFY,
        at("GET", SERVER, untold(f"server.{field}")),
    )
add(
    "addresses-without-version",
    "an address of a server does not tell its version",
    VERIFY,
    at("GET", SERVER, answer(lambda _, reply: _edit_addresses(reply, lambda one: one.pop("version")))),
)
add(
    "address-of-another",
    "a server shows an address that it does not have",
    VERIFY,
    at("GET", SERVER, answer(lambda _, reply: _edit_addresses(reply, lambda one: one.update(addr="192.0.2.77")))),
)
add(
    "other-server-shown",
    "each server is shown by the first one's name",
    "compute-servers-get",
    at("GET", SERVER, lambda call: _first_name(call)),
)
add("show-status-203", "a server is shown with 203", "compute-servers-get", at("GET", SERVER, status(200, 203)))
add(
    "created-without-links",
    "the answer to a creation has no links",
    CREATE,
    at("POST", SERVERS, untold("server.links")),
)
add(
    "created-without-id",
    "the answer to a creation has an id that nothing has",
    CREATE,
    at("POST", SERVERS, told("server.id", NONE)),
)
add(
    "metadata-lost",
    "a server is made without its metadata",
    CREATE,
    at("POST", SERVERS, without_json("server.metadata")),
)
add("same-name-refused", "a name can be taken once", CREATE, at("POST", SERVERS, lambda call: _once(call)))
add(
    "name-in-small",
    "a server's name is stored in small letters",
    CREATE,
    at("POST", SERVERS, with_json("server.name", lambda name: str(name).lower())),
)
add(
    "key-ignored",
    "a server is made without its key",
    "compute-keypairs-create",
    at("POST", SERVERS, without_json("server.key_name")),
)
MULTIPLE = "compute-servers-create-multiple"
add(
    "reservation-unasked",
    "several servers come with a reservation that nobody asked for",
    MULTIPLE,
    at("POST", SERVERS, told("server.reservation_id", "r-0")),
)
add(
    "three-for-two",
    "three servers are made where two were asked for",
    MULTIPLE,
    at(
        "POST",
        SERVERS,
        with_json(
            "server.min_count",
            lambda count: (count or 0) + 1,
            when=lambda call: "min_count" in (call.document or {}).get("server", {}),
        ),
    ),
)
add(
    "long-name-refused",
    "a name of 255 characters is refused",
    "compute-servers-name",
    at("POST", SERVERS, lambda call: _short_only(call)),
)
add(
    "any-address-taken",
    "an IPv6 access address that is none is ignored",
    "compute-servers-invalid",
    at("POST", SERVERS, without_json("server.accessIPv6")),
)
add(
    "invalid-as-422",
    "what makes no sense is answered with 422",
    "compute-servers-invalid",
    at("POST", SERVERS, status(400, 422)),
)
add(
    "update-answers-old",
    "a change is answered with the server as it was",
    UPDATE,
    at("PUT", SERVER, lambda call: _old(call)),
)
add(
    "update-unknown-400",
    "changing a server that does not exist is a bad request",
    UPDATE,
    at("PUT", "/servers/{id}", status(404, 400)),
)
add(
    "update-any-property",
    "a property that cannot be changed is ignored",
    UPDATE,
    at("PUT", SERVER, lambda call: _known_only(call)),
)
add(
    "update-loses-metadata",
    "a change of the name takes the metadata away",
    UPDATE,
    at("PUT", SERVER, answer(lambda call, _: call.memory.update({call.last: True}))),
    at("GET", SERVER, told("server.metadata", {}, when=lambda call: call.last in call.memory)),
)
add(
    "blank-name-updated",
    "an empty name is taken for no change",
    UPDATE,
    at("PUT", SERVER, lambda call: _no_blank(call)),
)


def _edit_addresses(reply: Reply, edit: Any) -> None:
    document = reply.document
    for addresses in document["server"]["addresses"].values():
        for one in addresses:
            edit(one)
    reply.document = document


async def _first_name(call: Call) -> Reply:
    reply = await call.forward()
    if reply.good:
        document = reply.document
        document["server"]["name"] = call.memory.setdefault("name", document["server"]["name"] + "-")
        reply.document = document
    return reply


async def _once(call: Call) -> Reply:
    name = ((call.document or {}).get("server") or {}).get("name")
    if name in call.memory:
        reply = Reply(status=409)
        reply.document = {"conflictingRequest": {"code": 409, "message": "the name is taken"}}
        return reply
    call.memory[name] = True
    return await call.forward()


async def _short_only(call: Call) -> Reply:
    if len(str(((call.document or {}).get("server") or {}).get("name"))) > 128:
        reply = Reply(status=400)
        reply.document = {"badRequest": {"code": 400, "message": "the name is too long"}}
        return reply
    return await call.forward()


async def _old(call: Call) -> Reply:
    before = await call.beside(call.path).forward()
    reply = await call.forward()
    if reply.good and before.good:
        document = reply.document
        document["server"] |= {
            key: value for key, value in before.document["server"].items() if key in document["server"]
        }
        reply.document = document
    return reply


async def _known_only(call: Call) -> Reply:
    reply = await call.forward()
    return await call.beside(call.path).forward() if reply.status == 400 else reply


async def _no_blank(call: Call) -> Reply:
    if ((call.document or {}).get("server") or {}).get("name") == "":
        return await call.beside(call.path).forward()
    return await call.forward()
