"""The contract of every document, and the words for what breaks it."""

from __future__ import annotations

import json
import re

import pytest
from jsonschema import Draft202012Validator

from defcore.schemas import FOLDER, _inlined, _validator, in_file, load, problems

NAMES = sorted(path.name.removesuffix(".schema.json") for path in FOLDER.glob("*.schema.json"))


@pytest.mark.parametrize("name", NAMES)
def test_each_schema_is_valid_and_names_its_versions(name: str) -> None:
    schema = load(name)
    Draft202012Validator.check_schema(schema)
    assert f"defcore/{name}/1" in schema["properties"]["schema"]["enum"]


@pytest.mark.parametrize("name", NAMES)
def test_references_can_be_written_out(name: str) -> None:
    """Each names a definition of its own schema, has no more than a description beside it, and none is left."""
    text = json.dumps(load(name))
    for beside in re.findall(r'\{[^{}]*"\$ref": [^{}]*\}', text):
        assert set(json.loads(beside)) <= {"$ref", "description"}
    assert '"$ref"' not in json.dumps(_validator(name).schema)


def test_a_description_beside_a_reference_goes_first() -> None:
    definitions = {"a": {"type": "string", "description": "theirs"}, "b": {"items": {"$ref": "#/$defs/a"}}}
    assert _inlined({"$ref": "#/$defs/a"}, definitions) == definitions["a"]
    own = {"properties": {"x": {"$ref": "#/$defs/a", "description": "own"}, "y": {"$ref": "#/$defs/b"}}}
    assert _inlined(own, definitions) == {
        "properties": {"x": {"type": "string", "description": "own"}, "y": {"items": definitions["a"]}}
    }


def test_a_document_that_is_no_mapping() -> None:
    [problem] = problems([], "capability", in_file("x.json"))
    assert str(problem) == "x.json: a capability must be a mapping, not a list [schema.type]"


def test_a_hostile_value_is_shown_short_and_inert() -> None:
    document = {
        "schema": "defcore/capability/1",
        "id": "a",
        "service": "\x1b[31m" + "x" * 1000,
        "title": "t",
        "tests": [],
    }
    [problem] = problems(document, "capability")
    assert "\x1b" not in problem.message
    assert len(problem.message) < 100


def test_places_of_json_documents_are_paths() -> None:
    document = {"schema": "defcore/capability/1", "id": "a", "service": "image", "title": "t", "tests": [{}]}
    assert [problem.where for problem in problems(document, "capability", in_file("c.json"))] == [
        "c.json: $.tests[0]",
        "c.json: $.tests[0]",
    ]


def test_a_missing_schema_says_what_to_write() -> None:
    found = {problem.message: problem.hint for problem in problems({}, "guideline")}
    assert found["the key 'schema' is missing"] == "write: schema: defcore/guideline/1"


def test_a_missing_key_is_told_where_another_that_looks_like_it_is_allowed() -> None:
    """A result may hold what this version does not know, so nobody tells of the key that was misspelt."""
    document = {"schema": "defcore/result/1", "run": {"id": "a", "startde": "", "seconds": 0, "settings": []}}
    found = [problem.message for problem in problems(document, "result")]
    assert "the key 'started' is missing in run" in found
