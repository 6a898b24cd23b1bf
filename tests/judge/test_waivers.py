from __future__ import annotations

import pytest

from defcore.judge import score
from defcore.model.outcome import Outcome
from defcore.model.scorecard import Verdict
from defcore.model.waiver import Scope, Waiver
from tests.policies import STRICT
from tests.values import guideline, record, result

ASKED = guideline({"c": {"cap": "required", "more": "required"}}, {"cap": ["a", "b"], "more": ["b", "d"]})
OWN = result(record("a", Outcome.PASSED), record("b", Outcome.FAILED), record("d", Outcome.PASSED))


def waiver(**more: object) -> Waiver:
    about: dict[str, object] = {
        "id": "w1",
        "product": "defcore-ref",
        "scope": Scope(tests=("b",)),
        "reason": "mended in the next release",
        "granted": "2026-01-01",
        "expires": "2026-06-30",
        "decided_by": "the board, minutes of 2026-01-01",
    }
    return Waiver(**about | more)  # type: ignore[arg-type]


def judged(*waivers: Waiver, date: str = "2026-02-01", product: str | None = None):
    return score(OWN, ASKED, target="platform", policy=STRICT, date=date, waivers=waivers, product=product)


def test_a_waiver_lifts_its_tests_for_its_product_alone():
    assert judged().verdict is Verdict.NON_CONFORMANT
    assert judged(waiver()).verdict is Verdict.CONFORMANT
    assert judged(waiver(scope=Scope(tests=("tempest.b",)))).verdict is Verdict.CONFORMANT
    assert judged(waiver(scope=Scope(tests=("d",)))).verdict is Verdict.NON_CONFORMANT
    assert judged(waiver(product="another")).verdict is Verdict.NON_CONFORMANT
    assert judged(waiver(product="another"), product="another").verdict is Verdict.CONFORMANT
    assert judged(waiver(), product="another").verdict is Verdict.NON_CONFORMANT


def test_a_waived_capability_lifts_its_tests_there_and_not_elsewhere():
    assert judged(waiver(scope=Scope(capabilities=("cap",)))).verdict is Verdict.NON_CONFORMANT
    assert judged(waiver(scope=Scope(capabilities=("cap", "more")))).verdict is Verdict.INCONCLUSIVE


def test_a_waiver_may_hold_under_some_guidelines_alone():
    assert judged(waiver(scope=Scope(tests=("b",), guidelines=("2020.06",)))).verdict is Verdict.CONFORMANT
    assert judged(waiver(scope=Scope(tests=("b",), guidelines=("2018.02",)))).verdict is Verdict.NON_CONFORMANT


@pytest.mark.parametrize(
    ("date", "verdict"),
    [
        ("2025-12-31", Verdict.NON_CONFORMANT),
        ("2026-01-01", Verdict.CONFORMANT),
        ("2026-06-30", Verdict.CONFORMANT),
        ("2026-07-01", Verdict.NON_CONFORMANT),
    ],
)
def test_a_waiver_holds_from_its_first_to_its_last_day(date, verdict):
    assert judged(waiver(), date=date).verdict is verdict


def test_the_scorecard_counts_waivers_and_names_those_that_run_out():
    card = judged(waiver(), date="2026-04-02")
    assert [(use.id, use.in_force, use.days_left, use.tests) for use in card.waivers] == [
        ("w1", True, 89, ("tempest.b",))
    ]
    assert "not decisive, because waived for this product: 1 required test" in card.reasons
    assert "the waiver w1 runs out in 89 days, after 2026-06-30" in card.reasons
    assert not any("runs out" in reason for reason in judged(waiver(), date="2026-03-31").reasons)
    late = judged(waiver(), date="2026-07-02")
    assert "the waiver w1 has run out on 2026-06-30 and lifts nothing" in late.reasons


def test_refstacks_counts_know_no_waivers():
    assert judged(waiver()).statuses == judged().statuses
