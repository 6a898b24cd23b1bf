"""The ways in which a cloud gets it wrong, to be put together into deviations."""

from __future__ import annotations

import copy
import re
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from multidict import CIMultiDict

from tests.deviations.deviation import Change
from tests.deviations.message import Call, Reply

Value = Any | Callable[[Any], Any]
"""A value to set, or what makes it of the value that stands there (None if none does)."""
Condition = Callable[[Call], bool]
Answered = Callable[[Call, Reply], None]


# --- what the cloud is asked ---------------------------------------------------------------------------------


def ask(edit: Callable[[Call], None], *, when: Condition = lambda _: True) -> Change:
    """Forward the call as `edit` leaves it."""

    async def change(call: Call) -> Reply:
        if when(call):
            edit(call)
        return await call.forward()

    return change


def without_query(*names: str) -> Change:
    """The parameters have no effect."""

    def edit(call: Call) -> None:
        if any(name in names for name, _ in call.params):
            call.params = [(name, value) for name, value in call.params if name not in names]

    return ask(edit)


def with_query(name: str, value: Callable[[str], str]) -> Change:
    """A parameter counts as another value than was sent."""

    def edit(call: Call) -> None:
        if call.param(name) is not None:
            call.params = [(key, value(old) if key == name else old) for key, old in call.params]

    return ask(edit)


def more(by: int) -> Callable[[str], str]:
    """A number in words grows by so much; what is no number stays."""
    return lambda text: str(int(text) + by) if re.fullmatch(r"-?[0-9]+", text) else text


def without_headers(*names: str) -> Change:
    """The request's headers have no effect; a final `*` stands for any ending."""

    def edit(call: Call) -> None:
        drop(call.headers, *names)

    return ask(edit)


def with_json(path: str, value: Value, *, when: Condition = lambda _: True) -> Change:
    """A property of the request counts as another value."""
    return ask(lambda call: _edit(call, lambda document: put(document, path, value)), when=when)


def without_json(*paths: str) -> Change:
    """Properties of the request have no effect."""

    def edit(document: Any) -> None:
        for path in paths:
            remove(document, path)

    return ask(lambda call: _edit(call, edit))


def as_method(method: str) -> Change:
    def edit(call: Call) -> None:
        call.method = method

    return ask(edit)


def at_path(rename: Callable[[str], str]) -> Change:
    """The call is taken for one to another path."""

    def edit(call: Call) -> None:
        call.path = rename(call.path)

    return ask(edit)


# --- what the cloud answers ----------------------------------------------------------------------------------


def respond(status: int, document: Any = None, *, when: Condition = lambda _: True, **headers: str) -> Change:
    """Answer without doing anything."""

    async def change(call: Call) -> Reply:
        if not when(call):
            return await call.forward()
        reply = Reply(status=status, headers=CIMultiDict({k.replace("_", "-"): v for k, v in headers.items()}))
        if document is not None:
            reply.document = document(call) if callable(document) else document
        return reply

    return change


def answer(edit: Answered, *, on: tuple[int, ...] = (), when: Condition = lambda _: True) -> Change:
    """Forward the call and change the reply, if its status is one of `on` (any good one if none is named)."""

    async def change(call: Call) -> Reply:
        wanted = when(call)  # before the call changes on its way
        reply = await call.forward()
        if wanted and (reply.status in on if on else reply.good):
            edit(call, reply)
        return reply

    return change


def status(seen: int, told: int, *, empty: bool = False) -> Change:
    """One status in place of another."""

    def edit(call: Call, reply: Reply) -> None:
        reply.status = told
        if empty:
            reply.body = b""
            drop(reply.headers, "Content-Type")

    return answer(edit, on=(seen,))


def told(path: str, value: Value, *, on: tuple[int, ...] = (), when: Condition = lambda _: True) -> Change:
    """A property of the reply has another value."""
    return answer(lambda call, reply: _edit(reply, lambda document: put(document, path, value)), on=on, when=when)


def untold(
    *paths: str, headers: tuple[str, ...] = (), on: tuple[int, ...] = (), when: Condition = lambda _: True
) -> Change:
    """Properties and headers are missing in the reply."""

    def edit(call: Call, reply: Reply) -> None:
        for path in paths:
            _edit(reply, lambda document, path=path: remove(document, path))
        drop(reply.headers, *headers)

    return answer(edit, on=on, when=when)


def with_header(name: str, value: str | Callable[[str], str], *, on: tuple[int, ...] = ()) -> Change:
    """A header of the reply has another value, if it is there."""

    def edit(call: Call, reply: Reply) -> None:
        if name in reply.headers:
            reply.headers[name] = value(reply.headers[name]) if callable(value) else value

    return answer(edit, on=on)


def retry(on: int, edit: Callable[[Call], None]) -> Change:
    """What the cloud refuses with this status is tried again in a way that it accepts."""

    async def change(call: Call) -> Reply:
        reply = await call.forward()
        if reply.status == on:
            second = call.again()
            edit(second)
            other = await second.forward()
            return other if other.good else reply
        return reply

    return change


def acknowledge(envelope: str) -> Change:
    """An update is answered as if it had been made."""

    async def change(call: Call) -> Reply:
        asked = (call.document or {}).get(envelope)
        reply = await call.beside(call.path).forward()
        if not reply.good or not isinstance(asked, dict):
            return await call.forward()
        document = reply.document
        document[envelope] |= asked
        reply.document = document
        return reply

    return change


def invent(envelope: str, *, on: int, told: int = 201) -> Change:
    """What the cloud refuses with this status is answered as if it had been made, with a new id."""

    async def change(call: Call) -> Reply:
        reply = await call.forward()
        if reply.status == on:
            reply.status = told
            reply.document = {envelope: call.document[envelope] | {"id": str(uuid.uuid4())}}
        return reply

    return change


# --- what the cloud remembers --------------------------------------------------------------------------------


def stale(key: Callable[[Call], Any] = lambda call: (call.path, call.query, call.token)) -> Change:
    """The first good answer is given ever after."""

    async def change(call: Call) -> Reply:
        name = key(call)
        if name not in call.memory:
            reply = await call.forward()
            if not reply.good:
                return reply
            call.memory[name] = reply
        kept = call.memory[name]
        return Reply(status=kept.status, headers=kept.headers.copy(), body=kept.body)

    return change


def note_owner(id_of: Callable[[Any], str | None] = lambda document: document.get("id")) -> Change:
    """Keep the token that made something, for `as_owner`."""

    def edit(call: Call, reply: Reply) -> None:
        inner = next(iter(reply.document.values())) if len(reply.document) == 1 else reply.document
        if isinstance(inner, dict) and id_of(inner):
            call.memory[id_of(inner)] = call.token

    return answer(edit)


def as_owner(on: int = 404) -> Change:
    """What is refused to a stranger is tried again with the token of who made it; the path ends with its id."""

    async def change(call: Call) -> Reply:
        reply = await call.forward()
        owner = call.memory.get(call.last)
        if reply.status != on or owner is None or call.tokens.project_of(owner) == call.project:
            return reply
        second = call.again()
        second.headers["X-Auth-Token"] = owner
        other = await second.forward()
        return other if other.good else reply

    return change


# --- documents -----------------------------------------------------------------------------------------------


def drop(headers: CIMultiDict[str], *names: str) -> None:
    """Remove headers; a final `*` stands for any ending."""
    for name in names:
        prefix = name[:-1].lower() if name.endswith("*") else None
        for found in {*headers}:
            if (prefix is not None and found.lower().startswith(prefix)) or found.lower() == name.lower():
                headers.popall(found, None)


def put(document: Any, path: str, value: Value) -> None:
    """Set `server.name`, `images.*.size`: `*` stands for each item. Where a parent is missing nothing is done."""
    for parent, name in _parents(document, path):
        old = parent.get(name)
        parent[name] = value(old) if callable(value) else copy.deepcopy(value)


def remove(document: Any, path: str) -> None:
    for parent, name in _parents(document, path):
        parent.pop(name, None)


def _parents(document: Any, path: str) -> list[tuple[dict[str, Any], str]]:
    *steps, name = path.split(".")
    found = [document]
    for step in steps:
        if step == "*":
            found = [item for one in found if isinstance(one, list) for item in one]
        else:
            found = [one[step] for one in found if isinstance(one, Mapping) and step in one]
    return [(one, name) for one in found if isinstance(one, dict)]


def _edit(message: Call | Reply, edit: Callable[[Any], None]) -> None:
    document = message.document
    if document is not None:
        edit(document)
        message.document = document
