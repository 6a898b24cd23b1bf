from __future__ import annotations

import errno
import json
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from defcore import schemas
from defcore.catalog import find_data, load_guideline
from defcore.cli import call
from defcore.model import documents
from defcore.model.outcome import Cause, Outcome
from defcore.model.result import Result
from tests.values import record, result

GUIDELINE = load_guideline("2020.06", find_data())
OFFICIAL = sorted({test.id for capability in GUIDELINE.capabilities for test in capability.tests})


def stored(folder: Path, *outcomes: Outcome | Cause, **more: object) -> Path:
    """A run folder whose first tests have these outcomes, and all others passed."""
    padded = [*outcomes, *[Outcome.PASSED] * (len(OFFICIAL) - len(outcomes))]
    made = result(*(record(one, outcome) for one, outcome in zip(OFFICIAL, padded, strict=True)))
    return keep(folder, replace(made, guideline_digest=GUIDELINE.digest))


def keep(folder: Path, made: Result) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "result.json").write_text(documents.text(documents.result_document(made)))
    return folder


@pytest.mark.parametrize(
    ("outcomes", "policy", "verdict", "code"),
    [
        ([], "strict", "CONFORMANT", 0),
        ([Outcome.FAILED] * 20, "strict", "NON_CONFORMANT", 1),
        ([Outcome.ERROR] * 20, "strict", "INCONCLUSIVE", 3),
        ([Outcome.ERROR] * 20, "official", "NON_CONFORMANT", 1),
    ],
)
def test_the_exit_code_of_score_is_the_verdict(tmp_path, capsys, outcomes, policy, verdict, code):
    folder = stored(tmp_path, *outcomes)
    assert call(["score", str(folder), "--policy", policy, "--format", "json"]) == code
    card = json.loads(capsys.readouterr().out)
    assert (card["verdict"], card["policy"], card["target"]) == (verdict, policy, "platform")
    assert card["guideline"] == "2020.06"
    assert card["statuses"]["required"]["tests"] == 286
    assert schemas.problems(card, "scorecard") == []


def test_score_takes_the_result_file_too_and_prints_the_verdict_last(tmp_path, capsys):
    folder = stored(tmp_path, *[Cause.ABSENT] * 20)
    assert call(["score", str(folder / "result.json"), "--target", "object"]) in (0, 1)
    out = capsys.readouterr().out
    assert "OpenStack Powered Storage 2020.06  (policy strict)" in out
    assert "\x1b" not in out


def test_the_same_files_give_the_same_document_on_any_day(tmp_path, capsys):
    folder = stored(tmp_path, Outcome.FAILED)
    call(["score", str(folder), "--format", "json"])
    first = capsys.readouterr().out
    assert json.loads(first)["date"] == "2026-01-31"
    call(["score", str(folder), "--format", "json"])
    assert capsys.readouterr().out == first
    call(["score", str(folder), "--format", "json", "--date", "2030-02-01"])
    assert json.loads(capsys.readouterr().out)["date"] == "2030-02-01"


@pytest.mark.parametrize("form", ["text", "json", "md", "junit", "html"])
def test_report_renders_every_format_whatever_the_verdict(tmp_path, capsys, form):
    folder = stored(tmp_path, *[Outcome.FAILED] * 20)
    assert call(["report", str(folder), "--format", form]) == 0
    printed = capsys.readouterr().out
    assert call(["report", str(folder), "--format", form, "--output", str(tmp_path / "out")]) == 0
    assert (tmp_path / "out").read_text() == printed
    if form == "json":
        report = json.loads(printed)
        assert report["verdict"] == "NON_CONFORMANT"
        assert schemas.problems(report["result"], "result") == []
    elif form == "junit":
        assert ElementTree.fromstring(printed).get("failures") == "20"
    else:
        assert "NON_CONFORMANT" in printed


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "not valid JSON"),
        (b"\xff\xfe", "not UTF-8 text"),
        (b"[" * 100_000, "nested deeper than 40 levels"),
        (b"[]", "a result must be a mapping"),
        (b'{"schema": "defcore/result/9"}', "version 9"),
        (b'{"schema": "defcore/plan/1"}', "this is a plan, not a result"),
        (b'{"schema": NaN}', "$.schema: expected a finite number, not NaN"),
        (b'{"schema": "defcore/result/1"}', "the key 'run' is missing"),
    ],
)
@pytest.mark.parametrize("verb", ["score", "report"])
def test_a_file_that_is_no_result_is_the_users_error(tmp_path, capsys, verb, content, message):
    (tmp_path / "result.json").write_bytes(content)
    assert call([verb, str(tmp_path)]) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments",
    [
        ["score", "{folder}/nowhere"],
        ["score", "{folder}", "--guideline", "2020.60"],
        ["score", "{folder}", "--platform", "platfrom"],
        ["score", "{folder}", "--policy", "lenient"],
        ["score", "{folder}", "--date", "31.1.2026"],
        ["score"],
        ["report", "{folder}", "--format", "pdf"],
        ["report", "{folder}", "--output", "{folder}/no/such/folder"],
    ],
)
def test_a_wrong_option_is_the_users_error(tmp_path, capsys, arguments):
    folder = stored(tmp_path)
    assert call([one.format(folder=folder) for one in arguments]) == 2
    assert "Traceback" not in capsys.readouterr().err


def test_many_problems_of_a_result_are_counted(tmp_path, capsys):
    folder = stored(tmp_path)
    document = json.loads((folder / "result.json").read_text())
    for test in document["tests"]:
        test["outcome"] = "passed"
    (folder / "result.json").write_text(json.dumps(document))
    assert call(["score", str(folder)]) == 2
    error = capsys.readouterr().err
    assert "$.tests[0].outcome" in error
    assert f"and {len(OFFICIAL) - 20} more" in error


def test_a_number_that_is_not_finite_is_refused_with_its_place(tmp_path, capsys):
    folder = stored(tmp_path)
    text = (folder / "result.json").read_text().replace('"seconds": 600.0', '"seconds": 1e999')
    (folder / "result.json").write_text(text)
    assert call(["score", str(folder)]) == 2
    assert "$.run.seconds: expected a finite number" in capsys.readouterr().err


def test_a_full_disk_leaves_the_old_report_and_no_half_of_a_new_one(tmp_path, monkeypatch, capsys):
    folder = stored(tmp_path)
    (folder / "r").write_text("the old one")

    def full(descriptor):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    assert call(["report", str(folder), "--output", str(folder / "r")]) == 3
    assert "No space left on device" in capsys.readouterr().err
    assert sorted(path.name for path in folder.iterdir()) == ["r", "result.json"]
    assert (folder / "r").read_text() == "the old one"


def test_explain_says_why_and_what_would_be_otherwise(tmp_path, capsys):
    folder = stored(tmp_path, Outcome.FAILED)
    assert call(["explain", str(folder), "--if-guideline", "scs-0128"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("NON_CONFORMANT  OpenStack Powered Platform 2020.06\n")
    assert "the smallest set of tests to mend for a yes: 1\n" in out
    assert "guideline scs-0128:" in out
    assert call(["explain", str(folder), "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["schema"] == "defcore/explanation/1"
    assert call(["explain", str(folder), "compute-flavours-list"]) == 2
    assert "did you mean 'compute-flavors-list'" in capsys.readouterr().err


def test_waivers_lift_what_they_name_while_they_hold(tmp_path, capsys):
    folder = stored(tmp_path, *[Outcome.FAILED] * 3)
    waivers = tmp_path / "waivers.yaml"
    names = ", ".join(OFFICIAL[:3])
    waivers.write_text(
        "schema: defcore/waivers/1\nwaivers:\n- {id: w1, product: Acme, scope: {tests: ["
        + names
        + "]}, reason: r, granted: 2026-01-01, expires: 2026-03-01, decided_by: the board}\n"
    )
    given = ["score", str(folder), "--waivers", str(waivers)]
    assert call(given) == 1
    assert call([*given, "--product", "Acme"]) == 0
    assert "runs out in 29 days" in capsys.readouterr().out
    assert call([*given, "--product", "Acme", "--date", "2026-03-02"]) == 1
