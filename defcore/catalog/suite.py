"""The suite's sources to `TestCase` values, without importing or running them."""

from __future__ import annotations

import ast
import hashlib
import inspect
from collections.abc import Iterator
from pathlib import Path

from defcore.catalog.marks import MarkReader, Marks
from defcore.errors import Problem
from defcore.model.capability import Service, TestCase

TestFunction = ast.FunctionDef | ast.AsyncFunctionDef
PLACES = dict[str, str]
"""UUID -> `file:line` of the test."""


def read_suite(suite: Path) -> tuple[list[TestCase], PLACES, list[Problem]]:
    """All tests of the suite, where each stands, and everything that is wrong with them."""
    tests: list[TestCase] = []
    places: PLACES = {}
    problems: list[Problem] = []
    for service in Service:
        for path in sorted((suite / folder(service)).rglob("test_*.py")):
            for test, place in _File(path, suite, service, problems).tests():
                if test.id in places:
                    message = f"the UUID {test.id} belongs already to the test at {places[test.id]}"
                    hint = "each test has a UUID of its own: python -m uuid"
                    problems.append(Problem(code="suite.duplicate-uuid", message=message, where=place, hint=hint))
                    continue
                places[test.id] = place
                tests.append(test)
    return tests, places, problems


def folder(service: Service) -> str:
    """The folder of a service's tests: `block_storage` for `block-storage`."""
    return service.value.replace("-", "_")


def suite_digest(suite: Path) -> str:
    """`sha256:<hex>` over the names and bytes of the suite's files, in the order of their names."""
    digest = hashlib.sha256()
    sources = {path.relative_to(suite).as_posix(): path for path in suite.rglob("*") if _is_source(path)}
    for name in sorted(sources):
        raw = sources[name].read_bytes()
        digest.update(f"{name}\0{len(raw)}\0".encode())
        digest.update(raw)
    return f"sha256:{digest.hexdigest()}"


def _is_source(path: Path) -> bool:
    return path.is_file() and path.suffix in (".py", ".json", ".yaml") and "__pycache__" not in path.parts


class _File:
    """One file of tests."""

    def __init__(self, path: Path, suite: Path, service: Service, problems: list[Problem]) -> None:
        self.path = path
        self.nodeid = path.relative_to(suite).as_posix()
        self.service = service
        self.problems = problems
        self.reader = MarkReader(str(path), problems)

    def tests(self) -> Iterator[tuple[TestCase, str]]:
        """Each test that has a UUID, with its `file:line`."""
        try:
            tree = ast.parse(self.path.read_text(encoding="utf-8"))
        except (SyntaxError, ValueError) as error:
            where = f"{self.path}:{getattr(error, 'lineno', None) or 1}:{getattr(error, 'offset', None) or 1}"
            message = f"not valid Python: {getattr(error, 'msg', error)}"
            self.problems.append(Problem(code="suite.syntax", message=message, where=where))
            return
        module = self.reader.around(tree.body)
        yield from self._body(tree.body, module, "")

    def _body(self, body: list[ast.stmt], outer: Marks, prefix: str) -> Iterator[tuple[TestCase, str]]:
        for node in body:
            if isinstance(node, TestFunction) and node.name.startswith("test"):
                yield from self._test(node, outer, prefix)
            elif isinstance(node, ast.ClassDef) and node.name.startswith("Test"):
                marks = self.reader.of(node.decorator_list, outer=True).under(outer)
                marks = self.reader.around(node.body).under(marks)
                yield from self._body(node.body, marks, f"{prefix}{node.name}::")

    def _test(self, node: TestFunction, outer: Marks, prefix: str) -> Iterator[tuple[TestCase, str]]:
        before = len(self.problems)
        marks = self.reader.of(node.decorator_list).under(outer)
        told = len(self.problems) > before
        promise = _promise(node)
        if not promise:
            hint = "its first paragraph states the promise that the test checks"
            self.reader.problem(node, "suite.no-docstring", f"the test {node.name} has no docstring", hint)
        if marks.uuid is None:
            if not told:
                hint = 'add @pytest.mark.uuid("...") with a new UUID: python -m uuid'
                self.reader.problem(node, "suite.no-uuid", f"the test {node.name} has no mark uuid", hint)
            return
        case = TestCase(
            id=marks.uuid,
            name=node.name.removeprefix("test").removeprefix("_"),
            nodeid=f"{self.nodeid}::{prefix}{node.name}",
            service=self.service,
            promise=promise,
            reference=marks.reference,
            covers=tuple(marks.covers),
            needs=tuple(marks.needs),
            exclusive=tuple(marks.exclusive),
        )
        yield case, f"{self.path}:{node.lineno}"


def _promise(node: TestFunction) -> str:
    """The first paragraph of the docstring, on one line."""
    text = inspect.cleandoc(ast.get_docstring(node, clean=False) or "")
    return " ".join(text.split("\n\n", 1)[0].split())
