"""kill -9 of the run, of pytest's controller, of a worker or of all, at random moments; then resume, then sweep."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from defcore.run.journal import FILE
from defcore.run.process import start_of
from tests.faults.measured import Measured, Say
from tests.faults.run_of_some import (
    PROGRAM,
    SECONDS,
    Site,
    Undisturbed,
    arguments,
    broken_promises,
    journal_of,
    undisturbed,
)

VICTIMS = ("all", "worker", "run", "controller")
WORKERS = 2
START = 8.0
"""Seconds at most for a kill before the first line of the journal."""
HOLDS = "same outcomes as an undisturbed run; no test run twice that had finished; 0 leftovers in the cloud"


def measure(*, times: int, seed: int, clouds: Path | None, say: Say) -> Measured:
    """Kill so many runs; `clouds` is needed."""
    assert clouds is not None, "needs a reference cloud: --clouds"
    order = random.Random(seed)
    broken: list[str] = []
    seen: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="killing-") as folder:
        site = Site(clouds=clouds, folder=Path(folder))
        expected = undisturbed(site, site.folder / "undisturbed", WORKERS)
        say(f"undisturbed: {Counter(expected.outcomes.values())}")
        for number in range(times):
            victim = VICTIMS[number % len(VICTIMS)] if number < len(VICTIMS) else order.choice(VICTIMS)
            lines = order.randrange(-1, len(expected.outcomes))
            found = list(_round(site, expected, site.folder / f"run-{number}", victim, lines, order, seen))
            say(f"{number + 1}/{times} {victim} after {lines} tests: {'; '.join(found) or 'holds'}")
            broken += [f"kill {number} of seed {seed} ({victim}, after {lines} tests): {one}" for one in found]
    return Measured(
        fault="killing",
        times=times,
        unit="kills",
        holds=HOLDS,
        figures=tuple(sorted(seen.items())),
        broken=tuple(broken),
    )


def _round(
    site: Site, expected: Undisturbed, out: Path, victim: str, lines: int, order: random.Random, seen: Counter[str]
) -> Iterator[str]:
    """One kill. What does not hold."""
    killed = _kill_one(site, out, victim, lines, order)
    seen[f"kills of {killed}"] += 1
    before = journal_of(out)
    seen["finished before the kill"] += sum(before.finished.values()) if before else 0
    resumed = site.call("run", "--resume", out)
    if before is None:
        seen["before the first line"] += 1
        if resumed.returncode != 2 or "nothing was measured" not in resumed.stderr:
            yield f"a run of which nothing can be used: --resume ended with {resumed.returncode}: {resumed.stderr}"
        out = out.with_name(f"{out.name}-anew")
        resumed = site.call(*arguments(out, WORKERS))
    if resumed.returncode != expected.code:
        yield f"--resume ended with {resumed.returncode}: {resumed.stderr[-2000:]}"
    seen["lost with their worker and run again"] += sum(line.lost for line in before.lines) if before else 0
    yield from broken_promises(site, expected, before, out)


def _kill_one(site: Site, out: Path, victim: str, lines: int, order: random.Random) -> str:
    """Start a run and kill the victim, or what there is of it; returns what was killed. All has ended then."""
    with (site.folder / f"{out.name}.log").open("w") as log:
        run = subprocess.Popen(
            [*PROGRAM, *arguments(out, WORKERS)], env=site.environment, stdout=log, stderr=log, start_new_session=True
        )
        try:
            _await_moment(run, out / FILE, lines, order)
            controllers = children(run.pid)
            workers = [one for pid in controllers for one in children(pid)]
            everyone = {pid: start_of(pid) for pid in (run.pid, *controllers, *workers)}
            killed, pids = _victims(victim, run.pid, controllers, workers, order)
            for pid in pids:
                _kill(pid)
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


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):  # it has ended, or another kill ended it
        os.kill(pid, signal.SIGKILL)


def children(pid: int) -> list[int]:
    """Process numbers of what the process has started and not buried."""
    found: list[int] = []
    for thread in Path(f"/proc/{pid}/task").glob("*"):
        with contextlib.suppress(OSError):
            found += map(int, (thread / "children").read_text().split())
    return found
