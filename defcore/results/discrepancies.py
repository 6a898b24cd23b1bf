"""What does not hold, put into words: the makers of discrepancies, and documents compared place by place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from defcore.errors import shortened
from defcore.model.verification import Discrepancy

Found = Iterator[Discrepancy]
LONGEST = 100
"""Characters of a value that are shown."""
LONGEST_MESSAGE = 400
"""Characters of a place or a message, which may hold a stranger's name of a test."""
MOST = 200
"""Of one kind that are told."""


class _Absent:
    """Stands for what is not there, and is equal to nothing that can be."""

    def __repr__(self) -> str:
        return "absent"


ABSENT = _Absent()


def no(code: str, where: str, message: str, expected: object = None, seen: object = None) -> Discrepancy:
    """It does not hold."""
    return _discrepancy(code, where, message, expected, seen, unknown=False)


def unknown(code: str, where: str, message: str, expected: object = None, seen: object = None) -> Discrepancy:
    """It could not be found out."""
    return _discrepancy(code, where, message, expected, seen, unknown=True)


def _discrepancy(code: str, where: str, message: str, expected: object, seen: object, *, unknown: bool) -> Discrepancy:
    words = [None if one is None else shown(one) for one in (expected, seen)]
    return Discrepancy(
        code=f"verify.{code}",
        where=shown(where, LONGEST_MESSAGE),
        message=shown(message, LONGEST_MESSAGE),
        expected=words[0],
        seen=words[1],
        unknown=unknown,
    )


def shown(value: object, longest: int = LONGEST) -> str:
    return shortened(value if isinstance(value, str) else repr(value), longest)


def compare(expected: object, seen: object, place: str = "$") -> Iterator[tuple[str, object, object]]:
    """Every place in which two documents differ, with what stands there; `absent` where nothing does."""
    if isinstance(expected, dict) and isinstance(seen, dict):
        for key in dict.fromkeys([*expected, *seen]):
            yield from compare(expected.get(key, ABSENT), seen.get(key, ABSENT), f"{place}.{key}")
    elif isinstance(expected, list) and isinstance(seen, list) and len(expected) == len(seen):
        for n, (one, other) in enumerate(zip(expected, seen, strict=True)):
            yield from compare(one, other, f"{place}[{n}]")
    elif type(expected) is not type(seen) or expected != seen:
        yield place, expected, seen


def differences(expected: object, seen: object, where: str, code: str, message: str) -> Found:
    for place, one, other in compare(expected, seen):
        own = "counts" if ".counts." in place else code
        yield no(own, f"{where}: {place}", message, one, other)


def at_most_of_each(found: Iterable[Discrepancy]) -> list[Discrepancy]:
    """The first MOST of each code."""
    by_code: dict[str, list[Discrepancy]] = {}
    for one in found:
        by_code.setdefault(one.code, []).append(one)
    return [one for some in by_code.values() for one in at_most(iter(some))]


def at_most(found: Found) -> list[Discrepancy]:
    """The first MOST of them, and that there are more: a stranger's document may differ in a million places."""
    first = list(islice(found, MOST))
    more = next(found, None)
    if more is None:
        return first
    certain = not more.unknown or any(not one.unknown for one in found)
    return [*first, (no if certain else unknown)("more", more.where, "there is more of this kind")]
