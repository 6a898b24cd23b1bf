"""The suite waits less long for what is on this machine."""

from __future__ import annotations

import time

from defcore.suite.support import wait


def hurry(haste: int) -> None:
    """Let so many seconds of the suite's waiting pass in one."""

    class Clock:
        sleep = staticmethod(time.sleep)

        @staticmethod
        def monotonic() -> float:
            return time.monotonic() * haste

    wait.time = Clock  # type: ignore[misc,assignment]
