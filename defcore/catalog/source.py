"""What the reader of official files stands on: values with their types and places, and a record of what was odd.

Two kinds of trouble: a *problem* (a type that cannot be what it stands for) makes the file unusable; an
*irregularity* was read leniently, and is kept with its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from defcore.errors import InputError, Problem, nearest
from defcore.schemas import Locate, Place

SHOWN = 80
MOST = 5_000
"""Irregularities after which a file is no guideline; the worst official one has 91."""
KINDS = {dict: "a mapping", list: "a list", str: "text", bool: "true or false", type(None): "empty"}


class Source:
    """An official document while it is read."""

    def __init__(self, locate: Locate) -> None:
        self.locate = locate
        self.irregularities: list[Problem] = []
        self.problems: list[Problem] = []

    def odd(self, code: str, message: str, place: Place) -> None:
        """What was read leniently, and how."""
        if len(self.irregularities) == MOST:
            problem = Problem(code="guideline.irregular", message="far too irregular", where=self.locate(place))
            raise InputError(problem)
        self.irregularities.append(Problem(code=f"guideline.{code}", message=message, where=self.locate(place)))

    def wrong(self, message: str, place: Place, hint: str | None = None) -> None:
        """What cannot be read."""
        self.problems.append(Problem(code="guideline.type", message=message, where=self.locate(place), hint=hint))

    def _expected(self, what: str, value: object, place: Place) -> None:
        self.wrong(f"expected {what}, found {KINDS.get(type(value), 'a number')}", place)

    def mapping(self, value: object, place: Place, *, missing: bool = False) -> dict[str, Any]:
        """A mapping; an empty one where there is none, which is a problem unless it may be missing."""
        if isinstance(value, dict):
            if "" in value:
                self.wrong("a key is empty, and names nothing", place)
            return value
        if not (missing and value is None):
            self._expected("a mapping", value, place)
        return {}

    def names(self, value: object, place: Place) -> list[str]:
        """A list of texts, none of them twice and none empty. None counts as an empty list."""
        if value is None:
            return []
        if not isinstance(value, list):
            self._expected("a list of names", value, place)
            return []
        found: dict[str, None] = {}
        for n, name in enumerate(value):
            if not isinstance(name, str):
                self._expected("a name", name, (*place, n))
            elif not name.strip():
                self.odd("empty-name", "an empty name; it is not read", (*place, n))
            elif name in found:
                self.odd("repeated-name", f"{short(name)} stands there twice; it is read once", (*place, n))
            else:
                found[name] = None
        return list(found)

    def text(self, value: object, place: Place) -> str | None:
        """A text; None for what is missing or empty."""
        if value is None or value == "":
            return None
        if not isinstance(value, str):
            self._expected("text", value, place)
            return None
        return value

    def truth(self, value: object, place: Place) -> bool:
        if isinstance(value, bool):
            return value
        if value is not None:
            self._expected("true or false", value, place)
        return False

    def whole(self, value: object, place: Place) -> int | None:
        """A whole number of 0 to 100, also as text, as schemas 1.4 to 1.6 have it."""
        number = (
            int(value) if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 4 else value
        )
        if isinstance(number, int) and not isinstance(number, bool) and 0 <= number <= 100:
            return number
        if value is not None:
            self.wrong("expected a whole number of 0 to 100", place)
        return None

    def keys(
        self, data: Mapping[str, Any], place: Place, known: Iterable[str], variants: Mapping[str, str] | None = None
    ) -> dict[str, tuple[Any, Place]]:
        """Known key -> (value, place). A misspelled key is read as the one that it is near to; others are reported."""
        valid = list(known)
        found = {key: (data[key], (*place, key)) for key in valid if key in data}
        for key, value in data.items():
            if key in valid:
                continue
            own = (variants or {}).get(key)
            near = own or nearest(key, [one for one in valid if one not in found])
            if near is None or near in found:
                self.odd("unknown-key", f"the key {short(key)} means nothing here; it is not read", (*place, key))
                continue
            code, how = ("other-key", "belongs to another schema") if own else ("misspelled-key", "is misspelled")
            self.odd(code, f"the key {short(key)} {how}; read as {near!r}", (*place, key))
            found[near] = (value, (*place, key))
        return found


def short(text: str) -> str:
    return repr(text if len(text) <= SHOWN else f"{text[: SHOWN - 3]}...")
