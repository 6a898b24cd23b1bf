"""What a run has to say while it goes on, as values; who listens is not its business."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from defcore.model.outcome import Cause, Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class TestsStarted:
    __test__ = False  # not a pytest class

    total: int
    workers: int
    done: int = 0
    """Attempts that an earlier part of the run has finished."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TestEnded:
    __test__ = False  # not a pytest class

    test: str
    nodeid: str
    outcome: Outcome
    cause: Cause | None
    reason: str | None
    seconds: float
    done: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopping:
    """After Ctrl-C: what runs is let finish, or is cut off."""

    at_once: bool
    cleaning: bool = False
    """In the clean-up, which ends there: what is left waits for `defcore sweep`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OutOfTime:
    """The budget's minutes are over: what runs is let finish."""

    minutes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweeping:
    """What tests could not remove is removed now."""

    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Removed:
    """One thing that was left is gone, or cannot be removed."""

    kind: str
    id: str | None
    name: str | None
    cloud: str
    trouble: str | None
    """None: it is gone."""
    found: bool = True
    """False: it was not there, or never made."""
    instead: str | None = None
    """What is there, is not the run's, and stays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Awaiting:
    """Something was asked for so lately that the cloud may still make it."""

    kind: str
    name: str | None
    seconds: float
    """At most."""


Event = TestsStarted | TestEnded | Stopping | OutOfTime | Sweeping | Removed | Awaiting
Listener = Callable[[Event], None]
