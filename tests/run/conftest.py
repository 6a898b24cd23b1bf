"""A miniature cloud, its clouds.yaml, and a state folder of the test's own."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from defcore.run import sweep
from tests.fakes.cloud import FakeCloud, serving


@pytest.fixture
def cloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeCloud]:
    """Users: user, alt, reader, admin."""
    for name in ("OS_CLOUD", "OS_AUTH_URL", "OS_USERNAME", "OS_PASSWORD", "DEFCORE_LIFELINE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setattr(sweep, "AT_WORK", timedelta(0))  # the miniature cloud makes nothing after its answer
    with serving() as running:
        monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(running.clouds_yaml(tmp_path / "clouds.yaml")))
        yield running
