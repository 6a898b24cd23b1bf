"""Pass rates with their bounds.

The bounds are Wilson's score interval, one-sided: with the given confidence the true rate is at least the lower
bound, and with the same confidence at most the upper one. Attempts on one cloud measure how flaky it is; they are
not independent samples of anything wider.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from statistics import NormalDist

from defcore.model.scorecard import Rate, Tally

MOST_REPEATS = 10_000


def total(tallies: Iterable[Tally]) -> Tally:
    passed = failed = undecided = 0
    for one in tallies:
        passed, failed, undecided = passed + one.passed, failed + one.failed, undecided + one.undecided
    return Tally(passed=passed, failed=failed, undecided=undecided)


def wilson(passed: int, decided: int, confidence: float) -> tuple[float, float]:
    """Lower and upper bound of the rate, each one-sided; 0 and 1 where nothing was decided."""
    if not decided:
        return 0.0, 1.0
    z = NormalDist().inv_cdf(confidence)
    rate, spread = passed / decided, z * z / decided
    middle = (rate + spread / 2) / (1 + spread)
    half = math.sqrt(rate * (1 - rate) * spread + spread * spread / 4) / (1 + spread)
    lower, upper = middle - half, middle + half
    return (lower if passed else 0.0), (upper if passed < decided else 1.0)


def rate(tally: Tally, *, confidence: float, threshold: float | None = None) -> Rate:
    lower, upper = wilson(tally.passed, tally.decided, confidence)
    return Rate(passed=tally.passed, decided=tally.decided, lower=lower, upper=upper, threshold=threshold)


def deciding_repeats(tally: Tally, repeats: int, *, confidence: float, threshold: float) -> int | None:
    """The smallest --repeat at which the same shares of passes would lie on one side of the threshold.

    `repeats`: how many attempts at each test the tally is of. None if no number of them would decide.
    """
    if not tally.decided:
        return None

    def decides(wanted: int) -> bool:
        passed, decided = round(tally.passed * wanted / repeats), round(tally.decided * wanted / repeats)
        lower, upper = wilson(passed, decided, confidence)
        return lower >= threshold or upper < threshold

    most = MOST_REPEATS
    if not decides(most):
        return None
    least = repeats
    while least + 1 < most:  # more of the same only narrows the interval
        middle = (least + most) // 2
        least, most = (least, middle) if decides(middle) else (middle, most)
    return most
