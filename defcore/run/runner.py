"""Runs the tests of a plan: pytest and xdist in a process group of their own, watched through the journal.

Ctrl-C once: no more tests are started, those that run finish and clean up. Twice: they are cut off. Either way
what they left in the cloud is removed, by the ledger, and what was measured is kept.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from types import FrameType
from typing import IO

from defcore.errors import InputError, Problem, UnknownError
from defcore.model.plan import Plan
from defcore.model.result import CloudInfo, Leftover, Result
from defcore.run import lifeline
from defcore.run.capacity import Room
from defcore.run.conduct import HANGS, STOP
from defcore.run.deadline import GRACE
from defcore.run.events import Event, Listener, OutOfTime, Stopping, Sweeping, TestEnded, TestsStarted
from defcore.run.exchange import Recorder
from defcore.run.journal import FILE, Header, JournalWriter, parse_line, read_journal
from defcore.run.ledger import index_run, left_by
from defcore.run.leftovers import sweep_run
from defcore.run.log import LogCleaner
from defcore.run.plugin import LIMIT, versions
from defcore.run.result import make_result
from defcore.run.scribe import CANNOT_WRITE

PYTEST_LOG = "pytest.log"
POLL = 0.2
"""Seconds between looks at the journal."""
MINUTE = 60.0
LAST_WORDS = 15.0
"""Seconds for the process group to end by itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunRequest:
    run: str
    """UUID."""
    folder: Path
    """The run folder, which has `plan.json` already."""
    plan: Plan
    plan_digest: str
    cloud: CloudInfo
    users: Mapping[str, str]
    """Role -> name in clouds.yaml."""
    workers: int
    reference_file: Path | None = None
    limit: float = LIMIT
    shuffle: int | None = None
    """Seed of a random order of the tests."""
    room: Room | None = None
    """Where the project has little room for so many workers."""
    challenge: str | None = None
    """Of a board."""
    suite: str = "defcore.suite"
    """Package of the tests."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOutcome:
    result: Result
    problems: tuple[Problem, ...]
    """Why the run is incomplete, if it is."""


def check_folder(folder: Path) -> None:
    """Raises InputError for a run folder that holds something."""
    try:
        taken = next(folder.iterdir(), None) if folder.exists() else None
    except OSError as error:
        raise _unusable(folder, error) from None
    if taken is not None:
        hint = "name another one with --out; a run is never written over another"
        raise InputError(
            Problem(code="run.not-empty", message=f"the run folder holds {taken.name!r}", where=str(folder), hint=hint)
        )


def _unusable(folder: Path, error: OSError) -> InputError:
    message = f"the run folder cannot be used: {error.strerror or error}"
    return InputError(Problem(code="run.folder", message=message, where=str(folder)))


def claim_folder(folder: Path) -> Path:
    """Make the run folder, or take an empty one. Raises InputError."""
    check_folder(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        probe = folder / ".probe"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise _unusable(folder, error) from None
    return folder.resolve()


def run_tests(request: RunRequest, listener: Listener, recorder: Recorder) -> RunOutcome:
    """Run the plan's tests, remove what they left, and say what was measured.

    `recorder` knows the secrets of the users, which are kept out of pytest's log.
    """
    index_run(request.run, request.folder, tuple(request.users.values()))
    writer = JournalWriter(request.folder)
    writer.header(_header(request))
    writer.close()
    problems: list[Problem] = []
    with _Interrupts() as interrupts:
        listener(TestsStarted(total=len(request.plan.tests) * request.plan.repeat, workers=request.workers))
        if request.plan.tests:
            problems += _Tests(request, listener, recorder, interrupts).run()
        leftovers = _clean_up(request, listener, interrupts)
    journal = read_journal(request.folder)
    problems += [one for one in journal.problems if not (problems and one.code == "journal.footer")]
    return RunOutcome(result=make_result(request.plan, journal, leftovers), problems=tuple(problems))


def _header(request: RunRequest) -> Header:
    return Header(
        run=request.run,
        started=datetime.now(UTC).isoformat(),
        plan=request.plan_digest,
        cloud=request.cloud,
        users=tuple(request.users.items()),
        versions=versions(),
        challenge=request.challenge,
    )


class _Interrupts:
    """Counts Ctrl-C instead of dying of it, while it is entered."""

    SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def __init__(self) -> None:
        self.count = 0
        self._before: list[tuple[int, object]] = []

    def __enter__(self) -> _Interrupts:
        if threading.current_thread() is threading.main_thread():
            self._before = [(number, signal.signal(number, self._heard)) for number in self.SIGNALS]
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before:
            signal.signal(number, handler)  # type: ignore[arg-type]

    def _heard(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002
        self.count += 1


class _Tests:
    """Pytest at work."""

    def __init__(self, request: RunRequest, listener: Listener, recorder: Recorder, interrupts: _Interrupts) -> None:
        self.request, self.listener, self.interrupts = request, listener, interrupts
        self.recorder = recorder
        self.done: set[tuple[str, int]] = set()
        self.total = len(request.plan.tests) * request.plan.repeat
        self.time_ends = time.monotonic() + MINUTE * request.plan.budget.minutes
        self.out_of_time = False

    def run(self) -> list[Problem]:
        request = self.request
        reading, writing = os.pipe()
        environment = _environment() | {lifeline.VARIABLE: str(reading)}
        process = subprocess.Popen(
            _command(request),
            cwd=request.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=(reading,),
        )
        os.close(reading)
        log = threading.Thread(target=self._log, args=(process.stdout,), daemon=True)
        log.start()
        try:
            stalled = self._watch(process)
        finally:
            _end_group(process)
            os.close(writing)
            log.join(LAST_WORDS)
        return self._problems(process.returncode, stalled)

    def _watch(self, process: subprocess.Popen[bytes]) -> bool:
        """Until the tests have ended, or must. Returns whether nothing was heard for too long."""
        news = _follow(self.request.folder / FILE)
        silence_ends = self._silence_ends()
        told = 0
        while True:
            ended = process.poll() is not None
            for event in self._events(news):
                self.listener(event)
                silence_ends = self._silence_ends()
            if ended:
                return False
            if self.interrupts.count > told:
                told = self.interrupts.count
                self.listener(Stopping(at_once=told > 1))
                if told > 1:
                    return False
            if not (told or self.out_of_time) and self._time_is_over():
                self.out_of_time = True
                self.listener(OutOfTime(minutes=self.request.plan.budget.minutes))
            if told or self.out_of_time:  # again and again: pytest, when it starts, removes that of an earlier run
                (self.request.folder / STOP).touch()
            if time.monotonic() > silence_ends:
                return True
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(POLL)

    def _time_is_over(self) -> bool:
        return time.monotonic() >= self.time_ends

    def _silence_ends(self) -> float:
        """Longer than the three phases of a test may take, each with its grace."""
        return time.monotonic() + 3 * (self.request.limit + GRACE) + GRACE

    def _events(self, news: Iterator[list[str]]) -> Iterator[Event]:
        for text in next(news):
            line = parse_line(text)
            if line is None:
                continue
            self.done.add((line.test, line.attempt.n))
            yield TestEnded(
                test=line.test,
                nodeid=line.nodeid,
                outcome=line.attempt.outcome,
                cause=line.attempt.cause,
                reason=line.attempt.reason,
                seconds=line.attempt.seconds,
                done=len(self.done),
                total=self.total,
            )

    def _log(self, output: IO[bytes]) -> None:
        cleaner = LogCleaner(self.recorder.secrets)
        with contextlib.suppress(OSError), (self.request.folder / PYTEST_LOG).open("w") as log:
            for line in output:
                log.write(cleaner.clean(line.decode("utf-8", "replace")))
                log.flush()
        for _ in output:  # a full disk must not stop the tests at a full pipe
            pass

    def _problems(self, code: int | None, stalled: bool) -> list[Problem]:
        where = str(self.request.folder / PYTEST_LOG)
        if self.interrupts.count:
            return [Problem(code="run.interrupted", message="interrupted: what was measured is kept")]
        if stalled:
            message = "nothing was heard of the tests for too long: they were ended"
            return [Problem(code="run.stalled", message=message, where=where)]
        if self.out_of_time:
            minutes = self.request.plan.budget.minutes
            message = f"the budget of {minutes} minutes was used up after {len(self.done)} of {self.total} tests"
            hint = f"finish it with `--resume {self.request.folder}`, or give more: --budget minutes={2 * minutes}"
            return [Problem(code="run.minutes", message=message, where="--budget", hint=hint)]
        if code == CANNOT_WRITE:
            message = "the journal cannot be written: is the disk full?"
            hint = "what was measured until then is kept"
            return [Problem(code="run.journal", message=message, where=str(self.request.folder / FILE), hint=hint)]
        if code not in (0, 1, 5):
            message = f"pytest ended with {code}: not all tests were run"
            return [Problem(code="run.pytest", message=message, where=where, hint="its last lines say why")]
        return []


def _environment() -> dict[str, str]:
    """Ours, without what would change how pytest works, and with the plugins we name alone."""
    foreign = ("PYTEST_ADDOPTS", "PYTEST_PLUGINS", "PYTEST_XDIST_AUTO_NUM_WORKERS", "COVERAGE_PROCESS_START")
    kept = {name: value for name, value in os.environ.items() if name not in foreign}
    return kept | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "NO_COLOR": "1", "PY_COLORS": "0"}


def _command(request: RunRequest) -> list[str]:
    suite = find_spec(request.suite)
    if suite is None or not suite.submodule_search_locations:
        raise UnknownError(Problem(code="run.suite", message=f"the suite {request.suite} is not installed"))
    root = suite.submodule_search_locations[0]
    command = [sys.executable, "-m", "pytest", "--pyargs", request.suite, "-c", os.devnull, "--rootdir", root]
    for plugin in ("xdist", "defcore.run.plugin", "no:cacheprovider", "no:tmpdir"):
        command += ["-p", plugin]
    command += ["-q", "--tb=short", "--no-header", "-rN", "--continue-on-collection-errors"]
    command += ["-n", str(request.workers), "--dist", "load", "--maxschedchunk", "1"]
    command += ["--max-worker-restart", str(len(request.plan.tests) * request.plan.repeat + request.workers)]
    command += ["--defcore-plan", str(request.folder / "plan.json"), "--defcore-run", str(request.folder)]
    command += ["--defcore-limit", str(request.limit)]
    for role, name in request.users.items():
        command += ["--defcore-cloud" if role == "primary" else f"--defcore-{role}-cloud", name]
    if request.plan.repeat > 1:
        command += ["--defcore-repeat", str(request.plan.repeat)]
    if request.shuffle is not None:
        command += ["--defcore-shuffle", str(request.shuffle)]
    if request.room:
        command += ["--defcore-room", str(request.room)]
    if request.challenge:
        command += ["--defcore-challenge", request.challenge]
    if request.reference_file:
        command += ["--defcore-clouds", str(request.reference_file)]
    return command


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """End the whole group, workers included; a worker that outlives its controller would go on testing."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(LAST_WORDS)


def _follow(path: Path) -> Iterator[list[str]]:
    """Each time it is asked: the whole lines that have been added."""
    with path.open("rb") as file:
        rest = b""
        while True:
            rest += file.read()
            *lines, rest = rest.split(b"\n")
            yield [line.decode("utf-8", "replace") for line in lines]


def _clean_up(request: RunRequest, listener: Listener, interrupts: _Interrupts) -> tuple[Leftover, ...]:
    """Remove what tests could not remove; another Ctrl-C leaves it to `defcore sweep`."""
    left = left_by(request.folder)
    if left:
        listener(Sweeping(count=len(left)))
    before = interrupts.count
    leftovers = sweep_run(
        request.run,
        request.folder,
        reference_file=request.reference_file,
        listener=listener,
        go_on=lambda: interrupts.count == before,
    )
    shutil.rmtree(request.folder / "locks", ignore_errors=True)
    (request.folder / STOP).unlink(missing_ok=True)
    hangs = request.folder / HANGS
    if hangs.exists() and not hangs.stat().st_size:
        hangs.unlink()
    return leftovers
