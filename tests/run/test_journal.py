"""What a journal keeps, and what it says of its own defects."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from defcore import schemas
from defcore.errors import InputError
from defcore.model.outcome import Attempt, Cause, Finding, Outcome
from defcore.model.result import CloudInfo
from defcore.run.journal import FILE, Footer, Header, Identity, JournalWriter, Line, Resumed, parse_line, read_journal

HEADER = Header(
    run="11111111-1111-4111-8111-111111111111",
    started="2026-01-01T00:00:00+00:00",
    plan="sha256:" + "0" * 64,
    cloud=CloudInfo(
        name="c",
        cpid="id",
        region="R",
        endpoints=(("compute", "http://c"),),
        microversions=(("compute", "2.1", "2.96"),),
    ),
    users=(("primary", "c"),),
    versions=(("defcore", "0"),),
)
LINE = Line(
    test="22222222-2222-4222-8222-222222222222",
    nodeid="compute/test_x.py::test_y",
    worker="gw0",
    attempt=Attempt(
        n=1,
        outcome=Outcome.SKIPPED,
        started="2026-01-01T00:00:01+00:00",
        seconds=1.5,
        cause=Cause.ABSENT,
        reason="ünïcode\nand lines",
        findings=(Finding(kind="leftover", where="w", expected="e", seen="s"),),
        evidence="evidence/" + "a" * 64 + ".har",
    ),
)
FOOTER = Footer(finished="2026-01-01T00:00:09+00:00", seconds=9.0, ended="done")


def written(folder: Path, *parts: Header | Line | Resumed | Footer) -> Path:
    writer = JournalWriter(folder)
    for part in parts:
        match part:
            case Header():
                writer.header(part)
            case Line():
                writer.line(part)
            case Resumed():
                writer.resumed(part)
            case Footer():
                writer.footer(part)
    writer.close()
    return folder / FILE


def codes(folder: Path) -> list[str]:
    return [problem.code for problem in read_journal(folder).problems]


def test_what_is_written_is_read(tmp_path: Path) -> None:
    written(tmp_path, HEADER, LINE, FOOTER)
    journal = read_journal(tmp_path)
    assert (journal.header, journal.lines, journal.footer) == (HEADER, (LINE,), FOOTER)
    assert journal.complete


def test_who_tested_is_kept_and_an_older_journal_does_not_tell(tmp_path: Path) -> None:
    path = written(tmp_path, replace(HEADER, identities=(Identity(role="primary", user="u", project="p"),)), FOOTER)
    assert read_journal(tmp_path).header.identities == (Identity(role="primary", user="u", project="p"),)
    header, footer = map(json.loads, path.read_text().splitlines())
    del header["identities"]
    path.write_text(f"{json.dumps(header)}\n{json.dumps(footer)}\n")
    assert (read_journal(tmp_path).header, read_journal(tmp_path).complete) == (HEADER, True)


def test_every_line_holds_against_the_schema(tmp_path: Path) -> None:
    path = written(tmp_path, HEADER, LINE, FOOTER)
    for text in path.read_text().splitlines():
        assert schemas.problems(json.loads(text), "journal") == []


def test_a_journal_without_footer_is_incomplete(tmp_path: Path) -> None:
    written(tmp_path, HEADER, LINE)
    assert codes(tmp_path) == ["journal.footer"]
    assert not read_journal(tmp_path).complete


def test_a_run_that_was_stopped_is_incomplete(tmp_path: Path) -> None:
    written(tmp_path, HEADER, Footer(finished=FOOTER.finished, seconds=1, ended="stopped"))
    assert not read_journal(tmp_path).complete


def test_a_torn_last_line_loses_that_line_alone(tmp_path: Path) -> None:
    path = written(tmp_path, HEADER, LINE, LINE)
    path.write_bytes(path.read_bytes()[:-30])
    assert codes(tmp_path) == ["journal.torn", "journal.footer"]
    assert read_journal(tmp_path).lines == (LINE,)


def test_what_comes_after_a_torn_line_stands_alone(tmp_path: Path) -> None:
    path = written(tmp_path, HEADER, LINE)
    path.write_bytes(path.read_bytes()[:-30])
    written(tmp_path, LINE, FOOTER)
    assert codes(tmp_path) == ["journal.line"]
    assert read_journal(tmp_path).lines == (LINE,)


@pytest.mark.parametrize(
    "text",
    ['{"type": "attempt"}', "[]", '"x"', '{"type": "magic"}', "\x00", "[" * 100_000, '{"type":"attempt","test":1}'],
    ids=lambda text: text[:20],
)
def test_a_line_that_is_none_is_told_with_its_number(tmp_path: Path, text: str) -> None:
    path = written(tmp_path, HEADER)
    path.write_text(path.read_text() + text + "\n")
    written(tmp_path, FOOTER)
    journal = read_journal(tmp_path)
    assert [problem.code for problem in journal.problems] == ["journal.line"]
    assert (journal.problems[0].where or "").endswith(":2")
    assert journal.problems[0].hint == f"what the line held is run again by defcore run --resume {tmp_path}"
    assert not journal.complete


@pytest.mark.parametrize(
    ("content", "code"),
    [(None, "journal.missing"), ("", "journal.empty"), ("\n\n", "journal.empty"), ('{"type"', "journal.empty")],
)
def test_a_journal_without_a_header_is_none(tmp_path: Path, content: str | None, code: str) -> None:
    if content is not None:
        (tmp_path / FILE).write_text(content)
    with pytest.raises(InputError) as error:
        read_journal(tmp_path)
    assert error.value.problems[0].code == code


def test_what_was_torn_twice_is_settled_all_the_same(tmp_path: Path) -> None:
    path = written(tmp_path, HEADER, LINE, LINE)
    path.write_bytes(path.read_bytes()[:-30])
    written(tmp_path, Resumed(at="2026-01-01T00:10:00+00:00", lines=1))
    path.write_bytes(path.read_bytes()[:-30])
    written(tmp_path, Resumed(at="2026-01-01T00:20:00+00:00", lines=1), LINE, FOOTER)
    assert codes(tmp_path) == []
    assert read_journal(tmp_path).lines == (LINE, LINE)


def test_what_cannot_be_read_is_settled_where_the_run_was_resumed_and_stays_on_record(tmp_path: Path) -> None:
    path = written(tmp_path, HEADER, LINE, LINE, LINE, FOOTER)
    rows = path.read_text().splitlines(keepends=True)
    path.write_text("".join([*rows[:2], rows[2][:50] + "\n", '{"type": "attempt"}\n', *rows[3:]]))
    assert codes(tmp_path) == ["journal.line"] * 2
    written(tmp_path, Resumed(at="2026-01-01T00:10:00+00:00", lines=2), LINE, FOOTER)
    journal = read_journal(tmp_path)
    assert (journal.problems, journal.complete) == ((), True)
    assert [one.where for one in journal.settled] == [f"{path}:3", f"{path}:4"]


@pytest.mark.parametrize(
    ("part", "member"),
    [
        (LINE, "started"),
        (Resumed(at="", lines=1), "at"),
        (FOOTER, "finished"),
    ],
)
@pytest.mark.parametrize("time", ["yesterday", "2026-01-01T00:00:00", "2026-13-01T00:00:00+00:00"])
def test_a_time_that_is_none_is_told_with_its_line(
    tmp_path: Path, part: Line | Resumed | Footer, member: str, time: str
) -> None:
    path = written(tmp_path, HEADER, part)
    header, row = path.read_text().splitlines()
    path.write_text(f"{header}\n{json.dumps(json.loads(row) | {member: time})}\n")
    problem = read_journal(tmp_path).problems[0]
    assert (problem.code, problem.where) == ("journal.line", f"{path}:2")
    assert problem.message.startswith(f"$.{member}: {time!r} is not")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"started": "yesterday"}, "$.started: 'yesterday' is not"),
        ({"users": {}}, "$.users: 'primary' is a required property"),
        ({"users": {"primary": "c", "boss": "c"}}, "$.users: 'boss' is not one of"),
        ({"workers": 1_000_000_000}, "$.workers: 1000000000 is greater than the maximum of 64"),
    ],
)
@pytest.mark.parametrize("more", [(), (LINE, FOOTER)], ids=["alone", "with more"])
def test_a_header_that_was_changed_is_told_with_what_is_wrong(
    tmp_path: Path, change: dict[str, object], words: str, more: tuple[Line | Footer, ...]
) -> None:
    path = written(tmp_path, HEADER, *more)
    header, *rest = path.read_text().splitlines(keepends=True)
    path.write_text("".join([json.dumps(json.loads(header) | change) + "\n", *rest]))
    with pytest.raises(InputError) as error:
        read_journal(tmp_path)
    (problem,) = error.value.problems
    assert (problem.code, problem.where) == ("journal.header", f"{path}:1")
    assert words in problem.message


def test_a_journal_that_begins_with_an_attempt_has_no_header(tmp_path: Path) -> None:
    written(tmp_path, LINE)
    with pytest.raises(InputError) as error:
        read_journal(tmp_path)
    assert error.value.problems[0].code == "journal.header"


def test_following_a_journal_passes_over_what_is_no_attempt(tmp_path: Path) -> None:
    texts = written(tmp_path, HEADER, LINE, FOOTER).read_text().splitlines()
    assert [parse_line(text) for text in [*texts, "{", "[]"]] == [None, LINE, None, None, None]
