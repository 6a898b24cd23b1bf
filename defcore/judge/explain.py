"""A scorecard taken apart: which rule made what of which test, by which records, and what would be otherwise."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import replace

from defcore.errors import InputError, Problem, did_you_mean
from defcore.judge.policy import is_no, is_yes
from defcore.model.explanation import CapabilityBecause, ComponentBecause, Explanation, Otherwise, TestBecause
from defcore.model.guideline import Guideline
from defcore.model.policy import Policy
from defcore.model.result import Result
from defcore.model.scorecard import CapabilityScore, Scorecard, Support, TestScore
from defcore.model.waiver import Waiver

Judge = Callable[[Guideline, Policy, Sequence[Waiver]], Scorecard]
"""Judges the result under something else."""


def explain(
    card: Scorecard,
    result: Result,
    policy: Policy,
    *,
    capability: str | None = None,
    otherwise: Iterable[Otherwise] = (),
) -> Explanation:
    """The tree from the verdict to the tests.

    Of all capabilities those that are not supported; with `capability` that one alone, whatever it is. InputError
    if the scorecard has none of that name.
    """
    names = [one.id for one in card.capabilities]
    if capability is not None and capability not in names:
        message = f"no capability {capability!r} in this scorecard"
        hint = did_you_mean(capability, names) or None
        raise InputError(Problem(code="explain.unknown-capability", message=message, hint=hint))
    records = {record.id: record for record in result.tests}

    def because(one: CapabilityScore) -> CapabilityBecause:
        tests = tuple(
            TestBecause(
                test=test,
                rule=rule_of(test, policy),
                records=tuple(records[id] for id in test.covered_by if id in records),
            )
            for test in one.tests
        )
        return CapabilityBecause(capability=one, tests=tests)

    def told(one: CapabilityScore) -> bool:
        return one.id == capability if capability else one.support is not Support.SUPPORTED

    components = (
        ComponentBecause(
            component=component,
            capabilities=tuple(
                because(one) for one in card.capabilities if told(one) and component.name in dict(one.components)
            ),
        )
        for component in card.components
    )
    return Explanation(
        card=card,
        rule=rule(policy),
        components=tuple(one for one in components if one.capabilities or not capability),
        otherwise=tuple(otherwise),
    )


def rule(policy: Policy) -> str:
    """How the policy decides."""
    against = ", ".join(map(str, policy.against)) or "nothing"
    if policy.thresholds is None:
        rest = "anything else that is not PASSED is a don't-know" if policy.untested_is_unknown else ""
        return "; ".join(
            filter(None, (f"every must-pass test must have PASSED; held against the cloud: {against}", rest))
        )
    shares = policy.thresholds
    return (
        f"the lower bound of the pass rate must reach {shares.component:g} for a component and {shares.platform:g} for"
        f" a platform, with {shares.confidence:g} confidence; a must-pass test that never passed is a no, and so is"
        f" {against}; an attempt that was not decided is a don't-know"
    )


def rule_of(test: TestScore, policy: Policy) -> str:
    """What the policy makes of the test."""
    if test.flag:
        return f"flagged{f' {test.flag.code}' if test.flag.code else ''}: decides nothing"
    if test.waiver:
        return f"waived by {test.waiver}: decides nothing"
    if is_no(test, policy):
        return f"held against the cloud by the policy {policy.id}"
    if not is_yes(test, policy):
        return "a don't-know: it keeps the yes away"
    return "weighed by its rate" if test.tally.flaky else "counts as kept"


def what_if(
    judge: Judge,
    guideline: Guideline,
    policy: Policy,
    waivers: Sequence[Waiver],
    *,
    card: Scorecard,
    policies: Iterable[Policy] = (),
    guidelines: Iterable[Guideline] = (),
) -> tuple[Otherwise, ...]:
    """The verdict under each of the other policies and guidelines, without each waiver, and without each flag that
    lifts a test that did not pass."""
    found = [_otherwise(f"policy {one.id}", judge(guideline, one, waivers)) for one in policies if one.id != policy.id]
    found += [
        _otherwise(f"guideline {one.id}", judge(one, policy, waivers)) for one in guidelines if one.id != guideline.id
    ]
    for use in card.waivers:
        rest = [one for one in waivers if one.id != use.id]
        found.append(_otherwise(f"without the waiver {use.id}", judge(guideline, policy, rest)))
    lifted = {(test.id, test.name) for one in card.capabilities for test in one.tests if _matters(test)}
    for id, name in sorted(lifted):
        plain = without_flags(guideline, {(id, name)})
        found.append(_otherwise(f"without the flag on {name}", judge(plain, policy, waivers)))
    if len(lifted) > 1:
        found.append(_otherwise("without any flag", judge(without_flags(guideline, lifted), policy, waivers)))
    return tuple(found)


def without_flags(guideline: Guideline, tests: Collection[tuple[str, str]]) -> Guideline:
    """The guideline with the flags of these tests, each (id, name), taken away."""
    return replace(
        guideline,
        capabilities=tuple(
            replace(
                one,
                tests=tuple(replace(test, flag=None) if (test.id, test.name) in tests else test for test in one.tests),
            )
            for one in guideline.capabilities
        ),
    )


def _matters(test: TestScore) -> bool:
    return test.flag is not None and (test.outcome != "PASSED" or test.tally.failed > 0)


def _otherwise(change: str, card: Scorecard) -> Otherwise:
    return Otherwise(change=change, verdict=card.verdict, because=card.reasons[0] if card.reasons else "")
