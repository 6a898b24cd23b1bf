"""The scorecard of a target: RefStack's counts, support, verdicts, reasons and what to mend.

A component is judged by its own required list. A platform is judged over all capabilities of its components;
where one stands in several, its strongest status counts, and it counts once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from defcore.errors import InputError, Problem, did_you_mean
from defcore.judge.fold import Folded, fold
from defcore.judge.levels import Judgement, advisory_rate, capability_rate, judge_level, reached
from defcore.judge.mend import to_mend
from defcore.judge.policy import count, must_pass, support
from defcore.judge.waivers import Lifted
from defcore.model.documents import digest, result_document
from defcore.model.guideline import Component, Guideline, GuidelineCapability, OfficialTest, Platform, Status
from defcore.model.outcome import Outcome
from defcore.model.policy import Policy
from defcore.model.result import Result
from defcore.model.scorecard import (
    CapabilityScore,
    ComponentScore,
    Mend,
    Scorecard,
    StatusCount,
    TestScore,
    Verdict,
)
from defcore.model.waiver import EXPIRES_SOON, Waiver

STRONGEST_FIRST = tuple(Status)


def score(
    result: Result,
    guideline: Guideline,
    *,
    target: str | None,
    policy: Policy,
    date: str,
    waivers: Sequence[Waiver] = (),
    product: str | None = None,
) -> Scorecard:
    """Judge a result under a guideline. `target` is a platform's short or full name; None: all components.

    `date` (YYYY-MM-DD) decides which waivers are in force. They are those of `product`; where it is not named, of
    the cloud's cpid, or, in a run of ours, of its name in clouds.yaml.
    """
    platform, components = _components(guideline, target)
    lifted = Lifted(waivers, guideline, products=_products(result, product), date=date)
    capabilities = _capabilities(result, guideline, components, policy, lifted)
    required = tuple(one for one in capabilities if one.status is Status.REQUIRED)
    advisory = tuple(one for one in capabilities if one.status is Status.ADVISORY)
    own, scores, mend = _levels(components, capabilities, required, policy)
    statuses = _counts([(one, one.status) for one in capabilities])
    return Scorecard(
        guideline=guideline.id,
        guideline_digest=guideline.digest,
        target=platform.target if platform else None,
        platform=platform.name if platform else None,
        policy=policy.id,
        policy_digest=policy.digest,
        verdict=own.verdict,
        statuses=statuses,
        required_pass_percent=_required_percent(statuses),
        non_flagged_required_pass_percent=_must_pass_percent(statuses),
        components=scores,
        capabilities=capabilities,
        reasons=(*own.reasons, *_remarks(result, guideline, required, lifted)),
        mend=mend,
        cloud=result.cloud.name,
        cpid=result.cloud.cpid,
        run=result.run.id,
        result_digest=digest(result_document(result)),
        date=date,
        rate=own.rate,
        advisory_rate=advisory_rate(advisory, policy),
        level=reached(platform.name if platform else None, own.verdict, scores, capabilities, policy),
        waivers=lifted.uses(),
        source=result.origin.format,
    )


def _products(result: Result, product: str | None) -> tuple[str, ...]:
    """The names that the product goes by. Another program's result bears the name of its file, which is nobody's."""
    if product:
        return (product,)
    cloud = result.cloud
    names = (cloud.cpid,) if result.origin.foreign else (cloud.name, cloud.cpid)
    return tuple(name for name in names if name)


def _levels(
    components: Sequence[Component],
    capabilities: Sequence[CapabilityScore],
    required: Sequence[CapabilityScore],
    policy: Policy,
) -> tuple[Judgement, tuple[ComponentScore, ...], tuple[Mend, ...]]:
    """The judgement of the whole, the scores of its components, and what to mend for a yes."""
    alone = policy.thresholds.component if policy.thresholds else None
    threshold = policy.thresholds.platform if policy.thresholds and len(components) > 1 else alone
    pools = [(_required(one, capabilities), alone) for one in components]
    judged = [judge_level(own, policy, alone) for own, _ in pools]
    scores = tuple(_component_score(one, capabilities, own) for one, own in zip(components, judged, strict=True))
    named = [(one.name, own) for one, own in zip(components, judged, strict=True)]
    whole = judge_level(required, policy, threshold, named)
    if whole.verdict is Verdict.CONFORMANT:
        return whole, scores, ()
    return whole, scores, to_mend(required, [*pools, (required, threshold)], policy)


def _components(guideline: Guideline, target: str | None) -> tuple[Platform | None, tuple[Component, ...]]:
    if target is None:
        return None, guideline.components
    platform = guideline.platform(target)
    if platform is None:
        names = [name for one in guideline.platforms for name in (one.target, one.name)]
        raise InputError(
            Problem(
                code="score.unknown-target",
                message=f"the guideline {guideline.id} has no platform {target!r}",
                hint=did_you_mean(target, names) or None,
            )
        )
    found = (guideline.component(name) for name in platform.components)
    return platform, tuple(one for one in found if one is not None)


def _capabilities(
    result: Result, guideline: Guideline, components: Sequence[Component], policy: Policy, lifted: Lifted
) -> tuple[CapabilityScore, ...]:
    """Every capability of the components once, in the order of the guideline's components."""
    named: dict[str, list[tuple[str, Status]]] = {}
    for component in components:
        for name, status in component.capabilities:
            named.setdefault(name, []).append((component.name, status))
    defined = {one.id: one for one in guideline.capabilities}
    folded = fold(result, guideline, findings=policy.findings)
    scores = []
    for name, standing in named.items():
        capability = defined.get(name)
        tests = _test_scores(capability, folded, lifted) if capability else ()
        own_support, reasons = support(tests, policy)
        scores.append(
            CapabilityScore(
                id=name,
                components=tuple(standing),
                status=min((status for _, status in standing), key=STRONGEST_FIRST.index),
                description=capability.description if capability else "",
                support=own_support,
                tests=tests,
                reasons=reasons,
                rate=capability_rate(tests, policy),
            )
        )
    return tuple(scores)


def _test_scores(
    capability: GuidelineCapability, folded: Mapping[OfficialTest, Folded], lifted: Lifted
) -> tuple[TestScore, ...]:
    scores = []
    for test in capability.tests:
        found = folded[test]
        scores.append(
            TestScore(
                id=test.id,
                name=test.name,
                outcome=found.outcome,
                cause=found.cause,
                reason=found.reason,
                flag=test.flag,
                covered_by=found.covered_by,
                matched_by=found.matched_by,
                tally=found.tally,
                waiver=lifted.by(capability, test),
            )
        )
    return tuple(scores)


def _required(component: Component, capabilities: Sequence[CapabilityScore]) -> list[CapabilityScore]:
    return [one for one in capabilities if (component.name, Status.REQUIRED) in one.components]


def _component_score(
    component: Component, capabilities: Sequence[CapabilityScore], judged: Judgement
) -> ComponentScore:
    own = [
        (capability, status)
        for capability in capabilities
        for name, status in capability.components
        if name == component.name
    ]
    statuses = _counts(own)
    return ComponentScore(
        name=component.name,
        verdict=judged.verdict,
        statuses=statuses,
        required_pass_percent=_required_percent(statuses),
        non_flagged_required_pass_percent=_must_pass_percent(statuses),
        reasons=judged.reasons,
        rate=judged.rate,
    )


def _counts(capabilities: Sequence[tuple[CapabilityScore, Status]]) -> tuple[StatusCount, ...]:
    """RefStack's counts; a test in two capabilities counts twice."""
    counts = []
    for status in Status:
        own = [capability for capability, standing in capabilities if standing is status]
        tests = [test for capability in own for test in capability.tests]
        passed = [test for test in tests if test.outcome is Outcome.PASSED]
        flagged_passed = sum(test.flag is not None for test in passed)
        counts.append(
            StatusCount(
                status=status,
                capabilities=len(own),
                tests=len(tests),
                passed=len(passed),
                flagged_passed=flagged_passed,
                flagged_failed=sum(test.flag is not None for test in tests) - flagged_passed,
            )
        )
    return tuple(counts)


def _required_percent(statuses: Sequence[StatusCount]) -> float | None:
    required = statuses[0]
    return required.passed * 100 / required.tests if required.tests else None


def _must_pass_percent(statuses: Sequence[StatusCount]) -> float | None:
    required = statuses[0]
    tests = required.tests - required.flagged_passed - required.flagged_failed
    return (required.passed - required.flagged_passed) * 100 / tests if tests else None


def _remarks(result: Result, guideline: Guideline, required: Sequence[CapabilityScore], lifted: Lifted) -> list[str]:
    """What a reader must know beside the verdict; none of it decides."""
    remarks = []
    if result.leftovers:
        remarks.append(f"left behind in the cloud: {count(len(result.leftovers), 'resource')}")
    if not result.run.complete:
        silent = sum(record.outcome is Outcome.NOT_RUN for record in result.tests)
        remarks.append(f"the run is not complete: {count(silent, 'planned test')} without an attempt on record")
    if result.guideline and (result.guideline, result.guideline_digest) != (guideline.id, guideline.digest):
        remarks.append(
            f"the run was planned for {result.guideline} ({result.guideline_digest}),"
            f" and is judged under {guideline.id} ({guideline.digest})"
        )
    flagged = {test.key for one in required for test in one.tests if test.flag}
    if flagged:
        remarks.append(f"not decisive, because flagged: {count(len(flagged), 'required test')}")
    flaky = {test.key for one in required for test in must_pass(one.tests) if test.tally.flaky}
    if flaky:
        remarks.append(f"flaky, with both outcomes: {count(len(flaky), 'must-pass test')}")
    return remarks + _about_waivers(lifted, required)


def _about_waivers(lifted: Lifted, required: Sequence[CapabilityScore]) -> list[str]:
    waived = {test.key for one in required for test in one.tests if test.waiver and not test.flag}
    remarks = []
    if waived:
        remarks.append(f"not decisive, because waived for this product: {count(len(waived), 'required test')}")
    for use in lifted.uses():
        if use.in_force and use.days_left <= EXPIRES_SOON:
            remarks.append(f"the waiver {use.id} runs out in {count(use.days_left, 'day')}, after {use.expires}")
        elif use.days_left < 0:
            remarks.append(f"the waiver {use.id} has run out on {use.expires} and lifts nothing")
    return remarks
