"""Verdict and rate of a component and of a platform, and how far the cloud has come.

With thresholds: a level is CONFORMANT iff every attempt at each of its must-pass tests was decided and the lower
bound of the pooled pass rate reaches the threshold (a platform: and each of its components is conformant);
NON_CONFORMANT iff a must-pass test passed none of its decided attempts, an outcome is held against the cloud, or the
upper bound lies below the threshold; else INCONCLUSIVE. Attempts at a waived test that passed count, those that
did not are dropped: taking a waiver away never makes a verdict better.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from defcore.judge.policy import NOTHING_REQUIRED, count, is_no, is_yes, must_pass, verdict
from defcore.judge.rates import deciding_repeats, rate, total
from defcore.model.policy import Policy
from defcore.model.scorecard import CapabilityScore, ComponentScore, Level, Rate, Tally, TestScore, Verdict

CONFIDENCE = 0.95
"""Of the bounds that are shown where the policy asks for none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    verdict: Verdict
    reasons: tuple[str, ...]
    rate: Rate
    advice: str = ""
    """INCONCLUSIVE by its rate: the --repeat that would decide."""


def judge_level(
    required: Sequence[CapabilityScore],
    policy: Policy,
    threshold: float | None,
    components: Sequence[tuple[str, Judgement]] = (),
) -> Judgement:
    """The verdict over the required capabilities of a level.

    `components`: those that must be conformant for the level to be, each with its own judgement.
    """
    pooled = total(counted(test) for test in once(required))
    measured = rate(pooled, confidence=_confidence(policy), threshold=threshold if policy.thresholds else None)
    by_test, reasons = verdict(required, policy)
    if not policy.thresholds or threshold is None or NOTHING_REQUIRED in reasons:
        return Judgement(verdict=by_test, reasons=reasons, rate=measured)
    if by_test is Verdict.NON_CONFORMANT:
        return Judgement(verdict=by_test, reasons=(*reasons, _sentence(measured, policy)), rate=measured)
    by_rate, advice = _by_rate(pooled, measured, required, policy)
    no, unknown = (_told(components, of) for of in (Verdict.NON_CONFORMANT, Verdict.INCONCLUSIVE))
    rated = tuple(filter(None, (_sentence(measured, policy), advice, no, unknown)))
    if by_rate is Verdict.NON_CONFORMANT or no:
        return Judgement(verdict=Verdict.NON_CONFORMANT, reasons=rated, rate=measured)
    if by_test is Verdict.INCONCLUSIVE:
        reasons = (*reasons, *_incomplete(required, policy), *rated)
        return Judgement(verdict=by_test, reasons=reasons, rate=measured, advice=advice)
    if by_rate is Verdict.INCONCLUSIVE or unknown:
        return Judgement(verdict=Verdict.INCONCLUSIVE, reasons=rated, rate=measured, advice=advice)
    return Judgement(verdict=Verdict.CONFORMANT, reasons=rated, rate=measured)


def _told(components: Sequence[tuple[str, Judgement]], verdict: Verdict) -> str:
    """The components of that verdict, each with what would decide it; empty if there are none."""
    found = [(name, own.advice) for name, own in components if own.verdict is verdict]
    names = [f"{name} ({advice})" if advice else name for name, advice in found]
    return f"{count(len(names), 'component')} {verdict}: {', '.join(names)}" if names else ""


def _incomplete(required: Sequence[CapabilityScore], policy: Policy) -> tuple[str, ...]:
    """Nothing, where a don't-know is none of a test: a capability for which the guideline names no test."""
    tests = sum(not is_yes(test, policy) for test in must_pass(once(required)))
    said = f"{count(tests, 'must-pass test')} not measured completely: an attempt is missing or undecided"
    return (said,) if tests else ()


def advisory_rate(advisory: Sequence[CapabilityScore], policy: Policy) -> Rate | None:
    """Over all advisory capabilities; None if there are none."""
    if not advisory:
        return None
    threshold = policy.thresholds.advisory if policy.thresholds else None
    return rate(total(counted(one) for one in once(advisory)), confidence=_confidence(policy), threshold=threshold)


def capability_rate(tests: Iterable[TestScore], policy: Policy) -> Rate:
    return rate(total(test.tally for test in _once(must_pass(tests))), confidence=_confidence(policy))


def reached(
    platform: str | None,
    own: Verdict,
    components: Sequence[ComponentScore],
    capabilities: Sequence[CapabilityScore],
    policy: Policy,
) -> Level:
    """The highest level, and what keeps the next one away."""
    conformant = [one.name for one in components if one.verdict is Verdict.CONFORMANT]
    whole = own is Verdict.CONFORMANT and len(conformant) == len(components)
    if platform and whole:
        return Level(reached=platform, next=None)
    if not conformant and components:
        distances = [(_distance(capabilities, one.name, policy), one.name) for one in components]
        (to_mend, to_find_out), name = min(distances, key=lambda one: (sum(one[0]), one[0][0]))
        return Level(reached=None, next=name, to_mend=to_mend, to_find_out=to_find_out)
    rest = [one for one in components if one.verdict is not Verdict.CONFORMANT]
    if not rest and not platform:
        return Level(reached=", ".join(conformant) or None, next=None)
    to_mend, to_find_out = _distance(capabilities, None, policy)
    next_one = platform or rest[0].name
    return Level(reached=", ".join(conformant) or None, next=next_one, to_mend=to_mend, to_find_out=to_find_out)


def _by_rate(pooled: Tally, measured: Rate, required: Sequence[CapabilityScore], policy: Policy) -> tuple[Verdict, str]:
    """What the rate alone decides, and if it does not, how many repeats would."""
    thresholds = policy.thresholds
    assert thresholds is not None
    assert measured.threshold is not None
    if measured.lower >= measured.threshold:
        return Verdict.CONFORMANT, ""
    if measured.upper < measured.threshold:
        return Verdict.NON_CONFORMANT, ""
    attempts = (test.tally.decided + test.tally.undecided for test in must_pass(once(required)))
    repeats = max((1, *attempts))
    wanted = deciding_repeats(pooled, repeats, confidence=thresholds.confidence, threshold=measured.threshold)
    if wanted is None:
        return Verdict.INCONCLUSIVE, "at this rate no number of repeats would decide"
    return Verdict.INCONCLUSIVE, f"at this rate --repeat {wanted} would decide"


def _sentence(measured: Rate, policy: Policy) -> str:
    value = measured.value
    if value is None:
        return "no attempt was decided"
    share = f"{measured.passed} of {measured.decided} decided attempts passed ({percent(value)})"
    bounds = f"with {percent(_confidence(policy))} confidence at least {percent(measured.lower)}"
    return f"{share}, {bounds} and at most {percent(measured.upper)}; asked for: {percent(measured.threshold or 0)}"


def percent(part: float) -> str:
    """`95.7 %`, never rounded up to what it is not."""
    return f"{int(part * 1000 + 1e-9) / 10:g} %"


def counted(test: TestScore) -> Tally:
    """What of a test enters a pooled rate."""
    if test.flag:
        return Tally()
    return Tally(passed=test.tally.passed) if test.waiver else test.tally


def once(capabilities: Iterable[CapabilityScore]) -> tuple[TestScore, ...]:
    """Each official id once."""
    return _once(test for one in capabilities for test in one.tests)


def _once(tests: Iterable[TestScore]) -> tuple[TestScore, ...]:
    same: dict[str, list[TestScore]] = {}
    for test in tests:
        same.setdefault(test.key, []).append(test)
    return tuple(_as_one(own) for own in same.values())


def _as_one(same: Sequence[TestScore]) -> TestScore:
    """What stands in several capabilities or under several names, as one test.

    Those that decide the most speak for it: must-pass before waived before flagged. Of must-pass ones the fewest
    passes and the most failures count: then a pass more, or a waiver less, never makes the rate of a level better or
    worse than it should, however many attempts there were at each name.
    """
    deciding = list(must_pass(same)) or [test for test in same if not test.flag] or list(same)
    passes = [test.tally.passed for test in deciding]
    tally = Tally(
        passed=min(passes) if deciding[0].must_pass else max(passes),
        failed=max(test.tally.failed for test in deciding),
        undecided=max(test.tally.undecided for test in deciding),
    )
    return replace(max(deciding, key=lambda test: test.tally.failed), tally=tally)


def _distance(capabilities: Sequence[CapabilityScore], component: str | None, policy: Policy) -> tuple[int, int]:
    """Must-pass tests that the cloud did not pass, and those of which nothing is known."""
    required = [
        one
        for one in capabilities
        if (one.status == "required" if component is None else (component, "required") in one.components)
    ]
    tests = [test for test in must_pass(once(required)) if not is_yes(test, policy) or test.tally.flaky]
    no = sum(is_no(test, policy) or test.tally.failed > 0 for test in tests)
    return no, len(tests) - no


def _confidence(policy: Policy) -> float:
    return policy.thresholds.confidence if policy.thresholds else CONFIDENCE
