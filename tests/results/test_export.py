"""What is written for others, read back by their libraries and by our own readers."""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from contextlib import suppress
from dataclasses import replace

import junitparser
import pytest
import testtools
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from subunit.v2 import ByteStreamToStreamResult

from defcore import schemas
from defcore.errors import InputError
from defcore.judge import score
from defcore.model.outcome import Attempt, Cause, Outcome, TestRecord
from defcore.model.result import Result
from defcore.model.scorecard import Scorecard, Verdict
from defcore.report import badge, conformance, junit, table
from defcore.report.conformance import Implementation
from defcore.results import refstack, subunit_writer
from tests.policies import STRICT
from tests.results.files import ENDINGS, UUIDS, read, stream_v1, stream_v2
from tests.values import DATE, guideline, record, result

GUIDELINE = guideline(
    {
        "os_powered_compute": {"servers": "required", "tags": "advisory"},
        "os_powered_storage": {"objects": "required", "quotas": "advisory"},
    },
    {
        "servers": [UUIDS[0], UUIDS[1], f"~{UUIDS[2]}"],
        "tags": [UUIDS[3], UUIDS[4]],
        "objects": [UUIDS[5]],
        "quotas": [UUIDS[6]],
    },
)
OUTCOMES = [
    Outcome.PASSED,
    Outcome.FAILED,
    Outcome.PASSED,
    Outcome.ERROR,
    Cause.ABSENT,
    Cause.PREREQUISITE,
    Outcome.NOT_RUN,
]
HOSTILE = "\x1b[31m \ud800 \u202e \0 ]]> <x> & =1+1"


def ours(*outcomes: Outcome | Cause, **more: object) -> Result:
    return result(*(record(f"t{n}", one, UUIDS[n], **more) for n, one in enumerate(outcomes)))


def judged(made: Result) -> Scorecard:
    return score(made, GUIDELINE, target=None, policy=STRICT, date=DATE)


def by_test(card: Scorecard) -> dict[str, tuple[Outcome, Cause | None]]:
    return {test.id: (test.outcome, test.cause) for one in card.capabilities for test in one.tests}


RESULT = ours(*OUTCOMES)
CARD = judged(RESULT)


def test_refstack_json_holds_the_official_tests_that_passed() -> None:
    written = json.loads(refstack.write(CARD, RESULT))
    assert written == {
        "cpid": "c" * 32,
        "duration_seconds": 600,
        "results": [{"name": f"tempest.{UUIDS[n]}", "uuid": UUIDS[n]} for n in (0, 2)],
    }


def test_refstack_json_reads_back_with_the_same_passes() -> None:
    back = judged(read(refstack.write(CARD, RESULT)))
    assert {one for one, (outcome, _) in by_test(back).items() if outcome is Outcome.PASSED} == {UUIDS[0], UUIDS[2]}
    assert back.statuses[0].passed == CARD.statuses[0].passed


def test_refstack_json_of_another_programs_result_has_its_other_passes_too() -> None:
    made = read(stream_v2(*ENDINGS, ("tempest.other[smoke]", "pass"), ("tempest.wrong", "fail")))
    written = json.loads(refstack.write(judged(made), made, cpid="x"))
    assert written["cpid"] == "x"
    assert [one["name"] for one in written["results"]] == [f"tempest.{UUIDS[0]}", "tempest.other"]
    assert "uuid" not in written["results"][1]


@pytest.mark.parametrize(
    ("made", "said"),
    [(read(stream_v1(*ENDINGS)), "does not name its cloud"), (ours(Outcome.FAILED), "no test passed")],
    ids=["cpid", "nothing passed"],
)
def test_what_refstack_would_refuse_is_not_written(made: Result, said: str) -> None:
    with pytest.raises(InputError, match=said):
        refstack.write(judged(made), made)


def test_python_subunit_reads_the_stream() -> None:
    seen: list[dict] = []
    stream = testtools.StreamToDict(seen.append)
    stream.startTestRun()
    ByteStreamToStreamResult(io.BytesIO(subunit_writer.write(CARD, RESULT))).run(stream)
    stream.stopTestRun()
    assert Counter(one["status"] for one in seen) == {
        "success": 2,
        "fail": 1,
        "skip": 2,
        "inprogress": 1,
        "exists": 1,
    }
    failed = next(one for one in seen if one["status"] == "fail")
    assert failed["id"] == f"tempest.{UUIDS[1]}[id-{UUIDS[1]}]"
    assert "why t1" in failed["details"]["traceback"].as_text()
    assert failed["timestamps"][0].isoformat() == "2026-01-31T12:00:00+00:00"
    assert (failed["timestamps"][1] - failed["timestamps"][0]).total_seconds() == 0.5


def test_the_stream_reads_back_with_the_same_outcomes() -> None:
    """But for the cause of what was skipped, for which subunit has no word."""
    back = by_test(judged(read(subunit_writer.write(CARD, RESULT))))
    assert back == by_test(CARD) | {UUIDS[4]: (Outcome.SKIPPED, Cause.PREREQUISITE)}


def test_every_attempt_is_in_the_stream() -> None:
    attempts = tuple(
        Attempt(n=n, outcome=outcome, started="2026-01-31T12:00:00Z", seconds=1.0)
        for n, outcome in enumerate([Outcome.PASSED, Outcome.FAILED, Outcome.PASSED], 1)
    )
    made = ours(Outcome.FAILED, attempts=attempts)
    back = read(subunit_writer.write(judged(made), made))
    assert [one.outcome for one in back.tests[0].attempts] == [one.outcome for one in attempts]
    assert [one.seconds for one in back.tests[0].attempts] == [1.0, 1.0, 1.0]


def test_junitparser_reads_our_junit() -> None:
    cases = [
        case for suite in junitparser.JUnitXml.fromstring(junit.render(CARD, RESULT, lambda _: None)) for case in suite
    ]
    assert len(cases) == len(OUTCOMES)
    assert Counter(type(one).__name__ for case in cases for one in case.result) == {
        "Failure": 1,
        "Error": 1,
        "Skipped": 3,
    }
    properties = [(one.name, one.value) for one in cases[0].child(junitparser.junitparser.Properties)]
    assert properties == [
        ("uuid", "t0"),
        ("idempotent_id", f"id-{UUIDS[0]}"),
        ("capability", "compute-servers"),
        ("guideline", "2020.06"),
    ]


def test_our_junit_reads_back_with_the_same_outcomes_and_causes() -> None:
    back = judged(read(junit.render(CARD, RESULT, lambda _: None)))
    assert by_test(back) == by_test(CARD)
    assert back.verdict is CARD.verdict


def test_junit_of_another_programs_result_reads_back_the_same() -> None:
    made = read(stream_v1(*ENDINGS))
    card = judged(made)
    text = junit.render(card, made, lambda _: None)
    back = read(text)
    assert [(one.id, one.covers, one.outcome) for one in back.tests] == [
        (one.id, one.covers, one.outcome) for one in made.tests
    ]
    (case,) = [case for suite in junitparser.JUnitXml.fromstring(text) for case in suite if case.name == "test_pass"]
    assert case.classname == "tempest.api.Some"
    assert ("capability", "servers") in [
        (one.name, one.value) for one in case.child(junitparser.junitparser.Properties)
    ]


def test_the_conformance_report_keeps_core_and_extended_apart() -> None:
    text = conformance.render(CARD, Implementation(organization="Ex", version="1", contact=("a@b",)))
    written = yaml.safe_load(text)
    assert schemas.problems(written, "conformance-report") == []
    assert written["implementation"] == {
        "organization": "Ex",
        "project": "defcore-ref",
        "url": "",
        "version": "1",
        "contact": ["a@b"],
    }
    compute, storage = written["profiles"]
    assert compute == {
        "name": "os_powered_compute",
        "summary": "Core: failure, 1 passed, 1 failed, 0 skipped. Extended: failure, 0 passed, 1 failed, 1 skipped.",
        "core": {
            "result": "failure",
            "statistics": {"Passed": 1, "Failed": 1, "Skipped": 0},
            "failedTests": [f"tempest.{UUIDS[1]}"],
        },
        "extended": {
            "result": "failure",
            "statistics": {"Passed": 0, "Failed": 1, "Skipped": 1},
            "failedTests": [f"tempest.{UUIDS[4]}"],
            "skippedTests": [f"tempest.{UUIDS[3]}"],
            "supportedFeatures": [],
            "unsupportedFeatures": ["tags"],
        },
    }
    assert storage["core"]["result"] == "partial"
    assert storage["extended"]["skippedTests"] == [f"tempest.{UUIDS[6]}"]


def test_a_conformant_cloud_is_a_success_in_every_profile() -> None:
    card = judged(ours(*[Outcome.PASSED] * 7))
    written = conformance.document(card, Implementation())
    assert [one["core"]["result"] for one in written["profiles"]] == ["success", "success"]
    assert [one["extended"]["supportedFeatures"] for one in written["profiles"]] == [["tags"], ["quotas"]]


@pytest.mark.parametrize(
    ("verdict", "message", "color"),
    [
        (Verdict.CONFORMANT, "conformant", "brightgreen"),
        (Verdict.NON_CONFORMANT, "not conformant", "red"),
        (Verdict.INCONCLUSIVE, "inconclusive", "lightgrey"),
    ],
)
def test_the_badge_says_the_verdict(verdict: Verdict, message: str, color: str) -> None:
    assert json.loads(badge.render(replace(CARD, verdict=verdict))) == {
        "schemaVersion": 1,
        "label": "All components 2020.06",
        "message": message,
        "color": color,
    }


def test_csv_has_a_line_for_each_test_of_each_capability() -> None:
    rows = list(csv.DictReader(io.StringIO(table.render(CARD))))
    assert [(row["capability"], row["id"], row["outcome"], row["cause"]) for row in rows[:2]] == [
        ("servers", UUIDS[0], "PASSED", ""),
        ("servers", UUIDS[1], "FAILED", ""),
    ]
    assert rows[2]["flag"] == "D401"
    assert len(rows) == 7


def test_a_cell_that_a_spreadsheet_would_compute_is_text() -> None:
    rows = list(csv.DictReader(io.StringIO(table.render(replace(CARD, cloud="=cmd|' /C calc'!A0")))))
    assert rows[0]["cloud"] == "'=cmd|' /C calc'!A0"


def test_hostile_text_reaches_no_reader_as_it_is() -> None:
    made = ours(Outcome.PASSED, Outcome.FAILED, name=HOSTILE, nodeid=HOSTILE, reason=HOSTILE)
    made = replace(made, cloud=replace(made.cloud, name=HOSTILE))
    card = judged(made)
    written = (
        refstack.write(card, made),
        junit.render(card, made, lambda _: None),
        conformance.render(card, Implementation(project=HOSTILE)),
        badge.render(card),
        table.render(card),
    )
    for text in written:
        assert not set("\x1b\u202e\0\ud800") & set(text)
    assert read(subunit_writer.write(card, made)).tests[1].outcome is Outcome.FAILED
    junitparser.JUnitXml.fromstring(written[1])


@st.composite
def drawn(draw: st.DrawFn) -> Result:
    records: list[TestRecord] = []
    for n in range(7):
        outcome = draw(st.sampled_from([*Outcome, *Cause]))
        if outcome is not Outcome.SKIPPED:
            records.append(record(f"t{n}", outcome, UUIDS[n], reason=draw(st.none() | st.text(max_size=20))))
    return result(*records)


@given(drawn())
@settings(max_examples=60, deadline=None)
def test_whatever_is_exported_no_reader_finds_a_pass_that_was_none_or_misses_one(made: Result) -> None:
    card = judged(made)
    passed = {one for one, (outcome, _) in by_test(card).items() if outcome is Outcome.PASSED}
    documents: list[str | bytes] = [junit.render(card, made, lambda _: None), subunit_writer.write(card, made)]
    if passed:
        documents.append(refstack.write(card, made))
    for document in documents:
        back: set[str] = set()
        with suppress(InputError):  # of a run in which nothing ran there is nothing to read
            back = {one for one, (outcome, _) in by_test(judged(read(document))).items() if outcome is Outcome.PASSED}
        assert back == passed
