"""Capability files and the suite to a `Catalog` whose two sides agree."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from defcore import __version__, schemas
from defcore.catalog.document import read
from defcore.catalog.folders import Data
from defcore.catalog.suite import PLACES, read_suite, suite_digest
from defcore.errors import InputError, Problem, did_you_mean, nearest
from defcore.model.capability import Capability, Catalog, Service, TestCase
from defcore.reading.document import Document

MOST = 2_000
"""Disagreements with the suite that are looked for; it has about a thousand tests."""


def load_catalog(data: Data) -> Catalog:
    """All capabilities and test cases; raises with every disagreement between them."""
    tests, places, problems = read_suite(data.suite)
    documents: list[Document] = []
    for path in sorted(data.capabilities.rglob("*.yaml")):
        document = read(path)
        found = [*document.problems]
        if document.data is not None:
            found += schemas.problems(document.data, "capability", document)
        if not found:
            found += _misplaced(document, path, data.capabilities)
            documents.append(document)
        problems += found
    problems += _twice(documents)
    problems += islice(_unmatched(documents, tests, places), MOST)
    if problems:
        raise InputError(*problems)
    return Catalog(
        capabilities=tuple(_capability(document) for document in documents),
        tests=tuple(tests),
        suite_version=__version__,
        suite_digest=suite_digest(data.suite),
    )


def _capability(document: Document) -> Capability:
    data = document.data
    return Capability(
        id=data["id"],
        service=Service(data["service"]),
        title=data["title"],
        reference=data.get("reference"),
        tests=tuple(test["uuid"] for test in data["tests"]),
        path=document.name,
    )


def _misplaced(document: Document, path: Path, folder: Path) -> Iterator[Problem]:
    """The file's name is the capability's id, and its folder the service."""
    name, service = document.data["id"], document.data["service"]
    expected = folder / service / f"{name}.yaml"
    if path != expected:
        message = f"the capability {name!r} of {service} does not belong into this file"
        hint = f"its file is {expected}"
        yield Problem(code="catalog.misplaced", message=message, where=document(("id",)), hint=hint)


def _twice(documents: list[Document]) -> Iterator[Problem]:
    first: dict[str, str] = {}
    for document in documents:
        where = document(("id",))
        known = first.setdefault(document.data["id"], where)
        if known != where:
            message = f"the capability {document.data['id']!r} stands already at {known}"
            yield Problem(code="catalog.duplicate-capability", message=message, where=where)


def _unmatched(documents: list[Document], tests: list[TestCase], places: PLACES) -> Iterator[Problem]:
    """Each test of the suite stands in exactly one capability, under its own name."""
    by_id = {test.id: test for test in tests}
    listed: dict[str, str] = {}
    for document in documents:
        for n, entry in enumerate(document.data["tests"]):
            where = document(("tests", n, "uuid"))
            uuid = entry["uuid"]
            if uuid in listed:
                message = f"the test {uuid} stands already at {listed[uuid]}"
                yield Problem(code="catalog.duplicate-test", message=message, where=where)
                continue
            listed[uuid] = where
            if uuid not in by_id:
                yield _no_test(uuid, entry["name"], where, tests)
            elif by_id[uuid].name != entry["name"]:
                message = f"the test {uuid} is called {by_id[uuid].name!r}, not {entry['name']!r}"
                at = document(("tests", n, "name"))
                yield Problem(code="catalog.test-name", message=message, where=at, hint=f"see {places[uuid]}")
    yield from _homeless(documents, [test for test in tests if test.id not in listed], places)


def _no_test(uuid: str, name: str, where: str, tests: list[TestCase]) -> Problem:
    same = [test for test in tests if test.name == name]
    if len(same) == 1:
        hint = f"the test {name!r} has the UUID {same[0].id}"
    else:
        near = nearest(uuid, [test.id for test in tests]) or nearest(name, [test.name for test in tests])
        hint = did_you_mean(near, [near]) if near else "the suite holds no such test"
    return Problem(code="catalog.unknown-test", message=f"no test {uuid} ({name})", where=where, hint=hint)


def _homeless(documents: list[Document], tests: list[TestCase], places: PLACES) -> Iterator[Problem]:
    services = {document.data["id"]: document.data["service"] for document in documents}
    for test in tests:
        valid = [name for name, service in services.items() if service == test.service]
        near = nearest(test.name.replace("_", "-"), valid)
        file = f"capabilities/{test.service}/{near or '<capability>'}.yaml"
        message = f"the test {test.name} stands in no capability"
        hint = f"add to the tests of {file}: {{uuid: {test.id}, name: {test.name}}}"
        yield Problem(code="catalog.homeless-test", message=message, where=places[test.id], hint=hint)
