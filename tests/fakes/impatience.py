"""A pytest plugin for guests on loopback: what does not let in at once never will."""

from __future__ import annotations

import time

from defcore.suite.support import compute_guest, wait

HASTE = 30
"""Seconds of the suite's waiting that pass in one."""


class _FastClock:
    sleep = staticmethod(time.sleep)

    @staticmethod
    def monotonic() -> float:
        return time.monotonic() * HASTE


def pytest_configure() -> None:
    wait.time = _FastClock  # type: ignore[misc,assignment]
    compute_guest.ONE_TRY = 10.0
