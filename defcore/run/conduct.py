"""The part of the plugin that runs tests, in each worker: needs, locks, deadlines, outcomes, evidence."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Generator
from dataclasses import asdict
from pathlib import Path
from typing import Any, TextIO

import pytest

from defcore.errors import Absent, CannotTell, Prerequisite
from defcore.model.capability import Service
from defcore.model.outcome import Finding, Outcome
from defcore.run.context import Orders, RunContext
from defcore.run.deadline import deadline
from defcore.run.demise import HANG, hang_log, remove_empty
from defcore.run.durable import is_full
from defcore.run.evidence import write_evidence
from defcore.run.journal import AWAY
from defcore.run.outcomes import Phase, doubted, judge_phase, missing_needs
from defcore.run.repeating import NOT_TAKEN, ON_THE_WAY, PROXY_LOGIN

STOP = "stop"
"""A file of this name in the run's folder: start no more tests."""
ATTRIBUTE = "defcore"
"""Of a test report: what the controller writes into the journal."""
UNWRITTEN = "unwritten"
"""In it: what could not be written down, so that the attempt does not count."""


def mark_args(item: pytest.Item, name: str) -> tuple[str, ...]:
    """The arguments of all marks of this name."""
    return tuple(str(arg) for mark in item.iter_markers(name) for arg in mark.args)


class Conduct:
    """Registered where tests run: in a worker, or in the only process."""

    def __init__(self, orders: Orders) -> None:
        self.orders = orders
        self.folder = Path(orders.folder)
        self.context = RunContext(orders)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> bool | None:  # noqa: ARG002
        """Once told to stop, what is left of the queue drains without being run."""
        return True if (self.folder / STOP).exists() else None

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Before any fixture: what the test needs, and its turn."""
        self.context.recorder.take()
        self.context.recorder.secrets.forget_learned()
        self.context.take_findings()
        self.context.begin_test()
        if item.config.getoption("--defcore-repeat") > 1:
            self.context.gate.attempt((mark_args(item, "uuid") or ("",))[0])
        needs = mark_args(item, "needs")
        missing = missing_needs(needs, self.orders.users, self.orders.settings)
        if missing:
            self._prove_absent(item.path)
            raise Prerequisite("needs " + "; ".join(remedy for _, remedy in missing))
        kinds = mark_args(item, "exclusive")
        if "disposable" in needs and "disposable" in self.orders.users:  # one user for all tests, one after another
            kinds += ("disposable",)
        if kinds:
            self.context.gate.alone(kinds)

    def _prove_absent(self, path: Path) -> None:
        """A service that the catalog lacks is the cloud's answer, whatever the tester did not give besides."""
        service = next((one for one in Service if path.parent.name == one.value.replace("-", "_")), None)
        user = self.context.actor("primary")
        identity = user.endpoint(Service.IDENTITY)
        if service is None or user.endpoint(service) is not None or identity is None:
            return
        url = f"{identity}/v3/auth/catalog"
        answer = user.request("GET", url, headers={"X-Auth-Token": user.token()}, data=None, timeout=60)
        if answer.status_code in (*ON_THE_WAY, *NOT_TAKEN, PROXY_LOGIN):
            raise CannotTell(f"GET {url} answered {answer.status_code}")
        raise Absent(f"no {service} service in the catalog (GET {url})")

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(
        self, item: pytest.Item, call: pytest.CallInfo[None]
    ) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        report = yield
        phase = judge_phase(call.when, call.excinfo and call.excinfo.value, _own_code(item))
        phase = doubted(phase, self.context.recorder.unsure)
        if self.context.recorder.away and phase.outcome is Outcome.ERROR:
            about = {
                "where": self.context.recorder.away,
                "expected": "somebody who hears it",
                "seen": "nobody is there",
            }
            self.context.note(Finding(kind=AWAY, **about))
        phase = self._cleaned(phase)
        self._show(report, phase, item)
        details = _plain(phase) | {"test": (mark_args(item, "uuid") or ("",))[0], "findings": [], "evidence": None}
        if call.excinfo and is_full(call.excinfo.value):
            details[UNWRITTEN] = phase.reason
        if call.when == "teardown":
            details["findings"] = [
                {name: self._clean(text) for name, text in asdict(finding).items()}
                for finding in self.context.take_findings()
            ]
            try:
                details["evidence"] = self._evidence()
            except OSError as error:
                details[UNWRITTEN] = f"the evidence cannot be written: {error}"
            except CannotTell as late:  # what the test has found out stands without
                about = {"where": "the evidence", "expected": "an end in time", "seen": f"{late}: none is kept"}
                details["findings"].append({"kind": HANG, **about})
            self.context.gate.release()
        setattr(report, ATTRIBUTE, details)
        return report

    def _evidence(self) -> str | None:
        dropped = self.context.recorder.dropped
        with deadline(self.orders.limit, "cleaning the evidence", log=None, told=lambda what, _: what):
            exchanges = self.context.recorder.take()
        if not self.orders.keeps_evidence:
            return None
        return write_evidence(self.folder, exchanges, dropped=dropped)

    def _clean(self, text: str) -> str:
        return self.context.recorder.secrets.clean(text)

    def _cleaned(self, phase: Phase) -> Phase:
        texts = {name: getattr(phase, name) for name in ("reason", "expected", "seen")}
        cleaned = {name: self._clean(text) if text else text for name, text in texts.items()}
        return Phase(when=phase.when, outcome=phase.outcome, cause=phase.cause, cleanup=phase.cleanup, **cleaned)

    def _show(self, report: pytest.TestReport, phase: Phase, item: pytest.Item) -> None:
        """Pytest's own output, without secrets and without the values of variables."""
        if phase.cause:
            report.outcome = "skipped"
            report.longrepr = (str(item.path), item.reportinfo()[1] or 0, f"{phase.cause}: {phase.reason}")
        elif report.failed:
            report.longrepr = f"{phase.reason}\n{self._clean(str(report.longrepr))}"
        elif isinstance(report.longrepr, tuple):
            report.longrepr = (*report.longrepr[:2], self._clean(report.longrepr[2]))
        report.sections = [(title, self._clean(content)) for title, content in report.sections]


class Deadlines:
    """Registered beside `Conduct`: each phase of a test has an end."""

    def __init__(self, orders: Orders, context: RunContext) -> None:
        self.seconds, self.context = orders.limit, context
        self._path = hang_log(Path(orders.folder), os.getpid())
        self._log: TextIO | None = None
        with contextlib.suppress(OSError):
            self._log = self._path.open("a")

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_setup(self) -> Generator[None, object, object]:
        with deadline(self.seconds, "the set-up", log=self._log, told=self._told):
            return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self) -> Generator[None, object, object]:
        with deadline(self.seconds, "the test", log=self._log, told=self._told):
            return (yield)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_teardown(self) -> Generator[None, object, object]:
        with deadline(self.seconds, "the clean-up", log=self._log, told=self._told):
            return (yield)

    def pytest_unconfigure(self) -> None:
        if self._log:
            self._log.close()
        remove_empty(self._path)

    def _told(self, what: str, places: tuple[str, ...]) -> str:
        """The reason; where the test stood is a finding, and in the log in case that the reason gets no further."""
        request = self.context.recorder.begun
        about = f"{what}; its last request was {request}" if request else f"{what}, and asked the cloud nothing"
        stood = "\n".join(places)
        self.context.note(Finding(kind=HANG, where=request or "no request", expected="an end in time", seen=stood))
        if self._log:
            with contextlib.suppress(OSError):
                self._log.write(f"{about}\n{stood}\n")
                self._log.flush()
        return f"{about}; it stood at {places[0]}" if places else about


def _own_code(item: pytest.Item) -> tuple[Path, ...]:
    """Where a plain `assert` speaks about the cloud: the suite, or the folder of a test outside it."""
    suite = next((one for one in item.path.parents if one.name == "suite" and one.parent.name == "defcore"), None)
    return (suite or item.path.parent,)


def _plain(phase: Phase) -> dict[str, Any]:
    """The phase in the few types that travel to xdist's controller."""
    cause = phase.cause.value if phase.cause else None
    return asdict(phase) | {"outcome": phase.outcome.value, "cause": cause}
