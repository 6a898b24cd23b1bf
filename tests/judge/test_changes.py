from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from defcore.judge.changes import changes, finding_key
from defcore.model.change import MIRROR, Answer, Change, ChangeKind, answer
from defcore.model.outcome import Attempt, Cause, Finding, Outcome, TestRecord
from defcore.model.result import Result
from tests.values import record, result

OUTCOMES = [*(one for one in Outcome if one is not Outcome.SKIPPED), *Cause]
SETTINGS = settings(max_examples=80, deadline=None)
PASSED, FAILED, ERROR, NOT_RUN = Outcome.PASSED, Outcome.FAILED, Outcome.ERROR, Outcome.NOT_RUN


def attempts(*outcomes: Outcome) -> tuple[Attempt, ...]:
    return tuple(Attempt(n=n, outcome=one, started="2026-01-31T12:00:00Z", seconds=1) for n, one in enumerate(outcomes))


def finding(name: str, where: str = "GET http://cloud:8774/v2.1/servers $.server") -> Finding:
    return Finding(kind="additional-property", where=where, expected="no such property", seen=name)


ROWS = st.tuples(
    st.integers(0, 7),
    st.sampled_from(OUTCOMES),
    st.lists(st.sampled_from([PASSED, FAILED, ERROR]), max_size=3),
    st.sampled_from(["", "a", "b", "ab"]),
)


@st.composite
def results(draw: st.DrawFn) -> Result:
    """A few of eight tests, with attempts and findings of any kind."""
    rows = draw(st.lists(ROWS, max_size=8, unique_by=lambda row: row[0]))
    return result(
        *(
            record(f"t{n}", outcome, attempts=attempts(*tried), findings=tuple(finding(name) for name in names))
            for n, outcome, tried, names in rows
        )
    )


def kinds(before: TestRecord, after: TestRecord) -> list[ChangeKind]:
    return [change.kind for change in changes(result(before), result(after))]


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        (PASSED, FAILED, ChangeKind.REGRESSION),
        (PASSED, Cause.ABSENT, ChangeKind.REGRESSION),
        (PASSED, ERROR, ChangeKind.LOST),
        (PASSED, NOT_RUN, ChangeKind.LOST),
        (PASSED, Cause.PREREQUISITE, ChangeKind.LOST),
        (FAILED, PASSED, ChangeKind.REPAIR),
        (Cause.ABSENT, PASSED, ChangeKind.REPAIR),
        (ERROR, PASSED, ChangeKind.REGAINED),
        (NOT_RUN, FAILED, ChangeKind.EXPOSED),
        (Cause.PREREQUISITE, Cause.ABSENT, ChangeKind.EXPOSED),
        (FAILED, ERROR, ChangeKind.OBSCURED),
        (FAILED, Cause.ABSENT, ChangeKind.OTHER),
        (ERROR, Cause.PREREQUISITE, ChangeKind.OTHER),
    ],
)
def test_another_outcome_is_a_change_of_what_we_know_of_the_promise(before, after, kind):
    assert kinds(record("t", before), record("t", after)) == [kind]


def test_another_reason_alone_is_no_change():
    assert kinds(record("t", FAILED, reason="server 1"), record("t", FAILED, reason="server 2")) == []


def test_a_test_that_only_one_result_holds_came_or_went_whatever_its_outcome():
    own = record("t", FAILED, findings=(finding("extra"),))
    (new,) = changes(result(), result(own))
    (gone,) = changes(result(own), result())
    assert (new.kind, new.before, new.after.outcome) == (ChangeKind.NEW_TEST, None, FAILED)
    assert (gone.kind, gone.before.outcome, gone.after) == (ChangeKind.GONE_TEST, FAILED, None)


def test_attempts_that_no_longer_agree_make_a_test_newly_flaky_beside_its_outcome():
    steady = record("t", PASSED, attempts=attempts(PASSED, PASSED, ERROR))
    flaky = record("t", FAILED, attempts=attempts(PASSED, FAILED, PASSED))
    assert kinds(steady, flaky) == [ChangeKind.REGRESSION, ChangeKind.NEWLY_FLAKY]
    assert kinds(flaky, steady) == [ChangeKind.NO_LONGER_FLAKY, ChangeKind.REPAIR]
    (change, _) = changes(result(steady), result(flaky))
    assert (change.after.passed, change.after.failed) == (2, 1)


def test_findings_are_the_same_in_two_runs_when_only_hosts_ids_and_positions_differ():
    one = finding("extra", "GET http://a:8774/v2.1/servers/0f4f2f8e-1111-4222-8333-944444444444?limit=1 $.servers[0]")
    same = finding("extra", "GET https://b/v2.1/servers/11112222333344445555666677778888 $.servers[3]")
    assert finding_key(one) == finding_key(same)
    assert kinds(record("t", PASSED, findings=(one,)), record("t", PASSED, findings=(same,))) == []
    other = finding("other", one.where)
    found = changes(result(record("t", PASSED, findings=(one,))), result(record("t", PASSED, findings=(one, other))))
    assert [(change.kind, change.finding) for change in found] == [(ChangeKind.NEW_FINDING, other)]


def test_what_matters_most_comes_first():
    before = result(record("a", FAILED), record("b", PASSED), record("c", PASSED))
    after = result(record("a", PASSED), record("b", ERROR), record("c", FAILED), record("d", PASSED))
    assert [change.kind for change in changes(before, after)] == [
        ChangeKind.REGRESSION,
        ChangeKind.LOST,
        ChangeKind.NEW_TEST,
        ChangeKind.REPAIR,
    ]


def test_every_kind_has_a_mirror_image():
    assert set(MIRROR) == set(ChangeKind)
    assert all(MIRROR[MIRROR[kind]] is kind for kind in ChangeKind)


@SETTINGS
@given(results())
def test_a_result_does_not_differ_from_itself(own):
    assert changes(own, own) == ()


@SETTINGS
@given(results(), results())
def test_the_other_way_round_the_changes_are_mirrored(one, other):
    def mirrored(found: tuple[Change, ...]) -> Counter[Change]:
        return Counter(change.mirrored() for change in found)

    assert mirrored(changes(one, other)) == Counter(changes(other, one))


@SETTINGS
@given(results(), results())
def test_a_test_without_a_change_stands_as_before(one, other):
    changed = {change.test for change in changes(one, other)}
    before = {own.id: own for own in one.tests}
    after = {own.id: own for own in other.tests}
    for test in (before.keys() | after.keys()) - changed:
        assert (before[test].outcome, before[test].cause) == (after[test].outcome, after[test].cause)


@SETTINGS
@given(results(), results())
def test_a_regression_is_always_from_kept_to_broken(one, other):
    before = {own.id: answer(own.outcome, own.cause) for own in one.tests}
    after = {own.id: answer(own.outcome, own.cause) for own in other.tests}
    expected = {
        test for test in before if before[test] is Answer.KEPT and test in after and after[test] is Answer.BROKEN
    }
    assert {one.test for one in changes(one, other) if one.kind is ChangeKind.REGRESSION} == expected
