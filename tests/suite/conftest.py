"""Some tests here call conformance tests, whose marks the run's plugin would make known."""

import pytest

from defcore.run.plugin import MARKS


def pytest_configure(config: pytest.Config) -> None:
    for line in MARKS:
        config.addinivalue_line("markers", line)
