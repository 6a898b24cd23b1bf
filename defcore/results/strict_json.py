"""JSON from strangers: UTF-8, no key twice in an object, no NaN, and no more values than memory has room for."""

from __future__ import annotations

import json
import json.decoder
import json.scanner
from typing import Any, NoReturn

from defcore.results.source import Source

MOST_VALUES = 1_500_000
"""Each costs a few hundred bytes once it is read."""


class _KeyTwice(ValueError):
    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key
        self.at: int | None = None


def parse(source: Source) -> object:
    """What the file holds. InputError with line and column if it is no JSON of the kind above."""
    text = source.text()
    if sum(text.count(mark) for mark in ",[{") > MOST_VALUES:
        source.wrong("too-large", f"the JSON holds more than {MOST_VALUES:,} values")
    try:
        return json.loads(text, parse_constant=_refuse, object_pairs_hook=_members)
    except RecursionError:
        source.wrong("json", "the JSON is nested too deeply")
    except json.JSONDecodeError as error:
        source.wrong("json", f"this is no JSON: {error.msg}, column {error.colno}", line=error.lineno)
    except _KeyTwice as error:
        message = f"the key {error.key[:60]!r} stands twice in one object"
        source.wrong("duplicate-key", message, line=_line_of_object(text))
    except ValueError as error:
        source.wrong("json", f"this is no JSON: {str(error)[:200]}")


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        seen: set[str] = set()
        raise _KeyTwice(next(key for key, _ in pairs if key in seen or seen.add(key)))  # type: ignore[func-returns-value]
    return members


def _line_of_object(text: str) -> int | None:
    """The line in which the first object begins that holds a key twice; read once more, slowly, to find it."""
    decoder: Any = json.JSONDecoder(object_pairs_hook=_members)
    parse_object = decoder.parse_object

    def placed(text_and_end: tuple[str, int], *more: Any) -> Any:
        try:
            return parse_object(text_and_end, *more)
        except _KeyTwice as error:
            if error.at is None:
                error.at = text_and_end[1]
            raise

    decoder.parse_object = placed
    decoder.scan_once = json.scanner.py_make_scanner(decoder)  # type: ignore[attr-defined]
    try:
        decoder.decode(text)
    except _KeyTwice as error:
        return None if error.at is None else text.count("\n", 0, error.at) + 1
    except (RecursionError, ValueError):
        return None
    return None
