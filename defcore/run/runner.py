"""Runs the tests of a plan: pytest and xdist in a process group of their own, watched through the journal.

Ctrl-C once: no more tests are started, those that run finish and clean up. Twice: they are cut off. Either way
what they left in the cloud is removed, by the ledger, and what was measured is kept. A run that was cut off goes on
where its journal ends, after what its tests had left in the cloud is removed.
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
from typing import IO

from defcore.errors import Problem, UnknownError
from defcore.model.plan import Plan
from defcore.model.result import CloudInfo, Leftover, Result
from defcore.run import lifeline
from defcore.run.begun import nothing_to_do
from defcore.run.capacity import Room
from defcore.run.conduct import STOP
from defcore.run.deadline import GRACE
from defcore.run.demise import in_words, remove_empty
from defcore.run.events import Event, Listener, OutOfTime, Stopping, Sweeping, TestEnded, TestsStarted
from defcore.run.exchange import Recorder
from defcore.run.interrupts import Interrupts
from defcore.run.journal import (
    AWAY,
    FILE,
    Header,
    Identity,
    Journal,
    JournalWriter,
    Origin,
    Resumed,
    parse_line,
    read_journal,
)
from defcore.run.ledger import index_run, left_by, strike_run
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
    redact_file: Path | None = None
    """Holds what is to be kept out of everything."""
    resume: bool = False
    """Go on where the journal in the run folder ends, instead of beginning one."""
    origin: Origin | None = None
    """The run of which this one tries some tests again."""
    identities: tuple[Identity, ...] = ()
    """Of the users, as far as they are known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOutcome:
    result: Result
    problems: tuple[Problem, ...]
    """Why the run is incomplete, if it is."""
    settled: tuple[Problem, ...] = ()
    """What cannot be read of the journal, and was run again."""


def run_tests(request: RunRequest, listener: Listener, recorder: Recorder) -> RunOutcome:
    """Run the plan's tests, remove what they left, and say what was measured.

    `recorder` knows the secrets that are kept out of pytest's log; the folder is the caller's alone (`folder.alone`).
    """
    problems: list[Problem] = []
    with Interrupts() as interrupts:
        index_run(request.run, request.folder, tuple(request.users.values()))
        if request.resume:
            _clean_up(request, listener, interrupts, recorder)
            index_run(request.run, request.folder, tuple(request.users.values()))
        if not (request.resume and nothing_to_do(request.plan, read_journal(request.folder))):
            _begin(request)
            tests = _Tests(request, listener, recorder, interrupts)
            listener(TestsStarted(total=tests.total, workers=request.workers, done=len(tests.done)))
            problems += tests.run() if request.plan.tests else []
        leftovers = _clean_up(request, listener, interrupts, recorder)
    journal = read_journal(request.folder)
    problems += [one for one in journal.problems if not (problems and one.code == "journal.footer")]
    problems += _away(request, journal)
    return RunOutcome(
        result=make_result(request.plan, journal, leftovers), problems=tuple(problems), settled=journal.settled
    )


def _away(request: RunRequest, journal: Journal) -> list[Problem]:
    """What could not be found out, for nobody was there to ask."""
    finished = journal.finished
    lost = {
        line.nodeid
        for line in journal.lines
        if any(one.kind == AWAY for one in line.attempt.findings) and finished[line.nodeid] < request.plan.repeat
    }
    if not lost:
        return []
    message = f"the cloud, or a part of it, could not be reached by {len(lost)} tests"
    hint = f"when it is back: defcore run --resume {request.folder}"
    return [Problem(code="run.away", message=message, where=str(request.folder / FILE), hint=hint)]


def _begin(request: RunRequest) -> None:
    """The journal's first line, or the line that says that it goes on."""
    earlier = read_journal(request.folder) if request.resume else None
    with contextlib.closing(JournalWriter(request.folder)) as writer:
        if earlier:
            writer.resumed(Resumed(at=datetime.now(UTC).isoformat(), lines=len(earlier.lines)))
            return
        try:
            writer.header(_header(request))
        except OSError:
            strike_run(request.run)  # it has made nothing
            raise


def _header(request: RunRequest) -> Header:
    return Header(
        run=request.run,
        started=datetime.now(UTC).isoformat(),
        plan=request.plan_digest,
        cloud=request.cloud,
        users=tuple(request.users.items()),
        versions=versions(),
        shuffle=request.shuffle,
        workers=request.workers,
        origin=request.origin,
        challenge=request.challenge,
        redacts=request.redact_file is not None,
        identities=request.identities,
    )


class _Tests:
    """Pytest at work."""

    def __init__(self, request: RunRequest, listener: Listener, recorder: Recorder, interrupts: Interrupts) -> None:
        self.request, self.listener, self.interrupts = request, listener, interrupts
        self.recorder = recorder
        self.begin = (request.folder / FILE).stat().st_size
        """Bytes of the journal that were there before."""
        earlier = [line for line in read_journal(request.folder).lines if not line.lost]
        self.done = {(line.test, line.attempt.n) for line in earlier}
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
        news = _follow(self.request.folder / FILE, self.begin)
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
        with contextlib.suppress(OSError), (self.request.folder / PYTEST_LOG).open("a") as log:
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
            given = f"the budget of {self.request.plan.budget.minutes} minutes"
            message = f"{given} was used up after {len(self.done)} of {self.total} tests"
            hint = f"`--resume {self.request.folder}` goes on for as long again"
            return [Problem(code="run.minutes", message=message, where="--budget", hint=hint)]
        if code == CANNOT_WRITE:
            message = "what was measured cannot be written: is the disk full?"
            hint = f"what is in the journal is kept: free some space, then defcore run --resume {self.request.folder}"
            return [Problem(code="run.journal", message=message, where=str(self.request.folder), hint=hint)]
        if code not in (0, 1, 5):
            how = in_words(code) if code is not None else "it does not end"
            message = f"pytest broke off, {how}: not all tests were run"
            return [Problem(code="run.pytest", message=message, where=where, hint="its last lines say why")]
        return []


def _environment() -> dict[str, str]:
    """Ours, without what would change how pytest works, and with the plugins we name alone."""
    foreign = (
        "PYTEST_ADDOPTS",
        "PYTEST_PLUGINS",
        "PYTEST_XDIST_AUTO_NUM_WORKERS",
        "COVERAGE_PROCESS_START",
        "PYTEST_CURRENT_TEST",
    )
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
    command += ["--defcore-limit", str(request.limit), "--defcore-from", str(Path.cwd())]
    for role, name in request.users.items():
        command += ["--defcore-cloud" if role == "primary" else f"--defcore-{role}-cloud", name]
    if request.plan.repeat > 1:
        command += ["--defcore-repeat", str(request.plan.repeat)]
    if request.shuffle is not None:
        command += ["--defcore-shuffle", str(request.shuffle)]
    if request.resume:
        command += ["--defcore-resume"]
    if request.room:
        command += ["--defcore-room", str(request.room)]
    if request.challenge:
        command += ["--defcore-challenge", request.challenge]
    if request.reference_file:
        command += ["--defcore-clouds", str(request.reference_file.resolve())]
    if request.redact_file:
        command += ["--defcore-redact", str(request.redact_file.resolve())]
    return command


def _end_group(process: subprocess.Popen[bytes]) -> None:
    """End the whole group, workers included; a worker that outlives its controller would go on testing."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(LAST_WORDS)


def _follow(path: Path, begin: int) -> Iterator[list[str]]:
    """Each time it is asked: the whole lines that have been added after so many bytes."""
    with path.open("rb") as file:
        file.seek(begin)
        rest = b""
        while True:
            rest += file.read()
            *lines, rest = rest.split(b"\n")
            yield [line.decode("utf-8", "replace") for line in lines]


def _clean_up(
    request: RunRequest, listener: Listener, interrupts: Interrupts, recorder: Recorder
) -> tuple[Leftover, ...]:
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
        recorder=recorder,
    )
    shutil.rmtree(request.folder / "locks", ignore_errors=True)
    (request.folder / STOP).unlink(missing_ok=True)
    for log in request.folder.glob("hang-*.log"):
        remove_empty(log)
    for unfinished in (*request.folder.glob(".*.part"), *request.folder.glob("evidence/*.part")):
        unfinished.unlink(missing_ok=True)
    return leftovers
