from __future__ import annotations

import pytest

from defcore.judge import fold
from defcore.model.outcome import Cause, Outcome
from tests.values import guideline, official, record, result

OFFICIAL = official("official")
ASKED = guideline({"c": {"cap": "required"}}, {"cap": ["official"]})


@pytest.mark.parametrize(
    ("outcomes", "folded"),
    [
        ((Outcome.PASSED, Outcome.PASSED), Outcome.PASSED),
        ((Outcome.PASSED, Cause.ABSENT), Outcome.SKIPPED),
        ((Cause.ABSENT, Outcome.NOT_RUN), Outcome.NOT_RUN),
        ((Outcome.NOT_RUN, Outcome.ERROR), Outcome.ERROR),
        ((Outcome.ERROR, Outcome.FAILED, Outcome.PASSED), Outcome.FAILED),
    ],
)
def test_an_official_test_takes_the_worst_outcome_of_those_that_cover_it(outcomes, folded):
    records = [record(f"t{n}", outcome, "official") for n, outcome in enumerate(outcomes)]
    assert fold(result(*records), ASKED)[OFFICIAL].outcome is folded


def test_an_official_test_that_nobody_covers_is_not_run():
    folded = fold(result(record("t", Outcome.PASSED, "another")), ASKED)[OFFICIAL]
    assert (folded.outcome, folded.reason) == (Outcome.NOT_RUN, "no test of this run answers for it")


def test_absence_outweighs_a_missing_prerequisite():
    records = [record("a", Cause.PREREQUISITE, "official"), record("b", Cause.ABSENT, "official")]
    folded = fold(result(*records), ASKED)[OFFICIAL]
    assert (folded.cause, folded.reason) == (Cause.ABSENT, "test_b: why b")


def test_a_skip_without_a_cause_is_held_against_nobody():
    folded = fold(result(record("t", Cause.ABSENT, "official", cause=None)), ASKED)[OFFICIAL]
    assert (folded.outcome, folded.cause) == (Outcome.SKIPPED, Cause.PREREQUISITE)


def test_the_reason_names_the_test_that_decided_and_counts_the_others():
    records = [record("a", Outcome.PASSED, "official")]
    records += [record(name, Outcome.FAILED, "official") for name in "bc"]
    folded = fold(result(*records), ASKED)[OFFICIAL]
    assert folded.reason == "test_b: why b (and 1 more of its tests)"
    assert folded.covered_by == ("a", "b", "c")


def test_a_passed_test_has_no_reason():
    assert fold(result(record("t", Outcome.PASSED, "official")), ASKED)[OFFICIAL].reason is None
