"""The locks of frozen guidelines: `guidelines/frozen/<id>.json`, beside the guideline's file.

A draft may change. With its publication, for review, its weights and cutoff are frozen. An approved guideline is
frozen as a whole: from then on a test may be flagged, and nothing else may change.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from defcore import schemas
from defcore.catalog.document import bytes_of
from defcore.errors import InputError, Problem
from defcore.model.guideline import Kind, Status
from defcore.model.lock import PUBLISHED, Lock
from defcore.reading import strict_json

SCHEMA = "defcore/lock/1"
FOLDER = "frozen"


def lock_path(guideline: Path) -> Path:
    """Where the lock of the guideline in that file lies."""
    return guideline.parent / FOLDER / f"{guideline.name.removesuffix(guideline.suffix)}.json"


def load_locks(folder: Path) -> tuple[Lock, ...]:
    """Every lock of a folder of guidelines. InputError has every problem."""
    return tuple(read_lock(path) for path in sorted((folder / FOLDER).glob("*.json")))


def read_lock(path: Path) -> Lock:
    raw = bytes_of(path)
    if isinstance(raw, Problem):
        raise InputError(raw)
    document = strict_json.parse(raw, str(path))
    problems = document.problems or schemas.problems(document.data, "lock", document)
    if problems:
        raise InputError(*problems)
    data = document.data
    return Lock(
        guideline=data["guideline"],
        kind=Kind(data["kind"]),
        status=data["status"],
        replaces=data["replaces"],
        digest=data["digest"],
        cutoff=data["cutoff"],
        weights=tuple(data["weights"].items()),
        components=tuple(
            (name, tuple((capability, Status(status)) for capability, status in own.items()))
            for name, own in data["components"].items()
        ),
        tests=tuple((name, tuple(keys)) for name, keys in data["tests"].items()),
    )


def lock_text(lock: Lock) -> str:
    """The file of a lock; the same bytes every time."""
    document = {
        "schema": SCHEMA,
        "guideline": lock.guideline,
        "kind": lock.kind.value,
        "status": lock.status,
        "replaces": lock.replaces,
        "digest": lock.digest,
        "cutoff": lock.cutoff,
        "weights": dict(lock.weights),
        "components": {name: {key: status.value for key, status in own} for name, own in lock.components},
        "tests": {name: list(keys) for name, keys in lock.tests},
    }
    return json.dumps(document, indent=1) + "\n"


def changes(old: Lock, new: Lock) -> tuple[str, ...]:
    """What may not change any more and has changed, in words. Flags, descriptions and the status may."""
    found = []
    if old.cutoff != new.cutoff:
        found.append(f"the cutoff was {old.cutoff}, is {new.cutoff}")
    found += [f"the weight of {line}" for line in _changed(dict(old.weights), dict(new.weights))]
    if old.status in PUBLISHED:
        return tuple(found)
    before = {(component, one): status for component, own in old.components for one, status in own}
    after = {(component, one): status for component, own in new.components for one, status in own}
    found += [f"in {line}" for line in _changed(_named(before), _named(after))]
    found += _tests(dict(old.tests), dict(new.tests))
    return tuple(found)


def _named(standing: dict[tuple[str, str], Status]) -> dict[str, Status]:
    return {f"{component}: {capability}": status for (component, capability), status in standing.items()}


def _changed(old: dict[str, int] | dict[str, Status], new: dict[str, int] | dict[str, Status]) -> Iterator[str]:
    for name in dict.fromkeys((*old, *new)):
        if old.get(name) != new.get(name):
            yield f"{name} was {old.get(name, 'not there')}, is {new.get(name, 'not there')}"


def _tests(old: dict[str, tuple[str, ...]], new: dict[str, tuple[str, ...]]) -> Iterator[str]:
    for name in dict.fromkeys((*old, *new)):
        before, after = Counter(old.get(name, ())), Counter(new.get(name, ()))
        yield from (f"the test {key} was added to {name}" for key in (after - before))
        yield from (f"the test {key} was removed from {name}" for key in (before - after))
        if (name in old) != (name in new) and not before and not after:
            yield f"the capability {name} was {'added' if name in new else 'removed'}"
