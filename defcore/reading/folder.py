"""A folder from a stranger: which files it holds, and each of them read without a step outside.

    sizes = names_and_sizes(folder)                     # InputError with everything that must not be in it
    content = read_within(folder, "evidence/a.har", at_most=1 << 20)

Refused are links, symbolic or hard, everything that is neither a folder nor a regular file, names that one could
mistake for others, and more or larger files than there should be.
"""

from __future__ import annotations

import errno
import os
import stat
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from defcore.errors import InputError, Problem
from defcore.reading.document import first_of
from defcore.reading.files import read_open

LONGEST_NAME = 200
"""Characters of a file's or folder's own name."""
FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
HIDDEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
"""Unicode categories of what cannot be seen in a name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderLimits:
    """How much a folder may hold."""

    files: int = 20_000
    """Files and folders, all together."""
    size: int = 64 << 20
    """Bytes of one file."""
    total: int = 4 << 30
    """Bytes of all files."""
    depth: int = 8
    """Folders within one another."""


DEFAULT = FolderLimits()


def names_and_sizes(folder: Path, limits: FolderLimits = DEFAULT) -> dict[str, int]:
    """Name, relative to the folder and with `/`, and bytes of each file at any depth, sorted by name.

    InputError with all problems: links, pipes, devices, sockets, files with a second name, names that hide something,
    names that differ in letters' case or Unicode form alone, and what goes beyond the limits.
    """
    walk = _Walk(folder, limits)
    try:
        top = os.open(folder, FOLDER & ~os.O_NOFOLLOW)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "there is no such folder"
        raise InputError(Problem(code="folder.unreadable", message=why, where=str(folder))) from None
    try:
        walk.enter(top, "", 1)
    except _TooMuch:
        pass
    finally:
        os.close(top)
    if walk.problems:
        raise InputError(*first_of(walk.problems, str(folder)))
    return dict(sorted(walk.sizes.items()))


def read_within(folder: Path, name: str, at_most: int) -> bytes:
    """The bytes of a file below the folder; `at_most` + 1 of them if there are more, which shows it.

    `name` is relative, with `/`. No link is followed on the way. OSError if there is no such regular file; a name that
    leads outside is one that is not there.
    """
    steps = name.split("/")
    if not name or "\0" in name or any(step in ("", ".", "..") for step in steps):
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), name)
    with _opened(folder, steps[:-1]) as inner:
        return read_open(os.open(steps[-1], FILE, dir_fd=inner), at_most, name)


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


class _TooMuch(Exception):
    """The rest is not looked at."""


@dataclass(slots=True)
class _Walk:
    folder: Path
    limits: FolderLimits
    sizes: dict[str, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    seen: int = 0
    total: int = 0

    def enter(self, descriptor: int, prefix: str, depth: int) -> None:
        alike: dict[str, str] = {}
        with os.scandir(descriptor) as entries:
            for entry in entries:
                self.seen += 1
                if self.seen > self.limits.files:
                    self._stop(prefix, f"more than {self.limits.files:,} files and folders")
                self._check_name(entry.name, prefix, alike)
                self._take(descriptor, entry.name, prefix, depth)

    def _take(self, descriptor: int, name: str, prefix: str, depth: int) -> None:
        path = f"{prefix}{name}"
        status = os.stat(name, dir_fd=descriptor, follow_symlinks=False)
        if stat.S_ISDIR(status.st_mode):
            if depth >= self.limits.depth:
                self._wrong(path, "depth", f"folders deeper than {self.limits.depth} levels")
                return
            inner = os.open(name, FOLDER, dir_fd=descriptor)
            try:
                self.enter(inner, f"{path}/", depth + 1)
            finally:
                os.close(inner)
        elif stat.S_ISLNK(status.st_mode):
            self._wrong(path, "link", "a symbolic link is not followed")
        elif not stat.S_ISREG(status.st_mode):
            self._wrong(path, "special", "neither a file nor a folder")
        elif status.st_nlink > 1:
            self._wrong(path, "link", f"the file has {status.st_nlink} names", "send a copy of it")
        else:
            self._count(path, status.st_size)

    def _count(self, path: str, size: int) -> None:
        if size > self.limits.size:
            self._wrong(path, "size", f"a file of {size:,} bytes; the most is {self.limits.size:,}")
        self.total += size
        if self.total > self.limits.total:
            self._stop(path, f"more than {self.limits.total:,} bytes in all")
        self.sizes[path] = size

    def _check_name(self, name: str, prefix: str, alike: dict[str, str]) -> None:
        path = f"{prefix}{name}"
        if len(name) > LONGEST_NAME:
            self._wrong(path, "name", f"a name of more than {LONGEST_NAME} characters")
        if "\\" in name or any(unicodedata.category(one) in HIDDEN for one in name):
            self._wrong(path, "name", "a backslash, or a character that cannot be seen, in the name")
            return
        key = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
        other = alike.setdefault(key, name)
        if other != name:
            self._wrong(path, "alike", f"some systems take the name for {other!r}")

    def _wrong(self, path: str, code: str, message: str, hint: str | None = None) -> None:
        shown = os.fsencode(path).decode(errors="backslashreplace")
        where = f"{self.folder}/{shown}"
        self.problems.append(Problem(code=f"folder.{code}", message=message, where=where, hint=hint))

    def _stop(self, path: str, message: str) -> None:
        self._wrong(path, "size", message)
        raise _TooMuch
