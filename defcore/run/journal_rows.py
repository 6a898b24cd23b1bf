"""The rows of a journal: each a JSON document that holds against the schema, or a problem with its place.

A line that says that the run was resumed settles all problems before it: what is not known to be finished was run
again. They stay on record beside those that are open.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

from defcore.errors import Problem

LONGEST = 200
"""Characters of what the schema says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """What a journal holds."""

    documents: tuple[dict[str, Any], ...]
    problems: tuple[Problem, ...]
    """Of rows that nothing has followed up."""
    settled: tuple[Problem, ...]
    """Of rows before one that resumes the run."""
    other: int
    """Rows of JSON that are none of a journal's."""


def read_rows(content: bytes, path: Path) -> Rows:
    """All rows of the journal at `path`."""
    documents: list[dict[str, Any]] = []
    problems: list[Problem] = []
    settled: list[Problem] = []
    other = 0
    rows = content.split(b"\n")
    for number, row in enumerate(rows, start=1):
        if not row.strip():
            continue
        try:
            document = json.loads(row)
        except (ValueError, RecursionError):
            torn = number == len(rows)
            message = "the last line is torn: its attempt is lost" if torn else "the line is not JSON"
            problems.append(_problem(message, path, number, code="journal.torn" if torn else "journal.line"))
            continue
        wrong = wrong_in(document)
        if wrong:
            other += 1
            problems.append(_problem(wrong, path, number))
            continue
        documents.append(document)
        if document["type"] == "resumed":
            settled += problems
            problems.clear()
    return Rows(documents=tuple(documents), problems=tuple(problems), settled=tuple(settled), other=other)


def _problem(message: str, path: Path, number: int, code: str = "journal.line") -> Problem:
    hint = f"what the line held is run again by defcore run --resume {path.parent}"
    return Problem(code=code, message=message, where=f"{path}:{number}", hint=hint)


def wrong_in(document: Any) -> str | None:
    """Where a document is no line of a journal, and why; None for one that is."""
    wrong = next(iter(_validator().iter_errors(document)), None)
    return wrong and f"{wrong.json_path}: {wrong.message[:LONGEST]}"


@cache
def _validator() -> Draft202012Validator:
    schema = json.loads((files("defcore.schemas") / "journal.schema.json").read_text())
    formats = FormatChecker(formats=())
    formats.checks("date-time", raises=ValueError)(_is_moment)
    return Draft202012Validator(schema, format_checker=formats)


def _is_moment(value: object) -> bool:
    """A time with its offset, so that it means the same everywhere. Raises ValueError."""
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None
