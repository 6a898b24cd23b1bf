"""A pytest plugin for guests on loopback: what does not let in at once never will."""

from __future__ import annotations

from defcore.suite.support import compute_guest
from tests.fakes.haste import hurry

HASTE = 30
"""Seconds of the suite's waiting that pass in one."""


def pytest_configure() -> None:
    hurry(HASTE)
    compute_guest.ONE_TRY = 10.0
