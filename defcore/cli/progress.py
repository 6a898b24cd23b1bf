"""A run as it is watched: a live bar on a terminal, plain lines in a pipe."""

from __future__ import annotations

import time
from collections import Counter
from contextlib import AbstractContextManager, nullcontext, suppress
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.text import Text

from defcore.cli.terminal import console, inert
from defcore.model.outcome import Cause, Outcome
from defcore.run.events import Awaiting, Event, OutOfTime, Removed, Stopping, Sweeping, TestEnded, TestsStarted

EVERY = 10.0
"""Seconds between plain lines while nothing fails."""
STYLES = {Outcome.FAILED: "bold red", Outcome.ERROR: "bold yellow", Outcome.SKIPPED: "cyan"}
LONGEST = 300


class Watcher(AbstractContextManager["Watcher"]):
    """Listens to a run and prints; standard output stays free for the scorecard.

    Where nobody reads it any more (`2>&1 | head`, a terminal that is gone), the run goes on in silence.
    """

    def __init__(self, out: Console | None = None) -> None:
        self.out = out or console(stderr=True)
        self.counts: Counter[Outcome] = Counter()
        self.before = 0
        """Attempts that were done before."""
        self.begun = self.printed = time.monotonic()
        self.live: Progress | None = _bar(self.out) if self.out.is_terminal else None
        self.task: Any = None
        self.heard = True
        """Somebody reads what is printed."""

    def __enter__(self) -> Watcher:
        (self.live or nullcontext()).__enter__()
        return self

    def __exit__(self, *about: Any) -> None:
        if self.live:
            with suppress(OSError):
                self.live.__exit__(*about)

    def __call__(self, event: Event) -> None:
        if not self.heard:
            return
        try:
            self._tell(event)
        except OSError:
            self.heard = False

    def _tell(self, event: Event) -> None:
        match event:
            case TestsStarted():
                self._started(event)
            case TestEnded():
                self._ended(event)
            case Stopping(cleaning=True):
                words = "interrupted: the clean-up ends here, and `defcore sweep` removes what is left"
                self._say(Text(words, style="bold"))
            case Stopping():
                words = "cut off the tests that run" if event.at_once else "let the tests that run finish"
                again = "" if event.at_once else " (Ctrl-C again to cut them off)"
                self._say(Text(f"interrupted: {words}, then clean up{again}", style="bold"))
            case OutOfTime():
                words = f"the budget of {event.minutes} minutes is used up: let the tests that run finish, clean up"
                self._say(Text(words, style="bold"))
            case Sweeping():
                self._say(Text(f"cleaning up: {event.count} left by the tests", style="bold"))
            case Removed():
                self._removed(event)
            case Awaiting():
                self._say(Text(awaiting(event)))

    def _started(self, event: TestsStarted) -> None:
        before = f", {event.done} of them done before" if event.done else ""
        self._say(Text(f"{event.total} tests{before}, {event.workers} at a time"))
        self.before = event.done
        if self.live:
            self.task = self.live.add_task("testing", total=event.total, completed=event.done)

    def _ended(self, event: TestEnded) -> None:
        self.counts[event.outcome] += 1
        noteworthy = event.outcome in (Outcome.FAILED, Outcome.ERROR) or event.cause is Cause.ABSENT
        if noteworthy:
            reason = inert((event.reason or "").replace("\n", " "))[:LONGEST]
            line = Text(f"{event.outcome:7} ", style=STYLES[event.outcome])
            self._say(line.append(inert(event.nodeid), style="default").append(f"  {reason}", style="dim"))
        if self.live:
            self.live.update(self.task, completed=event.done, description=self._tally())
        elif event.done == event.total or time.monotonic() - self.printed > EVERY:
            self.printed = time.monotonic()
            self._say(Text(f"{event.done}/{event.total}  {self._tally()}  {self._left(event)}".rstrip()))

    def _removed(self, event: Removed) -> None:
        name = inert(event.name or event.id or "?")
        if event.instead:
            self._say(Text(f"not ours: {event.kind} {name}: {inert(event.instead)[:LONGEST]}"))
        if event.trouble:
            self._say(Text(f"left: {event.kind} {name}: {inert(event.trouble)[:LONGEST]}", style="bold yellow"))

    def _left(self, event: TestEnded) -> str:
        done = event.done - self.before
        if done <= 0 or event.done == event.total:
            return ""
        seconds = (time.monotonic() - self.begun) / done * (event.total - event.done)
        return f"about {seconds:.0f} s left" if seconds < 100 else f"about {seconds / 60:.0f} min left"

    def _tally(self) -> str:
        return "  ".join(f"{self.counts[one]} {one.lower()}" for one in Outcome if self.counts[one])

    def _say(self, line: Text) -> None:
        (self.live.console if self.live else self.out).print(line, soft_wrap=True)


def _bar(out: Console) -> Progress:
    return Progress(
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.description}"),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
        console=out,
    )


def awaiting(event: Awaiting) -> str:
    """What is waited for, and how long."""
    name = inert(event.name or "?")
    return f"waiting for {event.kind} {name}, which the cloud may still make, {event.seconds:.0f} s at most"
