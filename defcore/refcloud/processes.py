"""Finding and ending a cloud's processes, and no others.

Each process of a cloud has the cloud's random token in its environment, where others can read it; its children
inherit it. So all of them are found, whatever was killed or lost before. Each service also records its id, its
start time and the boot of the machine. A process that was given a recycled id, or that merely has a similar
command line, is never taken for one of the cloud.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from defcore.errors import Problem, UnknownError

MARK = "DEFCORE_REFCLOUD"
PROC = Path("/proc")
BOOT = PROC / "sys/kernel/random/boot_id"
GRACE_SECONDS = 8.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """A process, named so that no later one with the same id is meant."""

    pid: int
    started: int
    """Clock ticks from the boot of the machine to its start."""

    @property
    def alive(self) -> bool:
        return find(self.pid) == self


def find(pid: int) -> Process | None:
    """The process that has this id now; None if there is none, or if it has ended and waits to be reaped."""
    try:
        stat = (PROC / str(pid) / "stat").read_text()
        # The second field is the program's name in parentheses, which may itself hold spaces and parentheses.
        fields = stat.rpartition(")")[2].split()
        # Its first thread may be over while others still hold the process's ports and files.
        over = fields[0] in "ZX" and len(list((PROC / str(pid) / "task").iterdir())) <= 1
        return None if over else Process(pid=pid, started=int(fields[19]))
    except (OSError, ValueError, IndexError):
        return None


def with_variable(name: str, value: str) -> frozenset[Process]:
    """Every living process, but this one, that was started with this environment variable."""
    pids = [int(one.name) for one in PROC.iterdir() if one.name.isdigit()] if PROC.is_dir() else []
    marked = (find(pid) for pid in pids if pid != os.getpid() and _has_variable(pid, f"{name}={value}"))
    return frozenset(one for one in marked if one is not None)


def _has_variable(pid: int, variable: str) -> bool:
    try:
        return variable.encode() in (PROC / str(pid) / "environ").read_bytes().split(b"\0")
    except OSError:
        return False


def of_cloud(token: str | None, records: Path) -> frozenset[Process]:
    """Every living process of the cloud: those with its token, if it is known, and those in its records."""
    marked = with_variable(MARK, token) if token is not None else frozenset[Process]()
    noted = (recorded(record) for record in records.glob("*.json"))
    return marked | {one for one in noted if one is not None}


def recorded(record: Path) -> Process | None:
    """The process that a service wrote into its record, if it still lives."""
    try:
        written = json.loads(record.read_text())
        process = Process(pid=int(written["pid"]), started=int(written["started"]))
        same_boot = written["boot"] == BOOT.read_text().strip()
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return process if same_boot and process.alive else None


def listens(record: Path) -> bool:
    """Whether the service that wrote this record lives, and has said that it listens at its port."""
    try:
        return bool(json.loads(record.read_text())["listening"]) and recorded(record) is not None
    except (OSError, ValueError, KeyError, TypeError):
        return False


def end(token: str | None, records: Path, grace: float = GRACE_SECONDS) -> int:
    """End every process of the cloud, first kindly; say how many there were."""
    return end_all(lambda: of_cloud(token, records), grace)


def end_all(find_them: Callable[[], frozenset[Process]], grace: float = GRACE_SECONDS) -> int:
    """End all that are found, until none is found any more; say how many there were."""
    ended: set[Process] = set()
    deadline = time.monotonic() + grace
    signalled: set[Process] = set()
    # A process that is ending loses its environment, and so its token, before it gives back its ports.
    while living := find_them() | {one for one in ended if one.alive}:
        ended.update(living)
        now = time.monotonic()
        if now < deadline:
            _send(signal.SIGTERM, living - signalled)
            signalled.update(living)
        elif now < deadline + grace:
            _send(signal.SIGKILL, living)
        else:
            raise _cannot_end(living)
        time.sleep(0.05)
    return len(ended)


def _cannot_end(living: Iterable[Process]) -> UnknownError:
    pids = ", ".join(str(one.pid) for one in living)
    return UnknownError(
        Problem(
            code="refcloud.process-stays",
            message=f"these processes of the cloud do not end, even when killed: {pids}",
            hint=f"`ps -o pid,stat,wchan,args -p {pids.replace(' ', '')}` shows what they wait for",
        )
    )


def _send(number: signal.Signals, processes: Iterable[Process]) -> None:
    for process in processes:
        with contextlib.suppress(ProcessLookupError):
            if not hasattr(os, "pidfd_open"):  # a Python built for old kernels
                if process.alive:
                    os.kill(process.pid, number)
                continue
            # The descriptor stays with this very process, whatever becomes of the id.
            descriptor = os.pidfd_open(process.pid)
            try:
                if process.alive:
                    signal.pidfd_send_signal(descriptor, number)
            finally:
                os.close(descriptor)
