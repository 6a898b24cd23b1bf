"""Small valid files of every format that results are read from, made by the formats' own libraries where they exist."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import testtools
from subunit import TestProtocolClient
from subunit.v2 import StreamResultToBytes
from testtools.content import text_content

from defcore.model import documents
from defcore.model.outcome import Outcome
from defcore.model.result import Result
from defcore.results.reader import read_source
from defcore.results.source import Source
from tests.values import record, result

UUIDS = [f"{n:08x}-1111-4222-8333-944444444444" for n in range(10)]
START = datetime(2026, 1, 31, 12, tzinfo=UTC)
TEMPEST = Path(__file__).parent / "streams" / "tempest-cut.subunit"
"""What Tempest 47 wrote about five tests and two classes on the reference cloud, without its logs."""


def read(content: bytes | str, name: str = "results.file") -> Result:
    return read_source(Source(name=name, content=content.encode() if isinstance(content, str) else content))


def an_id(name: str, n: int, scenario: str = "") -> str:
    return f"tempest.api.Some.{name}[id-{UUIDS[n]},smoke]{scenario}"


class Subject(testtools.TestCase):
    """A test that ends as it is told."""

    def __init__(self, own_id: str, ending: str) -> None:
        super().__init__("test")
        self._own_id, self._ending = own_id, ending

    def id(self) -> str:
        return self._own_id

    def test(self) -> None:
        if self._ending == "fail":
            raise self.failureException("200 != 500: the wrong status")
        if self._ending == "skip":
            self.skipTest("no second user")
        if self._ending == "error":
            raise TimeoutError("no server in 300 s\nDetails: none")


def stream_v2(*tests: tuple[str, str]) -> bytes:
    """A binary stream in which testtools reports the (test id, ending) pairs."""
    out = io.BytesIO()
    reporter = testtools.ExtendedToStreamDecorator(StreamResultToBytes(out))
    _run(reporter, tests)
    return out.getvalue()


def stream_v1(*tests: tuple[str, str]) -> bytes:
    out = io.BytesIO()
    _run(TestProtocolClient(out), tests)
    return out.getvalue()


def _run(reporter: Any, tests: tuple[tuple[str, str], ...]) -> None:
    reporter.startTestRun()
    for n, (own_id, ending) in enumerate(tests):
        reporter.time(START + timedelta(seconds=10 * n))
        subject = Subject(own_id, ending)
        if ending in ("xfail", "uxsuccess"):
            reporter.startTest(subject)
            if ending == "xfail":
                reporter.addExpectedFailure(subject, details={"reason": text_content("a known bug")})
            else:
                reporter.addUnexpectedSuccess(subject, details={})
            reporter.stopTest(subject)
        elif ending == "cut":
            reporter.startTest(subject)
        else:
            subject.run(reporter)
    reporter.stopTestRun()


def packets(*events: dict[str, Any]) -> bytes:
    """A binary stream of these events."""
    out = io.BytesIO()
    writer = StreamResultToBytes(out)
    for event in events:
        writer.status(**event)
    return out.getvalue()


def refstack(*names: str, **changes: object) -> bytes:
    document = {
        "cpid": "c" * 32,
        "duration_seconds": 120,
        "results": [{"name": name, "uuid": UUIDS[n]} for n, name in enumerate(names)],
    }
    return json.dumps(document | changes).encode()


JUNIT = f"""<?xml version="1.0" encoding="utf-8"?>
<testsuites time="3.5">
 <testsuite name="tempest" timestamp="2026-01-31T12:00:00">
  <testcase classname="tempest.api.Some" name="test_a[id-{UUIDS[0]},smoke]" time="1.5"/>
  <testcase classname="tempest.api.Some" name="test_b" time="1,000.25">
   <properties>
    <property name="idempotent_id" value="id-{UUIDS[1].upper()}"/>
    <property name="idempotent_id" value="{UUIDS[2]}"/>
   </properties>
   <failure message="expected 200, seen 500">Traceback</failure>
   <rerunFailure message="the first time">Traceback</rerunFailure>
  </testcase>
  <testcase classname="pkg.Own" name="test_c[size-1]"><error>no server
in 300 s</error></testcase>
  <testcase classname="pkg.Own" name="test_d"><skipped message="no second user"/></testcase>
  <testcase classname="pkg.Own" name="test_e" status="notrun"/>
  <testcase classname="" name="setUpClass (tempest.api.Other)"><error message="no network"/></testcase>
 </testsuite>
</testsuites>
"""

SCS = """---
spec: {uuid: 50393e6f-2ae1-4c5c-a62c-3b75f2abef3f, name: SCS-compatible IaaS, url: https://example.org/scs.yaml}
checked_at: &now 2026-01-31 12:00:00.123456
reference_date: *now
subject: some-cloud
run:
  uuid: 0f4f2f8e-1111-4222-8333-944444444444
  argv: [check.py]
  assignment: {}
  invocations:
    one: {id: one, cmd: check, results: {scs-0100-syntax-check: 1, scs-0101-entropy: -1}, rc: 0, stdout: [], stderr: []}
"""
SCS_LATER = """---
spec: {uuid: x, name: y, url: z}
checked_at: 2026-02-01T12:00:00+00:00
subject: some-cloud
run:
  invocations:
    one: {id: one, results: {scs-0100-syntax-check: 0}}
"""


def own() -> bytes:
    made = result(record("a", Outcome.PASSED, UUIDS[0]), record("b", Outcome.FAILED, UUIDS[1]))
    return documents.text(documents.result_document(made)).encode()


ENDINGS = (
    (an_id("test_pass", 0), "pass"),
    (an_id("test_fail", 1, "(scenario)"), "fail"),
    (an_id("test_skip", 2), "skip"),
    (an_id("test_error", 3), "error"),
    (an_id("test_xfail", 4), "xfail"),
    (an_id("test_uxsuccess", 5), "uxsuccess"),
)

VALID: dict[str, Callable[[], bytes]] = {
    "own": own,
    "refstack": lambda: refstack("tempest.a", "tempest.b"),
    "subunit-v1": lambda: stream_v1(*ENDINGS),
    "subunit-v2": lambda: stream_v2(*ENDINGS),
    "junit": JUNIT.encode,
    "scs": (SCS + SCS_LATER).encode,
}
