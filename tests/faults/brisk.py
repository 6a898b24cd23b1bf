"""A pytest plugin: no answer of the cloud is waited for longer than a few seconds, so that a stall is soon one."""

from __future__ import annotations

from defcore.run import exchange

SECONDS = 5.0
"""Longer than nearly all answers of the reference cloud take, on a busy machine too."""


def pytest_configure() -> None:
    exchange.ANSWER_SECONDS = SECONDS
