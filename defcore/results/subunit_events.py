"""What a subunit stream of either version tells, event by event, collected into a Report.

The words of subunit, and what they mean here:

- `success` is PASSED.
- `fail`, `failure` is FAILED. Version 2 has one word for a claim that did not hold and for an exception on the
  way to it; the stream does not tell them apart, and neither do we guess.
- `error`, which version 1 alone has, is ERROR.
- `skip` is SKIPPED, cause prerequisite, with its reason.
- `xfail`, a failure that somebody expected, is FAILED: the claim did not hold.
- `uxsuccess`, a pass against that expectation, is ERROR: somebody must look. RefStack counts neither as passed.
- `exists` announces a test and says nothing of its outcome.

A test that began and did not end is ERROR, and the result is not complete.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime

from defcore.model.outcome import Outcome
from defcore.model.result import BrokenFixture
from defcore.results.foreign import (
    LONGEST_NAME,
    Report,
    Sighting,
    broken_fixture,
    check_count,
    is_fixture,
    shortened,
    split_id,
)
from defcore.results.source import Source

OUTCOMES = {
    "success": Outcome.PASSED,
    "successful": Outcome.PASSED,
    "fail": Outcome.FAILED,
    "failure": Outcome.FAILED,
    "error": Outcome.ERROR,
    "skip": Outcome.SKIPPED,
    "xfail": Outcome.FAILED,
    "uxsuccess": Outcome.ERROR,
}
UNUSUAL = {
    "xfail": "failed, as somebody expected",
    "uxsuccess": "passed, though somebody expected it to fail",
}
CUT_OFF = "cut off: the stream tells that the test began, and not how it ended"
PROCESS = "process-returncode"
PARSER = "subunit.parser"
KEPT = 64 << 10
"""Bytes of a traceback that are kept, the last ones: the exception's message stands at the end."""
TELLING = ("reason", "traceback", "message")
"""Names, or beginnings of names, of the attachments that say why; logs are left out."""


@dataclass(slots=True)
class _Begun:
    started: datetime | None
    running: bool
    details: dict[str, bytes] = field(default_factory=dict)


class Collector:
    """Takes the events of one stream in their order; `report` may be asked once, at the end.

    InputError if there are more than memory should hold.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        self._begun: dict[tuple[str, str], _Begun] = {}
        self._sightings: list[Sighting] = []
        self._fixtures: list[BrokenFixture] = []
        self._remarks: dict[str, None] = {}
        self._first: datetime | None = None
        self._last: datetime | None = None
        self._complete = True

    def begin(self, test_id: str, when: datetime | None, route: str = "") -> None:
        self._tick(when)
        before = self._begun.pop((test_id, route), None)
        if before and before.running:
            self._cut_off(test_id, before)
        self._begun[test_id, route] = _Begun(when, running=True)

    def attach(self, test_id: str, name: str, content: bytes, route: str = "") -> None:
        """A piece of an attachment; pieces of the same name belong together."""
        if not name.startswith(TELLING):
            return
        self._check()
        details = self._begun.setdefault((test_id, route), _Begun(None, running=False)).details
        if name in details or len(details) < 2 * len(TELLING):
            details[name] = (details.get(name, b"") + content)[-KEPT:]

    def end(self, test_id: str, word: str, when: datetime | None, route: str = "") -> None:
        self._tick(when)
        begun = self._begun.pop((test_id, route), None) or _Begun(when, running=False)
        outcome = OUTCOMES[word]
        if test_id in (PROCESS, PARSER):
            self._other(test_id, outcome)
            return
        reason = None if outcome is Outcome.PASSED else _reason(begun.details)
        if word in UNUSUAL:
            reason = f"{UNUSUAL[word]}: {reason}" if reason else UNUSUAL[word]
        if is_fixture(test_id):
            fixture = broken_fixture(test_id, outcome, reason)
            self._fixtures += [fixture] if fixture else []
            return
        started = begun.started or when
        seconds = max((when - started).total_seconds(), 0.0) if when and started else 0.0
        self._see(test_id, outcome, reason, started, seconds)

    def report(self) -> Report:
        for (test_id, _), begun in list(self._begun.items()):
            if begun.running:
                self._cut_off(test_id, begun)
        seconds = (self._last - self._first).total_seconds() if self._first and self._last else 0.0
        return Report(
            format="subunit",
            sightings=self._sightings,
            fixtures=tuple(self._fixtures),
            remarks=tuple(self._remarks),
            complete=self._complete,
            started=moment(self._first),
            finished=moment(self._last) or None if self._complete else None,
            seconds=max(round(seconds, 3), 0.0),
        )

    def _check(self) -> None:
        check_count(self._source, len(self._begun) + len(self._fixtures) + len(self._sightings))

    def _tick(self, when: datetime | None) -> None:
        self._check()
        if when is not None:
            self._first = min(self._first or when, when)
            self._last = max(self._last or when, when)

    def _cut_off(self, test_id: str, begun: _Begun) -> None:
        """A test, or the fixture of a class, of which no end is on record."""
        self._complete = False
        if not is_fixture(test_id):
            if test_id not in (PROCESS, PARSER):
                reason = _reason(begun.details) or self._why_cut_off(test_id)
                self._see(test_id, Outcome.ERROR, reason, begun.started, 0.0)
            return
        fixture = broken_fixture(test_id, Outcome.ERROR, CUT_OFF)
        self._fixtures += [fixture] if fixture else []

    def _why_cut_off(self, test_id: str) -> str:
        """The reason of a broken fixture of its class, if there is one."""
        name, _ = split_id(test_id)
        own = (one.reason for one in self._fixtures if name.startswith(one.class_name + "."))
        return next(own, CUT_OFF)

    def _other(self, test_id: str, outcome: Outcome) -> None:
        if outcome is Outcome.PASSED:
            return
        if test_id == PARSER:
            self._complete = False
            self._remarks["whoever wrote the stream could not read a part of what it was given"] = None
        else:
            self._remarks["a process of the test runner ended with an error"] = None

    def _see(
        self, test_id: str, outcome: Outcome, reason: str | None, started: datetime | None, seconds: float
    ) -> None:
        name, covers = split_id(test_id)
        self._sightings.append(
            Sighting(
                name=shortened(name, LONGEST_NAME),
                covers=covers,
                outcome=outcome,
                reason=shortened(reason) if reason else None,
                started=moment(started),
                seconds=round(seconds, 6),
            )
        )


def moment(when: datetime | None) -> str:
    """ISO 8601 in UTC; empty for None."""
    return when.astimezone(UTC).isoformat() if when else ""


def _reason(details: dict[str, bytes]) -> str | None:
    """A given reason, else the message at the end of the traceback."""
    for beginning in TELLING:
        for name, content in details.items():
            text = content.decode("utf-8", "replace").strip()
            if name.startswith(beginning) and text:
                return _message(text) if beginning == "traceback" else " ".join(text.split())
    return None


def _message(traceback: str) -> str:
    """The exception with its message: what follows the last indented line."""
    lines = traceback.splitlines()
    indented = [n for n, line in enumerate(lines) if line[:1].isspace()]
    tail = lines[indented[-1] + 1 :] if indented else lines
    return " ".join(" ".join(tail or lines[-1:]).split())
