"""A pytest plugin for runs on the bench: an honest clean-up, and less patience.

While a test is torn down the cloud does not deviate, so that what it made is removed in no time. Waiting for what
a deviation prevents ends sooner than against a cloud far away.
"""

from __future__ import annotations

import os
import time
from collections.abc import Generator
from pathlib import Path

import pytest

from defcore.suite.support import wait

VARIABLE = "DEVIATION_PAUSE"
"""Names a file; while it is there the proxy disturbs nothing."""
HASTE = 5
"""Seconds of the suite's waiting that pass in one."""


class _FastClock:
    sleep = staticmethod(time.sleep)

    @staticmethod
    def monotonic() -> float:
        return time.monotonic() * HASTE


def pytest_configure() -> None:
    wait.time = _FastClock  # type: ignore[misc,assignment]


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown() -> Generator[None, object, object]:
    pause = Path(os.environ[VARIABLE])
    pause.touch()
    try:
        return (yield)
    finally:
        pause.unlink()
