"""A stranger's document, read and held against its schema."""

from __future__ import annotations

from defcore import schemas
from defcore.errors import InputError
from defcore.model.documents import Document
from defcore.results.source import Source

PROBLEMS = 20
"""Of one document, that are worth telling."""


def checked_json(source: Source, noun: str) -> Document:
    """The JSON document of that noun. InputError with everything that is wrong with it."""
    document = source.json()
    found = schemas.problems(document, noun, schemas.in_file(source.name), at_most=PROBLEMS)
    if found or not isinstance(document, dict):
        raise InputError(*found)
    return document
