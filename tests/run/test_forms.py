"""A known value is found in forms within forms, and where a text was cut within one."""

from __future__ import annotations

import base64
import gzip
import html
import json
import time
import zlib
from collections.abc import Callable
from urllib.parse import quote

import pytest

from defcore.run.redaction import REDACTED, Secrets

VALUES = ('Corr3ct "Horse"&Batt/ery%!', 'pä55 <word> "&+%/x', "Corr3ct-Horse-Battery!")


def b64(content: str | bytes) -> str:
    return base64.b64encode(content.encode() if isinstance(content, str) else content).decode()


def packed(value: str) -> bytes:
    """Compressed, and so far from the beginning that what comes before the first line's end does not tell it."""
    before = " ".join(f"{n * n * 7919:x}" for n in range(200))
    return gzip.compress(f"{before} {value} and some words".encode(), mtime=0)


def in_lines(content: bytes) -> str:
    return base64.encodebytes(content).decode()


FORMS: dict[str, Callable[[str], str]] = {
    "gzip in base64 in lines": lambda value: in_lines(packed(value)),
    "gzip in base64 in lines in JSON": lambda value: json.dumps(in_lines(packed(value))),
    "gzip in base64 in a URL": lambda value: quote(b64(packed(value)), safe=""),
    "gzip in base64 in PHP's JSON": lambda value: b64(packed(value)).replace("/", "\\/"),
    "gzip in base64 in HTML": lambda value: b64(packed(value)).replace("+", "&#43;").replace("/", "&#x2F;"),
    "gzip in hexadecimal": lambda value: packed(value).hex(),
    "zlib in HEXADECIMAL": lambda value: zlib.compress(value.encode()).hex().upper(),
    "zlib within hexadecimal": lambda value: f"a0b{zlib.compress(value.encode()).hex()}00ff",
    "JSON in base64": lambda value: b64(json.dumps({"said": value})),
    "JSON as it is in base64": lambda value: b64(json.dumps({"said": value}, ensure_ascii=False)),
    "JSON in base64 for URLs": lambda value: base64.urlsafe_b64encode(json.dumps([value]).encode()).decode(),
    "JSON in base64 in lines": lambda value: in_lines(json.dumps({"said": value, "x": "y" * 99}).encode()),
    "a form in base64": lambda value: b64("a=b&said=" + quote(value, safe="")),
    "HTML in base64": lambda value: b64("<p>" + html.escape(value)),
    "HTML in gzip": lambda value: b64(gzip.compress(html.escape(value).encode() * 9, mtime=0)),
    "JSON in gzip": lambda value: b64(gzip.compress(json.dumps(json.dumps(value)).encode() * 9, mtime=0)),
    "base64 in base64": lambda value: b64(b64(f"user:{value}")),
    "base64 in base64 in base64": lambda value: b64(b64(b64(f"user:{value}"))),
    "octal": lambda value: "".join(f"\\{byte:03o}" for byte in value.encode()),
    "octal in JSON": lambda value: json.dumps("".join(f"\\{byte:03o}" for byte in value.encode())),
    "base64, cut": lambda value: b64(f"operator:{value}")[:-6] + "… and on",
    "hexadecimal, cut": lambda value: value.encode().hex()[:-3] + "… and on",
    "HTML, cut": lambda value: html.escape(value)[:-3] + "… and on",
    "a URL, cut": lambda value: quote(value, safe="")[:-2] + "… and on",
    "JSON in base64, cut": lambda value: b64(json.dumps({"said": value}))[:-10] + "... and on",
    "the end of a URL": lambda value: "..." + quote(value, safe="")[8:],
    "cut in an escape": lambda value: quote(value, safe="")[: quote(value, safe="").rindex("%") + 2] + "…",
    "a mark in front": lambda value: f"…{value[:10]}…",
}


def known(*values: str) -> Secrets:
    secrets = Secrets()
    secrets.add(*values)
    return secrets


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("value", VALUES)
def test_a_known_value_is_found_in_a_form_within_a_form(form: str, value: str) -> None:
    written = FORMS[form](value)
    cleaned = known(value).redact(f"before ({written}) after")
    assert REDACTED in cleaned
    assert cleaned.startswith("before (")
    assert cleaned.endswith(" after")
    left = cleaned.replace(REDACTED, "")
    assert value[:6] not in left
    assert len(left) < 25 or len(left) < len(written)


@pytest.mark.parametrize("form", FORMS)
def test_what_holds_no_known_value_stays(form: str) -> None:
    text = f"before ({FORMS[form]('Another <thing> & more')}) after"
    assert known(*VALUES).redact(text) == text


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("cut", range(1, 8))
def test_a_form_that_is_cut_at_the_end_is_found(value: str, cut: int) -> None:
    for whole in (b64(f"operator:{value}"), value.encode().hex(), html.escape(value), quote(value, safe="")):
        cleaned = known(value).redact(f"said: {whole[:-cut]}")
        assert cleaned.endswith(REDACTED) or len(cleaned.rpartition(REDACTED)[2]) < 8
        assert REDACTED in cleaned


def test_base64_around_a_known_value_stays() -> None:
    written = b64(json.dumps({"name": "x" * 60, "said": 'a "known" value', "more": "y" * 60}))
    cleaned = known('a "known" value').redact(written)
    assert cleaned.startswith(written[:80])
    assert cleaned.endswith(written[-70:])
    assert REDACTED in cleaned


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize(
    "form",
    [
        lambda value: "".join(f"%{byte:02x}" for byte in value.encode()),
        lambda value: "".join(f"\\u{ord(one):04x}" for one in value),
        html.escape,
        str,
    ],
    ids=["percent", "u", "HTML", "plain"],
)
def test_a_body_that_is_no_text_loses_escaped_values(value: str, form: Callable[[str], str]) -> None:
    data = b"\0\xff\xfe before " + form(value).encode() + b"\xfe after"
    assert known(value).redact_bytes(data) == b"\0\xff\xfe before " + REDACTED.encode() + b"\xfe after"


def test_values_that_touch_are_one_gap() -> None:
    assert known("first-value", "second-value").redact("a first-valuesecond-value b") == f"a {REDACTED} b"


def test_streams_within_streams_take_no_longer_than_their_bytes() -> None:
    """Each unpacks to much, and holds more such."""
    inner = b64(gzip.compress(b"x" * 3_000_000, mtime=0))
    middle = b64(gzip.compress(" ".join(f"{n} {inner}" for n in range(60)).encode(), mtime=0))
    text = " ".join(b64(gzip.compress(f"{n} {middle}".encode() * 50, mtime=0)) for n in range(40))
    begun = time.process_time()
    secrets = known(*VALUES)
    secrets.redact(text)
    assert time.process_time() - begun < 10


def test_a_text_with_many_cuts_takes_time_by_its_length_alone() -> None:
    secrets = known(*(f"{'ab' * n}{n}" for n in range(10, 60)))

    def taken(text: str) -> float:
        begun = time.process_time()
        secrets.redact(text)
        return time.process_time() - begun

    for part in ("abababab...", "ab" * 40 + "…"):
        text = part * (60_000 // len(part))
        assert min(taken(text) for _ in range(3)) < 10 * min(taken(text[: len(text) // 4]) for _ in range(3))
