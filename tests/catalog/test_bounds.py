"""What a stranger writes takes no more time than its length, whatever it is."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from defcore import schemas
from defcore.catalog import Data, load_guideline
from defcore.errors import InputError, did_you_mean, nearest
from tests.faults.hostile_documents import GUIDELINE_DOCUMENT, OFFICIAL

TEST = {"uuid": "11111111-1111-4111-8111-111111111111", "name": "flavors_are_listed"}
CAPABILITY = {"schema": "defcore/capability/1", "id": "flavors", "service": "compute", "title": "Flavors"}


@pytest.fixture(autouse=True)
def in_time() -> Iterator[None]:
    started = time.process_time()
    yield
    assert time.process_time() - started < 10


def test_many_different_tests_of_a_capability() -> None:
    tests = [{"uuid": f"{n:08x}-1111-4111-8111-111111111111", "name": f"flavors_{n}"} for n in range(20_000)]
    assert schemas.problems(CAPABILITY | {"tests": tests}, "capability") == []
    (problem,) = schemas.problems(CAPABILITY | {"tests": [*tests, tests[7]]}, "capability")
    assert problem.code == "schema.duplicate"
    assert "00000007-" in problem.message


@pytest.mark.parametrize("twice", [["a", 1, "a"], [None, "b", None], [{"a": 1, "b": 2}, "x", {"b": 2, "a": 1}], [1, 1]])
def test_what_stands_there_twice_is_found_whatever_it_is(twice: list[object]) -> None:
    found = schemas.problems({"findings": twice}, "policy")
    assert "schema.duplicate" in [one.code for one in found]
    assert "schema.duplicate" not in [one.code for one in schemas.problems({"findings": twice[:2][:1]}, "policy")]


def test_many_unknown_keys_are_not_all_told() -> None:
    document = {f"titel{n}": n for n in range(100_000)}
    assert len(schemas.problems(document, "capability")) == schemas.MOST_PROBLEMS


def test_the_nearest_of_too_many_or_too_long_names_is_not_looked_for() -> None:
    assert nearest("capability-1", ["capability-2"]) == "capability-2"
    assert nearest("ab" * 100_000, ["ba" * 100_000]) is None
    assert nearest("a1", [f"a{n}" for n in range(2, 100_000)]) is None
    assert nearest("capability-1", ["x" * 100_000, "capability-2"]) == "capability-2"
    assert did_you_mean("a1", [f"a{n}" for n in range(2, 100_000)]) == ""


def guideline(folder: Path, document: object) -> str:
    path = folder / "2020.06.json"
    path.write_text(json.dumps(document))
    with pytest.raises(InputError) as raised:
        load_guideline(str(path), Data(root=folder))
    return str(raised.value)


def test_a_guideline_of_too_many_capabilities(tmp_path: Path) -> None:
    own = GUIDELINE_DOCUMENT["capabilities"]["flavors"] | {"tests": [{"id": TEST["uuid"], "name": "a"}]}
    document = GUIDELINE_DOCUMENT | {"capabilities": {f"flavors{n or ''}": own for n in range(2_001)}}
    assert "2,001 capabilities; a guideline has at most 2,000" in guideline(tmp_path, document)
    one = OFFICIAL["capabilities"]["flavors"]  # type: ignore[index]
    document = OFFICIAL | {"capabilities": {f"flavors{n or ''}": one for n in range(2_001)}}
    assert "2,001 capabilities; a guideline has at most 2,000" in guideline(tmp_path, document)


def test_many_names_that_a_guideline_does_not_have(tmp_path: Path) -> None:
    capabilities = {f"cap-{n}": GUIDELINE_DOCUMENT["capabilities"]["flavors"] for n in range(500)}
    core = {"core": {"required": [f"cop-{n}" for n in range(20_000)]}}
    said = guideline(tmp_path, GUIDELINE_DOCUMENT | {"capabilities": capabilities, "components": core})
    assert said.count("catalog.unknown-capability") == 200
