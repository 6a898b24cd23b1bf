"""Results of defcore itself: the folder of a run, or its `result.json`."""

from __future__ import annotations

from defcore import schemas
from defcore.errors import InputError, Problem
from defcore.model.documents import read_result
from defcore.model.result import Result
from defcore.results.source import Source

FILE = "result.json"
PROBLEMS = 20
"""Problems of one document that are worth printing."""
COUNTED = 10_000
"""Problems of one document after which the rest is not looked at."""


def looks_like(document: object) -> bool:
    return isinstance(document, dict) and "schema" in document


def read(source: Source, document: object) -> Result:
    """The result in a parsed document. InputError names every place that is wrong."""
    found = schemas.problems(document, "result", schemas.in_file(source.name), at_most=COUNTED)
    if found:
        raise InputError(*_first(found, source))
    return read_result(document)


def _first(found: list[Problem], source: Source) -> list[Problem]:
    more = len(found) - PROBLEMS
    if more <= 0:
        return found
    return [*found[:PROBLEMS], Problem(code="result.more", message=f"and {more} more", where=source.name)]
