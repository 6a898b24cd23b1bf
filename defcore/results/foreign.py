"""What another program saw of each test, made into a Result.

A reader hands over sightings: one for each time that a test stands in its file. A test's attempts are its
sightings in that order, and its outcome is the worst of them, so that a retry never buys a pass.
"""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from defcore.model.outcome import Attempt, Cause, Outcome, TestRecord, worst
from defcore.model.result import BrokenFixture, CloudInfo, Origin, OriginFile, Result, RunInfo
from defcore.results.source import Source

RUNS = uuid.UUID("5a2c9b0e-7d0f-5c6b-9a52-0d3e1f6c8b71")
"""Namespace of the ids of runs that another program made."""
MOST = 300_000
"""Times that tests stand in one file; Tempest's two thousand tests, a hundred times over."""
LONGEST_NAME = 1_000
LONGEST_REASON = 2_000
ATTRIBUTES = re.compile(r"\[(?P<inner>[^\[\]]*)\]")
ID = re.compile(r"id-(?P<uuid>[0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12})\Z")
FIXTURE = re.compile(
    r"(?:[^ ]*\.)?(?P<what>setUpClass|tearDownClass|setUpModule|tearDownModule) \((?P<class>[^()]+)\)\Z"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sighting:
    """A test, seen once."""

    name: str
    covers: tuple[str, ...]
    outcome: Outcome
    reason: str | None = None
    started: str = ""
    seconds: float = 0.0
    cause: Cause | None = None
    """Of SKIPPED: prerequisite where nothing else is said. That the cloud lacks something, few programs prove."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All that a file says."""

    format: str
    sightings: Sequence[Sighting]
    fixtures: tuple[BrokenFixture, ...] = ()
    remarks: tuple[str, ...] = ()
    passes_only: bool = False
    complete: bool = True
    cloud: str | None = None
    """Name of the cloud; the file's own if it does not say."""
    cpid: str = ""
    started: str = ""
    finished: str | None = None
    seconds: float = 0.0


def split_id(test_id: str, *, plain_attributes: bool = True) -> tuple[str, tuple[str, ...]]:
    """Name and official UUIDs of a test id such as `a.B.test_c[id-<uuid>,smoke](scenario)`.

    The attributes in brackets go, the parentheses of a scenario stay. Brackets without a UUID are attributes
    in a subunit stream (`plain_attributes`), and the parameter of a test elsewhere, which stays.
    """
    covers: list[str] = []

    def strip(match: re.Match[str]) -> str:
        found = [one["uuid"].lower() for part in match["inner"].split(",") if (one := ID.match(part.strip()))]
        covers.extend(found)
        return "" if found or plain_attributes else match[0]

    name = ATTRIBUTES.sub(strip, test_id).strip()
    return name or test_id, tuple(dict.fromkeys(covers))


def bare_uuid(text: str) -> str:
    """An official id in lower case and without the prefix `id-`."""
    return text.strip().lower().removeprefix("id-")


def broken_fixture(test_id: str, outcome: Outcome, reason: str | None) -> BrokenFixture | None:
    """What the entry `setUpClass (a.B)`, which is no test, means if it did not pass; None if it is no such entry."""
    match = FIXTURE.match(test_id)
    if not match or outcome is Outcome.PASSED:
        return None
    verb = "was skipped" if outcome is Outcome.SKIPPED else "failed"
    return BrokenFixture(
        class_name=match["class"],
        reason=shortened(f"{match['what']} {verb}: {reason or 'no reason is on record'}"),
        outcome=Outcome.SKIPPED if outcome is Outcome.SKIPPED else Outcome.ERROR,
    )


def check_count(source: Source, count: int) -> None:
    """InputError if a file tells of more than memory should hold."""
    if count > MOST:
        source.wrong("too-large", f"the file tells of more than {MOST:,} tests")


def is_fixture(test_id: str) -> bool:
    return FIXTURE.match(test_id) is not None


def shortened(text: str, limit: int = LONGEST_REASON) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"


def make_result(source: Source, report: Report) -> Result:
    """The Result that the file's report amounts to. InputError if it tells of no test at all."""
    if not report.sightings and not report.fixtures:
        source.wrong("empty", "the file tells of no test", hint="is it the whole file?")
    digest = source.digest
    return Result(
        run=RunInfo(
            id=str(uuid.uuid5(RUNS, digest)),
            started=report.started,
            finished=report.finished,
            seconds=report.seconds,
            complete=report.complete,
            target=None,
            settings=(),
        ),
        guideline="",
        guideline_digest="",
        suite_version="",
        suite_digest="",
        cloud=CloudInfo(
            name=report.cloud or source.stem, cpid=report.cpid, region=None, endpoints=(), microversions=()
        ),
        tests=_records(report.sightings),
        origin=Origin(
            format=report.format,
            passes_only=report.passes_only,
            files=(OriginFile(name=source.name, format=report.format, digest=digest),),
            broken_fixtures=tuple(dict.fromkeys(report.fixtures)),
            remarks=report.remarks,
        ),
    )


def _records(sightings: Iterable[Sighting]) -> tuple[TestRecord, ...]:
    by_name: dict[str, list[Sighting]] = {}
    for sighting in sightings:
        by_name.setdefault(sighting.name, []).append(sighting)
    return tuple(_record(name, own) for name, own in by_name.items())


def _record(name: str, sightings: Sequence[Sighting]) -> TestRecord:
    outcome = worst(one.outcome for one in sightings)
    deciding = [one for one in sightings if one.outcome is outcome]
    decisive = next((one for one in deciding if one.cause is Cause.ABSENT), deciding[0])
    return TestRecord(
        id=name,
        nodeid=name,
        name=name,
        promise="",
        reference=None,
        capability=None,
        covers=tuple(sorted({official for one in sightings for official in one.covers})),
        outcome=outcome,
        cause=_cause(decisive),
        reason=decisive.reason,
        attempts=tuple(
            Attempt(
                n=n,
                outcome=one.outcome,
                started=one.started,
                seconds=one.seconds,
                cause=_cause(one),
                reason=one.reason,
            )
            for n, one in enumerate(sightings, 1)
        ),
    )


def _cause(sighting: Sighting) -> Cause | None:
    return sighting.cause or Cause.PREREQUISITE if sighting.outcome is Outcome.SKIPPED else None
