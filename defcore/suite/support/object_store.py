"""What the tests of the object store share: containers, objects, listings and features.

Listings and counters of an object store follow the uploads with a delay, since it keeps them apart from the
objects: what is listed or counted is waited for, and only what stays wrong breaks a promise.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlsplit

from defcore.errors import Absent, Prerequisite, PromiseBroken
from defcore.suite.support.answer import Answer
from defcore.suite.support.api import Api
from defcore.suite.support.object_store_headers import usage
from defcore.suite.support.resources import Resources
from defcore.suite.support.wait import wait_for

SETTLES = 60.0
"""Seconds after which a listing, a counter, an ACL or a key that is still the old one is taken for wrong. The
caches of the real service keep such things for as long as this."""

CONTAINER_LISTING: Mapping[str, Any] = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["name", "count", "bytes"],
        "properties": {
            "name": {"type": "string", "minLength": 1},
            "count": {"type": "integer", "minimum": 0},
            "bytes": {"type": "integer", "minimum": 0},
            "last_modified": {"type": "string"},
            "storage_policy": {"type": "string"},
        },
    },
}
"""Body of `GET account?format=json`."""

OBJECT_LISTING: Mapping[str, Any] = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["name", "hash", "bytes", "content_type", "last_modified"],
        "properties": {
            "name": {"type": "string", "minLength": 1},
            "hash": {"type": "string", "minLength": 1},
            "bytes": {"type": "integer", "minimum": 0},
            "content_type": {"type": "string", "minLength": 1},
            "last_modified": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d"},
        },
    },
}
"""Body of `GET container?format=json` without pseudo folders."""
FOLDER_LISTING: Mapping[str, Any] = {
    "type": "array",
    "items": {
        "anyOf": [
            OBJECT_LISTING["items"],
            {"type": "object", "required": ["subdir"], "properties": {"subdir": {"type": "string", "minLength": 1}}},
        ]
    },
}
"""The same with a delimiter."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Container:
    """A container that the test made, and the way to put objects into it."""

    api: Api
    resources: Resources
    name: str

    @property
    def path(self) -> str:
        return "/" + quote(self.name, safe="")

    def at(self, name: str) -> str:
        """Path of an object."""
        return f"{self.path}/{quote(name)}"

    def put(self, name: str, data: bytes = b"", **request: Any) -> Answer:
        """Store an object, which is removed after the test. Not asserted on."""
        path = self.at(name)
        return self.resources.create(
            self.api, "object", path, method="PUT", id=path[1:], name=name, data=data, **request
        )

    def has(self, name: str, data: bytes = b"", **request: Any) -> str:
        """Store an object as a set-up step, and give its path."""
        self.put(name, data, **request).setup(201)
        return self.at(name)

    def track(self, name: str) -> str:
        """Have an object removed that comes into being otherwise; before it does. Its path."""
        path = self.at(name)
        self.resources.track(self.api, "object", path[1:], name=name)
        return path

    def holds(self, count: int, size: int) -> None:
        """Wait until the container counts so many objects and bytes. Raises PromiseBroken if it never does."""
        wait_for(
            lambda: usage(self.api.head(self.path).expect(204)),
            lambda seen: seen == (count, size),
            because=f"the container counts {count} objects with {size} bytes together",
            timeout=SETTLES,
            promised=True,
        )


def new_container(
    resources: Resources,
    api: Api,
    purpose: str,
    *,
    name: str | None = None,
    headers: Mapping[str, str] | None = None,
) -> Container:
    """Make a container as a set-up step."""
    made = Container(api=api, resources=resources, name=name or resources.name(purpose))
    put_container(made, headers=headers).setup(201, 202)
    return made


def put_container(container: Container, *, headers: Mapping[str, str] | None = None) -> Answer:
    """The request that makes a container. Not asserted on."""
    path = container.path
    return container.resources.create(
        container.api, "container", path, method="PUT", id=path[1:], name=container.name, headers=headers
    )


def account_name(api: Api) -> str:
    """The last part of the account's address, such as AUTH_<project>: the id of the ledger's kinds `account*`."""
    return api.endpoint.rpartition("/")[2]


def shown_account(api: Api) -> Answer:
    """HEAD of the account, under assertion: 204.

    200 passes for an account in which nothing was ever stored: Swift makes it with the first write, and
    answers for it before with the status of an empty listing.
    """
    answer = api.head("")
    unborn = answer.status == 200 and answer.headers.get("X-Account-Container-Count") == "0"
    return answer if unborn else answer.expect(204)


def usable(api: Api) -> Api:
    """The API, once it is clear that the user may use it at all. Raises Prerequisite."""
    answer = api.head("")
    if answer.status == 403:
        raise Prerequisite(
            f"the {api.actor.role} user has no right to an account of the object store ({answer.where}): "
            "give it the role that the operator demands, such as member or swiftoperator"
        )
    return api


# --- listings


def names(answer: Answer) -> list[str]:
    """The names of a listing in plain text: one a line, none with 204."""
    answer.expect(200, 204)
    if answer.status == 204:
        answer.empty()
    return [line for line in answer.text.split("\n") if line]


def all_names(api: Api, path: str, *, up_to: str, **params: str) -> list[str]:
    """The names of a listing, as many pages as it takes to come to the name `up_to`."""
    found: list[str] = []
    query = dict(params)
    while page := names(api.get(path, params=query)):
        if found and page[0] <= found[-1]:
            raise PromiseBroken(
                f"GET {path}: the page after marker {found[-1]!r} begins with {page[0]!r}",
                expected="names after the marker",
                seen=page[:5],
            )
        found += page
        if page[-1] >= up_to:
            break
        query["marker"] = page[-1]
    return found


def settled(ask: Callable[[], Answer], old: tuple[int, ...], because: str) -> Answer:
    """Ask until the status is none of the `old` ones, which may be seen for a while after a change.

    Raises PromiseBroken if it stays; the answer that is given is still to be asserted on.
    """
    return wait_for(
        ask,
        lambda seen: seen.status not in old,
        because=because,
        timeout=SETTLES,
        promised=True,
        show=lambda seen: f"{seen.where} answered {seen.status}",
    )


def listed(ask: Callable[[], Answer], wanted: Callable[[list[str]], bool], because: str) -> tuple[Answer, list[str]]:
    """Ask for a listing until its names are as wanted. Raises PromiseBroken if they never are."""

    def probe() -> tuple[Answer, list[str]]:
        answer = ask()
        return answer, names(answer)

    return wait_for(
        probe,
        lambda seen: wanted(seen[1]),
        because=because,
        timeout=SETTLES,
        promised=True,
        show=lambda seen: seen[1],
    )


# --- what the cloud says of itself


def ask_info(api: Api, *, authenticated: bool = False) -> Answer:
    """`GET /info`, by nobody: below the prefix that the endpoint has, else at the root of the host."""
    parts = urlsplit(api.root)
    at_prefix = api.get(f"{api.root}/info", authenticated=authenticated)
    if at_prefix.status == 200 or parts.path in ("", "/"):
        return at_prefix
    at_root = api.get(f"{parts.scheme}://{parts.netloc}/info", authenticated=authenticated)
    return at_root if at_root.status == 200 else at_prefix


def features(api: Api) -> dict[str, Any] | None:
    """The features of the cloud by name; None if it does not tell, which its operator may choose."""
    answer = ask_info(api)
    try:
        told = answer.json if answer.status == 200 else None
    except PromiseBroken:
        return None
    return told if isinstance(told, dict) else None


def feature(api: Api, name: str) -> Mapping[str, Any]:
    """What `/info` says of a feature; empty if the cloud tells nothing. Raises Absent if it tells of others only."""
    told = features(api)
    if told is None:
        return {}
    if name not in told:
        raise Absent(f"the feature {name} is not named by {api.root}/info")
    return told[name] if isinstance(told[name], dict) else {}


def policies(api: Api) -> list[str]:
    """Names and aliases of the storage policies that `/info` names, in lower case; none if it names none."""
    swift = (features(api) or {}).get("swift")
    told = swift.get("policies") if isinstance(swift, dict) else None
    found: list[str] = []
    for policy in told if isinstance(told, list) else []:
        if isinstance(policy, dict):
            found += [str(policy.get("name", "")), *str(policy.get("aliases", "")).split(",")]
    return sorted({name.strip().lower() for name in found if name.strip()})


def md5(data: bytes) -> str:
    """The ETag of an object with this content."""
    return hashlib.md5(data, usedforsecurity=False).hexdigest()


def same(answer: Answer, data: bytes) -> Answer:
    """The body is just this content. Raises PromiseBroken; of large contents it tells the digests."""
    if answer.body != data:
        raise PromiseBroken(
            f"{answer.where}: the body is not what was stored",
            expected=f"{len(data)} bytes, md5 {md5(data)}",
            seen=f"{len(answer.body)} bytes, md5 {md5(answer.body)}",
        )
    return answer


def reads_as(api: Api, path: str, data: bytes) -> Answer:
    """Read an object until it has this content, where it depends on a listing. Raises PromiseBroken."""
    answer = wait_for(
        lambda: api.get(path),
        lambda seen: seen.status != 200 or seen.body == data,
        because=f"{path} reads as the {len(data)} bytes of its parts",
        timeout=SETTLES,
        promised=True,
        show=lambda seen: f"{len(seen.body)} bytes, md5 {md5(seen.body)}",
    )
    return answer.expect(200)


def still_empty(api: Api) -> Answer:
    """The listing of an account that has no containers. Raises Prerequisite if it has some.

    What was deleted a moment ago may be counted for a while; raises CannotTell if it stays so.
    """
    answer = wait_for(
        lambda: api.get("").expect(200, 204),
        lambda seen: bool(names(seen)) or seen.headers.get("X-Account-Container-Count", "0") == "0",
        because="an account that lists no containers counts none",
        timeout=SETTLES,
        show=lambda seen: f"{seen.where}: {seen.headers.get('X-Account-Container-Count')}",
    )
    found = names(answer)
    if found:
        raise Prerequisite(
            f"the {api.actor.role} user's account must hold no containers, but has {len(found)}, such as {found[0]!r}"
        )
    return answer
