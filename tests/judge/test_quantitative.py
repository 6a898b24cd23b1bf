"""Verdicts by measured pass rates."""

from __future__ import annotations

from dataclasses import replace

import pytest

from defcore.judge import score
from defcore.model.guideline import OfficialTest
from defcore.model.outcome import Cause, Finding, Outcome
from defcore.model.scorecard import Support, Verdict
from defcore.model.waiver import Scope, Waiver
from tests.policies import QUANTITATIVE
from tests.values import DATE, guideline, result, tried

PASSED, FAILED, ERROR = Outcome.PASSED, Outcome.FAILED, Outcome.ERROR


def asked(tests: int, **more: str):
    return guideline({"c": {"cap": "required", **more}}, {"cap": [f"o{n}" for n in range(tests)]})


def judged(attempts, guideline_=None, target="platform"):
    """The scorecard of a list of attempts per official test."""
    own = result(*(tried(f"o{n}", outcomes) for n, outcomes in enumerate(attempts)))
    return score(own, guideline_ or asked(len(attempts)), target=target, policy=QUANTITATIVE, date=DATE)


@pytest.mark.parametrize(
    ("tests", "repeat", "verdict"),
    [
        (60, 1, Verdict.CONFORMANT),
        (10, 1, Verdict.INCONCLUSIVE),
        (10, 6, Verdict.CONFORMANT),
        (51, 1, Verdict.INCONCLUSIVE),
    ],
)
def test_enough_passes_show_a_core_component(tests, repeat, verdict):
    card = judged([[PASSED] * repeat] * tests)
    assert (card.verdict, card.components[0].verdict) == (verdict, verdict)
    if verdict is Verdict.INCONCLUSIVE:
        assert "--repeat" in card.reasons[1]


def test_the_repeat_that_is_named_decides():
    few = judged([[PASSED]] * 10)
    assert few.reasons[1] == "at this rate --repeat 6 would decide"
    assert judged([[PASSED] * 5] * 10).verdict is Verdict.INCONCLUSIVE
    assert judged([[PASSED] * 6] * 10).verdict is Verdict.CONFORMANT


def test_a_test_that_never_passed_is_a_no_whatever_the_rate():
    card = judged([[PASSED] * 10] * 400 + [[FAILED, FAILED]])
    assert card.rate.lower > 0.99
    assert card.verdict is Verdict.NON_CONFORMANT
    assert [mend.id for mend in card.mend] == ["o400"]


def test_a_flaky_test_is_weighed_and_listed():
    card = judged([[PASSED] * 10] * 60 + [[FAILED] + [PASSED] * 9])
    assert card.verdict is Verdict.CONFORMANT
    assert [test.id for test in card.flaky] == ["o60"]
    assert "flaky, with both outcomes: 1 must-pass test" in card.reasons


def test_many_flaky_tests_are_a_no():
    card = judged([[FAILED, PASSED, PASSED, PASSED]] * 60)
    assert card.verdict is Verdict.NON_CONFORMANT
    assert card.rate.upper < 0.95


def test_an_error_keeps_the_yes_away():
    card = judged([[PASSED] * 10] * 60 + [[PASSED] * 9 + [ERROR]])
    assert card.verdict is Verdict.INCONCLUSIVE
    assert any("not measured completely" in reason for reason in card.reasons)


def test_what_was_not_run_keeps_the_yes_away():
    assert judged([[PASSED] * 10] * 60, asked(61)).verdict is Verdict.INCONCLUSIVE


def test_a_proven_lack_is_a_no():
    card = judged([[PASSED]] * 60 + [[Cause.ABSENT]])
    assert card.verdict is Verdict.NON_CONFORMANT
    assert judged([[PASSED]] * 60 + [[Cause.PREREQUISITE]]).verdict is Verdict.INCONCLUSIVE


def test_a_platform_asks_for_more_than_its_components():
    two = guideline(
        {"x": {"a": "required"}, "y": {"b": "required"}},
        {"a": [f"o{n}" for n in range(60)], "b": [f"o{n}" for n in range(60, 120)]},
    )
    card = judged([[PASSED]] * 120, two)
    assert [one.verdict for one in card.components] == [Verdict.CONFORMANT, Verdict.CONFORMANT]
    assert (card.verdict, card.rate.threshold) == (Verdict.INCONCLUSIVE, 0.98)
    assert (card.level.reached, card.level.next) == ("x, y", "OpenStack Powered Platform")
    twice = judged([[PASSED] * 2] * 120, two)
    assert (twice.verdict, twice.level.reached) == (Verdict.CONFORMANT, "OpenStack Powered Platform")


def test_a_platform_is_no_better_than_its_worst_component():
    two = guideline(
        {"x": {"a": "required"}, "y": {"b": "required"}},
        {"a": [f"o{n}" for n in range(400)], "b": [f"o{n}" for n in range(400, 410)]},
    )
    card = judged([[PASSED]] * 410, two)
    assert card.rate.lower > 0.98
    assert card.verdict is Verdict.INCONCLUSIVE
    assert "1 component INCONCLUSIVE: y (at this rate --repeat 6 would decide)" in card.reasons


def test_an_official_id_counts_once_in_a_rate():
    twice = guideline({"c": {"a": "required", "b": "required"}}, {"a": ["o0"], "b": ["o0", "o1"]})
    assert judged([[PASSED], [PASSED]], twice).rate.decided == 2


def test_advisory_capabilities_are_reported_only():
    some = guideline(
        {"c": {"cap": "required", "new": "advisory"}}, {"cap": [f"o{n}" for n in range(60)], "new": ["o60"]}
    )
    card = judged([[PASSED]] * 60 + [[FAILED]], some)
    assert (card.verdict, card.advisory_rate.passed, card.advisory_rate.decided) == (Verdict.CONFORMANT, 0, 1)
    assert card.advisory_rate.threshold == 0.8


def test_a_capability_of_few_tests_is_supported_when_all_of_it_passed():
    card = judged([[PASSED], [PASSED]])
    assert card.capabilities[0].support is Support.SUPPORTED
    assert judged([[PASSED, FAILED], [PASSED]]).capabilities[0].support is Support.INCONCLUSIVE
    assert judged([[FAILED], [PASSED]]).capabilities[0].support is Support.UNSUPPORTED


def test_nothing_required_is_inconclusive():
    assert judged([], guideline({"c": {"cap": "advisory"}}, {"cap": ["o0"]})).verdict is Verdict.INCONCLUSIVE


def test_a_round_that_was_cut_off_buys_no_pass():
    one = guideline({"c": {"cap": "required"}}, {"cap": ["o"]})
    own = result(tried("a", [FAILED], "o"), tried("b", [PASSED, PASSED], "o"))
    card = score(own, one, target="platform", policy=QUANTITATIVE, date=DATE)
    assert card.verdict is Verdict.NON_CONFORMANT
    assert not card.flaky


def test_an_id_under_two_names_is_no_worse_for_a_pass_more():
    named = (OfficialTest(id="o", name="a"), OfficialTest(id="o", name="b"))
    two = guideline({"c": {"cap": "required"}}, {"cap": [f"o{n}" for n in range(100)]})
    two = replace(two, capabilities=(replace(two.capabilities[0], tests=two.capabilities[0].tests + named),))

    def judged_with(passes: int) -> Verdict:
        often = [tried(name, outcomes, "o", name=name) for name, outcomes in (
            ("a", [FAILED] + [PASSED] * passes), ("b", [FAILED] * 280 + [PASSED] * 720))]  # fmt: skip
        own = result(*(tried(f"o{n}", [PASSED]) for n in range(100)), *often)
        return score(own, two, target="platform", policy=QUANTITATIVE, date=DATE).verdict

    assert judged_with(3) is judged_with(4) is Verdict.NON_CONFORMANT


def test_an_id_under_two_names_counts_once_in_the_rate_of_a_capability():
    two = guideline({"c": {"cap": "required"}}, {"cap": []})
    named = tuple(OfficialTest(id="o", name=name) for name in "ab")
    two = replace(two, capabilities=(replace(two.capabilities[0], tests=named),))
    card = score(result(tried("t", [PASSED], "o")), two, target="platform", policy=QUANTITATIVE, date=DATE)
    assert card.capabilities[0].rate.decided == card.rate.decided == 1


def test_a_waived_test_counts_though_it_is_flagged_elsewhere():
    """Else taking the waiver away would add its passes, and could give the yes."""
    some = guideline({"c": {"a": "required", "b": "required"}}, {"a": ["~o0"], "b": [f"o{n}" for n in range(52)]})
    own = result(*(tried(f"o{n}", [PASSED]) for n in range(52)))
    waiver = Waiver(
        id="w", product="defcore-ref", scope=Scope(tests=("o0",)), reason="r",
        granted="2026-01-01", expires="2026-12-31", decided_by="the board",
    )  # fmt: skip
    cards = [
        score(own, some, target="platform", policy=QUANTITATIVE, date=DATE, waivers=given) for given in ((waiver,), ())
    ]
    assert [card.verdict for card in cards] == [Verdict.CONFORMANT, Verdict.CONFORMANT]


def test_a_capability_without_tests_is_no_attempt_that_is_missing():
    card = judged([[PASSED]] * 60, guideline({"c": {"cap": "required", "gone": "required"}},
                                             {"cap": [f"o{n}" for n in range(60)]}))  # fmt: skip
    assert card.verdict is Verdict.INCONCLUSIVE
    assert not any("measured completely" in reason for reason in card.reasons)


def test_a_finding_counts_in_each_attempt_of_a_flaky_test():
    found = Finding(kind="additional-property", where="GET /", expected="", seen="")
    flaky = tried("o0", [FAILED, PASSED])
    flaky = replace(flaky, attempts=(flaky.attempts[0], replace(flaky.attempts[1], findings=(found,))))
    policy = replace(QUANTITATIVE, findings=("additional-property",))
    card = score(result(flaky), asked(1), target="platform", policy=policy, date=DATE)
    assert (card.rate.passed, card.rate.decided, card.verdict) == (0, 2, Verdict.NON_CONFORMANT)


def test_attempts_at_waived_tests_alone_name_no_repeat():
    """No must-pass test was tried, and the passes of a waived one do not reach the threshold."""
    two = guideline({"c": {"cap": "required", "more": "required"}}, {"cap": ["o0"], "more": ["o1"]})
    lifted = Waiver(
        id="w",
        product="defcore-ref",
        scope=Scope(capabilities=("cap",)),
        reason="r",
        granted="2026-01-01",
        expires="2026-12-31",
        decided_by="the board",
    )
    own = result(tried("o0", [PASSED]))
    card = score(own, two, target="platform", policy=QUANTITATIVE, date=DATE, waivers=[lifted])
    assert card.verdict is Verdict.INCONCLUSIVE
