"""A reference cloud: start it, look at it, end it, remove it."""

from __future__ import annotations

import http.client
import os
import subprocess
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from defcore.errors import DefcoreError, InputError, Problem, UnknownError
from defcore.refcloud import configuration, contents, environment, parts, ports, processes
from defcore.refcloud.environment import Report
from defcore.refcloud.parts import HOST, Part
from defcore.refcloud.state import Facts, State, state_dir

START_SECONDS = 180.0
PROBE_SECONDS = 5.0
SERVICES_FOLDER = Path(__file__).parent / "services"
KEPT_VARIABLES = ("PATH", "TMPDIR", "TZ")
ANSWERS, SILENT, CRASHED = "answers", "does not answer", "crashed"


def silent(line: str) -> None:
    """A report to nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceStatus:
    """What `status` found of one service."""

    name: str
    condition: str
    """`answers`, `does not answer`, or `crashed`: it was started and its process has gone."""
    url: str | None = None
    pid: int | None = None
    log: tuple[str, ...] = ()
    """The end of its log, where the condition asks for an explanation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """What `up` brought up."""

    state: Path
    clouds_file: Path
    services: tuple[str, ...]
    added: tuple[str, ...]
    """Services that were not asked for, but that those asked for need."""
    moved: tuple[str, ...]
    """Services that did not get their usual port."""
    urls: tuple[tuple[str, str], ...]
    seconds: float


class Cloud:
    """The reference cloud of one state folder."""

    def __init__(self, state: str | Path | None = None) -> None:
        self.state = State(state_dir(state))

    def up(self, services: Iterable[str] = (), *, report: Report = silent, rebuild: bool = False) -> Running:
        """Bring the cloud up with these services and what they need; all services if none is named.

        Services that run already go on. If others run than are wanted, the cloud is started anew, so that its
        catalog names just what runs.
        """
        began, asked = time.monotonic(), tuple(services)
        wanted = parts.choose(asked)
        added = tuple(part.name for part in wanted if asked and part.name not in asked)
        if added:
            report(f"adding {', '.join(added)}: needed by {', '.join(asked)}")
        environment.check_platform()
        with self.state.locked(lambda: report("waiting for another command that works on this cloud")):
            self.state.prepare()
            facts = self._facts()
            home = environment.ensure(report, rebuild=rebuild)
            self._start(wanted, facts, home, report)
        usual = configuration.listeners(wanted)
        return Running(
            state=self.state.path,
            clouds_file=self.state / "clouds.yaml",
            services=tuple(part.name for part in wanted),
            added=added,
            moved=tuple(part.name for part in wanted if facts.ports[part.name] != usual[part.name]),
            urls=tuple((part.name, configuration.url(facts.ports, part.name)) for part in wanted),
            seconds=time.monotonic() - began,
        )

    def _facts(self) -> Facts:
        facts = self.state.read()
        if facts is None:
            return Facts(release=environment.release(), passwords=configuration.new_passwords())
        if facts.release != environment.release():
            raise InputError(
                Problem(
                    code="refcloud.other-release",
                    message="this cloud's data was made by other versions of the OpenStack services",
                    where=str(self.state.path),
                    hint=f"`defcore cloud wipe --state {self.state.path}`, then `up`, starts afresh",
                )
            )
        return facts

    def _start(self, wanted: Sequence[Part], facts: Facts, home: Path, report: Report) -> None:
        names = [part.name for part in wanted]
        if set(names) == set(facts.started) and all(self._process(name) for name in names):
            self._wait(wanted, facts, [], report)
            contents.make(facts, wanted, lambda name: self._made(name, facts))
            return
        if processes.of_cloud(facts.token, self.state / "run"):
            report("ending the services that run, to start with the wanted ones")
            processes.end(facts.token, self.state / "run")
        usual = configuration.listeners(wanted)
        facts.ports |= ports.assign(usual, facts.ports, seed=str(self.state.path))
        ports.check_free({name: facts.ports[name] for name in usual})
        facts.started = names
        configuration.write(self.state, facts, wanted, home)
        self.state.save(facts)
        try:
            report(f"starting {', '.join(names)}")
            starters = self._launch(names, facts, home)
            self._wait(wanted, facts, starters, report)
            contents.make(facts, wanted, lambda name: self._made(name, facts))
        except BaseException:
            # Nothing half started is left running, whatever went wrong.
            processes.end(facts.token, self.state / "run", grace=2)
            facts.started = []
            self.state.save(facts)
            raise

    def _made(self, name: str, facts: Facts) -> None:
        facts.contents.append(name)
        self.state.save(facts)

    def _launch(self, names: Sequence[str], facts: Facts, home: Path) -> list[subprocess.Popen[bytes]]:
        for name in names:
            self._record(name).unlink(missing_ok=True)
        # swift runs on green threads; it shares no imports with the others, which are forked from one process.
        groups = [[name for name in names if name != "swift"], [name for name in names if name == "swift"]]
        return [self._launch_group(group, facts, home) for group in groups if group]

    def _launch_group(self, group: Sequence[str], facts: Facts, home: Path) -> subprocess.Popen[bytes]:
        log = self._log(group[0] if len(group) == 1 else "start")
        arguments = [f"{name}={facts.ports[name]}" for name in group]
        with log.open("ab") as output:
            program = [str(environment.python(home)), "-m", "refcloud_services.serve"]
            return subprocess.Popen(
                [*program, str(self.state.path), HOST, *arguments],
                env=self._variables(facts), cwd=self.state.path, stdin=subprocess.DEVNULL, stdout=output,
                stderr=output, start_new_session=True)  # fmt: skip

    def _variables(self, facts: Facts) -> dict[str, str]:
        kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
        return {
            **kept,
            processes.MARK: facts.token,
            "HOME": str(self.state.path),
            "XDG_CACHE_HOME": str(self.state / "cache"),
            "LANG": "C.UTF-8",
            "PYTHONPATH": str(SERVICES_FOLDER),
            "PYTHONNOUSERSITE": "1",
            "PYTHONUNBUFFERED": "1",
            "PYTHONWARNINGS": "ignore",
            "MALLOC_ARENA_MAX": "2",  # a process with hundreds of threads takes much less memory so
            "OMP_NUM_THREADS": "1",
            "SPT_NOENV": "1",  # setproctitle would write over the environment, and with it over our mark
        }

    def _wait(
        self,
        wanted: Sequence[Part],
        facts: Facts,
        starters: Sequence[subprocess.Popen[bytes]],
        report: Report,
    ) -> None:
        """Return when every API answers; raise as soon as one cannot any more."""
        began, waiting = time.monotonic(), list(wanted)
        while waiting:
            for part in list(waiting):
                if answers(part, facts.ports[part.name]):
                    self._check_alive([part], starters)
                    waiting.remove(part)
                    where = configuration.url(facts.ports, part.name)
                    report(f"{part.name} answers at {where} after {time.monotonic() - began:.1f} s")
            self._check_alive(waiting, starters)
            if waiting and time.monotonic() - began > START_SECONDS:
                raise self._dead(waiting[0].name, f"does not answer within {START_SECONDS:.0f} s")
            if waiting:
                time.sleep(0.1)

    def _check_alive(self, waiting: Iterable[Part], starters: Sequence[subprocess.Popen[bytes]]) -> None:
        if any(starter.poll() for starter in starters):
            failed = [part.name for part in waiting if not self._process(part.name)]
            log = "start" if self._log("start").exists() and "swift" not in failed[:1] else failed[0]
            raise self._dead(log if failed else "start", "ended while it started")
        for part in waiting:
            record = self._record(part.name)
            if record.exists() and not self._process(part.name):
                raise self._dead(part.name, "ended while it started")

    def _dead(self, name: str, reason: str) -> DefcoreError:
        tail = tuple(self.tail(name, 15))
        text = "\n".join(tail)
        if "ModuleNotFoundError" in text or "ImportError" in text:
            last = next((line for line in reversed(tail) if "Error" in line), tail[-1])
            return environment.broken(environment.folder(), last.strip())
        problem = Problem(
            code="refcloud.service-died",
            message=f"{name} {reason}; the end of its log:\n  " + "\n  ".join(tail),
            where=str(self._log(name)),
            hint="`defcore cloud logs` shows more",
        )
        if "Address already in use" in text:
            return InputError(
                Problem(
                    code="refcloud.port-taken",
                    message=f"{name} could not listen: its port was taken by another program meanwhile",
                    where=str(self._log(name)),
                    hint="end that program and repeat, or `defcore cloud wipe` and `up` for other ports",
                )
            )
        return UnknownError(problem)

    def status(self, *, lines: int = 15) -> tuple[ServiceStatus, ...]:
        """One line for each service that `up` started; nothing if the cloud is down."""
        facts = self.state.read()
        if facts is None:
            return ()
        return tuple(self._status(parts.BY_NAME[name], facts, lines) for name in facts.started)

    def _status(self, part: Part, facts: Facts, lines: int) -> ServiceStatus:
        process = self._process(part.name)
        where = configuration.url(facts.ports, part.name)
        if process is None:
            tail = tuple(self.tail(part.name, lines))
            return ServiceStatus(name=part.name, condition=CRASHED, url=where, log=tail)
        if answers(part, facts.ports[part.name]):
            return ServiceStatus(name=part.name, condition=ANSWERS, url=where, pid=process.pid)
        tail = tuple(self.tail(part.name, lines))
        return ServiceStatus(name=part.name, condition=SILENT, url=where, pid=process.pid, log=tail)

    def _process(self, name: str) -> processes.Process | None:
        return processes.recorded(self._record(name))

    def _record(self, name: str) -> Path:
        return self.state / "run" / f"{name}.json"

    def _log(self, name: str) -> Path:
        return self.state / "log" / f"{name}.log"

    def logs(self) -> tuple[str, ...]:
        """The services that have a log."""
        return tuple(sorted(file.stem for file in (self.state / "log").glob("*.log")))

    def tail(self, name: str, lines: int) -> list[str]:
        """The last lines of a service's log."""
        return last_lines(self._log(name), lines)

    def follow(self, names: Sequence[str], *, pause: float = 0.3) -> Iterator[tuple[str, str]]:
        """Yield (service, line) as lines are written, without end."""
        offsets = {name: self._size(name) for name in names}
        while True:
            for name in names:
                if self._size(name) > offsets[name]:
                    with self._log(name).open("rb") as file:
                        file.seek(offsets[name])
                        whole, _, _ = file.read().rpartition(b"\n")
                    offsets[name] += len(whole) + 1 if whole else 0
                    yield from ((name, line) for line in whole.decode(errors="replace").splitlines())
            time.sleep(pause)

    def _size(self, name: str) -> int:
        try:
            return self._log(name).stat().st_size
        except OSError:
            return 0

    def down(self, *, report: Report = silent) -> int:
        """End every process of this cloud and no other; its data stays. It returns how many there were."""
        if not self.state.exists:
            return 0
        with self.state.locked(lambda: report("waiting for another command that works on this cloud")):
            return self._end()

    def _end(self) -> int:
        facts = self.state.read()
        if facts is None:
            return 0
        ended = processes.end(facts.token, self.state / "run")
        facts.started = []
        self.state.save(facts)
        return ended

    def wipe(self, *, report: Report = silent) -> bool:
        """End the cloud and remove its folder; False if there was none."""
        if not self.state.path.exists():
            return False
        if not self.state.exists:
            self.state.remove()  # refuses a folder that is not a cloud's
            return False
        with self.state.locked(lambda: report("waiting for another command that works on this cloud")):
            self._end()
            self.state.remove()
        return True


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
