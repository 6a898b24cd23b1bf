"""kill -9 of the run, of pytest's controller, of a worker or of all, at random moments; then resume, then sweep."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from defcore.run.journal import FILE
from defcore.run.process import start_of
from tests.faults.measured import Measured, Say
from tests.faults.run_of_some import PROGRAM, SECONDS, Series, Site, journal_of, measure_series

VICTIMS = ("all", "worker", "run", "controller")
START = 8.0
"""Seconds at most for a kill before the first line of the journal."""
HOLDS = "same outcomes as an undisturbed run; no test run twice that had finished; 0 leftovers in the cloud"


def measure(*, times: int, seed: int, clouds: Path | None, say: Say) -> Measured:
    """Kill so many runs; `clouds` is needed."""
    about = {"fault": "killing", "unit": "kills", "holds": HOLDS}
    return measure_series(_one, **about, times=times, seed=seed, clouds=clouds, say=say)


def _one(series: Series, number: int) -> tuple[str, Iterator[str]]:
    victim = VICTIMS[number % len(VICTIMS)] if number < len(VICTIMS) else series.order.choice(VICTIMS)
    lines = series.order.randrange(-1, len(series.expected.outcomes))
    return f"{victim} after {lines} tests", _kill(series, series.site.folder / f"run-{number}", victim, lines)


def _kill(series: Series, out: Path, victim: str, lines: int) -> Iterator[str]:
    """One kill. What does not hold."""
    killed = _kill_one(series.site, out, victim, lines, series.order)
    series.seen[f"kills of {killed}"] += 1
    before = journal_of(out)
    series.seen["finished before the kill"] += sum(before.finished.values()) if before else 0
    series.seen["lost with their worker and run again"] += sum(line.lost for line in before.lines) if before else 0
    resumed = series.site.call("run", "--resume", out)
    yield from series.not_held(before, out, resumed.returncode, resumed.stderr)


def _kill_one(site: Site, out: Path, victim: str, lines: int, order: random.Random) -> str:
    """Start a run and kill the victim, or what there is of it; returns what was killed. All has ended then."""
    with (site.folder / f"{out.name}.log").open("w") as log:
        run = subprocess.Popen(
            [*PROGRAM, *site.arguments(out)], env=site.environment, stdout=log, stderr=log, start_new_session=True
        )
        try:
            _await_moment(run, out / FILE, lines, order)
            controllers = children(run.pid)
            workers = [one for pid in controllers for one in children(pid)]
            everyone = {pid: start_of(pid) for pid in (run.pid, *controllers, *workers)}
            killed, pids = _victims(victim, run.pid, controllers, workers, order)
            for pid in pids:
                _kill_process(pid)
            run.wait(SECONDS)
        finally:
            run.kill()
            run.wait()
    end = time.monotonic() + 60
    while any(start and start_of(pid) == start for pid, start in everyone.items()):
        assert time.monotonic() < end, f"{killed} was killed, and something of the run lives on"
        time.sleep(0.05)
    return killed


def _await_moment(run: subprocess.Popen[bytes], journal: Path, lines: int, order: random.Random) -> None:
    """Until so many attempts are on record, and a little longer; before the first, some time after the start."""
    end = time.monotonic() + (order.uniform(0, START) if lines < 0 else SECONDS)
    while time.monotonic() < end and run.poll() is None:
        if lines >= 0 and journal.exists() and journal.read_bytes().count(b'"attempt"') >= lines:
            break
        time.sleep(0.02)
    time.sleep(order.uniform(0, 0.5))


def _victims(
    victim: str, run: int, controllers: list[int], workers: list[int], order: random.Random
) -> tuple[str, list[int]]:
    match victim:
        case "worker" if workers:
            return "a worker", [order.choice(workers)]
        case "controller" if controllers:
            return "pytest's controller", controllers
        case "all":
            everyone = [run, *controllers, *workers]
            order.shuffle(everyone)
            return "all", everyone
    return "the run", [run]


def _kill_process(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):  # it has ended, or another kill ended it
        os.kill(pid, signal.SIGKILL)


def children(pid: int) -> list[int]:
    """Process numbers of what the process has started and not buried."""
    found: list[int] = []
    for thread in Path(f"/proc/{pid}/task").glob("*"):
        with contextlib.suppress(OSError):
            found += map(int, (thread / "children").read_text().split())
    return found
