from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from defcore import schemas
from defcore.judge import score
from defcore.judge.gate import Judged, gate
from defcore.model.gate import (
    FailOn,
    GateAnswer,
    GateDecision,
    KnownFailure,
    KnownFailures,
    KnownState,
    ReasonKind,
    Weight,
)
from defcore.model.gate_document import gate_document
from defcore.model.outcome import Cause, Outcome, TestRecord
from defcore.model.result import Result
from tests.judge.test_changes import attempts, results
from tests.policies import STRICT
from tests.values import DATE, guideline, record, result

PASSED, FAILED, ERROR = Outcome.PASSED, Outcome.FAILED, Outcome.ERROR
ASKED = guideline({"x": {"k": "required"}}, {"k": [f"t{n}" for n in range(8)]})
SETTINGS = settings(max_examples=80, deadline=None)
PASS, FAIL, INCONCLUSIVE = GateAnswer


def judged(own: Result) -> Judged:
    return Judged(result=own, card=score(own, ASKED, target=None, policy=STRICT, date=DATE))


def known(*tests: str, expires: str = DATE) -> KnownFailures:
    entries = (
        KnownFailure(test=test, id=test, reason="we know", expires=expires, where="known.yaml:3:5") for test in tests
    )
    return KnownFailures(entries=tuple(entries), digest="sha256:" + "a" * 64)


def decide(before: Result | None, after: Result, fail_on: FailOn = FailOn.NEW_FAILURES, **more: object) -> GateDecision:
    values: dict = {"fail_on": fail_on, "date": DATE} | more
    return gate(judged(after), judged(before) if before else None, **values)


def one(outcome: Outcome | Cause) -> Result:
    return result(record("t0", outcome), record("t1", PASSED))


def kinds(decision: GateDecision) -> list[ReasonKind]:
    return [reason.kind for reason in decision.reasons]


@pytest.mark.parametrize(
    ("before", "after", "answer", "kind"),
    [
        (PASSED, PASSED, PASS, None),
        (PASSED, FAILED, FAIL, ReasonKind.REGRESSION),
        (PASSED, Cause.ABSENT, FAIL, ReasonKind.REGRESSION),
        (PASSED, ERROR, INCONCLUSIVE, ReasonKind.LOST),
        (PASSED, Cause.PREREQUISITE, INCONCLUSIVE, ReasonKind.LOST),
        (FAILED, FAILED, PASS, None),
        (FAILED, Cause.ABSENT, PASS, None),
        (FAILED, ERROR, PASS, None),
        (ERROR, FAILED, INCONCLUSIVE, ReasonKind.UNPRECEDENTED),
        (ERROR, ERROR, PASS, None),
        (FAILED, PASSED, PASS, None),
    ],
)
def test_only_what_the_baseline_kept_is_newly_broken(before, after, answer, kind):
    decision = decide(one(before), one(after))
    assert decision.answer is answer
    assert kinds(decision) == ([kind] if kind else [])


def test_a_test_that_is_gone_or_new_is_not_known():
    gone = decide(one(PASSED), result(record("t1", PASSED)))
    assert (gone.answer, kinds(gone)) == (INCONCLUSIVE, [ReasonKind.LOST])
    new = decide(result(record("t1", PASSED)), one(FAILED))
    assert (new.answer, kinds(new)) == (INCONCLUSIVE, [ReasonKind.UNPRECEDENTED])
    assert decide(one(FAILED), result(record("t1", PASSED))).answer is PASS
    assert decide(result(record("t1", PASSED)), one(PASSED)).answer is PASS


def test_a_cut_run_and_a_baseline_without_a_common_test_are_not_known():
    assert kinds(decide(one(PASSED), replace(one(PASSED), run=result(complete=False).run))) == [ReasonKind.INCOMPLETE]
    assert kinds(decide(result(), one(PASSED))) == [ReasonKind.NOTHING_COMPARED]
    assert decide(result(), result()).answer is INCONCLUSIVE


def test_a_fail_outweighs_what_is_not_known_and_comes_first():
    before = result(record("t0", PASSED), record("t1", PASSED))
    decision = decide(before, result(record("t0", ERROR), record("t1", FAILED)))
    assert decision.answer is FAIL
    assert [reason.weight for reason in decision.reasons] == [Weight.FAIL, Weight.UNKNOWN]


def test_what_is_not_known_may_be_allowed_and_stays_a_warning():
    decision = decide(one(PASSED), one(ERROR), allow_unknown=True)
    assert (decision.answer, decision.reasons[0].weight) == (PASS, Weight.WARNING)
    assert decide(one(PASSED), one(FAILED), allow_unknown=True).answer is FAIL


def test_a_newly_flaky_test_is_a_warning():
    flaky = result(record("t0", PASSED, attempts=attempts(PASSED, FAILED)), record("t1", PASSED))
    decision = decide(one(PASSED), flaky)
    assert (decision.answer, kinds(decision)) == (PASS, [ReasonKind.NEWLY_FLAKY])


@pytest.mark.parametrize(
    ("fail_on", "failing", "answer"),
    [
        (FailOn.VERDICT, FAILED, FAIL),
        (FailOn.VERDICT, ERROR, INCONCLUSIVE),
        (FailOn.VERDICT, None, PASS),
        (FailOn.BOTH, FAILED, FAIL),
        (FailOn.NEW_FAILURES, FAILED, PASS),
    ],
)
def test_the_verdict_decides_where_it_is_asked_for(fail_on, failing, answer):
    rows = [record(f"t{n}", PASSED) for n in range(8)]
    own = result(*([record("t0", failing), *rows[1:]] if failing else rows))
    decision = decide(own, own, fail_on)
    assert decision.answer is answer
    assert decision.result.verdict is not None
    assert (kinds(decision) == [ReasonKind.VERDICT]) is (answer is not PASS)


def test_the_verdict_alone_needs_no_baseline():
    own = result(*(record(f"t{n}", PASSED) for n in range(8)))
    assert decide(None, own, FailOn.VERDICT).answer is PASS
    with pytest.raises(ValueError, match="baseline"):
        decide(None, own)
    with pytest.raises(ValueError, match="scorecard"):
        gate(Judged(result=own), None, fail_on=FailOn.VERDICT, date=DATE)


def test_a_known_failure_takes_its_test_out_of_the_comparison_until_its_day_is_over():
    assert decide(one(PASSED), one(FAILED), known=known("t0")).answer is PASS
    assert decide(one(PASSED), one(ERROR), known=known("t0")).answer is PASS
    late = decide(one(PASSED), one(FAILED), known=known("t0"), date="2026-02-01")
    assert (late.answer, kinds(late)) == (FAIL, [ReasonKind.REGRESSION, ReasonKind.KNOWN_EXPIRED])
    other = decide(one(PASSED), one(FAILED), known=known("t9"))
    assert (other.answer, other.known[0].state) == (FAIL, KnownState.ELSEWHERE)


def test_a_known_failure_does_not_lift_the_verdict():
    own = result(record("t0", FAILED), *(record(f"t{n}", PASSED) for n in range(1, 8)))
    assert decide(own, own, FailOn.BOTH, known=known("t0")).answer is FAIL


def test_a_known_failure_that_passes_is_to_be_taken_out_unless_it_still_fails_now_and_then():
    decision = decide(one(FAILED), one(PASSED), known=known("t0"))
    assert (decision.answer, kinds(decision)) == (PASS, [ReasonKind.KNOWN_PASSES])
    assert decision.reasons[0].where == "known.yaml:3:5"
    flaky = result(record("t0", PASSED, attempts=attempts(PASSED, FAILED)), record("t1", PASSED))
    assert decide(one(PASSED), flaky, known=known("t0")).known[0].state is KnownState.IN_FORCE


def test_the_list_may_only_shrink():
    own = one(FAILED)

    def against(now: KnownFailures, then: KnownFailures) -> GateDecision:
        return decide(own, own, known=now, known_before=then)

    assert against(known("t0"), known("t0", "t5")).answer is PASS
    assert against(known("t0", expires="2026-01-31"), known("t0", expires="2026-06-30")).answer is PASS
    more = against(known("t0", "t5"), known("t0"))
    assert (more.answer, kinds(more)) == (FAIL, [ReasonKind.KNOWN_ADDED])
    longer = against(known("t0", expires="2026-06-30"), known("t0", expires="2026-01-31"))
    assert (longer.answer, kinds(longer)) == (FAIL, [ReasonKind.KNOWN_EXTENDED])


def test_a_decision_keeps_its_schema():
    decision = decide(one(PASSED), one(FAILED), FailOn.BOTH, known=known("t1", "t9"))
    document = gate_document(decision)
    assert schemas.problems(document, "gate") == []
    alone = decide(None, one(FAILED), FailOn.VERDICT)
    assert schemas.problems(gate_document(alone), "gate") == []
    document["answer"] = "maybe"
    document["known_failures"][0]["state"] = "gone"
    assert len(schemas.problems(document, "gate")) == 2


KNOWN = st.sets(st.sampled_from([f"t{n}" for n in range(8)]), max_size=3)
RANK = [GateAnswer.FAIL, GateAnswer.INCONCLUSIVE, GateAnswer.PASS].index


@SETTINGS
@given(results(), KNOWN)
def test_what_is_as_the_baseline_is_not_newly_broken(own, names):
    decision = decide(own, own, known=known(*names))
    assert decision.answer is (GateAnswer.PASS if own.tests else GateAnswer.INCONCLUSIVE)


def better(own: Result, n: int) -> Result:
    """One test more passes, which may be a new one."""
    test: TestRecord = record(f"t{n}", PASSED)
    return replace(own, tests=(*(one for one in own.tests if one.id != test.id), test))


@SETTINGS
@given(results(), results(), KNOWN, st.integers(0, 8), st.sampled_from(FailOn), st.booleans())
def test_a_further_pass_never_makes_the_answer_worse(before, after, names, n, fail_on, allowed):
    def answer(own: Result) -> int:
        return RANK(decide(before, own, fail_on, known=known(*names), allow_unknown=allowed).answer)

    assert answer(better(after, n)) >= answer(after)


@SETTINGS
@given(results(), results(), KNOWN)
def test_every_answer_but_pass_has_a_reason_of_its_weight(before, after, names):
    decision = decide(before, after, FailOn.BOTH, known=known(*names))
    weights = {reason.weight for reason in decision.reasons}
    assert (decision.answer is GateAnswer.FAIL) == (Weight.FAIL in weights)
    assert (decision.answer is GateAnswer.PASS) == weights.isdisjoint({Weight.FAIL, Weight.UNKNOWN})
    assert all(reason.message for reason in decision.reasons)
