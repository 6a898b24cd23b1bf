"""Each test gets the fixtures of its own service, in whatever folder and order the suite is run.

Where pytest's root folder is not above the suite, as with `--rootdir` or from another folder, pytest before 9.1 takes
the fixtures of every conftest for those of all tests that it collects later: of two with one name the last wins. So
block storage tests could get compute's `volumes` and end in ERROR.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from pathlib import Path

from tests.conftest import ROOT

SUITE = ROOT / "defcore" / "suite"


def fixtures_of(conftest: Path) -> list[str]:
    return [
        one.name
        for one in ast.parse(conftest.read_text()).body
        if isinstance(one, ast.FunctionDef) and any("fixture" in ast.unparse(mark) for mark in one.decorator_list)
    ]


def test_no_two_conftests_have_a_fixture_of_one_name() -> None:
    places = defaultdict(list)
    for conftest in sorted(SUITE.rglob("conftest.py")):
        for name in fixtures_of(conftest):
            places[name].append(conftest.parent.name)
    assert len(places) > 20, f"the fixtures are not found: {dict(places)}"
    twice = {name: found for name, found in places.items() if len(found) > 1}
    assert not twice, f"of these, tests run with another root folder may get the wrong one: {twice}"
