"""Bodies that tests assert on are checked by a schema.

What can be seen in one function is held: an answer that comes straight from a request and whose `.json` is read must
have passed `check` (or `setup`: then its body is no promise under test), there or in a function that it is handed to.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

SUITE = ROOT / "defcore" / "suite"
REQUESTS = {"get", "post", "put", "patch", "delete", "request", "show", "act"}
PROVEN = {"check", "setup"}


@pytest.mark.parametrize("path", sorted(SUITE.glob("*/test_*.py")), ids=lambda path: f"{path.parent.name}/{path.name}")
def test_a_body_that_is_read_was_checked(path: Path) -> None:
    assert [f"{path}:{line}: {function}: {read}" for function, line, read in unchecked(path.read_text())] == []


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("a = api.get('/x').expect(200)\n assert a.json['y']", 1),
        ("assert api.get('/x').expect(200).json['y']", 1),
        ("a = api.get('/x')\n a.expect(200)\n assert a.json['y'] == a.json['z']", 2),
        ("a = api.get('/x')\n assert a.expect(200).json['y']", 1),
        ("a = api.get('/x')\n assert a.expect(200).check(S).json['y']", 0),
        ("a = api.get('/x').expect(200).check(S)\n assert a.json['y']", 0),
        ("a = api.get('/x').expect(200)\n a.check(S)\n assert a.json['y']", 0),
        ("a = api.get('/x').setup(200)\n assert a.json['y']", 0),
        ("a = api.get('/x').expect(200)\n in_form(a)\n assert a.json['y']", 0),
        ("a = listed(api)\n assert a.json['y']", 0),
        ("assert well_formed(api.get('/x')).json['y']", 0),
    ],
)
def test_what_was_not_checked_is_seen(body: str, found: int) -> None:
    assert len(list(unchecked(f"def test_it():\n {body}\n"))) == found


def unchecked(source: str) -> Iterator[tuple[str, int, str]]:
    """(function, line, expression) of each body that is read though nothing has checked it."""
    for function in ast.walk(ast.parse(source)):
        if isinstance(function, ast.FunctionDef):
            yield from ((function.name, line, read) for line, read in _unchecked(function))


def _unchecked(function: ast.FunctionDef) -> Iterator[tuple[int, str]]:
    nodes = list(ast.walk(function))
    calls = [node for node in nodes if isinstance(node, ast.Call)]
    handed = {one.id for call in calls for one in call.args if isinstance(one, ast.Name)}
    proven = {base.id for call in calls for base in [_base(call)] if isinstance(base, ast.Name) and _is_proven(call)}
    fresh = {
        target.id
        for node in nodes
        if isinstance(node, ast.Assign) and _is_request(node.value) and not _is_proven(node.value)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in nodes:
        if isinstance(node, ast.Attribute) and node.attr == "json":
            value = node.value
            base = _base(value)
            named = isinstance(base, ast.Name) and base.id in fresh - handed - proven and not _is_proven(value)
            if named or (_is_request(value) and not _is_proven(value)):
                yield node.lineno, ast.unparse(node)


def _methods(node: ast.expr) -> Iterator[str]:
    """The methods of a chain such as `api.get(...).expect(...)`, the last one first."""
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        yield node.func.attr
        node = node.func.value


def _base(node: ast.expr) -> ast.expr:
    while isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        node = node.func.value
    return node


def _is_request(node: ast.expr) -> bool:
    methods = list(_methods(node))
    return bool(methods) and methods[-1] in REQUESTS and isinstance(_base(node), ast.Name | ast.Attribute)


def _is_proven(node: ast.expr) -> bool:
    return not PROVEN.isdisjoint(_methods(node))
