"""Results put together: in any order, with conflicts shown."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from defcore import results, schemas
from defcore.errors import InputError
from defcore.model.documents import read_result, result_document
from defcore.model.outcome import Attempt, Cause, Outcome, TestRecord
from defcore.model.result import BrokenFixture, CloudInfo, Origin, OriginFile, Result, RunInfo
from defcore.results import merge
from tests.results.files import ENDINGS, UUIDS, an_id, read, refstack, stream_v2
from tests.values import record, result

TIMES = st.sampled_from(["", "2026-01-31T12:00:00+00:00", "2026-01-31T12:00:01+00:00", "2026-02-01T00:00:00+00:00"])
WORDS = st.sampled_from(["", "x", "y"])
MAYBE = st.sampled_from([None, "x", "y"])
SERVICES = ("compute", "image")


@st.composite
def attempts(draw: st.DrawFn) -> tuple[Attempt, ...]:
    drawn = draw(st.lists(st.tuples(st.sampled_from(Outcome), TIMES, st.floats(0, 100), MAYBE), max_size=3))
    return tuple(
        Attempt(n=n, outcome=outcome, started=started, seconds=seconds, reason=reason)
        for n, (outcome, started, seconds, reason) in enumerate(drawn, 1)
    )


@st.composite
def records(draw: st.DrawFn, name: str) -> TestRecord:
    return TestRecord(
        id=name,
        nodeid=draw(WORDS),
        name=draw(WORDS),
        promise=draw(WORDS),
        reference=draw(MAYBE),
        capability=draw(MAYBE),
        covers=tuple(draw(st.lists(st.sampled_from(UUIDS[:3]), unique=True))),
        outcome=draw(st.sampled_from(Outcome)),
        cause=draw(st.sampled_from([None, *Cause])),
        reason=draw(MAYBE),
        seen=draw(MAYBE),
        evidence=draw(MAYBE),
        attempts=draw(attempts()),
    )


@st.composite
def drawn_result(draw: st.DrawFn, digit: str) -> Result:
    form = draw(st.sampled_from(["defcore", "refstack", "subunit"]))
    names = draw(st.lists(st.sampled_from("abcd"), unique=True))
    fixtures = st.builds(BrokenFixture, class_name=WORDS, reason=WORDS)
    file = OriginFile(name=draw(WORDS), format=form, digest="sha256:" + digit * 64)
    pair = ("2020.06", "sha256:" + "a" * 64), ("", "")
    guideline, suite = draw(st.sampled_from(pair)), draw(st.sampled_from(pair))
    return Result(
        run=RunInfo(
            id=digit,
            started=draw(TIMES),
            finished=draw(st.none() | TIMES),
            seconds=draw(st.floats(0, 100)),
            complete=draw(st.booleans()),
            target=draw(MAYBE),
            settings=(),
        ),
        guideline=guideline[0],
        guideline_digest=guideline[1],
        suite_version=suite[0],
        suite_digest=suite[1],
        cloud=CloudInfo(
            name=draw(WORDS),
            cpid=draw(st.sampled_from(["", "cpid"])),
            region=draw(MAYBE),
            endpoints=tuple((name, draw(WORDS)) for name in draw(st.lists(st.sampled_from(SERVICES), unique=True))),
            microversions=(),
        ),
        tests=tuple(draw(records(name)) for name in names),
        origin=Origin(
            format=form,
            passes_only=draw(st.booleans()),
            files=(file,) if form != "defcore" else (),
            broken_fixtures=tuple(draw(st.lists(fixtures, max_size=2, unique=True))),
            remarks=tuple(draw(st.lists(WORDS, max_size=2, unique=True))),
        ),
    )


A, B, C = drawn_result("1"), drawn_result("2"), drawn_result("3")


@given(A, B)
@settings(max_examples=60, deadline=None)
def test_merging_is_commutative(one: Result, other: Result) -> None:
    assert merge([one, other]) == merge([other, one])


@given(A, B, C)
@settings(max_examples=60, deadline=None)
def test_merging_is_associative(one: Result, other: Result, third: Result) -> None:
    left = merge([merge([one, other]), third])
    assert left == merge([one, merge([other, third])]) == merge([third, other, one])


@given(A, B)
@settings(max_examples=40, deadline=None)
def test_merging_loses_no_attempt_and_no_test_and_mends_nothing_that_is_broken(one: Result, other: Result) -> None:
    merged = merge([one, other])
    assert schemas.problems(result_document(merged), "result") == []
    assert read_result(result_document(merged)) == merged
    by_id = {record.id: record for record in merged.tests}
    assert set(by_id) == {record.id for record in (*one.tests, *other.tests)}
    for before in (*one.tests, *other.tests):
        after = by_id[before.id]
        assert set(before.covers) <= set(after.covers)
        if before.outcome is Outcome.FAILED:
            assert after.outcome is Outcome.FAILED
        if before.outcome is Outcome.PASSED:
            assert after.outcome in (Outcome.PASSED, Outcome.FAILED)
        assert len(after.attempts) >= len(before.attempts)


def test_a_result_alone_stays_as_it_is() -> None:
    one = result(record("a", Outcome.PASSED))
    assert merge([one]) is one
    assert merge([one, one]) is one


def test_files_that_disagree_are_a_conflict_and_the_worst_is_taken() -> None:
    full = read(stream_v2((an_id("test_a", 0), "fail"), (an_id("test_b", 1), "pass")), name="full.subunit")
    passes = read(refstack("tempest.api.Some.test_a", "tempest.api.Some.test_b"), name="passes.json")
    merged = merge([full, passes])
    assert {one.name: one.outcome.value for one in merged.tests} == {
        "tempest.api.Some.test_a": "FAILED",
        "tempest.api.Some.test_b": "PASSED",
    }
    (conflict,) = merged.origin.conflicts
    assert (conflict.test, conflict.taken) == ("tempest.api.Some.test_a", Outcome.FAILED)
    assert conflict.files == ("full.subunit", "passes.json")
    assert conflict.outcomes == (Outcome.FAILED, Outcome.PASSED)
    assert (merged.origin.format, merged.origin.passes_only) == ("merged", False)
    assert merged.cloud.cpid == "c" * 32


def test_what_one_file_did_not_run_another_may_tell() -> None:
    one = result(record("a", Outcome.NOT_RUN), record("b", Outcome.PASSED))
    other = replace(result(record("a", Outcome.PASSED)), run=replace(one.run, id="another"))
    merged = merge([one, other])
    assert [record.outcome for record in merged.tests] == [Outcome.PASSED, Outcome.PASSED]
    assert merged.origin.conflicts == ()
    assert [file.name for file in merged.origin.files] == sorted([one.run.id, "another"])
    assert (merged.guideline, merged.run.target) == (one.guideline, "platform")


def test_the_same_file_twice_counts_once_whatever_it_is_called(tmp_path) -> None:
    content = stream_v2(*ENDINGS)
    paths = [tmp_path / "a", tmp_path / "b"]
    for path in paths:
        path.write_bytes(content)
    merged = results.read(paths)
    assert [len(record.attempts) for record in merged.tests] == [1] * len(ENDINGS)


def test_a_file_that_stands_in_two_merged_results_is_refused() -> None:
    one, other, third = (read(refstack(name), name=f"{name}.json") for name in "abc")
    with pytest.raises(InputError, match=r"b\.json stands in two of the results"):
        merge([merge([one, other]), merge([other, third])])


def test_results_of_different_clouds_are_refused() -> None:
    with pytest.raises(InputError, match="different clouds"):
        merge([read(refstack("a")), read(refstack("b", cpid="d" * 32))])


def test_every_file_that_cannot_be_read_is_told_at_once(tmp_path) -> None:
    (tmp_path / "x").write_text("neither")
    with pytest.raises(InputError) as raised:
        results.read([tmp_path / "x", tmp_path / "y"])
    assert [problem.code for problem in raised.value.problems] == ["result.unknown-format", "result.missing"]
