"""Lint: everything that is wrong with capabilities, guidelines, locks and whatever else a catalog holds.

A guideline that was approved, superseded or frozen cannot be mended any more: what its own rules say against it is a
warning. In any other it is an error. A frozen file that has changed is always an error.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from defcore import schemas
from defcore.catalog.capabilities import load_catalog
from defcore.catalog.detection import load_detection
from defcore.catalog.document import read_either
from defcore.catalog.finding import Check, Finding, Remark, Severity
from defcore.catalog.folders import KINDS, Data
from defcore.catalog.frozen import FOLDER, changes, lock_path, read_lock
from defcore.catalog.guideline_checks import check_guideline
from defcore.catalog.guidelines import GuidelineFile, load_guideline, read_guideline
from defcore.catalog.lifecycle import check_lifecycle
from defcore.catalog.official import is_official
from defcore.errors import InputError, Problem, did_you_mean
from defcore.model.guideline import Guideline
from defcore.model.lock import APPROVED, PUBLISHED, Lock, lock_of
from defcore.reading.document import Document, JsonDocument
from defcore.schemas import Place

SUFFIXES = (".yaml", ".yml", ".json")
NEWEST = 2
"""Approved guidelines of a line that may be used; the older ones are superseded."""
NEVER_ERRORS = {
    f"guideline.{code}"
    for code in (
        *("test-twice", "several-names", "shared-name", "own-alias", "old-flag", "no-required-since"),
        *("flag-without-code", "flag-without-date", "unused-capability"),
    )
}
"""Worth knowing even of a draft, but nothing that must be mended."""
MISSING = {f"guideline.{code}" for code in ("undefined-capability", "undefined-component", "no-id")}
"""Irregularities that an author can and must mend; the others are only read leniently."""


@dataclass(slots=True)
class Linter:
    """Goes through files and collects what it finds.

    `checks` are for kinds that have more rules than their schema: by the noun of the schema (`policy`), or by the
    suffix of the file (`.txt`).
    """

    data: Data
    today: date
    checks: Mapping[str, Check] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    files: int = 0
    guidelines: list[tuple[Path, Guideline]] = field(default_factory=list)

    def catalog(self, data: Data) -> None:
        """The capabilities with the suite, and everything below `guidelines/`."""
        self.files += sum(1 for _ in data.capabilities.rglob("*.yaml"))
        for load in (load_catalog, load_detection):
            try:
                load(data)
            except InputError as error:
                self._errors(data.capabilities, error.problems)
        self.folder(data.guidelines)

    def path(self, path: Path) -> None:
        """A catalog, a folder of documents, or one document."""
        if path.is_dir() and all((path / kind).is_dir() for kind in KINDS):
            self.catalog(Data(root=path, suite=self.data.suite))
        elif path.is_dir():
            self.folder(path)
        else:
            self.file(path, named=True)

    def folder(self, folder: Path) -> None:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and (path.suffix in SUFFIXES or path.suffix in self.checks):
                self.file(path)
        self._orphans(folder)

    def file(self, path: Path, *, named: bool = False) -> None:
        """One document. One of no kind known here is told only if it was named."""
        by_suffix = self.checks.get(path.suffix)
        if by_suffix:
            self.files += 1
            self._run(by_suffix, path)
            return
        document = read_either(path)
        if document.data is None and document.problems:
            self.files += 1
            self._errors(path, document.problems)
            return
        noun = _noun(document)
        if noun is None and not named:
            return
        self.files += 1
        if noun is None:
            self._error(path, "lint.unknown-kind", "this is no document of a kind that is known here")
        elif noun == "guideline":
            self._guideline(path)
        else:
            self._document(path, document, noun)

    def finish(self) -> list[Finding]:
        """With what can be said only of all guidelines together."""
        self._too_many_approved()
        return self.findings

    def _document(self, path: Path, document: Document, noun: str) -> None:
        nouns = {one.name.removesuffix(".schema.json") for one in schemas.FOLDER.glob("*.schema.json")}
        check = self.checks.get(noun)
        if noun not in nouns and check is None:
            hint = did_you_mean(noun, nouns) or None
            message = f"no kind of document is called {noun!r}"
            where = document(("schema",))
            self._errors(path, [Problem(code="lint.unknown-kind", message=message, where=where, hint=hint)])
            return
        found = [*document.problems]
        if noun in nouns:
            found += schemas.problems(document.data, noun, document)
        self._errors(path, found)
        if check and not found:
            self._run(check, path)

    def _run(self, check: Check, path: Path) -> None:
        try:
            found = list(check(path))
        except InputError as error:
            found = [(Severity.ERROR, one) for one in error.problems]
        for severity, problem in found:
            self._add(path, severity, [problem])

    def _errors(self, path: Path, problems: Iterable[Problem]) -> None:
        self._add(path, Severity.ERROR, problems)

    def _add(self, path: Path, severity: Severity, problems: Iterable[Problem]) -> None:
        self.findings += [Finding(severity=severity, file=str(path), problem=one) for one in problems]

    def _guideline(self, path: Path) -> None:
        try:
            file = read_guideline(path)
        except InputError as error:
            self._errors(path, error.problems)
            return
        guideline = file.guideline
        self.guidelines.append((path, guideline))
        lock = self._frozen(path, guideline)
        past = guideline.status in APPROVED or (lock is not None and lock.status not in PUBLISHED)
        for one in guideline.irregularities:
            self._add(path, Severity.ERROR if one.code in MISSING and not past else Severity.WARNING, [one])
        told = {one.code for one in guideline.irregularities}
        for remark in self._remarks(path, guideline):
            if remark.code not in told:
                mild = past or remark.code in NEVER_ERRORS
                self._add(path, Severity.WARNING if mild else Severity.ERROR, [_placed(remark, file)])

    def _remarks(self, path: Path, guideline: Guideline) -> Iterator[Remark]:
        yield from check_guideline(guideline, today=self.today)
        before = self._predecessor(path, guideline)
        if before:
            yield from check_lifecycle(guideline, before)

    def _predecessor(self, path: Path, guideline: Guideline) -> Guideline | None:
        """From beside the file, else from the catalog; None if there is none or it cannot be read."""
        if not guideline.replaces or "/" in guideline.replaces:
            return None
        beside = (path.parent / f"{guideline.replaces}{suffix}" for suffix in (path.suffix, *SUFFIXES))
        found = next((one for one in beside if one.is_file()), guideline.replaces)
        try:
            return load_guideline(found, self.data)
        except InputError:
            return None

    def _frozen(self, path: Path, guideline: Guideline) -> Lock | None:
        """The guideline's lock, if there is one, after telling what it says against the guideline."""
        lock_file = lock_path(path)
        if not lock_file.is_file():
            if guideline.status in APPROVED and _in_catalog(path):
                message = f"{guideline.id} is {guideline.status} and not frozen"
                self._error(path, "frozen.missing", message, f"defcore guideline freeze {path}")
            return None
        try:
            lock = read_lock(lock_file)
        except InputError:
            return None  # told where the lock itself is checked
        if lock.digest == guideline.digest:
            return lock
        broken = changes(lock, lock_of(guideline))
        for change in broken:
            hint = "after publication no weight changes; after approval a test may be flagged, and nothing else"
            self._error(path, "frozen.fact", change, hint)
        if not broken and (lock.status not in PUBLISHED or guideline.status in APPROVED):
            message = "the file has changed since it was frozen, in words, flags or status"
            self._error(path, "frozen.changed", message, f"if that is meant: defcore guideline freeze {path}")
        return lock

    def _error(self, path: Path, code: str, message: str, hint: str | None = None) -> None:
        self._errors(path, [Problem(code=code, message=message, where=str(path), hint=hint)])

    def _orphans(self, folder: Path) -> None:
        """Locks whose guideline is gone."""
        for lock in sorted(folder.rglob(f"{FOLDER}/*.json")):
            if not any((lock.parent.parent / f"{lock.stem}{suffix}").is_file() for suffix in SUFFIXES):
                self._error(lock, "frozen.orphan", f"{lock.stem} is frozen and its file is gone")

    def _too_many_approved(self) -> None:
        lines: dict[tuple[str, str], list[tuple[Path, Guideline]]] = defaultdict(list)
        for path, guideline in self.guidelines:
            if guideline.status == "approved" and guideline.approval:
                lines[str(path.parent), guideline.id.rpartition(".")[0].rstrip("0123456789")].append((path, guideline))
        for line in lines.values():
            line.sort(key=lambda one: one[1].approval or "")
            for path, guideline in line[:-NEWEST]:
                newest = " and ".join(one.id for _, one in line[-NEWEST:])
                message = f"{guideline.id} is approved, and {newest} are newer: it should be superseded"
                problem = Problem(code="lifecycle.not-superseded", message=message, where=str(path))
                self._add(path, Severity.WARNING, [problem])


def _noun(document: Document) -> str | None:
    """The kind of a document; None if it is none of ours and no official guideline."""
    if is_official(document.data) and ("capabilities" in document.data or "metadata" in document.data):
        return "guideline"
    stated = document.data.get("schema") if isinstance(document.data, dict) else None
    if isinstance(stated, str) and stated.startswith("defcore/"):
        return stated.split("/")[1] or None
    return None


def _in_catalog(path: Path) -> bool:
    return path.parent.name == "guidelines" and path.suffix != ".json"


def _placed(remark: Remark, file: GuidelineFile) -> Problem:
    place = remark.place
    if isinstance(file.document, JsonDocument):
        place = _official_place(place, file.guideline)
    return Problem(code=remark.code, message=remark.message, where=file.document(place), hint=remark.hint)


def _official_place(place: Place, guideline: Guideline) -> Place:
    """The same in an official file, which tells tests by their names and has the criteria elsewhere."""
    two = guideline.schema == "2.0"
    match place:
        case ("capabilities", str(name), "tests", int(n), *_):
            capability = guideline.capability(name)
            tests = capability.tests if capability else ()
            return ("capabilities", name, "tests", tests[n].name) if n < len(tests) else ("capabilities", name)
        case ("components", str(name), str(status)) if two:
            return ("components", name, "capabilities", status)
        case ("scoring", "criteria"):
            return ("metadata", "scoring", "criteria") if two else ("criteria",)
    return place
