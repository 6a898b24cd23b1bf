"""A text subunit stream (version 1), line by line.

    test: LABEL
    time: 2026-01-31 12:00:00.000000Z
    failure: LABEL [
    the details, in which a line that begins with a bracket is written with a space before it
    ]

Details may also be `[ multipart`: MIME-typed parts in HTTP chunks. Lines that are no directive are what tests
printed. A stream that ends within details is refused; a test that has no outcome when the stream ends, or when it
begins once more, was cut off.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import NoReturn

from defcore.model.result import Result
from defcore.results.foreign import make_result
from defcore.results.source import Source
from defcore.results.subunit_events import KEPT, Collector

DIRECTIVE = re.compile(
    rb"^(?P<word>test|testing|time|success|successful|failure|error|skip|xfail|uxsuccess)(?P<colon>:?) "
    rb"(?P<rest>[^\n]*)$",
    re.MULTILINE,
)
END_OF_DETAILS = re.compile(rb"^\]\r?$", re.MULTILINE)
BEGINS = ("test", "testing")
FIRST = re.compile(rb"^(?:test|testing|time|tags|progress): ", re.MULTILINE)
"""How a stream of version 1 begins."""
CUT = "the stream ends within the details of a test"
LONGEST_CHUNK = 16
"""Hexadecimal digits of a chunk's length."""


class _Lines:
    """The file, read from place to place, with the number of the line that was read last."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.number = 0
        self._at = 0

    def next(self) -> bytes:
        """The next line, without its line break. InputError at the end of the file."""
        content = self.source.content
        if self._at >= len(content):
            self.wrong(CUT)
        end = content.find(b"\n", self._at) + 1 or len(content)
        line, self._at = content[self._at : end], end
        self.number += 1
        return line.rstrip(b"\r\n")

    def directive(self) -> re.Match[bytes] | None:
        """The next line that is a directive; what comes before it, a test has printed."""
        match = DIRECTIVE.search(self.source.content, self._at)
        if match:
            self.number += self.source.content.count(b"\n", self._at, match.start()) + 1
            self._at = match.end() + 1
        return match

    def details(self) -> bytes:
        """What comes before the line with the bracket that ends it."""
        match = END_OF_DETAILS.search(self.source.content, self._at)
        if not match:
            self.number += self.source.content.count(b"\n", self._at)
            self.wrong(CUT)
        begin, self._at = self._at, match.end() + 1
        self.number += self.source.content.count(b"\n", begin, match.start()) + 1
        return self.source.content[max(begin, match.start() - KEPT) : match.start()]

    def take(self, size: int) -> bytes:
        """So many bytes, wherever lines end."""
        piece = self.source.content[self._at : self._at + size]
        if len(piece) < size:
            self.wrong(CUT)
        self._at += size
        self.number += piece.count(b"\n")
        return piece

    def wrong(self, message: str) -> NoReturn:
        self.source.wrong("subunit", message, line=self.number, hint="fetch the whole file once more")


def read(source: Source) -> Result:
    """The result in the stream. InputError with the line that cannot be understood."""
    source.text()  # too large, or not UTF-8
    stream = _Stream(_Lines(source))
    stream.read()
    report = stream.collector.report()
    if stream.unknown:
        remark = f"lines that look like the outcome of a test that had not begun, left out: {stream.unknown}"
        report = replace(report, remarks=(*report.remarks, remark))
    return make_result(source, report)


class _Stream:
    """The state between lines: the time, and which tests are under way."""

    def __init__(self, lines: _Lines) -> None:
        self.lines = lines
        self.collector = Collector(lines.source)
        self.unknown = 0
        self._now: datetime | None = None
        self._running: set[str] = set()

    def read(self) -> None:
        while match := self.lines.directive():
            word, rest = match["word"].decode(), match["rest"].decode().rstrip("\r")
            if word == "time":
                self._now = _time(rest) or self._now
            elif word in BEGINS:
                self._running.add(rest)
                self.collector.begin(rest, self._now)
            else:
                self._outcome(word, rest, colon=bool(match["colon"]))

    def _outcome(self, word: str, rest: str, *, colon: bool) -> None:
        label, details = self._label(rest)
        if label not in self._running:
            self.unknown += colon  # without a colon, rather a sentence that a test printed
            return
        self._running.discard(label)

        def attach(name: str, content: bytes) -> None:
            self.collector.attach(label, name, content)

        if details == "[":
            name = "reason" if word == "skip" else "traceback"
            attach(name, b"\n".join(_unquoted(line) for line in self.lines.details().split(b"\n")))
        elif details:
            _multipart(self.lines, attach)
        self.collector.end(label, word, self._now)

    def _label(self, rest: str) -> tuple[str, str]:
        """Label and kind of the details of an outcome line."""
        for suffix in ("[ multipart", "["):
            if rest.endswith(f" {suffix}") and rest not in self._running:
                return rest[: -len(suffix) - 1], suffix
        return rest, ""


def _unquoted(line: bytes) -> bytes:
    return line[1:] if line.startswith(b" ]") else line


def _multipart(lines: _Lines, attach: Callable[[str, bytes], None]) -> None:
    while (line := lines.next()) != b"]":
        if not line.startswith(b"Content-Type: "):
            lines.wrong("expected Content-Type, or the end of the details")
        name = lines.next().decode()
        while size := _chunk(lines):
            attach(name, lines.take(size))


def _chunk(lines: _Lines) -> int:
    """The length of the chunk that follows; 0 after the last."""
    digits = lines.next()
    if len(digits) > LONGEST_CHUNK or not re.fullmatch(rb"[0-9A-Fa-f]+", digits):
        lines.wrong("expected the length of a chunk")
    return int(digits, 16)


def _time(text: str) -> datetime | None:
    """None for what is no time: a line that a test printed."""
    try:
        when = datetime.fromisoformat(text.strip().replace(" ", "T", 1))
        return (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
