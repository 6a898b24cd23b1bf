"""The shapes cannot rot: some quick tests of each service behind a real gateway, and the table that is committed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from defcore.catalog import find_data, load_catalog
from defcore.model.capability import Service
from defcore.model.outcome import Outcome
from tests.conftest import ReferenceCloud
from tests.shapes.measure import Selection, lasting, run_suite
from tests.shapes.shapes import SHAPES, gateway
from tests.shapes.site import Site
from tests.shapes.table import ROOT, markdown, total

QUICK = "root_ or version_ or catalog or flavors or temporary_url or pages_join or paged or list_in_pages"
"""What knows addresses: version documents, links, pages, signatures."""
DOCS = ROOT / "docs"
KEPT = sorted(DOCS.glob("shapes/*.json"))


@pytest.mark.refcloud
def test_each_service_keeps_its_promises_behind_a_gateway(reference_cloud: ReferenceCloud, tmp_path: Path) -> None:
    users = {"primary": "defcore-ref", "alt": "defcore-ref-alt", "reader": "defcore-ref-reader"}
    site = Site(clouds_file=reference_cloud.clouds_file, users=users, folder=tmp_path)
    with gateway(site) as behind:
        assert "https://127.0.0.1" in behind.clouds_file.read_text()
        attempts, _ = run_suite(behind, tmp_path / "run", Selection(words=QUICK), 2)
    not_passed = {id: (one.outcome, one.reason) for id, one in attempts.items() if one.outcome is not Outcome.PASSED}
    assert not_passed == {}
    services = {test.id: test.service for test in load_catalog(find_data()).tests}
    assert {services[id] for id in attempts} == set(Service)


@pytest.mark.parametrize("path", KEPT, ids=lambda path: path.stem)
def test_no_shape_is_called_a_broken_promise(path: Path) -> None:
    shape = json.loads(path.read_text())
    assert set(shape["services"]) <= set(Service)
    counts = total(shape, "tests")
    assert (counts["FAILED"], counts["NOT_RUN"]) == (0, 0)


def test_the_table_is_that_of_what_was_measured() -> None:
    kept = {path.stem: json.loads(path.read_text()) for path in KEPT}
    assert set(kept) <= {shape.name for shape in SHAPES}
    assert (DOCS / "shapes.md").read_text() == markdown([kept[one.name] for one in SHAPES if one.name in kept])


def test_reasons_are_told_without_what_differs_in_each_run() -> None:
    id = "0a1b2c3d-0000-4000-8000-00000000000a"
    told = f"GET http://127.0.0.1:1234/v2.1/servers/{id} (req-{id}): x"
    assert lasting(told) == "GET /v2.1/servers/… (…): x"
