from __future__ import annotations

import copy
import json

import pytest

from defcore.errors import InputError
from defcore.judge import score
from defcore.model import documents
from defcore.model.documents import read_result, result_document
from defcore.model.outcome import Attempt, Cause, Finding, Outcome
from defcore.model.scorecard_document import read_scorecard, scorecard_document
from tests.policies import STRICT
from tests.values import DATE, guideline, record, result

FINDING = Finding(kind="additional-property", where="$.server.x", expected="nothing", seen="x")
ATTEMPT = Attempt(
    n=1,
    outcome=Outcome.FAILED,
    started="2026-01-31T12:00:00Z",
    seconds=1.5,
    findings=(FINDING,),
    evidence="e",
)
RESULT = result(
    record("a", Outcome.FAILED, expected="200", seen="500", attempts=(ATTEMPT,), findings=(FINDING,)),
    record("b", Cause.ABSENT),
    record("c", Outcome.PASSED, name="\ud800 \u202e \x1b[31m"),
)
ASKED = guideline({"x": {"cap": "required", "none": "advisory"}}, {"cap": ["a", "~b", "c"]})
CARD = score(RESULT, ASKED, target="platform", policy=STRICT, date=DATE)


def test_a_result_survives_its_document():
    assert read_result(json.loads(documents.text(result_document(RESULT)))) == RESULT


def test_a_scorecard_survives_its_document():
    assert read_scorecard(json.loads(documents.text(scorecard_document(CARD)))) == CARD


def test_the_text_of_a_document_is_inert_in_a_terminal():
    text = documents.text(result_document(RESULT))
    assert text.isascii()
    assert "\x1b" not in text


def test_the_scorecard_names_the_digest_of_the_results_text():
    assert CARD.result_digest == documents.digest(result_document(RESULT))


def test_the_least_document_of_the_interface_is_enough():
    document = result_document(RESULT)
    for test in document["tests"]:
        for extra in ("name", "promise", "reference", "capability", "expected", "seen"):
            del test[extra]
        for attempt in test["attempts"]:
            for extra in ("cause", "reason", "expected", "seen", "findings", "evidence"):
                del attempt[extra]
    document["future"] = {"unknown": "fields are left alone"}
    assert [one.name for one in read_result(document).tests] == ["test_a", "test_b", "test_c"]


@pytest.mark.parametrize(
    ("path", "value", "where"),
    [
        (("schema",), "defcore/result/2", "$.schema: the document has version 2 of defcore/result"),
        (("schema",), "defcore/scorecard/1", "$.schema: this is not a defcore/result document"),
        (("schema",), "defcore/result/" + "9" * 5000, "$.schema: this is not"),
        (("schema",), None, "$.schema: expected text, found null"),
        (("tests", 1, "outcome"), "passed", '$.tests[1].outcome: "passed" is not one of the known words'),
        (("tests", 1, "outcome"), ["PASSED"], "$.tests[1].outcome: expected text, found a list"),
        (("tests", 1, "id"), "a", "$.tests[1].id: two tests have the same id"),
        (("tests", 0, "covers"), "a", "$.tests[0].covers: expected a list"),
        (("tests", 0, "covers", 0), 1, "$.tests[0].covers[0]: expected text, found a number"),
        (("tests", 0, "attempts", 0, "seconds"), float("nan"), ".attempts[0].seconds: expected a finite"),
        (("tests", 0, "attempts", 0, "seconds"), 10**400, ".attempts[0].seconds: expected a finite"),
        (("tests", 0, "attempts", 0, "seconds"), -1, ".attempts[0].seconds: expected a finite"),
        (("tests", 0, "attempts", 0, "seconds"), True, ".seconds: expected a number, found true or false"),
        (("tests", 0, "attempts", 0, "n"), 1.5, "expected a whole number"),
        (("run", "complete"), 1, "$.run.complete: expected true or false"),
        (("cloud", "endpoints", "a b\x1b"), 1, '$.cloud.endpoints["a b\\u001b"]: expected text'),
        (("tests",), {}, "$.tests: expected a list, found an object"),
    ],
)
def test_a_wrong_value_is_named_with_its_place(path, value, where):
    document = copy.deepcopy(result_document(RESULT))
    place = document
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    with pytest.raises(InputError) as caught:
        read_result(document)
    assert where in str(caught.value)


@pytest.mark.parametrize("document", [None, [], "x", {}, {"schema": 1}])
def test_what_is_no_result_at_all_is_the_users_error(document):
    with pytest.raises(InputError):
        read_result(document)


def test_a_missing_field_is_named():
    document = result_document(RESULT)
    del document["run"]["complete"]
    with pytest.raises(InputError, match=r"\$\.run: the field 'complete' is missing"):
        read_result(document)
