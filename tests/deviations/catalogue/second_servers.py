"""Clouds that make, show and change servers wrongly in ways of a second round, written down before the tests were
looked at.

They estimate what the suite notices of clouds that it was not made for.
"""

from __future__ import annotations

from typing import Any

from defcore.model.capability import Service
from tests.deviations.catalogue.leniency import json_mended, json_passed_over, microversion
from tests.deviations.changes import answer, ask, status, told, untold, with_json, without_json
from tests.deviations.deviation import Book
from tests.deviations.message import Call, Reply

book = Book(Service.COMPUTE)
add, at = book.add, book.at
ALL, ONE, ACTION = "/servers", "/servers/{uuid}", "/servers/{id}/action"
MADE, VERIFY, UPDATE = "compute-servers-create", "compute-servers-verify", "compute-servers-update"
ATTACHED, RESIZE = "compute-volume-attach", "compute-servers-resize"
ATTACHMENTS = "/servers/{id}/os-volume_attachments"
POWER, STATE, TASK = "OS-EXT-STS:power_state", "OS-EXT-STS:vm_state", "OS-EXT-STS:task_state"


def _no_address(call: Call) -> None:
    document = call.document
    networks = document.get("server", {}).get("networks") if isinstance(document, dict) else None
    if isinstance(networks, list) and any("fixed_ip" in one for one in networks):
        for one in networks:
            one.pop("fixed_ip", None)
        call.document = document


def _any_network(document: Any) -> None:
    server = document.get("server")
    if isinstance(server, dict):
        server.setdefault("networks", "none")


async def _rebuild_noted(call: Call) -> Reply:
    reply = await call.forward()
    if reply.good and "rebuild" in (call.document or {}):
        call.memory[call.path.split("/")[-2]] = True
    return reply


def _new_addresses(call: Call, reply: Reply) -> None:
    """A server that was rebuilt has other addresses."""
    if call.memory.get(call.last):
        document = reply.document
        for ports in document["server"]["addresses"].values():
            for one in ports:
                one["addr"] = "192.0.2.99" if one["version"] == 4 else "2001:db8::99"
        reply.document = document


async def _same_size(call: Call) -> Reply:
    """A resize to the flavor that a server has is reported as begun."""
    reply = await call.forward()
    if reply.status == 400 and "resize" in (call.document or {}):
        server = await call.beside(call.path.removesuffix("/action")).forward()
        if (
            server.good
            and server.document["server"].get("flavor", {}).get("id") == call.document["resize"]["flavorRef"]
        ):
            reply.status, reply.body = 202, b""
    return reply


def _was_wanted(call: Call) -> bool:
    return microversion(call) < (2, 101)


add(
    "networks-none-is-auto",
    "a server that is to have no network has one",
    MADE,
    at(
        "POST",
        ALL,
        with_json(
            "server.networks",
            lambda asked: "auto" if asked == "none" else asked,
            when=lambda c: "none" in str(c.document),
        ),
    ),
)
add(
    "networks-may-be-missing",
    "networks of a server need not be named where they have to be",
    MADE,
    at("POST", ALL, json_mended(400, _any_network)),
)
add(
    "address-of-own",
    "a server has another address than was asked for",
    MADE,
    at("POST", ALL, ask(_no_address)),
)
add(
    "description-lost",
    "a server is made without its description",
    MADE,
    at("POST", ALL, without_json("server.description")),
)
add(
    "tags-at-birth-lost",
    "a server is made without its tags",
    MADE,
    at("POST", ALL, without_json("server.tags")),
)
add(
    "groups-at-birth-ignored",
    "a server is made with the default group only",
    MADE,
    at("POST", ALL, without_json("server.security_groups")),
)
add(
    "unknown-group-taken",
    "a security group that there is not is passed over when a server is made",
    MADE,
    at("POST", ALL, json_passed_over(400, "server.security_groups")),
)
add(
    "unknown-zone-taken",
    "an availability zone that there is not is passed over",
    MADE,
    at("POST", ALL, json_passed_over(400, "server.availability_zone")),
)
add(
    "reservation-not-told",
    "who asks for the id of a reservation gets a server",
    "compute-servers-create-multiple",
    at("POST", ALL, without_json("server.return_reservation_id")),
)
add(
    "description-kept",
    "a new description is not stored",
    UPDATE,
    at("PUT", ONE, without_json("server.description")),
)
add(
    "bad-address-updated",
    "an access address that is none is passed over in a change",
    UPDATE,
    at("PUT", ONE, json_passed_over(400, "server.accessIPv4", "server.accessIPv6")),
)
add(
    "rebuild-changes-addresses",
    "a rebuilt server has other addresses",
    "compute-servers-rebuild",
    at("POST", ACTION, _rebuild_noted),
    at("GET", ONE, answer(_new_addresses)),
)
add(
    "rebuild-from-unknown-image",
    "a rebuild from an image that there is not is reported as begun",
    "compute-servers-rebuild",
    at("POST", ACTION, status(400, 202)),
)
add(
    "resize-to-same-flavor",
    "a resize to the flavor that a server has is reported as begun",
    RESIZE,
    at("POST", ACTION, _same_size),
)
add(
    "confirm-status-202",
    "the confirmation of a resize is answered with 202",
    RESIZE,
    at("POST", ACTION, status(204, 202)),
)
add(
    "power-stands",
    "a server that was stopped shows that its power is on",
    "compute-servers-stop",
    at("GET", ONE, told(f"server.{POWER}", lambda state: 1 if state == 4 else state)),
)
add(
    "state-stands",
    "a server that was stopped shows the state active",
    "compute-servers-stop",
    at("GET", ONE, told(f"server.{STATE}", lambda state: "active" if state == "stopped" else state)),
)
add(
    "task-lingers",
    "a server shows a task that has ended",
    VERIFY,
    at("GET", ONE, told(f"server.{TASK}", lambda task: task or "spawning")),
)
add(
    "flavor-always-by-id",
    "a server shows its flavor by the id where it is to show what it is",
    VERIFY,
    at("GET", ONE, told("server.flavor", {"id": "1", "links": []}, when=lambda call: microversion(call) >= (2, 47))),
)
add(
    "server-without-groups",
    "a server does not show its security groups",
    VERIFY,
    at("GET", ONE, untold("server.security_groups")),
)
add(
    "unknown-detached",
    "a volume that a server does not have is reported as detached",
    ATTACHED,
    at("DELETE", f"{ATTACHMENTS}/{{id}}", status(404, 202, empty=True)),
)
add(
    "attach-status-202",
    "attaching a volume is answered with 202 at any microversion",
    ATTACHED,
    at("POST", ATTACHMENTS, answer(lambda call, reply: setattr(reply, "status", 202), when=_was_wanted)),
)
