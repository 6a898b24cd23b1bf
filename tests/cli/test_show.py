"""`defcore show`: what it prints, and what it says to wrong names."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from syrupy.assertion import SnapshotAssertion

from defcore.catalog import find_data
from defcore.cli import call, root
from defcore.cli.show import _Known
from defcore.model.capability import Strength
from defcore.report.overview import official_names
from tests.plan.test_make_plan import CATALOG, A, B, C
from tests.values import guideline

FLAVORS, OFFICIAL = "compute-flavors-list", "e36c0eaa-dff5-4082-ad1f-3f9a80aa3f59"
TEST, NAME = "8fb42900-db6e-4493-afd5-09991d1e95d1", "flavors_brief_matches_show"


def show(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = call(["show", *arguments])
    printed = capsys.readouterr()
    return code, printed.out, printed.err


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A catalog of our own in which nothing has been measured."""
    for kind in ("capabilities", "guidelines"):
        shutil.copytree(find_data().root / kind, tmp_path / kind)
    (tmp_path / "capabilities" / "detection.json").unlink(missing_ok=True)
    return tmp_path


def measured(folder: Path, document: object) -> Path:
    (folder / "capabilities" / "detection.json").write_text(json.dumps(document))
    return folder


def strength(**counts: object) -> dict[str, object]:
    return {"schema": "defcore/detection/1", "capabilities": {FLAVORS: counts}, "deviations": []}


def test_a_capability_as_text(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, snapshot: SnapshotAssertion
) -> None:
    asked = guideline(
        components={"core": {"servers": "required"}, "more": {"servers": "advisory"}},
        capabilities={"servers": [A, B, C], "boot": [C]},
    )
    known = _Known(
        catalog=CATALOG,
        guidelines=(asked,),
        detection={"servers": Strength(aimed=3, killed=2, missed=("compute.list-empty",))},
        names=official_names([asked]),
    )
    monkeypatch.setattr("defcore.cli.show._load", lambda data: known)
    for name in ("servers", "unasked"):
        code, out, err = show(capsys, name)
        assert (code, err) == (0, "")
        assert out == snapshot


def test_strength_has_both_counts(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    measured(folder, strength(aimed=4, killed=3, missed=["compute.flavor-links"]))
    _, out, _ = show(capsys, FLAVORS, "--catalog", str(folder))
    assert "  detection: 3 of 4 deviations noticed; missed: compute.flavor-links\n" in out
    _, out, _ = show(capsys, FLAVORS, "--catalog", str(folder), "--format", "json")
    assert json.loads(out)["detection"] == {"aimed": 4, "killed": 3, "missed": ["compute.flavor-links"]}


@pytest.mark.parametrize("document", [None, strength(aimed=0, killed=0, missed=[])])
def test_what_was_not_measured_is_said_so(document: object, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if document:
        measured(folder, document)
    assert "  detection: not measured\n" in show(capsys, FLAVORS, "--catalog", str(folder))[1]
    assert "  detection: not measured\n" in show(capsys, "compute-images-create", "--catalog", str(folder))[1]


@pytest.mark.parametrize("document", [{"schema": "defcore/detection/9"}, strength(aimed="4", killed=3, missed=[]), []])
def test_a_broken_measurement_is_told(document: object, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = show(capsys, FLAVORS, "--catalog", str(measured(folder, document)))
    assert code == 2
    assert "detection.json" in err


def test_the_json_holds_guidelines_and_tests(capsys: pytest.CaptureFixture[str]) -> None:
    document = json.loads(show(capsys, FLAVORS, "--format", "json")[1])
    assert {"guideline": "2020.06", "component": "os_powered_compute", "status": "required", "official": 2} in document[
        "guidelines"
    ]
    first = document["tests"][0]
    assert (first["id"], first["name"], first["needs"]) == (TEST, NAME, ["flavor"])
    assert first["covers"] == [{"id": OFFICIAL, "name": "FlavorsV2TestJSON.test_list_flavors"}]


@pytest.mark.parametrize("name", [TEST, TEST.upper(), OFFICIAL, f"id-{OFFICIAL}", NAME, f"test_{NAME}"])
def test_a_test_is_found_by_its_ids_and_names(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = show(capsys, name)
    assert code == 0
    assert out.startswith(f"{NAME}, decides\n")
    assert f"  capability: {FLAVORS}\n" in out
    assert json.loads(show(capsys, name, "--format", "json")[1])["tests"][0]["capability"] == FLAVORS


@pytest.mark.parametrize(("name", "near"), [("compute-flavor-list", FLAVORS), ("flavors_brief_matches_shows", NAME)])
def test_a_wrong_name_is_told_with_the_nearest(name: str, near: str, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = show(capsys, name)
    assert (code, out) == (2, "")
    assert f"did you mean '{near}'?" in err


def test_an_official_test_that_nobody_answers_for_is_said_so(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = folder / "guidelines" / "2020.06.yaml"
    lonely = "00000000-0000-4000-8000-000000000000"
    file.write_text(file.read_text().replace(OFFICIAL, lonely))
    code, _, err = show(capsys, lonely, "--catalog", str(folder))
    assert (code, "no test answers for the official test" in err) == (2, True)


def test_capabilities_complete() -> None:
    environment = {"_DEFCORE_COMPLETE": "bash_complete", "COMP_CWORD": "2", "COMP_WORDS": "defcore show compute-fl"}
    assert f"plain,{FLAVORS}" in CliRunner().invoke(root, prog_name="defcore", env=environment).output.splitlines()
