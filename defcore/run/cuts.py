"""Parts of values where somebody has shortened a text: before and after `...` and `…`, and at its end. Pure."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from defcore.run.escapes import Span

SHORTEST_PART = 6
"""Characters of a part that is seen."""
LONGEST_PART = 4 << 10
"""Characters looked at on each side of a cut."""
MARKS_WITHIN = 1
"""Of what may be a cut, so many may be in the value itself."""

_CUT = re.compile(r"\.\.\.|\u2026")
# An escape that the cut went through.
_TORN = re.compile(r"(?:%[0-9A-Fa-f]?|\\(?:u[0-9A-Fa-f]{0,3}|x[0-9A-Fa-f]?|[0-7]{0,2})|&#?\w{0,8})\Z")
_LONGEST_TORN = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Cuts:
    """Knows the forms of all values by their beginnings and by their ends."""

    heads: tuple[str, ...] = ()
    """Sorted."""
    tails: tuple[str, ...] = ()
    """The forms backwards, sorted."""
    longest: int = 0
    first: frozenset[str] = field(default_factory=frozenset)
    last: frozenset[str] = field(default_factory=frozenset)
    """How heads and tails begin: what has none of these need not be looked at."""

    @classmethod
    def of(cls, forms: Iterable[str]) -> Cuts:
        long = [form for form in forms if len(form) > SHORTEST_PART]
        heads, tails = sorted(long), sorted(form[::-1] for form in long)
        return cls(
            heads=tuple(heads),
            tails=tuple(tails),
            longest=min(LONGEST_PART, max(map(len, long), default=0)),
            first=frozenset(form[:SHORTEST_PART] for form in heads),
            last=frozenset(form[:SHORTEST_PART] for form in tails),
        )

    def found(self, text: str) -> Iterator[Span]:
        """Where parts of values are."""
        if not self.heads:
            return
        marks = [*(mark.span() for mark in _CUT.finditer(text)), (len(text), len(text))]
        for number, (start, end) in enumerate(marks):
            # Not beyond the marks around: so it takes time by the length of the text alone.
            before, after = number - MARKS_WITHIN - 1, number + MARKS_WITHIN + 1
            lowest = max(start - self.longest, marks[before][1] if before >= 0 else 0)
            highest = min(end + self.longest, marks[after][0] if after < len(marks) else len(text))
            part = self._before(text, lowest, start)
            if part is None and (torn := _TORN.search(text, max(lowest, start - _LONGEST_TORN), start)):
                part = self._before(text, lowest, torn.start())
            yield from (one for one in (part, self._after(text, end, highest)) if one)

    def _before(self, text: str, lowest: int, end: int) -> Span | None:
        if not _may_be(self.first, text[lowest:end]):
            return None
        for start in range(lowest, end - SHORTEST_PART + 1):
            if text[start : start + SHORTEST_PART] in self.first and _begins_one(self.heads, text[start:end]):
                return start, end
        return None

    def _after(self, text: str, start: int, highest: int) -> Span | None:
        window = text[start:highest][::-1]
        if not _may_be(self.last, window):
            return None
        for n in range(len(window) - SHORTEST_PART + 1):
            if window[n : n + SHORTEST_PART] in self.last and _begins_one(self.tails, window[n:]):
                return start, highest - n
        return None


def _may_be(beginnings: frozenset[str], window: str) -> bool:
    """What is sooner told so: of many texts with many cuts, few hold any beginning."""
    return len(beginnings) > len(window) or any(one in window for one in beginnings)


def _begins_one(forms: tuple[str, ...], part: str) -> bool:
    at = bisect_left(forms, part)
    return at < len(forms) and forms[at].startswith(part)
