"""A pytest plugin: while a test is torn down the cloud does not deviate, so that what it made is removed in no time."""

from __future__ import annotations

import os
from collections.abc import Generator
from pathlib import Path

import pytest

VARIABLE = "DEVIATION_PAUSE"
"""Names a file; while it is there the proxy disturbs nothing."""


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown() -> Generator[None, object, object]:
    pause = Path(os.environ[VARIABLE])
    pause.touch()
    try:
        return (yield)
    finally:
        pause.unlink()
