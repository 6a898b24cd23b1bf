"""Tests that must be alone in the project for a kind of resource, while others run beside them.

A test takes a shared lock on a kind when it first writes a resource of that kind into the ledger, and keeps it
until it ends; a test marked `exclusive(kind)` takes the exclusive one before its fixtures are set up. File
locks, because the tests run in several processes, and because the kernel frees those of a worker that dies.
No test needs to say which kinds it uses, and no two kinds stand in each other's way.

Where the project has little room (`Room`), a test that makes a kind of which there is little takes one of a few
places first, and keeps it until it ends: two tests, each with half of what it needs, would wait for each other.

Free of deadlock: only one exclusive test at a time (`one` lock), which takes all its kinds or none; it keeps new
tests from their first kind until it has them (`turn` lock), but never one that holds a kind already. An exclusive
test takes its place together with its kinds, so that whoever has a place waits for nobody who wants one.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from defcore.run.capacity import Room

FIRST_PAUSE, LONGEST_PAUSE = 0.02, 0.5
PLACE = "place"


class Gate:
    """The locks of one worker, in a folder that all workers of the run share."""

    def __init__(self, folder: Path, room: Room | None = None) -> None:
        self._folder = folder
        self._room = room
        self._held: dict[str, int] = {}
        self._attempt: int | None = None

    def attempt(self, test: str) -> None:
        """Wait until no other attempt at the same test is made, and keep others from it until `release`.

        Taken before any other lock, so that whoever waits for it holds nothing.
        """
        self._attempt = self._lock(f"test-{test}", fcntl.LOCK_EX)

    def share(self, kind: str) -> None:
        """Wait until no other test is alone with the kind, and keep others from being so until `release`."""
        if kind in self._held:
            return
        turn = None if self._held else self._lock("turn", fcntl.LOCK_SH)
        try:
            if self._room and kind in self._room.kinds and PLACE not in self._held:
                self._place()
            self._hold(kind, fcntl.LOCK_SH)
        finally:
            if turn is not None:
                os.close(turn)

    def alone(self, kinds: Iterable[str]) -> None:
        """Wait until no other test uses any of the kinds, and keep others out until `release`."""
        wanted = sorted(set(kinds))
        self._hold("one", fcntl.LOCK_EX)
        turn = self._lock("turn", fcntl.LOCK_EX)
        self._wait(lambda: self._try_all(wanted))
        os.close(turn)

    def release(self) -> None:
        for file in self._held.values():
            os.close(file)
        self._held.clear()
        if self._attempt is not None:
            os.close(self._attempt)
            self._attempt = None

    @staticmethod
    def _wait(taken: Callable[[], bool]) -> None:
        pause = FIRST_PAUSE
        while not taken():
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    def _place(self) -> None:
        """Wait for a place; first come, first served, for whoever ends a test asks again at once."""
        queue = self._lock("queue", fcntl.LOCK_EX)
        try:
            self._wait(self._try_place)
        finally:
            os.close(queue)

    def _try_place(self) -> bool:
        """Take one of the places where there is little room, if there is a free one."""
        if self._room is None:
            return True
        for number in range(self._room.tests):
            with contextlib.suppress(BlockingIOError):
                self._held[PLACE] = self._lock(f"{PLACE}-{number}", fcntl.LOCK_EX | fcntl.LOCK_NB)
                return True
        return False

    def _try_all(self, kinds: Iterable[str]) -> bool:
        taken: dict[str, int] = {}
        for kind in kinds:
            try:
                taken[kind] = self._lock(kind, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                for file in taken.values():
                    os.close(file)
                return False
        if not self._try_place():
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
