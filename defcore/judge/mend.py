"""The smallest set of tests to mend for a yes.

Without thresholds it is every must-pass test that keeps the yes away: none can be left out, no other is needed.
With thresholds it is those that never passed or were not measured completely, and of the flaky ones those with the
most failed attempts, as many as it takes for the lower bounds to reach the thresholds. Where even all of them do
not suffice, they are all named: then only more attempts can decide.
"""

from __future__ import annotations

from collections.abc import Sequence

from defcore.judge.levels import counted, once
from defcore.judge.policy import is_yes, must_pass
from defcore.judge.rates import total, wilson
from defcore.model.outcome import WORST_FIRST
from defcore.model.policy import Policy
from defcore.model.scorecard import CapabilityScore, Mend, Tally, TestScore

Pool = tuple[Sequence[CapabilityScore], float | None]
"""Required capabilities of a level, and the threshold of their pooled rate."""


def to_mend(required: Sequence[CapabilityScore], pools: Sequence[Pool], policy: Policy) -> tuple[Mend, ...]:
    """Worst first, each once. `pools`: of the level and of its components."""
    homes: dict[str, str] = {}
    tests: dict[str, TestScore] = {}
    for capability in required:
        for test in must_pass(capability.tests):
            homes.setdefault(test.key, capability.id)
            if not is_yes(test, policy):
                tests.setdefault(test.key, test)
    if policy.thresholds:
        for capabilities, threshold in pools:
            for test in _flaky_to_mend(capabilities, threshold or 0.0, frozenset(tests), policy.thresholds.confidence):
                tests[test.key] = test
    mend = [
        Mend(
            id=test.id,
            name=test.name,
            capability=homes[one],
            outcome=test.outcome,
            cause=test.cause,
            reason=test.reason,
        )
        for one, test in tests.items()
    ]
    return tuple(sorted(mend, key=lambda one: WORST_FIRST.index(one.outcome)))


def _flaky_to_mend(
    capabilities: Sequence[CapabilityScore], threshold: float, mended: frozenset[str], confidence: float
) -> list[TestScore]:
    """Of the flaky tests of a pool as many as it takes, those first that failed most."""
    tests = once(capabilities)
    pool = total(_as_mended(test) if test.key in mended else counted(test) for test in tests)
    flaky = sorted(
        (test for test in must_pass(tests) if test.tally.flaky and test.key not in mended),
        key=lambda test: -test.tally.failed,
    )
    taken: list[TestScore] = []
    for test in flaky:
        if wilson(pool.passed, pool.decided, confidence)[0] >= threshold:
            break
        taken.append(test)
        pool = Tally(passed=pool.passed + test.tally.failed, failed=pool.failed - test.tally.failed)
    return taken


def _as_mended(test: TestScore) -> Tally:
    """All its attempts passed; one, if there was none."""
    return Tally(passed=max(1, test.tally.decided + test.tally.undecided))
