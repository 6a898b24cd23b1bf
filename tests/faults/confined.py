"""Verbs of the command line, called many times in one process that may do little: a child with limits, watched.

The child has a gigabyte of memory and a time for each call. A hook sees what it opens, writes, starts and connects to;
nothing but files of its own `out` folder may be written.
"""

from __future__ import annotations

import io
import json
import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

MEMORY = 1 << 30
"""Bytes of address space."""
SECONDS = 60
"""Of the wall, after which a call hangs: the machine may be busy."""
PROCESSOR_SECONDS = 15.0
"""Of the processor, that a call may take."""
CHANGING = {
    "os.rename",
    "os.remove",
    "os.mkdir",
    "os.rmdir",
    "os.symlink",
    "os.link",
    "os.chmod",
    "os.chown",
    "os.truncate",
    "os.utime",
    "shutil.rmtree",
    "shutil.move",
}
NEVER = ("socket.", "subprocess.", "os.system", "os.exec", "os.posix_spawn", "os.spawn", "os.fork", "os.kill")
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a call came to."""

    code: int
    out: bytes
    err: bytes
    seconds: float
    """Of the processor."""
    forbidden: tuple[str, ...]
    """What it did that it must not."""


class Hangs(BaseException):
    pass


class Watch:
    """The hook; it cannot be taken off again, only told to look away."""

    def __init__(self) -> None:
        self.out: str | None = None
        self.forbidden: list[str] = []
        sys.addaudithook(self)

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if self.out is None:
            return
        if event == "open":
            path, _, flags = arguments
            if isinstance(flags, int) and flags & WRITES and isinstance(path, str | bytes):
                self._changes(event, path)
        elif event in CHANGING:
            for path in arguments[:2]:
                if isinstance(path, str | bytes | os.PathLike):
                    self._changes(event, _within(arguments, path))
        elif event.startswith(NEVER):
            self.forbidden.append(f"{event} {arguments!r:.200}")

    def _changes(self, event: str, path: str | bytes | os.PathLike[Any]) -> None:
        place = os.path.abspath(os.fsdecode(path))  # noqa: PTH100 - a path that need not exist
        if place != os.devnull and not place.startswith(f"{self.out}{os.sep}"):
            self.forbidden.append(f"{event} {place}")


def _within(arguments: tuple[Any, ...], path: str | bytes | os.PathLike[Any]) -> str | bytes | os.PathLike[Any]:
    """The path, told by the folder whose descriptor is the last argument, as `shutil.rmtree` removes things."""
    folder = arguments[-1]
    if isinstance(folder, int) and folder > 2 and isinstance(path, str):
        return os.path.join(os.readlink(f"/proc/self/fd/{folder}"), path)  # noqa: PTH115, PTH118 - within a hook
    return path


class Confined:
    """Calls verbs within this process. To be made in a child: the limits stay."""

    def __init__(self, call: Callable[[list[str]], int], memory: int = MEMORY) -> None:
        self._call = call
        sys.dont_write_bytecode = True
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        signal.signal(signal.SIGALRM, _hangs)
        self._watch = Watch()

    def call(self, arguments: list[str], out: Path) -> Said:
        """Call a verb; files may be written below `out`."""
        self._watch.forbidden = []
        started = time.process_time()
        with _streams() as (stdout, stderr):
            signal.alarm(SECONDS)
            self._watch.out = str(out)
            try:
                code = self._call(arguments)
            except Hangs:
                code = -1
            except BaseException as error:
                self._watch.out = None
                stderr.write(f"came out of the verb: {error!r:.500}".encode(errors="replace").decode())
                code = -2
            finally:
                self._watch.out = None
                signal.alarm(0)
            for stream in (stdout, stderr):
                stream.flush()
            said = stdout.buffer.getvalue(), stderr.buffer.getvalue()  # type: ignore[attr-defined]
        return Said(
            code=code,
            out=said[0],
            err=said[1],
            seconds=time.process_time() - started,
            forbidden=tuple(self._watch.forbidden),
        )


def _hangs(*_: object) -> None:
    raise Hangs


@contextmanager
def _streams() -> Iterator[tuple[io.TextIOWrapper, io.TextIOWrapper]]:
    """Streams as those of a pipe: strict UTF-8 for the output, anything for errors."""
    before = sys.stdout, sys.stderr
    stdout = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors="strict")
    stderr = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", errors="backslashreplace")
    sys.stdout, sys.stderr = stdout, stderr
    try:
        yield stdout, stderr
    finally:
        sys.stdout, sys.stderr = before


def in_child(work: Callable[[Callable[[Any], None]], None]) -> tuple[list[Any], str | None]:
    """Do the work in a forked child; what it tells, as JSON, and how the child died if it did."""
    reading, writing = os.pipe()
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _work(work, writing)
    os.close(writing)
    with os.fdopen(reading) as lines:
        told = [json.loads(line) for line in lines]
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    return told, None if code == 0 else f"the process ended with {code}"


def _work(work: Callable[[Callable[[Any], None]], None], writing: int) -> None:
    code = 1
    try:
        with os.fdopen(writing, "w", buffering=1) as told:
            work(lambda value: print(json.dumps(value), file=told, flush=True))
        code = 0
    except BaseException as error:
        os.write(2, f"the child: {error!r:.2000}\n".encode(errors="replace"))
    finally:
        os._exit(code)
