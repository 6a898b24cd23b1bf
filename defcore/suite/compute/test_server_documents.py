"""What servers tell of themselves: in lists as on their own, after a change, and of what was asked for."""

from __future__ import annotations

from typing import Any

import pytest

from defcore.suite.support import Answer, Api, CannotTell, Resources, wait_for
from defcore.suite.support.compute import Servers, listed, pick
from defcore.suite.support.compute_schemas import SERVER_BODY, SERVER_CREATED_BODY, SERVER_UPDATED_BODY
from defcore.suite.support.moment import moment

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-ref/compute/#show-server-details")
DISK_CONFIG = "OS-DCF:diskConfig"


def boot_together(servers: Servers, resources: Resources) -> tuple[str, list[str]]:
    """Set-up: two servers made by one request, ACTIVE: what their names begin with, and their ids."""
    name = resources.name("together")
    answer, shown = servers.post_two(name, max_count=2)
    first = answer.setup(202).check(SERVER_CREATED_BODY).json["server"]["id"]
    found = [server["id"] for server in shown]
    if len(found) != 2 or first not in found:
        raise CannotTell(f"set-up: {answer.where} was to make two servers, listed are {found}")
    for id in found:
        servers.wait(id, "ACTIVE")
    return name, found


def ordered(server: dict[str, Any]) -> dict[str, Any]:
    """The server, with what has no promised order put in order."""
    groups = sorted(one["name"] for one in server.get("security_groups", []))
    addresses = {name: sorted(some, key=lambda one: one["addr"]) for name, some in server["addresses"].items()}
    return server | {"security_groups": groups, "addresses": addresses}


def at_rest(servers: Servers, id: str, name: str) -> tuple[Answer, dict[str, Any]]:
    """The server as it is shown, and its entry in the detailed list, filtered by the name, of the same time."""

    def probe() -> tuple[Answer, dict[str, Any], Answer]:
        before = servers.show(id).expect(200).check(SERVER_BODY)
        entry = pick(listed(servers.api, "/servers/detail", "servers", name=name), id)
        return before, entry, servers.show(id).expect(200).check(SERVER_BODY)

    before, entry, _ = wait_for(
        probe,
        lambda seen: ordered(seen[0].json["server"]) == ordered(seen[2].json["server"]),
        because=f"server {id} stays as it is for as long as a list takes",
        timeout=60,
        show=lambda seen: seen[2].where,
    )
    return before, entry


@pytest.mark.uuid("2f3f3b57-5370-4b0f-abb9-b47a2dfeef18")
@pytest.mark.needs("image", "flavor")
@pytest.mark.reference("https://docs.openstack.org/api-ref/compute/#list-servers-detailed")
def test_servers_made_together_are_listed_as_shown(servers: Servers, resources: Resources) -> None:
    """Servers made by one request are in the detailed list with each property that they are shown with, and link to
    themselves."""
    name, together = boot_together(servers, resources)
    for id in together:
        answer, entry = at_rest(servers, id, name)
        server, in_list = ordered(answer.json["server"]), ordered(entry)
        assert server["id"] == id, f"{answer.where}: expected the server {id}, seen {server['id']}"
        differing = {key: (in_list.get(key), server[key]) for key in server if in_list.get(key) != server[key]}
        assert not differing, f"server {id}: (listed, shown) differ: {differing}"
        links = {link["rel"]: link["href"] for link in server["links"]}
        assert {"self", "bookmark"} <= links.keys(), f"{answer.where}: expected links self and bookmark, seen {links}"
        wrong = {rel: href for rel, href in links.items() if not href.endswith(f"/servers/{id}")}
        assert not wrong, f"{answer.where}: links that do not lead to the server: {wrong}"


@pytest.mark.uuid("d645d4b0-143c-4bf2-a77c-0b40127590e6")
@pytest.mark.needs("image", "flavor")
def test_change_moves_the_time_of_update(compute: Api, servers: Servers, resources: Resources) -> None:
    """A change of a server moves the time of its last update, which is told to the second."""
    id = servers.boot("touched")["id"]
    before = servers.show(id).expect(200).check(SERVER_BODY)
    last = moment(before, before.json["server"]["updated"])

    def renamed() -> Answer:
        wanted = {"server": {"name": resources.name("touched")}}
        compute.put(f"/servers/{id}", json=wanted).expect(200).check(SERVER_UPDATED_BODY)
        return servers.show(id).expect(200).check(SERVER_BODY)

    wait_for(
        renamed,
        lambda answer: moment(answer, answer.json["server"]["updated"]) > last,
        because=f"a change of the server {id} moves its time of update",
        timeout=30,
        pause=1.0,
        promised=True,
        show=lambda answer: answer.json["server"]["updated"],
    )


@pytest.mark.uuid("2b7333bc-44f8-4009-b36c-b41b89629eec")
@pytest.mark.needs("image", "flavor")
def test_server_shows_its_configuration_drive(servers: Servers) -> None:
    """A server that was asked for with a configuration drive shows that it has one."""
    id = servers.boot("drive", config_drive=True)["id"]
    answer = servers.show(id).expect(200).check(SERVER_BODY)
    seen = answer.json["server"].get("config_drive")
    assert seen == "True", f"{answer.where}: expected a configuration drive, seen {seen!r}"


@pytest.mark.uuid("3b780243-d863-4c8b-88e0-5d2f03f9e617")
@pytest.mark.needs("image", "flavor")
def test_server_shows_its_disk_configuration(servers: Servers) -> None:
    """A server shows the disk configuration that was asked for, automatic or manual."""
    wanted = ("AUTO", "MANUAL")
    booted = servers.boot_two("disk", *({DISK_CONFIG: one} for one in wanted))
    for server, expected in zip(booted, wanted, strict=True):
        answer = servers.show(server["id"]).expect(200).check(SERVER_BODY)
        seen = answer.json["server"].get(DISK_CONFIG)
        assert seen == expected, f"{answer.where}: expected {DISK_CONFIG} {expected}, seen {seen!r}"
