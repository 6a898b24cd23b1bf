"""Keeps a run within its budget of servers, volumes and gigabytes, whatever its tests want.

The ledger is the account: what was intended and not removed is there. Who wants to intend more reads what all
workers have written, and writes the own intention, under one lock, so that the sum is never more than the budget;
what a worker that died has left counts until it is swept. The places of `exclusive.Gate` see to it that tests seldom
wait here, each with a part of what it needs.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from defcore.errors import CannotTell, Prerequisite
from defcore.model.budget import Budget
from defcore.run.ledger import FILE
from defcore.run.process import ProcessId, is_alive, process_of

PATIENCE = 600.0
"""Seconds until others must have given something back."""
FIRST_PAUSE, LONGEST_PAUSE = 0.02, 0.5
NOTHING: Mapping[str, int] = {}


def amounts(kind: str, gigabytes: int) -> Mapping[str, int]:
    """What one thing of the kind takes of each part of a budget."""
    match kind:
        case "server":
            return {"servers": 1}
        case "volume":
            return {"volumes": 1, "gigabytes": gigabytes}
        case "snapshot":
            return {"gigabytes": gigabytes}
    return NOTHING


def total(several: Iterable[Mapping[str, int]]) -> dict[str, int]:
    found: dict[str, int] = {}
    for one in several:
        for name, amount in one.items():
            found[name] = found.get(name, 0) + amount
    return found


class Account:
    """What there is according to a ledger, read on as it grows."""

    def __init__(self, ledger: Path) -> None:
        self._ledger = ledger
        self._read = 0
        self._there: dict[str, Mapping[str, int]] = {}
        self._abandoned: set[str] = set()
        self._writers: dict[int, ProcessId] = {}
        self._makers: dict[str, ProcessId] = {}

    def abandoned(self) -> dict[str, int]:
        """Of what was read last: what no test will remove any more, for its test has ended, or its worker died."""
        return total(takes for key, takes in self._there.items() if key in self._abandoned or self._is_orphan(key))

    def _is_orphan(self, key: str) -> bool:
        maker = self._makers.get(key)
        return maker is not None and not is_alive(maker)

    def total(self) -> dict[str, int]:
        with contextlib.suppress(FileNotFoundError), self._ledger.open("rb") as file:
            file.seek(self._read)
            whole = file.read().rpartition(b"\n")[0]
            self._read += len(whole) + 1 if whole else 0
            for line in whole.splitlines():
                with contextlib.suppress(ValueError, KeyError, TypeError, RecursionError):
                    self.note(json.loads(line))
        return total(self._there.values())

    def note(self, event: Mapping[str, Any]) -> None:
        """Take an event of the ledger into account. Raises KeyError and TypeError for one that is none."""
        if event["event"] == "open":
            writer = process_of(event)
            self._writers[writer.pid] = writer
        elif event["event"] == "intend":
            takes = amounts(event["kind"], int(event.get("gigabytes", 0)))
            if takes:
                self._there[event["key"]] = takes
                if event.get("pid") in self._writers:
                    self._makers[event["key"]] = self._writers[event["pid"]]
        elif event["event"] == "removed":
            self._there.pop(event["key"], None)
        elif event["event"] == "abandoned":
            self._abandoned.add(event["key"])


class Allowance:
    """The budget as one worker keeps it; all workers of a run share the folder."""

    def __init__(self, folder: Path, budget: Budget, *, patience: float = PATIENCE) -> None:
        self._folder, self._budget, self._patience = folder, budget.document(), patience
        self._account = Account(folder / FILE)
        self._mine: dict[str, Mapping[str, int]] = {}

    def begin(self) -> tuple[str, ...]:
        """A new test. Returns the keys of what the one before left behind."""
        left = tuple(self._mine)
        self._mine.clear()
        return left

    def spend(self, kind: str, gigabytes: int, intend: Callable[[], str], *, there: bool = False) -> str:
        """Call `intend`, which writes into the ledger and returns the key, once the budget has room for the thing.

        What is `there` already is written down at once: refusing it would only lose sight of it. Raises Prerequisite
        if the test alone needs more than the budget, CannotTell if others give nothing back, or what earlier tests
        have left behind leaves no room.
        """
        takes = amounts(kind, gigabytes)
        if there or not takes:
            key = intend()
            if takes:
                self._mine[key] = takes
            return key
        self._check(takes)
        end, pause = time.monotonic() + self._patience, FIRST_PAUSE
        while True:
            with self._locked():
                short = self._short_of(total((self._account.total(), takes)))
                if short is None:
                    key = intend()
                    self._mine[key] = takes
                    return key
            lost = self._short_of(total((self._account.abandoned(), *self._mine.values(), takes)))
            if lost is not None:
                limit = self._budget[lost]
                raise CannotTell(f"the budget of {limit} {lost} is used up by what earlier tests could not remove")
            if time.monotonic() > end:
                limit = self._budget[short]
                raise CannotTell(f"the budget of {limit} {short} was used up for {self._patience:.0f} s by other tests")
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    def returned(self, key: str) -> None:
        """It is gone."""
        self._mine.pop(key, None)

    def _check(self, takes: Mapping[str, int]) -> None:
        need = total((*self._mine.values(), takes))
        short = self._short_of(need)
        if short is not None:
            limit = self._budget[short]
            raise Prerequisite(
                f"needs {need[short]} {short} at a time, and the budget is {limit} (--budget {short}={need[short]})"
            )

    def _short_of(self, need: Mapping[str, int]) -> str | None:
        return next((name for name, amount in need.items() if amount > self._budget[name]), None)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        self._folder.joinpath("locks").mkdir(parents=True, exist_ok=True)
        file = os.open(self._folder / "locks" / "budget.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
        finally:
            os.close(file)
