"""A place in a JSON document, read with its type and its path.

Documents come from other machines and other people. Each reader asks a `Node` for the type it needs, and a
wrong one is an InputError that names the place: `$.tests[3].outcome`.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import NoReturn, TypeVar

from defcore.errors import InputError, Problem, did_you_mean

Word = TypeVar("Word", bound=StrEnum)

_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_]*\Z")
_KINDS: dict[type, str] = {
    dict: "an object",
    list: "a list",
    str: "text",
    bool: "true or false",
    int: "a number",
    float: "a number",
    type(None): "null",
}


@dataclass(frozen=True, slots=True)
class Node:
    value: object
    path: str = "$"
    kind: str = "document"
    """First word of the problem codes: `result`, `scorecard`, `journal`."""

    def wrong(self, message: str, *, code: str = "wrong-value", hint: str | None = None) -> NoReturn:
        raise InputError(Problem(code=f"{self.kind}.{code}", message=message, where=self.path, hint=hint))

    def _expected(self, what: str) -> NoReturn:
        self.wrong(f"expected {what}, found {_KINDS.get(type(self.value), 'something else')}")

    def __getitem__(self, key: str) -> Node:
        """The member of that name, which must be there."""
        members = self._members()
        if key not in members:
            self.wrong(f"the field {key!r} is missing", code="missing-field")
        return Node(members[key], _below(self.path, key), self.kind)

    def get(self, key: str, default: object = None) -> Node:
        """The member of that name, or one with the default value."""
        return Node(self._members().get(key, default), _below(self.path, key), self.kind)

    def _members(self) -> dict[str, object]:
        if not isinstance(self.value, dict):
            self._expected("an object")
        return self.value

    def items(self) -> Iterator[tuple[str, Node]]:
        """Name and value of each member of an object."""
        for key, value in self._members().items():
            yield key, Node(value, _below(self.path, key), self.kind)

    def __iter__(self) -> Iterator[Node]:
        """The elements of a list."""
        if not isinstance(self.value, list):
            self._expected("a list")
        for n, value in enumerate(self.value):
            yield Node(value, f"{self.path}[{n}]", self.kind)

    @property
    def missing(self) -> bool:
        return self.value is None

    def text(self) -> str:
        if not isinstance(self.value, str):
            self._expected("text")
        return self.value

    def text_or_none(self) -> str | None:
        return None if self.missing else self.text()

    def texts(self) -> tuple[str, ...]:
        return tuple(node.text() for node in self)

    def truth(self) -> bool:
        if not isinstance(self.value, bool):
            self._expected("true or false")
        return self.value

    def whole(self) -> int:
        if not isinstance(self.value, int) or isinstance(self.value, bool):
            self._expected("a whole number")
        return self.value

    def number(self) -> float:
        """A finite number that is not negative."""
        if not isinstance(self.value, int | float) or isinstance(self.value, bool):
            self._expected("a number")
        try:
            number = float(self.value)
        except OverflowError:
            number = math.inf
        if not math.isfinite(number) or number < 0:
            self.wrong("expected a finite number of 0 or more")
        return number

    def number_or_none(self) -> float | None:
        return None if self.missing else self.number()

    def word(self, words: type[Word]) -> Word:
        """One of the words of an enumeration."""
        text = self.text()
        try:
            return words(text)
        except ValueError:
            self.wrong(f"{json.dumps(text[:40])} is not one of the known words", hint=did_you_mean(text[:40], words))

    def word_or_none(self, words: type[Word]) -> Word | None:
        return None if self.missing else self.word(words)

    def check_schema(self, schema: str) -> None:
        """Hold the document's `schema` (`defcore/result/1`) against the newest version known here."""
        name, _, newest = schema.rpartition("/")
        field = self["schema"]
        own, _, version = field.text().rpartition("/")
        if own != name or not re.fullmatch(r"[1-9][0-9]{0,5}", version):
            field.wrong(f"this is not a {name} document", code="schema", hint=f"expected {schema!r}")
        if int(version) > int(newest):
            field.wrong(
                f"the document has version {version} of {name}; this defcore reads up to {newest}",
                code="newer-schema",
                hint="read it with a newer defcore",
            )


def _below(path: str, key: str) -> str:
    return f"{path}.{key}" if _PLAIN_KEY.match(key) else f"{path}[{json.dumps(key[:60])}]"
