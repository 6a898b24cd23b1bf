"""Results of defcore itself: the folder of a run, or its `result.json`."""

from __future__ import annotations

from defcore import schemas
from defcore.errors import InputError
from defcore.model.documents import read_result
from defcore.model.result import Result
from defcore.reading.document import first_of
from defcore.results.source import Source

FILE = "result.json"
COUNTED = 10_000
"""Problems of one document after which the rest is not looked at."""


def looks_like(document: object) -> bool:
    return isinstance(document, dict) and "schema" in document


def read(source: Source, document: object) -> Result:
    """The result in a parsed document. InputError names every place that is wrong."""
    found = schemas.problems(document, "result", schemas.in_file(source.name), at_most=COUNTED)
    if found:
        raise InputError(*first_of(found, source.name))
    return read_result(document)
