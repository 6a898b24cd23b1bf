"""The reference cloud after a kill -9: `down` leaves nothing, `up` works, `status` tells the truth.

Killed at a random moment are `up` while it starts the services, while it installs them, `down`, one process of a cloud
that starts, one service, and all processes at once. Then `down` must end everything: no process, no lock, no port;
and after the next `up`, every service must answer.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from defcore.refcloud import ports
from defcore.refcloud.environment import MAKING
from defcore.refcloud.processes import PROC
from tests.faults.measured import Measured, Say

SERVICES = ("keystone", "glance", "swift")
SECONDS = 240.0
MOST_INSTALLING = 12.0
"""Seconds of an installation, at most, before its end."""


class Place:
    """A cloud of the test's own, in a folder that is removed with it."""

    def __init__(self, folder: Path, services: tuple[str, ...] = SERVICES) -> None:
        self.folder, self.state, self.services = folder, folder / "state", services
        self.cache: Path | None = None
        self.start_seconds = 10.0

    def command(self, verb: str, *more: str) -> subprocess.Popen[str]:
        variables = os.environ | {"XDG_STATE_HOME": str(self.folder / "user")}
        if self.cache:
            variables["XDG_CACHE_HOME"] = str(self.cache)
        return subprocess.Popen(
            [sys.executable, "-m", "defcore", "cloud", verb, "--state", str(self.state), *more],
            env=variables, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )  # fmt: skip

    def call(self, verb: str, *more: str) -> tuple[int, str]:
        return ended(self.command(verb, *more))

    def up(self) -> subprocess.Popen[str]:
        return self.command("up", "--services", ",".join(self.services))

    def brought_up(self) -> None:
        began = time.monotonic()
        code, output = ended(self.up())
        assert code == 0, output
        self.start_seconds = time.monotonic() - began

    def processes(self) -> dict[int, str]:
        """Whoever has our folder in its command line, or lives or makes something there: pid -> command line."""
        found = {}
        for one in PROC.iterdir():
            if one.name.isdigit() and int(one.name) != os.getpid():
                with contextlib.suppress(OSError):
                    words, variables = (one / "cmdline").read_bytes(), (one / "environ").read_bytes().split(b"\0")
                    named = [line for line in variables if line.startswith((MAKING.encode(), b"HOME="))]
                    if any(str(self.folder).encode() in text for text in (words, *named)):
                        found[int(one.name)] = words.replace(b"\0", b" ").decode(errors="replace").strip()
        return found

    def ports(self) -> list[int]:
        file = self.state / "state.json"
        return list(json.loads(file.read_text())["ports"].values()) if file.exists() else []


def ended(process: subprocess.Popen[str]) -> tuple[int, str]:
    output, _ = process.communicate(timeout=SECONDS)
    return process.returncode, output


def kill(*pids: int) -> None:
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _up(place: Place, chance: random.Random) -> Iterator[str]:
    process = place.up()
    time.sleep(chance.uniform(0, place.start_seconds))
    kill(process.pid)
    process.wait()
    yield from _truth(place)


def _starting(place: Place, chance: random.Random) -> Iterator[str]:
    process = place.up()
    time.sleep(chance.uniform(0.2, place.start_seconds))
    services = sorted(place.processes().keys() - {process.pid})
    kill(*chance.sample(services, min(1, len(services))))
    code, output = ended(process)
    if code not in (0, 3):
        yield f"up ended with {code}: {output[-500:]}"


def _service(place: Place, chance: random.Random) -> Iterator[str]:
    place.brought_up()
    record = json.loads((place.state / "run" / f"{chance.choice(place.services)}.json").read_text())
    kill(record["pid"])
    time.sleep(0.5)
    code, output = place.call("status")
    if code != 3 or output.count(" crashed ") != 1:
        yield f"status after a service was killed: {code} {output}"


def _down(place: Place, chance: random.Random) -> Iterator[str]:
    place.brought_up()
    process = place.command("down")
    time.sleep(chance.uniform(0, 2))
    kill(process.pid)
    process.wait()
    yield from _truth(place)


def _all(place: Place, chance: random.Random) -> Iterator[str]:
    process = place.up()
    time.sleep(chance.uniform(0, place.start_seconds * 1.2))
    kill(process.pid, *place.processes())
    process.wait()
    yield from _truth(place)


def _installation(place: Place, chance: random.Random) -> Iterator[str]:
    place.cache = place.folder / "cache"
    process = place.up()
    time.sleep(chance.uniform(0.5, MOST_INSTALLING))
    kill(process.pid)
    process.wait()
    yield from _truth(place)


KILLS: Mapping[str, Callable[[Place, random.Random], Iterator[str]]] = {
    "up": _up,
    "starting": _starting,
    "service": _service,
    "down": _down,
    "all": _all,
    "installation": _installation,
}


def _truth(place: Place) -> Iterator[str]:
    """`status` says 0 just if all services run."""
    code, output = place.call("status")
    alive = len(place.processes())
    if (code == 0 and alive < len(place.services)) or code not in (0, 3) or (not alive and " answers " in output):
        yield f"status says {code} with {alive} processes: {output}"


def left_after_down(place: Place) -> Iterator[str]:
    """What `down` should not have left."""
    code, output = place.call("down")
    if code:
        yield f"down ended with {code}: {output[-500:]}"
    if living := place.processes():
        yield f"processes after down: {living}"
    if taken := [port for port in place.ports() if not ports.is_free(port)]:
        yield f"ports taken after down: {taken}"
    locks = [place.state / ".lock", *place.folder.glob("user/**/*.lock"), *place.folder.glob("cache/*/*/*.lock")]
    yield from (f"still locked: {lock}" for lock in locks if lock.exists() and _is_locked(lock))
    code, output = place.call("status")
    if code != 3 or "is down" not in output:
        yield f"status after down: {code} {output}"


def _is_locked(file: Path) -> bool:
    with file.open() as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def one_kill(place: Place, victim: str, chance: random.Random) -> list[str]:
    """Kill, look, `down`, look. What is not as it must be."""
    try:
        return [*KILLS[victim](place, chance), *left_after_down(place)]
    finally:
        place.cache = None


def works(place: Place) -> list[str]:
    """After all that, `up` brings every service up."""
    code, said = ended(place.up())
    status, output = place.call("status")
    if (code, status, output.count(" answers ")) == (0, 0, len(place.services)):
        return []
    return [f"up {code}, status {status}: {said[-500:]} {output}"]


@contextlib.contextmanager
def own_place(services: tuple[str, ...] = SERVICES) -> Iterator[Place]:
    with tempfile.TemporaryDirectory(prefix="cloud-killing-") as folder:
        place = Place(Path(folder), services)
        try:
            yield place
        finally:
            place.call("wipe")


def measure(*, times: int, seed: int, clouds: Path | None, say: Say) -> Measured:
    """One kill each time, of one victim after the other, at moments of the seed."""
    chance, broken, counts = random.Random(seed), list[str](), Counter[str]()
    with own_place() as place:
        for number in range(times):
            victim = list(KILLS)[number % len(KILLS)]
            wrong = one_kill(place, victim, chance) + works(place)
            say(f"{number + 1} of {times}: {victim}: {wrong or 'held'}")
            counts[victim] += 1
            broken += [f"kill {number + 1} (seed {seed}), {victim}: {one}" for one in wrong]
    return Measured(
        fault="cloud_killing",
        times=times,
        unit="kills",
        holds="`cloud down` leaves no process, lock or port; `up` works; `status` tells the truth",
        figures=tuple(counts.items()),
        broken=tuple(broken),
    )
