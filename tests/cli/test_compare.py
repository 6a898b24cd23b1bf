"""`defcore compare`: two, several and many stored results."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import pytest

from defcore import schemas
from defcore.cli import call
from defcore.cli.compare import MANY, labels
from defcore.model import documents
from defcore.model.outcome import Cause, Outcome
from defcore.model.result import Result
from tests.report.hostile import hostile
from tests.report.test_cli import OFFICIAL, stored
from tests.values import record, result

HOSTILE = ("\x1b", "\x9b", "\u202e", "\u2028", "\x07")


def keep(folder: Path, own: Result) -> Path:
    folder.mkdir()
    (folder / "result.json").write_text(documents.text(documents.result_document(own)))
    return folder


def compare(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    code = call(["compare", *map(str, arguments)])
    printed = capsys.readouterr()
    return code, printed.out, printed.err


def test_two_results_give_what_changed_and_how_the_verdict_did(tmp_path, capsys):
    old, new = stored(tmp_path / "old", Outcome.FAILED), stored(tmp_path / "new", Outcome.PASSED, Cause.ABSENT)
    code, out, err = compare(capsys, old, new)
    assert (code, err) == (0, "")
    assert "1 regression: kept before, broken now" in out
    assert "PASSED -> SKIPPED (absent)" in out
    assert "1 repair: broken before, kept now" in out
    assert "judged under OpenStack Powered Platform 2020.06, policy strict" in out
    assert out.endswith("1 regression, 1 repair\n")
    code, out, _ = compare(capsys, old, new, "--format", "json")
    document = json.loads(out)
    assert code == 0
    assert schemas.problems(document, "comparison") == []
    assert (document["before"]["label"], document["after"]["label"]) == ("old", "new")
    assert {one["kind"] for one in document["changes"]} == {"regression", "repair"}


def test_the_same_result_twice_has_no_changes(tmp_path, capsys):
    own = stored(tmp_path / "own", Outcome.FAILED)
    code, out, _ = compare(capsys, own, own)
    assert code == 0
    assert out.endswith("no changes\n")


def test_three_results_give_a_matrix(tmp_path, capsys):
    runs = [stored(tmp_path / name, outcome) for name, outcome in zip("abc", Outcome, strict=False)]
    code, out, _ = compare(capsys, *runs)
    assert code == 0
    assert "1 tests with differing outcomes" in out
    assert "pass  FAIL  err" in " ".join(out.split(" ")).replace("   ", "  ")
    _, out, _ = compare(capsys, tmp_path, "--format", "json")
    document = json.loads(out)
    assert (document["kind"], [one["label"] for one in document["results"]]) == ("matrix", ["a", "b", "c"])


def test_many_results_below_a_folder_are_counted(tmp_path, capsys):
    for n in range(MANY + 1):
        outcome = Outcome.FAILED if n % 2 else Outcome.PASSED
        keep(tmp_path / f"r{n}", result(record("t", outcome), record("u", Outcome.PASSED)))
    code, out, _ = compare(capsys, tmp_path)
    assert code == 0
    assert f"{MANY + 1} results of 1 clouds; 1 tests passed in all of them" in out
    _, out, _ = compare(capsys, tmp_path, "--format", "csv")
    rows = {row["test"]: row for row in csv.DictReader(io.StringIO(out))}
    assert (rows["t"]["PASSED"], rows["t"]["FAILED"], rows["u"]["PASSED"]) == ("7", "6", "13")


@pytest.mark.parametrize("form", ["text", "json", "md", "csv"])
@pytest.mark.parametrize("others", [1, 2, MANY])
def test_what_strangers_wrote_is_inert_in_every_format(tmp_path, capsys, form, others):
    _, own = hostile()
    digest = "sha256:" + "0" * 64
    own = replace(own, guideline="2020.06", guideline_digest=digest, suite_digest=digest)
    text = documents.text(documents.result_document(own))
    if others == MANY:  # many at a time are read by a parser that refuses half a surrogate pair
        text = text.replace("\\ud800", "")
    for n in range(others):
        (tmp_path / f"r{n}").mkdir()
        (tmp_path / f"r{n}" / "result.json").write_text(text)
    keep(tmp_path / "z", result(record("t", Outcome.PASSED)))
    code, out, err = compare(capsys, tmp_path, "--format", form)
    assert (code, err) == (0, "")
    assert not [one for one in HOSTILE if one in out]
    assert "<script>" not in out or form in ("text", "json", "csv")
    if form == "csv":
        cells = [cell for row in csv.reader(io.StringIO(out)) for cell in row]
        assert not [cell for cell in cells if cell.startswith(("=", "+", "-", "@"))]


def test_results_of_different_programs_are_compared_by_the_official_tests(tmp_path, capsys):
    ours = stored(tmp_path / "ours", Outcome.FAILED)
    tests = [record(f"tempest.{one}", Outcome.PASSED, one) for one in OFFICIAL]
    theirs = keep(tmp_path / "theirs", result(*tests))
    _, out, _ = compare(capsys, theirs, ours)
    assert out.endswith(f"{len(OFFICIAL)} new tests, {len(OFFICIAL)} tests gone\n")
    code, out, _ = compare(capsys, theirs, ours, "--by", "official", "--format", "json")
    (change,) = json.loads(out)["changes"]
    assert (code, change["kind"], change["test"]) == (0, "regression", OFFICIAL[0])
    assert compare(capsys, *[ours] * (MANY + 1), "--by", "official")[0] == 2


def test_a_file_gets_what_the_terminal_would(tmp_path, capsys):
    old, new = stored(tmp_path / "old", Outcome.FAILED), stored(tmp_path / "new")
    _, printed, _ = compare(capsys, old, new, "--format", "md")
    assert compare(capsys, old, new, "--format", "md", "--output", tmp_path / "out.md") == (0, "", "")
    assert (tmp_path / "out.md").read_text() == printed
    assert "| PASSED |" not in printed
    assert "### 1 repair" in printed


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["{old}"], "it takes two to compare"),
        (["{old}", "{old}/nowhere"], "there is no result here"),
        (["{old}", "{old}", "--guideline", "2020.60"], "2020.60"),
        (["{old}", "{old}", "--platform", "platfrom"], "platform"),
    ],
)
def test_wrong_input_is_named(tmp_path, capsys, arguments, message):
    old = stored(tmp_path / "old")
    code, _, err = compare(capsys, *(one.format(old=old) for one in arguments))
    assert code == 2
    assert message in err


def test_labels_are_as_short_as_they_can_be_and_never_the_same():
    assert labels([Path("runs/a"), Path("runs/b/result.json")]) == ["a", "b"]
    assert labels([Path("x/a"), Path("y/a")]) == ["x/a", "y/a"]
    assert labels([Path("x/a"), Path("x/a")]) == ["x/a (1)", "x/a (2)"]
