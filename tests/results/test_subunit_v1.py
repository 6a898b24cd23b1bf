"""Our reader of text streams beside python-subunit's, on the same bytes."""

from __future__ import annotations

import io

import subunit
from hypothesis import given, settings
from hypothesis import strategies as st
from testtools.content import text_content
from testtools.testresult.doubles import ExtendedTestResult

from tests.results import files

WORD = {
    "addSuccess": "PASSED",
    "addFailure": "FAILED",
    "addError": "ERROR",
    "addSkip": "SKIPPED",
    "addExpectedFailure": "FAILED",
    "addUnexpectedSuccess": "ERROR",
}
DETAILS = st.text(st.sampled_from("a] [\n:é"), max_size=12)


@st.composite
def streams(draw: st.DrawFn) -> bytes:
    """A stream that python-subunit writes, with lines of tests between."""
    out = io.BytesIO()
    writer = subunit.TestProtocolClient(out)
    for name in draw(st.lists(st.sampled_from(["a", "b.c", "d [x", "e[id-1]"]), min_size=1, max_size=6)):
        subject = files.Subject(name, "pass")
        writer.startTest(subject)
        out.write(draw(st.sampled_from([b"", b"printed\n", b"success: of something else\n"])))
        ending = draw(st.sampled_from(sorted(WORD)))
        details = {key: text_content(draw(DETAILS)) for key in draw(st.sets(st.sampled_from(["traceback", "log"])))}
        getattr(writer, ending)(subject, details=details)
        writer.stopTest(subject)
    return out.getvalue()


@given(streams())
@settings(max_examples=150, deadline=None)
def test_every_outcome_is_what_python_subunit_reads(stream: bytes) -> None:
    double = ExtendedTestResult()
    subunit.TestProtocolServer(double, stream=io.BytesIO()).readFrom(io.BytesIO(stream))
    expected: dict[str, list[str]] = {}
    for event in double._events:
        if event[0] in WORD:
            expected.setdefault(event[1].id().partition("[id")[0], []).append(WORD[event[0]])
    found = {one.id: [attempt.outcome.value for attempt in one.attempts] for one in files.read(stream).tests}
    assert {name.replace("[x", ""): own for name, own in found.items()} == {
        name.replace("[x", ""): own for name, own in expected.items()
    }
