"""What holds of every verdict, tried on random results under random guidelines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from defcore.judge import fold, score
from defcore.model.guideline import Guideline
from defcore.model.outcome import Cause, Outcome
from defcore.model.policy import Policy
from defcore.model.result import Result
from defcore.model.scorecard import Scorecard, Support, Verdict
from defcore.model.waiver import Scope, Waiver
from tests.judge import refstack
from tests.policies import BY_TEST, OFFICIAL, POLICIES, STRICT
from tests.values import DATE, guideline, record, result, tried

IDS = [f"o{n}" for n in range(8)]
CAPABILITIES = [f"k{n}" for n in range(5)]
OUTCOMES = [*(one for one in Outcome if one is not Outcome.SKIPPED), *Cause]
WEIGHTED = st.one_of(st.just(Outcome.PASSED), st.sampled_from(OUTCOMES))
SETTINGS = settings(max_examples=3000, deadline=None)
AS_VERDICT = {True: Verdict.CONFORMANT, False: Verdict.NON_CONFORMANT, None: Verdict.INCONCLUSIVE}


@st.composite
def guidelines(draw: st.DrawFn) -> Guideline:
    """Components share capabilities, capabilities share tests, some are flagged, some undefined or empty."""
    flagged = draw(st.sets(st.sampled_from(IDS), max_size=3))
    tests = draw(
        st.dictionaries(st.sampled_from(CAPABILITIES), st.lists(st.sampled_from(IDS), unique=True, max_size=4))
    )
    statuses = st.sampled_from(["required", "required", *refstack.STATUSES])
    components = draw(
        st.fixed_dictionaries({name: st.dictionaries(st.sampled_from(CAPABILITIES), statuses) for name in ("x", "y")})
    )
    return guideline(
        components,
        {name: [f"~{one}" if one in flagged else one for one in own] for name, own in tests.items()},
        {"platform": ["x", "y"], "compute": ["x"]},
    )


@st.composite
def results(draw: st.DrawFn) -> Result:
    """Some tests were tried once, some many times."""
    covers = st.lists(st.sampled_from(IDS), min_size=1, max_size=3, unique=True)
    tests = draw(st.lists(st.tuples(st.lists(WEIGHTED, min_size=1, max_size=3), covers), max_size=14))
    often = draw(st.sampled_from([1, 1, 20]))
    return result(
        *(tried(f"t{n}", [*outcomes, *outcomes[-1:] * often], *own) for n, (outcomes, own) in enumerate(tests))
    )


TARGETS = st.sampled_from(["platform", "compute", None])


def judged(own: Result, asked: Guideline, target: str | None, policy: Policy) -> Scorecard:
    return score(own, asked, target=target, policy=policy, date=DATE)


def as_refstack_reads_it(asked: Guideline) -> dict:
    return {
        "components": {
            component.name: {
                status: [name for name, own in component.capabilities if own == status] for status in refstack.STATUSES
            }
            for component in asked.components
        },
        "capabilities": {
            capability.id: {
                test.name: {"aliases": test.aliases, "flagged": test.flag is not None} for test in capability.tests
            }
            for capability in asked.capabilities
        },
    }


@SETTINGS
@given(results(), guidelines(), TARGETS)
def test_the_official_policy_is_refstacks_rule(own, asked, target):
    card = judged(own, asked, target, OFFICIAL)
    facts = as_refstack_reads_it(asked)
    components = ["x"] if target == "compute" else ["x", "y"]
    passed = {test.name for test, one in fold(own, asked).items() if one.outcome is Outcome.PASSED}
    assert card.verdict is AS_VERDICT[refstack.compliant(facts, components, passed)]
    table = refstack.counts(facts, components, passed)
    for count in card.statuses:
        assert {name: getattr(count, name) for name in table[count.status]} == table[count.status]
    percents = (card.required_pass_percent, card.non_flagged_required_pass_percent)
    assert percents == refstack.percents(table["required"])
    for component in card.components:
        alone = refstack.compliant(facts, [component.name], passed)
        assert component.verdict is AS_VERDICT[alone]


@SETTINGS
@given(results(), guidelines(), TARGETS, st.sampled_from(list(POLICIES.values())), st.data())
def test_turning_an_outcome_into_a_pass_never_turns_yes_into_no(own, asked, target, policy, data):
    rank = [Verdict.NON_CONFORMANT, Verdict.INCONCLUSIVE, Verdict.CONFORMANT].index
    before = judged(own, asked, target, policy)
    better = list(own.tests)
    if better:
        n = data.draw(st.integers(0, len(better) - 1))
        better[n] = record(better[n].id, Outcome.PASSED, *better[n].covers)
    if data.draw(st.booleans()):
        better.append(record("more", Outcome.PASSED, data.draw(st.sampled_from(IDS))))
    after = judged(replace(own, tests=tuple(better)), asked, target, policy)
    # A further pass can also turn "nothing was measured" into "measured"; it can never make anything worse.
    assert rank(after.verdict) >= rank(before.verdict)


@st.composite
def waivers(draw: st.DrawFn) -> Waiver:
    scope = Scope(
        tests=tuple(draw(st.sets(st.sampled_from(IDS), max_size=2))),
        capabilities=tuple(draw(st.sets(st.sampled_from(CAPABILITIES), max_size=1))),
    )
    days = {"granted": "2026-01-01", "expires": draw(st.sampled_from(["2026-01-10", "2026-12-31"]))}
    return Waiver(id="w", product="defcore-ref", scope=scope, reason="r", decided_by="the board", **days)


@SETTINGS
@given(results(), guidelines(), TARGETS, st.sampled_from(list(POLICIES.values())), st.lists(waivers(), max_size=3))
def test_taking_a_waiver_away_never_turns_no_into_yes(own, asked, target, policy, given_):
    def verdict(some: Sequence[Waiver]) -> Verdict:
        return score(own, asked, target=target, policy=policy, date=DATE, waivers=some).verdict

    for n in range(len(given_)):
        if verdict(given_) is Verdict.NON_CONFORMANT:
            assert verdict([*given_[:n], *given_[n + 1 :]]) is Verdict.NON_CONFORMANT


@SETTINGS
@given(results(), guidelines(), TARGETS)
def test_the_world_is_closed(own, asked, target):
    card = judged(own, asked, target, STRICT)
    for capability in card.capabilities:
        by_outcome = dict.fromkeys(Outcome, 0)
        for test in capability.tests:
            by_outcome[test.outcome] += 1
        assert sum(by_outcome.values()) == len(capability.tests)
        assert by_outcome[Outcome.PASSED] == capability.passed
    for count in card.statuses:
        own_tests = [t for c in card.capabilities if c.status is count.status for t in c.tests]
        assert (count.tests, count.passed) == (
            len(own_tests),
            sum(t.outcome is Outcome.PASSED for t in own_tests),
        )


@SETTINGS
@given(results(), guidelines(), TARGETS)
def test_strict_says_yes_only_where_official_does_and_no_only_where_official_does(own, asked, target):
    strict = judged(own, asked, target, STRICT).verdict
    official = judged(own, asked, target, OFFICIAL).verdict
    if strict is not Verdict.INCONCLUSIVE:
        assert official is strict


@SETTINGS
@given(results(), guidelines(), TARGETS, st.sampled_from(BY_TEST))
def test_mending_the_list_gives_the_yes_and_leaving_one_out_does_not(own, asked, target, policy):
    card = judged(own, asked, target, policy)
    required = [one for one in card.capabilities if one.status == "required"]
    if any(not one.tests for one in required) or card.non_flagged_required_pass_percent is None:
        return
    # Each official test that is still to mend gets a test of its own that answers for it alone.
    base = [one for one in own.tests if one.outcome is Outcome.PASSED]
    fixed = [record(f"mend-{one.id}", Outcome.PASSED, one.id) for one in card.mend]
    assert judged(result(*base, *fixed), asked, target, policy).verdict is Verdict.CONFORMANT
    for left_out in range(len(fixed)):
        rest = [*base, *fixed[:left_out], *fixed[left_out + 1 :]]
        kept = [one for one in rest if card.mend[left_out].id not in one.covers]
        assert judged(result(*kept), asked, target, policy).verdict is not Verdict.CONFORMANT


@SETTINGS
@given(results(), guidelines(), TARGETS, st.sampled_from(list(POLICIES.values())))
def test_every_verdict_has_a_because(own, asked, target, policy):
    card = judged(own, asked, target, policy)
    assert card.reasons
    assert all(component.reasons for component in card.components)
    for capability in card.capabilities:
        assert capability.reasons or capability.support is Support.SUPPORTED
    assert bool(card.mend) <= (card.verdict is not Verdict.CONFORMANT)


@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES)
def test_the_same_files_give_the_same_scorecard(policy):
    asked = guideline({"x": {"k": "required"}}, {"k": ["o1"]})
    own = result(record("t", Outcome.FAILED, "o1"))
    assert judged(own, asked, None, policy) == judged(own, asked, None, policy)
