"""The part of the plugin that writes the journal: in xdist's controller, or in the only process.

A test's line is written when its teardown is reported, or when its worker died.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from defcore.model.outcome import Attempt, Cause, Finding, Outcome
from defcore.run.conduct import ATTRIBUTE, STOP, UNWRITTEN
from defcore.run.demise import how_it_ended
from defcore.run.journal import CRASH, Footer, JournalWriter, Line
from defcore.run.outcomes import Phase, crashed, fold_phases

PHASES = ("setup", "call", "teardown")
CANNOT_WRITE = 73
"""Pytest's exit status when the journal cannot be written (EX_CANTCREAT)."""


@dataclass(slots=True)
class _Pending:
    """A test of which not all phases are reported."""

    test: str = ""
    phases: list[Phase] = field(default_factory=list)
    findings: tuple[Finding, ...] = ()
    evidence: str | None = None
    started: float = field(default_factory=time.time)
    seconds: float = 0.0
    worker: str | None = None


class Scribe:
    """Registered in the one process that hears of every test."""

    def __init__(
        self, writer: JournalWriter, ids: Mapping[str, str], attempts: Mapping[str, int], *, folder: Path
    ) -> None:
        """`ids`: nodeid -> UUID, for tests that die unheard of; `attempts`: nodeid -> number of the last one before;
        `folder`: the run's, which has a file `stop` if the run was told to."""
        self._writer = writer
        self._ids = ids
        self._attempts = dict(attempts)
        self._pending: dict[tuple[str, str], _Pending] = {}
        """By node id and worker: attempts at one test may overlap."""
        self._begun: dict[str, float] = {}
        self._running: Counter[str] = Counter()
        """Node id -> attempts that have begun and not ended."""
        self._ended: set[tuple[str, str]] = set()
        self._clock = time.monotonic()
        self._folder = folder

    @pytest.hookimpl
    def pytest_runtest_logstart(self, nodeid: str) -> None:
        self._begun[nodeid] = time.time()
        self._running[nodeid] += 1

    @pytest.hookimpl
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        place = report.nodeid, _worker(report)
        if report.when not in PHASES and place in self._ended and not self._running[report.nodeid]:
            return  # the worker died after the test, before it took the next one
        if place not in self._pending:
            self._pending[place] = _Pending(started=self._begun.get(report.nodeid, time.time()))
        pending = self._pending[place]
        if report.when not in PHASES:
            self._crashed(report, pending)
            self._write(place)
            return
        details: dict[str, Any] = getattr(report, ATTRIBUTE, {})
        if not details:
            return
        if details.get(UNWRITTEN):  # the attempt does not count, and is made again when the run is resumed
            pytest.exit(str(details[UNWRITTEN]), returncode=CANNOT_WRITE)
        pending.test = details["test"]
        pending.worker = getattr(report, "worker_id", None)
        pending.phases.append(_phase(details))
        pending.findings += tuple(Finding(**one) for one in details["findings"])
        pending.evidence = details["evidence"] or pending.evidence
        if report.when == "setup":
            pending.started = report.start
        pending.seconds += report.duration
        if report.when == "teardown":
            self._write(place)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, exitstatus: int) -> None:
        ended = "broken"
        if exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.NO_TESTS_COLLECTED):
            ended = "stopped" if (self._folder / STOP).exists() else "done"
        elif exitstatus == pytest.ExitCode.INTERRUPTED:
            ended = "stopped"
        finished = datetime.now(UTC).isoformat()
        self._guarded(Footer(finished=finished, seconds=round(time.monotonic() - self._clock, 3), ended=ended))
        self._writer.close()

    def _crashed(self, report: pytest.TestReport, pending: _Pending) -> None:
        node = getattr(report, "node", None)
        reason = how_it_ended(node, self._folder) if node else str(report.longrepr)
        done = [phase.when for phase in pending.phases]
        pending.phases.append(crashed(_next_phase(done), reason))
        pending.seconds = time.time() - pending.started
        pending.findings += (_crash(reason),)
        pending.worker = _worker(report) or None

    def _write(self, place: tuple[str, str]) -> None:
        nodeid, pending = place[0], self._pending.pop(place)
        self._running[nodeid] = max(0, self._running[nodeid] - 1)
        self._ended.add(place)
        main, more = fold_phases(pending.phases)
        number = self._attempts[nodeid] = self._attempts.get(nodeid, 0) + 1
        attempt = Attempt(
            n=number,
            outcome=main.outcome,
            started=datetime.fromtimestamp(pending.started, UTC).isoformat(),
            seconds=round(pending.seconds, 3),
            cause=main.cause,
            reason=main.reason,
            expected=main.expected,
            seen=main.seen,
            findings=(*pending.findings, *more),
            evidence=pending.evidence,
        )
        test = pending.test or self._ids.get(nodeid, "")
        self._guarded(Line(test=test, nodeid=nodeid, attempt=attempt, worker=pending.worker))

    def _guarded(self, what: Line | Footer) -> None:
        try:
            if isinstance(what, Line):
                self._writer.line(what)
            else:
                self._writer.footer(what)
        except OSError as error:
            pytest.exit(f"the journal cannot be written: {error}", returncode=CANNOT_WRITE)


def _worker(report: pytest.TestReport) -> str:
    """Where the test ran; xdist's node also tells it of a worker that died."""
    node = getattr(report, "node", None)
    return str(node.gateway.id) if node else ""


def _next_phase(done: list[str]) -> str:
    return next((when for when in PHASES if when not in done), "teardown")


def _crash(reason: str) -> Finding:
    return Finding(kind=CRASH, where="worker", expected="the worker lives on", seen=reason)


def _phase(details: Mapping[str, Any]) -> Phase:
    return Phase(
        when=details["when"],
        outcome=Outcome(details["outcome"]),
        cause=Cause(details["cause"]) if details["cause"] else None,
        reason=details["reason"],
        expected=details["expected"],
        seen=details["seen"],
        cleanup=details["cleanup"],
    )
