"""`score`, `report` and `export` on the command line, with results that other programs made."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest

from defcore.cli import call
from defcore.model import documents
from defcore.model.outcome import Outcome
from tests.results.files import TEMPEST, an_id, read, refstack, stream_v2
from tests.values import record, result

FLAVORS = "e36c0eaa-dff5-4082-ad1f-3f9a80aa3f59"


def scored(capsys: pytest.CaptureFixture[str], *arguments: object) -> dict:
    code = call(["score", *map(str, arguments), "--guideline", "2020.06", "--format", "json"])
    captured = capsys.readouterr()
    assert code in (0, 1, 3), captured.err
    return json.loads(captured.out)


def outcomes(card: dict) -> dict[str, str]:
    return {test["id"]: test["outcome"] for one in card["capabilities"] for test in one["tests"]}


def test_another_programs_result_is_judged_under_a_guideline_that_must_be_named(capsys) -> None:
    assert call(["score", str(TEMPEST)]) == 2
    error = capsys.readouterr().err
    assert "does not say for which guideline" in error
    assert "--guideline" in error
    card = scored(capsys, TEMPEST, "--target", "compute", "--policy", "official")
    assert (card["verdict"], card["date"], card["cloud"]) == ("NON_CONFORMANT", "2026-11-22", "tempest-cut")
    assert outcomes(card)[FLAVORS] == "PASSED"


def test_several_files_are_judged_as_one_result(tmp_path: Path, capsys) -> None:
    other = tmp_path / "other.json"
    missing = "ac1ad47f-984b-4441-9274-c9079b7a0666"
    other.write_bytes(refstack(results=[{"name": "x", "uuid": missing}]))
    assert outcomes(scored(capsys, other))[missing] == "PASSED"
    together = scored(capsys, TEMPEST, other)
    assert outcomes(together)[missing] == "SKIPPED"
    assert outcomes(together)[FLAVORS] == "PASSED"
    assert together["cpid"] == "c" * 32


def test_our_run_and_another_programs_result_together(tmp_path: Path, capsys) -> None:
    own = tmp_path / "result.json"
    own.write_text(documents.text(documents.result_document(result(record("a", Outcome.FAILED, FLAVORS)))))
    assert outcomes(scored(capsys, tmp_path))[FLAVORS] == "FAILED"
    assert outcomes(scored(capsys, TEMPEST, tmp_path))[FLAVORS] == "FAILED"


def test_a_result_may_come_from_the_standard_input(monkeypatch, capsys) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(TEMPEST.read_bytes())))
    assert scored(capsys, "-")["cloud"] == "stdin"


@pytest.mark.parametrize("form", ["text", "md", "html", "junit", "json"])
def test_another_programs_result_is_rendered_in_every_format(form: str, capsys) -> None:
    assert call(["report", str(TEMPEST), "--guideline", "2020.06", "--format", form]) == 0
    assert "test_host_name_is_same_as_server_name" in capsys.readouterr().out


@pytest.mark.parametrize("form", ["refstack", "junit", "subunit"])
def test_what_is_exported_can_be_scored(form: str, tmp_path: Path, capsys) -> None:
    out = tmp_path / "out"
    arguments = ["export", str(TEMPEST), "--guideline", "2020.06", "--format", form, "-o", str(out), "--cpid", "x"]
    assert call(arguments) == 0
    assert capsys.readouterr().out == ""
    was, now = outcomes(scored(capsys, TEMPEST)), outcomes(scored(capsys, out))
    passed = {one for one, outcome in was.items() if outcome == "PASSED"}
    assert passed == {one for one, outcome in now.items() if outcome == "PASSED"}
    assert len(passed) == 3


@pytest.mark.parametrize("form", ["conformance", "shields", "csv", "junit"])
def test_what_is_exported_goes_to_the_standard_output(form: str, capsys) -> None:
    assert call(["export", str(TEMPEST), "--guideline", "2020.06", "--format", form]) == 0
    out = capsys.readouterr().out
    assert "2020.06" in out
    assert out.endswith("\n")


def test_a_binary_stream_goes_into_a_pipe(capfdbinary) -> None:
    assert call(["export", str(TEMPEST), "--guideline", "2020.06", "--format", "subunit"]) == 0
    assert read(capfdbinary.readouterr().out).tests[0].outcome is Outcome.PASSED


def test_refstack_json_needs_the_clouds_id(capsys) -> None:
    assert call(["export", str(TEMPEST), "--guideline", "2020.06", "--format", "refstack"]) == 2
    assert "--cpid" in capsys.readouterr().err


def test_results_of_two_clouds_are_the_users_error(tmp_path: Path, capsys) -> None:
    files = [tmp_path / "a.json", tmp_path / "b.json"]
    for n, file in enumerate(files):
        file.write_bytes(refstack("a", cpid=str(n)))
    assert call(["score", *map(str, files), "--guideline", "2020.06"]) == 2
    assert "different clouds" in capsys.readouterr().err


def test_names_from_a_strangers_stream_are_inert_on_the_terminal(tmp_path: Path, capsys) -> None:
    file = tmp_path / "hostile.subunit"
    file.write_bytes(stream_v2((an_id("\x1b[31mtest", 0), "fail"), (f"setUpClass (\x1b]0;x\x07.[{FLAVORS}])", "error")))
    assert call(["score", str(file), "--guideline", "2020.06", "--target", "object"]) in (1, 3)
    captured = capsys.readouterr()
    assert "\x1b" not in captured.out + captured.err
