"""Servers for the compute tests: booted small, waited for, found again in lists."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from defcore.errors import Absent, CannotTell, Prerequisite, PromiseBroken, shortened
from defcore.model.capability import Service
from defcore.model.resources import KINDS
from defcore.suite.support.answer import Answer
from defcore.suite.support.api import Api
from defcore.suite.support.compute_schemas import (
    FLAVORS_BODY,
    FLAVORS_BRIEF_BODY,
    SERVERS_BODY,
    SERVERS_BRIEF_BODY,
    SERVERS_TAGGED_BODY,
    Schema,
)
from defcore.suite.support.resources import Resources, shown_deleted
from defcore.suite.support.wait import SERVER_PAUSE, wait_for

Settings = Mapping[str, str | None]
SETTLED = 120.0
"""Seconds in which a server that has nothing to do, in the wrong state, could still have begun to move."""
PAGES = 200
LISTS: Mapping[str, Schema] = {
    "/servers": SERVERS_BRIEF_BODY,
    "/servers/detail": SERVERS_BODY,
    "/flavors": FLAVORS_BRIEF_BODY,
    "/flavors/detail": FLAVORS_BODY,
}
"""What a page of each list looks like at the oldest microversion."""
LATER: Mapping[str, Schema] = {"/servers/detail": SERVERS_TAGGED_BODY}
"""At those that the suite asks for besides, up to 2.26."""


def unknown_id() -> str:
    """A well-formed id that no resource has."""
    return str(uuid.uuid4())


def chosen(settings: Settings, name: str) -> str:
    """A setting. Raises Prerequisite if the tester gave none and none was found."""
    value = settings.get(name)
    if not value:
        raise Prerequisite(f"no {name} (--set {name}=ID)")
    return value


def listed(api: Api, path: str, key: str, *, microversion: str | None = None, **params: Any) -> list[Any]:
    """Every entry of a collection, page after page, each checked: of each next link only the query is taken."""
    found: list[Any] = []
    seen: set[str] = set()
    query: Any = params
    for _ in range(PAGES):
        answer = api.get(path, params=query, microversion=microversion).expect(200)
        body = answer.check(LATER.get(path, LISTS[path]) if microversion else LISTS[path]).json
        here = {str(entry.get("id")) for entry in body[key]}
        if here and here <= seen:
            raise PromiseBroken(
                f"{answer.where}: the next link leads back", expected="other entries", seen=sorted(here)
            )
        found += body[key]
        seen |= here
        onward = [link["href"] for link in body.get(f"{key}_links", []) if link.get("rel") == "next"]
        if not onward or not body[key]:
            return found
        query = parse_qsl(urlsplit(onward[0]).query)
    raise CannotTell(f"{path}: more than {PAGES} pages")


def ids(found: list[Any]) -> set[str]:
    return {str(entry["id"]) for entry in found}


def pick(found: list[Any], id: str) -> Any:
    """The one entry with this id. Raises PromiseBroken if there is none, or more than one."""
    matching = [entry for entry in found if entry.get("id") == id]
    if len(matching) != 1:
        raise PromiseBroken(
            f"{id} is listed {len(matching)} times among {len(found)} entries",
            expected=f"{id} once",
            seen=[entry.get("id") for entry in found[:20]],
        )
    return matching[0]


def expect_listed(
    api: Api, among: set[str], expected: set[str], *, microversion: str | None = None, **params: Any
) -> None:
    """Of the servers `among` the filter must list those `expected`, in the brief list and in the detailed one."""
    for path in ("/servers", "/servers/detail"):
        seen = ids(listed(api, path, "servers", microversion=microversion, **params)) & among
        if seen != expected:
            raise PromiseBroken(
                f"GET {path} with {params}: expected {sorted(expected)} of {sorted(among)}, seen {sorted(seen)}",
                expected=sorted(expected),
                seen=sorted(seen),
            )


class Servers:
    """Boots the servers of one test; the fixture `servers`."""

    def __init__(self, api: Api, resources: Resources, settings: Settings) -> None:
        self.api = api
        self.resources = resources
        self.settings = settings

    @property
    def image(self) -> str:
        return chosen(self.settings, "image")

    @property
    def flavor(self) -> str:
        return chosen(self.settings, "flavor")

    def wanted(self, name: Any, **more: Any) -> dict[str, Any]:
        """The request's body; `more` replaces and adds properties of the server."""
        server: dict[str, Any] = {"name": name, "imageRef": self.image, "flavorRef": self.flavor}
        if self.settings.get("network"):
            server["networks"] = [{"uuid": self.settings["network"]}]
        if self.settings.get("availability_zone"):
            server["availability_zone"] = self.settings["availability_zone"]
        return {"server": server | more}

    def post(self, name: Any, *, microversion: str | None = None, **more: Any) -> Answer:
        """Ask for a server. Not asserted on. Raises CannotTell if what was chosen to make it of is gone."""
        answer = self.resources.create(
            self.api,
            "server",
            "/servers",
            name=name if isinstance(name, str) and name else None,
            json=self.wanted(name, **more),
            microversion=microversion,
        )
        if answer.status == 400:
            self._expect_chosen(answer)
        return answer

    def post_two(self, name: str, **more: Any) -> tuple[Answer, list[dict[str, Any]]]:
        """Ask for two servers in one request. Not asserted on. With what is then listed under the name, which is
        removed after the test like what `post` makes; whatever else a cloud lists is another's."""
        second = self.resources.intend(self.api, "server", name=name)
        try:
            answer = self.post(name, min_count=2, **more)
        except (Absent, Prerequisite):
            second.never_asked_for()
            raise
        if answer.status != 202:
            if 400 <= answer.status < 500:
                second.never_asked_for()
            return answer, []
        found = self.named(name)
        first = answer.json.get("server", {}).get("id")
        others = [server["id"] for server in found if server["id"] != first]
        for id in others[:1]:
            second.known_as(id)
        for id in others[1:]:
            self.resources.track(self.api, "server", id, name=name)
        return answer, found

    def named(self, name: str) -> list[dict[str, Any]]:
        """The entries of the servers with this name, one that `Resources.name` gave. That the cloud lists nothing else
        is another test's promise: what it lists besides is passed over here, lest it be taken for the test's own."""
        found = listed(self.api, "/servers", "servers", name=name)
        return [one for one in found if self.resources.bears(name, one.get("name"))]

    def _expect_chosen(self, refusal: Answer) -> None:
        """Raises CannotTell if the refusal names the image or the network of the run, which others have removed."""
        made_of = ((Service.NETWORK, "network", "/v2.0/networks"), (Service.IMAGE, "image", "/v2/images"))
        for service, name, path in made_of:
            id = self.settings.get(name)
            if id and id in refusal.text:
                shown = Api(self.api.actor, service, self.api.note).get(f"{path}/{id}")
                if shown.status == 404:
                    raise CannotTell(f"the {name} chosen for the run was removed meanwhile ({shown.where})")

    def boot(self, purpose: str = "server", **more: Any) -> dict[str, Any]:
        """Set-up: a server, ACTIVE, as shown then; `name=` to choose its name."""
        name = more.pop("name", None) or self.resources.name(purpose)
        answer = self.post(name, **more).setup(202)
        return self.wait(answer.json["server"]["id"], "ACTIVE")

    def boot_two(self, purpose: str, first: Mapping[str, Any], second: Mapping[str, Any]) -> tuple[Any, Any]:
        """Set-up: two servers that build at the same time; each mapping holds what is special."""
        ids = []
        for special in (first, second):
            more = dict(special)
            name = more.pop("name", None) or self.resources.name(purpose)
            ids.append(self.post(name, **more).setup(202).json["server"]["id"])
        return self.wait(ids[0], "ACTIVE"), self.wait(ids[1], "ACTIVE")

    def show(self, id: str, **more: Any) -> Answer:
        return self.api.get(f"/servers/{id}", **more)

    def act(self, id: str, action: str, argument: Any = None, **more: Any) -> Answer:
        return self.api.post(f"/servers/{id}/action", json={action: argument}, **more)

    def wait(self, id: str, status: str, *, promised: bool = False, timeout: float = 300.0) -> dict[str, Any]:
        """Wait until the server has the status and no task, and return it as shown then.

        With `promised`, ERROR or resting in another state is PromiseBroken; without, it is CannotTell.
        """
        rest = _Rest(status)

        def probe() -> dict[str, Any]:
            answer = self.show(id)
            shown = (answer.expect(200) if promised else answer.setup(200)).json["server"]
            rest.see(shown)
            return dict(shown)

        server = wait_for(
            probe,
            lambda seen: rest.over(seen, promised=promised),
            because=f"server {id} becomes {status}",
            timeout=timeout,
            pause=SERVER_PAUSE,
            show=state,
        )
        if server["status"] != status:
            fault = str(server.get("fault", {}).get("message", ""))
            message = f"server {id} is {state(server)}, not {status}: {fault}"
            # A cloud without room breaks no promise.
            if promised and "no valid host" not in fault.lower():
                raise PromiseBroken(message, expected=status, seen=state(server))
            raise CannotTell(message)
        return server

    def wait_gone(self, id: str, *, promised: bool = False, timeout: float = 300.0) -> None:
        """Wait until the server is not found. With `promised`, resting untouched is PromiseBroken.

        A cloud that keeps what is deleted for a while, as SOFT_DELETED, is asked to end it now.
        """
        rest, kind = _Rest("SOFT_DELETED"), KINDS["server"]

        def probe() -> Answer:
            answer = shown_deleted(self.api, kind, id, kind.path.format(id=id))
            if answer.status == 200:
                rest.see(answer.json["server"])
            return answer

        answer = wait_for(
            probe,
            lambda seen: seen.status == 404 or (promised and rest.long),
            because=f"server {id} is gone",
            timeout=timeout,
            pause=SERVER_PAUSE,
            show=lambda seen: f"{seen.status} {shortened(seen.text, 200)}",
        )
        if answer.status != 404:
            raise PromiseBroken(
                f"{answer.where}: the deleted server is still there",
                expected="404",
                seen=state(answer.json["server"]),
            )


class _Rest:
    """How long a server has been seen without a task, in a state that is not the one waited for."""

    def __init__(self, status: str) -> None:
        self.status = status
        self.since: float | None = None

    def see(self, server: Mapping[str, Any]) -> None:
        known = "OS-EXT-STS:task_state" in server
        if known and server["OS-EXT-STS:task_state"] is None and server["status"] not in (self.status, "BUILD"):
            self.since = self.since or time.monotonic()
        else:
            self.since = None

    @property
    def long(self) -> bool:
        return self.since is not None and time.monotonic() - self.since > SETTLED

    def over(self, server: Mapping[str, Any], *, promised: bool) -> bool:
        if server["status"] == "ERROR":
            return True
        if server["status"] == self.status:
            return server.get("OS-EXT-STS:task_state") is None
        return promised and self.long


def state(server: Mapping[str, Any]) -> str:
    """Status and task, for the reader."""
    task = server.get("OS-EXT-STS:task_state")
    return f"{server.get('status')}{f' ({task})' if task else ''}"
