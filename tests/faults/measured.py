"""What a fault did: one row of docs/faults.md, from one run of one module of this folder."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

Say = Callable[[str], None]

FULL: Mapping[str, int] = {
    "killing": 30,
    "rough": 5,
    "full_disk": 10,
    "cloud_killing": 20,
    "canary": 1,
    "tampering": 500,
    "hostile": 10_000,
    "endurance": 60,
}
"""Module of this folder -> how often it is measured for the record: times, files, inputs or minutes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """One measurement of one fault."""

    fault: str
    """The module's name."""
    times: int
    unit: str
    """What is counted: `kills`, `runs`, `files`, `inputs`, `minutes`."""
    holds: str
    """What must hold, in a few words."""
    figures: tuple[tuple[str, int | float | str], ...]
    """Name and figure of what was counted on the way."""
    broken: tuple[str, ...]
    """Each time that it did not hold, with what is needed to see it again; empty if it held."""


class Fault(Protocol):
    """What each module of this folder offers."""

    def measure(self, *, times: int, seed: int, clouds: Path | None, say: Say) -> Measured:
        """Do it `times` times; `clouds` is a clouds.yaml of a reference cloud, for a fault that needs one."""


def fault(name: str) -> Fault:
    return cast(Fault, import_module(f"tests.faults.{name}"))


def document(measured: Measured, *, commit: str, date: str) -> str:
    """A line of docs/faults.jsonl."""
    return json.dumps(asdict(measured) | {"commit": commit, "date": date})


HEADER = """# Faults

What was done to defcore and to what it reads, and whether what must hold did. `scripts/soak` does it again; each fault
is a module of `tests/faults/`, of which the tests do a few rounds. The latest measurement of each:

| fault | times | must hold | seen | did not hold | commit | date |
|---|---:|---|---|---:|---|---|
"""


def table(lines: Iterable[str]) -> str:
    """docs/faults.md, from the lines of docs/faults.jsonl: of each fault the last one."""
    rows = {row["fault"]: row for row in map(json.loads, lines)}
    text, broken = HEADER, ""
    for name in (name for name in FULL if name in rows):
        row = rows[name]
        seen = "; ".join(f"{what}: {figure}" for what, figure in row["figures"])
        times = f"{row['times']} {row['unit']}"
        text += (
            f"| {name} | {times} | {row['holds']} | {seen} | {len(row['broken'])} | {row['commit']} | {row['date']} |\n"
        )
        broken += "".join(f"- {name}: {one}\n" for one in row["broken"])
    return text + (f"\n{broken}" if broken else "")
