"""A pytest plugin for runs on the bench: an honest clean-up, less patience, and an end when it is clear.

While a test is torn down the cloud does not deviate, so that what it made is removed in no time. Waiting for what
a deviation prevents ends sooner than against a cloud far away.
"""

from __future__ import annotations

import json
import os
from collections.abc import Generator
from pathlib import Path
from typing import Any

import pytest

from tests.fakes.haste import hurry

VARIABLE = "DEVIATION_PAUSE"
"""Names a file; while it is there the proxy disturbs nothing."""
ENOUGH = "DEVIATION_ENOUGH"
"""If it is set, the first test that FAILED is the last one."""
NOW = "DEVIATION_NOW"
"""Names a file that holds the id of the test that runs."""
HASTE = 5
"""Seconds of the suite's waiting that pass in one. A minute must stay longer than the ten seconds that an object lives
before it expires."""


def pytest_configure() -> None:
    hurry(HASTE)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    Path(os.environ[NOW]).write_text(next(str(mark.args[0]) for mark in item.iter_markers("uuid")))


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_teardown() -> Generator[None, object, object]:
    pause = Path(os.environ[VARIABLE])
    pause.touch()
    try:
        return (yield)
    finally:
        pause.unlink()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """In the order of the plan."""
    plan = json.loads(Path(config.getoption("--defcore-plan")).read_text())
    order = {test["id"]: n for n, test in enumerate(plan["tests"])}
    items.sort(key=lambda item: next(order[mark.args[0]] for mark in item.iter_markers("uuid")))


class Enough:
    """Ends the run after a test that FAILED, when that one is torn down."""

    def __init__(self, session: pytest.Session) -> None:
        self.session = session

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        details: dict[str, Any] = getattr(report, "defcore", {})
        if details.get("outcome") == "FAILED":
            self.session.shouldfail = "a test noticed"


def pytest_sessionstart(session: pytest.Session) -> None:
    if os.environ.get(ENOUGH):
        session.config.pluginmanager.register(Enough(session))
