"""What a cloud that is too kind does with a request that it should refuse: it passes over what is wrong with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.deviations.changes import drop, remove, retry
from tests.deviations.deviation import Change
from tests.deviations.message import Call, Reply

MICROVERSIONS = ("OpenStack-API-Version", "X-OpenStack-Nova-API-Version")


def query_passed_over(on: int, *names: str) -> Change:
    """What is refused with this status is done as if the parameters had not been sent."""

    def edit(call: Call) -> None:
        call.params = [pair for pair in call.params if pair[0] not in names]

    return retry(on, edit)


def json_passed_over(on: int, *paths: str) -> Change:
    """What is refused with this status is done as if the properties had not been sent."""

    def edit(call: Call) -> None:
        document = call.document
        if isinstance(document, dict):
            for path in paths:
                remove(document, path)
            call.document = document

    return retry(on, edit)


def json_mended(on: int, mend: Callable[[Any], None]) -> Change:
    """What is refused with this status is done with what `mend` makes of the request's document."""

    def edit(call: Call) -> None:
        document = call.document
        if isinstance(document, dict):
            mend(document)
            call.document = document

    return retry(on, edit)


def microversion_passed_over(on: int, other: str | None = None) -> Change:
    """What is refused at a microversion is done at another one, or as if none was asked for."""

    def edit(call: Call) -> None:
        drop(call.headers, *MICROVERSIONS)
        if other:
            call.headers["OpenStack-API-Version"] = other

    return retry(on, edit)


def with_repeated_once(*names: str) -> Callable[[Call], None]:
    """Of a parameter that is sent more than once the first value counts; all parameters if none is named."""

    def edit(call: Call) -> None:
        kept: dict[str, str] = {}
        pairs = call.params
        for name, value in pairs:
            kept.setdefault(name, value)
        few = [(n, v) for n, v in pairs if (names and n not in names) or kept[n] == v]
        if few != pairs:
            call.params = few

    return edit


def microversion(call: Call) -> tuple[int, int]:
    """The microversion that a call asks for; (0, 0) if it asks for none, or for one in words."""
    for name in MICROVERSIONS:
        number = call.headers.get(name, "").split(" ")[-1]
        major, _, minor = number.partition(".")
        if major.isdigit() and minor.isdigit():
            return int(major), int(minor)
    return 0, 0


def last_good(call: Call, reply: Reply) -> None:
    """Tell what was told at the last call of this path that was good, if there was one."""
    kept = call.memory.get(call.path)
    if kept is not None:
        reply.status, reply.body = kept.status, kept.body


async def item_as_named(call: Call) -> Reply:
    """An item of metadata is stored under the name in the body, whatever the address says."""
    reply = await call.forward()
    meta = (call.document or {}).get("meta")
    if reply.status == 400 and isinstance(meta, dict) and len(meta) == 1:
        (name,) = meta
        return await call.again(path=f"{call.path.rpartition('/')[0]}/{name}").forward()
    return reply
