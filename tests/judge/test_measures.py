"""What results and older guidelines show of a capability, and which steps that suggests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from defcore.judge.fold import fold
from defcore.judge.measures import measure
from defcore.judge.proposals import propose
from defcore.model.criteria import MeasuredCapability, Step, Thresholds
from defcore.model.guideline import Guideline, Status
from defcore.model.outcome import Cause, Outcome
from defcore.model.outcomes_table import (
    ABSENT,
    ERROR,
    FAILED,
    FLAKY,
    NOT_RUN,
    PASSED,
    PREREQUISITE,
    Block,
    OutcomesTable,
    ResultRow,
    TestIdentity,
)
from tests.values import guideline, record, result

P, F, E, N, S, A = PASSED, FAILED, ERROR, NOT_RUN, PREREQUISITE, ABSENT


def row(product: str, outcomes: Sequence[int], started: str = "2026-01", services: str = "compute") -> ResultRow:
    return ResultRow(
        path="",
        product=product,
        cpid=product,
        run="",
        started=started,
        guideline="2020.06",
        complete=True,
        services=tuple(services.split()),
        versioned=tuple(services.split()[:1]),
        outcomes=bytes(outcomes),
    )


def table(*rows: ResultRow, covers: Sequence[str] = ("a", "b")) -> OutcomesTable:
    """Tests that each answer for one official id."""
    tests = tuple(TestIdentity(id=f"t{n}", covers=(id,), name="", capability=None) for n, id in enumerate(covers))
    return OutcomesTable(tests=tests, blocks=(Block(tests=tuple(range(len(tests))), rows=rows),))


def asked(status: str = "required", tests: Sequence[str] = ("a", "b"), id: str = "2020.06") -> Guideline:
    return replace(guideline(components={"core": {"servers": status}}, capabilities={"servers": tests}), id=id)


def one(found: OutcomesTable, *history: Guideline) -> MeasuredCapability:
    return measure(found, history[0], history)[0]


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ((P, P), (1, 1)),
        ((P | FLAKY, P), (1, 1)),
        ((P, F), (1, 0)),
        ((F | FLAKY, P), (1, 0)),
        ((P, A), (1, 0)),
        ((F, E), (1, 0)),
        ((P, E), (0, 0)),
        ((P, N), (0, 0)),
        ((P, S), (0, 0)),
        ((N, N), (0, 0)),
    ],
)
def test_a_result_supports_does_not_or_decides_nothing(outcomes: tuple[int, int], expected: tuple[int, int]) -> None:
    found = one(table(row("x", outcomes)), asked())
    assert (found.products, found.supporting) == expected


def test_flagged_tests_decide_nothing_and_missing_ones_are_not_passed() -> None:
    assert one(table(row("x", (P, F))), asked(tests=("a", "~b"))).supporting == 1
    assert one(table(row("x", (P,)), covers=("a",)), asked()).products == 0
    assert one(table(row("x", (F,)), covers=("a",)), asked()).products == 1
    assert one(table(row("x", (P, P))), asked(tests=("~a", "~b"))).products == 0
    assert one(table(row("x", (P, P))), asked(tests=())).products == 0


def test_a_product_counts_once_with_its_newest_result_that_decides() -> None:
    found = one(
        table(
            row("x", (F, F), "2026-03"),
            row("x", (P, P), "2026-04"),
            row("x", (N, E), "2026-05"),
            row("y", (P, P), "2026-01"),
            row("y", (P, A), "2026-02"),
        ),
        asked(),
    )
    assert (found.products, found.supporting) == (2, 1)


def test_blocks_are_one_in_the_end() -> None:
    rows = [row(f"p{n % 3}", (P, F) if n % 2 else (P, P), f"2026-{n:02}") for n in range(1, 7)]
    together = table(*rows)
    (block,) = together.blocks
    apart = replace(together, blocks=tuple(replace(block, rows=(own,)) for own in rows))
    assert measure(apart, asked(), [asked()]) == measure(together, asked(), [asked()])


codes = st.sampled_from([P, F, E, N, S, A])
RECORDED = {
    P: Outcome.PASSED,
    F: Outcome.FAILED,
    E: Outcome.ERROR,
    N: Outcome.NOT_RUN,
    S: Cause.PREREQUISITE,
    A: Cause.ABSENT,
}


@given(st.lists(st.tuples(codes, codes, codes), min_size=1, max_size=5))
def test_support_is_what_the_judge_would_fold(outcomes: list[tuple[int, int, int]]) -> None:
    """Two tests answer for a, one for b."""
    found = one(table(*(row(f"p{n}", own) for n, own in enumerate(outcomes)), covers=("a", "a", "b")), asked())
    yes = no = 0
    for own in outcomes:
        records = [record(f"t{n}", RECORDED[code], id) for n, (code, id) in enumerate(zip(own, "aab", strict=True))]
        folded = fold(result(*records), asked()).values()
        passed = all(one.outcome is Outcome.PASSED for one in folded)
        broken = any(one.outcome is Outcome.FAILED or one.cause is Cause.ABSENT for one in folded)
        yes, no = yes + passed, no + broken
    assert (found.products, found.supporting) == (yes + no, yes)


def test_stable_is_how_many_guidelines_in_a_row_have_the_same_tests() -> None:
    now, before, older = asked(), asked(id="2019.11", tests=("b", "~a")), asked(id="2019.06", tests=("a",))
    measures = {own.criterion: own for own in one(table(), now, before, older).measures}
    assert measures["stable"].value == 2
    assert measures["stable"].words == "the same tests in 2 guidelines in a row, since 2019.11"
    alone = {own.criterion: own for own in one(table(), now).measures}
    assert alone["stable"].words == "the same tests in 1 guideline; no older one is at hand"


def test_sticky_is_a_fact_of_the_guideline_before() -> None:
    for status, value in (("required", 1.0), ("advisory", 0.0)):
        measures = {own.criterion: own for own in one(table(), asked(), asked(status, id="2019.11")).measures}
        assert (measures["sticky"].value, measures["sticky"].words) == (value, f"{status} in 2019.11")
    assert {own.criterion: own.value for own in one(table(), asked()).measures}["sticky"] is None


def test_discover_is_whether_the_service_stands_in_the_catalogs() -> None:
    rows = (row("x", (N, N)), row("y", (N, N), services="image compute"), row("z", (N, N), services="image"))
    measures = {own.criterion: own for own in one(table(*rows, row("w", (N, N), services="")), asked()).measures}
    assert measures["discover"].value == pytest.approx(2 / 3)
    assert "2 of 3 products list compute, 1 with microversions" in measures["discover"].words
    assert {own.criterion: own.value for own in one(table(), asked()).measures}["discover"] is None


def test_what_no_result_holds_is_not_called_measurable() -> None:
    measures = one(table(row("x", (P, P))), asked()).measures
    assert [own.criterion for own in measures if own.measurable] == ["deployed", "stable", "discover", "sticky"]
    assert all(own.value is None for own in measures if not own.measurable)


def steps(
    status: str | None, supporting: int, tried: int = 10, guidelines: int = 3, **limits: float
) -> list[tuple[Step, Status]]:
    rows = [row(f"p{n}", (P, P) if n < supporting else (P, F)) for n in range(tried)]
    own = asked(status or "required")
    if status is None:
        own = replace(own, components=())
    found = measure(table(*rows), own, [replace(own, id=f"{n}") for n in range(guidelines)])
    return [(made.step, made.becomes) for made in propose(found, Thresholds(**limits))]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("status", "supporting", "expected"),
    [
        ("advisory", 8, [(Step.PROMOTE, Status.REQUIRED)]),
        ("advisory", 7, []),
        ("advisory", 4, [(Step.DEPRECATE, Status.DEPRECATED)]),
        (None, 10, [(Step.ADMIT, Status.ADVISORY)]),
        (None, 5, [(Step.ADMIT, Status.ADVISORY)]),
        (None, 4, []),
        ("required", 10, []),
        ("required", 5, []),
        ("required", 4, [(Step.DEPRECATE, Status.DEPRECATED)]),
        ("required", 0, [(Step.DEPRECATE, Status.DEPRECATED)]),
        ("deprecated", 4, [(Step.REMOVE, Status.REMOVED)]),
        ("deprecated", 10, []),
        ("removed", 10, []),
        ("removed", 0, []),
    ],
)
def test_one_step_of_the_lifecycle_at_a_time(
    status: str | None, supporting: int, expected: list[tuple[Step, Status]]
) -> None:
    assert steps(status, supporting) == expected


@pytest.mark.parametrize(
    ("before", "status", "supporting", "expected"),
    [
        ("advisory", "advisory", 10, [Step.PROMOTE]),
        ("required", "advisory", 10, []),
        ("deprecated", "deprecated", 0, [Step.REMOVE]),
        ("required", "deprecated", 0, []),
    ],
)
def test_steps_of_a_draft_are_held_against_its_predecessor(
    before: str, status: str, supporting: int, expected: list[Step]
) -> None:
    rows = [row(f"p{n}", (P, P) if n < supporting else (P, F)) for n in range(10)]
    draft, approved = replace(asked(status), status="draft"), asked(before, id="2019.11")
    limits = Thresholds(stable=1)
    assert [own.step for own in propose(measure(table(*rows), draft, [draft, approved]), limits)] == expected
    assert propose(measure(table(*rows), draft, [draft]), limits) == ()


def test_thresholds_are_parameters() -> None:
    assert steps("advisory", 2, tried=2) == []
    assert steps("advisory", 2, tried=2, products=2) == [(Step.PROMOTE, Status.REQUIRED)]
    assert steps("advisory", 0, tried=0, products=0) == []
    assert steps("advisory", 10, guidelines=2) == []
    assert steps("advisory", 10, guidelines=2, stable=2) == [(Step.PROMOTE, Status.REQUIRED)]
    assert steps("advisory", 7, promote=0.7) == [(Step.PROMOTE, Status.REQUIRED)]
    assert steps("required", 6, deprecate=0.7) == [(Step.DEPRECATE, Status.DEPRECATED)]
    assert steps(None, 3, admit=0.3) == [(Step.ADMIT, Status.ADVISORY)]


def test_a_proposal_names_its_evidence() -> None:
    rows = [row(f"p{n}", (P, P)) for n in range(9)] + [row("p9", (P, A))]
    own = asked("advisory")
    (made,) = propose(
        measure(table(*rows), own, [own, replace(own, id="2019.11"), replace(own, id="2019.06")]), Thresholds()
    )
    assert made.evidence == (
        "deployed: 9 of 10 products support it (90%; at least 80% for required)",
        "stable: the same tests in 3 guidelines in a row, since 2019.06; no older one is at hand; at least 3",
        "discover: the catalogs of 10 of 10 products list compute, 10 with microversions; of the service, not of the"
        " capability",
    )
    assert made.rule == "required only what was advisory in the guideline before"


@given(
    st.sampled_from([None, *Status]),
    st.integers(0, 12),
    st.integers(0, 12),
    st.integers(1, 4),
)
def test_no_step_skips_the_lifecycle(status: Status | None, supporting: int, products: int, guidelines: int) -> None:
    for step, becomes in steps(status and status.value, min(supporting, products), products, guidelines):
        assert becomes is not Status.REQUIRED or status is Status.ADVISORY
        assert becomes is not Status.REMOVED or status is Status.DEPRECATED
        assert step in Step
