"""`defcore lint`: exit codes and formats."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from defcore import schemas
from defcore.cli import call
from tests.catalog.conftest import Folder


def lint(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    code = call(["lint", "--date", "2026-01-31", *map(str, arguments)])
    printed = capsys.readouterr()
    return code, printed.out, printed.err


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Folder:
    """A draft with one error, and warnings."""
    monkeypatch.chdir(tmp_path)
    made = Folder(Path())
    made.replace(made.guideline, "status: approved", "status: draft")
    return made


def test_the_shipped_catalog_has_no_errors(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = lint(capsys)
    assert (code, err) == (0, "")
    assert " 0 errors, " in out.splitlines()[-1]


def test_the_text_groups_by_file(
    capsys: pytest.CaptureFixture[str], folder: Folder, snapshot: SnapshotAssertion
) -> None:
    text = folder.guideline.read_text()
    folder.guideline.write_text(text + "      - {name: tempest.other}\n      - {name: tempest.another}\n")
    code, out, _ = lint(capsys, "guidelines", "--catalog", ".")
    assert (code, out) == (1, snapshot)


def test_warnings_of_a_kind_are_folded_unless_all_are_asked_for(
    capsys: pytest.CaptureFixture[str], folder: Folder
) -> None:
    text = folder.guideline.read_text().replace("weight: 9", "weight: 100").replace("date: 2017-04-27, ", "")
    again = "      - {id: 44444444-4444-4444-8444-444444444444, name: b, flag: {code: D401, reason: bug}}\n"
    folder.guideline.write_text(text + again)
    code, out, _ = lint(capsys, "--catalog", ".", folder.guideline)
    assert (code, out.count("flag-without-date"), "and 1 more" in out) == (0, 1, True)
    assert lint(capsys, "--catalog", ".", folder.guideline, "--all")[1].count("flag-without-date") == 2


def test_the_json_is_that_of_its_schema(capsys: pytest.CaptureFixture[str], folder: Folder) -> None:
    code, out, _ = lint(capsys, "--catalog", ".", folder.guideline, "--format", "json")
    document = json.loads(out)
    assert (code, schemas.problems(document, "lint")) == (1, [])
    assert (document["files"], document["errors"], document["warnings"]) == (1, 1, 1)
    assert [one["code"] for one in document["findings"]] == ["guideline.weights", "guideline.old-flag"]


def test_annotations_name_file_line_and_column(capsys: pytest.CaptureFixture[str], folder: Folder) -> None:
    _, out, _ = lint(capsys, "--catalog", ".", folder.guideline, "--format", "github")
    assert out.splitlines()[0] == (
        "::error file=guidelines/2020.06.yaml,line=11,col=5,title=guideline.weights::"
        "the weights of the criteria sum to 9, not 100"
    )


def test_a_hostile_file_breaks_no_annotation(capsys: pytest.CaptureFixture[str], folder: Folder) -> None:
    path = folder.write("a.json", json.dumps({"schema": "defcore/x\n::error::y\x1b[31m%/1"}))
    _, out, _ = lint(capsys, path, "--format", "github")
    assert len(out.splitlines()) == 1
    assert "\x1b" not in out


def test_a_path_that_is_not_there_is_the_users_input(capsys: pytest.CaptureFixture[str]) -> None:
    assert lint(capsys, "no-such-file")[0] == 2
