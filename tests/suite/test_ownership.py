"""A cloud that passes over filters, or tells wrong ids, loses nothing that is another's."""

from __future__ import annotations

import functools
import itertools
import json
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from defcore.errors import CannotTell
from defcore.model.capability import Service
from defcore.suite.compute.test_server_create import test_boot_min_count_two as boot_min_count_two
from defcore.suite.compute.test_server_documents import boot_together
from defcore.suite.compute.test_server_options import (
    test_reservation_is_told_instead_of_a_server as reservation_is_told,
)
from defcore.suite.network.test_security_groups import test_second_default_group_is_refused as second_default_group
from defcore.suite.support import Api, Resources
from defcore.suite.support.compute import Servers
from defcore.suite.support.compute_guest import Guests
from defcore.suite.support.disposable import _roles
from defcore.suite.support.network import Net
from defcore.suite.support.object_store import Container
from tests.suite.test_quota import Cloud, Response

CHOSEN = {"image": "i1", "flavor": "f1", "external_network": "outside"}
NEIGHBOURS = ("prod-db", "prod-web", "prod-ldap")
RESERVED = "r-12345678"


class Deaf(Cloud):
    """Keeps servers and other things by path, and lists all of a collection whatever is asked for."""

    def __init__(self, **rows: list[dict[str, Any]]) -> None:
        super().__init__(limit=99)
        self.numbers = itertools.count(1)
        self.store: dict[str, dict[str, Any]] = {}
        """Path of a resource -> it."""
        self.collections: set[str] = set()
        self.done: list[tuple[str, str, Any]] = []
        self.ledger_lines: list[tuple[str, str | None, str | None]] = []
        for collection, several in rows.items():
            for row in several:
                self.put(f"/{collection}", **row)

    def intend(self, *, kind: str, name: str | None = None, id: str | None = None, **_: Any) -> str:
        self.ledger_lines.append((kind, name, id))
        return f"key-{len(self.ledger_lines)}"

    def endpoint(self, service: Service) -> str:
        return "http://cloud"

    def put(self, collection: str, **row: Any) -> dict[str, Any]:
        row.setdefault("id", f"id-{next(self.numbers)}")
        self.collections.add(collection)
        self.store[f"{collection}/{row['id']}"] = row
        return row

    def names(self, collection: str) -> list[str]:
        return [row["name"] for path, row in self.store.items() if path.rpartition("/")[0] == collection]

    def request(self, method: str, url: str, *, data: bytes | None = None, **_: Any) -> Response:
        path = unquote(urlsplit(url).path)
        body = json.loads(data) if data else None
        if method != "GET":
            self.done.append((method, path, body))
        if method == "POST" and path == "/servers":
            return self.boot_all(body["server"])
        if method == "POST":
            ((envelope, asked),) = body.items()
            more = {"floating_ip_address": "192.0.2.1"} if envelope == "floatingip" else {}
            return Response(201, {envelope: self.put(path, **asked, **more)})
        if path in self.store:
            row = self.store.pop(path) if method == "DELETE" else self.store[path]
            return Response(204, "") if method == "DELETE" else Response(200, {envelope_of(path): row})
        if method != "GET" or path not in self.collections:
            return Response(404, "")
        rows = [row for place, row in self.store.items() if place.rpartition("/")[0] == path]
        links = [{"rel": "self", "href": "http://cloud/servers/x"}]
        more = {"links": links} if path == "/servers" else {}
        return Response(200, {path.rpartition("/")[2].replace("-", "_"): [row | more for row in rows]})

    def boot_all(self, asked: dict[str, Any]) -> Response:
        count = int(asked.get("min_count") or asked.get("max_count") or 1)
        names = [f"{asked['name']}-{number}" for number in range(1, count + 1)] if count > 1 else [asked["name"]]
        task = {"status": "ACTIVE", "OS-EXT-STS:task_state": None}
        made = [self.put("/servers", name=name, **task) for name in names]
        if asked.get("return_reservation_id"):
            return Response(202, {"reservation_id": RESERVED})
        links = [{"rel": rel, "href": f"http://cloud/servers/{made[0]['id']}"} for rel in ("self", "bookmark")]
        told = {"id": made[0]["id"], "links": links, "OS-DCF:diskConfig": "MANUAL", "security_groups": []}
        return Response(202, {"server": told | {"adminPass": "secret"}})


def envelope_of(path: str) -> str:
    return path.split("/")[-2].replace("-", "_").removesuffix("s")


def api(cloud: Cloud, service: Service = Service.COMPUTE) -> Api:
    return Api(cloud, service, lambda finding: None)  # type: ignore[arg-type]


def among_neighbours() -> tuple[Deaf, Servers, Resources]:
    cloud = Deaf(servers=[{"name": name, "status": "ACTIVE"} for name in NEIGHBOURS])
    made = Resources(cloud)  # type: ignore[arg-type]
    return cloud, Servers(api(cloud), made, CHOSEN), made


def test_two_servers_of_one_request_are_found_among_others_and_alone_removed() -> None:
    """And whether the filter is heeded is for the test of the filter to say."""
    cloud, servers, made = among_neighbours()
    boot_min_count_two(servers, made)
    boot_together(servers, made)
    assert len(cloud.names("/servers")) == len(NEIGHBOURS) + 4
    made.cleanup()
    assert cloud.names("/servers") == list(NEIGHBOURS)


def test_a_server_of_which_only_the_reservation_is_told_is_found_among_others() -> None:
    """The filter by reservation is this test's own promise."""
    cloud, servers, made = among_neighbours()
    with pytest.raises(AssertionError, match="reservation"):
        reservation_is_told(servers.api, servers, made)
    made.cleanup()
    assert cloud.names("/servers") == list(NEIGHBOURS)


@pytest.mark.parametrize("take", ["known_as", "track"])
def test_what_bears_no_name_of_the_test_is_not_taken_for_its_own(take: str) -> None:
    cloud, servers, made = among_neighbours()
    foreign, name = next(iter(cloud.store.values()))["id"], made.name("server")
    pending = made.intend(servers.api, "server", name=name)
    track = functools.partial(made.track, servers.api, "server", name=name)
    with pytest.raises(CannotTell, match=r"the server id-1 has the name 'prod-db', not 'defcore-tag-.*left alone"):
        (pending.known_as if take == "known_as" else track)(foreign)
    made.cleanup()
    assert cloud.names("/servers") == list(NEIGHBOURS)
    assert {line[:2] for line in cloud.ledger_lines} == {("server", name)}
    assert {id for *_, id in cloud.ledger_lines} == {None}, "a sweep has no id either"


def test_a_name_that_the_test_did_not_make_up_proves_nothing() -> None:
    cloud, servers, made = among_neighbours()
    with pytest.raises(CannotTell):
        made.track(servers.api, "server", "id-1", name="prod-db")
    made.cleanup()
    assert cloud.names("/servers") == list(NEIGHBOURS)


def test_what_is_not_shown_is_known_by_its_name_alone() -> None:
    cloud, servers, made = among_neighbours()
    pending = made.intend(servers.api, "server", name=made.name("late"))
    pending.known_as("not-there")
    made.track(servers.api, "server", "not-there-either", name=made.name("later"))
    made.cleanup()
    assert [id for *_, id in cloud.ledger_lines] == [None, None]
    assert cloud.done == []


@pytest.mark.parametrize(("image", "removed"), [({"name": ""}, True), ({"name": "golden"}, False)])
def test_a_thing_without_a_name_is_taken_if_an_answer_has_told_its_id(image: dict[str, Any], removed: bool) -> None:
    cloud = Deaf()
    made = Resources(cloud)  # type: ignore[arg-type]
    row = cloud.put("/v2/images", **image)
    cloud.request = lambda method, url, **_: (  # type: ignore[method-assign]
        cloud.done.append((method, url, None)) or Response({"GET": 200, "POST": 202}.get(method, 204), row)
    )
    told = api(cloud).post("/servers/1/action")
    try:
        made.track(api(cloud, Service.IMAGE), "image", row["id"], told=told)
    except CannotTell:
        assert not removed
    made.cleanup()
    assert any(method == "DELETE" for method, *_ in cloud.done) == removed


@pytest.mark.parametrize("device", ["id-1", "another"])
def test_a_port_is_taken_if_it_is_one_of_the_tests_own_server(device: str) -> None:
    cloud = Deaf()
    made = Resources(cloud)  # type: ignore[arg-type]
    server = Servers(api(cloud), made, CHOSEN).boot()["id"]
    port = cloud.put("/v2.0/ports", name="named-by-the-cloud", device_id=device)["id"]
    if device != server:
        with pytest.raises(CannotTell):
            made.track(api(cloud, Service.NETWORK), "port", port)
    else:
        made.track(api(cloud, Service.NETWORK), "port", port)
    made.cleanup()
    assert list(cloud.store) == ([] if device == server else [f"/v2.0/ports/{port}"])


@pytest.mark.parametrize("name", ["../prod/backup", "x/../../prod/backup"])
def test_the_name_of_an_object_leads_out_of_no_container(name: str) -> None:
    """An address is made shorter on the way: what follows `..` would be somewhere else."""
    cloud = Deaf()
    made = Resources(cloud)  # type: ignore[arg-type]
    container = Container(api=api(cloud, Service.OBJECT_STORE), resources=made, name="box")
    with pytest.raises(CannotTell, match="no part of what this test made"):
        container.track(name)
    made.cleanup()
    assert cloud.done == []


@pytest.mark.parametrize("account", ["AUTH_prod", "AUTH_id-1"])
def test_an_account_is_taken_if_it_is_that_of_the_tests_own_project(account: str) -> None:
    cloud = Deaf()
    made = Resources(cloud)  # type: ignore[arg-type]
    made.create(api(cloud, Service.IDENTITY), "project", "/v3/projects", json={"project": {"name": made.name("p")}})
    store = api(cloud, Service.OBJECT_STORE)
    if account == "AUTH_prod":
        with pytest.raises(CannotTell, match="AUTH_prod is no part of what this test made"):
            made.track(store, "account", account)
    else:
        made.track(store, "account", account)
    made.cleanup()
    assert any(path.endswith("AUTH_prod") for _, path, _ in cloud.done) is False


def test_the_default_group_that_a_cloud_answers_with_stays() -> None:
    """Where it should refuse to make a second one."""
    cloud = Deaf()
    group = cloud.put("/v2.0/security-groups", name="default")
    cloud.put("/v2.0/extensions", alias="security-group")
    made = Resources(cloud)  # type: ignore[arg-type]
    net = Net(api(cloud, Service.NETWORK), made)
    usual = cloud.request
    cloud.request = lambda method, url, **more: (  # type: ignore[method-assign]
        Response(201, {"security_group": group}) if method == "POST" else usual(method, url, **more)
    )
    with pytest.raises(AssertionError, match="not 409"):
        second_default_group(net)
    made.cleanup()
    assert cloud.names("/v2.0/security-groups") == ["default"]


def test_a_disposable_user_gets_no_other_role_than_member() -> None:
    cloud = Deaf()
    for name in ("admin", "member", "reader"):
        cloud.put("/v3/roles", id=f"r-{name}", name=name)
    assert _roles(api(cloud, Service.IDENTITY), []) == ["r-member"]


def test_no_other_servers_port_becomes_reachable_from_outside() -> None:
    cloud = Deaf()
    for device in ("prod-db", "mine"):
        cloud.put("/v2.0/ports", id=f"port-of-{device}", device_id=device)
    made = Resources(cloud)  # type: ignore[arg-type]
    guests = Guests(Servers(api(cloud), made, CHOSEN), api(cloud, Service.NETWORK))
    for extension in ("router", "standard-attr-description"):
        cloud.put("/v2.0/extensions", alias=extension)
    guests._floating({"id": "mine"})
    assert [body["floatingip"]["port_id"] for *_, body in cloud.done] == ["port-of-mine"]


def test_the_interfaces_of_another_router_stay() -> None:
    cloud = Deaf()
    made = Resources(cloud)  # type: ignore[arg-type]
    router = Net(api(cloud, Service.NETWORK), made)
    cloud.put("/v2.0/extensions", alias="router")
    id = router.create("router", name=made.name("router")).json["router"]["id"]
    for device in (id, "prod-router"):
        cloud.put("/v2.0/ports", id=f"port-of-{device}", device_id=device)
    made.cleanup()
    let_go = [body["port_id"] for method, path, body in cloud.done if path.endswith("/remove_router_interface")]
    assert let_go == [f"port-of-{id}"]


class Settable(Cloud):
    """An account on which one header is set."""

    def __init__(self) -> None:
        super().__init__(limit=9)
        self.value: str | None = None
        self.told: list[str | None] = []

    def intend(self, *, name: str | None = None, **_: Any) -> str:
        self.told.append(name)
        return "key"

    def request(self, method: str, url: str, *, headers: Any = None, **_: Any) -> Response:
        if method == "POST":
            self.value = headers.get("X-Account-Meta-Temp-URL-Key")
        return Response(204, "", {"X-Account-Meta-Temp-URL-Key": self.value} if self.value else {})


@pytest.mark.parametrize("now", ["ours", "theirs", None])
def test_a_key_that_another_has_set_since_stays(now: str | None) -> None:
    cloud = Settable()
    made = Resources(cloud)  # type: ignore[arg-type]
    headers = {"X-Account-Meta-Temp-URL-Key": "ours"}
    store = api(cloud, Service.OBJECT_STORE)
    made.create(store, "account_key", "", method="POST", id="AUTH_x", headers=headers).expect(204)
    assert cloud.value == "ours"
    assert str(cloud.told[0]).startswith("sha256:"), "the ledger knows it again, and does not know it"
    cloud.value = now
    made.cleanup()
    assert (cloud.value, cloud.written_off) == ("theirs" if now == "theirs" else None, 1)
