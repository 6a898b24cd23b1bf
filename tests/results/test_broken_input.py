"""Input that is broken, or means harm: an error with its place, exit code 2, no traceback, and little memory."""

from __future__ import annotations

import gzip
import json
import resource
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from defcore import results, schemas
from defcore.errors import InputError
from defcore.model.documents import read_result, result_document
from tests.results.files import JUNIT, SCS, UUIDS, VALID, packets, read, refstack, stream_v2

V2 = stream_v2(("a", "pass"), ("b", "fail"))
BOMB = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
ALIASES = "".join(f"x{n}: &x{n} [{', '.join([f'*x{n - 1}'] * 10)}]\n" for n in range(1, 10))

BROKEN: dict[str, tuple[bytes | str, str]] = {
    "empty": (b"", "no result that can be read"),
    "text": ("all tests passed\n", "readable: a run of defcore"),
    "image": (b"\x89PNG\r\n\x1a\n" + bytes(100), "no result that can be read"),
    "gzip": (gzip.compress(V2), "compressed (gzip)"),
    "zip": (b"PK\x03\x04" + bytes(100), "compressed (zip)"),
    "other JSON": (b'{"tests": []}', "no result that can be read"),
    "JSON list": (b"[1, 2]", "no result that can be read"),
    "JSON cut": (refstack("a")[:-20], "f.x:1:105: not valid JSON"),
    "JSON nested": (b'{"cpid":' * 100_000, "nested deeper than 40 levels"),
    "JSON NaN": (refstack("a").replace(b"120", b"NaN"), "f.x: $.duration_seconds: expected a finite number, not NaN"),
    "JSON duplicate key": (
        b'{\n"cpid": "x",\n"results": [\n{"name": "a", "name": "b"}]}',
        "f.x:4: $.results[0].name: the key 'name'",
    ),
    "JSON not UTF-8": (b'{\n"cpid": "\xff"}', "f.x:2:1: not UTF-8 text"),
    "JSON huge number": (
        refstack("a").replace(b"120", b"9" * 5000),
        "f.x: $.duration_seconds: expected a number of at most 64 bits",
    ),
    "own, of another noun": (b'{"schema": "defcore/plan/1"}', "this is a plan, not a result"),
    "own, newer": (b'{"schema": "defcore/result/9"}', "version 9"),
    "own, origin": (
        VALID["own"]().rstrip(b"}\n") + b', "origin": {"format": "tap"}}',
        "$.origin.format: format: 'tap' is not valid",
    ),
    "refstack, no cpid": (b'{"results": [], "duration_seconds": 1}', "the field 'cpid' is missing"),
    "refstack, another key": (refstack("a", more=1), "f.x: $.more: RefStack knows no such field"),
    "refstack, empty": (refstack(), "f.x: $.results: no test is named"),
    "refstack, a key of a test": (refstack(results=[{"name": "a", "status": "x"}]), "f.x: $.results[0].status"),
    "refstack, seconds": (refstack("a", duration_seconds=1.5), "duration_seconds: expected a whole number"),
    "refstack, negative": (refstack("a", duration_seconds=-1), "duration_seconds: expected a finite number"),
    "refstack, truth": (refstack("a", duration_seconds=True), "duration_seconds: expected a whole number"),
    "refstack, uuid": (refstack(results=[{"name": "a", "uuid": None}]), "f.x: $.results[0].uuid: expected text"),
    "refstack, wrong type": (refstack(results={"a": "b"}), "f.x: $.results: expected a list"),
    "refstack, long name": (refstack("a" * 2000), "1 to 1000 characters"),
    "v2 cut": (V2[:-7], "damaged before byte"),
    "v2 checksum": (V2[:-1] + bytes([V2[-1] ^ 1]), "Bad checksum"),
    "v2 signature lost": (V2 + b"\xb4" + V2[1:], "no packet of subunit, and no text either"),
    "v2 short length": (b"\xb3\x20\x00\x05" + bytes(20), "damaged before byte"),
    "v2 nothing": (packets({"test_id": None}), "tells of no test"),
    "v1 cut": ("test: a\nfailure: a [\nwhy", "f.x:2: the stream ends within the details"),
    "v1 not UTF-8": (b"test: a\n\xff\n", "f.x:2: not UTF-8 text"),
    "v1 chunks": ("test: a\nerror: a [ multipart\nContent-Type: text/plain\nx\nFFFFFFFFFF\r\nabc", "f.x:5: the stream"),
    "v1 chunk length": (
        "test: a\nerror: a [ multipart\nContent-Type: text/plain\nx\nno\r\n",
        "f.x:5: expected the length",
    ),
    "v1 parts": ("test: a\nerror: a [ multipart\nwhat\n", "f.x:3: expected Content-Type"),
    "v1 nothing": ("time: 2026-01-31 12:00:00Z\n", "tells of no test"),
    "XML cut": (JUNIT[:-20], "this is no XML"),
    "XML of another kind": ("<html/>", "f.x:1: the root of JUnit XML is testsuites or testsuite"),
    "XML bomb": (f'<!DOCTYPE x [<!ENTITY e0 "ha">{BOMB}]><testsuite name="&e9;"/>', "document type"),
    "XML external": ('<!DOCTYPE x SYSTEM "file:///etc/passwd"><testsuite/>', "f.x:1: a document type"),
    "XML entity": ('<testsuite>\n<testcase name="&x;"/></testsuite>', "f.x:2: this is no XML: undefined entity"),
    "XML nested": ("<testsuite>" * 1000, "nested deeper than 30 levels"),
    "XML not UTF-8": (b"<testsuite>\n<testcase name='\xff'/></testsuite>", "f.x:2: not UTF-8 text"),
    "XML of an unknown encoding": ('<?xml version="1.0" encoding="tf-8"?><testsuite/>', "tells of no test"),
    "XML empty": ("<testsuite/>", "tells of no test"),
    "XML time": ('<testsuite><testcase name="a" time="inf"/></testsuite>', "'inf' is no number of seconds"),
    "XML nameless": ("<testsuite><testcase/></testsuite>", "the testcase has no name"),
    "XML within": (
        '<testsuite><testcase name="a"><testcase name="b"/></testcase></testsuite>',
        "a testcase within a testcase",
    ),
    "YAML cut": (SCS[:-90] + "'", "not valid YAML"),
    "YAML aliases": (SCS + "x0: &x0 [a]\n" + ALIASES, "an alias (*name) may not repeat a mapping or a list"),
    "YAML tag": (SCS + "x: !!python/object:os.system {}\n", "the tag"),
    "YAML duplicate key": (SCS + "subject: other\n", "f.x:12:1: the key 'subject' stands already in line 5"),
    "YAML nested": (SCS + "x: " + "[" * 100, "nested deeper than 30 levels"),
    "YAML key": (SCS + "? [a]\n: b\n", "a key must be a plain word"),
    "YAML of another kind": ("invocations: 1\n", "no result that can be read"),
    "SCS outcome": (SCS.replace(": -1", ": 2"), "document 1: $.run.invocations.one.results"),
    "SCS time": (SCS.replace("2026-01-31 12", "soon"), "is no time"),
    "SCS wrong type": (SCS.replace("subject: some-cloud", "subject: [a]"), "document 1: $.subject: expected text"),
    "SCS subjects": (SCS + SCS.replace("some-cloud", "other"), "of several subjects"),
    "SCS empty": ("spec: {}\nsubject: a\nchecked_at: 2026-01-31\nrun: {invocations: {}}\n", "tells of no test"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_what_is_broken_is_an_input_error_with_its_place(kind: str) -> None:
    content, said = BROKEN[kind]
    with pytest.raises(InputError) as raised:
        read(content, name="f.x")
    assert said in str(raised.value)
    assert all(problem.where for problem in raised.value.problems)


@st.composite
def mutations(draw: st.DrawFn) -> bytes:
    """A valid file of some format, with a few bytes changed, left out, repeated or put in."""
    content = bytearray(VALID[draw(st.sampled_from(sorted(VALID)))]())
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(content)))
        match draw(st.sampled_from(["change", "cut", "leave out", "repeat", "put in"])):
            case "change" if at < len(content):
                content[at] = draw(st.integers(0, 255))
            case "cut":
                del content[at:]
            case "leave out":
                del content[at : at + draw(st.integers(1, 40))]
            case "repeat":
                content[at:at] = content[at : at + draw(st.integers(1, 200))]
            case _:
                content[at:at] = draw(
                    st.sampled_from([b"\xb3", b"\0", b"\xff", b"{", b"[", b"]", b'"', b"<", b"&", b"*a", b"NaN", b"\n"])
                )
    return bytes(content)


@given(mutations())
@settings(max_examples=400, deadline=None)
def test_a_damaged_file_is_read_or_refused_and_nothing_else_happens(content: bytes) -> None:
    with suppress(InputError):
        made = read(content)
        assert made.tests or made.origin.broken_fixtures
        document = result_document(made)
        assert schemas.problems(document, "result") == []
        assert read_result(document) == made


@given(st.binary(max_size=200).map(lambda tail: b"\xb3" + tail) | st.binary(max_size=200) | st.text().map(str.encode))
@settings(max_examples=150, deadline=None)
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    with suppress(InputError):
        read(content)


HUNDRED = 100 << 20
LARGE: dict[str, tuple[bytes, bytes, bytes, str]] = {
    "JSON text": (b'{"cpid": "', b"x" * 1000, b'"}', "larger than 64 MiB"),
    "JSON values": (b'{"cpid": [', b"{}," * 300, b"0]}", "larger than 64 MiB"),
    "XML": (b"<testsuite>", b"<a/>" * 250, b"</testsuite>", "larger than 64 MiB"),
    "v2, no packet": (V2, b"text\n" * 200, b"\0", "more than 1 MiB of text"),
    "nothing known": (b"?", b"x" * 1000, b"", "no result that can be read"),
}
MOST: dict[str, tuple[bytes, bytes, bytes, str]] = {
    "JSON values": (b'{"cpid": [', b"{}," * 300, b"0]}", "more than 1,500,000 values"),
    "own, all": (b'{"schema": "defcore/result/1", "tests": [', b"0," + b" " * 60, b"0]}", "is missing"),
    "refstack": (
        b'{"cpid": "", "duration_seconds": 1, "results": [',
        b'{"name": "a"},' + b" " * 100,
        b"0]}",
        "more than",
    ),
    "XML": (b"<testsuite>", b"<a/>" * 250, b"</testsuite>", "more than 3,000,000 elements"),
    "v1": (b"test: a\nerror: a [\n", b"x\n" * 500, b"", "the stream ends within"),
    "v1 printed": (b"test: a\n", b"\n" * 500, b"success: b\xff", "not UTF-8"),
    "v2 tests": (b"", packets({"test_id": "a", "test_status": "inprogress"}) * 50, b"", "more than 300,000 tests"),
    "YAML": (b"invocations: [", b"a," * 500, b"a]", "more than 500,000 values"),
}


def _limited() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))


def score_within_a_gigabyte(path: Path) -> subprocess.CompletedProcess[str]:
    """Judges the file, and removes it: pytest keeps the folders of its last runs."""
    try:
        return subprocess.run(
            [sys.executable, "-m", "defcore", "score", str(path), "--guideline", "2020.06"],
            capture_output=True,
            text=True,
            check=False,
            preexec_fn=_limited,
        )
    finally:
        path.unlink()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("table", "size", "kind"),
    [("LARGE", HUNDRED, kind) for kind in LARGE] + [("MOST", 63 << 20, kind) for kind in MOST],
    ids=str,
)
def test_a_file_of_a_hundred_megabytes_is_refused_within_a_gigabyte(
    tmp_path: Path, table: str, size: int, kind: str
) -> None:
    head, body, tail, said = (LARGE if table == "LARGE" else MOST)[kind]
    path = tmp_path / "large"
    with path.open("wb") as file:
        file.write(head)
        for _ in range(size // len(body)):
            file.write(body)
        file.write(tail)
    done = score_within_a_gigabyte(path)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr
    assert str(path) in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_a_stream_of_a_hundred_megabytes_is_read_within_a_gigabyte(tmp_path: Path) -> None:
    log = {"test_id": f"tempest.a[id-{UUIDS[0]}]", "file_name": "traceback", "file_bytes": b"x" * 1_000_000}
    path = tmp_path / "large.subunit"
    path.write_bytes(packets(log) * 100 + packets({"test_id": log["test_id"], "test_status": "fail"}))
    done = score_within_a_gigabyte(path)
    assert done.returncode in (1, 3), done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("name", ["/dev/zero", "/dev/null/x", "nowhere"])
def test_what_is_no_regular_file_is_refused(name: str) -> None:
    with pytest.raises(InputError, match=r"there is no result here|no regular file"):
        results.read([Path(name)])


def test_a_duplicate_key_deep_in_a_result_of_ours_is_told_with_its_line() -> None:
    text = VALID["own"]().decode()
    line = next(n for n, one in enumerate(text.splitlines(), 1) if '"leftovers": [' in one) + 1
    broken = text.replace('"kind": "server",', '"kind": "server", "kind": "port",')
    with pytest.raises(InputError, match=rf"f\.x:{line}: \$\.leftovers\[0\]\.kind: the key 'kind' stands there twice"):
        read(broken, name="f.x")
    assert json.loads(broken)["leftovers"][0]["kind"] == "port"
