"""Names and files in a folder from a stranger, read without a step outside.

    content = read_within(folder, "evidence/a.har", at_most=1 << 20)
    names = names_within(folder, "evidence", at_most=20_000)

Refused are symbolic links and everything that is no regular file; only the folder itself may be a link.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

from defcore.reading.files import read_open

FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC


def read_within(folder: Path, name: str, at_most: int) -> bytes:
    """The bytes of a file below the folder; `at_most` + 1 of them if there are more, which shows it.

    `name` is relative, with `/`. No link is followed on the way. OSError if there is no such regular file; a name that
    leads outside is one that is not there.
    """
    steps = _steps(name)
    with _opened(folder, steps[:-1]) as inner:
        return read_open(os.open(steps[-1], FILE, dir_fd=inner), at_most, name)


def names_within(folder: Path, name: str, at_most: int) -> tuple[str, ...]:
    """The names in a folder below the folder, "" for itself, sorted; `at_most` + 1 of them if there are more.

    OSError if there is no such folder; bytes that are no UTF-8 are as `os.fsdecode` gives them.
    """
    with _opened(folder, _steps(name) if name else []) as inner, os.scandir(inner) as entries:
        return tuple(sorted(entry.name for entry in islice(entries, at_most + 1)))


def _steps(name: str) -> list[str]:
    steps = name.split("/")
    if not name or "\0" in name or any(step in ("", ".", "..") for step in steps):
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), name)
    return steps


@contextmanager
def _opened(folder: Path, steps: list[str]) -> Iterator[int]:
    current = os.open(folder, FOLDER & ~os.O_NOFOLLOW)
    try:
        for step in steps:
            inner = os.open(step, FOLDER, dir_fd=current)
            os.close(current)
            current = inner
        yield current
    finally:
        os.close(current)
