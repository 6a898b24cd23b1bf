"""What the self-tests share: the project's root, the reference cloud, and what did not run said aloud."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

try:
    import hypothesis
except ImportError:  # pytest reads this file too when `defcore run` is started here, without the development tools
    hypothesis = None  # type: ignore[assignment]

if hypothesis:
    hypothesis.settings.register_profile("same-each-time", derandomize=True)
    hypothesis.settings.load_profile("same-each-time")
    """What lets a change through must not hang on luck: `--hypothesis-profile default` looks for new examples."""

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"
TOLD = "told at the end"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

BROWSER_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceCloud:
    """A running reference cloud of its own state folder."""

    state: Path

    @property
    def clouds_file(self) -> Path:
        return self.state / "clouds.yaml"


def defcore(
    *arguments: object, timeout: float = 600, cwd: Path | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    """The command line in a process of its own; OS_* of the caller's shell do not reach it."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("OS_", "DEFCORE_"))}
    return subprocess.run(
        [sys.executable, "-m", "defcore", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=timeout,
        cwd=cwd,
        env=clean | environment,
        check=False,
    )


def start_cloud(state: Path, *options: str) -> ReferenceCloud:
    started = defcore("cloud", "up", "--state", state, *options, timeout=900)
    assert started.returncode == 0, started.stdout + started.stderr
    return ReferenceCloud(state=state)


def stop_cloud(cloud: ReferenceCloud) -> None:
    stopped = defcore("cloud", "wipe", "--state", cloud.state)
    assert stopped.returncode == 0, stopped.stdout + stopped.stderr


@pytest.fixture(scope="session")
def reference_cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReferenceCloud]:
    """All services; wiped at the end."""
    state = tmp_path_factory.mktemp("reference-cloud") / "state"
    try:
        yield start_cloud(state)
    finally:
        stop_cloud(ReferenceCloud(state=state))


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """A real browser, headless."""
    if CHROMIUM is None:
        pytest.skip("browser tests: NOT RUN (no Chromium on PATH)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=list(BROWSER_ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def shared() -> Path:
    """The official guideline files and specifications; a clone without them passes and says so."""
    if not SHARED.is_dir():
        pytest.skip("not run: no ../shared with the official files")
    return SHARED


@pytest.fixture
def tell(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Print a line at the end of the whole run."""
    return lambda line: record_property(TOLD, line)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What needs the reference cloud comes last: quick news first."""
    items.sort(key=lambda item: item.get_closest_marker("refcloud") is not None)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for report in [*terminalreporter.getreports("passed"), *terminalreporter.getreports("failed")]:
        for name, line in report.user_properties:
            if name == TOLD:
                terminalreporter.write_line(str(line))
    if not CHROMIUM:
        terminalreporter.write_line("browser tests: NOT RUN (no chromium on PATH)", yellow=True)
    if not SHARED.is_dir():
        terminalreporter.write_line("comparison with the official files: NOT RUN (no ../shared)", yellow=True)
