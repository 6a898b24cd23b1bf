"""Whose process is it? Only a cloud's own are found and ended."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from defcore.refcloud import processes

Start = Callable[..., "subprocess.Popen[bytes]"]


@pytest.fixture
def start() -> Iterator[Start]:
    started: list[subprocess.Popen[bytes]] = []

    def run(token: str | None, code: str = "import time; time.sleep(60)") -> subprocess.Popen[bytes]:
        variables = {"PATH": os.environ["PATH"]} | ({processes.MARK: token} if token else {})
        child = subprocess.Popen([sys.executable, "-c", f"print(flush=True); {code}"], env=variables, stdout=-1)
        assert child.stdout
        child.stdout.readline()
        started.append(child)
        return child

    yield run
    for child in started:
        child.kill()
        child.wait()
        assert child.stdout
        child.stdout.close()


def record(folder: Path, process: processes.Process, **changes: object) -> Path:
    file = folder / "nova.json"
    boot = processes.BOOT.read_text().strip()
    file.write_text(json.dumps({"pid": process.pid, "started": process.started, "boot": boot, **changes}))
    return file


def test_only_processes_with_the_token_are_of_the_cloud(tmp_path: Path, start: Start) -> None:
    mine, other, plain = start("one"), start("two"), start(None)
    found = {process.pid for process in processes.of_cloud("one", tmp_path)}
    assert mine.pid in found
    assert found.isdisjoint({other.pid, plain.pid, os.getpid()})


def test_end_ends_them_and_leaves_the_others(tmp_path: Path, start: Start) -> None:
    mine, other = [start("one"), start("one")], start("two")
    assert processes.end("one", tmp_path) == 2
    assert [child.wait(5) for child in mine] == [-15, -15]
    assert other.poll() is None


def test_a_process_that_ignores_the_kind_signal_is_killed(tmp_path: Path, start: Start) -> None:
    stubborn = start("one", "import signal, time; signal.signal(15, signal.SIG_IGN); print(); time.sleep(60)")
    time.sleep(0.3)
    assert processes.end("one", tmp_path, grace=0.3) == 1
    assert stubborn.wait(5) in (-9, -15)


def test_children_of_a_killed_service_are_found(tmp_path: Path, start: Start) -> None:
    parent = start("one", "import subprocess, time; subprocess.Popen(['sleep', '60']); time.sleep(60)")
    deadline = time.monotonic() + 5
    while len(processes.of_cloud("one", tmp_path)) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    parent.kill()
    parent.wait()
    assert len(processes.of_cloud("one", tmp_path)) == 1
    assert processes.end("one", tmp_path) == 1


def test_a_record_names_a_living_process(tmp_path: Path, start: Start) -> None:
    process = processes.find(start(None).pid)
    assert process is not None
    assert processes.recorded(record(tmp_path, process)) == process
    assert processes.of_cloud("unused", tmp_path) == {process}


def test_a_recycled_id_is_another_process(tmp_path: Path, start: Start) -> None:
    """The id lives, but its process started at another time, or before the machine's last boot."""
    process = processes.find(start(None).pid)
    assert process is not None
    assert processes.recorded(record(tmp_path, process, started=process.started - 1)) is None
    assert processes.recorded(record(tmp_path, process, boot="another")) is None
    assert processes.end("unused", tmp_path) == 0


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"pid": "x", "started": 1, "boot": ""}'])
def test_a_damaged_record_names_none(tmp_path: Path, text: str) -> None:
    file = tmp_path / "nova.json"
    file.write_text(text)
    assert processes.recorded(file) is None
    assert not processes.listens(file)


def test_a_zombie_is_not_alive(start: Start) -> None:
    child = start(None)
    process = processes.find(child.pid)
    assert process is not None
    assert process.alive
    child.kill()
    deadline = time.monotonic() + 5
    while process.alive and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not process.alive  # although nobody has waited for it yet


def test_no_process_has_no_identity() -> None:
    assert processes.find(2**22 + 1) is None
