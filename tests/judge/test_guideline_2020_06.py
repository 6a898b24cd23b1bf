"""RefStack's counts of the shipped guideline, as its server computes them."""

from __future__ import annotations

import pytest

from defcore.catalog import find_data, load_guideline
from defcore.judge import score
from defcore.model.outcome import Outcome
from defcore.model.policy import Policy
from defcore.model.scorecard import Support, Verdict
from tests.judge import refstack
from tests.judge.test_properties import as_refstack_reads_it
from tests.policies import OFFICIAL, POLICIES, STRICT
from tests.values import DATE, record, result

GUIDELINE = load_guideline("2020.06", find_data())
IDS = sorted({test.id for capability in GUIDELINE.capabilities for test in capability.tests})
COUNTS = {"platform": (78, 286, 11, 275), "compute": (60, 228, 11, 217), "object": (20, 60, 0, 60)}


def judged(outcome: Outcome, target: str, policy: Policy = STRICT, skip: str = ""):
    records = [record(one, outcome) for one in IDS if one != skip]
    return score(result(*records), GUIDELINE, target=target, policy=policy, date=DATE)


@pytest.mark.parametrize("target", COUNTS)
def test_the_counts_are_refstacks(target):
    card = judged(Outcome.PASSED, target)
    count = card.statuses[0]
    flagged = count.flagged_passed + count.flagged_failed
    assert (count.capabilities, count.tests, flagged, count.tests - flagged) == COUNTS[target]
    components = [component.name for component in card.components]
    facts = as_refstack_reads_it(GUIDELINE)
    assert refstack.counts(facts, components, set())["required"]["tests"] == count.tests


@pytest.mark.parametrize("target", COUNTS)
@pytest.mark.parametrize("policy", POLICIES.values(), ids=POLICIES)
def test_a_cloud_that_passes_everything_is_conformant(target, policy):
    card = judged(Outcome.PASSED, target, policy)
    assert (card.verdict, card.required_pass_percent) == (Verdict.CONFORMANT, 100.0)
    assert {capability.support for capability in card.capabilities} == {Support.SUPPORTED}


@pytest.mark.parametrize("target", COUNTS)
def test_one_test_that_nobody_ran_keeps_the_yes_away(target):
    yes = judged(Outcome.PASSED, target)
    test = next(one for one in yes.capabilities[0].tests if one.flag is None)
    assert judged(Outcome.PASSED, target, skip=test.id).verdict is Verdict.INCONCLUSIVE
    no = judged(Outcome.PASSED, target, OFFICIAL, skip=test.id)
    assert (no.verdict, [mend.id for mend in no.mend]) == (Verdict.NON_CONFORMANT, [test.id])
