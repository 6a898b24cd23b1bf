"""The folder of a run: empty when the run begins, and one process at work in it."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from defcore.errors import InputError, Problem, UnknownError
from defcore.run.durable import is_full


def check_folder(folder: Path) -> None:
    """Raises InputError for a run folder that holds something."""
    try:
        taken = next(folder.iterdir(), None) if folder.exists() else None
    except OSError as error:
        raise _unusable(folder, error) from None
    if taken is not None:
        hint = "name another one with --out; a run is never written over another"
        raise InputError(
            Problem(code="run.not-empty", message=f"the run folder holds {taken.name!r}", where=str(folder), hint=hint)
        )


@contextlib.contextmanager
def claimed(folder: Path) -> Iterator[Path]:
    """Make the run folder, or take an empty one, and be the only process at work there. Raises InputError."""
    check_folder(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        folder = folder.resolve()
    except OSError as error:
        raise _unusable(folder, error) from None
    with alone(folder):
        check_folder(folder)  # another run may have taken it meanwhile, and have ended
        _check_writable(folder)
        yield folder


def _check_writable(folder: Path) -> None:
    probe = folder / ".probe"
    try:
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise _unusable(folder, error) from None


@contextlib.contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Be the only process at work in the run folder. Raises InputError if there is another, or none can be."""
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise _unusable(folder, error) from None
    try:
        with contextlib.suppress(OSError):
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                message, hint = "another process is at work in the run folder", "wait for its end"
                raise InputError(Problem(code="run.alive", message=message, where=str(folder), hint=hint)) from None
        yield
    finally:
        os.close(descriptor)


def _unusable(folder: Path, error: OSError) -> InputError | UnknownError:
    message = f"the run folder cannot be used: {error.strerror or error}"
    kind = UnknownError if is_full(error) else InputError
    return kind(Problem(code="run.folder", message=message, where=str(folder)))
