"""`capabilities/detection.json` and its page say of each deviation what was found out, and of none but these."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from defcore.catalog import find_data, load_catalog
from tests.deviations.catalogue import DEVIATIONS
from tests.deviations.record import FILE, page, row, strengths

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def kept() -> dict[str, Any]:
    return json.loads((ROOT / "capabilities" / FILE).read_text())


def test_each_deviation_is_listed_once_and_as_it_is(kept: dict[str, Any]) -> None:
    listed = {one["id"]: one for one in kept["deviations"]}
    assert [one["id"] for one in kept["deviations"]] == [one.id for one in DEVIATIONS]
    assert [one.id for one in DEVIATIONS if row(one, listed[one.id]["killed_by"]) != listed[one.id]] == []


def test_what_kills_them_are_tests_of_their_service(kept: dict[str, Any]) -> None:
    services = {test.id: str(test.service) for test in load_catalog(find_data()).tests}
    wrong = [
        one["id"] for one in kept["deviations"] if {services.get(id) for id in one["killed_by"]} - {one["service"]}
    ]
    assert wrong == [], "measure these again: scripts/detection --into capabilities --only ID"


def test_the_counts_are_those_of_the_list(kept: dict[str, Any]) -> None:
    assert kept["capabilities"] == strengths(kept["deviations"])


def test_each_published_deviation_is_noticed(kept: dict[str, Any]) -> None:
    noticed = {one["id"] for one in kept["deviations"] if one["killed"]}
    assert [one.id for one in DEVIATIONS if one.published and one.id not in noticed] == []


def test_the_page_is_current(kept: dict[str, Any]) -> None:
    names = {test.id: test.name for test in load_catalog(find_data()).tests}
    published = {one.id: one.published for one in DEVIATIONS if one.published}
    told = (ROOT / "docs" / "detection.md").read_text()
    assert told == page(kept["deviations"], names, published), "scripts/detection --into capabilities --render"
