"""Reads thousands of results of ours into an `OutcomesTable`, on all cores.

    table = read_outcomes([Path("results")])        # every result.json below, at any depth
    for tally in table.tallies():                   # per test: how many results have which outcome
        print(tally.test.name, tally.count(Outcome.PASSED), tally.flaky)
    for row in table.rows:                          # per result: product, run, date, catalog
        print(row.product, row.started)

Of each file only what the table holds is decoded; the rest is skipped, though it must be JSON. Memory holds a
byte a test and no document longer than it takes to read it. A file that is no result is an InputError with its
place: no result is left out silently.
"""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, NoReturn, TypeVar

import msgspec

from defcore.errors import InputError, Problem
from defcore.model import outcomes_table as table
from defcore.model.outcomes_table import Block, OutcomesTable, ResultRow, TestIdentity
from defcore.reading import strict_yaml
from defcore.reading.document import Limits
from defcore.reading.files import read_regular

RESULT = "result.json"
PRODUCT = "product.yaml"
"""Beside the result of a submission: vendor and product that the cloud is an instance of."""
PRODUCT_LIMITS = Limits(size=64 << 10, values=10_000)
LARGEST = 64 << 20
"""Bytes of one result, a hundred times what a run of the whole suite leaves; two of them fit into memory."""
MOST_VALUES = 3_000_000
"""Commas, those within texts too; each value takes memory."""
EVIDENCE = "evidence"
"""Beside a result; holds no others."""
MOST_PROBLEMS = 20
CHUNK = 100
"""Files that one process reads at a time; up to so many are read without further processes."""

_Any = TypeVar("_Any")
Product = Callable[[Path, str], str]
"""(file of a result, its cpid) -> the product. A function of a module, for other processes call it too."""


class _Attempt(msgspec.Struct, gc=False):
    outcome: Literal["PASSED", "FAILED", "ERROR", "SKIPPED", "NOT_RUN"]


class _Test(msgspec.Struct, gc=False):
    id: str
    outcome: Literal["PASSED", "FAILED", "ERROR", "SKIPPED", "NOT_RUN"]
    covers: tuple[str, ...]
    cause: Literal["prerequisite", "absent"] | None = None
    attempts: tuple[_Attempt, ...] = ()


class _Run(msgspec.Struct):
    id: str
    started: str
    complete: bool


class _Cloud(msgspec.Struct):
    cpid: str
    name: str
    endpoints: dict[str, str] = {}
    microversions: dict[str, msgspec.Raw] = {}


class _Guideline(msgspec.Struct):
    id: str


class _Document(msgspec.Struct):
    schema: Literal["defcore/result/1"]
    run: _Run
    guideline: _Guideline
    cloud: _Cloud
    tests: list[_Test]


class _Label(msgspec.Struct, gc=False):
    nodeid: str
    name: str | None = None
    capability: str | None = None


class _Labels(msgspec.Struct):
    tests: list[_Label]


DECODER = msgspec.json.Decoder(_Document)
LABELS = msgspec.json.Decoder(_Labels)
"""For the names of tests that were not met before."""
CODES = {"PASSED": table.PASSED, "FAILED": table.FAILED, "ERROR": table.ERROR, "NOT_RUN": table.NOT_RUN}


def stated_product(file: Path, cpid: str) -> str:
    """`vendor / product` of the `product.yaml` beside the result, else the cpid. InputError if it cannot be read."""
    stated = file.parent / PRODUCT
    try:
        content = read_regular(stated, PRODUCT_LIMITS.size, links=False)
    except OSError:
        return cpid
    read = strict_yaml.parse(content, str(stated), PRODUCT_LIMITS)
    for problem in read.problems:
        _wrong("result.product", problem.message, problem.where or str(stated))
    document = read.data
    if not isinstance(document, dict) or not document.get("product"):
        _wrong("result.product", "the key 'product' is missing", str(stated))
    names = [" ".join(str(document[key]).split())[:100] for key in ("vendor", "product") if document.get(key)]
    return " / ".join(names)


def result_files(paths: Iterable[Path]) -> list[Path]:
    """The files named, and every `result.json` below the folders named, in a lasting order.

    InputError for a path that is not there, or a folder without any result.
    """
    found: dict[Path, None] = {}
    problems: list[Problem] = []
    for path in paths:
        below = _below(path) if path.is_dir() else [path] if path.is_file() else []
        if not below:
            hint = "name a result.json, or a folder that holds some, at any depth"
            message = "there is no result here"
            problems.append(Problem(code="result.missing", message=message, where=str(path), hint=hint))
        found.update(dict.fromkeys(below))
    if problems:
        raise InputError(*problems)
    return list(found)


def _below(folder: Path) -> list[Path]:
    found = []
    for place, folders, files in os.walk(folder, onerror=_unreadable):
        if RESULT in files:
            found.append(Path(place) / RESULT)
            folders[:] = [name for name in folders if name != EVIDENCE]
    return sorted(found)


def _unreadable(error: OSError) -> NoReturn:
    _wrong("result.unreadable", f"the folder cannot be read: {error.strerror or error}", str(error.filename))


def read_outcomes(
    paths: Iterable[Path], *, product: Product = stated_product, processes: int | None = None
) -> OutcomesTable:
    """The table of all results at and below the paths.

    `processes`: how many read, as many as there are cores if left out. InputError with the first problems of
    all files that cannot be read.
    """
    files = result_files(paths)
    chunks = [files[n : n + CHUNK] for n in range(0, len(files), CHUNK)]
    workers = min(processes or _cores(), len(chunks))
    gathering = _Gathering()
    if workers == 1:
        for chunk in chunks:
            gathering.add(_read(chunk, product))
        return gathering.table()
    methods = multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("fork" if "fork" in methods else None)
    with ProcessPoolExecutor(workers, mp_context=context) as pool:
        for part in pool.map(_read, chunks, [product] * len(chunks)):
            gathering.add(part)
    return gathering.table()


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(slots=True)
class _Part:
    """What one process found in its files."""

    problems: list[Problem] = field(default_factory=list)
    tests: dict[TestIdentity, int] = field(default_factory=dict)
    rows: dict[tuple[int, ...], list[ResultRow]] = field(default_factory=dict)


@dataclass(slots=True)
class _Gathering:
    """Puts the parts together; the table does not depend on how the files were shared out."""

    problems: list[Problem] = field(default_factory=list)
    tests: dict[TestIdentity, int] = field(default_factory=dict)
    rows: dict[tuple[int, ...], list[ResultRow]] = field(default_factory=dict)

    def add(self, part: _Part) -> None:
        self.problems += part.problems
        indexes = [self.tests.setdefault(test, len(self.tests)) for test in part.tests]
        for own, rows in part.rows.items():
            self.rows.setdefault(tuple(indexes[n] for n in own), []).extend(rows)

    def table(self) -> OutcomesTable:
        if len(self.problems) > MOST_PROBLEMS:
            more = Problem(code="result.more", message=f"and {len(self.problems) - MOST_PROBLEMS} more")
            raise InputError(*self.problems[:MOST_PROBLEMS], more)
        if self.problems:
            raise InputError(*self.problems)
        blocks = (Block(tests=own, rows=tuple(rows)) for own, rows in self.rows.items())
        return OutcomesTable(tests=tuple(self.tests), blocks=tuple(blocks))


def _read(files: Sequence[Path], product: Product) -> _Part:
    """The part of the table that the files make."""
    part = _Part()
    shapes = _Shapes(part.tests)
    for file in files:
        try:
            content = _content(file)
            document = _decode(content, file, DECODER)
            tests = shapes.indexes(document.tests, content, file)
            row = _row(document, file, product)
        except InputError as error:
            part.problems += error.problems
            continue
        part.rows.setdefault(tests, []).append(row)
    return part


def _content(file: Path) -> bytes:
    try:
        content = read_regular(file, LARGEST, links=False)
    except OSError as error:
        _wrong("result.unreadable", f"the file cannot be read: {error.strerror or error}", str(file))
    if len(content) > LARGEST:
        _wrong("result.too-large", f"the file is larger than {LARGEST >> 20} MiB", str(file))
    if content.count(b",") > MOST_VALUES:
        _wrong("result.too-large", f"the file holds more than {MOST_VALUES:,} values", str(file))
    return content


def _decode(content: bytes, file: Path, decoder: msgspec.json.Decoder[_Any]) -> _Any:
    """InputError, with its place in the document, for what is no result."""
    try:
        return decoder.decode(content)
    except msgspec.ValidationError as error:
        message, _, place = str(error).partition(" - at `")
        where = f"{file}: {place.rstrip('`')}" if place else str(file)
        _wrong("result.invalid", f"this is no result: {message}", where)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        _wrong("result.json", f"this is no JSON: {error}", str(file))
    except RecursionError:
        _wrong("result.json", "the JSON is nested too deeply", str(file))


def _wrong(code: str, message: str, where: str) -> NoReturn:
    raise InputError(Problem(code=code, message=message, where=where))


class _Shapes:
    """Finds the list of tests that a document holds; mostly it is that of the document before."""

    def __init__(self, tests: dict[TestIdentity, int]) -> None:
        self.tests = tests
        self.ids: list[str] = []
        self.covers: list[tuple[str, ...]] = []
        self.last: tuple[int, ...] = ()

    def indexes(self, tests: list[_Test], content: bytes, file: Path) -> tuple[int, ...]:
        ids = [test.id for test in tests]
        covers = [test.covers for test in tests]
        if self.last and ids == self.ids and covers == self.covers:
            return self.last
        if len(set(ids)) < len(ids):
            first: dict[str, int] = {}
            twice = next(n for n, one in enumerate(ids) if first.setdefault(one, n) != n)
            _wrong("result.duplicate-test", "two tests have the same id", f"{file}: $.tests[{twice}].id")
        labels = _decode(content, file, LABELS).tests
        self.ids, self.covers = ids, covers
        self.last = tuple(map(self._index, ids, covers, labels))
        return self.last

    def _index(self, id: str, covers: tuple[str, ...], label: _Label) -> int:
        name = label.name or label.nodeid.rpartition("::")[2]
        identity = TestIdentity(id=id, covers=covers, name=name, capability=label.capability)
        return self.tests.setdefault(identity, len(self.tests))


def _row(document: _Document, file: Path, product: Product) -> ResultRow:
    cloud = document.cloud
    return ResultRow(
        path=str(file),
        product=product(file, cloud.cpid or cloud.name),
        cpid=cloud.cpid,
        run=document.run.id,
        started=document.run.started,
        guideline=document.guideline.id,
        complete=document.run.complete,
        services=tuple(sorted(cloud.endpoints)),
        versioned=tuple(sorted(cloud.microversions)),
        outcomes=bytes(
            [
                CODES[test.outcome] if test.outcome != "SKIPPED" and len(test.attempts) < 2 else _code(test)
                for test in document.tests
            ]
        ),
    )


def _code(test: _Test) -> int:
    """The byte of a test that was skipped, or tried more than once."""
    if test.outcome == "SKIPPED":
        code = table.ABSENT if test.cause == "absent" else table.PREREQUISITE
    else:
        code = CODES[test.outcome]
    tried = {attempt.outcome for attempt in test.attempts}
    return code | table.FLAKY if {"PASSED", "FAILED"} <= tried else code
