"""Several results of one cloud, put together as if one file had told all of it.

The order in which they come, and the order in which they are put together, make no difference:

- A test's attempts are those of all files, by time. A promise that is broken in one file stays broken, and what
  one file found out is found out: FAILED, then PASSED, outweigh what was not decided. Where files disagree there is
  a Conflict.
- What a result says once (guideline, suite, target, region) stays if all say the same, and is empty otherwise.
- The run lasts from the first start to the last end, `seconds` is the longest, and it is complete if all are.

A file that is given twice counts once; a file that stands in two merged results would count twice and is refused,
and so are results of different clouds, for a verdict is about one.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import reduce
from typing import TypeVar

from defcore.errors import InputError, Problem
from defcore.model.documents import digest, result_document
from defcore.model.outcome import Attempt, Outcome, TestRecord, settled, worst
from defcore.model.result import MERGED, OWN, CloudInfo, Conflict, Origin, OriginFile, Result, RunInfo
from defcore.results.foreign import RUNS

T = TypeVar("T")
Pair = TypeVar("Pair", bound=tuple[str, ...])


def merge(results: Iterable[Result]) -> Result:
    """One result of all; a single one stays as it is. InputError if they cannot be put together."""
    named = list(results)
    distinct = list({_key(one): one for one in named}.values()) if len(named) > 1 else named
    if not distinct:
        raise ValueError("nothing to merge")
    return reduce(_merge_two, map(_placed, distinct)) if len(distinct) > 1 else distinct[0]


def _key(result: Result) -> tuple[str, ...]:
    return tuple(sorted(file.digest for file in result.origin.files)) or (digest(result_document(result)),)


def _placed(result: Result) -> Result:
    """With its files named, and each attempt with the file that it was read from."""
    if len(result.origin.files) > 1:
        return result
    (file,) = result.origin.files or (
        OriginFile(name=result.run.id, format=OWN, digest=digest(result_document(result))),
    )
    return replace(
        result,
        origin=replace(result.origin, files=(file,)),
        tests=tuple(_attributed(record, file.digest) for record in result.tests),
    )


def _attributed(record: TestRecord, source: str) -> TestRecord:
    """A record that has an outcome and no attempt gets the attempt that it stands for."""
    attempts = record.attempts
    if not attempts and record.outcome is not Outcome.NOT_RUN:
        attempts = (
            Attempt(n=1, outcome=record.outcome, started="", seconds=0.0, cause=record.cause, reason=record.reason),
        )
    return replace(record, attempts=_in_order(replace(one, source=source) for one in attempts))


def _in_order(attempts: Iterable[Attempt]) -> tuple[Attempt, ...]:
    """By time, numbered anew; the rest of the key makes the order the same whatever came first."""
    found = sorted(attempts, key=lambda one: (one.started, one.source or "", repr(replace(one, n=0))))
    return tuple(replace(one, n=n) for n, one in enumerate(found, 1))


def _merge_two(one: Result, other: Result) -> Result:
    _refuse_common_files(one, other)
    origin = _merge_origins(one.origin, other.origin)
    guideline, guideline_digest = _same(
        (one.guideline, one.guideline_digest), (other.guideline, other.guideline_digest), ("", "")
    )
    suite_version, suite_digest = _same(
        (one.suite_version, one.suite_digest), (other.suite_version, other.suite_digest), ("", "")
    )
    tests = _merge_tests(one.tests, other.tests)
    return Result(
        run=_merge_runs(one.run, other.run, origin),
        guideline=guideline,
        guideline_digest=guideline_digest,
        suite_version=suite_version,
        suite_digest=suite_digest,
        cloud=_merge_clouds(one.cloud, other.cloud),
        tests=tests,
        leftovers=tuple(sorted({*one.leftovers, *other.leftovers}, key=repr)),
        origin=replace(origin, conflicts=_conflicts(tests, origin.files)),
    )


def _refuse_common_files(one: Result, other: Result) -> None:
    common = {file.digest for file in one.origin.files} & {file.digest for file in other.origin.files}
    names = sorted(file.name for file in one.origin.files if file.digest in common)
    if names:
        message = f"{', '.join(names)} stands in two of the results; its tests would count twice"
        raise InputError(Problem(code="result.counted-twice", message=message))


def _same(one: T, other: T, otherwise: T) -> T:
    return one if one == other else otherwise


def _merge_runs(one: RunInfo, other: RunInfo, origin: Origin) -> RunInfo:
    starts = sorted(start for start in (one.started, other.started) if start)
    ends = sorted(end for end in (one.finished, other.finished) if end)
    complete = one.complete and other.complete
    return RunInfo(
        id=str(uuid.uuid5(RUNS, " ".join(sorted(file.digest for file in origin.files)))),
        started=starts[0] if starts else "",
        finished=ends[-1] if ends else None,
        seconds=max(one.seconds, other.seconds),
        complete=complete,
        target=_same(one.target, other.target, None),
        settings=tuple(sorted({*one.settings, *other.settings}, key=repr)),
        challenge=_same(one.challenge, other.challenge, None),
    )


def _merge_clouds(one: CloudInfo, other: CloudInfo) -> CloudInfo:
    """InputError if both name their cloud by its id, and differ."""
    if one.cpid and other.cpid and one.cpid != other.cpid:
        message = f"the results are of different clouds: {one.cpid[:64]} and {other.cpid[:64]} (cpid)"
        hint = "judge each cloud by itself"
        raise InputError(Problem(code="result.clouds", message=message, hint=hint))
    named = sorted([one, other], key=lambda cloud: (not cloud.cpid, cloud.name))
    return CloudInfo(
        name=named[0].name,
        cpid=named[0].cpid,
        region=_same(one.region, other.region, None),
        endpoints=_first_of_each(one.endpoints, other.endpoints),
        microversions=_first_of_each(one.microversions, other.microversions),
    )


def _first_of_each(one: tuple[Pair, ...], other: tuple[Pair, ...]) -> tuple[Pair, ...]:
    """What is known of each service, which is the first member."""
    known = {pair[0]: pair for pair in sorted({*one, *other}, reverse=True)}
    return tuple(known[service] for service in sorted(known))


def _merge_origins(one: Origin, other: Origin) -> Origin:
    return Origin(
        format=_same(one.format, other.format, MERGED),
        passes_only=one.passes_only and other.passes_only,
        files=tuple(sorted({*one.files, *other.files}, key=lambda file: (file.name, file.format, file.digest))),
        broken_fixtures=tuple(sorted({*one.broken_fixtures, *other.broken_fixtures}, key=repr)),
        remarks=tuple(sorted({*one.remarks, *other.remarks})),
    )


def _merge_tests(one: Sequence[TestRecord], other: Sequence[TestRecord]) -> tuple[TestRecord, ...]:
    """All records by id, in the order of their ids."""
    records = {record.id: record for record in one}
    for record in other:
        mine = records.get(record.id)
        records[record.id] = _merge_records(mine, record) if mine else record
    return tuple(records[name] for name in sorted(records))


def _merge_records(one: TestRecord, other: TestRecord) -> TestRecord:
    """The record that decides, with the attempts, official ids and findings of both."""
    outcome = _joint_outcome(one.outcome, other.outcome)
    decisive = min((record for record in (one, other) if record.outcome is outcome), key=_rank)
    described = min((one, other), key=lambda record: (not record.promise, record.promise, record.nodeid, record.name))
    return replace(
        decisive,
        nodeid=described.nodeid,
        name=described.name,
        promise=described.promise,
        reference=min((record.reference for record in (one, other)), key=_empty_last),
        capability=min((record.capability for record in (one, other)), key=_empty_last),
        covers=tuple(sorted({*one.covers, *other.covers})),
        attempts=_in_order((*one.attempts, *other.attempts)),
        findings=tuple(sorted({*one.findings, *other.findings}, key=repr)),
    )


def _joint_outcome(one: Outcome, other: Outcome) -> Outcome:
    told = {one, other} - {Outcome.NOT_RUN}
    return settled(told)


def _rank(record: TestRecord) -> tuple[str, ...]:
    """Which of two records with the same outcome speaks for both: any rule will do that knows no order."""
    parts = (record.cause, record.reason, record.expected, record.seen, record.evidence)
    return tuple(part for value in parts for part in _empty_last(value))


def _empty_last(value: str | None) -> tuple[str, str]:
    return ("0", value) if value else ("1", "")


def _conflicts(tests: Sequence[TestRecord], files: Sequence[OriginFile]) -> tuple[Conflict, ...]:
    """The tests of which files tell different outcomes."""
    names = {file.digest: file.name for file in files}
    found = []
    for record in tests:
        by_file: dict[str, set[Outcome]] = {}
        for attempt in record.attempts:
            by_file.setdefault(attempt.source or "", set()).add(attempt.outcome)
        if len(by_file) > 1 and len({worst(own) for own in by_file.values()}) > 1:
            told = sorted((names.get(source, source), source, worst(own)) for source, own in by_file.items())
            found.append(
                Conflict(
                    test=record.id,
                    outcomes=tuple(outcome for _, _, outcome in told),
                    files=tuple(name for name, _, _ in told),
                    taken=record.outcome,
                )
            )
    return tuple(found)
