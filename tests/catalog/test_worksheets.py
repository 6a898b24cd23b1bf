"""Worksheets are read in both forms, nothing is dropped silently, and what cannot be read is told with its line."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from defcore.catalog.worksheets import (
    parse_worksheet,
    read_worksheet,
    with_totals,
    worksheet_text,
    worksheet_yaml,
)
from defcore.errors import InputError, Problem
from defcore.model.criteria import OFFICIAL_ORDER, Mark, Worksheet, WorksheetLine

SHEET = """\
Sheet
=====

Name: [Widely Deployed,Used By Tools,Used by Clients], and [1] a note

Compute
-------
compute-a: [1,1,1] [1,1,1] [0,1,0] [0,1,1] [1] [74]*
compute-bb:    [1,?,1] [1,1,1] [0,1,0] [0,1,1] [1] [-68]

Notes:
  * compute-a is [1] fine.
"""
ADD_ON = "zone:   [*,1,1][1,1,1][1,1,0][*,1,*][1] [64]\n"
FOLDER = Path(__file__).parents[3] / "shared" / "guidelines" / "scoring"


def sheet(text: str, name: str = "sheet.txt") -> Worksheet:
    return parse_worksheet(text.encode(), name)


def problems(text: str, name: str = "sheet.txt") -> list[tuple[str, str | None]]:
    with pytest.raises(InputError) as caught:
        sheet(text, name)
    return [(one.code, one.where) for one in caught.value.problems]


def test_a_line_holds_marks_total_and_asterisk() -> None:
    first, second = sheet(SHEET).lines
    assert first.capability == "compute-a"
    assert first.section == "Compute"
    assert [name for name, mark in first.marks if mark is Mark.UNMET] == ["discover", "sticky", "foundation"]
    assert (first.non_admin, first.stated_total, first.stated_chosen) == (Mark.MET, 74, True)
    assert first.where == "sheet.txt:8"
    assert dict(second.marks)["tools"] is Mark.OPEN
    assert (second.stated_total, second.stated_chosen) == (-68, False)
    assert sheet(SHEET).irregularities == ()


def test_prose_is_kept() -> None:
    before, lines, after = sheet(SHEET).parts
    assert f"{before}" + worksheet_text(Worksheet(name="", parts=(lines,))) + f"{after}" == SHEET.replace(
        "compute-a: [", "compute-a:  ["
    ).replace("bb:    [", "bb: [")


def test_what_an_add_on_does_not_consider_is_left_out() -> None:
    (line,) = sheet(ADD_ON).lines
    assert [name for name in OFFICIAL_ORDER if name not in dict(line.marks)] == ["deployed", "foundation", "proximity"]
    assert [one.code for one in sheet(ADD_ON).irregularities] == ["worksheet.spacing"]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("a: [1,1,1] [1,1,1] [0,1,0] [0,1,1] [1]", "worksheet.total"),
        ("a: [1,1,1] [1,1,1] [0,1,0] [0,1,1] [1] []", "worksheet.total"),
        ("a: [1,1,1] [1,1,1] [0,1,0] [0,1,1] [1] [much]", "worksheet.total"),
        ("  a: [1,1,1] [1,1,1] [0,1,0] [0,1,1] [1] [74]*", "worksheet.spacing"),
        ("a: [1, 1, 1] [1,1,1] [0,1,0] [0,1,1] [1] [74]*", "worksheet.spacing"),
        ("a : [1,1,1][1,1,1] [0,1,0] [0,1,1] [1] [74] *", "worksheet.spacing"),
    ],
)
def test_an_irregular_line_is_read_and_told(line: str, code: str) -> None:
    found = sheet(f"{line}\n")
    assert [one.capability for one in found.lines] == ["a"]
    assert [(one.code, one.where) for one in found.irregularities] == [(code, "sheet.txt:1")]


def test_a_capability_that_stands_twice_is_told_and_kept() -> None:
    line = "a: [1,1,1] [1,1,1] [0,1,0] [0,1,1] [1] [74]*\n"
    found = sheet(line + line)
    assert len(found.lines) == 2
    assert [(one.code, one.where) for one in found.irregularities] == [("worksheet.twice", "sheet.txt:2")]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: [1,1,1] [1,1,1] [0,1,0] [1] [74]*\n", [("worksheet.groups", "sheet.txt:1")]),
        ("a: [1,1] [1,1]\n", [("worksheet.groups", "sheet.txt:1")]),
        ("x\na: [1,1,2] [1,1,1] [0,1,0] [0,1,1] [1] [74]*\n", [("worksheet.mark", "sheet.txt:2")]),
        ("a: [1,1,1] [1,1,1] [0,1,0] [0,1,1] [*] [74]*\n", [("worksheet.mark", "sheet.txt:1")]),
        ("a [1,1,1] [1,1,1] [0,1,0] [0,1,1] [1] [74]*\n", [("worksheet.line", "sheet.txt:1")]),
        ("a: [1,1,1] [1,1,1] [0,1,0] [0,1,1] [1] [74]* or so\n", [("worksheet.line", "sheet.txt:1")]),
        ("a: [1,1,1] [1\nb: [1,1,1] 7\n", [("worksheet.line", "sheet.txt:1"), ("worksheet.line", "sheet.txt:2")]),
        ("", [("worksheet.empty", "sheet.txt")]),
        ("nothing but prose\n", [("worksheet.empty", "sheet.txt")]),
    ],
)
def test_what_cannot_be_read_is_an_error_with_its_line(text: str, expected: list[tuple[str, str]]) -> None:
    assert problems(text) == expected


def test_bytes_that_are_no_text_are_told() -> None:
    with pytest.raises(InputError) as caught:
        parse_worksheet(b"fine\n\xff\xfe\n", "sheet.txt")
    assert [(one.code, one.where) for one in caught.value.problems] == [("worksheet.encoding", "sheet.txt:2:1")]
    with pytest.raises(InputError, match=r"worksheet\.size"):
        parse_worksheet(b"a" * (8 * 1024 * 1024 + 1), "sheet.txt")


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"worksheet\.unreadable"):
        read_worksheet(tmp_path / "none.txt")


YAML = """\
schema: defcore/worksheet/1
parts:
- lines:
  - {capability: a, marks: {own-idea: 1, stable: 0, deployed: "?"}, non_admin: 1}
"""


def test_yaml_may_have_criteria_of_its_own() -> None:
    (line,) = sheet(YAML).lines
    assert [name for name, _ in line.marks] == ["deployed", "stable", "own-idea"]
    assert sheet(YAML).criteria == ("deployed", "stable", "own-idea")
    assert line.where == "sheet.txt:4"
    with pytest.raises(InputError, match="own-idea"):
        worksheet_text(sheet(YAML))


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("stable: 0", "stable: 2", "schema.value"),
        ("non_admin: 1", "nonadmin: 1", "schema.unknown-key"),
        ("capability: a", "capability: 'a b'", "schema.pattern"),
        ("worksheet/1", "worksheet/2", "schema.version"),
        ("worksheet/1", "guideline/1", "schema.noun"),
        ("stable: 0", "stable: 0, stable: 1", "yaml.duplicate-key"),
        ("parts:", "parts: &a", "yaml.syntax"),
    ],
)
def test_yaml_is_held_against_its_schema(old: str, new: str, code: str) -> None:
    if code == "yaml.syntax":
        old, new = "parts:\n", "parts: [\n"
    found = problems(YAML.replace(old, new), "sheet.yaml")
    assert code in [one for one, _ in found]


def test_totals_and_asterisks_can_be_replaced() -> None:
    found = sheet(SHEET)
    changed = with_totals(found, {line: (7, line.capability == "compute-bb") for line in found.lines})
    assert [(line.stated_total, line.stated_chosen) for line in changed.lines] == [(7, False), (7, True)]
    assert "[1] [7]*\n" in worksheet_text(changed)


marks = st.sampled_from(list(Mark))
lines = st.builds(
    lambda name, own, admin, total, chosen: WorksheetLine(
        capability=name,
        section="",
        marks=tuple(zip(OFFICIAL_ORDER, own, strict=False)),
        non_admin=admin,
        stated_total=total,
        stated_chosen=chosen,
    ),
    st.from_regex(r"[a-z][a-zA-Z0-9.-]{0,30}", fullmatch=True),
    st.lists(marks, min_size=12, max_size=12),
    marks,
    st.none() | st.integers(-100, 100),
    st.booleans(),
)


prose = st.text(st.characters(codec="utf-8", exclude_characters="[]\r"), max_size=40).map(lambda text: f"{text}\n")


@given(st.lists(lines, min_size=1, max_size=4), prose)
def test_text_and_yaml_turn_into_one_another(own: list[WorksheetLine], words: str) -> None:
    original = parse_worksheet(
        worksheet_text(Worksheet(name="", parts=(words, tuple(own), words))).encode(), "sheet.txt"
    )
    again = parse_worksheet(worksheet_yaml(original).encode(), "sheet.yaml")
    assert again == original
    assert worksheet_text(again) == worksheet_text(original)
    assert [line.marks for line in original.lines] == [line.marks for line in own]


@given(st.data())
def test_whatever_stands_there_is_read_or_told(data: st.DataObject) -> None:
    raw = data.draw(st.sampled_from([SHEET, ADD_ON, YAML])).encode()
    at, length = data.draw(st.integers(0, len(raw))), data.draw(st.integers(0, 20))
    raw = raw[:at] + data.draw(st.binary(max_size=8)) + raw[at + length :]
    problems: tuple[Problem, ...] = ()
    try:
        found = parse_worksheet(raw, data.draw(st.sampled_from(["sheet.txt", "sheet.yaml"]))).lines
    except InputError as error:
        problems, found = error.problems, ()
    assert found or problems
    assert all(one.where for one in problems)


@pytest.mark.parametrize("name", ["scoring.txt", "scoring_dns.txt", "scoring_nfv.txt", "scoring_orchestration.txt"])
def test_official_worksheets_survive_the_way_to_yaml_and_back(name: str) -> None:
    if not (FOLDER / name).is_file():
        pytest.skip("not run: no official files here")
    original = read_worksheet(FOLDER / name)
    again = sheet(worksheet_yaml(original), "sheet.yaml")
    assert again == original
    back = sheet(worksheet_text(again))
    assert back == original
    squeezed = ["".join(line.split()) for line in worksheet_text(again).splitlines()]
    assert squeezed == ["".join(line.split()) for line in (FOLDER / name).read_text().splitlines()]
