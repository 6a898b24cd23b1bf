"""Which records answer for which official test: by UUID first, then by name, then by alias.

RefStack matches by name and alias alone. A UUID says the same and survives a renaming; where another program's records
of several classes share it (a test and its IPv6 twin), those count that bear the name which the guideline gives the
test, and only without such a record those that bear an alias of it.
A test of ours, whose id is not its name, answers for the UUIDs that it covers and for nothing else.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from defcore.model.guideline import Guideline, OfficialTest
from defcore.model.outcome import TestRecord
from defcore.model.result import Result
from defcore.model.scorecard import MatchedBy

Match = tuple[tuple[TestRecord, ...], MatchedBy | None]


def match(result: Result, guideline: Guideline) -> dict[OfficialTest, Match]:
    """The records for each official test of the guideline, and how they were found.

    A guideline may hold one id under several names, names without an id, and a test twice with different aliases.
    """
    official = dict.fromkeys(test for capability in guideline.capabilities for test in capability.tests)
    by_id: dict[str, list[TestRecord]] = defaultdict(list)
    by_name: dict[str, list[TestRecord]] = defaultdict(list)
    for record in result.tests:
        for id in dict.fromkeys(record.covers):
            by_id[id].append(record)
        by_name[record.name].append(record)
    claimed: dict[str, set[str]] = defaultdict(set)
    for test in official:
        claimed[test.id].update(_names(test))
    return {test: _match(test, by_id, by_name, claimed[test.id]) for test in official}


def _match(
    test: OfficialTest, by_id: dict[str, list[TestRecord]], by_name: dict[str, list[TestRecord]], claimed: set[str]
) -> Match:
    same_id = by_id.get(test.id, []) if test.id else []
    ours = [record for record in same_id if record.id != record.name]
    others = [record for record in same_id if record.id == record.name]
    named = [record for record in others if record.name == test.name]
    named = named or [record for record in others if record.name in test.aliases]
    records = ours + (named or [record for record in others if record.name not in claimed])
    if records:
        return tuple(records), MatchedBy.UUID
    if test.name in by_name:
        return tuple(by_name[test.name]), MatchedBy.NAME
    by_alias = [record for alias in dict.fromkeys(test.aliases) for record in by_name.get(alias, ())]
    return tuple(by_alias), MatchedBy.ALIAS if by_alias else None


def _names(test: OfficialTest) -> Iterable[str]:
    return (test.name, *test.aliases)
