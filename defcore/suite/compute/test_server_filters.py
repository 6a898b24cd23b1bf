"""Lists of servers, filtered."""

import re
from itertools import takewhile
from typing import Any

import pytest

from defcore.suite.support import Api, CannotTell, Prerequisite, Resources
from defcore.suite.support.compute import Servers, Settings, chosen, expect_listed, ids, listed, pick, unknown_id
from defcore.suite.support.compute_schemas import SERVERS_BRIEF_BODY

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-ref/compute/#list-servers")


@pytest.mark.uuid("0e085527-641c-4e47-95e0-6f119289846e")
@pytest.mark.covers("573637f5-7325-47bb-9144-3476d0416908", "80c574cc-0925-44ba-8602-299028357dd9")
@pytest.mark.needs("image", "flavor", "alt_flavor")
def test_filter_by_flavor(compute: Api, servers: Servers, settings: Settings) -> None:
    """Servers filtered by flavor, brief or in detail, are those of that flavor and no others."""
    alt_flavor = chosen(settings, "alt_flavor")
    one, other = servers.boot_two("flavor", {}, {"flavorRef": alt_flavor})
    both = {one["id"], other["id"]}
    expect_listed(compute, both, {other["id"]}, flavor=alt_flavor)


@pytest.mark.uuid("80d2d472-40aa-4be6-bff7-0d51a2e67dfe")
@pytest.mark.covers("05e8a8e7-9659-459a-989d-92c2f501f4ba", "b3304c3b-97df-46d2-8cd3-e2b6659724e7")
@pytest.mark.needs("image", "flavor", "alt_image")
def test_filter_by_image(compute: Api, servers: Servers, settings: Settings) -> None:
    """Servers filtered by image, brief or in detail, are those made from that image and no others."""
    one, other = servers.boot_two("image", {}, {"imageRef": chosen(settings, "alt_image")})
    both = {one["id"], other["id"]}
    expect_listed(compute, both, {one["id"]}, image=servers.image)


@pytest.mark.uuid("799af458-5fba-4465-8113-fa828b70e4c3")
@pytest.mark.covers("9b067a7b-7fee-4f6a-b29c-be43fe18fc5a", "f9eb2b70-735f-416c-b260-9914ac6181e4")
@pytest.mark.needs("image", "flavor")
def test_filter_by_name(compute: Api, servers: Servers) -> None:
    """Servers filtered by a whole name, brief or in detail, are those of that name and no others."""
    one, other = servers.boot_two("name", {}, {})
    both = {one["id"], other["id"]}
    expect_listed(compute, both, {one["id"]}, name=one["name"])


@pytest.mark.uuid("166ef29a-e2c7-41a2-baf9-12cd6045c353")
@pytest.mark.covers("e9f624ee-92af-4562-8bec-437945a18dcb")
@pytest.mark.needs("image", "flavor")
def test_filter_by_name_substring(compute: Api, servers: Servers, resources: Resources) -> None:
    """Servers filtered by a part of a name are those whose name has that part, wherever it stands."""
    common = resources.name("part")
    one, other = servers.boot_two("part", {"name": f"x-{common}-alpha"}, {"name": f"x-{common}-beta"})
    both = {one["id"], other["id"]}
    expect_listed(compute, both, both, name=f"-{common}-")
    expect_listed(compute, both, {one["id"]}, name=f"{common}-alph")


@pytest.mark.uuid("8a309ee8-437d-492f-9505-7d627eafebc8")
@pytest.mark.covers("ca78e20e-fddb-4ce6-b7f7-bcbf8605e66e", "de2612ab-b7dd-4044-b0b1-d2539601911f")
@pytest.mark.needs("image", "flavor")
def test_filter_by_status(compute: Api, servers: Servers) -> None:
    """Servers filtered by the status active, brief or in detail, are the active ones and no others."""
    one, other = servers.boot_two("status", {}, {})
    servers.act(other["id"], "os-stop").setup(202)
    servers.wait(other["id"], "SHUTOFF")
    both = {one["id"], other["id"]}
    expect_listed(compute, both, {one["id"]}, status="active")
    seen = pick(listed(compute, "/servers/detail", "servers", status="active"), one["id"])["status"]
    assert seen == "ACTIVE", f"server {one['id']}: listed with the filter active as {seen}"


def address(compute: Api, server: dict[str, Any], settings: Settings) -> tuple[str, str, str | None]:
    """A fixed address of the server, with the filter that takes it and the microversion that knows the filter."""
    found = [one for addresses in server["addresses"].values() for one in addresses]
    fixed = [one for one in found if one.get("OS-EXT-IPS:type", "fixed") == "fixed"]
    if not fixed:
        raise Prerequisite(f"a server on the network {settings['network']} gets no address (--set network=ID)")
    best = min(fixed, key=lambda one: one["version"])
    if best["version"] == 4:
        return best["addr"], "ip", None
    compute.need_microversion("2.5")  # the oldest that takes the filter from everybody
    return best["addr"], "ip6", "2.5"


@pytest.mark.uuid("33df1ae8-69b3-42ae-8208-a4e9b85b8cec")
@pytest.mark.covers("43a1242e-7b31-48d1-88f2-3f72aa9f2077")
@pytest.mark.needs("image", "flavor", "network")
def test_filter_by_ip(compute: Api, servers: Servers, settings: Settings) -> None:
    """Servers filtered by an address are those that have it and no others."""
    one, other = servers.boot_two("ip", {}, {})
    both = {one["id"], other["id"]}
    for server, stranger in ((one, other), (other, one)):
        value, key, microversion = address(compute, server, settings)
        # The filter is a regular expression that may match anywhere: 10.0.0.2 also finds 10.0.0.20.
        if not re.search(value, address(compute, stranger, settings)[0]):
            expect_listed(compute, both, {server["id"]}, microversion=microversion, **{key: value})
            return
    raise CannotTell(f"the addresses of {both} match one another")


@pytest.mark.uuid("1e18b266-b6c5-4b3c-bcaf-b8956b3fc469")
@pytest.mark.covers("a905e287-c35e-42f2-b132-d02b09f3654a")
@pytest.mark.needs("image", "flavor", "network")
def test_filter_by_ip_prefix(compute: Api, servers: Servers, settings: Settings) -> None:
    """Servers filtered by the beginning of an address are those whose address begins so, and no others."""
    one, other = servers.boot_two("ip-prefix", {}, {})
    both = {one["id"], other["id"]}
    first, key, microversion = address(compute, one, settings)
    both_alike = takewhile(
        lambda pair: pair[0] == pair[1], zip(first, address(compute, other, settings)[0], strict=False)
    )
    common = "".join(letter for letter, _ in both_alike)
    if not common:
        raise CannotTell(f"the addresses of {both} have no common beginning")
    expect_listed(compute, both, both, microversion=microversion, **{key: common})
    nowhere = "255.255.255.255" if key == "ip" else "ff0f::ffff"
    expect_listed(compute, both, set(), microversion=microversion, **{key: nowhere})


def expect_none(compute: Api, servers: Servers, key: str) -> None:
    """With a server there, the filter by a value that nothing has must list none."""
    servers.boot(f"no-{key}")
    answer = compute.get("/servers", params={key: f"non-existing-{unknown_id()}"}).expect(200)
    answer.check(SERVERS_BRIEF_BODY)
    assert answer.json["servers"] == [], f"{answer.where}: expected no server, seen {answer.json['servers']}"


@pytest.mark.uuid("8d59fd87-8e14-40da-82ec-ed508bf0772b")
@pytest.mark.covers("ff01387d-c7ad-47b4-ae9e-64fa214638fe")
@pytest.mark.needs("image", "flavor")
def test_filter_by_unknown_image(compute: Api, servers: Servers) -> None:
    """Servers filtered by an image that does not exist are none."""
    expect_none(compute, servers, "image")


@pytest.mark.uuid("a3cfc239-8a80-4a15-92de-92a3381a72dc")
@pytest.mark.covers("5913660b-223b-44d4-a651-a0fbfd44ca75")
@pytest.mark.needs("image", "flavor")
def test_filter_by_unknown_flavor(compute: Api, servers: Servers) -> None:
    """Servers filtered by a flavor that does not exist are none."""
    expect_none(compute, servers, "flavor")


@pytest.mark.uuid("9043d0e7-fc22-4bd3-ab96-e51bdd1505bc")
@pytest.mark.covers("e2c77c4a-000a-4af3-a0bd-629a328bde7c")
@pytest.mark.needs("image", "flavor")
def test_filter_by_unknown_name(compute: Api, servers: Servers) -> None:
    """Servers filtered by a name that does not exist are none."""
    expect_none(compute, servers, "name")


@pytest.mark.uuid("7abff1fd-2be3-4cda-83f9-f1b4aa4816d8")
@pytest.mark.covers("fcdf192d-0f74-4d89-911f-1ec002b822c4")
@pytest.mark.needs("image", "flavor")
def test_unknown_status(compute: Api, servers: Servers) -> None:
    """A filter by a status that does not exist is answered with an empty list.

    Up to microversion 2.37; from 2.38 on it is refused.
    """
    servers.boot("unknown-status")
    answer = compute.get("/servers", params={"status": "non_existing_status"}).expect(200)
    answer.check(SERVERS_BRIEF_BODY)
    assert answer.json["servers"] == [], f"{answer.where}: expected no server, seen {answer.json['servers']}"


@pytest.mark.uuid("aec467ed-51fa-47ac-bd49-f3c683c5dc5e")
@pytest.mark.covers("74745ad8-b346-45b5-b9b8-509d7447fc1f")
@pytest.mark.needs("image", "flavor")
def test_changes_since_future(compute: Api, servers: Servers) -> None:
    """No active server is among those that changed since a day in the future."""
    servers.boot("future")
    params = {"changes-since": "2051-01-01T12:34:00Z", "status": "ACTIVE"}
    answer = compute.get("/servers", params=params).expect(200).check(SERVERS_BRIEF_BODY)
    assert answer.json["servers"] == [], f"{answer.where}: expected no server, seen {answer.json['servers']}"


@pytest.mark.uuid("d0d51355-2972-4e4b-b842-3e1189dd70cd")
@pytest.mark.covers("87d12517-e20a-4c9c-97b6-dd1628d6d6c9")
def test_changes_since_invalid(compute: Api) -> None:
    """A filter by changes since a time that is none in ISO 8601 is refused with 400."""
    compute.get("/servers", params={"changes-since": "2011/01/01"}).expect(400, because="it is no ISO 8601 time")


@pytest.mark.uuid("8c57c5bb-cc7c-4f93-9ce5-999a4c7fee67")
@pytest.mark.needs("image", "flavor")
def test_changes_since_lists_what_changed(compute: Api, servers: Servers) -> None:
    """A server is among those that changed since its creation, and not among those since a year later."""
    server = servers.boot("since")
    later = f"{int(server['created'][:4]) + 1}{server['created'][4:]}".replace("02-29", "02-28")
    own = {server["id"]}
    expect_listed(compute, own, own, **{"changes-since": server["created"]})
    expect_listed(compute, own, set(), **{"changes-since": later})


@pytest.mark.uuid("5fde1a65-16dc-4360-9fe3-bc554b1a1dab")
@pytest.mark.needs("image", "flavor")
def test_changes_before_lists_what_rested(compute: Api, servers: Servers) -> None:
    """A server is among those that changed before a time a year later, and not among those before a time a year
    earlier.

    Microversion 2.66.
    """
    compute.need_microversion("2.66")
    server = servers.boot("before")
    for years, expected in ((1, True), (-1, False)):
        time = f"{int(server['created'][:4]) + years}{server['created'][4:]}".replace("02-29", "02-28")
        params = {"changes-before": time, "name": server["name"]}
        answer = compute.get("/servers", params=params, microversion="2.66").expect(200).check(SERVERS_BRIEF_BODY)
        seen = server["id"] in ids(answer.json["servers"])
        assert seen is expected, f"{answer.where}: changed {server['updated']}, listed is {seen}"


@pytest.mark.uuid("e6000991-98e5-4a83-a7d9-f859a5236b1a")
@pytest.mark.needs("image", "flavor", "alt_flavor")
def test_filters_combine(compute: Api, servers: Servers, settings: Settings) -> None:
    """Servers must meet all filters of a request to be listed."""
    alt_flavor = chosen(settings, "alt_flavor")
    one, other = servers.boot_two("combine", {}, {"flavorRef": alt_flavor})
    both = {one["id"], other["id"]}
    expect_listed(compute, both, {other["id"]}, name=other["name"], flavor=alt_flavor, status="ACTIVE")
    expect_listed(compute, both, set(), name=one["name"], flavor=alt_flavor)
    expect_listed(compute, both, set(), name=other["name"], status="SHUTOFF")


@pytest.mark.uuid("d8def0a5-b98c-454c-8785-8e4064703f4f")
def test_all_projects_are_kept_from_users(compute: Api) -> None:
    """Asking for the servers of all projects is forbidden to an ordinary user."""
    for path in ("/servers", "/servers/detail"):
        compute.get(path, params={"all_tenants": "1"}).expect(403, because="it is for administrators")


@pytest.mark.uuid("520c3c51-c616-4cf6-b361-2e43ff815c4e")
def test_unknown_status_is_refused_later(compute: Api) -> None:
    """From microversion 2.38 on, a filter by a status that does not exist is refused with 400."""
    compute.need_microversion("2.38")
    answer = compute.get("/servers", params={"status": "non_existing_status"}, microversion="2.38")
    answer.expect(400, because="there is no such status")


@pytest.mark.uuid("184f43d1-2850-4b6d-abdb-646ab9b4711f")
@pytest.mark.needs("image", "flavor")
def test_filter_by_tags(compute: Api, servers: Servers, resources: Resources) -> None:
    """Servers filtered by tags are those with all of them, with any, or without them, as asked.

    Microversion 2.26.
    """
    compute.need_microversion("2.26")
    one, other = servers.boot_two("tags", {}, {})
    shared, own = resources.name("tag"), resources.name("tag")
    for server, tags in ((one, [shared, own]), (other, [shared])):
        answer = compute.put(f"/servers/{server['id']}/tags", json={"tags": tags}, microversion="2.26")
        answer.setup(200)
    both, first, second = {one["id"], other["id"]}, {one["id"]}, {other["id"]}
    for key, value, expected in (
        ("tags", f"{shared},{own}", first),
        ("tags-any", f"{shared},{own}", both),
        ("tags-any", f"{own},{resources.name('tag')}", first),
        ("not-tags", f"{shared},{own}", second),
        ("not-tags-any", f"{shared},{own}", set()),
    ):
        expect_listed(compute, both, expected, microversion="2.26", **{key: value})
