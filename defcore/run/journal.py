"""What was measured, as it is measured: `journal.jsonl`, the header first, a line an attempt, the footer last.

One process writes at a time: the runner the header, then pytest's controller the rest. Each line is on disk
before the next test's. A journal without footer is an incomplete run; one whose last line is torn has lost
that line alone. A run that is resumed goes on after a line that says so, which settles what could not be read and
the footer before it. Nothing else that a reader finds wrong is passed over in silence: it is a `Problem`.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from defcore.errors import InputError, Problem
from defcore.model.outcome import Attempt, Cause, Finding, Outcome
from defcore.model.result import CloudInfo
from defcore.run.durable import named, sync_folder
from defcore.run.journal_rows import Rows, read_rows, wrong_in

FILE = "journal.jsonl"
CRASH = "crash"
AWAY = "away"
LOSSES = (CRASH, AWAY)
"""Kinds of finding of an attempt that is made again when the run is resumed."""
"""Kind of the finding at a test whose worker died."""
SCHEMA = "defcore/journal/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """The run that is tried again in part."""

    run: str
    """Its UUID."""
    digest: str
    """Of its result document, a copy of which is in the run folder."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who tested in a role, whatever the name in clouds.yaml means later."""

    role: str
    user: str
    """Its id; empty, like the project's, where it is not known, or is to be kept out of everything."""
    project: str

    def unlike(self, *, user: str, project: str) -> Iterator[str]:
        """What is another one by now, in words; what is known of one side only is no difference.

        A disposable user is used up, and may be one that was made anew in the same project.
        """
        for what, then, now in (("user", self.user, user), ("project", self.project, project)):
            if then and now and then != now and (self.role, what) != ("disposable", "user"):
                yield f"{what}: {now}, before {then}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    run: str
    """The run's UUID."""
    started: str
    plan: str | None
    """Digest of plan.json; None for a run without a plan."""
    cloud: CloudInfo | None
    users: tuple[tuple[str, str], ...]
    """(role, name in clouds.yaml)."""
    versions: tuple[tuple[str, str], ...]
    shuffle: int | None = None
    """Seed of the order of the tests; None for the plan's own."""
    workers: int | None = None
    origin: Origin | None = None
    """Of a run that tries some tests of another one again."""
    challenge: str | None = None
    redacts: bool = False
    """Values that the user named are kept out of everything; they are not on record."""
    identities: tuple[Identity, ...] = ()
    """Those of the users, as far as they are known: of older runs none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One attempt at one test."""

    test: str
    nodeid: str
    attempt: Attempt
    worker: str | None = None

    @property
    def lost(self) -> bool:
        """Nothing was found out, for the worker died or the cloud was away."""
        return self.attempt.outcome is Outcome.ERROR and any(one.kind in LOSSES for one in self.attempt.findings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resumed:
    """Here a run went on that had been cut off."""

    at: str
    lines: int
    """Attempts on record before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Footer:
    finished: str
    seconds: float
    ended: str
    """done, stopped (Ctrl-C) or broken (pytest itself failed)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Journal:
    header: Header
    lines: tuple[Line, ...]
    footer: Footer | None
    problems: tuple[Problem, ...]
    settled: tuple[Problem, ...] = ()
    """Lines that could not be read, after which the run was resumed: what they held was run again."""
    resumed: tuple[Resumed, ...] = ()
    ended: tuple[str, ...] = ()
    """Of each part of the run that wrote its footer, when it finished."""

    @property
    def finished(self) -> Counter[str]:
        """Node id -> attempts of which it is known what they came to: they are not made again."""
        return Counter(line.nodeid for line in self.lines if not line.lost)

    @property
    def complete(self) -> bool:
        """Nothing was cut off."""
        return self.footer is not None and self.footer.ended == "done" and not self.problems


class JournalWriter:
    """Appends lines; each is on disk when the call returns."""

    def __init__(self, run_folder: Path) -> None:
        self.path = run_folder / FILE
        new = not self.path.exists()
        self._file = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o644)
        if new:
            sync_folder(run_folder)
        with named(self.path):
            self._end_torn_line()

    def header(self, header: Header) -> None:
        document = asdict(header) | {"users": dict(header.users), "versions": dict(header.versions)}
        document["cloud"] = header.cloud and cloud_document(header.cloud)
        if header.origin is None:
            del document["origin"]
        document["identities"] = {one.role: {"user": one.user, "project": one.project} for one in header.identities}
        self._write({"type": "header", "schema": SCHEMA} | document)

    def line(self, line: Line) -> None:
        attempt = asdict(line.attempt)
        self._write({"type": "attempt", "test": line.test, "nodeid": line.nodeid, **attempt, "worker": line.worker})

    def resumed(self, resumed: Resumed) -> None:
        self._write({"type": "resumed"} | asdict(resumed))

    def footer(self, footer: Footer) -> None:
        self._write({"type": "footer"} | asdict(footer))

    def close(self) -> None:
        os.close(self._file)

    def _write(self, document: dict[str, Any]) -> None:
        """Raises OSError with the path; then nothing of the line is left."""
        data = (json.dumps(document) + "\n").encode()
        before = os.fstat(self._file).st_size
        try:
            with named(self.path):
                while data:
                    data = data[os.write(self._file, data) :]
                os.fsync(self._file)
        except OSError:
            with contextlib.suppress(OSError):
                os.ftruncate(self._file, before)
            raise

    def _end_torn_line(self) -> None:
        size = os.fstat(self._file).st_size
        if size and os.pread(self._file, 1, size - 1) != b"\n":
            os.write(self._file, b"\n")


def read_journal(run_folder: Path) -> Journal:
    """The journal of a run. Raises InputError if there is none, or if its header cannot be used."""
    path = run_folder / FILE
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        raise InputError(
            Problem(code="journal.missing", message="there is no journal here", where=str(path), hint="is this a run?")
        ) from None
    read = read_rows(content, path)
    first, *documents = _from_header(read, path)
    problems = list(read.problems)
    lines: list[Line] = []
    resumed: list[Resumed] = []
    ended: list[str] = []
    footer = None
    for document in documents:
        match document["type"]:
            case "attempt":
                lines.append(_line(document))
            case "resumed":
                resumed.append(Resumed(at=document["at"], lines=document["lines"]))
                footer = None
            case "footer":
                footer = _footer(document)
                ended.append(footer.finished)
    if footer is None:
        problems.append(
            Problem(code="journal.footer", message="the journal has no footer: the run was cut off", where=str(path))
        )
    return Journal(
        header=_header(first),
        lines=tuple(lines),
        footer=footer,
        problems=tuple(problems),
        settled=read.settled,
        resumed=tuple(resumed),
        ended=tuple(ended),
    )


def _from_header(read: Rows, path: Path) -> tuple[dict[str, Any], ...]:
    """The documents, the first of which is the header. Raises InputError if it is none."""
    documents, wrong = read.documents, (*read.settled, *read.problems)
    if not documents and not read.other and len(wrong) < 2:
        raise InputError(Problem(code="journal.empty", message="the journal is empty", where=str(path)))
    if not documents or documents[0]["type"] != "header":
        why = next((f": {one.message}" for one in wrong if one.where == f"{path}:1"), "")
        message = f"the first line is no header that is known here{why}"
        raise InputError(Problem(code="journal.header", message=message, where=f"{path}:1"))
    return documents


def last_heard(journal: Journal) -> float:
    """When the run last wrote something down, in seconds since 1970, wherever its folder was copied to."""
    moments = [journal.header.started, *(one.at for one in journal.resumed), *journal.ended]
    ends = (moment(line.attempt.started) + line.attempt.seconds for line in journal.lines)
    return max([*map(moment, moments), *ends])


def moment(at: str) -> float:
    """Seconds since 1970."""
    return datetime.fromisoformat(at).timestamp()


def parse_line(text: str) -> Line | None:
    """One line of a journal that is being written; None for the header, the footer and what is unfinished."""
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if wrong_in(document) or document["type"] != "attempt":
        return None
    return _line(document)


def _header(document: dict[str, Any]) -> Header:
    origin = document.get("origin")
    return Header(
        run=document["run"],
        started=document["started"],
        plan=document["plan"],
        cloud=_cloud(document["cloud"]),
        users=tuple(document["users"].items()),
        versions=tuple(document["versions"].items()),
        shuffle=document.get("shuffle"),
        workers=document.get("workers"),
        origin=Origin(run=origin["run"], digest=origin["digest"]) if origin else None,
        challenge=document.get("challenge"),
        redacts=document.get("redacts", False),
        identities=tuple(
            Identity(role=role, user=ids["user"], project=ids["project"])
            for role, ids in document.get("identities", {}).items()
        ),
    )


def _footer(document: dict[str, Any]) -> Footer:
    return Footer(finished=document["finished"], seconds=float(document["seconds"]), ended=document["ended"])


def cloud_document(cloud: CloudInfo) -> dict[str, Any]:
    return asdict(cloud) | {
        "endpoints": dict(cloud.endpoints),
        "microversions": {name: {"minimum": low, "maximum": high} for name, low, high in cloud.microversions},
    }


def _cloud(document: dict[str, Any] | None) -> CloudInfo | None:
    if document is None:
        return None
    return CloudInfo(
        name=document["name"],
        cpid=document["cpid"],
        region=document["region"],
        endpoints=tuple(document["endpoints"].items()),
        microversions=tuple(
            (service, versions["minimum"], versions["maximum"])
            for service, versions in document["microversions"].items()
        ),
    )


def _line(document: dict[str, Any]) -> Line:
    cause = document.get("cause")
    return Line(
        test=document["test"],
        nodeid=document["nodeid"],
        worker=document.get("worker"),
        attempt=Attempt(
            n=document["n"],
            outcome=Outcome(document["outcome"]),
            started=document["started"],
            seconds=float(document["seconds"]),
            cause=Cause(cause) if cause else None,
            reason=document.get("reason"),
            expected=document.get("expected"),
            seen=document.get("seen"),
            findings=tuple(
                Finding(**{name: one[name] for name in ("kind", "where", "expected", "seen")})
                for one in document.get("findings", ())
            ),
            evidence=document.get("evidence"),
        ),
    )
