"""What can go wrong, as values and as exceptions.

A `Problem` is one thing that is wrong: a stable code, what happened, where, and what to do. A verb of the
command line that meets one raises a `DefcoreError`, which carries all problems found and decides the exit
code: 2 for the user's input, 3 where we could not find out. A test of the suite raises one of
`PromiseBroken`, `Absent`, `Prerequisite` and `CannotTell`, which decides the test's outcome.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass

EXIT_YES = 0
EXIT_NO = 1
EXIT_INPUT = 2
EXIT_UNKNOWN = 3
EXIT_BUG = 70


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong, told to the person who can mend it."""

    code: str
    """Stable dotted name for machines, such as `catalog.unknown-capability`; never reused."""
    message: str
    """What happened, one sentence."""
    where: str | None = None
    """`file:line:column`, or `METHOD url (request id)`."""
    hint: str | None = None
    """What to do about it."""

    def __str__(self) -> str:
        where = f"{self.where}: " if self.where else ""
        hint = f"\n  {self.hint}" if self.hint else ""
        return f"{where}{self.message} [{self.code}]{hint}"


class DefcoreError(Exception):
    """Ends a verb. Carries every problem found, not just the first."""

    exit_code = EXIT_BUG

    def __init__(self, *problems: Problem) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


class InputError(DefcoreError):
    """The user's input is at fault: a file, a name, an option, a password. Exit code 2."""

    exit_code = EXIT_INPUT


class UnknownError(DefcoreError):
    """We could not find out: unreachable, cut off, interrupted, disk full. Exit code 3."""

    exit_code = EXIT_UNKNOWN


class PromiseBroken(AssertionError):
    """The cloud broke a promise of the API reference or the guideline: the test is FAILED.

    A plain AssertionError in a test's body means the same.
    """

    def __init__(self, message: str, *, expected: object = None, seen: object = None) -> None:
        super().__init__(message)
        self.expected = expected
        self.seen = seen


class CannotTell(Exception):
    """The test could not find out (its set-up failed, a deadline passed, transport trouble): ERROR."""


class Absent(Exception):
    """The cloud's own answer proves that it lacks the feature: SKIPPED, cause `absent`."""


class Prerequisite(Exception):
    """The tester did not give what the test needs: SKIPPED, cause `prerequisite`."""


MOST_NAMES = 2_000
LONGEST_NAME = 100
"""Of names beyond these the nearest is not looked for: it takes their product in time, and strangers write them."""


def nearest(name: str, valid: Iterable[str]) -> str | None:
    """The valid name closest to `name`, or None if none is near, or there are too many, or they are too long."""
    names = [one for one in valid if len(one) <= LONGEST_NAME]
    if len(name) > LONGEST_NAME or len(names) > MOST_NAMES:
        return None
    found = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    return found[0] if found else None


def did_you_mean(name: str, valid: Iterable[str]) -> str:
    """A hint: the nearest valid name, or all of them when they are few."""
    names = sorted(valid)
    near = nearest(name, names)
    if near:
        return f"did you mean {near!r}?"
    return f"valid: {', '.join(names)}" if len(names) <= 12 else ""


def shortened(text: str, length: int) -> str:
    """The text, of at most so many characters: one that is cut ends with `…`, so that whoever takes secrets out of a
    message sees where one may be cut in two."""
    return text if len(text) <= length else f"{text[: length - 1]}…"
