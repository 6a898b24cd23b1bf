"""Ctrl-C, and what else asks a process to end, counted: once means in order, twice at once.

The end of the terminal stays unheard by a process that was started with `nohup`. Ctrl-C does not: shells start what
they put in the background deaf to it, and whoever sends it to such a run means it.
"""

from __future__ import annotations

import signal
import threading
from types import FrameType


class Interrupts:
    """Counts Ctrl-C instead of dying of it, while it is entered."""

    SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def __init__(self) -> None:
        self.count = 0
        self._before: list[tuple[int, object]] = []

    def __enter__(self) -> Interrupts:
        if threading.current_thread() is threading.main_thread():
            deaf = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
            heard = [number for number in self.SIGNALS if not (deaf and number == signal.SIGHUP)]
            self._before = [(number, signal.signal(number, self._heard)) for number in heard]
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before:
            signal.signal(number, handler)  # type: ignore[arg-type]

    def _heard(self, number: int, frame: FrameType | None) -> None:  # noqa: ARG002
        self.count += 1
