from __future__ import annotations

from dataclasses import replace

import pytest

from defcore import schemas
from defcore.judge import score
from defcore.judge.comparison import Counting, MatrixBuilder, compare, side, supports
from defcore.judge.official_view import official_view
from defcore.model.change import ChangeKind
from defcore.model.comparison import Comparison, Matrix, Tallies
from defcore.model.comparison_document import comparison_document
from defcore.model.documents import result_document, text
from defcore.model.gate import FailOn, GateAnswer, KnownState, ReasonKind, Weight
from defcore.model.outcome import Cause, Outcome
from defcore.model.result import Result
from defcore.model.scorecard import Scorecard, Support, Verdict
from defcore.results.outcomes_table import read_outcomes
from tests.judge.test_changes import attempts
from tests.policies import STRICT
from tests.values import DATE, guideline, record, result

ASKED = guideline({"x": {"k1": "required", "k2": "required"}}, {"k1": ["a", "b"], "k2": ["~c"]})
GOOD = result(*(record(name, Outcome.PASSED) for name in "abc"))
BAD = result(record("a", Outcome.PASSED), record("b", Outcome.FAILED), record("c", Outcome.ERROR, capability="other"))


def judged(own: Result) -> Scorecard:
    return score(own, ASKED, target=None, policy=STRICT, date=DATE)


def two(before: Result, after: Result) -> Comparison:
    cards = judged(before), judged(after)
    return compare((side("old", before, cards[0]), side("new", after, cards[1])), (before, after), cards)


def matrix(*results: Result) -> Matrix:
    builder = MatrixBuilder()
    for n, own in enumerate(results):
        card = judged(own)
        builder.add(side(f"r{n}", own, card), own, card)
    return builder.matrix()


def tallies(*results: Result) -> Tallies:
    counting = Counting()
    for own in results:
        counting.add_result(own)
    return counting.tallies()


def test_a_side_says_what_was_measured_and_what_it_came_to():
    own = two(GOOD, BAD).after
    assert own.verdict is Verdict.NON_CONFORMANT
    assert own.components == (("x", Verdict.NON_CONFORMANT),)
    assert own.must_pass == (1, 2)  # the flagged test is no must-pass test
    assert dict(own.outcomes) == dict.fromkeys(Outcome, 0) | {
        Outcome.PASSED: 1,
        Outcome.FAILED: 1,
        Outcome.ERROR: 1,
    }


def test_a_result_that_was_not_judged_is_compared_by_its_tests_alone():
    own = compare((side("old", GOOD, None), side("new", BAD, None)), (GOOD, BAD), (None, None))
    assert (own.terms, own.supports, own.after.verdict) == (None, (), None)
    assert [change.test for change in own.changes] == ["b", "c"]
    assert schemas.problems(comparison_document(own), "comparison") == []


def test_capabilities_are_told_whose_support_differs():
    (change,) = supports(judged(GOOD), judged(replace(BAD, tests=(*BAD.tests[:2], record("c", Outcome.PASSED)))))
    assert (change.capability, change.before, change.after) == ("k1", Support.SUPPORTED, Support.UNSUPPORTED)


def test_a_matrix_shows_the_tests_on_which_the_results_disagree():
    own = matrix(GOOD, BAD, result(record("a", Outcome.PASSED), record("d", Cause.ABSENT)))
    assert own.agreeing == 1
    assert {row.test: row.outcomes for row in own.differing} == {
        "b": (Outcome.PASSED, Outcome.FAILED, None),
        "c": (Outcome.PASSED, Outcome.ERROR, None),
        "d": (None, None, Outcome.SKIPPED),
    }
    assert {row.capability: row.cells for row in own.capabilities} == {
        "compute-servers": ((3, 3), (1, 2), (1, 2)),
        "other": (None, (0, 1), None),
    }


def test_many_results_are_counted_by_test_and_by_cloud():
    other = replace(BAD, cloud=replace(BAD.cloud, cpid="d" * 32))
    own = tallies(GOOD, GOOD, other)
    assert (own.results, own.clouds) == (3, 2)
    assert {one.test: {name: n for name, n in one.outcomes if n} for one in own.tests} == {
        "a": {Outcome.PASSED: 3},
        "b": {Outcome.PASSED: 2, Outcome.FAILED: 1},
        "c": {Outcome.PASSED: 2, Outcome.ERROR: 1},
    }
    assert own.tests[-1].test == "a"  # what all passed comes last


@pytest.mark.parametrize("own", [two(GOOD, BAD), matrix(GOOD, BAD, GOOD), tallies(GOOD, BAD), tallies()])
def test_every_comparison_keeps_its_schema(own):
    assert schemas.problems(comparison_document(own), "comparison") == []


def test_the_schema_refuses_what_is_no_comparison():
    document = comparison_document(two(GOOD, BAD))
    document["changes"][0]["kind"] = "worse"
    del document["before"]["label"]
    found = " ".join(str(problem) for problem in schemas.problems(document, "comparison"))
    assert "worse" in found
    assert "label" in found


def test_results_are_counted_the_same_one_by_one_and_as_a_table(tmp_path):
    flaky = replace(BAD, tests=(record("a", Outcome.FAILED, attempts=attempts(Outcome.PASSED, Outcome.FAILED)),))
    other = replace(GOOD, cloud=replace(GOOD.cloud, cpid="d" * 32))
    skipped = result(record("a", Cause.ABSENT), record("b", Cause.PREREQUISITE))
    own = [GOOD, BAD, flaky, other, skipped]
    for n, one in enumerate(own):
        (tmp_path / str(n)).mkdir()
        (tmp_path / str(n) / "result.json").write_text(text(result_document(one)))
    counting = Counting()
    counting.add_table(read_outcomes([tmp_path]))
    assert counting.tallies() == tallies(*own)
    assert {one.test: one.flaky for one in counting.tallies().tests} == {"a": 1, "b": 0, "c": 0}


def test_as_the_guideline_sees_it_a_result_has_each_official_test_once():
    asked = guideline({"x": {"k1": "required", "k2": "required"}}, {"k1": ["a", "b"], "k2": ["b"]})
    own = result(record("t", Outcome.FAILED, "a"), record("u", Outcome.PASSED, "a"), record("v", Outcome.PASSED, "z"))
    card = score(own, asked, target=None, policy=STRICT, date=DATE)
    seen = official_view(own, card)
    assert [(one.id, one.name, one.capability, one.outcome) for one in seen.tests] == [
        ("a", "tempest.a", "k1", Outcome.FAILED),
        ("b", "tempest.b", "k1", Outcome.NOT_RUN),
    ]


@pytest.mark.parametrize(
    ("schema", "path", "words"),
    [
        ("comparison", ("$defs", "change", "properties", "kind"), ChangeKind),
        ("comparison", ("$defs", "outcome"), Outcome),
        ("gate", ("properties", "reasons", "items", "properties", "kind"), ReasonKind),
        ("gate", ("properties", "reasons", "items", "properties", "weight"), Weight),
        ("gate", ("properties", "known_failures", "items", "properties", "state"), KnownState),
        ("gate", ("properties", "fail_on"), FailOn),
        ("gate", ("properties", "answer"), GateAnswer),
    ],
)
def test_a_schema_names_every_word_there_is(schema, path, words):
    place = schemas.load(schema)
    for step in path:
        place = place[step]
    assert set(place["enum"]) == {word.value for word in words}
