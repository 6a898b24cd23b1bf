"""The guideline 2020.06 holds the facts of the official file."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from defcore.catalog import find_data, load_guideline
from defcore.model.guideline import Guideline, OfficialTest, Status

ROOT = Path(__file__).parents[2]
OFFICIAL = ROOT.parent / "shared" / "guidelines" / "2020.06.json"


@pytest.fixture(scope="module")
def guideline() -> Guideline:
    return load_guideline("2020.06", find_data(env={}))


@pytest.fixture(scope="module")
def official() -> dict[str, Any]:
    if not OFFICIAL.is_file():
        pytest.skip("not run: no official files here")
    return json.loads(OFFICIAL.read_text())


def required(guideline: Guideline, target: str) -> tuple[set[str], list[OfficialTest]]:
    platform = guideline.platform(target)
    assert platform is not None
    names = {
        name
        for component in guideline.components
        if component.name in platform.components
        for name in component.with_status(Status.REQUIRED)
    }
    return names, [test for one in guideline.capabilities if one.id in names for test in one.tests]


@pytest.mark.parametrize(
    ("target", "capabilities", "tests", "flagged"),
    [("platform", 78, 286, 11), ("compute", 60, 228, 11), ("object", 20, 60, 0)],
)
def test_a_platform_requires_so_much(
    guideline: Guideline, target: str, capabilities: int, tests: int, flagged: int
) -> None:
    names, required_tests = required(guideline, target)
    assert len(names) == capabilities
    assert len(required_tests) == tests
    assert sum(test.flag is not None for test in required_tests) == flagged


def test_79_capabilities_hold_289_tests_of_287_ids_and_95_have_aliases(guideline: Guideline) -> None:
    tests = [test for one in guideline.capabilities for test in one.tests]
    assert len(guideline.capabilities) == 79
    assert len(tests) == 289
    assert len({test.id for test in tests}) == 287
    assert sum(bool(test.aliases) for test in tests) == 95


def test_the_weights_are_100_and_16_required_capabilities_stay_below_the_cutoff(guideline: Guideline) -> None:
    """As `notes` of the guideline reads the misspelled lists: 16, not 17 or 18."""
    weights = {one.id: one.weight for one in guideline.criteria}
    assert sum(weights.values()) == 100
    assert guideline.cutoff == 74
    names, _ = required(guideline, "platform")
    below = [one.id for one in guideline.capabilities if sum(weights[name] for name in one.achievements) < 74]
    assert len(below) == 16
    assert set(below) - names <= {"images-v2-import"}


def test_ids_of_the_guideline_and_of_the_capability_files_are_the_same(guideline: Guideline) -> None:
    files = {path.stem for path in (ROOT / "capabilities").rglob("*.yaml")}
    assert {one.id for one in guideline.capabilities} <= files


def test_the_head_is_the_official_one(guideline: Guideline, official: dict[str, Any]) -> None:
    head = official["metadata"]
    approval = head["os_trademark_approval"]
    assert guideline.id == head["id"]
    assert guideline.source == head["source"]
    assert guideline.status == approval["status"]
    assert guideline.releases == tuple(approval["releases"])
    assert guideline.replaces == approval["replaces"]
    assert guideline.approval == approval["target_approval"]
    assert guideline.cutoff == head["scoring"]["cutoff_score"]
    assert {one.id: (one.name, one.weight) for one in guideline.criteria} == {
        name: (one["name"], one["weight"]) for name, one in head["scoring"]["criteria"].items()
    }


def test_platforms_and_components_are_the_official_ones(guideline: Guideline, official: dict[str, Any]) -> None:
    assert {one.name: list(one.components) for one in guideline.platforms} == {
        name: [component["name"] for component in one["components"]] for name, one in official["platforms"].items()
    }
    assert {
        one.name: {status.value: list(one.with_status(status)) for status in Status} for one in guideline.components
    } == {name: one["capabilities"] for name, one in official["components"].items()}


def test_capabilities_are_the_official_ones(guideline: Guideline, official: dict[str, Any]) -> None:
    assert [one.id for one in guideline.capabilities] == list(official["capabilities"])
    for own in guideline.capabilities:
        theirs = official["capabilities"][own.id]
        meant = {"discoverable": "discover"}
        listed = theirs.get("achievements", theirs.get("acheivements"))
        assert own.project == theirs["project"]
        assert own.admin is theirs["admin"]
        assert (own.required_since or "") == theirs.get("required_since", ""), own.id
        assert set(own.achievements) == {meant.get(name, name) for name in listed if name}, own.id


def test_tests_are_the_official_ones(guideline: Guideline, official: dict[str, Any]) -> None:
    for own in guideline.capabilities:
        theirs = official["capabilities"][own.id]["tests"]
        assert [test.name for test in own.tests] == list(theirs)
        for test in own.tests:
            official_test = theirs[test.name]
            assert f"id-{test.id}" == official_test["idempotent_id"]
            assert test.aliases == tuple(official_test.get("aliases", ()))
            assert (test.flag is None) is ("flagged" not in official_test)
            if test.flag:
                code = re.search(r"D40\d", official_test["flagged"]["reason"])
                assert test.flag.code == (code[0] if code else None)
                assert test.flag.date == official_test["flagged"]["date"]


def test_no_sentence_is_taken_over(guideline: Guideline, official: dict[str, Any]) -> None:
    theirs = json.dumps(official)
    own = [one.description for one in (*guideline.capabilities, *guideline.criteria, *guideline.platforms)]
    own += [test.flag.reason for one in guideline.capabilities for test in one.tests if test.flag]
    assert [text for text in own if text in theirs] == []
