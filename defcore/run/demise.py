"""How a worker ended that should have lived on: by which signal, and where it stood if it hung."""

from __future__ import annotations

import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from defcore.run.deadline import MACHINERY, MOST_FRAMES, short

HANG = "hang"
"""Kind of the finding at a test that did not end in time."""
PATIENCE = 5.0
"""Seconds for a process to end whose output has."""
LONGEST = 1 << 20
PLACE = re.compile(r'  File "(?P<file>.*)", line (?P<line>\d+) in (?P<function>.*)')
"""As `faulthandler` has it."""


def hang_log(folder: Path, pid: int) -> Path:
    """Where a worker that hangs says where it stands."""
    return folder / f"hang-{pid}.log"


def remove_empty(log: Path) -> None:
    try:
        if not log.stat().st_size:
            log.unlink()
    except OSError:
        pass  # there is none


def how_it_ended(node: Any, folder: Path) -> str:
    """In words, of a worker as xdist knows it; below them, where it stood if it hung."""
    process = getattr(getattr(node.gateway, "_io", None), "popen", None)  # no public name leads there
    if process is None:
        return "its worker crashed"
    stood = tuple(_last_places(hang_log(folder, process.pid)))
    if stood:
        return "\n".join(["its worker crashed: it hung, and was ended; it stood at", *stood])
    try:
        return f"its worker crashed: {in_words(process.wait(PATIENCE))}"
    except subprocess.TimeoutExpired:
        return "its worker crashed: it fell silent"


def in_words(code: int) -> str:
    """Of a process's return code."""
    if code >= 0:
        return f"it ended with exit code {code}"
    try:
        return f"ended by {signal.Signals(-code).name}"
    except ValueError:
        return f"ended by signal {-code}"


def _last_places(log: Path) -> Iterator[str]:
    """Of the main thread, the last that `faulthandler` writes, the innermost first; nothing if it wrote none."""
    try:
        with log.open(errors="replace") as file:
            text = file.read(LONGEST)
    except OSError:
        return
    found = [PLACE.fullmatch(line) for line in text.rpartition("hread 0x")[2].splitlines()]
    for place in [one for one in found if one][:MOST_FRAMES]:
        file_name = short(place["file"])
        if file_name.partition("/")[0] in MACHINERY:
            return
        yield f"{file_name}:{place['line']} in {place['function']}"
