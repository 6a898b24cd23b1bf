"""What a YAML file may hold, and that a hostile one does no harm."""

from __future__ import annotations

import time

import pytest

from defcore.reading.document import DEFAULT, Limits
from defcore.reading.strict_yaml import parse, parse_texts


def codes(raw: bytes) -> list[str]:
    return [problem.code for problem in parse(raw, "a.yaml").problems]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", "no"),
        ("true", True),
        ("2016-06-13", "2016-06-13"),
        ("12:30:45", "12:30:45"),
        ("0x1f", "0x1f"),
        ("12", 12),
        ("'12'", "12"),
        ("!!str 12", "12"),
        ("~", None),
        ("1.5", 1.5),
        (".inf", ".inf"),
        ("9" * 30, float("9" * 30)),
        ("=", "="),
        ("|-\n  a\n  b", "a\nb"),
    ],
)
def test_scalars_follow_the_core_schema_of_yaml_1_2(text: str, value: object) -> None:
    document = parse(f"a: {text}\n".encode(), "a.yaml")
    assert document.problems == []
    assert document.data == {"a": value}


def test_a_number_remembers_how_it_was_written() -> None:
    assert parse(b"2020.10", "a.yaml").data.text == "2020.10"


def test_every_place_is_known() -> None:
    document = parse(b"a:\n  b: [1, two]\n", "a.yaml")
    assert document(("a", "b", 1)) == "a.yaml:2:10"
    assert document(("a", "b"), key=True) == "a.yaml:2:3"
    assert document(("a", "missing")) == "a.yaml:2:3"
    assert document(("nowhere",)) == "a.yaml:1:1"


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "yaml.empty"),
        (b"# only a comment\n", "yaml.empty"),
        (b"a: 1\n---\nb: 2\n", "yaml.syntax"),
        (b"a:\n\t- b\n", "yaml.syntax"),
        (b"a: \xff\n", "yaml.encoding"),
        (b"a: \x00\n", "yaml.syntax"),
        (b"a: &x [1]\nb: *x\n", "yaml.alias"),
        (b"a: &x\n  b: *x\n", "yaml.alias"),
        (b"a: !!python/object/apply:os.system ['id']\n", "yaml.tag"),
        (b"a: !!binary aGk=\n", "yaml.tag"),
        (b"a: !mine {b: 1}\n", "yaml.tag"),
        (b"a: !!int '5'\n", "yaml.tag"),
        (b"a: 1\na: 2\n", "yaml.duplicate-key"),
        (b"[a, b]: 1\n", "yaml.key"),
        (b"? {a: b}\n: 1\n", "yaml.key"),
        (b"!!python/name:os.system a: 1\n", "yaml.tag"),
        (b'a: "\\ud800"\n', "yaml.encoding"),
        (b"[" * 50 + b"]" * 50, "yaml.depth"),
        (b"[" * 100_000, "yaml.depth"),
        (b"{a: " * 60 + b"1" + b"}" * 60, "yaml.depth"),
        (b" " * (DEFAULT.size + 1), "yaml.size"),
    ],
)
def test_what_is_refused(raw: bytes, code: str) -> None:
    assert codes(raw)[0] == code


def test_aliases_do_not_explode() -> None:
    lines = ["a0: &a0 [x, x]"] + [f"a{n}: &a{n} [*a{n - 1}, *a{n - 1}]" for n in range(1, 40)]
    assert set(codes("\n".join(lines).encode())) == {"yaml.alias"}


def test_the_digest_is_of_the_bytes() -> None:
    assert parse(b"a: 1\n", "x").digest != parse(b"a:  1\n", "x").digest


def test_what_belongs_to_a_refused_key_is_not_kept() -> None:
    document = parse(b"a: 1\na: {b: 2}\n[c]: {d: 3}\ne: 4\n", "a.yaml")
    assert [problem.where for problem in document.problems] == ["a.yaml:2:1", "a.yaml:3:1"]
    assert document.data == {"a": 1, "e": 4}
    assert document(("a",)) == "a.yaml:1:4"
    assert document(("e",), key=True) == "a.yaml:4:1"


def test_every_problem_is_told_but_nothing_after_a_limit() -> None:
    assert codes(b"a: 1\na: !x 2\nb: " + b"[" * 50) == ["yaml.duplicate-key", "yaml.tag", "yaml.depth"]


def test_a_large_broken_text_is_not_read_by_the_slow_parser() -> None:
    started = time.monotonic()
    assert codes(b"a: [1, 2]\n" * 1 + b"# a comment\n" * 400_000 + b"b: ]\n") == ["yaml.syntax"]
    assert time.monotonic() - started < 5


def test_a_stream_of_texts_takes_several_documents_and_aliases_of_scalars() -> None:
    limits = Limits(documents=2)
    assert parse_texts(b"a: &x 1\nb: *x\n---\n[yes, 2]\n", "a", limits).accepted() == [
        {"a": "1", "b": "1"},
        ["yes", "2"],
    ]
    for raw, code in (
        (b"a: &x [1]\nb: *x\n", "yaml.alias"),
        (b"a: &x 1\n---\nb: *x\n", "yaml.alias"),
        (b"---\na\n---\nb\n---\nc\n", "yaml.size"),
    ):
        assert [problem.code for problem in parse_texts(raw, "a", limits).problems] == [code]
