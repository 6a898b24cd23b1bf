"""Runs one after another on one reference cloud: nothing may grow, be left, or be held against the cloud."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import psutil

from tests.faults.measured import Measured, Say
from tests.faults.run_of_some import USERS, as_options
from tests.shapes.held import held

WHOLE = ("--guideline", "scs-0128")
PART = ("--guideline", "2020.06", "--capability", "images-v2-index", "--capability", "objectstore-container-create")
"""For measurements of less than SHORT minutes."""
SHORT = 10
FEWEST = 3
"""Runs that are made in any case."""
LOOK = 1.0
"""Seconds between looks at the processes."""
GROWTH = 1.25
"""Times what it was in the first runs; more is growth."""
SLACK = {"memory": 64.0, "threads": 8.0, "files": 16.0}
"""MiB, and numbers, that may be added in any case."""


@dataclass(slots=True)
class Most:
    """The most that a family of processes had at a time, by what is measured."""

    memory: float = 0.0
    """MiB."""
    threads: float = 0.0
    files: float = 0.0

    def look(self, family: list[psutil.Process]) -> None:
        seen = [one for process in family if (one := _usage(process))]
        self.memory = max(self.memory, sum(memory for memory, _, _ in seen))
        self.threads = max(self.threads, sum(threads for _, threads, _ in seen))
        self.files = max(self.files, sum(files for _, _, files in seen))


def _usage(process: psutil.Process) -> tuple[float, int, int] | None:
    try:
        with process.oneshot():
            return process.memory_info().rss / (1 << 20), process.num_threads(), process.num_fds()
    except psutil.Error:  # it has ended
        return None


@dataclass(slots=True)
class Lap:
    """One run."""

    outcomes: dict[str, int] = field(default_factory=dict)
    code: int = 0
    own: Most = field(default_factory=Most)
    """Controller and workers."""
    cloud: Most = field(default_factory=Most)
    disk: float = 0.0
    """MiB of the cloud's folder afterwards."""


def measure(*, times: int, seed: int, clouds: Path | None, say: Say) -> Measured:
    """`times`: minutes."""
    if clouds is None:
        raise SystemExit("endurance needs --clouds FILE")
    clouds = clouds.resolve()
    os.environ["OS_CLIENT_CONFIG_FILE"] = str(clouds)
    before, laps, broken = held(USERS), [], []
    end = time.monotonic() + 60 * times
    with tempfile.TemporaryDirectory(prefix="endurance-") as name:
        folder = Path(name)
        (folder / "tmp").mkdir()
        while len(laps) < FEWEST or time.monotonic() < end:
            number = len(laps) + 1
            lap = _lap(folder / f"run-{number}", clouds, seed + number, WHOLE if times >= SHORT else PART)
            laps.append(lap)
            say(f"run {number}: exit {lap.code}, {lap.outcomes}, {lap.own}, cloud {lap.cloud}, disk {lap.disk:.0f} MiB")
            broken += [f"run {number}, seed {seed + number}: {one}" for one in wrong(lap)]
        broken += [f"left in the cloud: {one}" for one in sorted(held(USERS) - before)]
        broken += [f"left on disk: {path.name}" for path in (folder / "tmp").iterdir()]
        broken += [f"still runs: {one}" for one in _started_by(folder)]
        index = folder / "state" / "defcore" / "runs"
        broken += [f"left in the index of runs: {path.name}" for path in index.glob("*")]
    broken += list(growth(laps))
    return Measured(
        fault="endurance",
        times=times,
        unit="minutes",
        holds="no growth of memory, threads, files or leftovers; no false alarm",
        figures=_figures(laps),
        broken=tuple(broken),
    )


def _lap(folder: Path, clouds: Path, seed: int, what: tuple[str, ...]) -> Lap:
    state = folder.parent / "state"
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("OS_", "DEFCORE_"))}
    environment = clean | {
        "OS_CLIENT_CONFIG_FILE": str(clouds),
        "XDG_STATE_HOME": str(state),
        "TMPDIR": str(folder.parent / "tmp"),
    }
    command = [sys.executable, "-m", "defcore", "run", *as_options(USERS), *what, "-n", "4", "--shuffle", str(seed)]
    lap = Lap()
    process = subprocess.Popen(
        [*command, "--out", str(folder)], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    over = threading.Event()
    watcher = threading.Thread(target=_watch, args=(lap, psutil.Process(process.pid), clouds.parent, over))
    watcher.start()
    lap.code = process.wait()
    over.set()
    watcher.join()
    tests: list[dict[str, Any]] = json.loads((folder / "result.json").read_text())["tests"]
    for test in tests:
        lap.outcomes[test["outcome"]] = lap.outcomes.get(test["outcome"], 0) + 1
    lap.disk = sum(path.stat().st_size for path in clouds.parent.rglob("*") if path.is_file()) / (1 << 20)
    return lap


def _watch(lap: Lap, run: psutil.Process, state: Path, over: threading.Event) -> None:
    services = [one for one in psutil.process_iter() if _serves(one, state)]
    while not over.wait(LOOK):
        try:
            lap.own.look([run, *run.children(recursive=True)])
        except psutil.Error:
            return
        lap.cloud.look(services)


def _serves(process: psutil.Process, state: Path) -> bool:
    try:
        words = process.cmdline()
    except psutil.Error:
        return False
    return "refcloud_services.serve" in words and str(state) in words


def _started_by(folder: Path) -> Iterator[str]:
    """Processes that name the folder in their command line."""
    for process in psutil.process_iter():
        try:
            words = process.cmdline()
        except psutil.Error:
            continue
        if process.pid != os.getpid() and any(str(folder) in word for word in words):
            yield f"{process.pid} {' '.join(words)[:200]}"


def wrong(lap: Lap) -> list[str]:
    odd = {name: count for name, count in lap.outcomes.items() if name not in ("PASSED", "SKIPPED")}
    return [f"{count} {name}" for name, count in odd.items()]


def growth(laps: list[Lap]) -> Iterator[str]:
    """What the last third of the runs has more of than the first third."""
    third = max(1, len(laps) // 3)
    for family in ("own", "cloud"):
        for what, slack in SLACK.items():
            row = [getattr(getattr(lap, family), what) for lap in laps]
            first, last = median(row[:third]), median(row[-third:])
            if last > first * GROWTH and last > first + slack:
                unit = " MiB" if what == "memory" else ""
                yield f"{what} of {family}: {first:.0f}{unit} in the first runs, {last:.0f}{unit} in the last ones"


def _figures(laps: list[Lap]) -> tuple[tuple[str, int | float | str], ...]:
    def span(family: str, what: str) -> str:
        row = [getattr(getattr(lap, family), what) for lap in laps]
        return f"{row[0]:.0f} … {row[-1]:.0f}"

    return (
        ("runs", len(laps)),
        ("tests", sum(sum(lap.outcomes.values()) for lap in laps)),
        ("MiB of a run, first … last", span("own", "memory")),
        ("its threads", span("own", "threads")),
        ("its open files", span("own", "files")),
        ("MiB of the cloud's services", span("cloud", "memory")),
        ("their threads", span("cloud", "threads")),
        ("their open files", span("cloud", "files")),
        ("MiB of the cloud on disk", f"{laps[0].disk:.0f} … {laps[-1].disk:.0f}"),
    )
