"""Totals as the official tabulation counts them, and where sheet, achievements and lists disagree."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from defcore.catalog import find_data, load_guideline
from defcore.catalog.worksheets import read_worksheet
from defcore.errors import InputError
from defcore.judge.criteria import (
    achievements,
    changed,
    differences_with_achievements,
    differences_with_lists,
    differences_within,
    misspelled,
    moves,
    reading,
    scale_of,
    tabulate,
)
from defcore.model.criteria import OFFICIAL_ORDER, CriteriaScore, Mark, Scale, Worksheet, WorksheetLine
from defcore.model.guideline import Criterion, Guideline
from tests.values import guideline

SHARED = Path(__file__).parents[3] / "shared" / "guidelines"
WEIGHTS = (8, 6, 10, 11, 8, 9, 8, 8, 9, 9, 6, 8)
SCALE = Scale(weights=tuple(zip(OFFICIAL_ORDER, WEIGHTS, strict=True)), cutoff=74, origin="a test")
HAND_MADE = {
    "scoring_dns.txt": {"dns-zone-crud", "dns-record-crud"},
    "scoring_orchestration.txt": {
        "stack-create",
        "stack-update",
        "stack-delete",
        "stack-environment-parameter",
        "stack-get-output",
        "stack-list-resource-types",
        "stack-list-template-functions",
        "stack-list-template-versions",
        "stack-mark-resource-unhealthy",
        "stack-resource-type-template",
        "stack-show",
        "stack-show-resource",
        "stack-show-resource-type",
        "stack-show-unhealthy-resource",
        "stack-signal-resource",
        "stack-list",
        "stack-validate-template",
    },
}
"""Official worksheets whose totals were not made by the tabulation: 64 stands there, 66 is right (docs/criteria.md)."""


def line(marks: str, non_admin: str = "1", total: int | None = None, chosen: bool = False) -> WorksheetLine:
    return WorksheetLine(
        capability="servers",
        section="",
        marks=tuple((name, Mark(mark)) for name, mark in zip(OFFICIAL_ORDER, marks, strict=True) if mark != "*"),
        non_admin=Mark(non_admin),
        stated_total=total,
        stated_chosen=chosen,
    )


def sheet(*lines: WorksheetLine) -> Worksheet:
    return Worksheet(name="sheet.txt", parts=(lines,))


def score(own: WorksheetLine, scale: Scale = SCALE) -> CriteriaScore:
    return tabulate(sheet(own), scale)[0]


def asked(achieved: tuple[str, ...], status: str | None = "required", *, admin: bool = False) -> Guideline:
    made = guideline(
        components={"core": {"servers": status} if status else {}},
        capabilities={"servers": ["a"]},
    )
    capability = replace(made.capabilities[0], achievements=achieved, admin=admin)
    criteria = tuple(Criterion(id=name, name=name, description="", weight=weight) for name, weight in SCALE.weights)
    return replace(made, capabilities=(capability,), criteria=criteria, cutoff=74)


@pytest.mark.parametrize(
    ("marks", "non_admin", "total", "finished", "chosen"),
    [
        ("111111111111", "1", 100, True, True),
        ("111111010011", "1", 74, True, True),
        ("011011111011", "1", 72, True, False),
        ("000000000000", "1", 0, True, False),
        ("111111111111", "0", 0, True, False),
        ("1?1111111111", "0", 0, True, False),
        ("1?1111111111", "1", -94, False, False),
        ("???????????1", "1", -8, False, False),
        ("????????????", "1", 0, False, False),
        ("111111111111", "?", -100, False, False),
        ("*111111*11*1", "1", 78, True, True),
    ],
)
def test_a_total(marks: str, non_admin: str, total: int, finished: bool, chosen: bool) -> None:
    found = score(line(marks, non_admin))
    assert (found.total, found.finished, found.chosen) == (total, finished, chosen)


@given(st.text("01", min_size=12, max_size=12), st.integers(0, 11))
def test_one_more_criterion_met_adds_its_weight(marks: str, n: int) -> None:
    unmet, met = (score(line(f"{marks[:n]}{mark}{marks[n + 1 :]}")) for mark in "01")
    assert met.total - unmet.total == WEIGHTS[n]
    assert met.chosen or not unmet.chosen


def test_what_stands_in_the_sheet_is_held_against_its_marks() -> None:
    own = (line("1" * 12, total=99, chosen=True), line("0" * 12, total=0, chosen=True), line("1" * 12, total=100))
    found = [(one.kind.value, one.message) for one in differences_within(tabulate(sheet(*own), SCALE))]
    assert found == [
        ("total", "the total in the sheet is 99, its marks give 100"),
        ("asterisk", "an asterisk, and the total is below the cutoff"),
        ("asterisk", "no asterisk, and the total reaches the cutoff"),
    ]
    assert [*differences_within(tabulate(sheet(line("1" * 12)), SCALE))] == []


@pytest.mark.parametrize(
    ("marks", "status", "admin", "expected"),
    [
        ("111111111111", "required", False, []),
        ("111111111111", "advisory", False, []),
        ("111111111111", "deprecated", False, ["chosen-unlisted"]),
        ("111111111111", None, False, ["chosen-unlisted"]),
        ("000000000000", "required", False, ["listed-below"]),
        ("000000000000", "advisory", False, ["listed-below"]),
        ("000000000000", "deprecated", False, []),
        ("000000000000", None, False, []),
        ("111111111111", "required", True, ["admin"]),
    ],
)
def test_lists_need_not_follow_totals(marks: str, status: str | None, admin: bool, expected: list[str]) -> None:
    scores = tabulate(sheet(line(marks)), SCALE)
    own = asked((), status, admin=admin)
    assert [one.kind.value for one in differences_with_lists(scores, own, SCALE, "marks")] == expected


def test_marks_are_held_against_achievements() -> None:
    found = [*differences_with_achievements(sheet(line("110000000000")), asked(("deployed", "future")))]
    assert [(one.kind.value, one.message) for one in found] == [
        ("marks", "tools 1 (achievements: 0), future 0 (achievements: 1)")
    ]
    other = replace(line("000000000000", "0"), capability="other")
    found = [*differences_with_achievements(sheet(other, line("000000000000", "0")), asked(()))]
    assert [(one.kind.value, one.capability) for one in found] == [("only-sheet", "other"), ("admin", "servers")]
    found = [*differences_with_achievements(sheet(other), asked(()))]
    assert [(one.kind.value, one.capability) for one in found] == [
        ("only-sheet", "other"),
        ("only-guideline", "servers"),
    ]


def test_a_misspelled_achievement_is_read_as_meant_and_told() -> None:
    own = asked(("discoverable", "luck", ""))
    assert [score.total for score in tabulate(achievements(own), SCALE)] == [8]
    assert [score.total for score in tabulate(achievements(own, meant=False), SCALE)] == [0]
    assert [one.message for one in misspelled(own)] == [
        "the achievement 'discoverable' is no criterion; read as discover",
        "the achievement 'luck' is no criterion; not counted",
        "the achievement '' is no criterion; not counted",
    ]
    assert reading(asked(("discover",)), SCALE) == ()


def test_another_scale_moves_capabilities() -> None:
    own = sheet(line("111111010011"), line("011011111011"), line("1" * 12))
    for weights, cutoff, expected in (
        ({"deployed": 7}, None, [(74, 73, False)]),
        ({"sticky": 11}, None, [(72, 74, True)]),
        ({}, 72, [(72, 72, True)]),
        ({"deployed": 7}, 73, []),
        ({}, 101, [(74, 74, False), (100, 100, False)]),
    ):
        other = changed(SCALE, weights, cutoff)
        found = moves(tabulate(own, SCALE), tabulate(own, other))
        assert [(move.before, move.after, move.over) for move in found] == expected
    with pytest.raises(InputError, match="did you mean 'sticky'"):
        changed(SCALE, {"stiky": 1}, None)


def test_a_sheet_that_leaves_criteria_out_has_the_cutoff_of_the_add_ons() -> None:
    own = scale_of(asked(()), sheet(line("*11111111*1*")))
    assert (own.cutoff, sum(weight for _, weight in own.weights)) == (60, 75)
    assert scale_of(asked(()), sheet(line("1" * 12))).cutoff == 74
    alien = replace(line("1" * 12), marks=(("stabel", Mark.MET),))
    with pytest.raises(InputError, match="did you mean 'stable'"):
        scale_of(asked(()), sheet(alien))
    with pytest.raises(InputError, match=r"criteria\.no-scale"):
        scale_of(replace(asked(()), criteria=()), sheet(line("1" * 12)))


@pytest.mark.parametrize(
    ("name", "lines", "chosen"),
    [
        ("scoring.txt", 140, 103),
        ("scoring_nfv.txt", 6, 5),
        ("scoring_dns.txt", 2, 2),
        ("scoring_orchestration.txt", 17, 17),
    ],
)
def test_official_worksheets_hold_the_totals_that_their_marks_give(name: str, lines: int, chosen: int) -> None:
    """All but those that nobody tabulated: what differs there is listed above, and everything listed differs."""
    file = SHARED / "scoring" / name
    if not file.is_file():
        pytest.skip("not run: no official files here")
    own = read_worksheet(file)
    scores = tabulate(own, scale_of(load_guideline("2020.06", find_data(env={})), own))
    assert (len(scores), sum(one.chosen for one in scores)) == (lines, chosen)
    differing = [one for one in scores if one.line.stated_total != one.total]
    assert {one.capability for one in differing} == HAND_MADE.get(name, set())
    assert {(one.line.stated_total, one.total) for one in differing} <= {(64, 66)}
    without_asterisk = [one for one in scores if one.line.stated_chosen is not one.chosen]
    assert {one.capability for one in without_asterisk} == HAND_MADE.get(name, set())


def test_no_weights_ever_published_give_the_64_of_the_add_ons() -> None:
    files = [*SHARED.glob("*.json"), *SHARED.glob("add-ons/*.json")]
    if not files:
        pytest.skip("not run: no official files here")
    sums = set()
    for file in files:
        official = json.loads(file.read_text())
        criteria = official.get("metadata", {}).get("scoring", official)["criteria"]
        sums.add(sum(criteria[name]["weight"] for name in OFFICIAL_ORDER if name in _ADD_ON_MET))
    assert sums == {66, 67}


_ADD_ON_MET = {"tools", "clients", "future", "complete", "stable", "discover", "doc", "atomic"}


def official_achievements(*, keys: bool, names: bool) -> dict[str, list[str]]:
    """Of 2020.06, with the misspelled keys read or dropped and the misspelled names as meant or as they stand."""
    file = SHARED / "2020.06.json"
    if not file.is_file():
        pytest.skip("not run: no official files here")
    official: dict[str, dict[str, Any]] = json.loads(file.read_text())["capabilities"]
    found: dict[str, list[str]] = {}
    for capability, own in official.items():
        listed = own.get("achievements", own.get("acheivements") if keys else None) or []
        found[capability] = [re.sub("^discoverable$", "discover", name) if names else name for name in listed]
    return found


@pytest.mark.parametrize(("keys", "names", "below"), [(True, True, 16), (True, False, 17), (False, False, 18)])
def test_how_many_of_2020_06_stay_below_the_cutoff_depends_on_the_reading(keys: bool, names: bool, below: int) -> None:
    listed = official_achievements(keys=keys, names=names)
    own = load_guideline("2020.06", find_data(env={}))
    own = replace(own, capabilities=tuple(replace(one, achievements=tuple(listed[one.id])) for one in own.capabilities))
    scale = scale_of(own)
    scores = tabulate(achievements(own, meant=False), scale)
    found = [one for one in differences_with_lists(scores, own, scale, "achievements") if one.kind == "listed-below"]
    assert len(found) == below == sum(not one.chosen for one in scores)


def test_the_guideline_as_we_ship_it_reads_them_as_meant() -> None:
    own = load_guideline("2020.06", find_data(env={}))
    scale = scale_of(own)
    found = [*differences_with_lists(tabulate(achievements(own), scale), own, scale, "achievements")]
    assert [one.capability for one in found if one.kind == "chosen-unlisted"] == ["images-v2-import"]
    assert [one.capability for one in found if one.kind == "admin"] == ["networks-l3-CRUD", "networks-l3-router"]
    assert sum(one.kind == "listed-below" for one in found) == 16
