"""Clouds that get lists, metadata, tags and keys of servers wrong in ways written down before the tests were looked at.

They estimate what the suite notices of clouds that it was not made for.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from defcore.model.capability import Service
from tests.deviations.changes import (
    answer,
    ask,
    retry,
    status,
    told,
    untold,
    with_json,
    with_query,
    without_headers,
    without_query,
)
from tests.deviations.deviation import Book, Change
from tests.deviations.message import Call, Reply

book = Book(Service.COMPUTE)
add, at = book.add, book.at
LISTS, ONE, ACTION = "/servers(?:/detail)?", "/servers/{uuid}", "/servers/{id}/action"
LIST, VERIFY, ATTACH = "compute-servers-list", "compute-servers-verify", "compute-volume-attach"
METADATA, ITEM = "/servers/{id}/metadata", "/servers/{id}/metadata/{id}"
TAGS, TAG, TAGGED = "/servers/{id}/tags", "/servers/{id}/tags/{id}", "compute-servers-tags-CRUD"
KEYS, KEY, KEYED = "/os-keypairs", "/os-keypairs/{id}", "compute-keypairs-create"
GROUPS, GROUPED = "/os-security-groups", "compute-security-groups-CRUD"


def _without(*names: str) -> Callable[[Call], None]:
    def edit(call: Call) -> None:
        call.params = [pair for pair in call.params if pair[0] not in names]

    return edit


def _each_next(edit: Callable[[str], str]) -> Change:
    def change(_: Call, reply: Reply) -> None:
        document = reply.document
        for link in document.get("servers_links", []):
            link["href"] = edit(link["href"])
        reply.document = document

    return answer(change)


def _only_paging(address: str) -> str:
    parts = urlsplit(address)
    kept = [pair for pair in parse_qsl(parts.query) if pair[0] in ("limit", "marker")]
    return urlunsplit(parts._replace(query=urlencode(kept)))


async def _from_marker(call: Call) -> Reply:
    """A page begins with its marker."""
    marker = call.param("marker")
    reply = await call.forward()
    if reply.good and marker:
        shown = await call.beside(f"{call.path.removesuffix('/detail')}/{marker}").forward()
        document = reply.document
        if shown.good:
            document["servers"].insert(0, shown.document["server"])
            reply.document = document
    return reply


async def _none_left(call: Call) -> Reply:
    """With an item of metadata all others go."""
    reply = await call.forward()
    if reply.good:
        other = call.again(method="PUT", path=call.path.rpartition("/")[0])
        other.headers["Content-Type"] = "application/json"
        other.body = json.dumps({"metadata": {}}).encode()
        await other.forward()
    return reply


async def _item_alone(call: Call) -> Reply:
    """An item of metadata that is put replaces all others."""
    reply = await call.forward()
    meta = (call.document or {}).get("meta")
    if reply.good and meta:
        other = call.again(path=call.path.rpartition("/")[0])
        other.document = {"metadata": meta}
        await other.forward()
    return reply


def _swapped(direction: str) -> str:
    return "desc" if direction == "asc" else "asc"


def _strip(text: Any) -> Any:
    return text.strip() if isinstance(text, str) else text


def _tags_merged(call: Call, reply: Reply) -> None:
    document = reply.document
    document["tags"] = sorted({*document["tags"], "leftover"})
    reply.document = document


add("name-filter-whole", "only whole names are found", LIST, at("GET", LISTS, with_query("name", lambda v: f"^{v}$")))
add(
    "status-filter-in-capitals",
    "a status is found in capitals only",
    LIST,
    at("GET", LISTS, with_query("status", lambda v: v if v.isupper() else "SUSPENDED")),
)
add("next-loses-filter", "the next page has other filters", LIST, at("GET", LISTS, _each_next(_only_paging)))
add("marker-inclusive", "a page begins with its marker", LIST, at("GET", LISTS, _from_marker))
add(
    "sorted-backwards", "lists are sorted the other way round", LIST, at("GET", LISTS, with_query("sort_dir", _swapped))
)
add(
    "unknown-marker-taken",
    "a page after a server that there is not is the first one",
    LIST,
    at("GET", LISTS, retry(400, _without("marker"))),
)
add(
    "bad-sort-taken",
    "a sorting that makes no sense is taken for none",
    LIST,
    at("GET", LISTS, retry(400, _without("sort_key", "sort_dir"))),
)
add(
    "tags-any-ignored",
    "lists are not filtered by any of several tags",
    LIST,
    at("GET", LISTS, without_query("tags-any")),
)
add(
    "not-tags-ignored",
    "lists do not leave out by tags",
    LIST,
    at("GET", LISTS, without_query("not-tags", "not-tags-any")),
)
add(
    "changes-before-ignored",
    "lists are not filtered by changes-before",
    LIST,
    at("GET", LISTS, without_query("changes-before")),
)
add(
    "all-tenants-passed-over",
    "who asks for servers of all projects gets the own ones",
    LIST,
    at("GET", LISTS, retry(403, _without("all_tenants"))),
)
add(
    "detail-without-addresses",
    "the detailed list has no addresses",
    LIST,
    at("GET", "/servers/detail", told("servers.*.addresses", {})),
)
add(
    "metadata-item-with-all",
    "with an item of metadata all others go",
    "compute-servers-metadata-delete",
    at("DELETE", ITEM, _none_left),
)
add(
    "metadata-item-alone",
    "an item of metadata that is put replaces the rest",
    "compute-servers-metadata-set",
    at("PUT", ITEM, _item_alone),
)
add(
    "unknown-metadata-empty",
    "an item of metadata that there is not is shown as empty",
    "compute-servers-metadata-get",
    at("GET", ITEM, answer(lambda call, reply: _empty_item(call, reply), on=(404,))),
)
add(
    "imported-key-with-secret",
    "a key that was brought along comes back with a private part",
    KEYED,
    at("POST", KEYS, told("keypair.private_key", "-----BEGIN PRIVATE KEY-----")),
)
add(
    "bad-key-taken",
    "a key that is none is reported as taken",
    KEYED,
    at("POST", KEYS, answer(lambda call, reply: _key_made(call, reply), on=(400,))),
)
add("key-of-nobody", "a key pair does not name its user", KEYED, at("GET", KEY, untold("keypair.user_id")))
add(
    "unknown-key-deleted",
    "deleting a key pair that there is not is no error",
    KEYED,
    at("DELETE", KEY, status(404, 202, empty=True)),
)
add(
    "flavor-minimum-ignored",
    "flavors are not filtered by least memory and disk",
    "compute-flavors-list",
    at("GET", "/flavors(?:/detail)?", without_query("minRam", "minDisk")),
)
add(
    "flavor-marker-ignored",
    "each page of flavors is the first one",
    "compute-flavors-list",
    at("GET", "/flavors(?:/detail)?", without_query("marker")),
)
add(
    "flavors-without-links",
    "flavors have no links",
    "compute-flavors-list",
    at("GET", "/flavors(?:/detail)?", untold("flavors.*.links")),
)
add("tag-again-201", "a tag that was set before is told as new", TAGGED, at("PUT", TAG, status(204, 201)))
add(
    "tag-without-location",
    "the address of a new tag is not told",
    TAGGED,
    at("PUT", TAG, untold(headers=("Location",))),
)
add(
    "unknown-tag-removed",
    "removing a tag that is not there is no error",
    TAGGED,
    at("DELETE", TAG, status(404, 204, empty=True)),
)
add("bad-tag-taken", "a tag with a comma or a slash is taken", TAGGED, at("PUT", TAG, status(400, 201, empty=True)))
add("tags-merged", "tags that are set together do not replace the rest", TAGGED, at("PUT", TAGS, answer(_tags_merged)))
add(
    "group-name-stripped",
    "a security group's name loses its blanks",
    GROUPED,
    at("POST", GROUPS, with_json("security_group.name", _strip)),
)
add(
    "group-rename-ignored",
    "a security group keeps its name",
    GROUPED,
    at("PUT", f"{GROUPS}/{{id}}", told("security_group.name", "default")),
)
add(
    "latest-is-first",
    "the latest microversion is the first one",
    "compute-list-api-versions",
    at("GET|POST|PUT|DELETE", "/.*", ask(lambda call: _first_version(call))),
)
add(
    "old-header-ignored",
    "the older header of microversions is ignored",
    "compute-list-api-versions",
    at("GET", "/.*", without_headers("X-OpenStack-Nova-API-Version")),
)
add(
    "vary-missing",
    "answers do not say that they depend on the microversion",
    "compute-list-api-versions",
    at("GET", "/.*", untold(headers=("Vary",))),
)


def _empty_item(call: Call, reply: Reply) -> None:
    reply.status = 200
    reply.document = {"meta": {call.last: ""}}


def _key_made(call: Call, reply: Reply) -> None:
    about = (call.document or {}).get("keypair", {})
    if "public_key" in about:
        reply.status = 200
        reply.document = {"keypair": about | {"fingerprint": ":".join(["00"] * 16), "user_id": "0" * 32}}


def _first_version(call: Call) -> None:
    if call.headers.get("OpenStack-API-Version", "").endswith("latest"):
        call.headers["OpenStack-API-Version"] = "compute 2.1"
