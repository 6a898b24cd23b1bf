"""Tests that must be alone in the project for a kind of resource, while others run beside them.

A test takes a shared lock on a kind when it first writes a resource of that kind into the ledger, and keeps it
until it ends; a test marked `exclusive(kind)` takes the exclusive one before its fixtures are set up. File
locks, because the tests run in several processes, and because the kernel frees those of a worker that dies.
No test needs to say which kinds it uses, and no two kinds stand in each other's way.

Free of deadlock: only one exclusive test at a time (`one` lock), which takes all its kinds or none; it keeps new
tests from their first kind until it has them (`turn` lock), but never one that holds a kind already.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterable
from pathlib import Path

FIRST_PAUSE, LONGEST_PAUSE = 0.02, 0.5


class Gate:
    """The locks of one worker, in a folder that all workers of the run share."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._held: dict[str, int] = {}

    def share(self, kind: str) -> None:
        """Wait until no other test is alone with the kind, and keep others from being so until `release`."""
        if kind in self._held:
            return
        if not self._held:
            turn = self._lock("turn", fcntl.LOCK_SH)
            self._hold(kind, fcntl.LOCK_SH)
            os.close(turn)
        else:
            self._hold(kind, fcntl.LOCK_SH)

    def alone(self, kinds: Iterable[str]) -> None:
        """Wait until no other test uses any of the kinds, and keep others out until `release`."""
        wanted = sorted(set(kinds))
        self._hold("one", fcntl.LOCK_EX)
        turn = self._lock("turn", fcntl.LOCK_EX)
        pause = FIRST_PAUSE
        while not self._try_all(wanted):
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)
        os.close(turn)

    def release(self) -> None:
        for file in self._held.values():
            os.close(file)
        self._held.clear()

    def _try_all(self, kinds: Iterable[str]) -> bool:
        taken: dict[str, int] = {}
        for kind in kinds:
            try:
                taken[kind] = self._lock(kind, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                for file in taken.values():
                    os.close(file)
                return False
        self._held |= taken
        return True

    def _hold(self, name: str, how: int) -> None:
        self._held[name] = self._lock(name, how)

    def _lock(self, name: str, how: int) -> int:
        self._folder.mkdir(parents=True, exist_ok=True)
        file = os.open(self._folder / f"{name}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, how)
        except BaseException:
            os.close(file)
            raise
        return file
