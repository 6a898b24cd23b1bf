"""Wilson's bounds, against their definition and against figures that anyone can look up."""

from __future__ import annotations

from statistics import NormalDist

import pytest
from hypothesis import given
from hypothesis import strategies as st

from defcore.judge.rates import deciding_repeats, wilson
from defcore.model.scorecard import Tally

Z = NormalDist().inv_cdf(0.95)


@pytest.mark.parametrize(
    ("passed", "decided", "lower"),
    [(60, 60, 0.957), (10, 10, 0.787), (1, 1, 0.270), (52, 52, 0.951), (133, 133, 0.980)],
)
def test_how_much_n_of_n_shows(passed, decided, lower):
    assert wilson(passed, decided, 0.95) == (pytest.approx(lower, abs=5e-4), 1.0)


@given(st.integers(0, 500), st.integers(1, 500))
def test_the_bounds_solve_the_equation_that_defines_them(passed, failed):
    decided = passed + failed
    for bound in wilson(passed, decided, 0.95):
        assert (passed / decided - bound) ** 2 == pytest.approx(Z * Z * bound * (1 - bound) / decided, abs=1e-9)


@given(st.integers(0, 300), st.integers(0, 300))
def test_a_pass_never_lowers_a_bound_and_a_failure_never_raises_one(passed, failed):
    lower, upper = wilson(passed, passed + failed, 0.95)
    better, worse = wilson(passed + 1, passed + failed + 1, 0.95), wilson(passed, passed + failed + 1, 0.95)
    assert better[0] >= lower - 1e-12
    assert better[1] >= upper - 1e-12
    assert worse[0] <= lower + 1e-12
    assert worse[1] <= upper + 1e-12


def test_nothing_decided_shows_nothing():
    assert wilson(0, 0, 0.95) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("tally", "threshold", "wanted"),
    [
        (Tally(passed=10), 0.95, 6),  # 52 passes: 6 attempts at each of 10 tests
        (Tally(passed=99, failed=1), 0.98, 6),
        (Tally(passed=90, failed=10), 0.95, 1),  # the upper bound lies below already
        (Tally(passed=95, failed=5), 0.95, None),  # on the threshold: no number of them says on which side
        (Tally(undecided=4), 0.95, None),
    ],
)
def test_the_repeat_that_would_decide(tally, threshold, wanted):
    found = deciding_repeats(tally, 1, confidence=0.95, threshold=threshold)
    if wanted is None or found is None:
        assert found is wanted
        return
    for repeats, decides in ((found, True), (found - 1, False)):
        if repeats > 1:
            lower, upper = wilson(tally.passed * repeats, tally.decided * repeats, 0.95)
            assert (lower >= threshold or upper < threshold) is decides
