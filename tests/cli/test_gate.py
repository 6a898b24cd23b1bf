"""`defcore gate`: from stored runs to an exit code and files for pipelines."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import junitparser
import pytest
from pydantic_sarif.model import StaticAnalysisResultsFormatSarifVersion210JsonSchema as Sarif

from defcore import schemas
from defcore.cli import call
from defcore.cli.gate import FORMATS
from defcore.model.outcome import Cause, Outcome
from tests.cli.test_compare import HOSTILE, keep
from tests.report.hostile import ALL, hostile
from tests.report.test_cli import OFFICIAL, stored
from tests.values import record, result

PASSED, FAILED, ERROR = Outcome.PASSED, Outcome.FAILED, Outcome.ERROR
FIRST = f"test_{OFFICIAL[0]}"
KNOWN = "schema: defcore/known-failures/1\nentries:\n  - {test: %s, reason: we know, expires: %s}\n"
COMMAND = re.compile(r"::(?P<level>error|warning|notice) (?P<properties>[^:\n]*)::(?P<message>[^\r\n]*)")


@pytest.fixture(autouse=True)
def no_pipeline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_STEP_SUMMARY", raising=False)


def gate(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, str, str]:
    code = call(["gate", *map(str, arguments)])
    printed = capsys.readouterr()
    return code, printed.out, printed.err


def known(folder: Path, test: str = FIRST, expires: str = "2026-12-31") -> Path:
    path = folder / "known.yaml"
    path.write_text(KNOWN % (test, expires))
    return path


@pytest.mark.parametrize(
    ("before", "after", "arguments", "code", "last"),
    [
        (PASSED, PASSED, [], 0, "PASS: nothing against it (asked for new failures)"),
        (FAILED, FAILED, [], 0, "PASS: nothing against it (asked for new failures)"),
        (PASSED, FAILED, [], 1, "FAIL: 1 against it (asked for new failures)"),
        (PASSED, ERROR, [], 3, "INCONCLUSIVE: 1 not known (asked for new failures)"),
        (PASSED, ERROR, ["--allow-unknown"], 0, "PASS: nothing against it (asked for new failures)"),
        (FAILED, FAILED, ["--fail-on", "verdict"], 1, "the verdict NON_CONFORMANT of OpenStack Powered Platform)"),
        (FAILED, FAILED, ["--fail-on", "both", "--target", "object"], 0, "the verdict CONFORMANT of"),
        (ERROR, ERROR, ["--fail-on", "verdict"], 3, "INCONCLUSIVE: 1 not known"),
        (ERROR, ERROR, ["--fail-on", "verdict", "--policy", "official"], 1, "FAIL: 1 against it"),
    ],
)
def test_the_exit_code_is_the_answer(tmp_path, capsys, before, after, arguments, code, last):
    old, new = stored(tmp_path / "old", *[before] * 1), stored(tmp_path / "new", *[after] * 1)
    exit_code, out, err = gate(capsys, new, "--baseline", old, *arguments)
    assert (exit_code, err) == (code, "")
    assert last in out.splitlines()[-1]
    assert "\x1b" not in out


def test_a_newly_broken_promise_is_named_with_its_reason(tmp_path, capsys):
    old, new = stored(tmp_path / "old"), stored(tmp_path / "new", FAILED)
    _, out, _ = gate(capsys, new, "--baseline", old)
    assert f"  {FIRST} is FAILED, and the baseline kept the promise" in out
    assert f"    because why {OFFICIAL[0]}" in out


def test_a_baseline_of_another_program_is_compared_by_the_official_tests(tmp_path, capsys):
    theirs = keep(tmp_path / "theirs", result(*(record(f"tempest.{one}", PASSED, one) for one in OFFICIAL)))
    new = stored(tmp_path / "new", FAILED)
    assert gate(capsys, new, "--baseline", theirs)[0] == 3
    code, out, _ = gate(capsys, new, "--baseline", theirs, "--by", "official", "--format", "json")
    assert code == 1
    assert [(one["kind"], one["test"]) for one in json.loads(out)["reasons"]] == [("regression", OFFICIAL[0])]


def test_known_failures_hold_until_their_day(tmp_path, capsys):
    old, new = stored(tmp_path / "old"), stored(tmp_path / "new", FAILED)
    arguments = (new, "--baseline", old, "--known-failures", known(tmp_path))
    assert gate(capsys, *arguments)[0] == 0
    code, out, _ = gate(capsys, *arguments, "--date", "2027-01-01")
    assert code == 1
    assert f"known.yaml:3:12: the known failure {FIRST} expired on 2026-12-31 and excuses nothing" in out


def test_known_failures_may_only_shrink(tmp_path, capsys):
    own = stored(tmp_path / "own", FAILED)
    former = tmp_path / "former.yaml"
    former.write_text("schema: defcore/known-failures/1\nentries: []\n")
    arguments = (own, "--baseline", own, "--known-failures", known(tmp_path), "--known-failures-baseline")
    code, out, _ = gate(capsys, *arguments, former)
    assert code == 1
    assert "was added, and the list may only shrink" in out
    former.write_text(KNOWN % ("gone_since", "2026-12-31") + f"  - {{test: {FIRST}, reason: r, expires: 2026-12-31}}\n")
    assert gate(capsys, *arguments, former)[0] == 0


def test_a_known_failure_may_name_a_test_that_neither_run_holds(tmp_path, capsys):
    own = stored(tmp_path / "own")
    file = known(tmp_path, "flavors_brief_matches_show")
    assert gate(capsys, own, "--baseline", own, "--known-failures", file)[0] == 0
    file = known(tmp_path, "flavors_brief_matches_shwo")
    code, _, err = gate(capsys, own, "--baseline", own, "--known-failures", file)
    assert code == 2
    assert "did you mean 'flavors_brief_matches_show'?" in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["{own}"], "nothing to hold the result against"),
        (["{own}", "--baseline", "{own}/nowhere"], "there is no result here"),
        (["{own}", "--baseline", "{own}", "--known-failures", "{own}/nowhere"], "cannot be read"),
        (["{own}", "--baseline", "{own}", "--known-failures-baseline", "{own}/x"], "a former list, and none now"),
        (["{own}", "--baseline", "{own}", "--output", "gate.xml"], "is not FORMAT=FILE"),
        (["{own}", "--baseline", "{own}", "--output", "junti=gate.xml"], "did you mean 'junit'?"),
        (["{own}", "--baseline", "{own}", "--output", "junit={own}/no/gate.xml"], "No such file"),
        (["{own}", "--baseline", "{own}", "--fail-on", "everything"], "everything"),
    ],
)
def test_wrong_input_is_named(tmp_path, capsys, arguments, message):
    own = stored(tmp_path / "own")
    code, _, err = gate(capsys, *(one.format(own=own) for one in arguments))
    assert code == 2
    assert message in err


def files(tmp_path: Path, capsys: pytest.CaptureFixture[str], *arguments: object) -> dict[str, str]:
    """What the gate writes in every format at once."""
    outputs = {form: tmp_path / f"gate.{form}" for form in FORMATS}
    named = [word for form, path in outputs.items() for word in ("--output", f"{form}={path}")]
    _, out, _ = gate(capsys, *arguments, *named)
    written = {form: path.read_text() for form, path in outputs.items()}
    assert written["text"] == out
    return written


@pytest.fixture
def written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> dict[str, str]:
    """Of four tests one is newly broken, one lost, one broken before, one known to fail; the others passed."""
    old = stored(tmp_path / "old", PASSED, PASSED, FAILED, PASSED)
    new = stored(tmp_path / "new", FAILED, ERROR, FAILED, Cause.ABSENT)
    file = known(tmp_path, OFFICIAL[3])
    return files(tmp_path, capsys, new, "--baseline", old, "--known-failures", file)


def test_the_json_keeps_its_schema(written):
    document = json.loads(written["json"])
    assert schemas.problems(document, "gate") == []
    assert [(one["kind"], one["test"]) for one in document["reasons"]] == [
        ("regression", OFFICIAL[0]),
        ("lost", OFFICIAL[1]),
    ]


def test_junit_fails_on_what_is_held_against_the_build_alone(written):
    suites = junitparser.JUnitXml.fromstring(written["junit"])
    assert (suites.failures, suites.errors, suites.skipped) == (1, 1, 2)
    cases = {case.name: case for suite in suites for case in suite}
    results = {name: [type(one).__name__ for one in case.result] for name, case in cases.items() if case.result}
    assert results == {
        f"test_{OFFICIAL[0]}": ["Failure"],
        f"test_{OFFICIAL[1]}": ["Error"],
        f"test_{OFFICIAL[2]}": ["Skipped"],
        f"test_{OFFICIAL[3]}": ["Skipped"],
    }
    assert cases[f"test_{OFFICIAL[3]}"].result[0].message == "known failure until 2026-12-31: we know"
    assert len(cases) == len(OFFICIAL) + 1


def test_sarif_is_what_its_standard_asks_for(written):
    document = json.loads(written["sarif"])
    Sarif.model_validate(document)
    (run,) = document["runs"]
    rules = run["tool"]["driver"]["rules"]
    found = {one["ruleId"]: one for one in run["results"]}
    assert {id: (one["level"], one["baselineState"]) for id, one in found.items()} == {
        OFFICIAL[0]: ("error", "new"),
        OFFICIAL[1]: ("warning", "new"),
        OFFICIAL[2]: ("note", "unchanged"),
        OFFICIAL[3]: ("note", "new"),
    }
    assert found[OFFICIAL[3]]["suppressions"][0]["justification"] == "until 2026-12-31: we know"
    assert all(rules[one["ruleIndex"]]["id"] == one["ruleId"] for one in run["results"])
    assert all(one["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for one in run["results"])


def test_the_standards_model_refuses_what_is_no_sarif(written):
    document = json.loads(written["sarif"])
    document["runs"][0]["results"][0]["levle"] = "error"
    with pytest.raises(ValueError, match="levle"):
        Sarif.model_validate(document)


def test_workflow_commands_say_what_decides_first(written):
    lines = written["github"].splitlines()
    matches = [COMMAND.fullmatch(one) for one in lines]
    assert all(matches)
    assert [one["level"] for one in matches] == ["error", "error", "error"]
    assert lines[0] == "::error title=defcore gate::FAIL: 1 against it, 1 not known (asked for new failures)"
    assert lines[1].startswith(f"::error title=defcore gate%3A regression::{FIRST} is FAILED")
    assert lines[1].endswith(f"%0Awhy {OFFICIAL[0]}")


def test_a_known_failure_is_annotated_at_its_line(tmp_path, capsys):
    own = stored(tmp_path / "own")
    file = known(tmp_path)
    code, out, _ = gate(capsys, own, "--baseline", own, "--known-failures", file, "--format", "github")
    assert code == 0
    assert out.splitlines()[0].startswith("::notice title=defcore gate::PASS")
    place = str(file).replace(":", "%3A").replace(",", "%2C")
    assert f"::warning title=defcore gate%3A known-failure-passes,file={place},line=3,col=12::" in out


def test_the_step_summary_is_appended_where_github_asks_for_it(tmp_path, capsys, monkeypatch):
    old, new = stored(tmp_path / "old"), stored(tmp_path / "new", FAILED)
    summary = tmp_path / "summary.md"
    summary.write_text("before\n")
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(summary))
    gate(capsys, new, "--baseline", old)
    assert summary.read_text() == "before\n"
    gate(capsys, new, "--baseline", old, "--format", "github")
    text = summary.read_text()
    assert text.startswith("before\n## ❌ defcore gate: FAIL: 1 against it")
    assert "### 1 regression: kept before, broken now" in text
    gate(capsys, new, "--baseline", old, "--step-summary", tmp_path / "other.md")
    assert (tmp_path / "other.md").read_text() == text.removeprefix("before\n")


@pytest.mark.parametrize(
    "name", ["::error::x", "##[set-output name=a;]b", "a%0A::error::x\r\n::stop-commands::now", ALL]
)
def test_what_strangers_wrote_is_no_command_and_no_markup(tmp_path, capsys, name):
    tests = [record(f"{n}{name}", FAILED, name=name, nodeid=f"{name}::{name}", reason=name) for n in range(2)]
    new = keep(tmp_path / "new", result(*tests, record("t", PASSED)))
    before = [replace(one, outcome=PASSED, reason=None) for one in tests]
    old = keep(tmp_path / "old", result(*before, record("t", PASSED)))
    written = files(tmp_path, capsys, new, "--baseline", old)
    for form, text in written.items():
        assert not [one for one in HOSTILE if one in text], form
    lines = written["github"].splitlines()
    assert len(lines) == 3
    assert all(COMMAND.fullmatch(one) for one in lines)
    assert not [one for one in written["text"].splitlines() if one.lstrip().startswith("::") or "##" in one]
    assert "<script>" not in written["md"]
    assert ElementTree.fromstring(written["junit"]).get("failures") == "2"
    Sarif.model_validate(json.loads(written["sarif"]))


def test_a_hostile_result_gets_its_answer_in_bounded_text(tmp_path, capsys):
    _, own = hostile()
    digest = "sha256:" + "0" * 64
    own = replace(own, guideline="2020.06", guideline_digest=digest, suite_digest=digest)
    new = keep(tmp_path / "new", own)
    old = keep(
        tmp_path / "old", replace(own, tests=tuple(replace(one, outcome=PASSED, cause=None) for one in own.tests))
    )
    written = files(tmp_path, capsys, new, "--baseline", old)
    for form in ("text", "md", "junit", "sarif", "github"):
        assert len(written[form]) < 1_000_000, form
