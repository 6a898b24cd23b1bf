"""Where values are in a text that is escaped: percent signs, backslashes and HTML entities, one within the other. Pure.

The text is unescaped as a whole, with the place that each piece came from; so it does not matter which of a value's
characters are escaped, nor how. What an escape begins or ends is found with the whole escape. In the same way base64 is
read that is broken over lines, as mail and `base64` break it.
"""

from __future__ import annotations

import html
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

ROUNDS = 3
"""How often one escape may be within another."""

Span = tuple[int, int]
"""Beginning and end."""

_ESCAPE = re.compile(
    r"(?:%[0-9A-Fa-f]{2})+|(?:\\u[0-9A-Fa-f]{4})+|(?:\\x[0-9A-Fa-f]{2})+|\\[\"'/\\]"
    r"|&(?:\#[0-9]{1,7}|\#[xX][0-9A-Fa-f]{1,6}|amp|lt|gt|quot|apos);"
)
# What ends a line of base64 of some length, as JSON and Python write it too. Its first characters are told before what
# must stand before them, which is what makes it fast.
_BASE64 = "[A-Za-z0-9+/_-]"
_BREAK = re.compile(
    rf"(?:\n(?<={_BASE64}{{16}}\n)|\r\n(?<={_BASE64}{{16}}\r\n)|\\(?<={_BASE64}{{16}}\\)\\*(?:r\\+)?n)"
    rf"[ \t]*(?={_BASE64})"
)


def spans(text: str, values: Iterable[str], *, in_base64: Iterable[str] = (), rounds: int = ROUNDS) -> tuple[Span, ...]:
    """Where the values are, apart and in order. Those `in_base64` are found broken over lines, too."""
    wanted, breakable = (tuple(value for value in some if value) for some in (values, in_base64))
    return _merged(_spans(text, wanted, breakable, rounds))


def _spans(text: str, values: tuple[str, ...], breakable: tuple[str, ...], rounds: int) -> Iterator[Span]:
    for value in values:
        yield from _occurrences(text, value)
    joined = _view(text, _BREAK, lambda _: "") if breakable else None
    if joined:
        for value in breakable:
            yield from map(joined.place, _occurrences(joined.text, value))
    view = _view(text, _ESCAPE, _plain) if rounds else None
    if view:
        yield from map(view.place, _spans(view.text, values, breakable, rounds - 1))


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
    """A text unescaped once, or with its lines joined."""

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


def _view(text: str, pattern: re.Pattern[str], plain: Callable[[str], str]) -> _View | None:
    """The text with other words for what the pattern finds; None where it finds nothing."""
    parts: list[str] = []
    starts, places, whole = [], [], []
    at = length = 0
    for match in pattern.finditer(text):
        for piece, place, escape in (
            (text[at : match.start()], (at, match.start()), False),
            (plain(match[0]), match.span(), True),
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
