"""Where values are in a text that is escaped: percent signs, backslashes and HTML entities, one within the other. Pure.

The text is unescaped as a whole, with the place that each piece came from; so it does not matter which of a value's
characters are escaped, nor how. What an escape begins or ends is found with the whole escape. In the same way base64 is
read that is broken over lines, as mail and `base64` break it.
"""

from __future__ import annotations

import html
import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

ROUNDS = 3
"""How often one escape may be within another."""

Span = tuple[int, int]
"""Beginning and end."""

# Each way begins with a plain character, which is what makes it fast.
_ESCAPE = re.compile(
    r"%[0-9A-Fa-f]{2}(?:%[0-9A-Fa-f]{2})*"
    r"|\\(?:u[0-9A-Fa-f]{4}(?:\\u[0-9A-Fa-f]{4})*|x[0-9A-Fa-f]{2}(?:\\x[0-9A-Fa-f]{2})*"
    r"|[0-3][0-7]{2}(?:\\[0-3][0-7]{2})*|[\"'/\\])"
    r"|&(?:\#[0-9]{1,7}|\#[xX][0-9A-Fa-f]{1,6}|amp|lt|gt|quot|apos);"
)
# What ends a line of base64 of some length, as JSON and Python write it too. Its first characters are told before what
# must stand before them, which is what makes it fast.
_BASE64 = "[A-Za-z0-9+/_-]"
_BREAK = re.compile(
    rf"(?:\n(?<={_BASE64}{{16}}\n)|\r\n(?<={_BASE64}{{16}}\r\n)|\\(?<={_BASE64}{{16}}\\)\\*(?:r\\+)?n)"
    rf"[ \t]*(?={_BASE64})"
)


def views(text: str) -> Iterator[View]:
    """The text itself, then unescaped once, twice and so on; each of them with the lines of its base64 joined, too."""
    view = View(text=text)
    for left in range(ROUNDS, -1, -1):
        joined = _changed(view, _BREAK, lambda _: "", joined=True)
        yield replace(view, in_lines=joined is not None)
        if joined:
            yield joined
        inner = _changed(view, _ESCAPE, _plain) if left else None
        if not inner:
            return
        view = inner


def occurrences(text: str, value: str) -> Iterator[Span]:
    """Wherever the value is, even within itself."""
    start = text.find(value)
    while start >= 0:
        yield start, start + len(value)
        start = text.find(value, start + 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """A text as it is, unescaped once or more, or with its lines joined."""

    text: str
    joined: bool = False
    in_lines: bool = False
    """The next view is this one with its lines of base64 joined."""
    of: View | None = None
    """What it was made of; None for the text itself."""
    starts: tuple[int, ...] = ()
    """Where each piece begins in `text`."""
    places: tuple[Span, ...] = ()
    """Where it came from."""
    whole: tuple[bool, ...] = ()
    """Whether it was an escape, which is not cut."""

    def place(self, span: Span) -> Span:
        """Where the span of this view is in the text itself."""
        if self.of is None:
            return span
        start, end = span
        first, last = bisect_right(self.starts, start) - 1, bisect_right(self.starts, end - 1) - 1
        begin = self.places[first][0] + (0 if self.whole[first] else start - self.starts[first])
        stop = self.places[last][1] if self.whole[last] else self.places[last][0] + end - self.starts[last]
        return self.of.place((begin, stop))


def _changed(view: View, pattern: re.Pattern[str], plain: Callable[[str], str], *, joined: bool = False) -> View | None:
    """The view with other words for what the pattern finds; None where it finds nothing."""
    text = view.text
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
    made = "".join(parts)
    return View(text=made, joined=joined, of=view, starts=tuple(starts), places=tuple(places), whole=tuple(whole))


def _plain(escape: str) -> str:
    match escape[:2]:
        case "\\u":
            units = bytes.fromhex(escape.replace("\\u", ""))
            return units.decode("utf-16-be", "surrogatepass")
        case "\\x":
            return _of_bytes(bytes.fromhex(escape.replace("\\x", "")))
        case first if first[0] == "%":
            return bytes.fromhex(escape.replace("%", "")).decode("utf-8", "replace")
        case first if first[0] == "\\" and first[1] in "0123":
            return _of_bytes(bytes(int(code, 8) for code in escape[1:].split("\\")))
        case first if first[0] == "\\":
            return escape[1]
    return html.unescape(escape)


def _of_bytes(shown: bytes) -> str:
    """Of bytes as Python and C show them, these are UTF-8; of a text, characters."""
    told = shown.decode("utf-8", "surrogateescape")
    return "".join(chr(ord(one) - 0xDC00) if "\udc80" <= one <= "\udcff" else one for one in told)
