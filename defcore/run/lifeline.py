"""Tests must not outlive the run that started them: kill -9 of the run ends its workers too.

The runner keeps the writing end of a pipe open and never writes. When it ends, however it ends, the reading end
in pytest's controller says so, and the controller ends its process group, which is its own.
"""

from __future__ import annotations

import os
import signal
import threading

VARIABLE = "DEFCORE_LIFELINE"


def hold() -> None:
    """Die with the runner, if a runner started this process."""
    number = os.environ.pop(VARIABLE, "")
    if number.isdigit():
        threading.Thread(target=_watch, args=(int(number),), daemon=True, name="lifeline").start()


def _watch(file: int) -> None:
    try:
        os.read(file, 1)
    except OSError:
        return  # no such pipe: not started by a runner
    if os.getpgrp() == os.getpid():
        os.killpg(0, signal.SIGKILL)
    os.kill(os.getpid(), signal.SIGKILL)
