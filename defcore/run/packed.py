"""What is compressed within a body, a message or a field, so that values can be looked for in it. Pure."""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from collections.abc import Iterator

MOST_UNPACKED = 4 << 20
"""Bytes looked at of one stream."""
MOST_STREAMS = 100
"""Looked into in one body."""
STEP = 64
"""Bytes unpacked at a time: what a fault in the stream may cost."""
MOST_SHOWN = 64 << 10
"""Characters of a stream that is shown as Python shows bytes."""

# How gzip (1f 8b 08) and zlib (78 01, 78 5e, 78 9c, 78 da) begin, in base64.
_BASE64 = re.compile(r"(?<![A-Za-z0-9+/])(?:H4sI|eAE|eF[4-7]|eJ[w-z]|eN[o-r])[A-Za-z0-9+/_-]{12,}={0,2}")
# The same as Python shows bytes.
_SHOWN = re.compile(r"\\x1f\\x8b\\x08|x(?:\\x01|\^|\\x9c|\\xda)")
_SHOWN_BYTE = re.compile(r"\\x([0-9a-f]{2})|\\(.)|([^\\])")
_SHORT = {"n": 10, "r": 13, "t": 9}
_STREAM = re.compile(rb"\x1f\x8b\x08|\x78[\x01\x5e\x9c\xda]")


def packed_texts(text: str) -> Iterator[tuple[tuple[int, int], bytes]]:
    """(beginning and end, content) of each stream within a text: in base64, or as Python shows bytes."""
    for number, match in enumerate(_BASE64.finditer(text)):
        if number == MOST_STREAMS:
            return
        plain = match[0].replace("-", "+").replace("_", "/").rstrip("=")
        try:
            content = _unpacked(base64.b64decode(plain[: len(plain) - (len(plain) % 4 == 1)] + "==="))
        except binascii.Error:
            continue
        if content:
            yield match.span(), content
    if "\\x" in text:
        yield from _shown_texts(text)


def _shown_texts(text: str) -> Iterator[tuple[tuple[int, int], bytes]]:
    for number, match in enumerate(_SHOWN.finditer(text)):
        if number == MOST_STREAMS:
            return
        line = text[match.start() : match.start() + MOST_SHOWN].partition("\n")[0]
        pieces = list(_SHOWN_BYTE.finditer(line))
        stream = bytes(_shown_byte(piece) for piece in pieces)
        content, length = _unpacked_with_length(stream)
        if content:
            yield (match.start(), match.start() + pieces[length - 1].end()), content


def _shown_byte(piece: re.Match[str]) -> int:
    code, short, plain = piece.groups()
    return int(code, 16) if code else _SHORT.get(short, ord(short) % 256) if short else ord(plain) % 256


def packed_bytes(data: bytes) -> Iterator[bytes]:
    """The content of each stream within bytes."""
    for number, match in enumerate(_STREAM.finditer(data)):
        if number == MOST_STREAMS:
            return
        content = _unpacked(data[match.start() :])
        if content:
            yield content


def _unpacked(stream: bytes) -> bytes:
    return _unpacked_with_length(stream)[0]


def _unpacked_with_length(stream: bytes) -> tuple[bytes, int]:
    """As far as it goes, and how many bytes it took: a stream may be cut, or none at all."""
    unpack = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)
    content, taken = b"", 0
    try:
        for start in range(0, len(stream), STEP):
            content += unpack.decompress(stream[start : start + STEP], MOST_UNPACKED - len(content))
            taken = min(len(stream), start + STEP) - len(unpack.unused_data)
            if unpack.eof or len(content) >= MOST_UNPACKED:
                break
    except zlib.error:
        pass
    return content, taken
