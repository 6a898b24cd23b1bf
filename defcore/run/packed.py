"""What is compressed, or in base64, within a body, a message or a field, so that values can be looked for in it."""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from bisect import bisect_right
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass, field

from defcore.run.escapes import Span

MOST_UNPACKED = 4 << 20
"""Bytes looked at of one stream."""
MOST_IN_ALL = 16 << 20
"""Bytes looked at of all that is within one text."""
MOST_STREAMS = 100
"""Looked into in one text."""
STEP = 64
"""Bytes unpacked at a time: what a fault in the stream may cost."""
MOST_SHOWN = 64 << 10
"""Characters of a stream that is shown as Python shows bytes."""

AROUND = 64
"""Characters of base64 that are read on each side of what is ASCII in it: a value may have other characters, too."""

_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/_-"
# How gzip (1f 8b 08) and zlib (78 01, 78 5e, 78 9c, 78 da) begin, in base64. Plain characters first make it fast.
_BASE64 = re.compile(
    r"(?:H(?<![A-Za-z0-9+/]H)4sI|e(?<![A-Za-z0-9+/]e)(?:AE|F[4-7]|J[w-z]|N[o-r]))[A-Za-z0-9+/_-]{12,}={0,2}"
)
# Nine characters of ASCII in base64: the high bits of each are told by three of the four letters.
_FOUR = "[I-Za-f][C-HS-Xi-nyz0-3][ABEFIJMNQRUVYZcdghklopstwx014589][A-Za-z0-9+/_-]"
_ASCII = re.compile(rf"{_FOUR}{_FOUR}(?:{_FOUR})+")
_REST = re.compile(r"[A-Za-z0-9+/_-]*")
# The same streams in hexadecimal.
_HEX = re.compile(r"(?:1[fF]8[bB]08|78(?:01|5[eE]|9[cC]|[dD][aA]))(?=[0-9A-Fa-f]{12})")
_HEX_RUN = re.compile(r"(?:[0-9A-Fa-f]{2})+")
# The same as Python shows bytes.
_SHOWN = re.compile(r"\\x1f\\x8b\\x08|x(?:\\x01|\^|\\x9c|\\xda)")
_SHOWN_BYTE = re.compile(r"\\x([0-9a-f]{2})|\\(.)|([^\\])")
_SHORT = {"n": 10, "r": 13, "t": 9}
_STREAM = re.compile(rb"\x1f\x8b\x08|\x78[\x01\x5e\x9c\xda]")


@dataclass(slots=True)
class Room:
    """What may still be unpacked of one text, in whatever depth; the same stream is unpacked once."""

    streams: int = MOST_STREAMS
    size: int = MOST_IN_ALL
    holds: dict[bytes, bool] = field(default_factory=dict)
    """Whether a content holds a value, as the caller has found."""
    clear: set[str] = field(default_factory=set)
    """Base64 that holds none, as well."""
    _known: dict[str, tuple[bytes, int]] = field(default_factory=dict)

    def unpacked(self, written: str, stream: Callable[[str], bytes]) -> tuple[bytes, int]:
        """The content, and how many bytes of the stream it took; nothing where there is none, or no room."""
        if written not in self._known:
            self._known[written] = self.of_bytes(stream(written)) if self.streams > 0 else (b"", 0)
        return self._known[written]

    def of_bytes(self, stream: bytes) -> tuple[bytes, int]:
        """The same of bytes as they are."""
        if self.streams <= 0:
            return b"", 0
        self.streams -= 1
        content, taken = _unpacked(stream, min(MOST_UNPACKED, self.size))
        self.size -= len(content)
        return content, taken


def packed_texts(text: str, room: Room) -> Iterator[tuple[Span, bytes]]:
    """(beginning and end, content) of each stream within a text: in base64 or hexadecimal, or as Python shows bytes."""
    for match in _BASE64.finditer(text):
        content, _ = room.unpacked(match[0], _of_base64)
        if content:
            yield match.span(), content
    for match in _HEX.finditer(text):
        if room.streams <= 0:
            break
        run = _HEX_RUN.match(text, match.start())
        content, length = room.unpacked(run[0], bytes.fromhex) if run else (b"", 0)
        if content:
            yield (match.start(), match.start() + 2 * length), content
    if "\\x" in text:
        yield from _shown_texts(text, room)


def _shown_texts(text: str, room: Room) -> Iterator[tuple[Span, bytes]]:
    for match in _SHOWN.finditer(text):
        if room.streams <= 0:
            return
        line = text[match.start() : match.start() + MOST_SHOWN].partition("\n")[0]
        pieces = list(_SHOWN_BYTE.finditer(line))
        content, length = room.of_bytes(bytes(_shown_byte(piece) for piece in pieces))
        if content:
            yield (match.start(), match.start() + pieces[length - 1].end()), content


def _shown_byte(piece: re.Match[str]) -> int:
    code, short, plain = piece.groups()
    return int(code, 16) if code else _SHORT.get(short, ord(short) % 256) if short else ord(plain) % 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Decoded:
    """All that is text in the base64 of a text."""

    text: str
    """A character each byte, `...` after each piece: there it may have been cut."""
    pieces: tuple[str, ...]
    """In base64."""
    starts: tuple[int, ...]
    """Where each piece begins in `text`."""
    places: tuple[int, ...]
    """Where it came from."""

    def place(self, span: Span) -> Span:
        """Where the span is in base64: with all characters that tell anything of it."""
        number = bisect_right(self.starts, span[0]) - 1
        first, last = (place - self.starts[number] for place in span)
        begin, most = self.places[number], len(self.pieces[number])
        return begin + first * 4 // 3, begin + min(most, -(-last * 4 // 3))


def decoded(text: str, clear: Container[str]) -> Decoded | None:
    """What is text in base64, wherever it begins there, but for the pieces that are known to hold nothing."""
    found = [(start, text[start:end]) for start, end in _ascii_in_base64(text)]
    found = [(start, piece) for start, piece in found if piece not in clear]
    parts, starts, length = [], [], 0
    for _, piece in found:
        parts.append(_of_base64(piece).decode("latin-1") + "...")
        starts.append(length)
        length += len(parts[-1])
    if not found:
        return None
    pieces, places = tuple(piece for _, piece in found), tuple(start for start, _ in found)
    return Decoded(text="".join(parts), pieces=pieces, starts=tuple(starts), places=places)


def _ascii_in_base64(text: str) -> Iterator[Span]:
    """It may begin anywhere in what looks like base64; what is near is one."""
    begin = end = 0
    last: Span | None = None
    for match in _ASCII.finditer(text):
        if match.start() >= end:
            begin = end + len(text[end : match.start()].rstrip(_ALPHABET))
            rest = _REST.match(text, match.end())
            end = rest.end() if rest else match.end()
        start = max(match.start() - AROUND, begin + (match.start() - begin) % 4)
        stop = min(match.end() + AROUND, end)
        if last and start <= last[1] and (start - last[0]) % 4 == 0:
            last = last[0], stop
            continue
        if last:
            yield last
        last = start, stop
    if last:
        yield last


def _of_base64(written: str) -> bytes:
    plain = written.replace("-", "+").replace("_", "/").rstrip("=")
    try:
        return base64.b64decode(plain[: len(plain) - (len(plain) % 4 == 1)] + "===")
    except binascii.Error:
        return b""


def packed_bytes(data: bytes, room: Room) -> Iterator[bytes]:
    """The content of each stream within bytes."""
    for match in _STREAM.finditer(data):
        content, _ = room.of_bytes(data[match.start() :]) if room.streams > 0 else (b"", 0)
        if content:
            yield content


def _unpacked(stream: bytes, most: int) -> tuple[bytes, int]:
    """As far as it goes, and how many bytes it took: a stream may be cut, or none at all."""
    unpack = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)
    content, taken = b"", 0
    try:
        for start in range(0, len(stream), STEP):
            if len(content) >= most:
                break
            content += unpack.decompress(stream[start : start + STEP], most - len(content))
            taken = min(len(stream), start + STEP) - len(unpack.unused_data)
            if unpack.eof:
                break
    except zlib.error:
        pass
    return content, taken
