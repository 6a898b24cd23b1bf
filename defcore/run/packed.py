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

# How gzip (1f 8b 08) and zlib (78 01, 78 5e, 78 9c, 78 da) begin, in base64.
_BASE64 = re.compile(r"(?<![A-Za-z0-9+/])(?:H4sI|eAE|eF[4-7]|eJ[w-z]|eN[o-r])[A-Za-z0-9+/_-]{12,}={0,2}")
_STREAM = re.compile(rb"\x1f\x8b\x08|\x78[\x01\x5e\x9c\xda]")


def packed_texts(text: str) -> Iterator[tuple[tuple[int, int], bytes]]:
    """(beginning and end, content) of each stream in base64 within a text."""
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


def packed_bytes(data: bytes) -> Iterator[bytes]:
    """The content of each stream within bytes."""
    for number, match in enumerate(_STREAM.finditer(data)):
        if number == MOST_STREAMS:
            return
        content = _unpacked(data[match.start() :])
        if content:
            yield content


def _unpacked(stream: bytes) -> bytes:
    """As far as it goes: a stream may be cut, or none at all."""
    unpack = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)
    content = b""
    try:
        for start in range(0, len(stream), 4096):
            content += unpack.decompress(stream[start : start + 4096], MOST_UNPACKED - len(content))
            if unpack.eof or len(content) >= MOST_UNPACKED:
                break
    except zlib.error:
        pass
    return content
