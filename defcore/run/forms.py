"""How a value may be written in a text: the forms that are looked for. Pure.

What is escaped character by character is left to `escapes`, what is compressed or in base64 once more to `packed`.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from urllib.parse import quote, quote_plus

SHORTEST_IN_BASE64 = 5
"""Characters of what shows of a value within base64."""
SHORTEST_PIECE = 12
"""Characters in a row, of a value with characters beyond ASCII, that are replaced alone."""


def encodings(value: str) -> Iterator[str]:
    """The value plain, URL-encoded, as JSON writes it, in hexadecimal, and as it shows within base64."""
    yield value
    yield quote(value, safe="", errors="surrogatepass")
    yield quote(value, errors="surrogatepass")
    yield quote_plus(value, errors="surrogatepass")
    yield json.dumps(value)[1:-1]
    yield json.dumps(value, ensure_ascii=False)[1:-1]
    raw = value.encode("utf-8", "surrogatepass")
    yield from (raw.hex(), raw.hex().upper())
    if not value.isascii():  # read in another encoding than it was written in
        yield raw.decode("latin-1")
        yield from (piece for piece in re.findall(r"[ -~]+", value) if len(piece) >= SHORTEST_PIECE)
    yield from in_base64(value)


def in_base64(value: str) -> Iterator[str]:
    """What shows of the value within base64, wherever it begins there."""
    raw = value.encode("utf-8", "surrogatepass")
    for before in range(3):
        first, last = -(-before * 8 // 6), (before + len(raw)) * 8 // 6
        for encode in (base64.b64encode, base64.urlsafe_b64encode):
            inner = encode(b"\0" * before + raw).decode()[first:last]
            if len(inner) >= SHORTEST_IN_BASE64:
                yield inner
