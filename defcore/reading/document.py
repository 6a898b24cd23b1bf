"""A JSON or YAML document as plain data, with its places and its problems; and the limits within which it is read."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Any, Self

from defcore.errors import InputError, Problem
from defcore.schemas import Place, in_file

PROBLEMS = 20
"""Problems of one document that are worth printing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How large a document may be. What goes beyond is refused, not cut."""

    size: int = 8 << 20
    """Bytes; the largest official guideline has under half a megabyte."""
    depth: int = 40
    """Collections within one another."""
    values: int = 250_000
    """Keys, values and collections; each takes a few hundred bytes of memory, a kilobyte where its place is kept."""
    documents: int = 1
    """Of a YAML stream."""


DEFAULT = Limits()


@dataclass(slots=True)
class Document:
    """A file as plain data, with the place of every key and value in it."""

    name: str
    data: Any = None
    digest: str = ""
    """`sha256:<hex>` of the file's bytes."""
    problems: list[Problem] = field(default_factory=list)
    """What the reader refused; the data is there all the same, as far as it could be read."""
    values: dict[Place, tuple[int, int]] = field(default_factory=dict)
    keys: dict[Place, tuple[int, int]] = field(default_factory=dict)

    @classmethod
    def of(cls, raw: bytes, name: str) -> Self:
        """A document of these bytes that is still to be read."""
        return cls(name=name, digest=f"sha256:{hashlib.sha256(raw).hexdigest()}")

    def __call__(self, place: Place, *, key: bool = False) -> str:
        """`file:line:column` of the value at the place, or of its key; of the nearest place above if unknown."""
        while place and place not in self.values:
            place = place[:-1]
        line, column = self.keys.get(place, self.values.get(place, (1, 1))) if key else self.values.get(place, (1, 1))
        return f"{self.name}:{line}:{column}"

    def accepted(self) -> Any:
        """The data, if nothing was refused. InputError with the problems otherwise."""
        if self.problems:
            raise InputError(*first_of(self.problems, self.name))
        return self.data


class JsonDocument(Document):
    """A document that knows paths, not lines."""

    __slots__ = ()

    def __call__(self, place: Place, *, key: bool = False) -> str:
        return in_file(self.name)(place, key=key) or self.name


def first_of(problems: list[Problem], name: str) -> list[Problem]:
    """As many problems of the file as are worth printing, and how many more there are."""
    more = len(problems) - PROBLEMS
    if more <= 0:
        return problems
    return [*problems[:PROBLEMS], Problem(code="document.more", message=f"and {more} more", where=name)]


def decoded(raw: bytes, document: Document, kind: str, limits: Limits) -> str | None:
    """The bytes as text without a byte order mark; None, with a problem `<kind>.size` or `<kind>.encoding`, if not."""
    if len(raw) > limits.size:
        problem = Problem(code=f"{kind}.size", message=f"larger than {_bytes(limits.size)}", where=document.name)
        document.problems.append(problem)
        return None
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        where = f"{document.name}:{line}:1"
        document.problems.append(Problem(code=f"{kind}.encoding", message="not UTF-8 text", where=where))
        return None


def _bytes(size: int) -> str:
    return f"{size >> 20} MiB" if size >= 1 << 20 and size % (1 << 20) == 0 else f"{size} bytes"
