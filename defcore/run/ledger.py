"""What a run makes in a cloud, written down before the request that makes it.

`ledger.jsonl` in the run folder: one short line an event, appended by every worker, on disk before the request
goes out. What was intended and never removed is left over, whatever ended the run. The user's state folder
holds a file for each run that may have left something, so that `defcore sweep` finds it.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import json
import os
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import platformdirs

from defcore.run.durable import named, sync_folder, write_whole
from defcore.run.process import ProcessId, is_alive, process_of, this_process

FILE = "ledger.jsonl"
SCHEMA = "defcore/ledger/1"
MOST_NAMED = 5
"""Ids that are told of what is not known otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Something a run intended to make and has not been seen to remove."""

    key: str
    kind: str
    cloud: str
    path: str
    """Below the service's endpoint, `{id}` being the id."""
    name: str | None
    id: str | None
    """None: no answer told it."""
    asked: datetime | None = None
    """When it was written down, by this machine's clock, if no answer has shown it since."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerState:
    """What a ledger says when it is read."""

    left: tuple[Entry, ...] = ()
    """In the order of their making."""
    processes: tuple[ProcessId, ...] = ()
    """Those that wrote it."""
    unreadable: int = 0
    """Lines that could not be read; a last one that was torn while it was written is none of them."""
    unasked: tuple[str, ...] = ()
    """Ids of what was made and not removed, whose intention is not to be found."""

    @property
    def alive(self) -> bool:
        return any(is_alive(process) for process in self.processes)

    @property
    def damage(self) -> str | None:
        """What is wrong with the ledger, so that more may be left than it says."""
        if not (self.unreadable or self.unasked):
            return None
        lines = "1 line" if self.unreadable == 1 else f"{self.unreadable} lines"
        what = [f"{lines} cannot be read"] if self.unreadable else []
        what += [f"what was asked for is missing of {', '.join(self.unasked[:MOST_NAMED])}"] if self.unasked else []
        return f"the ledger is damaged: {', and '.join(what)}"


class Ledger:
    """Appends to a ledger; `defcore.suite.support.actor.Ledger` as the suite sees it."""

    def __init__(self, run_folder: Path, *, run: str) -> None:
        run_folder.mkdir(parents=True, exist_ok=True)
        self._path = run_folder / FILE
        new = not self._path.exists()
        self._file = os.open(self._path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        if new:
            sync_folder(run_folder)
        self._write({"event": "open", "schema": SCHEMA, "run": run, **asdict(this_process())})

    def intend(
        self, *, kind: str, cloud: str, path: str, name: str | None, id: str | None = None, gigabytes: int = 0
    ) -> str:
        """Before the request. Returns the entry's key; on disk when it returns."""
        key = uuid.uuid4().hex
        about: dict[str, Any] = {"kind": kind, "cloud": cloud, "path": path, "name": name, "id": id}
        if gigabytes:
            about["gigabytes"] = gigabytes
        about["pid"] = os.getpid()
        self._write({"event": "intend", "key": key, **about, "at": datetime.now(UTC).isoformat()})
        os.fsync(self._file)
        return key

    def created(self, key: str, *, id: str) -> None:
        self._write({"event": "created", "key": key, "id": id})

    def removed(self, key: str) -> None:
        """It is gone, or it was never made."""
        self._write({"event": "removed", "key": key})

    def abandoned(self, key: str) -> None:
        """Its test has ended and left it behind: it stays until the sweep."""
        self._write({"event": "abandoned", "key": key})

    def close(self) -> None:
        os.close(self._file)

    def _write(self, event: dict[str, Any]) -> None:
        """Raises OSError with the path; then nothing of the line is left."""
        line = (json.dumps(event, separators=(",", ":")) + "\n").encode()
        with named(self._path), self._alone():
            before = self._end_of_lines()
            try:
                written = os.write(self._file, line)
                if written != len(line):
                    raise OSError(errno.ENOSPC, "the ledger could not be written")
            except OSError:
                with contextlib.suppress(OSError):
                    os.ftruncate(self._file, before)
                raise

    @contextlib.contextmanager
    def _alone(self) -> Iterator[None]:
        """Of all writers: what is cut off here is nobody else's line."""
        try:  # a test whose time is over may be cut off anywhere
            fcntl.flock(self._file, fcntl.LOCK_EX)
            yield
        finally:
            fcntl.flock(self._file, fcntl.LOCK_UN)

    def _end_of_lines(self) -> int:
        """The size of the ledger, without a last line that was torn: nothing was asked for on the strength of it."""
        size = os.fstat(self._file).st_size
        if not size or os.pread(self._file, 1, size - 1) == b"\n":
            return size
        lines, torn = _torn(os.pread(self._file, size, 0))
        if torn:
            os.ftruncate(self._file, lines)
            return lines
        os.write(self._file, b"\n")  # an editor has taken it away
        return size + 1


def read_ledger(run_folder: Path) -> LedgerState:
    """What is left according to the ledger; a run that wrote none made nothing. Raises OSError."""
    try:
        content = (run_folder / FILE).read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return LedgerState()
    lines, torn = _torn(content)
    reading = _Reading()
    for event in _events(content[:lines] if torn else content):
        try:
            reading.take(event)
        except (KeyError, TypeError, ValueError):
            reading.unreadable += 1
    return LedgerState(
        left=tuple(reading.left.values()),
        processes=tuple(reading.processes),
        unreadable=reading.unreadable,
        unasked=tuple(reading.unasked.values()),
    )


def left_by(run_folder: Path) -> tuple[Entry, ...]:
    """What the run in this folder has left."""
    return read_ledger(run_folder).left


def _events(content: bytes) -> Iterator[Any]:
    """Each line's event; None for one that cannot be read."""
    for line in content.split(b"\n"):
        if line.strip():
            event = None
            with contextlib.suppress(ValueError, RecursionError):
                event = json.loads(line)
            yield event


def _torn(content: bytes) -> tuple[int, bool]:
    """(bytes of whole lines, whether a line that cannot be read follows without an end of its own)."""
    whole = content.rfind(b"\n") + 1
    return whole, next(_events(content[whole:]), True) is None


class _Reading:
    """A ledger, line by line."""

    def __init__(self) -> None:
        self.left: dict[str, Entry] = {}
        self.processes: list[ProcessId] = []
        self.unasked: dict[str, str] = {}
        self.unreadable = 0
        self._known: set[str] = set()

    def take(self, event: Any) -> None:
        """Raises KeyError, TypeError and ValueError for what is no event."""
        match event["event"]:
            case "open":
                self.processes.append(process_of(event))
            case "intend":
                entry = _entry(event)
                self.left[entry.key] = entry
                self._known.add(entry.key)
            case "created":
                key, id = event["key"], str(event["id"])
                if key in self.left:
                    self.left[key] = replace(self.left[key], id=id, asked=None)
                elif key not in self._known:
                    self.unasked[key] = id
            case "removed":
                self.left.pop(event["key"], None)
                self.unasked.pop(event["key"], None)


def _entry(event: Mapping[str, Any]) -> Entry:
    texts = {field: event[field] for field in ("key", "kind", "cloud", "path")}
    maybe = {field: event[field] for field in ("name", "id")}
    if not all(isinstance(one, str) for one in (*texts.values(), *(one for one in maybe.values() if one is not None))):
        raise TypeError(event)
    return Entry(**texts, **maybe, asked=_moment(event.get("at")))


def _moment(text: object) -> datetime | None:
    with contextlib.suppress(ValueError):
        moment = datetime.fromisoformat(str(text))
        return moment if moment.tzinfo else None
    return None


# --- the index of runs -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexedRun:
    """A run that may have left something."""

    id: str
    folder: Path
    clouds: tuple[str, ...]
    started: datetime
    process: ProcessId

    @property
    def alive(self) -> bool:
        """Whether the run, or any process that wrote its ledger, is still there."""
        if is_alive(self.process):
            return True
        try:
            return read_ledger(self.folder).alive
        except OSError:
            return False


def index_folder() -> Path:
    return Path(platformdirs.user_state_dir("defcore")) / "runs"


def index_file(run: str) -> Path:
    """The entry of a run."""
    return index_folder() / f"{run}.json"


def index_run(run: str, folder: Path, clouds: tuple[str, ...]) -> None:
    """Enter a run, made by this process, before it makes anything."""
    where = index_folder()
    where.mkdir(parents=True, exist_ok=True, mode=0o700)
    entry = {
        "schema": "defcore/indexed-run/1",
        "run": run,
        "folder": str(folder.resolve()),
        "clouds": list(clouds),
        "started": datetime.now(UTC).isoformat(),
        "process": asdict(this_process()),
    }
    write_whole(index_file(run), (json.dumps(entry) + "\n").encode())


def strike_run(run: str) -> None:
    """Take a run that left nothing out of the index."""
    index_file(run).unlink(missing_ok=True)


def indexed_runs() -> tuple[IndexedRun, ...]:
    """Every run in the index whose entry can be read, the oldest first."""
    found = [one for _, one in _entries() if one]
    return tuple(sorted(found, key=lambda run: run.started))


def unreadable_entries() -> tuple[Path, ...]:
    """Files of the index that say nothing of their run, whose name they have."""
    return tuple(path for path, one in _entries() if one is None)


def _entries() -> Iterator[tuple[Path, IndexedRun | None]]:
    for path in sorted(index_folder().glob("*.json")):
        try:
            yield path, _indexed(json.loads(path.read_text()))
        except FileNotFoundError:  # struck meanwhile
            continue
        except (OSError, ValueError, KeyError, TypeError, RecursionError):
            yield path, None


def _indexed(entry: Any) -> IndexedRun:
    """Raises ValueError, KeyError and TypeError."""
    started = datetime.fromisoformat(entry["started"])
    if started.tzinfo is None:
        raise ValueError(started)
    return IndexedRun(
        id=str(entry["run"]),
        folder=Path(entry["folder"]),
        clouds=tuple(map(str, entry["clouds"])),
        started=started,
        process=process_of(entry["process"]),
    )
