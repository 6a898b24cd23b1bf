"""The pages that list every test."""

from __future__ import annotations

import subprocess
import sys

from defcore.catalog import current_guidelines, find_data, load_catalog, load_guideline
from defcore.model.capability import Capability, Service
from defcore.report.suite_pages import pages
from tests.conftest import ROOT
from tests.plan.test_make_plan import CATALOG, A
from tests.values import guideline

DATA = find_data()


def test_the_committed_pages_are_current() -> None:
    done = subprocess.run(
        [sys.executable, ROOT / "scripts" / "test_pages", "--check"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, "current\n"), done.stdout + done.stderr


def test_every_test_and_every_official_id_is_on_a_page() -> None:
    catalog = load_catalog(DATA)
    guidelines = [load_guideline(name, DATA) for name in current_guidelines(DATA)]
    text = "".join(pages(catalog, guidelines).values())
    assert [test.name for test in catalog.tests if text.count(f"`{test.id}`") != 1] == []
    assert [id for test in catalog.tests for id in test.covers if f"`{id}`" not in text] == []


def test_a_capability_says_who_asks_for_it_and_a_test_whether_it_decides() -> None:
    asked = guideline(
        components={"core": {"servers": "required"}, "more": {"servers": "advisory"}}, capabilities={"servers": [A]}
    )
    page = pages(CATALOG, [asked])["compute.md"]
    servers = page[page.index("## servers") :]
    assert "required by core; `2020.06`: advisory by more." in servers
    assert "- **`list`**, decides: " in servers
    assert "- **`extra`**, advisory: " in servers
    assert f"official `{A}`" in servers


def test_a_service_without_capabilities_has_an_empty_page() -> None:
    assert isinstance(CATALOG.capabilities[0], Capability)
    assert "0 capabilities" in pages(CATALOG, [])[f"{Service.IMAGE}.md"]
