"""The suite against the guideline: what the official tests ask for, and what answers for them."""

from __future__ import annotations

import re
from pathlib import Path

from defcore.catalog import find_data, load_catalog, load_guideline

UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
DATA = find_data()
CATALOG = load_catalog(DATA)
GUIDELINE = load_guideline("2020.06", DATA)
OFFICIAL = {test.id: test.name for capability in GUIDELINE.capabilities for test in capability.tests}
COVERED = {id for test in CATALOG.tests for id in test.covers}
WITHOUT_TEST: dict[str, str] = {}
"""Official id -> why no test of the suite answers for it."""


def test_what_tests_cover_is_official(shared: Path) -> None:
    """A typo in `covers` would leave the official test NOT_RUN, unseen."""
    texts = [file.read_text() for file in (shared / "guidelines").rglob("*") if file.suffix in (".json", ".lst")]
    known = set(UUID.findall("\n".join(texts)))
    assert len(known) > 400
    unknown = {f"{test.nodeid}: {id}" for test in CATALOG.tests for id in test.covers if id not in known}
    assert unknown == set()


def test_every_official_test_is_answered_for() -> None:
    missing = {id: name for id, name in OFFICIAL.items() if id not in COVERED}
    assert set(missing) == set(WITHOUT_TEST), f"{len(missing)} without a test: {missing}"


def test_every_test_says_where_its_promise_is_written() -> None:
    silent = [test.nodeid for test in CATALOG.tests if not test.reference]
    assert silent == []


def test_each_capability_of_the_guideline_is_defined_and_has_tests() -> None:
    tests = {capability.id: capability.tests for capability in CATALOG.capabilities}
    assert [one.id for one in GUIDELINE.capabilities if not tests.get(one.id)] == []
