"""The bytes of one file: a regular one, and no more of it than there should be."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

PIECE = 1 << 20
"""Bytes that are read at a time."""
NO_REGULAR_FILE = "this is no regular file"
LINK = "this is a symbolic link, which is not followed here"


def read_regular(path: Path, at_most: int, *, links: bool = True) -> bytes:
    """The file's bytes; `at_most` + 1 of them if there are more, which shows it.

    Does not wait for the writer of a pipe, nor read a device. links: whether the file may be a symbolic link; the
    folders above it may be in any case. OSError if there is no such file, or if it is none.
    """
    flags = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY | (0 if links else os.O_NOFOLLOW)
    try:
        descriptor = os.open(path, flags)
    except ValueError:  # a zero byte in the name
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path)) from None
    except OSError as error:
        if error.errno == errno.ENXIO:  # a socket
            raise OSError(errno.EINVAL, NO_REGULAR_FILE, str(path)) from None
        if error.errno == errno.ELOOP and not links:
            raise OSError(errno.ELOOP, LINK, str(path)) from None
        raise
    return read_open(descriptor, at_most, str(path))


def read_open(descriptor: int, at_most: int, name: str) -> bytes:
    """The same of a file that is open; closes it."""
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, NO_REGULAR_FILE, name)
    pieces: list[bytes] = []
    rest = at_most + 1
    with os.fdopen(descriptor, "rb", closefd=True) as file:
        while rest and (piece := file.read(min(rest, PIECE))):  # one that asks for all takes as much memory at once
            pieces.append(piece)
            rest -= len(piece)
    return b"".join(pieces)
