"""Waiting for the cloud: short polls with backoff, a deadline, and the reason for waiting."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

from defcore.errors import CannotTell, PromiseBroken, shortened

Value = TypeVar("Value")
FIRST_PAUSE = 0.1
LONGEST_PAUSE = 3.0
SERVER_PAUSE = 0.6
"""Instead of the first pause, where a server is waited for: it takes longer, and showing it costs the cloud much."""


def wait_for(
    probe: Callable[[], Value],
    until: Callable[[Value], bool],
    *,
    because: str,
    timeout: float = 300.0,
    pause: float = FIRST_PAUSE,
    promised: bool | Callable[[Value], bool] = False,
    show: Callable[[Value], object] = lambda value: value,
) -> Value:
    """Ask `probe` until `until` is true of its value, and return that value.

    `because` says what is waited for. When `timeout` (seconds) has passed: CannotTell, since slow is not broken;
    with `promised=True` PromiseBroken, for a state that will clearly not change any more; `promised` may say of the
    last value whether it is such a state. `pause` is the first one, in seconds; later ones are longer.
    """
    end = time.monotonic() + timeout
    while True:
        began = time.monotonic()  # an answer may be late: what it says was true then
        value = probe()
        if until(value):
            return value
        if began >= end:
            message = f"waited {timeout:.0f} s: {because}"
            if promised(value) if callable(promised) else promised:
                raise PromiseBroken(message, expected=because, seen=shortened(str(show(value)), 400))
            raise CannotTell(f"{message}; last seen: {shortened(str(show(value)), 400)}")
        time.sleep(pause)
        pause = min(pause * 1.5, LONGEST_PAUSE)
