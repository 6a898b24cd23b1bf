"""By UUID first, then by name, then by alias."""

from __future__ import annotations

from dataclasses import replace

from defcore.judge import fold, score
from defcore.model.guideline import Guideline, OfficialTest
from defcore.model.outcome import Cause, Outcome
from defcore.model.scorecard import MatchedBy
from tests.policies import STRICT
from tests.values import DATE, guideline, record, result

PASSED, FAILED = Outcome.PASSED, Outcome.FAILED


def asked(*tests: OfficialTest) -> Guideline:
    plain = guideline({"c": {"cap": "required"}}, {"cap": []})
    return replace(plain, capabilities=(replace(plain.capabilities[0], tests=tests),))


def official(id: str, name: str, *aliases: str) -> OfficialTest:
    return OfficialTest(id=id, name=name, aliases=aliases)


def foreign(name: str, outcome: Outcome, *ids: str):
    return record(name, outcome, name=name, nodeid=name, covers=ids)


def found(records, *tests: OfficialTest):
    return [(one.outcome, one.matched_by) for one in fold(result(*records), asked(*tests)).values()]


def test_the_uuid_is_looked_for_first():
    records = [foreign("old.name", PASSED, "u1"), foreign("x.test", FAILED)]
    assert found(records, official("u1", "x.test")) == [(PASSED, MatchedBy.UUID)]


def test_then_the_name_and_then_an_alias():
    assert found([foreign("x.test", PASSED)], official("u1", "x.test")) == [(PASSED, MatchedBy.NAME)]
    assert found([foreign("y.old", PASSED)], official("u1", "x.test", "y.old")) == [(PASSED, MatchedBy.ALIAS)]
    assert found([foreign("z", PASSED)], official("u1", "x.test", "y.old")) == [(Outcome.NOT_RUN, None)]
    assert found([foreign("x.test", PASSED)], official("", "x.test")) == [(PASSED, MatchedBy.NAME)]


def test_a_twin_in_another_class_does_not_decide_where_the_named_one_is_there():
    records = [foreign("x.Ipv4.test", PASSED, "u1"), foreign("x.Ipv6.test", FAILED, "u1")]
    assert found(records, official("u1", "x.Ipv4.test")) == [(PASSED, MatchedBy.UUID)]
    assert found(records, official("u1", "x.New.test", "x.Ipv6.test")) == [(FAILED, MatchedBy.UUID)]
    assert found(records, official("u1", "x.Gone.test")) == [(FAILED, MatchedBy.UUID)]


def test_an_alias_does_not_decide_where_the_name_itself_is_there():
    """A run of Tempest holds both classes, and RefStack asks only for one of the names to have passed."""
    skipped = foreign("x.Disk.test", Cause.PREREQUISITE, "u1")
    asked_for = official("u1", "x.test", "x.Disk.test")
    assert found([skipped, foreign("x.test", PASSED, "u1")], asked_for) == [(PASSED, MatchedBy.UUID)]
    assert found([skipped], asked_for) == [(Outcome.SKIPPED, MatchedBy.UUID)]


def test_a_test_of_ours_counts_beside_another_programs():
    records = [foreign("x.Ipv4.test", PASSED, "u1"), record("ours", FAILED, "u1")]
    assert found(records, official("u1", "x.Ipv4.test")) == [(FAILED, MatchedBy.UUID)]


def test_one_id_under_two_names_is_two_tests():
    tests = official("u1", "x.Ipv4.test"), official("u1", "x.Ipv6.test")
    assert found([foreign("x.Ipv4.test", PASSED, "u1")], *tests) == [
        (PASSED, MatchedBy.UUID),
        (Outcome.NOT_RUN, None),
    ]
    assert found([record("ours", PASSED, "u1")], *tests) == [(PASSED, MatchedBy.UUID)] * 2


def test_the_scorecard_says_how_many_were_found_by_which_means():
    own = result(foreign("a", PASSED, "u1"), foreign("b", PASSED), foreign("old.c", PASSED))
    tests = official("u1", "a"), official("u2", "b"), official("u3", "c", "old.c"), official("u4", "d")
    card = score(own, asked(*tests), target=None, policy=STRICT, date=DATE)
    assert card.matching == {MatchedBy.UUID: 1, MatchedBy.NAME: 1, MatchedBy.ALIAS: 1}
