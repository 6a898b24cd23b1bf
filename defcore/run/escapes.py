"""Where values are in a text that is escaped: percent signs, backslashes and HTML entities, one within the other. Pure.

The text is unescaped as a whole, with the place that each piece came from; so it does not matter which of a value's
characters are escaped, nor how. What an escape begins or ends is found with the whole escape.
"""

from __future__ import annotations

import html
import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

ROUNDS = 3
"""How often one escape may be within another."""

Span = tuple[int, int]
"""Beginning and end."""

_ESCAPE = re.compile(
    r"(?:%[0-9A-Fa-f]{2})+|(?:\\u[0-9A-Fa-f]{4})+|(?:\\x[0-9A-Fa-f]{2})+|\\[\"'/\\]"
    r"|&(?:\#[0-9]{1,7}|\#[xX][0-9A-Fa-f]{1,6}|amp|lt|gt|quot|apos);"
)


def spans(text: str, values: Iterable[str], *, rounds: int = ROUNDS) -> tuple[Span, ...]:
    """Where the values are, apart and in order."""
    wanted = tuple(value for value in values if value)
    return _merged(_spans(text, wanted, rounds))


def _spans(text: str, values: tuple[str, ...], rounds: int) -> Iterator[Span]:
    for value in values:
        yield from _occurrences(text, value)
    view = _unescaped(text) if rounds else None
    if view:
        yield from (view.place(span) for span in _spans(view.text, values, rounds - 1))


def _occurrences(text: str, value: str) -> Iterator[Span]:
    start = text.find(value)
    while start >= 0:
        yield start, start + len(value)
        start = text.find(value, start + 1)


def _merged(found: Iterable[Span]) -> tuple[Span, ...]:
    merged: list[Span] = []
    for start, end in sorted(found):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return tuple(merged)


@dataclass(frozen=True, slots=True, kw_only=True)
class _View:
    """A text unescaped once."""

    text: str
    starts: tuple[int, ...]
    """Where each piece begins in `text`."""
    places: tuple[Span, ...]
    """Where it came from."""
    whole: tuple[bool, ...]
    """Whether it was an escape, which is not cut."""

    def place(self, span: Span) -> Span:
        """Where the span came from."""
        start, end = span
        first, last = bisect_right(self.starts, start) - 1, bisect_right(self.starts, end - 1) - 1
        begin = self.places[first][0] + (0 if self.whole[first] else start - self.starts[first])
        stop = self.places[last][1] if self.whole[last] else self.places[last][0] + end - self.starts[last]
        return begin, stop


def _unescaped(text: str) -> _View | None:
    """None for a text without escapes."""
    parts: list[str] = []
    starts, places, whole = [], [], []
    at = length = 0
    for match in _ESCAPE.finditer(text):
        for piece, place, escape in (
            (text[at : match.start()], (at, match.start()), False),
            (_plain(match[0]), match.span(), True),
        ):
            if piece:
                parts.append(piece)
                starts.append(length)
                places.append(place)
                whole.append(escape)
                length += len(piece)
        at = match.end()
    if not at:
        return None
    if at < len(text):
        parts.append(text[at:])
        starts.append(length)
        places.append((at, len(text)))
        whole.append(False)
    return _View(text="".join(parts), starts=tuple(starts), places=tuple(places), whole=tuple(whole))


def _plain(escape: str) -> str:
    match escape[:2]:
        case "\\u":
            units = bytes.fromhex(escape.replace("\\u", ""))
            return units.decode("utf-16-be", "surrogatepass")
        case "\\x":
            # Of bytes as Python shows them, these are UTF-8; of a text, characters.
            told = bytes.fromhex(escape.replace("\\x", "")).decode("utf-8", "surrogateescape")
            return "".join(chr(ord(one) - 0xDC00) if "\udc80" <= one <= "\udcff" else one for one in told)
        case first if first[0] == "%":
            return bytes.fromhex(escape.replace("%", "")).decode("utf-8", "replace")
        case first if first[0] == "\\":
            return escape[1]
    return html.unescape(escape)
