"""`defcore criteria`: tables, the official CSV, the sheet in both forms, and wrong input."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from syrupy.assertion import SnapshotAssertion

from defcore import schemas
from defcore.cli import call

SCORING = Path(__file__).parents[3] / "shared" / "guidelines" / "scoring"
SHEET = """\
Compute
-------
compute-flavors-list:   [1,1,1] [1,1,1] [1,1,0] [0,1,0] [1] [74]*
compute-images-create:  [0,1,1] [0,1,1] [1,1,1] [0,1,1] [1] [74]*
compute-unheard-of:     [0,?,1] [0,1,1] [1,1,1] [0,1,1] [1] [-66]
Admin
-----
compute-host:           [0,1,1][0,1,1][1,1,1][0,1,1][0]
"""


@pytest.fixture
def sheet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    file = Path("sheet.txt")
    file.write_text(SHEET)
    return file


def criteria(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    code = call(["criteria", *map(str, arguments)])
    printed = capsys.readouterr()
    return code, printed.out, printed.err


def test_a_sheet_as_text(sheet: Path, capsys: pytest.CaptureFixture[str], snapshot: SnapshotAssertion) -> None:
    code, out, err = criteria(capsys, sheet, "--weight", "sticky=11", "--cutoff", "73")
    assert (code, err) == (0, "")
    assert out == snapshot


def test_a_sheet_against_a_guideline(sheet: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = criteria(capsys, sheet, "--guideline", "2020.06")
    assert "compute-images-create: required by os_powered_compute, and its marks come to 72" in out
    assert "In the sheet alone: 2\n  compute-unheard-of\n  compute-host\n" in out
    assert "In the guideline alone: 77\n" in out
    assert "In the guideline alone" not in criteria(capsys, sheet)[1]


def test_without_a_sheet_the_achievements_stand_for_one(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = criteria(capsys)
    assert (code, err) == (0, "")
    assert "63 of 79 reach the cutoff 74 (*).\n" in out
    assert "Required, and below the cutoff: 16\n" in out


def test_the_json_keeps_its_contract(sheet: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, _ = criteria(capsys, sheet, "--format", "json", "--weight", "sticky=11", "--guideline", "2020.06")
    document = json.loads(out)
    assert code == 0
    assert schemas.problems(document, "criteria") == []
    first, second, third, fourth = document["capabilities"]
    assert (first["total"], first["chosen"], second["total"], second["stated_total"]) == (74, True, 72, 74)
    assert (third["total"], third["finished"], fourth["total"], fourth["stated_total"]) == (-66, False, 0, None)
    assert document["what_if"]["moves"] == [
        {"capability": "compute-images-create", "before": 72, "after": 74, "over": True}
    ]
    assert {one["code"] for one in document["irregularities"]} == {"worksheet.total", "worksheet.spacing"}


@pytest.mark.parametrize(
    ("sheet_name", "table"),
    [("scoring.txt", "tabulated_scores.csv"), ("scoring_nfv.txt", "tabulated_scores_nfv.csv")],
)
def test_the_csv_is_the_official_one_to_the_byte(
    sheet_name: str, table: str, capsys: pytest.CaptureFixture[str]
) -> None:
    if not (SCORING / sheet_name).is_file():
        pytest.skip("not run: no official files here")
    _, out, _ = criteria(capsys, SCORING / sheet_name, "--format", "csv")
    assert out.encode() == (SCORING / table).read_bytes()


def test_the_csv(sheet: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = criteria(capsys, sheet, "--format", "csv")[1].splitlines()
    assert lines[0].startswith("Capability,Widely Deployed,Used by Tools,")
    assert lines[1:] == [
        "compute-flavors-list,1,1,1,1,1,1,1,1,0,0,1,0,1,74*",
        "compute-images-create,0,1,1,0,1,1,1,1,1,0,1,1,1,72",
        "compute-unheard-of,0,?,1,0,1,1,1,1,1,0,1,1,1,-66",
        "compute-host,0",
    ]


def test_a_sheet_goes_to_yaml_and_back(sheet: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert criteria(capsys, sheet, "--format", "yaml", "-o", "sheet.yaml") == (0, "", "")
    assert criteria(capsys, "sheet.yaml", "--format", "csv") == criteria(capsys, sheet, "--format", "csv")
    _, out, _ = criteria(capsys, "sheet.yaml", "--format", "sheet", "--totals")
    assert "compute-images-create: [0,1,1] [0,1,1] [1,1,1] [0,1,1] [1] [72]\n" in out
    assert "compute-host: [0,1,1] [0,1,1] [1,1,1] [0,1,1] [0] [0]\n" in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["none.txt"], "worksheet.unreadable"),
        (["broken.txt"], "broken.txt:2: a: '7' is no mark"),
        (["sheet.txt", "--weight", "stiky=1"], "did you mean 'sticky'"),
        (["sheet.txt", "--weight", "sticky"], "write NAME=N"),
        (["sheet.txt", "--guideline", "2020.60"], "did you mean '2020.06'"),
        (["--guideline", "scs-0128"], "gives no weights"),
        (["sheet.txt", "-o", "out.txt"], "text goes to the terminal"),
    ],
)
def test_wrong_input_is_told(arguments: list[str], words: str, sheet: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("broken.txt").write_text("\na: [7,1,1] [1,1,1] [0,1,0] [0,1,1] [1] [74]*\n")
    code, out, err = criteria(capsys, *arguments)
    assert (code, out) == (2, "")
    assert words in err


def test_names_of_strangers_are_inert(sheet: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sheet.write_text("a\x1b[31m: [1,1,1] [1,1,1] [0,1,0] [0,1,1] [1] [74]*\n")
    assert "\x1b" not in criteria(capsys, sheet)[1]
