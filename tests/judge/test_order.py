"""More passes and fewer waivers order the verdicts: ids under several names, flags and waivers in one capability and
not in another, names without ids, other programs' records, and attempts of unequal number."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from defcore.judge import score
from defcore.model.guideline import Flag, Guideline, OfficialTest
from defcore.model.outcome import Cause, Outcome, TestRecord, settled
from defcore.model.policy import Policy
from defcore.model.result import Result
from defcore.model.scorecard import Verdict
from defcore.model.waiver import Scope, Waiver
from tests.policies import OFFICIAL, QUANTITATIVE, STRICT
from tests.values import DATE, guideline, result, tried

LOW = replace(
    QUANTITATIVE, thresholds=replace(QUANTITATIVE.thresholds, component=0.4, platform=0.5, advisory=0.3, confidence=0.6)
)
"""Thresholds that a handful of attempts can reach or miss."""
POLICIES = pytest.mark.parametrize("policy", [OFFICIAL, STRICT, LOW], ids=["official", "strict", "quantitative"])
IDS, NAMES, CAPABILITIES = ("o0", "o1", ""), ("a", "b", "c", "d"), ("k0", "k1", "k2")
OUTCOMES = [Outcome.PASSED, Outcome.PASSED, Outcome.PASSED, Outcome.FAILED, Outcome.ERROR, *Cause]
SETTINGS = settings(max_examples=40, deadline=None)
RANK = [Verdict.NON_CONFORMANT, Verdict.INCONCLUSIVE, Verdict.CONFORMANT].index


@st.composite
def guidelines(draw: st.DrawFn) -> Guideline:
    flag = Flag(code=None, date=None, reason="r")
    flags = st.sampled_from([None, None, None, flag])
    tests = st.builds(
        lambda id, name, aliases, flag: OfficialTest(id=id, name=name, aliases=tuple(aliases), flag=flag),
        st.sampled_from(IDS),
        st.sampled_from(NAMES),
        st.lists(st.sampled_from(NAMES), max_size=1),
        flags,
    )
    drawn = guideline(
        {"x": {"k0": "required", "k1": "required"}, "y": {"k1": "required", "k2": "required"}},
        {name: [] for name in CAPABILITIES},
        {"platform": ["x", "y"], "compute": ["x"]},
    )
    capabilities = tuple(
        replace(one, tests=tuple(draw(st.lists(tests, min_size=1, max_size=3, unique_by=lambda test: test.name))))
        for one in drawn.capabilities
    )
    return replace(drawn, capabilities=capabilities)


@st.composite
def records(draw: st.DrawFn, outcomes: st.SearchStrategy[list[Outcome | Cause]]) -> TestRecord:
    """Ours, or another program's, whose id is its name."""
    covers = draw(st.lists(st.sampled_from(IDS[:2]), max_size=1))
    name = draw(st.sampled_from(NAMES))
    if draw(st.booleans()):
        return replace(tried(f"t{name}", draw(outcomes)), covers=tuple(covers))
    return replace(tried(name, draw(outcomes)), name=name, covers=tuple(covers))


MIXED = st.tuples(st.lists(st.sampled_from(OUTCOMES), min_size=1, max_size=4), st.sampled_from([0, 0, 8])).map(
    lambda drawn: [*drawn[0], *[Outcome.PASSED] * drawn[1]]
)
RESULTS = st.lists(records(MIXED), max_size=6, unique_by=lambda one: one.id).map(lambda own: result(*own))
TARGETS = st.sampled_from(["platform", "compute"])


def verdict(own: Result, asked: Guideline, target: str, policy: Policy, waivers: tuple[Waiver, ...] = ()) -> Verdict:
    return score(own, asked, target=target, policy=policy, date=DATE, waivers=waivers).verdict


@POLICIES
@SETTINGS
@given(own=RESULTS, asked=guidelines(), target=TARGETS, data=st.data())
def test_an_attempt_more_that_passed_never_makes_it_worse(own, asked, target, policy, data):
    before = verdict(own, asked, target, policy)
    tests = list(own.tests)
    if not tests:
        return
    n = data.draw(st.integers(0, len(tests) - 1))
    outcomes = [attempt.cause or attempt.outcome for attempt in tests[n].attempts]
    better = replace(tried(tests[n].id, [*outcomes, Outcome.PASSED]), name=tests[n].name, covers=tests[n].covers)
    assert better.outcome is settled([*(one.outcome for one in tests[n].attempts), Outcome.PASSED])
    tests[n] = better
    assert RANK(verdict(replace(own, tests=tuple(tests)), asked, target, policy)) >= RANK(before)


@POLICIES
@SETTINGS
@given(
    own=RESULTS,
    asked=guidelines(),
    target=TARGETS,
    more=records(st.integers(1, 4).map(lambda n: [Outcome.PASSED] * n)),
)
def test_a_record_more_that_passed_never_turns_yes_into_no(own, asked, target, policy, more):
    if more.id in {one.id for one in own.tests}:
        return
    before = verdict(own, asked, target, policy)
    after = verdict(replace(own, tests=(*own.tests, more)), asked, target, policy)
    assert (
        RANK(after) >= RANK(before)
        if policy is not LOW
        else (before, after)
        != (
            Verdict.CONFORMANT,
            Verdict.NON_CONFORMANT,
        )
    )


@st.composite
def waivers(draw: st.DrawFn) -> Waiver:
    scope = Scope(
        tests=tuple(draw(st.sets(st.sampled_from([*IDS[:2], *NAMES]), max_size=2))),
        capabilities=tuple(draw(st.sets(st.sampled_from(CAPABILITIES), max_size=1))),
    )
    days = {"granted": "2026-01-01", "expires": "2026-12-31"}
    return Waiver(id="w", product="defcore-ref", scope=scope, reason="r", decided_by="the board", **days)


@POLICIES
@SETTINGS
@given(own=RESULTS, asked=guidelines(), target=TARGETS, given_=st.lists(waivers(), min_size=1, max_size=2))
def test_a_waiver_less_never_turns_no_into_yes(own, asked, target, policy, given_):
    before = verdict(own, asked, target, policy, tuple(given_))
    after = verdict(own, asked, target, policy, tuple(given_[1:]))
    assert (before, after) != (Verdict.NON_CONFORMANT, Verdict.CONFORMANT)
