"""The services' environment: where it can be made, and what is said when it is damaged."""

from __future__ import annotations

import fcntl
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from defcore.errors import InputError, UnknownError
from defcore.refcloud import environment, processes
from defcore.refcloud.cloud import Cloud

GOOD = {"system": "linux", "machine": "x86_64", "implementation": "cpython", "version": (3, 12)}


@pytest.mark.parametrize(
    "change",
    [{}, {"machine": "aarch64"}, {"version": (3, 11)}, {"version": (3, 13)}],
    ids=str,
)
def test_supported_platforms(change: dict[str, object]) -> None:
    environment.check_platform(**{**GOOD, **change})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"system": "darwin"}, "refcloud.system"),
        ({"machine": "riscv64"}, "refcloud.machine"),
        ({"implementation": "pypy"}, "refcloud.python"),
        ({"version": (3, 10)}, "refcloud.python"),
        ({"version": (3, 14)}, "refcloud.python"),
    ],
    ids=str,
)
def test_any_other_platform_is_refused(change: dict[str, object], code: str) -> None:
    with pytest.raises(InputError) as caught:
        environment.check_platform(**{**GOOD, **change})  # type: ignore[arg-type]
    assert [problem.code for problem in caught.value.problems] == [code]


def test_the_lock_file_has_exact_versions_and_hashes_and_no_address() -> None:
    text = environment.LOCK_FILE.read_text()
    assert "://" not in text
    assert "index" not in text.replace("index-", "")
    assert len(environment.locked_packages()) > 150
    for entry in re.split(r"\n(?=\S)", text.strip()):
        assert re.match(r"[\w.-]+==\S+", entry), entry
        assert "--hash=sha256:" in entry, entry


@pytest.mark.parametrize("name", ["keystone", "glance", "nova", "neutron", "cinder", "swift", "openstack-placement"])
def test_every_service_is_locked(name: str) -> None:
    assert any(one.startswith(f"{name}==") for one in environment.locked_packages())


def test_installers_keep_their_index_and_lose_what_misleads_them() -> None:
    mine = {"PIP_INDEX_URL": "a", "UV_INDEX_URL": "b", "https_proxy": "c", "PATH": "d"}
    other = {"PIP_TARGET": "x", "PIP_USER": "1", "VIRTUAL_ENV": "y", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": "z"}
    assert environment.clean_variables(mine | other) == mine


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An environment that looks finished, with two packages."""
    target = tmp_path / "environment"
    (target / "bin").mkdir(parents=True)
    environment.python(target).touch(0o755)
    for name in ("nova", "nova-34.dist-info"):
        (environment.packages_folder(target) / name).mkdir(parents=True)
    (target / environment.MARKER).write_text(json.dumps({"packages": ["nova", "nova-34.dist-info"]}))
    monkeypatch.setattr(environment, "folder", lambda: target)
    return target


def test_a_finished_environment_is_used_as_it_is(made: Path) -> None:
    said: list[str] = []
    assert environment.ensure(said.append) == made
    assert said == []


def test_a_lost_package_is_named(made: Path) -> None:
    (environment.packages_folder(made) / "nova").rmdir()
    with pytest.raises(InputError, match="it lacks nova") as caught:
        environment.ensure(lambda _: None)
    assert "--rebuild" in (caught.value.problems[0].hint or "")


def test_a_lost_python_is_named(made: Path) -> None:
    environment.python(made).unlink()
    with pytest.raises(InputError, match="bin/python"):
        environment.ensure(lambda _: None)


def test_an_unfinished_environment_is_made_again(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (made / environment.MARKER).unlink()
    commands: list[list[str]] = []

    def pretend(command: list[str], *_: object, **_options: object) -> None:
        commands.append(command)
        (environment.packages_folder(made) / "nova").mkdir(parents=True, exist_ok=True)

    monkeypatch.setattr(environment, "_call", pretend)
    environment.ensure(lambda _: None)
    assert any("--require-hashes" in command and ":all:" in command for command in commands)
    assert json.loads((made / environment.MARKER).read_text())["packages"] == ["nova"]


def test_no_room_for_the_packages_is_told_before_anything_is_removed(
    made: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environment, "LEAST_FREE_BYTES", 1 << 60)
    with pytest.raises(InputError, match="MiB are needed"):
        environment.ensure(lambda _: None, rebuild=True)
    assert made.exists()


CHILD = """
import sys
from pathlib import Path
from defcore.refcloud import environment
print(flush=True)
environment._call(["sleep", "60"], Path(sys.argv[1]))
"""


@pytest.fixture
def orphan(made: Path) -> Iterator[Path]:
    """A step of the installation goes on although its command was killed."""
    command = subprocess.Popen([sys.executable, "-c", CHILD, str(made)], stdout=subprocess.PIPE)
    assert command.stdout
    command.stdout.readline()
    until = time.monotonic() + 20
    while not makers(made) and time.monotonic() < until:
        time.sleep(0.02)
    command.kill()
    command.wait()
    command.stdout.close()
    assert len(makers(made)) == 1
    yield made
    for process in makers(made):
        os.kill(process.pid, signal.SIGKILL)


def makers(target: Path) -> frozenset[processes.Process]:
    return processes.with_variable(environment.MAKING, str(target))


def test_what_a_killed_command_left_at_work_is_ended_by_down(orphan: Path, tmp_path: Path) -> None:
    with orphan.with_suffix(".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        assert environment.end_left_makers(lambda _: None) == 0, "the command that makes it is alive"
        assert len(makers(orphan)) == 1
    assert Cloud(tmp_path / "state").down() == 1
    assert makers(orphan) == frozenset()


def test_an_environment_is_not_made_while_another_command_s_step_goes_on(orphan: Path) -> None:
    environment.ensure(lambda _: None)
    assert makers(orphan) == frozenset()


def test_an_installer_that_fails_is_quoted() -> None:
    with pytest.raises(UnknownError, match="no such wheel"):
        environment._call(["sh", "-c", "echo no such wheel >&2; exit 1"], Path("target"))
