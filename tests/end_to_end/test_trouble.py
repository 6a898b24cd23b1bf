"""What goes wrong in real life: clear words, the right exit code, nothing lost, nothing left."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.conftest import ReferenceCloud, defcore
from tests.faults.run_of_some import USERS
from tests.shapes.held import held

VERBS = (
    ("check", "--cloud", "mine"),
    ("run", "--cloud", "mine", "--guideline", "2020.06"),
)


@pytest.fixture
def more_held(reference_cloud: ReferenceCloud) -> Callable[[], set[str]]:
    """What the cloud has more of than before the test."""
    before = held(USERS, reference_cloud.clouds_file)
    return lambda: held(USERS, reference_cloud.clouds_file) - before


def clouds_file(folder: Path, **auth: str) -> str:
    file = folder / "clouds.yaml"
    entry = {"auth": {"username": "u", "password": "hush-hush", "project_name": "p"} | auth}
    for domain in ("user_domain_id", "project_domain_id"):
        entry["auth"].setdefault(domain, "default")
    file.write_text(yaml.safe_dump({"clouds": {"mine": entry}}))
    return str(file)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def assert_told(done: subprocess.CompletedProcess[str], code: int, *said: str) -> None:
    assert done.returncode == code, done.stdout[-2000:] + done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert "hush-hush" not in done.stdout + done.stderr
    for word in said:
        assert word in done.stderr, done.stderr


@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb[0])
def test_a_cloud_that_does_not_answer_is_unknown(verb: tuple[str, ...], tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{free_port()}/v3"
    environment = {
        "OS_CLIENT_CONFIG_FILE": clouds_file(tmp_path, auth_url=url),
        "XDG_STATE_HOME": str(tmp_path / "state"),
    }
    out = ("--out", str(tmp_path / "run")) if verb[0] == "run" else ()
    assert_told(defcore(*verb, *out, **environment), 3, url, "[cloud.unreachable]")


@pytest.mark.refcloud
@pytest.mark.parametrize("verb", VERBS, ids=lambda verb: verb[0])
def test_a_wrong_password_is_the_users_input(
    verb: tuple[str, ...], tmp_path: Path, reference_cloud: ReferenceCloud
) -> None:
    auth = yaml.safe_load(reference_cloud.clouds_file.read_text())["clouds"]["defcore-ref"]["auth"]
    file = clouds_file(tmp_path, **(auth | {"password": "hush-hush"}))
    out = ("--out", str(tmp_path / "run")) if verb[0] == "run" else ()
    done = defcore(*verb, *out, OS_CLIENT_CONFIG_FILE=file, XDG_STATE_HOME=str(tmp_path / "state"))
    assert_told(done, 2, "[cloud.credentials]", "clouds.yaml")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 300 KiB."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", folder], capture_output=True, text=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip(f"not run: no small file system can be made here: {mounted.stderr.strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@pytest.mark.refcloud
@pytest.mark.skipif(shutil.which("mount") is None, reason="not run: no mount")
def test_a_full_disk_is_told_and_what_was_measured_stays(
    small_disk: Path, tmp_path: Path, reference_cloud: ReferenceCloud, more_held: Callable[[], set[str]]
) -> None:
    out = small_disk / "run"
    done = defcore(
        "run", "--cloud", "defcore-ref", "--guideline", "2020.06", "--service", "network", "-n", "2", "--out", out,
        OS_CLIENT_CONFIG_FILE=str(reference_cloud.clouds_file), XDG_STATE_HOME=str(tmp_path / "state"),
    )  # fmt: skip
    assert_told(done, 3, "disk")
    lines = (out / "journal.jsonl").read_text().splitlines()
    assert len(lines) > 1, "nothing that was measured is lost"
    assert more_held() == set()


def wait_until(condition: Any, seconds: float, what: str) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"waited {seconds} s: {what}"
        time.sleep(0.05)


def created(folder: Path) -> int:
    ledgers = folder.rglob("ledger*.jsonl")
    return sum(ledger.read_text().count('"created"') for ledger in ledgers)


@pytest.mark.refcloud
def test_after_kill_9_the_sweep_leaves_nothing(
    tmp_path: Path, reference_cloud: ReferenceCloud, more_held: Callable[[], set[str]]
) -> None:
    environment = {
        "OS_CLIENT_CONFIG_FILE": str(reference_cloud.clouds_file),
        "XDG_STATE_HOME": str(tmp_path / "state"),
    }
    out = tmp_path / "run"
    run = subprocess.Popen(
        [
            sys.executable, "-m", "defcore", "run", "--cloud", "defcore-ref", "--guideline", "2020.06",
            "--service", "block-storage", "--service", "network", "-n", "3", "--out", str(out),
        ],
        env=os.environ | environment, start_new_session=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        wait_until(lambda: created(out) >= 10, 120, "the run creates things")
    finally:
        os.kill(run.pid, signal.SIGKILL)
        run.wait()
    wait_until(lambda: not processes_of(out), 60, "no process of the run is left")
    swept = defcore("sweep", "--cloud", "defcore-ref", **environment)
    assert swept.returncode == 0, swept.stdout + swept.stderr
    assert more_held() == set()
    again = defcore("sweep", "--cloud", "defcore-ref", "--dry-run", **environment)
    assert again.returncode == 0, again.stdout + again.stderr


def processes_of(folder: Path) -> list[int]:
    """Processes whose command line names the run folder."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                if str(folder).encode() in (entry / "cmdline").read_bytes():
                    found.append(int(entry.name))
            except OSError:
                continue  # it has ended
    return found


@pytest.mark.refcloud
def test_ctrl_c_keeps_what_was_measured(
    tmp_path: Path, reference_cloud: ReferenceCloud, more_held: Callable[[], set[str]]
) -> None:
    out = tmp_path / "run"
    run = subprocess.Popen(
        [
            sys.executable, "-m", "defcore", "run", "--cloud", "defcore-ref", "--guideline", "2020.06",
            "--service", "network", "-n", "2", "--out", str(out),
        ],
        env=os.environ
        | {
            "OS_CLIENT_CONFIG_FILE": str(reference_cloud.clouds_file),
            "XDG_STATE_HOME": str(tmp_path / "state"),
        },
        start_new_session=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        wait_until(lambda: created(out) >= 5, 120, "the run creates things")
        os.killpg(run.pid, signal.SIGINT)
        stdout, stderr = run.communicate(timeout=120)
    finally:
        run.kill()
    assert run.returncode == 3, stdout + stderr
    assert "Traceback" not in stdout + stderr
    result = json.loads((out / "result.json").read_text())
    assert result["run"]["complete"] is False
    outcomes = [test["outcome"] for test in result["tests"]]
    assert "PASSED" in outcomes
    assert "NOT_RUN" in outcomes
    assert (out / "report.html").exists()
    assert more_held() == set()


@pytest.mark.refcloud
def test_what_needs_more_than_the_budget_is_told_at_once(
    tmp_path: Path, reference_cloud: ReferenceCloud, more_held: Callable[[], set[str]]
) -> None:
    """Also where one request makes several servers."""
    out = tmp_path / "run"
    done = defcore(
        "run", "--cloud", "defcore-ref", "--guideline", "2020.06", "--capability", "compute-servers-create-multiple",
        "--budget", "servers=1", "-n", "1", "--out", out, timeout=120,
        OS_CLIENT_CONFIG_FILE=str(reference_cloud.clouds_file), XDG_STATE_HOME=str(tmp_path / "state"),
    )  # fmt: skip
    assert_told(done, 3)
    tests = json.loads((out / "result.json").read_text())["tests"]
    (told,) = [test for test in tests if test["outcome"] != "PASSED"]
    assert (told["outcome"], told["cause"]) == ("SKIPPED", "prerequisite")
    assert "needs 2 servers at a time, and the budget is 1 (--budget servers=2)" in told["reason"]
    assert more_held() == set()
