"""JUnit XML, with the root `testsuites` or `testsuite`, read as a stream of events.

A document type is refused before anything of it is read, so there are no entities but XML's own five. A test is
named `classname.name`. Official ids are the testcase's properties `idempotent_id`, else the attributes in
its name, as subunit2junitxml writes them. `failure` is FAILED, `error` ERROR, `skipped` SKIPPED; of several the
worst. `rerunFailure`, `rerunError`, `flakyFailure` and `flakyError` are attempts of their own. What our own JUnit
files say of a `skipped` in its `type` is kept: `SKIPPED (absent)`, and `NOT_RUN`, which is no attempt at all.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import NoReturn
from xml.parsers import expat

from defcore.model.outcome import Cause, Outcome, worst
from defcore.model.result import BrokenFixture, Result
from defcore.results.foreign import (
    LONGEST_NAME,
    Report,
    Sighting,
    bare_uuid,
    broken_fixture,
    check_count,
    is_fixture,
    make_result,
    shortened,
    split_id,
)
from defcore.results.source import Source

ROOTS = ("testsuites", "testsuite")
DEEPEST = 30
MOST_ELEMENTS = 3_000_000
KEPT = 4_000
"""Characters of a failure's text that are kept."""
CHILD = {"failure": Outcome.FAILED, "error": Outcome.ERROR, "skipped": Outcome.SKIPPED}
OTHER_ATTEMPT = {
    "rerunFailure": Outcome.FAILED,
    "flakyFailure": Outcome.FAILED,
    "rerunError": Outcome.ERROR,
    "flakyError": Outcome.ERROR,
}
NOT_RUN = ("notrun", "skipped", "disabled", "suppressed")
"""Values of a testcase's `status` or `result`, as GoogleTest writes them."""


@dataclass(slots=True)
class _Ending:
    """One way in which a testcase ended: an element such as `failure`."""

    outcome: Outcome
    message: str
    text: str = ""
    cause: Cause | None = None

    def reason(self) -> str | None:
        return shortened(" ".join((self.message or self.text).split())) or None


@dataclass(slots=True)
class _Case:
    name: str
    started: str
    seconds: float
    ids: list[str] = field(default_factory=list)
    endings: list[_Ending] = field(default_factory=list)
    attempts: list[_Ending] = field(default_factory=list)


class _Reader:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.sightings: list[Sighting] = []
        self.fixtures: list[BrokenFixture] = []
        self.started: list[datetime] = []
        self.seconds = 0.0
        self._open: list[str] = []
        self._times: list[str] = [""]
        self._case: _Case | None = None
        self._ending: _Ending | None = None
        self._elements = 0
        self._parser = expat.ParserCreate("utf-8")  # whatever the file declares
        self._parser.StartDoctypeDeclHandler = self._doctype
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.CharacterDataHandler = self._text

    def read(self) -> None:
        try:
            self._parser.Parse(self.source.content, True)
        except expat.ExpatError as error:
            message = f"this is no XML: {expat.ErrorString(error.code)}, column {error.offset + 1}"
            self.source.wrong("xml", message, line=error.lineno)

    def _wrong(self, message: str, *, code: str = "junit") -> NoReturn:
        self.source.wrong(code, message, line=self._parser.CurrentLineNumber)

    def _doctype(self, *_: object) -> None:
        self._wrong("a document type (<!DOCTYPE ...>) is not read here", code="xml-doctype")

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if not self._open and tag not in ROOTS:
            self._wrong(f"the root of JUnit XML is testsuites or testsuite, not {tag[:60]!r}")
        if len(self._open) >= DEEPEST:
            self._wrong(f"the XML is nested deeper than {DEEPEST} levels", code="xml-depth")
        self._elements += 1
        if self._elements > MOST_ELEMENTS:
            self._wrong(f"the XML has more than {MOST_ELEMENTS:,} elements", code="too-large")
        self._open.append(tag)
        if tag in ROOTS:
            self._suite(attributes)
        elif tag == "testcase":
            if self._case:
                self._wrong("a testcase within a testcase")
            self._begin_case(attributes)
        elif self._case:
            self._within_case(self._case, tag, attributes)

    def _suite(self, attributes: dict[str, str]) -> None:
        when = _time(attributes.get("timestamp", ""))
        if when:
            self.started.append(when)
        self._times.append(when.isoformat() if when else self._times[-1])
        if len(self._open) == 1 and attributes.get("time"):
            self.seconds = self._number(attributes["time"])

    def _begin_case(self, attributes: dict[str, str]) -> None:
        if "name" not in attributes:
            self._wrong("the testcase has no name")
        name = ".".join(part for part in (attributes.get("classname", ""), attributes["name"]) if part)
        if not name or len(name) > LONGEST_NAME:
            self._wrong(f"a name has 1 to {LONGEST_NAME} characters")
        self._case = _Case(name, self._times[-1], self._number(attributes.get("time") or "0"))
        status = attributes.get("status", "").lower(), attributes.get("result", "").lower()
        if set(status) & set(NOT_RUN):
            self._case.endings.append(_Ending(Outcome.SKIPPED, "the report says that it was not run"))

    def _within_case(self, case: _Case, tag: str, attributes: dict[str, str]) -> None:
        if tag in CHILD or tag in OTHER_ATTEMPT:
            outcome = CHILD.get(tag) or OTHER_ATTEMPT[tag]
            self._ending = _Ending(outcome, shortened(attributes.get("message", ""), KEPT))
            if tag == "skipped" and attributes.get("type") == Outcome.NOT_RUN:
                self._ending.outcome = Outcome.NOT_RUN
            if tag == "skipped" and attributes.get("type") == f"{Outcome.SKIPPED} ({Cause.ABSENT})":
                self._ending.cause = Cause.ABSENT
            (case.endings if tag in CHILD else case.attempts).append(self._ending)
        elif tag == "property" and attributes.get("name") == "idempotent_id":
            case.ids.append(bare_uuid(attributes.get("value", "")))

    def _text(self, text: str) -> None:
        if self._ending and len(self._ending.text) < KEPT:
            self._ending.text += text[:KEPT]

    def _end(self, tag: str) -> None:
        self._open.pop()
        if tag in ROOTS:
            self._times.pop()
        elif tag == "testcase" and self._case:
            self._see(self._case)
            self._case = None
            check_count(self.source, len(self.sightings) + len(self.fixtures))
        elif tag in CHILD or tag in OTHER_ATTEMPT:
            self._ending = None

    def _see(self, case: _Case) -> None:
        outcome = worst(ending.outcome for ending in case.endings) if case.endings else Outcome.PASSED
        reason = next((one.reason() for one in case.endings if one.outcome is outcome), None)
        if is_fixture(case.name):
            fixture = broken_fixture(case.name, outcome, reason)
            self.fixtures += [fixture] if fixture else []
            return
        if outcome is Outcome.NOT_RUN:
            return
        name, in_name = split_id(case.name, plain_attributes=False)
        covers = tuple(dict.fromkeys(one for one in case.ids if one)) or in_name
        for one in case.attempts:
            self.sightings.append(
                Sighting(name=name, covers=covers, outcome=one.outcome, reason=one.reason(), started=case.started)
            )
        self.sightings.append(
            Sighting(
                name=name,
                covers=covers,
                outcome=outcome,
                reason=reason,
                started=case.started,
                seconds=case.seconds,
                cause=next((one.cause for one in case.endings if one.cause), None),
            )
        )

    def _number(self, text: str) -> float:
        """Seconds, with or without commas between thousands."""
        try:
            number = float(text.replace(",", ""))
        except ValueError:
            number = math.nan
        if not math.isfinite(number) or number < 0:
            self._wrong(f"{text[:40]!r} is no number of seconds")
        return number


def read(source: Source) -> Result:
    """The result in a JUnit XML file. InputError with the line of what is wrong."""
    source.text()  # too large, or not UTF-8
    reader = _Reader(source)
    reader.read()
    return make_result(
        source,
        Report(
            format="junit",
            sightings=reader.sightings,
            fixtures=tuple(reader.fixtures),
            started=min(reader.started).isoformat() if reader.started else "",
            seconds=reader.seconds,
        ),
    )


def _time(text: str) -> datetime | None:
    """A time without a zone is taken for UTC; None for what is no time."""
    try:
        when = datetime.fromisoformat(text)
        return (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None
