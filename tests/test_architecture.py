"""The import table of ARCHITECTURE.md, held."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1] / "defcore"
GROUND = {"model", "errors", "schemas", "reading"}
MAY_IMPORT: dict[str, set[str]] = {
    "model": {"model", "errors"},
    "errors": set(),
    "schemas": {"errors"},
    "reading": {"errors", "schemas"},
    "catalog": GROUND,
    "plan": GROUND,
    "run": GROUND,
    "suite": {"suite"} | GROUND,
    "judge": GROUND,
    "report": GROUND,
    "results": GROUND,
    "refcloud": {"errors"},
    "cli": {"*"},
}
"""Room -> rooms beside itself that it may import; `suite` tests may import `suite.support` only (below)."""
PURE = {"model", "errors", "plan", "judge", "report"}
IMPURE_MODULES = {"socket", "subprocess", "requests", "keystoneauth1", "openstack", "time", "random", "os"}
TERMINAL = {"rich", "click"}


def modules() -> list[Path]:
    return sorted(ROOT.rglob("*.py"))


def room(path: Path) -> str:
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def imports(path: Path) -> Iterator[tuple[int, str]]:
    package = ["defcore", *path.relative_to(ROOT).parts[:-1]]
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1]) + "." if node.level else ""
            module = f"{base}{node.module or ''}".rstrip(".")
            if module == "defcore":
                for alias in node.names:
                    yield node.lineno, f"defcore.{alias.name}"
            else:
                yield node.lineno, module


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_imports_only_what_its_room_may(path: Path) -> None:
    own = room(path)
    if own in ("__init__", "__main__"):
        return
    allowed = MAY_IMPORT[own] | {own, "__version__"}
    wrong = [
        f"{path}:{line}: {own} imports {name}"
        for line, name in imports(path)
        if name.startswith("defcore.") and "*" not in allowed and name.split(".")[1] not in allowed
    ]
    assert wrong == []


@pytest.mark.parametrize(
    "path", [path for path in modules() if room(path) in PURE], ids=lambda path: str(path.relative_to(ROOT))
)
def test_the_pure_rooms_touch_nothing(path: Path) -> None:
    wrong = [
        f"{path}:{line}: {name}"
        for line, name in imports(path)
        if name.split(".")[0] in IMPURE_MODULES
        or (name.split(".")[0] in TERMINAL and path.relative_to(ROOT).as_posix() != "report/text.py")
    ]
    assert wrong == []


@pytest.mark.parametrize("path", [path for path in modules() if room(path) == "model"], ids=lambda path: path.name)
def test_the_model_needs_the_standard_library_alone(path: Path) -> None:
    names = {name.split(".")[0] for _, name in imports(path)}
    assert names - set(sys.stdlib_module_names) - {"defcore"} == set()


@pytest.mark.parametrize(
    "path",
    sorted(ROOT.glob("suite/*/test_*.py")),
    ids=lambda path: str(path.relative_to(ROOT)),
)
def test_a_conformance_test_imports_suite_support_alone(path: Path) -> None:
    wrong = [
        f"{path}:{line}: {name}"
        for line, name in imports(path)
        if name.startswith("defcore") and not name.startswith("defcore.suite.support")
    ]
    assert wrong == []
