"""`defcore criteria`: tables, the official CSV, the sheet in both forms, and wrong input."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from syrupy.assertion import SnapshotAssertion

from defcore import schemas
from defcore.catalog import find_data, load_guideline
from defcore.cli import call, root
from defcore.cli.criteria import check_worksheet
from defcore.errors import InputError
from defcore.model.documents import result_document
from defcore.model.outcome import Outcome
from tests.values import record, result

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
    assert "compute-images-create: required in os_powered_compute, and its marks come to 72" in out
    assert "In the sheet alone: 2\n  compute-unheard-of\n  compute-host\n" in out
    assert "In the guideline alone: 77\n" in out
    assert "In the guideline alone" not in criteria(capsys, sheet)[1]


def test_without_a_sheet_the_achievements_stand_for_one(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = criteria(capsys)
    assert (code, err) == (0, "")
    assert "63 of 79 reach the cutoff 74 (*).\n" in out
    assert "Required or advisory, and below the cutoff: 16\n" in out


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


@pytest.mark.parametrize(("words", "expected"), [("--weight st", "sticky="), ("--threshold pro", "promote=")])
def test_names_complete(words: str, expected: str) -> None:
    environment = {
        "_DEFCORE_COMPLETE": "bash_complete",
        "COMP_CWORD": "3",
        "COMP_WORDS": f"defcore criteria {words}",
    }
    assert f"plain,{expected}" in CliRunner().invoke(root, prog_name="defcore", env=environment).output.splitlines()


def test_lint_is_told_of_everything_at_once(sheet: Path) -> None:
    assert [(one.code, one.where) for one in check_worksheet(sheet)] == [
        ("worksheet.spacing", "sheet.txt:8"),
        ("worksheet.total", "sheet.txt:8"),
        ("worksheet.wrong-total", "sheet.txt:4"),
        ("worksheet.wrong-asterisk", "sheet.txt:4"),
    ]
    sheet.write_text("a: [7,1,1] [1,1,1] [0,1,0] [0,1,1] [1] [74]*\n")
    with pytest.raises(InputError):
        list(check_worksheet(sheet))


def test_lint_finds_worksheets(sheet: Path, capsys: pytest.CaptureFixture[str]) -> None:
    criteria(capsys, sheet, "--format", "yaml", "-o", "sheet.yaml")
    assert call(["lint", "sheet.yaml", "sheet.txt"]) == 1
    out = capsys.readouterr().out
    assert out.count("[worksheet.wrong-total]") == 2
    assert "2 files: 2 errors, 4 warnings\n" in out
    sheet.write_text("a: [7,1,1] [1,1,1] [0,1,0] [0,1,1] [1] [74]*\n")
    assert call(["lint", "sheet.txt"]) == 1
    assert "[worksheet.mark]" in capsys.readouterr().out


def test_names_of_strangers_are_inert(sheet: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sheet.write_text("a\x1b[31m: [1,1,1] [1,1,1] [0,1,0] [0,1,1] [1] [74]*\n")
    assert "\x1b" not in criteria(capsys, sheet)[1]


@pytest.fixture
def results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Four clouds that pass the two official tests of compute-flavors-list, and fail one of its neighbour."""
    monkeypatch.chdir(tmp_path)
    asked = load_guideline("2020.06", find_data(env={}))
    flavors, zones = (asked.capability(name) for name in ("compute-flavors-list", "compute-availability-zones-list"))
    assert flavors
    assert zones
    records = [record(test.id, Outcome.PASSED) for test in flavors.tests]
    records += [record(test.id, Outcome.FAILED) for test in zones.tests]
    for n in range(4):
        own = result(*records)
        file = tmp_path / "results" / "2020.06" / f"vendor{n}" / "result.json"
        file.parent.mkdir(parents=True)
        file.write_text(json.dumps(result_document(replace(own, cloud=replace(own.cloud, cpid=f"c{n}")))))
    return Path("results")


def test_results_are_measured(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = criteria(capsys, "--results", results)
    assert (code, err) == (0, "")
    rows = {line.split()[0]: line.split()[1:] for line in out.splitlines() if line.startswith("compute-")}
    assert rows["compute-flavors-list"][:4] == ["required", "4", "4", "100%"]
    assert rows["compute-availability-zones-list"][:4] == ["required", "4", "0", "0%"]
    assert rows["compute-availability-zones-list"][-1] == "deprecate"
    assert rows["compute-servers-list"][:4] == ["required", "0", "0", "-"]
    assert "Not measurable on results, people judge: tools, clients, future, complete, doc, foundation," in out
    assert "Deprecate: 1 (removed only what was deprecated in the guideline before, so it is deprecated first)\n" in out
    assert "    deployed: 0 of 4 products support it (0%; less than 50%)\n" in out
    assert "reach the cutoff" not in out


def test_thresholds_are_options(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = criteria(capsys, "--results", results, "--threshold", "products=5")
    assert "No step is proposed.\n" in out
    for wrong, words in (
        ("product=5", "did you mean 'products'"),
        ("promote=2", "between 0 and 1"),
        ("stable=many", "a number is expected"),
        ("promote=nan", "between 0 and 1"),
    ):
        code, _, err = criteria(capsys, "--results", results, "--threshold", wrong)
        assert (code, words in err) == (2, True), err


def test_what_was_measured_as_json_and_csv(results: Path, sheet: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = json.loads(criteria(capsys, "--results", results, "--format", "json")[1])
    assert schemas.problems(document, "criteria") == []
    assert (document["measured"]["results"], document["measured"]["products"]) == (4, 4)
    assert document["measured"]["thresholds"]["promote"] == 0.8
    assert [one["step"] for one in document["measured"]["proposals"]] == ["deprecate"]
    lines = criteria(capsys, "--results", results, "--format", "csv")[1].splitlines()
    assert lines[0] == "Capability,Status,Products,Supporting,Deployed,Stable,Discover,Proposal"
    flavors = next(line for line in lines if line.startswith("compute-flavors-list,"))
    assert flavors.startswith("compute-flavors-list,required,4,4,1,")
    both = criteria(capsys, sheet, "--results", results)[1]
    assert "of 4 reach the cutoff" in both
    assert "Measured for 2020.06\n" in both


def test_a_broken_result_is_told(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = results / "2020.06" / "vendor1" / "result.json"
    file.write_text(file.read_text().replace('"FAILED"', '"BROKEN"', 1))
    code, out, err = criteria(capsys, "--results", results)
    assert (code, out) == (2, "")
    assert "vendor1/result.json: $.tests[" in err
    assert criteria(capsys, "--results", Path("results/2020.06/none"))[0] == 2
