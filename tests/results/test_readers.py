"""What each reader makes of a file, and that the file is known by its content."""

from __future__ import annotations

from pathlib import Path

import pytest

from defcore import results, schemas
from defcore.errors import InputError
from defcore.model.documents import read_result, result_document
from defcore.model.outcome import Cause, Outcome
from defcore.model.result import BrokenFixture, Result
from tests.results.files import (
    ENDINGS,
    JUNIT,
    SCS,
    SCS_LATER,
    TEMPEST,
    UUIDS,
    VALID,
    an_id,
    packets,
    read,
    refstack,
    stream_v1,
    stream_v2,
)


def outcomes(result: Result) -> dict[str, str]:
    return {record.id.rpartition(".")[2]: record.outcome.value for record in result.tests}


def reasons(result: Result) -> dict[str, str | None]:
    return {record.id.rpartition(".")[2]: record.reason for record in result.tests}


@pytest.mark.parametrize("kind", VALID)
def test_a_result_of_every_format_is_a_valid_document_that_reads_back_the_same(kind: str) -> None:
    made = read(VALID[kind]())
    document = result_document(made)
    assert schemas.problems(document, "result") == []
    assert read_result(document) == made
    assert ("origin" in document) == (kind != "own")


@pytest.mark.parametrize("stream", [stream_v1, stream_v2], ids=["v1", "v2"])
def test_subunit_tells_each_outcome_with_its_reason(stream) -> None:
    made = read(stream(*ENDINGS))
    assert outcomes(made) == {
        "test_pass": "PASSED",
        "test_fail(scenario)": "FAILED",
        "test_skip": "SKIPPED",
        "test_error": "ERROR" if stream is stream_v1 else "FAILED",
        "test_xfail": "FAILED",
        "test_uxsuccess": "ERROR",
    }
    said = reasons(made)
    assert said["test_pass"] is None
    assert "the wrong status" in str(said["test_fail(scenario)"])
    assert said["test_skip"] == "no second user"
    assert said["test_error"] == "TimeoutError: no server in 300 s Details: none"
    assert said["test_xfail"] == "failed, as somebody expected: a known bug"
    assert made.tests[2].cause is Cause.PREREQUISITE
    assert [record.covers for record in made.tests] == [(uuid,) for uuid in UUIDS[:6]]
    assert made.run.complete
    assert made.run.started == "2026-01-31T12:00:00+00:00"
    assert made.origin.format == "subunit"


def test_what_tempest_wrote_is_read() -> None:
    made = results.read([TEMPEST])
    assert outcomes(made) == {
        "test_list_flavors": "PASSED",
        "test_list_flavors_with_detail": "PASSED",
        "test_host_name_is_same_as_server_name": "SKIPPED",
        "test_verify_created_server_vcpus": "SKIPPED",
        "test_create_object": "PASSED",
    }
    assert made.tests[0].id == "tempest.api.compute.flavors.test_flavors.FlavorsV2TestJSON.test_list_flavors"
    assert made.tests[0].covers == ("e36c0eaa-dff5-4082-ad1f-3f9a80aa3f59",)
    assert made.tests[0].attempts[0].seconds == pytest.approx(0.325, abs=0.001)
    assert made.cloud.name == "tempest-cut"
    assert [(one.class_name.rpartition(".")[2], one.outcome.value) for one in made.origin.broken_fixtures] == [
        ("IdentityV3UsersTest", "SKIPPED"),
        ("NetworksTestDHCPv6", "SKIPPED"),
    ]


@pytest.mark.parametrize("stream", [stream_v1, stream_v2], ids=["v1", "v2"])
def test_every_time_that_a_test_stands_in_a_stream_is_an_attempt_and_a_retry_buys_no_pass(stream) -> None:
    (record,) = read(stream((an_id("test_a", 0), "fail"), (an_id("test_a", 0), "pass"))).tests
    assert [one.outcome.value for one in record.attempts] == ["FAILED", "PASSED"]
    assert record.outcome is Outcome.FAILED


@pytest.mark.parametrize("stream", [stream_v1, stream_v2], ids=["v1", "v2"])
def test_a_test_that_never_ended_is_an_error_and_the_result_is_not_complete(stream) -> None:
    made = read(stream((an_id("test_a", 0), "cut"), (an_id("test_b", 1), "pass")))
    assert outcomes(made) == {"test_a": "ERROR", "test_b": "PASSED"}
    assert "cut off" in str(reasons(made)["test_a"])
    assert not made.run.complete


@pytest.mark.parametrize("stream", [stream_v1, stream_v2], ids=["v1", "v2"])
def test_a_fixture_that_failed_is_no_test_and_tells_why_tests_of_its_class_have_no_end(stream) -> None:
    made = read(stream((an_id("test_a", 0), "cut"), ("setUpClass (tempest.api.Some)", "error")))
    assert made.origin.broken_fixtures == (
        BrokenFixture(
            class_name="tempest.api.Some",
            reason="setUpClass failed: TimeoutError: no server in 300 s Details: none",
        ),
    )
    (record,) = made.tests
    assert (record.outcome, record.reason) == (Outcome.ERROR, made.origin.broken_fixtures[0].reason)


@pytest.mark.parametrize("stream", [stream_v1, stream_v2], ids=["v1", "v2"])
def test_a_fixture_that_passed_and_a_process_that_failed_are_no_tests(stream) -> None:
    made = read(stream((an_id("test_a", 0), "pass"), ("tearDownClass (a.B)", "pass"), ("process-returncode", "fail")))
    assert outcomes(made) == {"test_a": "PASSED"}
    assert made.origin.broken_fixtures == ()
    assert made.origin.remarks == ("a process of the test runner ended with an error",)


def test_a_test_that_is_only_announced_is_no_test() -> None:
    with pytest.raises(InputError, match="tells of no test"):
        read(packets({"test_id": "a", "test_status": "exists"}))


def test_tests_that_run_side_by_side_are_kept_apart_by_their_route() -> None:
    made = read(
        packets(
            {"test_id": "a", "test_status": "inprogress", "route_code": "0"},
            {"test_id": "a", "test_status": "inprogress", "route_code": "1"},
            {"test_id": "a", "test_status": "success", "route_code": "1"},
            {"test_id": "a", "test_status": "fail", "route_code": "0"},
        )
    )
    assert [one.outcome.value for one in made.tests[0].attempts] == ["PASSED", "FAILED"]


def test_lines_that_a_test_printed_between_packets_are_no_trouble() -> None:
    one, other = (packets({"test_id": name, "test_status": "success"}) for name in "ab")
    assert outcomes(read(one + "a line: ä\n".encode() + other)) == {"a": "PASSED", "b": "PASSED"}


def test_a_v1_stream_with_lines_that_tests_printed() -> None:
    made = read(
        "first of all\ntime: 2026-01-31 12:00:00Z\ntest: a\nprinted\nsuccess: another\ntime: soon\nerrors happen\n"
        "time: 2026-01-31 12:00:02Z\nsuccess: a\ntags: worker-0\ntesting b\nfailure b [\n ] kept\n]\n"
    )
    assert outcomes(made) == {"a": "PASSED", "b": "FAILED"}
    assert made.tests[0].attempts[0].seconds == 2
    assert reasons(made)["b"] == "] kept"
    assert made.origin.remarks == ("lines that look like the outcome of a test that had not begun, left out: 1",)


@pytest.mark.parametrize(
    ("own_id", "name", "covers"),
    [
        (f"a.B.c[id-{UUIDS[0]},smoke]", "a.B.c", (UUIDS[0],)),
        (f"a.B.c[smoke,id-{UUIDS[0].upper()}](x,y)", "a.B.c(x,y)", (UUIDS[0],)),
        ("a.B.c[smoke]", "a.B.c", ()),
        ("a.B.c[id-no-uuid]", "a.B.c", ()),
        ("a.B.c", "a.B.c", ()),
        ("[x]", "[x]", ()),
    ],
)
def test_a_name_loses_its_attributes_and_keeps_its_scenario(own_id: str, name: str, covers: tuple[str, ...]) -> None:
    (record,) = read(packets({"test_id": own_id, "test_status": "success"})).tests
    assert (record.id, record.nodeid, record.name, record.covers) == (name, name, name, covers)


def test_refstack_json_holds_passes_only() -> None:
    made = read(refstack("tempest.a", "tempest.b", "tempest.a"), name="/some/where/vendor.json")
    assert outcomes(made) == {"a": "PASSED", "b": "PASSED"}
    assert made.origin.passes_only
    assert (made.cloud.cpid, made.cloud.name, made.run.seconds) == ("c" * 32, "vendor", 120)
    assert made.tests[1].covers == (UUIDS[1],)


def test_a_refstack_test_may_have_no_uuid_or_one_with_a_prefix() -> None:
    made = read(refstack(results=[{"name": "a"}, {"name": "b", "uuid": f"id-{UUIDS[0].upper()}"}]))
    assert [record.covers for record in made.tests] == [(), (UUIDS[0],)]


def test_junit_is_read_with_properties_attempts_and_fixtures() -> None:
    made = read(JUNIT)
    assert {record.id: record.outcome.value for record in made.tests} == {
        "tempest.api.Some.test_a": "PASSED",
        "tempest.api.Some.test_b": "FAILED",
        "pkg.Own.test_c[size-1]": "ERROR",
        "pkg.Own.test_d": "SKIPPED",
        "pkg.Own.test_e": "SKIPPED",
    }
    first, second, third, *_ = made.tests
    assert first.covers == (UUIDS[0],)
    assert second.covers == (UUIDS[1], UUIDS[2])
    assert [one.reason for one in second.attempts] == ["the first time", "expected 200, seen 500"]
    assert second.attempts[1].seconds == 1000.25
    assert third.reason == "no server in 300 s"
    assert made.origin.broken_fixtures == (
        BrokenFixture(class_name="tempest.api.Other", reason="setUpClass failed: no network"),
    )
    assert (made.run.started, made.run.seconds) == ("2026-01-31T12:00:00+00:00", 3.5)


def test_junit_may_begin_with_testsuite() -> None:
    assert outcomes(read('<testsuite><testcase name="a"/></testsuite>')) == {"a": "PASSED"}


def test_scs_reports_may_follow_one_another() -> None:
    made = read(SCS + SCS_LATER)
    assert outcomes(made) == {"scs-0100-syntax-check": "ERROR", "scs-0101-entropy": "FAILED"}
    assert [one.outcome.value for one in made.tests[0].attempts] == ["PASSED", "ERROR"]
    assert (made.cloud.name, made.run.finished) == ("some-cloud", "2026-02-01T12:00:00+00:00")


def test_of_a_stestr_repository_the_newest_run_is_read(tmp_path: Path) -> None:
    repository = tmp_path / ".stestr"
    repository.mkdir()
    (repository / "format").write_text("1\n")
    (repository / "next-stream").write_text("11\n")
    (repository / "9").write_bytes(stream_v2((an_id("test_a", 0), "fail")))
    (repository / "10").write_bytes(stream_v2((an_id("test_a", 0), "pass")))
    assert outcomes(results.read([tmp_path])) == outcomes(results.read([repository])) == {"test_a": "PASSED"}
    assert outcomes(results.read([repository / "9"])) == {"test_a": "FAILED"}


def test_the_same_file_gives_the_same_run() -> None:
    one, other = (read(refstack("tempest.a"), name=name) for name in ("x.json", "y.json"))
    assert one.run.id == other.run.id != read(refstack("tempest.b")).run.id
