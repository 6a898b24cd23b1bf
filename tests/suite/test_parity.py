"""The suite against the guidelines: what the official tests ask for, and what answers for them."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from defcore.catalog import current_guidelines, find_data, load_catalog, load_guideline
from defcore.model.guideline import Guideline

UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
DATA = find_data()
CATALOG = load_catalog(DATA)
GUIDELINES = tuple(load_guideline(name, DATA) for name in current_guidelines(DATA))
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


@pytest.mark.parametrize("guideline", GUIDELINES, ids=lambda one: one.id)
def test_every_official_test_is_answered_for(guideline: Guideline, tell: Callable[[str], None]) -> None:
    """Of whatever status. What is compared here with the official files is in tests/catalog."""
    official = {test.id: test.name for capability in guideline.capabilities for test in capability.tests}
    missing = {id: name for id, name in official.items() if id not in COVERED}
    answering = sum(bool(set(test.covers) & set(official)) for test in CATALOG.tests)
    tell(
        f"parity with {guideline.id}: {len(official) - len(missing)} of {len(official)} official tests in "
        f"{len(guideline.capabilities)} capabilities are answered for, by {answering} tests"
    )
    for id, name in missing.items():
        tell(f"parity with {guideline.id}: nothing answers for {id} {name}")
    assert set(missing) == set(WITHOUT_TEST) & set(official), f"{len(missing)} without a test: {missing}"


def test_every_test_says_where_its_promise_is_written() -> None:
    silent = [test.nodeid for test in CATALOG.tests if not test.reference]
    assert silent == []


@pytest.mark.parametrize("guideline", GUIDELINES, ids=lambda one: one.id)
def test_each_capability_of_a_guideline_is_defined_and_has_tests(guideline: Guideline) -> None:
    tests = {capability.id: capability.tests for capability in CATALOG.capabilities}
    assert [one.id for one in guideline.capabilities if not tests.get(one.id)] == []
