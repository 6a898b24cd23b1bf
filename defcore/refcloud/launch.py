"""Starting a cloud's services, and waiting until each answers or one has died."""

from __future__ import annotations

import contextlib
import http.client
import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from defcore.errors import DefcoreError, InputError, Problem, UnknownError
from defcore.refcloud import environment, processes
from defcore.refcloud.configuration import url
from defcore.refcloud.environment import Report
from defcore.refcloud.parts import HOST, Part
from defcore.refcloud.state import Facts, State

START_SECONDS = 180.0
PROBE_SECONDS = 5.0
TAIL_LINES = 15
SERVICES_FOLDER = Path(__file__).parent / "services"
KEPT_VARIABLES = ("PATH", "TMPDIR", "TZ")
PORT_TAKEN = ("Address already in use", "Could not bind to")
PACKAGE_GONE = ("ModuleNotFoundError: ", "ImportError: ")

Starters = Mapping[str, "subprocess.Popen[bytes]"]
"""Name of a log -> the process, started by us, that runs one service or forks several and ends."""


def log_file(state: State, name: str) -> Path:
    return state / "log" / f"{name}.log"


def record_file(state: State, name: str) -> Path:
    return state / "run" / f"{name}.json"


def launch(state: State, facts: Facts, names: Sequence[str], home: Path) -> Starters:
    """Start the services and return at once."""
    for name in (*names, "start"):
        record_file(state, name).unlink(missing_ok=True)
        # A log is that of the present start; the one before is kept beside it.
        with contextlib.suppress(FileNotFoundError):
            log_file(state, name).rename(log_file(state, name).with_suffix(".log.1"))
    # swift runs on green threads; it shares no imports with the others, which are forked from one process.
    threaded = [name for name in names if name != "swift"]
    starters = {}
    if threaded:
        log = threaded[0] if len(threaded) == 1 else "start"
        starters[log] = _spawn(state, facts, threaded, home, log_file(state, log))
    if "swift" in names:
        starters["swift"] = _spawn(state, facts, ["swift"], home, log_file(state, "swift"))
    return starters


def _spawn(state: State, facts: Facts, names: Sequence[str], home: Path, log: Path) -> subprocess.Popen[bytes]:
    program = [str(environment.python(home)), "-m", "refcloud_services.serve"]
    ports = [f"{name}={facts.ports[name]}" for name in names]
    with log.open("ab") as output:
        try:
            return subprocess.Popen(
                [*program, str(state.path), HOST, *ports],
                env=variables(state, facts, os.environ),
                cwd=state.path,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        except OSError as error:
            raise environment.broken(home, f"its Python does not start ({error.strerror})") from None


def variables(state: State, facts: Facts, own: Mapping[str, str]) -> dict[str, str]:
    """The environment of a service: nothing of the user's that could change what it does."""
    return {
        **{name: own[name] for name in KEPT_VARIABLES if name in own},
        processes.MARK: facts.token,
        "HOME": str(state.path),
        "XDG_CACHE_HOME": str(state / "cache"),
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(SERVICES_FOLDER),
        "PYTHONNOUSERSITE": "1",
        "PYTHONUNBUFFERED": "1",
        "PYTHONWARNINGS": "ignore",
        "MALLOC_ARENA_MAX": "2",  # a process with hundreds of threads takes much less memory so
        "OMP_NUM_THREADS": "1",
        "SPT_NOENV": "1",  # setproctitle would write over the environment, and with it over our mark
    }


def wait(state: State, facts: Facts, wanted: Sequence[Part], starters: Starters, report: Report) -> None:
    """Return when every API answers; raise as soon as one cannot any more."""
    began, waiting = time.monotonic(), list(wanted)
    while True:
        for part in list(waiting):
            # Another program might answer at this port, so the service itself must say that it listens.
            if processes.listens(record_file(state, part.name)) and answers(part, facts.ports[part.name]):
                waiting.remove(part)
                seconds = time.monotonic() - began
                report(f"{part.name} answers at {url(facts.ports, part.name)} after {seconds:.1f} s")
        _check_alive(state, waiting, starters)
        if not waiting:
            return
        if time.monotonic() - began > START_SECONDS:
            raise died(state, waiting[0].name, f"does not answer within {START_SECONDS:.0f} s")
        time.sleep(0.1)


def _check_alive(state: State, waiting: Sequence[Part], starters: Starters) -> None:
    # A service tells its own story better than the process that forked it.
    for part in waiting:
        record = record_file(state, part.name)
        if record.exists() and not processes.recorded(record):
            raise died(state, part.name, "ended while it started")
    for log, starter in starters.items():
        if starter.poll():
            raise died(state, log, "ended while it started")


def died(state: State, name: str, reason: str) -> DefcoreError:
    """The error for a service that did not come up, by what its log says."""
    where = log_file(state, name)
    tail = last_lines(where, TAIL_LINES)
    gone = [line.strip() for line in tail if any(sign in line for sign in PACKAGE_GONE)]
    if gone:
        return environment.broken(environment.folder(), gone[-1])
    if any(sign in line for sign in PORT_TAKEN for line in tail):
        return InputError(
            Problem(
                code="refcloud.port-taken",
                message=f"{name} could not listen: its port was taken by another program meanwhile",
                where=str(where),
                hint="end that program and repeat, or `defcore cloud wipe` and `up` for other ports",
            )
        )
    return UnknownError(
        Problem(
            code="refcloud.service-died",
            message=f"{name} {reason}; the end of its log:\n  " + "\n  ".join(tail),
            where=str(where),
            hint=f"`defcore cloud logs {name}` shows more",
        )
    )


def answers(part: Part, port: int) -> bool:
    """Whether the service answers a request that needs no token."""
    connection = http.client.HTTPConnection(HOST, port, timeout=PROBE_SECONDS)
    try:
        connection.request("GET", part.health)
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def last_lines(path: Path, lines: int, *, most_bytes: int = 256 << 10) -> list[str]:
    """The last lines of a file that may be large; none if there is no such file."""
    try:
        with path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(0, size - most_bytes))
            return file.read().decode(errors="replace").splitlines()[-lines:] if lines else []
    except OSError:
        return []
