"""Results, whoever made them: read from files of several formats, merged, and written for others to read."""

from collections.abc import Sequence
from pathlib import Path

from defcore.errors import InputError, Problem
from defcore.model.result import Result
from defcore.results.merge import merge
from defcore.results.reader import read_file


def read(paths: Sequence[Path]) -> Result:
    """The result that the files amount to together; a single one stays as it is.

    InputError, with every file's problems at once, if one cannot be read, or if they cannot be merged.
    """

    results: list[Result] = []
    problems: list[Problem] = []
    for path in paths:
        try:
            results.append(read_file(path))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(*problems)
    return merge(results)


__all__ = ["merge", "read", "read_file"]
