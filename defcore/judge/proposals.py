"""What the measures suggest for the next guideline, one step of the lifecycle at a time.

A capability becomes required only if it was advisory in the guideline before, and is removed only if it was
deprecated there; so what is new enters as advisory, and what nobody offers is deprecated first. Steps are
proposed for the guideline after the one measured, or, of a draft, for the draft itself. The verb proposes;
people decide.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from defcore.model.criteria import Measure, MeasuredCapability, Proposal, Step, Thresholds
from defcore.model.guideline import Status

RULES = {
    Step.ADMIT: "what is in no list enters as advisory; required it can be in the guideline after that",
    Step.PROMOTE: "required only what was advisory in the guideline before",
    Step.DEPRECATE: "removed only what was deprecated in the guideline before, so it is deprecated first",
    Step.REMOVE: "removed only what was deprecated in the guideline before",
}
BECOMES = {
    Step.ADMIT: Status.ADVISORY,
    Step.PROMOTE: Status.REQUIRED,
    Step.DEPRECATE: Status.DEPRECATED,
    Step.REMOVE: Status.REMOVED,
}


def propose(measured: Sequence[MeasuredCapability], thresholds: Thresholds) -> tuple[Proposal, ...]:
    """At most one step for each capability, in the order of the lifecycle."""
    found = [(step, one) for one in measured if (step := _step(one, thresholds))]
    order = list(Step)
    return tuple(
        Proposal(
            step=step,
            capability=one.capability,
            status=one.status,
            becomes=BECOMES[step],
            evidence=tuple(_evidence(one, step, thresholds)),
            rule=RULES[step],
        )
        for step, one in sorted(found, key=lambda pair: order.index(pair[0]))
    )


def _step(one: MeasuredCapability, thresholds: Thresholds) -> Step | None:
    if one.products < max(thresholds.products, 1):
        return None
    share = one.supporting / one.products
    stable = _measure(one, "stable").value or 0
    match one.status:
        case None:
            return Step.ADMIT if share >= thresholds.admit else None
        case Status.ADVISORY if share >= thresholds.promote and stable >= thresholds.stable:
            return Step.PROMOTE if one.before is Status.ADVISORY else None
        case Status.ADVISORY | Status.REQUIRED:
            return Step.DEPRECATE if share < thresholds.deprecate else None
        case Status.DEPRECATED:
            return Step.REMOVE if share < thresholds.deprecate and one.before is Status.DEPRECATED else None
        case Status.REMOVED:
            return None


def _measure(one: MeasuredCapability, criterion: str) -> Measure:
    return next(measure for measure in one.measures if measure.criterion == criterion)


def _evidence(one: MeasuredCapability, step: Step, thresholds: Thresholds) -> Iterator[str]:
    wanted = {
        Step.ADMIT: f"at least {thresholds.admit:.0%} for advisory",
        Step.PROMOTE: f"at least {thresholds.promote:.0%} for required",
        Step.DEPRECATE: f"less than {thresholds.deprecate:.0%}",
        Step.REMOVE: f"less than {thresholds.deprecate:.0%}",
    }[step]
    yield f"deployed: {_measure(one, 'deployed').words} ({one.supporting / one.products:.0%}; {wanted})"
    if step in (Step.ADMIT, Step.PROMOTE):
        least = f"; at least {thresholds.stable}" if step is Step.PROMOTE else ""
        yield f"stable: {_measure(one, 'stable').words}{least}"
        yield f"discover: {_measure(one, 'discover').words}"
