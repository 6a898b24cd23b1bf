"""What the user wants kept out of everything: a text file with one value a line."""

from __future__ import annotations

from pathlib import Path

from defcore.errors import InputError, Problem
from defcore.reading.files import read_regular
from defcore.run.redaction import SHORTEST_OWN

MOST_VALUES = 1000
LARGEST = 1 << 20
"""Bytes of the file."""


def read_redact_file(file: Path | None) -> tuple[str, ...]:
    """The values: each line as it is, without the spaces around it; empty lines are none, and there are no comments.

    Nothing for no file. Raises InputError with all problems, which name lines and never what stands in them.
    """
    if file is None:
        return ()
    values = [(number, line.strip()) for number, line in enumerate(_text(file).split("\n"), start=1)]
    problems = [
        Problem(
            code="redact.short",
            message=f"the value has fewer than {SHORTEST_OWN} characters",
            where=f"{file}:{number}",
            hint="so short a value is a part of much that must be kept",
        )
        for number, value in values
        if 0 < len(value) < SHORTEST_OWN
    ]
    found = tuple(dict.fromkeys(value for _, value in values if value))
    if len(found) > MOST_VALUES:
        message = f"{len(found)} values, of which {MOST_VALUES} are read at most"
        problems.append(Problem(code="redact.many", message=message, where=str(file)))
    if not found:
        problems.append(Problem(code="redact.empty", message="there is no value in the file", where=str(file)))
    if problems:
        raise InputError(*problems)
    return found


def _text(file: Path) -> str:
    """It is read by each worker anew, so it cannot be a pipe."""
    try:
        content = read_regular(file, LARGEST)
    except OSError as error:
        what = error.strerror or "it cannot be read"
        raise InputError(Problem(code="redact.file", message=what, where=str(file))) from None
    if len(content) > LARGEST:
        raise InputError(Problem(code="redact.file", message="the file is larger than 1 MiB", where=str(file)))
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        problem = Problem(code="redact.encoding", message="the line is not UTF-8", where=f"{file}:{line}")
        raise InputError(problem) from None
