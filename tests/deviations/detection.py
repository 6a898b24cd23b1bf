"""Runs the suite against a cloud that deviates, and finds out which tests notice.

Killed: a test FAILED that passes when the cloud is left alone. An ERROR is no verdict about the cloud, so it
kills nothing, but it is told.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
import tempfile
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import pytest

from defcore.catalog import find_data, load_catalog
from defcore.errors import CannotTell
from defcore.model.capability import Catalog, TestCase
from defcore.model.outcome import Outcome
from defcore.run.contact import open_user
from defcore.run.context import Orders, RunContext
from defcore.run.exchange import Recorder
from defcore.run.facts import gather
from defcore.run.journal import FILE as JOURNAL
from defcore.run.journal import Journal, read_journal
from defcore.run.ledger import FILE as LEDGER
from defcore.run.ledger import Entry, strike_run
from defcore.run.settings import choose
from defcore.run.sweep import sweep
from tests.deviations import bench_plugin
from tests.deviations.asked import Asked, without_repeats
from tests.deviations.cloud import CloudFile
from tests.deviations.deviation import Changer, Deviation
from tests.deviations.proxy import Proxy

PAUSE, LOG = "pause", "pytest.log"
PROCESSES = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(
    ["pytest", "xdist", "openstack.config", "defcore.run.contact", "defcore.suite.support", __name__]
)
"""Each pytest is a fork of a process that has all imports behind it, but that of the suite."""
SUITE = find_data().suite
LIMIT = 600
"""Seconds that a phase of a test may take; waiting for what a deviation prevents ends with it."""
LONGEST_RUN = 1800


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What became of one test."""

    outcome: Outcome
    reason: str
    asked: tuple[Asked, ...] = ()
    """Its calls."""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """A run of the suite."""

    seen: Mapping[str, Seen]
    """By the test's id."""
    differed: int
    """Calls that the deviation made a difference to."""
    troubles: tuple[str, ...]
    """Of the proxy or of pytest, which leave tests without an outcome."""

    def of(self, outcome: Outcome) -> tuple[str, ...]:
        return tuple(id for id, one in self.seen.items() if one.outcome is outcome)


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """A deviation, and what the tests made of it."""

    deviation: Deviation
    ran: tuple[str, ...]
    """Ids of the tests that pass when the cloud is left alone."""
    killed_by: tuple[str, ...]
    """Those that FAILED."""
    errors: tuple[str, ...]
    """Those that could not find out."""
    differed: int
    """Calls that the deviation made a difference to."""
    reason: str = ""
    """Of the first that FAILED, else of the first ERROR."""
    troubles: tuple[str, ...] = ()
    """Of the proxy or of pytest: such a detection says little."""

    @property
    def killed(self) -> bool:
        return bool(self.killed_by)

    @property
    def says_something(self) -> bool:
        """Whether the tests had anything to notice, and could be run."""
        return not self.troubles and bool(self.killed or self.differed)

    def __add__(self, other: Detection) -> Detection:
        """Of the same deviation, with more tests."""
        return Detection(
            deviation=self.deviation,
            ran=self.ran + other.ran,
            killed_by=self.killed_by + other.killed_by,
            errors=self.errors + other.errors,
            differed=self.differed + other.differed,
            reason=(other.reason if other.killed_by else self.reason or other.reason),
            troubles=self.troubles + other.troubles,
        )


@dataclass(slots=True, kw_only=True)
class Bench:
    """The suite, a proxy and the users to run with."""

    proxy: Proxy
    users: Mapping[str, str]
    """Role -> name in clouds.yaml."""
    folder: Path
    catalog: Catalog = field(default_factory=lambda: load_catalog(find_data()))
    settings: dict[str, str | None] = field(default_factory=dict)
    clouds_file: Path = field(init=False)
    cleaner: RunContext = field(init=False)
    """Logged in for the clean-up."""

    def __post_init__(self) -> None:
        self.clouds_file = self.folder / "clouds.yaml"
        orders = Orders(
            run=str(uuid.uuid4()),
            folder=str(self.folder / "cleaner"),
            keeps_evidence=False,
            users=self.users,
            settings={},
            reference_file=str(self.clouds_file),
            limit=LIMIT,
        )
        self.cleaner = RunContext(orders)

    def prepare(self, clouds: CloudFile) -> None:
        """Write the clouds.yaml that leads to the proxy, and choose image, flavor and network once for all runs."""
        clouds.write(self.clouds_file, self.proxy.origins)
        user = open_user("primary", self.users["primary"], Recorder(), reference_file=clouds.path)
        user.open()
        self.settings = {one.name: one.value for one in choose(gather(user), {})}

    def tests_for(self, deviation: Deviation, *, whole_service: bool = False) -> tuple[TestCase, ...]:
        """The tests of the capability that the deviation is aimed at, or of its whole service."""
        if whole_service:
            return tuple(test for test in self.catalog.tests if test.service is deviation.service)
        aimed = [one for one in self.catalog.capabilities if one.id == deviation.capability]
        ids = {id for capability in aimed for id in capability.tests}
        return tuple(test for test in self.catalog.tests if test.id in ids)

    @property
    def now(self) -> Path:
        """The file that holds the id of the test that runs."""
        return self.folder / "now"

    def run(self, tests: Sequence[TestCase], deviation: Changer | None = None, *, enough: bool = False) -> Ran:
        """Run these tests in this order through the proxy, and remove again, undisturbed, all that they made.

        `enough`: end with the first that FAILED.
        """
        with tempfile.TemporaryDirectory(dir=self.folder, prefix="run-") as name:
            folder = Path(name)
            self.proxy.disturb(deviation, pause=folder / PAUSE)
            try:
                broken = _pytest(self, folder, tests, enough=enough)
                differed, troubles = self.proxy.changed, [*self.proxy.troubles, *broken]
                journal = read_journal(folder) if (folder / JOURNAL).exists() else None
                seen = _seen(journal, self.proxy.asked) if journal else {}
            finally:
                self.proxy.disturb(None)
                _remove_all(folder, self)
            if journal:
                strike_run(journal.header.run)
        ran = Ran(seen=seen, differed=differed, troubles=())
        missing = [test.name for test in tests if test.id not in seen]
        if missing and not (enough and ran.of(Outcome.FAILED)):
            troubles.append(f"no outcome of {', '.join(missing)}")
        return replace(ran, troubles=tuple(troubles))

    def detect(self, deviation: Deviation, tests: Sequence[TestCase], *, all_tests: bool = False) -> Detection:
        """Run the tests, all of which pass when the cloud is left alone, while the cloud deviates."""
        none = Ran(seen={}, differed=0, troubles=())
        ran = self.run(tests, deviation, enough=not all_tests) if tests else none
        killed, errors = ran.of(Outcome.FAILED), ran.of(Outcome.ERROR)
        return Detection(
            deviation=deviation,
            ran=tuple(ran.seen),
            killed_by=killed,
            errors=errors,
            differed=ran.differed,
            reason=next((ran.seen[id].reason for id in [*killed, *errors]), ""),
            troubles=ran.troubles,
        )


def _seen(journal: Journal, asked: Sequence[Asked]) -> dict[str, Seen]:
    """What the journal says of each test, with its calls: those from its beginning to that of the next one."""
    begins = [datetime.fromisoformat(line.attempt.started).timestamp() for line in journal.lines]
    ends = [*begins, float("inf")][1:]
    return {
        line.test: Seen(
            outcome=line.attempt.outcome,
            reason=line.attempt.reason or "",
            asked=without_repeats(call for call in asked if begin <= call.at < end),
            seconds=line.attempt.seconds,
        )
        for line, begin, end in zip(journal.lines, begins, ends, strict=True)
    }


def _pytest(bench: Bench, folder: Path, tests: Sequence[TestCase], *, enough: bool) -> list[str]:
    """Run the tests in a process of their own. Returns what kept pytest from running them."""
    plan = folder / "selection.json"
    settings = {name: {"value": value} for name, value in bench.settings.items()}
    plan.write_text(
        json.dumps({"tests": [{"nodeid": test.nodeid, "id": test.id} for test in tests], "settings": settings})
    )
    files = sorted({str(SUITE / test.nodeid.partition("::")[0]) for test in tests})
    roles = [f"--defcore-{role}-cloud={cloud}" for role, cloud in bench.users.items() if role != "primary"]
    arguments = [
        *("-q", "-n", "0", "-p", "no:cacheprovider", "-p", bench_plugin.__name__, f"--rootdir={folder}"),
        *(f"--defcore-cloud={bench.users['primary']}", *roles, f"--defcore-limit={LIMIT}"),
        *(f"--defcore-plan={plan}", f"--defcore-run={folder}", *files),
    ]
    environment = {
        "OS_CLIENT_CONFIG_FILE": str(bench.clouds_file),
        bench_plugin.VARIABLE: str(folder / PAUSE),
        bench_plugin.ENOUGH: "1" if enough else "",
        bench_plugin.NOW: str(bench.now),
    }
    process = PROCESSES.Process(target=_in_process, args=(arguments, environment, folder))
    process.start()
    try:
        process.join(LONGEST_RUN)
    finally:
        if process.is_alive():
            process.kill()
            process.join()
    log = (folder / LOG).read_text()
    return [] if process.exitcode in (0, 1) else [f"pytest ended with {process.exitcode}:\n{log[-4000:]}"]


def _in_process(arguments: list[str], environment: dict[str, str], folder: Path) -> None:
    """Be pytest, with a clean environment."""
    log = os.open(folder / LOG, os.O_WRONLY | os.O_CREAT, 0o600)
    for stream in (1, 2):
        os.dup2(log, stream)
    for name in [name for name in os.environ if name.startswith(("OS_", "DEFCORE_"))]:
        del os.environ[name]
    os.environ.update(environment)
    os.chdir(folder)
    sys.exit(pytest.main(arguments))


def _remove_all(folder: Path, bench: Bench) -> None:
    """Remove what the run made, also what a deviating cloud only claimed to have removed. Raises CannotTell."""
    path = folder / LEDGER
    events = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    made = {event["key"]: dict(event) for event in events if event["event"] == "intend"}
    for event in events:
        if event["event"] == "created":
            made[event["key"]]["id"] = event["id"]
    roles = {cloud: role for role, cloud in reversed(bench.users.items())}
    entries = [
        Entry(key=key, kind=one["kind"], cloud=one["cloud"], path=one["path"], name=one["name"], id=one["id"])
        for key, one in made.items()
        if one["id"]
    ]
    left = sweep(
        entries,
        open_cloud=lambda name: bench.cleaner.actor(roles[name]),
        gone=lambda _: None,
        listener=lambda _: None,
    )
    if left:
        raise CannotTell("; ".join(f"{one.kind} {one.name or one.id}: {one.reason}" for one in left))
