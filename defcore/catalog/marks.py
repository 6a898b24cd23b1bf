"""Marks of the suite (`@pytest.mark.uuid("...")`), read from the source without importing it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from defcore.errors import Problem, did_you_mean, nearest
from defcore.model.capability import NEEDS

OURS = ("uuid", "covers", "needs", "exclusive", "reference")
PYTEST = (
    "parametrize",
    "usefixtures",
    "skip",
    "skipif",
    "xfail",
    "filterwarnings",
    "flaky",
    "timeout",
    "xdist_group",
)
UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
ADDRESS = re.compile(r"https?://\S+")


@dataclass(slots=True)
class Marks:
    """What the marks of a function, its class and its module say together."""

    uuid: str | None = None
    reference: str | None = None
    covers: list[str] = field(default_factory=list)
    needs: list[str] = field(default_factory=list)
    exclusive: list[str] = field(default_factory=list)

    def under(self, outer: Marks) -> Marks:
        """These marks with those of the class or module around them; the nearest reference wins."""
        return Marks(
            uuid=self.uuid,
            reference=self.reference or outer.reference,
            covers=_once(outer.covers + self.covers),
            needs=_once(outer.needs + self.needs),
            exclusive=_once(outer.exclusive + self.exclusive),
        )


def _once(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))


class MarkReader:
    """Reads the marks of one file and collects what is wrong with them."""

    def __init__(self, name: str, problems: list[Problem]) -> None:
        self.name = name
        self.problems = problems

    def problem(self, node: ast.AST, code: str, message: str, hint: str | None = None) -> None:
        where = f"{self.name}:{getattr(node, 'lineno', 1)}:{getattr(node, 'col_offset', 0) + 1}"
        self.problems.append(Problem(code=code, message=message, where=where, hint=hint))

    def around(self, body: list[ast.stmt]) -> Marks:
        """The marks that `pytestmark = ...` gives to all tests of a module or class."""
        expressions: list[ast.expr] = []
        for node in body:
            if isinstance(node, ast.Assign) and any(map(_is_pytestmark, node.targets)):
                expressions += node.value.elts if isinstance(node.value, ast.List | ast.Tuple) else [node.value]
        return self.of(expressions, outer=True)

    def of(self, expressions: Iterable[ast.expr], *, outer: bool = False) -> Marks:
        """The marks among the expressions; `outer` for a module or class, where a uuid makes no sense."""
        marks = Marks()
        for expression, name, call in _marks(expressions):
            if name in OURS:
                self._take(marks, expression, name, call, outer=outer)
            elif name not in PYTEST and nearest(name, OURS):
                self.problem(expression, "suite.unknown-mark", f"no mark {name!r}", did_you_mean(name, OURS))
        return marks

    def _take(self, marks: Marks, node: ast.expr, name: str, call: ast.Call | None, *, outer: bool) -> None:
        values = self._literals(node, name, call)
        if not values:
            return
        if name in ("uuid", "reference") and len(values) > 1:
            self.problem(node, "suite.mark-arguments", f"the mark {name!r} takes one argument")
        match name:
            case "uuid" if outer:
                self.problem(node, "suite.mark-place", "the mark 'uuid' belongs to a test function alone")
            case "uuid":
                marks.uuid = values[0]
                self._check_uuids(node, values)
            case "covers":
                marks.covers += values
                self._check_uuids(node, values)
            case "needs":
                marks.needs += values
                self._check_needs(node, values)
            case "exclusive":
                marks.exclusive += values
            case _:
                marks.reference = values[0]
                if not ADDRESS.fullmatch(values[0]):
                    self.problem(node, "suite.reference", f"{values[0]!r} is no address", "write https://...")

    def _literals(self, node: ast.expr, name: str, call: ast.Call | None) -> list[str]:
        arguments = call.args if call else []
        if not arguments and not (call and call.keywords):
            self.problem(node, "suite.mark-arguments", f"the mark {name!r} has no argument")
        values = [one.value for one in arguments if isinstance(one, ast.Constant) and isinstance(one.value, str)]
        if call and (len(values) != len(arguments) or call.keywords):
            hint = "the catalog reads the source without running it"
            self.problem(node, "suite.mark-literal", f"the mark {name!r} takes plain strings only", hint)
        return values

    def _check_uuids(self, node: ast.expr, values: list[str]) -> None:
        for value in values:
            if not UUID.fullmatch(value):
                bare = value.removeprefix("id-").lower()
                hint = f"write {bare}" if UUID.fullmatch(bare) else "eight, four, four, four, twelve hex digits"
                self.problem(node, "suite.uuid-form", f"{value!r} is no UUID in lower case", hint)

    def _check_needs(self, node: ast.expr, values: list[str]) -> None:
        for value in values:
            if value not in NEEDS:
                self.problem(node, "suite.unknown-need", f"no need {value!r}", did_you_mean(value, NEEDS) or None)


def _is_pytestmark(target: ast.expr) -> bool:
    return isinstance(target, ast.Name) and target.id == "pytestmark"


def _marks(expressions: Iterable[ast.expr]) -> Iterator[tuple[ast.expr, str, ast.Call | None]]:
    """(node, name, call) of each `pytest.mark.name` or `pytest.mark.name(...)`."""
    for expression in expressions:
        call = expression if isinstance(expression, ast.Call) else None
        target = call.func if call else expression
        if isinstance(target, ast.Attribute) and _is_mark(target.value):
            yield expression, target.attr, call


def _is_mark(node: ast.expr) -> bool:
    if isinstance(node, ast.Attribute):
        return node.attr == "mark" and isinstance(node.value, ast.Name) and node.value.id == "pytest"
    return isinstance(node, ast.Name) and node.id == "mark"
