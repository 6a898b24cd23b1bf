"""Lists are paged, filtered and sorted as asked for."""

from __future__ import annotations

from typing import Any

import pytest

from defcore.suite.support import Answer
from defcore.suite.support.network import Net
from defcore.suite.support.network_schemas import NETWORK, many

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-ref/network/v2/#list-networks")


def _asked(net: Net, *params: tuple[str, Any]) -> Answer:
    return net.api.get("/v2.0/networks", params=list(params))


def _ids(answer: Answer) -> list[str]:
    return [one["id"] for one in answer.expect(200).check(many("networks", NETWORK)).json["networks"]]


def _link(answer: Answer, rel: str) -> str | None:
    return next((link["href"] for link in answer.json.get("networks_links", ()) if link["rel"] == rel), None)


@pytest.mark.uuid("88c3ccee-d55b-4cfe-b1f4-c6563f9461ad")
def test_list_is_paged(net: Net) -> None:
    """With a limit, a list comes in pages of that size, whose links lead to every resource once, there and back."""
    net.require("pagination", "sorting")
    ids = sorted(net.network()["id"] for _ in range(3))
    only = [("id", id) for id in ids]
    answer = _asked(net, *only, ("limit", 1), ("sort_key", "id"), ("sort_dir", "asc"))
    for number, id in enumerate(ids):
        assert _ids(answer) == [id], f"{answer.where}: page {number + 1}: expected {id}, seen {_ids(answer)}"
        link = _link(answer, "next")
        if number == 2:
            break
        assert link, f"{answer.where}: no next link on page {number + 1} of 3"
        answer = net.api.get(net.api.follow(answer, link))
    if link:  # of a full last page: there may be one, which leads to an empty page
        after = net.api.get(net.api.follow(answer, link))
        assert _ids(after) == [], f"{after.where}: expected an empty page after the last, seen {_ids(after)}"
    for number in (1, 0):
        link = _link(answer, "previous")
        assert link, f"{answer.where}: no previous link on page {number + 2} of 3"
        answer = net.api.get(net.api.follow(answer, link))
        assert _ids(answer) == [ids[number]], f"{answer.where}: going back, expected {ids[number]}"


@pytest.mark.uuid("93ba444e-aa5c-4dec-9e30-5e8b5550a01b")
def test_short_page_has_no_next_link(net: Net) -> None:
    """A page with fewer resources than the limit is the last: it has no next link."""
    net.require("pagination")
    network = net.network()
    answer = _asked(net, ("id", network["id"]), ("limit", 2))
    assert _ids(answer) == [network["id"]], f"{answer.where}: expected {network['id']} only, seen {_ids(answer)}"
    assert _link(answer, "next") is None, f"{answer.where}: a next link after the last page"


@pytest.mark.uuid("3da32082-8f3d-4b9d-8a3c-1109bc0529aa")
def test_negative_limit_is_refused(net: Net) -> None:
    """A limit below zero is refused with 400."""
    net.require("pagination")
    _asked(net, ("limit", -1)).expect(400)


@pytest.mark.uuid("83da27dd-a48b-4057-b7ea-0008f94667ba")
def test_list_is_filtered(net: Net) -> None:
    """A list filtered by name, id or administrative state holds what matches and nothing else; ids are alternatives."""
    up, down, other = net.network(), net.network(admin_state_up=False), net.network()
    made = {one["id"] for one in (up, down, other)}
    answer = _asked(net, ("name", down["name"]))
    assert _ids(answer) == [down["id"]], f"{answer.where}: expected {down['id']} only, seen {_ids(answer)}"
    answer = _asked(net, ("id", up["id"]), ("id", down["id"]))
    assert set(_ids(answer)) == {up["id"], down["id"]}, f"{answer.where}: seen {_ids(answer)}"
    for state, matching in (("False", {down["id"]}), ("True", {up["id"], other["id"]})):
        listed = net.listed("network", admin_state_up=state)
        assert {one["id"] for one in listed} & made == matching, (
            f"admin_state_up={state}: expected {matching} of {made}"
        )
        wrong = [one["id"] for one in listed if one["admin_state_up"] is not (state == "True")]
        assert not wrong, f"admin_state_up={state}: listed are {wrong}"


@pytest.mark.uuid("963c7ab8-bc86-42ab-94da-d7bbcef3cddd")
def test_list_is_sorted(net: Net) -> None:
    """A list is sorted by the key asked for, in the direction asked for."""
    net.require("sorting")
    networks = [net.network() for _ in range(3)]
    only = [("id", one["id"]) for one in networks]
    names = sorted(one["name"] for one in networks)
    for direction, expected in (("asc", names), ("desc", names[::-1])):
        answer = _asked(net, *only, ("sort_key", "name"), ("sort_dir", direction)).expect(200)
        seen = [one["name"] for one in answer.check(many("networks", NETWORK)).json["networks"]]
        assert seen == expected, f"{answer.where}: expected {expected}, seen {seen}"


@pytest.mark.uuid("460fa6fe-9db0-4a3b-abe6-f4fc16f317b7")
def test_unknown_filter_is_refused(net: Net) -> None:
    """A cloud with the extension filter-validation refuses to filter by what is no attribute: 400."""
    net.require("filter-validation")
    _asked(net, ("defcore_no_such_attribute", 1)).expect(400)
