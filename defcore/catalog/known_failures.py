"""The file of known failures: YAML to values, and its names to tests."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import date
from pathlib import Path

from defcore import schemas
from defcore.catalog.document import read
from defcore.errors import InputError, Problem, did_you_mean
from defcore.model.gate import KnownFailure, KnownFailures
from defcore.reading.document import Document

NOUN = "known-failures"
Names = Iterable[tuple[str, str]]
"""(id, name) of tests."""


def load_known_failures(path: Path) -> KnownFailures:
    """The entries of the file; raises InputError with everything that is wrong, each with its place."""
    document = read(path)
    problems = [*document.problems]
    if document.data is not None:
        problems += schemas.problems(document.data, NOUN, document)
    if not problems:
        problems += _no_dates(document)
        problems += _twice(document)
    if problems:
        raise InputError(*problems)
    return KnownFailures(
        entries=tuple(
            KnownFailure(
                test=entry["test"],
                reason=entry["reason"],
                expires=entry["expires"],
                issue=entry.get("issue"),
                where=document(("entries", n, "test")),
            )
            for n, entry in enumerate(document.data["entries"])
        ),
        digest=document.digest,
    )


def resolve_known_failures(known: KnownFailures, tests: Names, *, strict: bool = True) -> KnownFailures:
    """The entries with the ids of their tests, which are named by id or by name, with `test_` or without.

    Raises InputError for a name that is unknown or has several tests, and for a test that two entries name. Not
    `strict`, for a file of the past: what is not found stays without id.
    """
    by_name: dict[str, set[str]] = {}
    ids = set()
    for id, name in tests:
        ids.add(id)
        by_name.setdefault(name.removeprefix("test_"), set()).add(id)
    found: list[KnownFailure] = []
    problems: list[Problem] = []
    for entry in known.entries:
        candidates = {entry.test} & ids or by_name.get(entry.test.removeprefix("test_"), set())
        if len(candidates) == 1:
            found.append(replace(entry, id=next(iter(candidates))))
            continue
        found.append(entry)
        problems.append(_ambiguous(entry, candidates) if candidates else _unknown(entry, by_name))
    if strict:
        problems += _same_test(found)
        if problems:
            raise InputError(*problems)
    return replace(known, entries=tuple(found))


def _no_dates(document: Document) -> Iterator[Problem]:
    for n, entry in enumerate(document.data["entries"]):
        with suppress(ValueError):
            date.fromisoformat(entry["expires"])
            continue
        message = f"expires: there is no day {entry['expires']}"
        yield Problem(code="known-failures.date", message=message, where=document(("entries", n, "expires")))


def _twice(document: Document) -> Iterator[Problem]:
    first: dict[str, str] = {}
    for n, entry in enumerate(document.data["entries"]):
        where = document(("entries", n, "test"))
        known = first.setdefault(entry["test"], where)
        if known != where:
            message = f"the test {entry['test']!r} stands already at {known}"
            yield Problem(code="known-failures.duplicate", message=message, where=where, hint="one entry a test")


def _same_test(entries: Iterable[KnownFailure]) -> Iterator[Problem]:
    first: dict[str, KnownFailure] = {}
    for entry in entries:
        other = first.setdefault(entry.id, entry) if entry.id else entry
        if other is not entry:
            message = f"{entry.test!r} and {other.test!r} are the same test"
            yield Problem(code="known-failures.duplicate", message=message, where=entry.where, hint="one entry a test")


def _unknown(entry: KnownFailure, names: Iterable[str]) -> Problem:
    hint = did_you_mean(entry.test.removeprefix("test_"), names)
    message = f"no test has the id or the name {entry.test!r}"
    return Problem(code="known-failures.unknown-test", message=message, where=entry.where, hint=hint or None)


def _ambiguous(entry: KnownFailure, candidates: Iterable[str]) -> Problem:
    message = f"several tests have the name {entry.test!r}"
    hint = f"name one by its id: {', '.join(sorted(candidates)[:10])}"
    return Problem(code="known-failures.ambiguous", message=message, where=entry.where, hint=hint)
