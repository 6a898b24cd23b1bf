"""What pytest says beside its reports: warnings, errors of its own, output between the tests. All without secrets.

A worker alone knows the tokens that it got, so its words are cleaned before they leave it.
"""

from __future__ import annotations

import contextlib
import warnings
from typing import Any

import pytest

from defcore.run.redaction import Secrets


class Noise:
    """Registered where tests run: in a worker, or in the only process."""

    def __init__(self, secrets: Secrets, *, in_worker: bool) -> None:
        self._secrets, self._in_worker = secrets, in_worker

    @pytest.hookimpl(tryfirst=True)
    def pytest_warning_recorded(self, warning_message: warnings.WarningMessage) -> None:
        """Before anybody shows it or sends it on."""
        warning_message.message = _cleaned(warning_message.message, self._secrets)
        warning_message.source = None

    @pytest.hookimpl(tryfirst=True)
    def pytest_internalerror(self, excrepr: Any) -> None:
        told = self._secrets.clean(str(excrepr))
        excrepr.toterminal = lambda tw: tw.line(told)

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Pytest would print in the end what was captured between the tests of a worker: by whom, nobody could say."""
        capture = session.config.pluginmanager.get_plugin("capturemanager")
        if self._in_worker and capture is not None:
            with contextlib.suppress(AssertionError, ValueError):  # nothing is captured
                capture.read_global_capture()


def _cleaned(message: Warning | str, secrets: Secrets) -> Warning | str:
    text = str(message)
    told = secrets.clean(text)
    if told == text:
        return message
    with contextlib.suppress(Exception):  # a class of warnings may want other arguments
        return type(message)(told)
    return UserWarning(told)
