"""`defcore guideline`: what it prints, writes and refuses."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from defcore import schemas
from defcore.catalog import find_data, load_guideline
from defcore.cli import call
from tests.catalog.conftest import GUIDELINE
from tests.catalog.test_official import small

DATA = find_data(env={})


def guideline(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    code = call(["guideline", *map(str, arguments)])
    printed = capsys.readouterr()
    return code, printed.out, printed.err


@pytest.fixture
def official(tmp_path: Path) -> Path:
    data = small()
    data["capabilities"]["flavors"]["tests"]["tempest.test_list"]["idempotent_id"] = ""
    path = tmp_path / "2020.06.json"
    path.write_text(json.dumps(data))
    return path


@pytest.mark.parametrize("verb", ["list", "show", "import", "diff", "freeze"])
def test_help(
    verb: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, snapshot: SnapshotAssertion
) -> None:
    monkeypatch.setenv("COLUMNS", "100")
    assert guideline(capsys, verb, "--help")[1] == snapshot


def test_the_list_names_every_guideline_with_its_size(
    capsys: pytest.CaptureFixture[str], snapshot: SnapshotAssertion
) -> None:
    code, out, _ = guideline(capsys, "list")
    assert (code, out) == (0, snapshot)
    rows = json.loads(guideline(capsys, "list", "--format", "json")[1])["guidelines"]
    assert {row["id"]: (row["capabilities"], row["tests"]) for row in rows}["2020.06"] == (79, 289)


def test_show_says_what_is_required(capsys: pytest.CaptureFixture[str], snapshot: SnapshotAssertion) -> None:
    code, out, _ = guideline(capsys, "show", "orchestration.2018.02")
    assert (code, "\n".join(line for line in out.splitlines() if "digest" not in line)) == (0, snapshot)
    document = json.loads(guideline(capsys, "show", "2015.03", "--format", "json")[1])
    platform = document["platforms"][0]
    assert [platform[key] for key in ("target", "capabilities", "tests", "flagged", "must_pass")] == [
        *("platform", 10, 127, 9, 118)
    ]


def test_an_unknown_name_is_told_with_the_nearest(capsys: pytest.CaptureFixture[str]) -> None:
    code, _, err = guideline(capsys, "show", "2020.6")
    assert (code, "did you mean '2020.06'?" in err) == (2, True)


def test_what_is_imported_says_the_same(capsys: pytest.CaptureFixture[str], official: Path, tmp_path: Path) -> None:
    out = tmp_path / "own.yaml"
    code, printed, err = guideline(capsys, "import", official, "-o", out)
    assert (code, printed) == (0, "")
    assert "read leniently: the test has no id" in err
    theirs, own = load_guideline(official, DATA), load_guideline(out, DATA)
    assert replace(own, digest=theirs.digest) == theirs
    assert "the test has no id" in own.notes[0]
    assert guideline(capsys, "import", official)[1] == out.read_text()


def test_import_replaces_no_file_unasked(capsys: pytest.CaptureFixture[str], official: Path, tmp_path: Path) -> None:
    out = tmp_path / "own.yaml"
    out.write_text("mine")
    code, _, err = guideline(capsys, "import", official, "-o", out)
    assert (code, "[guideline.exists]" in err, out.read_text()) == (2, True, "mine")
    assert guideline(capsys, "import", official, "-o", out, "--force")[0] == 0
    assert out.read_text() != "mine"


def test_our_own_yaml_is_not_imported(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text(GUIDELINE)
    code, _, err = guideline(capsys, "import", path)
    assert (code, "[guideline.own]" in err) == (2, True)


def test_diff_for_people(capsys: pytest.CaptureFixture[str], snapshot: SnapshotAssertion) -> None:
    code, out, _ = guideline(capsys, "diff", "dns.2018.02", "dns.2018.11")
    assert (code, out) == (0, snapshot)


def test_diff_as_json(capsys: pytest.CaptureFixture[str], official: Path) -> None:
    code, out, _ = guideline(capsys, "diff", "2020.06", official, "--format", "json")
    document = json.loads(out)
    assert (code, schemas.problems(document, "guideline-diff")) == (0, [])
    assert (document["before"]["id"], document["counts"]["release"]) == ("2020.06", {"removed": 3})


def test_text_of_strangers_is_inert(capsys: pytest.CaptureFixture[str], official: Path) -> None:
    official.write_text(official.read_text().replace("OpenStack Powered Compute", "\\u001b[31mred"))
    for arguments in (("show", official), ("diff", "2020.06", official), ("import", official)):
        _, out, err = guideline(capsys, *arguments)
        assert "red" in out
        assert "\x1b" not in out + err


@pytest.fixture
def catalog(tmp_path: Path) -> Path:
    (tmp_path / "capabilities").mkdir()
    (tmp_path / "guidelines").mkdir()
    (tmp_path / "guidelines" / "2020.06.yaml").write_text(GUIDELINE)
    return tmp_path


def test_freezing_and_what_breaks_it(capsys: pytest.CaptureFixture[str], catalog: Path) -> None:
    file = catalog / "guidelines" / "2020.06.yaml"
    lock = catalog / "guidelines" / "frozen" / "2020.06.json"
    assert guideline(capsys, "freeze", file, "--check")[0] == 1
    assert guideline(capsys, "freeze", file)[0] == 0
    assert guideline(capsys, "freeze", file, "--check")[0] == 0
    frozen = lock.read_text()
    file.write_text(GUIDELINE.replace("it has a bug", "it has two bugs"))
    assert guideline(capsys, "freeze", file, "--check")[0] == 1
    assert lock.read_text() == frozen
    assert guideline(capsys, "freeze", file)[0] == 0
    anew = lock.read_text()
    file.write_text(GUIDELINE.replace("weight: 9", "weight: 8"))
    code, out, _ = guideline(capsys, "freeze", file)
    assert (code, out) == (1, "changed after it was frozen: the weight of stable was 9, is 8\n")
    assert (lock.read_text(), anew == frozen) == (anew, False)


def test_a_draft_is_not_frozen(capsys: pytest.CaptureFixture[str], catalog: Path) -> None:
    file = catalog / "guidelines" / "2020.06.yaml"
    file.write_text(GUIDELINE.replace("approved", "draft"))
    code, _, err = guideline(capsys, "freeze", file)
    assert (code, "[guideline.draft]" in err, (file.parent / "frozen").exists()) == (2, True, False)


def test_a_name_of_the_catalog_is_frozen_in_it(capsys: pytest.CaptureFixture[str], catalog: Path) -> None:
    assert guideline(capsys, "freeze", "2020.06", "--catalog", catalog)[0] == 0
    shutil.rmtree(catalog / "guidelines" / "frozen")
