"""Files of waivers to `Waiver` values."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from defcore import schemas
from defcore.catalog.document import read
from defcore.errors import InputError, Problem
from defcore.model.waiver import Scope, Waiver
from defcore.reading.document import Document


def load_waivers(path: Path) -> tuple[Waiver, ...]:
    """The waivers in a file of schema `defcore/waivers/1`. InputError with all problems."""
    document = read(path)
    problems = [*document.problems]
    if document.data is not None:
        problems += schemas.problems(document.data, "waivers", document)
    if not problems:
        problems += _disagreements(document)
    if problems:
        raise InputError(*problems)
    return tuple(_waiver(one) for one in document.data["waivers"])


def _disagreements(document: Document) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for n, one in enumerate(document.data["waivers"]):
        first = seen.setdefault(one["id"], n)
        if first != n:
            message = f"the waiver {one['id']!r} stands there twice"
            yield Problem(code="waivers.duplicate", message=message, where=document(("waivers", n, "id")))
        if not {"tests", "capabilities"} & one["scope"].keys():
            message = "the scope names neither tests nor capabilities"
            yield Problem(code="waivers.scope", message=message, where=document(("waivers", n, "scope")))
        days = {name: _day(one[name]) for name in ("granted", "expires")}
        for name, day in days.items():
            if day is None:
                message = f"{one[name]!r} is no day of the calendar"
                yield Problem(code="waivers.day", message=message, where=document(("waivers", n, name)))
        if None not in days.values() and one["expires"] < one["granted"]:
            message = f"it expires ({one['expires']}) before it is granted ({one['granted']})"
            yield Problem(code="waivers.days", message=message, where=document(("waivers", n, "expires")))


def _day(text: str) -> datetime.date | None:
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        return None


def _waiver(data: Mapping[str, Any]) -> Waiver:
    scope = data["scope"]
    return Waiver(
        id=data["id"],
        product=data["product"],
        scope=Scope(**{name: tuple(scope.get(name, ())) for name in ("tests", "capabilities", "guidelines")}),
        reason=data["reason"],
        granted=data["granted"],
        expires=data["expires"],
        decided_by=data["decided_by"],
    )
