"""A pytest plugin: no answer of the cloud is waited for longer than a few seconds, so that a stall is soon one."""

from __future__ import annotations

from defcore.run import exchange

SECONDS = 8.0
"""Longer than any answer of the reference cloud takes on a busy machine."""


def pytest_configure() -> None:
    exchange.ANSWER_SECONDS = SECONDS
