"""An end to tests that hang: first an exception in the test, then the end of its worker."""

from __future__ import annotations

import contextlib
import faulthandler
import signal
import threading
from collections.abc import Iterator
from types import FrameType
from typing import TextIO

from defcore.errors import CannotTell

GRACE = 120.0
"""Seconds after the deadline for the exception to get through."""


@contextlib.contextmanager
def deadline(seconds: float, doing: str, *, log: TextIO | None) -> Iterator[None]:
    """Raise CannotTell in what runs inside when the time is up; end the process if that does not help.

    The end comes from a thread of the interpreter's own, which needs no help from what hangs; it writes where
    the process stood, without values, to `log`.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return

    def ring(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        raise CannotTell(f"{doing} took longer than {seconds:.0f} s")

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
