from __future__ import annotations

from dataclasses import replace

import pytest

from defcore.errors import InputError
from defcore.judge import score
from defcore.model.guideline import Status
from defcore.model.outcome import Cause, Outcome
from defcore.model.result import Leftover
from defcore.model.scorecard import Support, Verdict
from tests.policies import BY_TEST, OFFICIAL, POLICIES, STRICT
from tests.values import DATE, guideline, record, result

PASSED, FAILED, ERROR, NOT_RUN = Outcome.PASSED, Outcome.FAILED, Outcome.ERROR, Outcome.NOT_RUN


def judged(outcomes, asked=None, *, policy=STRICT, target="platform"):
    """The scorecard of {official id: outcome} under a guideline that requires them in one capability."""
    asked = asked or guideline({"c": {"cap": "required"}}, {"cap": list(outcomes)})
    records = [record(name.removeprefix("~"), outcome) for name, outcome in outcomes.items()]
    return score(result(*records), asked, target=target, policy=policy, date=DATE)


@pytest.mark.parametrize(
    ("outcome", "strict", "official"),
    [
        (PASSED, Verdict.CONFORMANT, Verdict.CONFORMANT),
        (FAILED, Verdict.NON_CONFORMANT, Verdict.NON_CONFORMANT),
        (Cause.ABSENT, Verdict.NON_CONFORMANT, Verdict.NON_CONFORMANT),
        (Cause.PREREQUISITE, Verdict.INCONCLUSIVE, Verdict.NON_CONFORMANT),
        (ERROR, Verdict.INCONCLUSIVE, Verdict.NON_CONFORMANT),
        (NOT_RUN, Verdict.INCONCLUSIVE, Verdict.NON_CONFORMANT),
    ],
)
def test_what_each_outcome_makes_of_the_verdict(outcome, strict, official):
    outcomes = {"a": PASSED, "b": outcome}
    assert judged(outcomes).verdict is strict
    assert judged(outcomes, policy=OFFICIAL).verdict is official


@pytest.mark.parametrize("policy", BY_TEST, ids=lambda one: one.id)
@pytest.mark.parametrize("outcome", [FAILED, ERROR, NOT_RUN, *Cause])
def test_a_flagged_test_never_decides(policy, outcome):
    card = judged({"a": PASSED, "~b": outcome}, policy=policy)
    assert (card.verdict, card.mend) == (Verdict.CONFORMANT, ())
    assert card.capabilities[0].support is Support.SUPPORTED
    assert (card.required_pass_percent, card.non_flagged_required_pass_percent) == (50.0, 100.0)


def test_a_no_outweighs_a_dont_know():
    card = judged({"a": FAILED, "b": NOT_RUN})
    assert card.verdict is Verdict.NON_CONFORMANT
    assert [mend.id for mend in card.mend] == ["a", "b"]


@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES)
def test_zero_of_zero_is_inconclusive(policy):
    for asked in (
        guideline({"c": {}}, {}),
        guideline({"c": {"cap": "required"}}, {"cap": ["~a"]}),
        guideline({"c": {"undefined": "required"}}, {}),
    ):
        card = judged({"a": PASSED}, asked, policy=policy)
        assert card.verdict is Verdict.INCONCLUSIVE
        assert card.non_flagged_required_pass_percent is None
        assert card.reasons[0] == "no must-pass test is required, and 0 of 0 shows nothing"


def test_a_capability_that_the_guideline_does_not_define_counts_zero_tests():
    asked = guideline({"c": {"cap": "required", "undefined": "required"}}, {"cap": ["a"]})
    official = judged({"a": PASSED}, asked, policy=OFFICIAL)
    assert official.verdict is Verdict.CONFORMANT
    assert (official.statuses[0].capabilities, official.statuses[0].tests) == (2, 1)
    strict = judged({"a": PASSED}, asked)
    assert strict.verdict is Verdict.INCONCLUSIVE
    assert "undefined (the guideline names no test)" in strict.reasons[0]


@pytest.mark.parametrize("policy", BY_TEST, ids=lambda one: one.id)
def test_only_required_capabilities_decide(policy):
    asked = guideline({"c": {"cap": "required", "new": "advisory"}}, {"cap": ["a"], "new": ["b"]})
    card = judged({"a": PASSED, "b": FAILED}, asked, policy=policy)
    assert card.verdict is Verdict.CONFORMANT
    assert [one.support for one in card.capabilities] == [Support.SUPPORTED, Support.UNSUPPORTED]


def test_a_test_in_two_capabilities_counts_twice_and_is_mended_once():
    asked = guideline({"c": {"one": "required", "two": "required"}}, {"one": ["a", "b"], "two": ["a"]})
    card = judged({"a": FAILED, "b": PASSED}, asked)
    assert (card.statuses[0].tests, card.statuses[0].passed) == (3, 1)
    assert [(mend.id, mend.capability, mend.reason) for mend in card.mend] == [("a", "one", "test_a: why a")]


def test_a_platform_counts_a_shared_capability_once_with_its_strongest_status():
    asked = guideline(
        {"x": {"shared": "advisory", "own": "required"}, "y": {"shared": "required"}},
        {"shared": ["a"], "own": ["b"]},
    )
    card = judged({"a": FAILED, "b": PASSED}, asked)
    assert [(one.id, one.status) for one in card.capabilities] == [
        ("shared", Status.REQUIRED),
        ("own", Status.REQUIRED),
    ]
    assert card.statuses[0].capabilities == 2
    assert [(one.name, one.verdict) for one in card.components] == [
        ("x", Verdict.CONFORMANT),
        ("y", Verdict.NON_CONFORMANT),
    ]
    assert card.verdict is Verdict.NON_CONFORMANT


def test_the_counts_tell_flagged_tests_apart():
    card = judged({"a": PASSED, "b": FAILED, "~c": PASSED, "~d": ERROR, "~e": NOT_RUN})
    count = card.statuses[0]
    assert (count.tests, count.passed, count.flagged_passed, count.flagged_failed) == (5, 2, 1, 2)
    assert (card.required_pass_percent, card.non_flagged_required_pass_percent) == (40.0, 50.0)


def test_a_target_is_judged_over_its_own_components():
    asked = guideline(
        {"x": {"good": "required"}, "y": {"bad": "required"}},
        {"good": ["a"], "bad": ["b"]},
        {"platform": ["x", "y"], "compute": ["x"]},
    )
    outcomes = {"a": PASSED, "b": FAILED}
    assert judged(outcomes, asked, target="compute").verdict is Verdict.CONFORMANT
    assert judged(outcomes, asked, target="OpenStack Powered Compute").target == "compute"
    assert judged(outcomes, asked).verdict is Verdict.NON_CONFORMANT
    everything = judged(outcomes, asked, target=None)
    assert (everything.target, len(everything.components)) == (None, 2)
    assert everything.verdict is Verdict.NON_CONFORMANT


def test_an_unknown_target_is_the_users_error_with_the_nearest_name():
    with pytest.raises(InputError, match=r"no platform 'platfrom'.*\n.*did you mean 'platform'"):
        judged({"a": PASSED}, target="platfrom")


def test_every_no_says_why():
    card = judged({"a": FAILED, "b": Cause.ABSENT, "c": PASSED})
    assert card.capabilities[0].reasons == (
        "tempest.a is FAILED because test_a: why a",
        "tempest.b is SKIPPED (absent) because test_b: why b",
    )
    because = "1 required capability is UNSUPPORTED: cap (must-pass tests: 1 FAILED, 1 SKIPPED)"
    assert card.reasons == (because, "left behind in the cloud: 1 resource")
    assert card.components[0].reasons == (because,)


def test_many_reasons_are_counted_and_long_ones_cut():
    records = [record(f"t{n}", FAILED, reason="x" * 1_000_000) for n in range(50)]
    asked = guideline({"c": {"cap": "required"}}, {"cap": [one.id for one in records]})
    reasons = score(result(*records), asked, target=None, policy=STRICT, date=DATE).capabilities[0].reasons
    assert len(reasons) == 6
    assert reasons[-1] == "and 45 more tests: 45 FAILED"
    assert max(map(len, reasons)) < 400


def test_a_run_that_was_cut_off_says_so():
    asked = guideline({"c": {"cap": "required"}}, {"cap": ["a"]})
    cut = result(record("a", PASSED), record("b", NOT_RUN), complete=False)
    card = score(cut, asked, target=None, policy=STRICT, date=DATE)
    assert card.reasons[-1] == "the run is not complete: 1 planned test without an attempt on record"


def test_a_run_that_left_something_behind_says_so():
    asked = guideline({"c": {"cap": "required"}}, {"cap": ["a"]})
    left = Leftover(kind="server", id="1", name="n", cloud="c", reason="it stays")
    for leftovers, words in (((), ()), ((left, left), ("left behind in the cloud: 2 resources",))):
        ended = replace(result(record("a", PASSED)), leftovers=leftovers)
        card = score(ended, asked, target=None, policy=STRICT, date=DATE)
        assert card.reasons[-len(words) or 1 :] == words
        assert card.verdict is Verdict.CONFORMANT, "it is told, and decides nothing"


def test_another_guideline_than_the_planned_one_is_named():
    asked = guideline({"c": {"cap": "required"}}, {"cap": ["a"]})
    other = type(asked)(**{name: getattr(asked, name) for name in asked.__slots__} | {"id": "2019.11"})
    assert "planned for 2020.06" in judged({"a": PASSED}, other).reasons[-1]
