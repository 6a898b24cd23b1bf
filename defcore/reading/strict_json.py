"""Reads the bytes of a JSON file into plain data. Refused: what is no UTF-8, too large, too deep or of too many values,
a key that stands twice, NaN, and numbers beyond 64 bits.

Places are JSONPaths (`2020.06.json: $.capabilities.x`), and `file:line:column` where the text itself is broken.
"""

from __future__ import annotations

import json
import json.scanner
import math
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from defcore.errors import Problem
from defcore.reading.document import DEFAULT, JsonDocument, Limits, decoded
from defcore.schemas import Place, path_of

NEWLINE = "\n"
LARGEST_NUMBER = 2**63 - 1
LONGEST_NUMBER = 19
"""Digits of it."""
TEXT = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?', re.DOTALL)
"""In time that grows with the length alone, whether it ends or not."""
LINES_WITHIN = 2 << 20
"""Characters of a text in which it is worth the time to find the line of a problem, too."""


class _Repeating(dict[str, Any]):
    """An object that stated a key twice; found before it is known where it stands."""

    __slots__ = ("repeated", "start")

    def __init__(self, pairs: list[tuple[str, Any]], repeated: list[str]) -> None:
        super().__init__(pairs)
        self.repeated = repeated
        self.start: int | None = None


@dataclass(frozen=True, slots=True)
class _NoNumber:
    """In the place of a number that is none, or is none of any use."""

    problem: str


def parse(
    raw: bytes, name: str, limits: Limits = DEFAULT, *, half_pairs: bool = False, lines: bool = False
) -> JsonDocument:
    """The document in the bytes of a file called `name`; what is wrong with it is in `problems`.

    half_pairs: take halves of surrogate pairs, which a cloud's answer may have brought into a result of ours.
    lines: tell the line of an object with a repeated key, beside its path.
    """
    document = JsonDocument.of(raw, name)
    text = decoded(raw, document, "json", limits)
    if text is None:
        return document
    if _values(text) > limits.values and _values(TEXT.sub("", text)) > limits.values:
        return _refused(document, "size", f"more than {limits.values:,} values")
    reader = _Reader()
    try:
        document.data = reader.read(text)
        if not half_pairs and "\\ud" in text.lower():  # half of a surrogate pair is no text
            json.dumps(document.data, ensure_ascii=False, default=str).encode()
    except UnicodeEncodeError:
        document.data = None
        return _refused(document, "encoding", "half of a surrogate pair stands in a text")
    except json.JSONDecodeError as error:
        where = f"{name}:{error.lineno}:{error.colno}"
        return _refused(document, "syntax", f"not valid JSON: {error.msg}", where)
    except RecursionError:
        return _too_deep(document, limits)
    if _deeper(document.data, limits.depth):
        return _too_deep(document, limits)
    if reader.suspicious:
        _say_where(document, text, lines=lines and len(text) <= LINES_WITHIN)
    elif document.data is None:
        _refused(document, "empty", "the file holds null")
    return document


def _refused(document: JsonDocument, code: str, message: str, where: str | None = None) -> JsonDocument:
    document.problems.append(Problem(code=f"json.{code}", message=message, where=where or document.name))
    return document


def _too_deep(document: JsonDocument, limits: Limits) -> JsonDocument:
    document.data = None
    return _refused(document, "depth", f"nested deeper than {limits.depth} levels")


def _values(text: str) -> int:
    """At most how many values it holds; with the marks inside its texts, too many."""
    return sum(text.count(mark) for mark in ",[{")


class _Reader:
    """The standard library's decoder with our refusals: it goes on, and what is wrong stands in the data, marked."""

    def __init__(self) -> None:
        self.suspicious = False

    def read(self, text: str) -> Any:
        return self._decoder().decode(text)

    def read_with_starts(self, text: str) -> Any:
        """Once more, slowly: each object that repeats a key knows the character at which it starts."""
        decoder: Any = self._decoder()
        parse_object = decoder.parse_object

        def placed(text_and_end: tuple[str, int], *more: Any) -> Any:
            made, end = parse_object(text_and_end, *more)
            if isinstance(made, _Repeating):
                made.start = text_and_end[1]
            return made, end

        decoder.parse_object = placed
        decoder.scan_once = json.scanner.py_make_scanner(decoder)  # type: ignore[attr-defined]
        return decoder.decode(text)

    def _decoder(self) -> json.JSONDecoder:
        return json.JSONDecoder(
            object_pairs_hook=self._object,
            parse_int=self._whole,
            parse_float=self._fraction,
            parse_constant=lambda text: self._no_number(f"expected a finite number, not {text}"),
        )

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        data = dict(pairs)
        if len(data) == len(pairs):
            return data
        self.suspicious = True
        times = Counter(key for key, _ in pairs)
        return _Repeating(pairs, [key for key, count in times.items() if count > 1])

    def _whole(self, text: str) -> int | _NoNumber:
        if len(text.removeprefix("-")) <= LONGEST_NUMBER:
            number = int(text)
            if abs(number) <= LARGEST_NUMBER:
                return number
        return self._no_number(f"expected a number of at most 64 bits, not {_shown(text)}")

    def _fraction(self, text: str) -> float | _NoNumber:
        number = float(text)
        return number if math.isfinite(number) else self._no_number(f"expected a finite number, not {_shown(text)}")

    def _no_number(self, problem: str) -> _NoNumber:
        self.suspicious = True
        return _NoNumber(problem)


def _shown(number: str) -> str:
    return number if len(number) <= 24 else f"{number[:20]}… ({len(number):,} characters)"


def _deeper(value: object, depth: int) -> bool:
    """Whether collections stand within one another more than `depth` times."""
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(depth):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
    return bool(level)


def _say_where(document: JsonDocument, text: str, *, lines: bool) -> None:
    """Each repeated key and each number that is none, with its place; without numbers like these there is no data."""
    data = document.data
    if lines:
        with suppress(RecursionError):  # of a deep value that a later one with the same key has displaced
            data = _Reader().read_with_starts(text)
    for place, value in _marked((), data):
        if isinstance(value, _NoNumber):
            document.data = None
            _refused(document, "number", value.problem, document(place))
            continue
        line = "" if value.start is None else f":{text.count(NEWLINE, 0, value.start) + 1}"
        for key in value.repeated:
            where = f"{document.name}{line}: {path_of((*place, key))}"
            _refused(document, "duplicate-key", f"the key {key[:60]!r} stands there twice", where)


def _marked(place: Place, value: Any) -> Iterator[tuple[Place, _Repeating | _NoNumber]]:
    """In the order of the text. Descends no further than the limit of depth, which is held by now."""
    if isinstance(value, _Repeating | _NoNumber):
        yield place, value
    if isinstance(value, dict | list):
        for step, inner in value.items() if isinstance(value, dict) else enumerate(value):
            if isinstance(inner, dict | list | _NoNumber):  # a call for each text would take long in a large file
                yield from _marked((*place, step), inner)
