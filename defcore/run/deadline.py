"""An end to tests that hang: first an exception in the test, then the end of its worker."""

from __future__ import annotations

import contextlib
import faulthandler
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType
from typing import TextIO

from defcore.errors import CannotTell

GRACE = 120.0
"""Seconds after the deadline for the exception to get through."""
MOST_FRAMES = 20
MACHINERY = ("_pytest", "pluggy", "xdist")
"""Packages that call the test; what is further out says nothing about it."""

Told = Callable[[str, tuple[str, ...]], str]
"""Hears what took too long and where it stood, the innermost place first; says what else there is to say."""


@contextlib.contextmanager
def deadline(seconds: float, doing: str, *, log: TextIO | None, told: Told) -> Iterator[None]:
    """Raise CannotTell in what runs inside when the time is up; end the process if that does not help.

    `told` makes the exception's text. The end comes from a thread of the interpreter's own, which
    needs no help from what hangs; it writes where the process stood, without values, to `log`.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        raise CannotTell(told(f"{doing} took longer than {seconds:.0f} s", stack(frame)))

    before = signal.signal(signal.SIGALRM, ring)
    if log is not None:
        faulthandler.dump_traceback_later(seconds + GRACE, exit=True, file=log)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        if log is not None:
            faulthandler.cancel_dump_traceback_later()


def stack(frame: FrameType | None) -> tuple[str, ...]:
    """Where the frame stands and what called it, without values: `file:line in function`, the innermost first."""
    places: list[str] = []
    while frame is not None and len(places) < MOST_FRAMES:
        file = short(frame.f_code.co_filename)
        if file.partition("/")[0] in MACHINERY:
            break
        places.append(f"{file}:{frame.f_lineno} in {frame.f_code.co_name}")
        frame = frame.f_back
    return tuple(places)


def short(file: str) -> str:
    """The path as Python finds it, without what is above the packages on this machine."""
    homes = [home for home in sys.path if home and file.startswith(f"{home}/")]
    return file.removeprefix(f"{max(homes, key=len)}/") if homes else Path(file).name
