"""From plan and journal to the result: every planned test has an outcome. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise
from math import inf

from defcore.model.outcome import Attempt, TestRecord, telling, worst
from defcore.model.plan import Plan, PlannedTest
from defcore.model.result import CloudInfo, Leftover, Result, RunInfo
from defcore.run.journal import Journal, Line, moment


def make_result(plan: Plan, journal: Journal, leftovers: Iterable[Leftover] = ()) -> Result:
    """The result of a run; tests of which the journal says nothing are NOT_RUN."""
    lines: dict[str, list[Line]] = {}
    for line in journal.lines:
        lines.setdefault(line.test, []).append(line)
    records = tuple(_record(test, lines.get(test.case.id, [])) for test in plan.tests)
    every = all(len({attempt.n for attempt in record.attempts}) >= plan.repeat for record in records)
    header = journal.header
    return Result(
        run=RunInfo(
            id=header.run,
            started=header.started,
            finished=_finished(journal),
            seconds=_seconds(journal),
            complete=journal.complete and every,
            target=plan.target,
            settings=plan.settings,
            challenge=header.challenge,
        ),
        guideline=plan.guideline,
        guideline_digest=plan.guideline_digest,
        suite_version=plan.suite_version,
        suite_digest=plan.suite_digest,
        cloud=header.cloud or CloudInfo(name="", cpid="", region=None, endpoints=(), microversions=()),
        tests=records,
        leftovers=tuple(leftovers),
    )


def _record(test: PlannedTest, lines: list[Line]) -> TestRecord:
    """The test with the worst of its parts, of which a parametrised one has several, each with its attempts."""
    parts: dict[str, list[Attempt]] = {}
    for line in lines:
        parts.setdefault(line.nodeid, []).append(line.attempt)
    told = [telling(attempts) for attempts in parts.values()]
    outcome = worst(attempt.outcome for attempt in told)
    decisive = next((attempt for attempt in told if attempt.outcome is outcome), None)
    return replace(
        test.untried(),
        outcome=outcome,
        cause=decisive.cause if decisive else None,
        reason=decisive.reason if decisive else None,
        expected=decisive.expected if decisive else None,
        seen=decisive.seen if decisive else None,
        attempts=tuple(line.attempt for line in lines),
        findings=tuple(finding for attempt in told for finding in attempt.findings),
        evidence=_evidence(decisive),
    )


def _evidence(attempt: Attempt | None) -> str | None:
    return attempt.evidence if attempt else None


def _finished(journal: Journal) -> str | None:
    return journal.footer.finished if journal.footer else None


def _seconds(journal: Journal) -> float:
    """From the header to the footer, or to the last that was heard; of each part of a run that was resumed."""
    begins = [moment(at) for at in (journal.header.started, *(one.at for one in journal.resumed))]
    cuts = [0, *(one.lines for one in journal.resumed), len(journal.lines)]
    footers = [moment(at) for at in journal.ended]
    total = 0.0
    for begin, next_begin, (first, end) in zip(begins, [*begins[1:], inf], pairwise(cuts), strict=True):
        heard = [moment(line.attempt.started) + line.attempt.seconds for line in journal.lines[first:end]]
        heard += [footer for footer in footers if begin <= footer < next_begin]
        total += max([begin, *heard]) - begin
    return round(total, 3)
