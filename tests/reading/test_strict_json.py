"""What a JSON file may hold, and that a hostile one does no harm."""

from __future__ import annotations

import time

import pytest

from defcore.errors import InputError
from defcore.reading.document import Limits
from defcore.reading.strict_json import parse

LIMITS = Limits(size=100_000, depth=5, values=10_000)


def said(raw: bytes, **options: bool) -> list[str]:
    return [f"{problem.where} {problem.code}" for problem in parse(raw, "a", LIMITS, **options).problems]


@pytest.mark.parametrize(
    ("raw", "problems"),
    [
        (b"", ["a:1:1 json.syntax"]),
        (b"null", ["a json.empty"]),
        (b'{"a": 1', ["a:1:8 json.syntax"]),
        (b'{"a": 1} {}', ["a:1:10 json.syntax"]),
        (b'{"a": \x00}', ["a:1:7 json.syntax"]),
        (b'{"a": "\x00"}', ["a:1:8 json.syntax"]),
        (b'{"a": 1,\n "b": "\xff"}', ["a:2:1 json.encoding"]),
        (b'\xff\xfe{\x00}\x00', ["a:1:1 json.encoding"]),
        (b'{"a": "\\ud800"}', ["a json.encoding"]),
        (b'{"\\uDFFF": 1}', ["a json.encoding"]),
        (b'{"a": NaN}', ["a: $.a json.number"]),
        (b'[-Infinity]', ["a: $[0] json.number"]),
        (b'{"a": [1, 1e999999]}', ["a: $.a[1] json.number"]),
        (b'{"a": -1e999999, "b": Infinity}', ["a: $.a json.number", "a: $.b json.number"]),
        (b'{"a": ' + b"9" * 90_000 + b"}", ["a: $.a json.number"]),
        (b'{"a": 9223372036854775808}', ["a: $.a json.number"]),
        (b"[" * 6 + b"]" * 6, ["a json.depth"]),
        (b"[" * 9_000, ["a json.depth"]),
        (b'{"a":' * 6 + b"1" + b"}" * 6, ["a json.depth"]),
        (b"[" + b"1," * 10_000 + b"1]", ["a json.size"]),
        (b" " * 100_001, ["a json.size"]),
        (b'{"a": {"b": 1,\n "b": 2}, "c": [{"d": 1, "d": 1}]}', [
            "a: $.a.b json.duplicate-key", "a: $.c[0].d json.duplicate-key",
        ]),
    ],
)  # fmt: skip
def test_what_is_refused(raw: bytes, problems: list[str]) -> None:
    assert said(raw) == problems


def test_what_is_taken() -> None:
    raw = b'\xef\xbb\xbf{"a": [9223372036854775807, -9223372036854775807, 1e308, 1e-999, "\\ud83d\\ude00", true, null]}'
    assert parse(raw, "a", LIMITS).accepted() == {"a": [2**63 - 1, 1 - 2**63, 1e308, 0.0, "\U0001f600", True, None]}
    texts = b'["' + b'\\"[{,' * 5_000 + b'"]'
    assert parse(texts, "a", LIMITS).accepted() == ['"[{,' * 5_000]
    assert parse(b"[" * 5 + b"]" * 5, "a", LIMITS).accepted() == [[[[[]]]]]


def test_half_a_surrogate_pair_is_taken_where_a_cloud_may_have_sent_it() -> None:
    assert said(b'{"a": "\\ud800"}', half_pairs=True) == []


def test_the_line_of_an_object_with_a_repeated_key() -> None:
    raw = b'{"a": [\n1,\n{"b": 1,\n"b": 2}, {"c": 1}],\n"a": 2}'
    assert said(raw, lines=True) == ["a:1: $.a json.duplicate-key"]
    raw = b'{"a": [\n1,\n{"b": 1,\n"b": 2}, {"c": 1}]}'
    assert said(raw, lines=True) == ["a:3: $.a[1].b json.duplicate-key"]


def test_a_deep_value_that_a_later_one_displaces_is_no_trouble() -> None:
    raw = b'{"a": ' + b"[" * 600 + b"]" * 600 + b', "a": 1}'
    assert said(raw, lines=True) == ["a: $.a json.duplicate-key"]


def test_many_problems_are_counted() -> None:
    with pytest.raises(InputError) as raised:
        parse(b"[" + b"NaN," * 50 + b"1]", "a", LIMITS).accepted()
    assert len(raised.value.problems) == 21
    assert raised.value.problems[-1].message == "and 30 more"


def test_a_long_number_takes_no_time() -> None:
    started = time.monotonic()
    for number in (b"1" * 2_000_000, b"0." + b"1" * 2_000_000, b"1e" + b"1" * 2_000_000):
        assert parse(b"[" + number + b"]", "a").data in (None, [0.1111111111111111])
    assert time.monotonic() - started < 5


def test_a_long_text_without_end_takes_no_time() -> None:
    started = time.monotonic()
    for body in (b'\\"' * 2_000_000, b"\\\\," * 1_000_000, b"," * 4_000_000):
        assert [one.code for one in parse(b'["' + body, "a").problems] == ["json.syntax"]
    assert time.monotonic() - started < 10
