"""A reference cloud: start it, look at it, end it, remove it."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from defcore.errors import InputError, Problem
from defcore.refcloud import configuration, contents, environment, launch, parts, ports, processes
from defcore.refcloud.environment import Report
from defcore.refcloud.parts import Part
from defcore.refcloud.state import Facts, State, check_extended_attributes, state_dir

ANSWERS, SILENT, CRASHED, CHANGING = "answers", "does not answer", "crashed", "being changed"


def silent(line: str) -> None:
    """A report to nobody."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceStatus:
    """What `status` found of one service."""

    name: str
    condition: str
    """`answers`, `does not answer`, `crashed` (it was started, and its process has gone), or `being changed`: it has no
    process while another command works on this cloud."""
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
            if parts.BY_NAME["swift"] in wanted:
                check_extended_attributes(self.state.path)
            facts = self._facts()
            self.state.save(facts)  # before anything else is in the folder: it is known as ours, whatever ends us
            if rebuild:  # the services must not lose their code while they run
                processes.end(facts.token, self.state / "run")
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
            launch.wait(self.state, facts, wanted, {}, report)
            contents.make(facts, wanted, lambda name: self._made(name, facts))
            return
        if processes.of_cloud(facts.token, self.state / "run"):
            report("ending the services that run, to start with the wanted ones")
            processes.end(facts.token, self.state / "run")
        usual = configuration.listeners(wanted)
        # Ports are chosen and then listened at seconds later; another cloud must not choose them meanwhile.
        new = usual.keys() - facts.ports.keys()
        with ports.choosing() if new else contextlib.nullcontext():
            facts.ports |= ports.assign(usual, facts.ports, seed=str(self.state.path))
            ports.check_free({name: facts.ports[name] for name in usual})
            self._start_anew(wanted, facts, home, report)

    def _start_anew(self, wanted: Sequence[Part], facts: Facts, home: Path, report: Report) -> None:
        facts.started = [part.name for part in wanted]
        configuration.write(self.state, facts, wanted, home)
        self.state.save(facts)
        try:
            report(f"starting {', '.join(facts.started)}")
            starters = launch.launch(self.state, facts, facts.started, home)
            launch.wait(self.state, facts, wanted, starters, report)
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

    def status(self, *, lines: int = 15) -> tuple[ServiceStatus, ...]:
        """One line for each service that `up` started; nothing if the cloud is down."""
        facts = self.state.read()
        if facts is None:
            return ()
        return tuple(self._status(parts.BY_NAME[name], facts, lines) for name in facts.started)

    def lacking(self) -> tuple[str, ...]:
        """The services whose first contents are not complete, because `up` was cut off."""
        facts = self.state.read()
        return contents.lacking(facts) if facts else ()

    def _status(self, part: Part, facts: Facts, lines: int) -> ServiceStatus:
        process = self._process(part.name)
        where = configuration.url(facts.ports, part.name)
        if process is None and self.state.busy:
            return ServiceStatus(name=part.name, condition=CHANGING, url=where)
        if process is None:
            tail = tuple(self.tail(part.name, lines))
            return ServiceStatus(name=part.name, condition=CRASHED, url=where, log=tail)
        if launch.answers(part, facts.ports[part.name]):
            return ServiceStatus(name=part.name, condition=ANSWERS, url=where, pid=process.pid)
        tail = tuple(self.tail(part.name, lines))
        return ServiceStatus(name=part.name, condition=SILENT, url=where, pid=process.pid, log=tail)

    def _process(self, name: str) -> processes.Process | None:
        return processes.recorded(launch.record_file(self.state, name))

    def logs(self) -> tuple[str, ...]:
        """The services that have a log."""
        return tuple(sorted(file.stem for file in (self.state / "log").glob("*.log")))

    def tail(self, name: str, lines: int) -> list[str]:
        """The last lines of a service's log."""
        return launch.last_lines(launch.log_file(self.state, name), lines)

    def follow(self, names: Sequence[str], *, pause: float = 0.3) -> Iterator[tuple[str, str]]:
        """Yield (service, line) as lines are written, without end."""
        offsets = {name: self._size(name) for name in names}
        while True:
            for name in names:
                if self._size(name) > offsets[name]:
                    with launch.log_file(self.state, name).open("rb") as file:
                        file.seek(offsets[name])
                        whole, _, _ = file.read().rpartition(b"\n")
                    offsets[name] += len(whole) + 1 if whole else 0
                    yield from ((name, line) for line in whole.decode(errors="replace").splitlines())
            time.sleep(pause)

    def _size(self, name: str) -> int:
        try:
            return launch.log_file(self.state, name).stat().st_size
        except OSError:
            return 0

    def down(self, *, report: Report = silent) -> int:
        """End every process of this cloud and no other; its data stays. It returns how many there were."""
        makers = environment.end_left_makers(report)
        if not self.state.exists:
            return makers
        with self.state.locked(lambda: report("waiting for another command that works on this cloud")):
            return makers + self._end()

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
        environment.end_left_makers(report)
        if not self.state.path.exists():
            return False
        if not self.state.exists:
            self.state.remove()  # refuses a folder that is not a cloud's
            return False
        with self.state.locked(lambda: report("waiting for another command that works on this cloud")):
            try:
                self._end()
            except InputError:  # its facts are damaged, and with them the token; the records are left
                processes.end(None, self.state / "run")
            self.state.remove()
        return True
