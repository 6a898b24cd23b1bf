"""Which process, so that it can be told apart from another that got its number later."""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

BOOT = Path("/proc/sys/kernel/random/boot_id")


@dataclass(frozen=True, slots=True, kw_only=True)
class ProcessId:
    """A process: its number, when it started (ticks since the machine did), and on which machine."""

    pid: int
    start: str
    machine: str
    """Host name and the id of its boot."""

    @property
    def host(self) -> str:
        return self.machine.partition("/")[0]

    @property
    def is_here(self) -> bool:
        """On this machine, whenever it was booted."""
        return self.host == this_machine().partition("/")[0]


def this_process() -> ProcessId:
    return ProcessId(pid=os.getpid(), start=start_of(os.getpid()) or "", machine=this_machine())


def process_of(written: Mapping[str, Any]) -> ProcessId:
    """The process that was written down. Raises KeyError and TypeError for what is none."""
    pid, start, machine = (written[member] for member in ("pid", "start", "machine"))
    if not (isinstance(pid, int) and isinstance(start, str) and isinstance(machine, str)):
        raise TypeError(written)
    return ProcessId(pid=pid, start=start, machine=machine)


def this_machine() -> str:
    boot = BOOT.read_text().strip() if BOOT.exists() else ""
    return f"{socket.gethostname()}/{boot}"


def start_of(pid: int) -> str | None:
    """The start time of the process of this number; None if there is none (a zombie is none)."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(errors="replace")
    except OSError:
        return _exists(pid)
    after_name = stat.rpartition(")")[2].split()
    return None if after_name[0] in "ZX" else after_name[19]


def _exists(pid: int) -> str | None:
    """Where there is no /proc."""
    if Path("/proc/self/stat").exists():
        return None
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except PermissionError:
        pass
    return ""


def is_alive(process: ProcessId) -> bool:
    """Whether the process still runs. One on another machine is taken to be alive: we cannot know."""
    own_host, own_boot = this_machine().split("/", 1)
    host, _, boot = process.machine.partition("/")
    if host != own_host:
        return True
    return boot == own_boot and start_of(process.pid) == process.start
