"""What changed between guidelines is told by fact, and renamed is not removed and added."""

from __future__ import annotations

from dataclasses import replace

import pytest

from defcore import schemas
from defcore.catalog import find_data, load_guideline
from defcore.catalog.guideline_diff import Change, counts, diff, diff_document
from defcore.model.guideline import Guideline, OfficialTest
from tests.values import FLAG, guideline

OLD = guideline({"core": {"servers": "required", "boot": "advisory"}}, {"servers": ["a", "b"], "boot": ["c"]})


def changes(new: Guideline, old: Guideline = OLD) -> list[tuple[str, str, str]]:
    return [(one.area, one.action, one.name) for one in diff(old, new).changes]


def with_test(capability: str, n: int, **changed: object) -> Guideline:
    """OLD with one of its tests changed."""

    def tests(own: tuple[OfficialTest, ...]) -> tuple[OfficialTest, ...]:
        return (*own[:n], replace(own[n], **changed), *own[n + 1 :])  # type: ignore[arg-type]

    return replace(
        OLD,
        capabilities=tuple(
            replace(one, tests=tests(one.tests)) if one.id == capability else one for one in OLD.capabilities
        ),
    )


def test_nothing_changes_between_a_guideline_and_itself() -> None:
    assert diff(OLD, OLD).changes == ()


def test_words_are_no_facts() -> None:
    assert changes(replace(OLD, capabilities=tuple(replace(one, description="x") for one in OLD.capabilities))) == []


def test_a_test_in_another_capability_moved() -> None:
    new = guideline({"core": {"servers": "required", "boot": "advisory"}}, {"servers": ["a"], "boot": ["c", "b"]})
    [one] = diff(OLD, new).changes
    assert one == Change(area="test", action="moved", name="tempest.b", before="servers", after="boot")


def test_a_test_of_the_same_id_and_another_name_was_renamed() -> None:
    [one] = diff(OLD, with_test("servers", 0, name="tempest.z")).changes
    assert (one.action, one.before, one.after, one.within) == ("renamed", "tempest.a", "tempest.z", "servers")


def test_a_test_that_gets_an_id_stays_the_same() -> None:
    assert changes(OLD, with_test("servers", 0, id="")) == []


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"flag": FLAG}, ("flag", "added", "tempest.a")),
        ({"aliases": ("tempest.old",)}, ("alias", "added", "tempest.old")),
    ],
)
def test_a_flag_and_an_alias_come(changed: dict[str, object], expected: tuple[str, str, str]) -> None:
    assert changes(with_test("servers", 0, **changed)) == [expected]


def test_a_capability_that_becomes_required_changed() -> None:
    new = guideline({"core": {"servers": "required", "boot": "required"}}, {"servers": ["a", "b"], "boot": ["c"]})
    [one] = diff(OLD, new).changes
    assert (one.area, one.action, one.name, one.within) == ("component", "changed", "boot", "core")
    assert (one.before, one.after) == ("advisory", "required")


def test_a_component_that_only_got_another_name_is_the_same() -> None:
    """As compute became os_powered_compute in 2018.02: 5 capabilities came, and not all 92."""
    data = find_data(env={})
    made = diff(load_guideline("2017.09", data), load_guideline("2018.02", data))
    own = [one for one in made.changes if one.area == "component"]
    assert counts(own) == {"component": {"changed": 18, "added": 5}}


def test_the_document_is_that_of_its_schema() -> None:
    data = find_data(env={})
    document = diff_document(diff(load_guideline("2016.08", data), load_guideline("2017.01", data)))
    assert schemas.problems(document, "guideline-diff") == []
    assert document["counts"]["component"]["added"] == 23


def test_the_diff_backwards_is_the_mirror_image() -> None:
    data = find_data(env={})
    one, other = load_guideline("2018.11", data), load_guideline("2019.06", data)
    turned = {"added": "removed", "removed": "added"}
    forth = {(c.area, c.action, c.name, c.within, c.before, c.after) for c in diff(one, other).changes}
    back = {
        (c.area, turned.get(c.action, c.action), c.name, c.within, c.after, c.before) for c in diff(other, one).changes
    }
    assert forth == back
