"""Lists of servers, page by page, and without what is gone."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from defcore.suite.support import Api, Resources
from defcore.suite.support.answer import Answer
from defcore.suite.support.compute import Servers, expect_listed, ids, unknown_id
from defcore.suite.support.compute_schemas import SERVERS_BODY, SERVERS_BRIEF_BODY

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-guide/compute/paginated_collections.html")

PATHS = (("/servers", SERVERS_BRIEF_BODY), ("/servers/detail", SERVERS_BODY))


def boot_pair(servers: Servers, resources: Resources) -> tuple[str, set[str]]:
    """Two servers whose names begin alike, with that beginning and their ids."""
    prefix = resources.name("page")
    one, other = servers.boot_two("page", {"name": f"{prefix}-a"}, {"name": f"{prefix}-b"})
    return prefix, {one["id"], other["id"]}


def expect_one(answer: Answer) -> Any:
    found = answer.json["servers"]
    assert len(found) == 1, f"{answer.where}: expected 1 server, seen {len(found)}"
    return found[0]


@pytest.mark.uuid("c32c8626-42ba-419a-bb06-6723a5b4587f")
@pytest.mark.covers("614cdfc1-d557-4bac-915b-3e67b48eee76", "67aec2d0-35fe-4503-9f92-f13272b867ed")
@pytest.mark.needs("image", "flavor")
def test_limit_one(compute: Api, servers: Servers, resources: Resources) -> None:
    """A list of servers with limit 1, brief or in detail, has one server though there are more."""
    boot_pair(servers, resources)
    for path, schema in PATHS:
        expect_one(compute.get(path, params={"limit": 1}).expect(200).check(schema))


@pytest.mark.uuid("563c0074-5e38-473e-858c-1104f8c4dadc")
@pytest.mark.covers("d47c17fb-eebd-4287-8e95-f20a7e627b18")
@pytest.mark.needs("image", "flavor")
def test_limit_larger_than_count(compute: Api, servers: Servers, resources: Resources) -> None:
    """A list of servers with a limit above their number has all of them."""
    _, own = boot_pair(servers, resources)
    before = unlimited(compute)
    answer = compute.get("/servers", params={"limit": len(before) + 100}).expect(200).check(SERVERS_BRIEF_BODY)
    seen = ids(answer.json["servers"])
    # Others may boot and delete meanwhile; a cloud that caps its answers caps all three alike.
    expected = own | (before & unlimited(compute))
    assert expected <= seen, f"{answer.where}: expected {sorted(expected)} among the servers, seen {sorted(seen)}"


def unlimited(compute: Api) -> set[str]:
    """The servers that one request without a limit gives."""
    return ids(compute.get("/servers").expect(200).check(SERVERS_BRIEF_BODY).json["servers"])


@pytest.mark.uuid("7b4ee558-e47c-468c-8e3a-7b0df25bcb5b")
@pytest.mark.covers("62610dd9-4713-4ee0-8beb-fd2c1aa7f950")
def test_limit_negative(compute: Api) -> None:
    """A list of servers with a negative limit is refused with 400."""
    compute.get("/servers", params={"limit": -1}).expect(400, because="the limit is negative")


@pytest.mark.uuid("fb09221c-0928-48af-8027-a22396c3552a")
@pytest.mark.covers("679bc053-5e70-4514-9800-3dfab1a380a6")
def test_limit_not_a_number(compute: Api) -> None:
    """A list of servers with a limit that is no number is refused with 400."""
    compute.get("/servers", params={"limit": "testing"}).expect(400, because="the limit is no number")


@pytest.mark.uuid("239266a9-9689-416d-a866-a7383baf9ce8")
@pytest.mark.covers("24a26f1a-1ddc-4eea-b0d7-a90cc874ad8f", "93055106-2d34-46fe-af68-d9ddbf7ee570")
@pytest.mark.needs("image", "flavor")
@pytest.mark.reference("https://docs.openstack.org/api-ref/compute/#list-servers")
def test_deleted_server_is_not_listed(compute: Api, servers: Servers) -> None:
    """A deleted server is in neither list of servers, brief or detailed, and the one left is in both."""
    kept, deleted = servers.boot_two("deleted", {}, {})
    compute.delete(f"/servers/{deleted['id']}").setup(204)
    servers.wait_gone(deleted["id"])
    expect_listed(compute, {kept["id"], deleted["id"]}, {kept["id"]})


def next_links(answer: Answer) -> list[str]:
    return [link["href"] for link in answer.json.get("servers_links", []) if link["rel"] == "next"]


@pytest.mark.uuid("17334bf7-852e-4c6e-a48f-7716f73e8e92")
@pytest.mark.needs("image", "flavor")
def test_pages_are_linked(compute: Api, servers: Servers, resources: Resources) -> None:
    """A page of servers links to the next one, with the same filters, until each server was listed once."""
    prefix, own = boot_pair(servers, resources)
    for path, schema in PATHS:
        first = compute.get(path, params={"limit": 1, "name": prefix}).expect(200).check(schema)
        before = expect_one(first)["id"]
        links = next_links(first)
        assert len(links) == 1, f"{first.where}: expected one next link, seen {links}"
        parts = urlsplit(links[0])
        assert parts.path.endswith(path), f"{first.where}: the next link leads to {links[0]}, not to {path}"
        query = parse_qs(parts.query)
        expected = {"limit": ["1"], "name": [prefix], "marker": [before]}
        assert query == expected, f"{first.where}: expected a next link with {expected}, seen {query}"
        second = compute.get(f"{path}?{parts.query}")
        after = expect_one(second.expect(200).check(schema))["id"]
        assert {before, after} == own, f"{path}: expected {sorted(own)} on two pages, seen {[before, after]}"
        for link in next_links(second):  # a full last page may link on, to an empty one
            third = compute.get(f"{path}?{urlsplit(link).query}").expect(200).check(schema)
            assert third.json["servers"] == [], f"{third.where}: expected no more, seen {third.json['servers']}"


@pytest.mark.uuid("b25d8cfa-7c51-494a-ba3c-6a588e53ece6")
@pytest.mark.needs("image", "flavor")
def test_marker_starts_the_page(compute: Api, servers: Servers, resources: Resources) -> None:
    """A list of servers from a marker on has what follows it and not the marker; an unknown marker is refused."""
    prefix, _ = boot_pair(servers, resources)
    for path, schema in PATHS:
        answer = compute.get(path, params={"name": prefix}).expect(200).check(schema)
        whole = [one["id"] for one in answer.json["servers"]]
        answer = compute.get(path, params={"name": prefix, "marker": whole[0]}).expect(200).check(schema)
        rest = [one["id"] for one in answer.json["servers"]]
        assert rest == whole[1:], f"{answer.where}: expected {whole[1:]}, seen {rest}"
        compute.get(path, params={"marker": unknown_id()}).expect(400, because="no server has the marker's id")


@pytest.mark.uuid("f38ca7fd-39db-4f71-8a9f-54f5ed0f68f5")
@pytest.mark.needs("image", "flavor")
@pytest.mark.reference("https://docs.openstack.org/api-ref/compute/#list-servers")
def test_servers_are_sorted(compute: Api, servers: Servers, resources: Resources) -> None:
    """Servers come in the order of the sort key and direction asked for; what is neither is refused with 400."""
    prefix, _ = boot_pair(servers, resources)
    names = [f"{prefix}-a", f"{prefix}-b"]
    for path, schema in PATHS:
        for direction, expected in (("asc", names), ("desc", names[::-1])):
            params = {"name": prefix, "sort_key": "display_name", "sort_dir": direction}
            answer = compute.get(path, params=params).expect(200).check(schema)
            seen = [one["name"] for one in answer.json["servers"]]
            assert seen == expected, f"{answer.where}: expected {expected}, seen {seen}"
        compute.get(path, params={"sort_key": "no_such_key"}).expect(400, because="servers have no such property")
        params = {"sort_key": "display_name", "sort_dir": "sideways"}
        compute.get(path, params=params).expect(400, because="a direction is asc or desc")


@pytest.mark.uuid("1205f8af-44f4-4374-95cf-890f9d8f9f5e")
@pytest.mark.needs("image", "flavor")
@pytest.mark.reference("https://docs.openstack.org/api-ref/compute/#list-servers")
def test_servers_are_sorted_by_several_keys(compute: Api, servers: Servers, resources: Resources) -> None:
    """Servers that are alike by the first sort key come in the order of the second one."""
    name = resources.name("alike")
    ids = sorted(one["id"] for one in servers.boot_two("alike", {"name": name}, {"name": name}))
    for path, schema in PATHS:
        for direction, expected in (("asc", ids), ("desc", ids[::-1])):
            keys = [("sort_key", "display_name"), ("sort_dir", "asc"), ("sort_key", "uuid"), ("sort_dir", direction)]
            answer = compute.get(path, params=[("name", name), *keys]).expect(200).check(schema)
            seen = [one["id"] for one in answer.json["servers"]]
            assert seen == expected, f"{answer.where}: expected {expected}, seen {seen}"
