"""Planted secrets, and the search for them in whatever bytes: plain, in part, encoded, escaped, compressed, one in the
other.

A secret has a core of random hexadecimal digits, which every encoding but base64, hexadecimal and compression leaves as
it is; these are undone. So the search knows nothing of how `defcore.run.redaction` looks for values.
"""

from __future__ import annotations

import base64
import binascii
import html
import random
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote_to_bytes

CORE = 24
"""Digits of a secret's core."""
PART = 12
"""As many of them in a row are a find."""
DEEPEST = 3
LARGEST = 16 << 20
_DIGITS = re.compile(rb"[0-9a-f]{%d,}" % PART)
_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]{16,}")
_HEXADECIMAL = re.compile(rb"(?:[0-9a-fA-F]{2}){16,}")
_STREAM = re.compile(rb"\x1f\x8b\x08|\x78[\x01\x5e\x9c\xda]")
_ESCAPED = re.compile(rb"\\u00([0-9a-fA-F]{2})|\\x([0-9a-fA-F]{2})")
_OCTAL = re.compile(rb"\\([0-3][0-7]{2})")
_BREAK = re.compile(rb"\r?\n[ \t]*|\\r\\n|\\n")


class Canaries:
    """Makes a secret for each place, and remembers it."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self.values: dict[str, str] = {}
        self._parts: dict[bytes, str] = {}

    def plain(self, place: str) -> str:
        """Of characters that may stand in a header or an address."""
        return self._planted(place, "canary-{place}-{core}")

    def odd(self, place: str) -> str:
        """Of characters that every encoding writes in another way."""
        return self._planted(place, 'cän&ry <{place}> "+{core}%/')

    def _planted(self, place: str, form: str) -> str:
        if place not in self.values:
            core = f"{self._random.getrandbits(CORE * 4):0{CORE}x}"
            self.values[place] = form.format(place=place, core=core)
            self._parts |= {core[n : n + PART].encode(): place for n in range(CORE - PART + 1)}
        return self.values[place]

    def found_in(self, data: bytes) -> set[tuple[str, str]]:
        """(place, form) of what the data holds."""
        return {
            (self._parts[part], form)
            for form, content in _layers(data, DEEPEST)
            for part in _windows(content)
            if part in self._parts
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """A secret where none may be."""

    place: str
    form: str
    where: str

    def __str__(self) -> str:
        return f"{self.place} in {self.where} ({self.form})"


def leaks_in_folder(canaries: Canaries, folder: Path) -> list[Leak]:
    """Every file below the folder, and the names of files and folders."""
    found = []
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        data = name.encode("utf-8", "surrogateescape")
        if path.is_file() and not path.is_symlink():
            data += b"\n" + path.read_bytes()
        found += [Leak(place=place, form=form, where=name) for place, form in sorted(canaries.found_in(data))]
    return found


def _windows(data: bytes) -> Iterator[bytes]:
    for match in _DIGITS.finditer(data):
        digits = match[0]
        yield from (digits[n : n + PART] for n in range(len(digits) - PART + 1))


def _layers(data: bytes, depth: int, form: str = "plain") -> Iterator[tuple[str, bytes]]:
    """(how it was wrapped, content): the data, and what is within it."""
    for _ in range(depth):
        yield form, data
        for how, content in (*_unpacked(data), *_decoded(data)):
            name = f"{how} in {form}" if form != "plain" else how
            yield name, content
            if how != "compressed":
                yield from ((f"compressed in {name}", inner) for _, inner in _unpacked(content))
            elif depth == DEEPEST:
                yield from _layers(content, 1, name)
        plain = _unescaped(data)
        if plain == data:
            return
        form, data = "escaped" if form == "plain" else form, plain


def _unescaped(data: bytes) -> bytes:
    """Percent signs, backslashes and HTML entities undone once."""
    if b"%" in data:
        data = unquote_to_bytes(data)
    data = _ESCAPED.sub(lambda match: bytes.fromhex((match[1] or match[2]).decode()), data)
    data = _OCTAL.sub(lambda match: bytes((int(match[1], 8),)), data)
    if b"&#" in data:
        data = html.unescape(data.decode("latin-1")).encode("latin-1", "replace")
    return data


def _unpacked(data: bytes) -> Iterator[tuple[str, bytes]]:
    for match in _STREAM.finditer(data):
        unpack = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32)
        content = b""
        try:
            content = unpack.decompress(data[match.start() :], LARGEST)
        except zlib.error:  # what came before the fault counts
            unpack, rest = zlib.decompressobj(wbits=zlib.MAX_WBITS | 32), data[match.start() :]
            for n in range(len(rest)):
                try:
                    content += unpack.decompress(rest[n : n + 1])
                except zlib.error:
                    break
        if content:
            yield "compressed", content


def _decoded(data: bytes) -> Iterator[tuple[str, bytes]]:
    joined = _BREAK.sub(b"", data)
    for how, text in (("base64", data), ("base64 in lines", joined if joined != data else b"")):
        pieces = [_of_base64(match[0][start:]) for match in _BASE64.finditer(text) for start in range(4)]
        if pieces:
            yield how, b"\n".join(pieces)
    pieces = [binascii.unhexlify(match[0]) for match in _HEXADECIMAL.finditer(data)]
    pieces += [binascii.unhexlify(match[0][1:-1]) for match in _HEXADECIMAL.finditer(data) if len(match[0]) > 32]
    if pieces:
        yield "hexadecimal", b"\n".join(pieces)


def _of_base64(run: bytes) -> bytes:
    plain = run.replace(b"-", b"+").replace(b"_", b"/")
    plain = plain[: len(plain) - (len(plain) % 4 == 1)]
    return base64.b64decode(plain + b"=" * (-len(plain) % 4))
