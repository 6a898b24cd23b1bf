"""The search for planted secrets finds them in each form, or it proves nothing."""

from __future__ import annotations

import base64
import gzip
import html
import json
import zlib
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest

from tests.faults.leaks import Canaries, leaks_in_folder

FORMS: dict[str, Callable[[str], bytes]] = {
    "plain": lambda value: value.encode(),
    "in the middle": lambda value: b"\x00\xff{" + value.encode() + b"\xfe",
    "beginning": lambda value: value[:-10].encode(),
    "end": lambda value: value[-16:].encode(),
    "base64 0": lambda value: base64.b64encode(value.encode()),
    "base64 1": lambda value: b"xy:" + base64.b64encode(b"u" + value.encode()),
    "base64 2": lambda value: b'{"a":"' + base64.b64encode(b"us" + value.encode() + b"?") + b'"}',
    "base64 within a word": lambda value: b"abcde" + base64.b64encode(value.encode()) + b"fgh",
    "base64 for URLs": lambda value: base64.urlsafe_b64encode(b"\xff\xfe" + value.encode()),
    "base64 in lines": lambda value: base64.encodebytes(b"x" * 30 + value.encode() + b"y" * 60),
    "hexadecimal": lambda value: value.encode().hex().encode(),
    "HEXADECIMAL": lambda value: value.encode().hex().upper().encode(),
    "gzip": lambda value: b"head" + gzip.compress(b"x" * 999 + value.encode()),
    "zlib": lambda value: zlib.compress(value.encode()),
    "gzip cut": lambda value: gzip.compress(value.encode() + bytes(range(256)) * 9)[:-40],
    "base64 of gzip": lambda value: base64.b64encode(gzip.compress(value.encode())),
    "gzip of base64": lambda value: gzip.compress(base64.b64encode(value.encode())),
    "gzip in hexadecimal": lambda value: gzip.compress(value.encode()).hex().encode(),
    "base64 of JSON": lambda value: base64.b64encode(json.dumps({"a": value}).encode()),
    "octal": lambda value: "".join(f"\\{byte:03o}" for byte in value.encode()).encode(),
    "URL": lambda value: quote(value, safe="").encode(),
    "URL plus": lambda value: quote_plus(value).encode(),
    "URL twice": lambda value: quote(quote(value, safe=""), safe="").encode(),
    "every character for URLs": lambda value: "".join(f"%{byte:02x}" for byte in value.encode()).encode(),
    "base64 for URLs twice": lambda value: quote(base64.b64encode(b"u:" + value.encode()), safe="").encode(),
    "JSON": lambda value: json.dumps(value).encode(),
    "every character for JSON": lambda value: "".join(f"\\u{ord(one):04x}" for one in value).encode(),
    "JSON in JSON": lambda value: json.dumps(json.dumps(value)).encode(),
    "repr of bytes": lambda value: repr(value.encode()).encode(),
    "HTML": lambda value: html.escape(value).encode(),
    "every character for HTML": lambda value: "".join(f"&#{ord(one)};" for one in value).encode(),
}


@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("kind", ["plain", "odd"])
def test_a_planted_secret_is_found_in_every_form(name: str, kind: str, tmp_path: Path) -> None:
    canaries = Canaries(7)
    canaries.plain("another")
    value = canaries.odd("place") if kind == "odd" else canaries.plain("place")
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "file").write_bytes(FORMS[name](value))
    assert {leak.place for leak in leaks_in_folder(canaries, tmp_path)} == {"place"}


def test_it_is_found_in_the_name_of_a_file(tmp_path: Path) -> None:
    canaries = Canaries(7)
    (tmp_path / f"x-{canaries.plain('place')}").touch()
    assert len(leaks_in_folder(canaries, tmp_path)) == 1


def test_nothing_is_found_where_nothing_is(tmp_path: Path) -> None:
    canaries = Canaries(7)
    canaries.plain("place")
    (tmp_path / "file").write_text(f"{'0123456789abcdef' * 40} canary-place-")
    assert leaks_in_folder(canaries, tmp_path) == []
