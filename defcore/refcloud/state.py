"""The folder that holds one reference cloud: its facts, configuration, databases, data and logs.

A folder is a cloud's state if it holds `state.json`. Nothing is ever written into, or removed from, a folder
with other contents.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

import platformdirs

from defcore.errors import InputError, Problem

SCHEMA = "defcore/refcloud-state/1"
# These paths stand in configuration files, database URLs and file URLs, which each give some signs a meaning.
SAFE_PATH = re.compile(r"[\w/.,@+=:-]+")
STATE_VARIABLE = "DEFCORE_REFCLOUD_STATE"
LEAST_FREE_BYTES = 512 << 20
ATTRIBUTE_BYTES = 2048


def state_dir(state: str | Path | None = None) -> Path:
    """The state folder asked for, absolute; without one, that of the user's own reference cloud.

    The variable DEFCORE_REFCLOUD_STATE moves the latter.
    """
    state = state or os.environ.get(STATE_VARIABLE)
    if not state:
        return platformdirs.user_state_path("defcore", appauthor=False) / "refcloud"
    return Path(state).expanduser().absolute()


def reference_clouds_file(state: str | Path | None = None) -> Path:
    """Where a reference cloud's clouds.yaml is. There is no such file before `defcore cloud up`."""
    return state_dir(state) / "clouds.yaml"


@dataclass(slots=True, kw_only=True)
class Facts:
    """What is known about a cloud between two commands."""

    release: str
    """Digest of the lock file of the packages that made the databases."""
    token: str = field(default_factory=lambda: secrets.token_hex(16))
    """Marks the processes of this cloud, in their environment."""
    started: list[str] = field(default_factory=list)
    """The services that `up` started and `down` has not ended."""
    ports: dict[str, int] = field(default_factory=dict)
    passwords: dict[str, str] = field(default_factory=dict)
    contents: list[str] = field(default_factory=list)
    """The services whose first contents have been made."""


class State:
    """A state folder."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __truediv__(self, name: str) -> Path:
        return self.path / name

    @property
    def exists(self) -> bool:
        return (self / "state.json").is_file()

    def read(self) -> Facts | None:
        """The facts, or None where no cloud has been."""
        file = self / "state.json"
        try:
            facts = json.loads(file.read_text())
            if facts.pop("schema") != SCHEMA:
                raise ValueError("it is of another version of defcore")
            return Facts(**facts)
        except FileNotFoundError:
            return None
        except PermissionError as error:
            raise _unusable(self.path, str(error)) from None
        except (ValueError, TypeError, KeyError, AttributeError, OSError) as error:
            raise InputError(
                Problem(
                    code="refcloud.state-unreadable",
                    message=f"the facts about this cloud cannot be read: {error}",
                    where=str(file),
                    hint=f"defcore cloud wipe --state {self.path}",
                )
            ) from None

    def save(self, facts: Facts) -> None:
        write_private(self / "state.json", json.dumps({"schema": SCHEMA, **asdict(facts)}, indent=1) + "\n")

    def prepare(self) -> None:
        """Make the folder, and check that services can live in it."""
        check_path(self.path)
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            if not self.exists and any(_foreign(one) for one in self.path.iterdir()):
                raise _not_ours(self.path)
            check_disk(self.path, LEAST_FREE_BYTES)
        except OSError as error:
            raise _unusable(self.path, error.strerror or str(error)) from None

    @contextlib.contextmanager
    def locked(self, waiting: Callable[[], None] = lambda: None) -> Iterator[None]:
        """Let one command at a time change this cloud; `waiting` is called if another one is at it."""
        check_path(self.path)
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(self / ".lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise _unusable(self.path, error.strerror or str(error)) from None
        with os.fdopen(descriptor) as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                waiting()
                fcntl.flock(file, fcntl.LOCK_EX)
            yield

    @property
    def busy(self) -> bool:
        """Whether a command is changing this cloud now."""
        try:
            with (self / ".lock").open() as file:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False

    def remove(self) -> None:
        """Remove the folder, if it is a cloud's."""
        if not self.path.exists():
            return
        others = [one for one in self.path.iterdir() if one.name != ".lock"]
        if not self.exists and any(map(_foreign, others)):
            raise _not_ours(self.path)
        # The facts go last: what an interrupted removal leaves is still known as ours.
        for one in others:
            if one.name == "state.json":
                continue
            if one.is_dir() and not one.is_symlink():
                shutil.rmtree(one)
            else:
                one.unlink()
        shutil.rmtree(self.path)


def _foreign(file: Path) -> bool:
    """Whether it is none of the files that a command which was killed leaves before there are facts."""
    return re.fullmatch(r"\.lock|\.state\.json\.\d+|\.attributes\.\d+", file.name) is None


def write_private(path: Path, text: str) -> None:
    """Write a file that only its owner can read, at once or not at all."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    unfinished.replace(path)


def check_path(path: Path) -> None:
    """Raise for a path with signs that mean something in the services' configuration."""
    if not SAFE_PATH.fullmatch(str(path)):
        odd = sorted(set(re.sub(SAFE_PATH, "", str(path))))
        raise InputError(
            Problem(
                code="refcloud.state-path",
                message=f"the services cannot use a folder with {' '.join(map(repr, odd))} in its path",
                where=str(path),
                hint="name another folder with --state",
            )
        )


def check_disk(path: Path, least: int) -> None:
    """Raise when the file system of `path` has fewer than `least` bytes free."""
    total, _, free = shutil.disk_usage(path)
    if total and free < least:  # some file systems in memory do not say how large they are
        raise InputError(
            Problem(
                code="refcloud.disk-full",
                message=f"{free >> 20} MiB of disk are free, {least >> 20} MiB are needed",
                where=str(path),
                hint="free some space, or choose another place: --state for the cloud's data, "
                "the variable XDG_CACHE_HOME for its packages",
            )
        )


def check_extended_attributes(path: Path) -> None:
    """Raise when files in `path` cannot have the extended attributes in which swift keeps its metadata."""
    probe = path / f".attributes.{os.getpid()}"
    try:
        probe.touch()
        os.setxattr(probe, "user.defcore", b"x" * ATTRIBUTE_BYTES)
    except OSError as error:
        raise InputError(
            Problem(
                code="refcloud.no-extended-attributes",
                message=f"the file system keeps no extended attributes, which swift needs ({error.strerror})",
                where=str(path),
                hint="choose a folder on another file system, such as ext4, xfs or btrfs, with --state",
            )
        ) from None
    finally:
        probe.unlink(missing_ok=True)


def _not_ours(path: Path) -> InputError:
    return InputError(
        Problem(
            code="refcloud.not-a-state",
            message="the folder holds other files and no reference cloud, so nothing in it is touched",
            where=str(path),
            hint="name an empty or new folder with --state",
        )
    )


def _unusable(path: Path, reason: str) -> InputError:
    return InputError(
        Problem(
            code="refcloud.state-unusable",
            message=f"the state folder cannot be used: {reason}",
            where=str(path),
            hint="name a folder that you may write to with --state",
        )
    )
