"""The guideline scs-0128 holds the tests of the published list, and those of 2020.06 as they stand there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from defcore.catalog import find_data, load_catalog, load_guideline
from defcore.model.guideline import Guideline, OfficialTest, Status
from defcore.plan import make_plan

DATA = find_data(env={})
LINE = re.compile(r"(?P<name>\S+?)\[id-(?P<id>[0-9a-f-]{36})(?:,\w+)*\]")


@pytest.fixture(scope="module")
def guideline() -> Guideline:
    return load_guideline("scs-0128", DATA)


def official_tests(guideline: Guideline) -> list[OfficialTest]:
    return [test for one in guideline.capabilities for test in one.tests]


def test_64_capabilities_hold_258_tests_each_once_and_none_is_flagged(guideline: Guideline) -> None:
    tests = official_tests(guideline)
    assert len(guideline.capabilities) == 64
    assert len(tests) == 258
    assert len({test.id for test in tests}) == 258
    assert [test.id for test in tests if test.flag] == []


def test_the_one_platform_requires_all_of_them(guideline: Guideline) -> None:
    [component], [platform] = guideline.components, guideline.platforms
    assert guideline.platform("scs-0128") is platform
    assert platform.components == (component.name,)
    assert component.with_status(Status.REQUIRED) == tuple(one.id for one in guideline.capabilities)


def test_ids_and_names_are_those_of_the_list(guideline: Guideline, shared: Path) -> None:
    lines = (shared / "guidelines" / "scs-0128.lst").read_text().split()
    listed = [LINE.fullmatch(line) for line in lines]
    assert {(one["id"], one["name"]) for one in listed if one} == {
        (one.id, one.name) for one in official_tests(guideline)
    }
    assert len(lines) == 258


def test_207_stand_as_in_2020_06(guideline: Guideline) -> None:
    older = load_guideline("2020.06", DATA)
    known = {
        (one.id, test.id): (one.description, one.project, test.name, test.aliases)
        for one in older.capabilities
        for test in one.tests
    }
    ids = {id for _, id in known}
    own = {
        (one.id, test.id): (one.description, one.project, test.name, test.aliases)
        for one in guideline.capabilities
        for test in one.tests
        if test.id in ids
    }
    assert len(own) == 207
    assert own.items() <= known.items()


def test_a_plan_for_the_target_asks_for_all_258(guideline: Guideline) -> None:
    plan = make_plan(guideline, load_catalog(DATA), target="scs-0128")
    assert plan.target == "scs-0128"
    asked = {id for test in plan.tests for id in test.case.covers} | {one.id for one in plan.uncovered}
    assert {test.id for test in official_tests(guideline)} <= asked
