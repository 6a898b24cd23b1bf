"""The scorecard of a target: RefStack's counts, support, verdicts, reasons and what to mend.

A component is judged by its own required list. A platform is judged over all capabilities of its components;
where one stands in several, its strongest status counts, and it counts once.
"""

from __future__ import annotations

from collections.abc import Sequence

from defcore.errors import InputError, Problem, did_you_mean
from defcore.judge.fold import fold
from defcore.judge.policy import count, must_pass, support, verdict
from defcore.model.documents import digest, result_document
from defcore.model.guideline import Component, Guideline, Platform, Status
from defcore.model.outcome import WORST_FIRST, Outcome
from defcore.model.result import Result
from defcore.model.scorecard import (
    CapabilityScore,
    ComponentScore,
    Mend,
    Policy,
    Scorecard,
    StatusCount,
    TestScore,
    Verdict,
)

STRONGEST_FIRST = tuple(Status)


def score(result: Result, guideline: Guideline, *, target: str | None, policy: Policy, date: str) -> Scorecard:
    """Judge a result under a guideline. `target` is a platform's short or full name; None: all components."""
    platform, components = _components(guideline, target)
    capabilities = _capabilities(result, guideline, components, policy)
    required = tuple(one for one in capabilities if one.status is Status.REQUIRED)
    own_verdict, reasons = verdict(required, policy)
    statuses = _counts([(one, one.status) for one in capabilities])
    return Scorecard(
        guideline=guideline.id,
        guideline_digest=guideline.digest,
        target=platform.target if platform else None,
        platform=platform.name if platform else None,
        policy=policy,
        verdict=own_verdict,
        statuses=statuses,
        required_pass_percent=_required_percent(statuses),
        non_flagged_required_pass_percent=_must_pass_percent(statuses),
        components=tuple(_component_score(one, capabilities, policy) for one in components),
        capabilities=capabilities,
        reasons=(*reasons, *_remarks(result, guideline, required)),
        mend=() if own_verdict is Verdict.CONFORMANT else _mend(required),
        cloud=result.cloud.name,
        cpid=result.cloud.cpid,
        run=result.run.id,
        result_digest=digest(result_document(result)),
        date=date,
    )


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
    result: Result, guideline: Guideline, components: Sequence[Component], policy: Policy
) -> tuple[CapabilityScore, ...]:
    """Every capability of the components once, in the order of the guideline's components."""
    named: dict[str, list[tuple[str, Status]]] = {}
    for component in components:
        for name, status in component.capabilities:
            named.setdefault(name, []).append((component.name, status))
    defined = {one.id: one for one in guideline.capabilities}
    folded = fold(result, guideline)
    scores = []
    for name, standing in named.items():
        capability = defined.get(name)
        tests = tuple(
            TestScore(
                id=test.id,
                name=test.name,
                outcome=folded[test.id].outcome,
                cause=folded[test.id].cause,
                reason=folded[test.id].reason,
                flag=test.flag,
                covered_by=folded[test.id].covered_by,
            )
            for test in (capability.tests if capability else ())
        )
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
            )
        )
    return tuple(scores)


def _component_score(component: Component, capabilities: Sequence[CapabilityScore], policy: Policy) -> ComponentScore:
    own = [
        (capability, status)
        for capability in capabilities
        for name, status in capability.components
        if name == component.name
    ]
    statuses = _counts(own)
    own_verdict, reasons = verdict([one for one, status in own if status is Status.REQUIRED], policy)
    return ComponentScore(
        name=component.name,
        verdict=own_verdict,
        statuses=statuses,
        required_pass_percent=_required_percent(statuses),
        non_flagged_required_pass_percent=_must_pass_percent(statuses),
        reasons=reasons,
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


def _mend(required: Sequence[CapabilityScore]) -> tuple[Mend, ...]:
    """Every must-pass test that did not pass, once, worst first: none can be left out, no other is needed."""
    mend: dict[str, Mend] = {}
    for capability in required:
        for test in must_pass(capability.tests):
            if test.outcome is not Outcome.PASSED:
                mend.setdefault(
                    test.id or test.name,
                    Mend(
                        id=test.id,
                        name=test.name,
                        capability=capability.id,
                        outcome=test.outcome,
                        cause=test.cause,
                        reason=test.reason,
                    ),
                )
    return tuple(sorted(mend.values(), key=lambda one: WORST_FIRST.index(one.outcome)))


def _remarks(result: Result, guideline: Guideline, required: Sequence[CapabilityScore]) -> list[str]:
    """What a reader must know beside the verdict; none of it decides."""
    remarks = []
    if not result.run.complete:
        silent = sum(record.outcome is Outcome.NOT_RUN for record in result.tests)
        remarks.append(f"the run is not complete: {count(silent, 'planned test')} without an attempt on record")
    if (result.guideline, result.guideline_digest) != (guideline.id, guideline.digest):
        remarks.append(
            f"the run was planned for {result.guideline} ({result.guideline_digest}),"
            f" and is judged under {guideline.id} ({guideline.digest})"
        )
    flagged = {test.id for one in required for test in one.tests if test.flag}
    if flagged:
        remarks.append(f"not decisive, because flagged: {count(len(flagged), 'required test')}")
    return remarks
