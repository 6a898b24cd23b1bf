"""Times and tags of resources."""

from __future__ import annotations

from datetime import datetime

import pytest

from defcore.suite.support.network import Net
from defcore.suite.support.network_schemas import TAGS

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-ref/network/v2/#standard-attributes-tag-extension")


@pytest.mark.uuid("2066289b-8f69-458c-ac47-c7fd3bd0c7fa")
@pytest.mark.reference("https://docs.openstack.org/api-ref/network/v2/#show-network-details")
def test_times_of_a_network(net: Net) -> None:
    """A network tells when it was created and last changed, as ISO 8601; a change does not make it older."""
    net.require("standard-attr-timestamp")
    network = net.network()
    before = net.shown("network", network["id"])
    created, changed = (datetime.fromisoformat(before[name]) for name in ("created_at", "updated_at"))
    assert created <= changed, f"created {before['created_at']}, but changed {before['updated_at']}"
    after = net.updated("network", network["id"], name=f"{network['name']}-renamed")
    assert after["created_at"] == before["created_at"], f"created_at changed to {after['created_at']}"
    assert datetime.fromisoformat(after["updated_at"]) >= changed, f"updated_at fell back to {after['updated_at']}"


@pytest.mark.uuid("8392f8d5-fe36-44b8-8c49-60b69e430bba")
def test_tags_are_set_and_removed(net: Net) -> None:
    """The tags of a network can be replaced, and single ones added, asked for and removed."""
    net.require("standard-attr-tag")
    network = net.network()
    path = f"{net.path('network', network['id'])}/tags"
    answer = net.api.put(path, json={"tags": ["red", "blue"]}).expect(200).check(TAGS)
    assert sorted(answer.json["tags"]) == ["blue", "red"], f"{answer.where}: seen {answer.json}"
    net.api.put(f"{path}/green").expect(201)
    net.api.get(f"{path}/green").expect(204)
    net.api.get(f"{path}/yellow").expect(404)
    net.api.delete(f"{path}/blue").expect(204)
    answer = net.api.get(path).expect(200).check(TAGS)
    assert sorted(answer.json["tags"]) == ["green", "red"], f"{answer.where}: seen {answer.json}"
    shown = sorted(net.shown("network", network["id"])["tags"])
    assert shown == ["green", "red"], f"expected the tags green and red, shown are {shown}"


@pytest.mark.uuid("561fee1b-adc3-4621-afa4-19da51a74618")
def test_list_is_filtered_by_tags(net: Net) -> None:
    """A list filtered by tags holds what has all of them, any of them, or not all, or none, as asked for."""
    net.require("standard-attr-tag")
    both, red, none = (net.network()["id"] for _ in range(3))
    for id, tags in ((both, ["red", "blue"]), (red, ["red"])):
        net.api.put(f"{net.path('network', id)}/tags", json={"tags": tags}).setup(200)
    for name, expected in (
        ("tags", {both}),
        ("tags-any", {both, red}),
        ("not-tags", {red, none}),
        ("not-tags-any", {none}),
    ):
        seen = {one["id"] for one in net.listed("network", **{name: "red,blue"})} & {both, red, none}
        assert seen == expected, f"{name}=red,blue: expected {expected}, seen {seen}"
