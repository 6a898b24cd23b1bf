"""A stranger's JSON or YAML, read by the strict readers: what every document of a submission goes through."""

from __future__ import annotations

from typing import Any

from defcore import schemas
from defcore.errors import InputError
from defcore.model.documents import Document
from defcore.results import strict_json, strict_yaml
from defcore.results.source import Source

PROBLEMS = 20
"""Of one document, that are worth telling."""


def json_in(source: Source) -> Any:
    """InputError with line and column of what is refused."""
    return strict_json.parse(source)


def yaml_in(source: Source) -> list[Any]:
    """Every document of the file, its scalars as texts. InputError with line and column of what is refused."""
    return list(strict_yaml.parse(source))


def checked_json(source: Source, noun: str) -> Document:
    """The JSON document of that noun. InputError with everything that is wrong with it."""
    document = json_in(source)
    found = schemas.problems(document, noun, schemas.in_file(source.name), at_most=PROBLEMS)
    if found or not isinstance(document, dict):
        raise InputError(*found)
    return document
