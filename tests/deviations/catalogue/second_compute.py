"""Clouds that get lists, keys, tags and groups of servers wrong in ways of a second round, written down before the
tests were looked at.

They estimate what the suite notices of clouds that it was not made for.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit, urlunsplit

from defcore.model.capability import Service
from tests.deviations.catalogue.leniency import (
    item_as_named,
    json_mended,
    microversion,
    microversion_passed_over,
    query_passed_over,
    with_repeated_once,
)
from tests.deviations.changes import answer, ask, status, told, untold, without_query
from tests.deviations.deviation import Book
from tests.deviations.message import Call, Reply

book = Book(Service.COMPUTE)
add, at = book.add, book.at
LISTS, ONE, ACTION = "/servers(?:/detail)?", "/servers/{uuid}", "/servers/{id}/action"
METADATA, ITEM = "/servers/{id}/metadata", "/servers/{id}/metadata/{id}"
LIST, FLAVORS, KEYED, QUOTA = (
    "compute-servers-list",
    "compute-flavors-list",
    "compute-keypairs-create",
    "compute-quotas-get",
)
ACTIONS, SET, TAGGED = "compute-instance-actions-list", "compute-servers-metadata-set", "compute-servers-tags-CRUD"


def _next_is_brief(_: Call, reply: Reply) -> None:
    document = reply.document
    for link in document.get("servers_links", []):
        parts = urlsplit(link["href"])
        link["href"] = urlunsplit(parts._replace(path=parts.path.removesuffix("/detail")))
    reply.document = document


def _brief_with_status(_: Call, reply: Reply) -> None:
    document = reply.document
    for server in document.get("servers", []):
        server["status"] = "ACTIVE"
    reply.document = document


def _words(document: Any) -> None:
    for kind in ("metadata", "meta"):
        if isinstance(document.get(kind), dict):
            document[kind] = {name: str(value) for name, value in document[kind].items()}


def _key_name_cut(document: Any) -> None:
    key = document.get("keypair")
    if isinstance(key, dict) and isinstance(key.get("name"), str):
        key["name"] = key["name"][:255].strip() or "unnamed"


def _from(major: int, minor: int) -> Any:
    return lambda call: microversion(call) >= (major, minor)


async def _actions_end(call: Call) -> Reply:
    """With a server go its actions."""
    server = await call.beside(call.path.partition("/os-instance-actions")[0]).forward()
    return server if server.status == 404 else await call.forward()


add(
    "locked-filter-ignored",
    "lists are not filtered by whether servers are locked",
    LIST,
    at("GET", LISTS, without_query("locked")),
)
add(
    "not-tags-any-ignored",
    "lists do not leave out by any of several tags",
    LIST,
    at("GET", LISTS, without_query("not-tags-any")),
)
add(
    "sorted-by-first-key",
    "lists are sorted by the first key only",
    LIST,
    at("GET", LISTS, ask(with_repeated_once("sort_key", "sort_dir"))),
)
add(
    "next-of-detail-is-brief",
    "the next page of the detailed list is one of the brief list",
    LIST,
    at("GET", "/servers/detail", answer(_next_is_brief)),
)
add(
    "brief-with-status",
    "the brief list has the status of servers",
    LIST,
    at("GET", "/servers", answer(_brief_with_status)),
)
add(
    "unknown-status-taken",
    "an unknown status is taken for none",
    LIST,
    at("GET", LISTS, query_passed_over(400, "status")),
)
add(
    "flavors-sort-ignored",
    "flavors are not sorted",
    FLAVORS,
    at("GET", "/flavors(?:/detail)?", without_query("sort_key", "sort_dir")),
)
add(
    "flavors-bad-limit-taken",
    "a limit of flavors that makes no sense is taken for none",
    FLAVORS,
    at("GET", "/flavors(?:/detail)?", query_passed_over(400, "limit")),
)
add(
    "flavors-next-missing",
    "pages of flavors have no link to the next one",
    FLAVORS,
    at("GET", "/flavors(?:/detail)?", untold("flavors_links")),
)
add(
    "flavor-swap-is-text",
    "a flavor tells swap as a word where it is to be a number",
    FLAVORS,
    at("GET", "/flavors/{id}", told("flavor.swap", lambda swap: swap or "", when=_from(2, 75))),
)
add(
    "key-create-status-200",
    "a new key pair is answered with 200 at any microversion",
    KEYED,
    at("POST", "/os-keypairs", status(201, 200)),
)
add(
    "key-delete-status-202",
    "the deletion of a key pair is answered with 202 at any microversion",
    KEYED,
    at("DELETE", "/os-keypairs/{id}", status(204, 202)),
)
add(
    "keys-limit-ignored",
    "the list of key pairs has no limit",
    KEYED,
    at("GET", "/os-keypairs", without_query("limit")),
)
add(
    "keys-marker-ignored",
    "each page of key pairs is the first one",
    KEYED,
    at("GET", "/os-keypairs", without_query("marker")),
)
add(
    "bad-key-name-mended",
    "a name of a key pair that cannot be is mended",
    KEYED,
    at("POST", "/os-keypairs", json_mended(400, _key_name_cut)),
)
add(
    "key-made-by-cloud",
    "a key is made by the cloud where it is to be brought along",
    "compute-keypairs-create-type",
    at("POST", "/os-keypairs", microversion_passed_over(400, "compute 2.91")),
)
add(
    "quota-with-addresses",
    "a quota tells of addresses where it is not to any more",
    QUOTA,
    at("GET", "/os-quota-sets/{id}", told("quota_set.floating_ips", 10, when=_from(2, 36))),
)
add(
    "actions-limit-ignored",
    "the list of actions has no limit",
    ACTIONS,
    at("GET", "/servers/{id}/os-instance-actions", without_query("limit")),
)
add(
    "actions-end-with-server",
    "the actions of a deleted server are not found",
    ACTIONS,
    at("GET", "/servers/{id}/os-instance-actions(?:/{id})?", _actions_end),
)
add(
    "number-metadata-taken",
    "a number as metadata is stored as a word",
    SET,
    at("POST|PUT", f"(?:{METADATA}|{ITEM})", json_mended(400, _words)),
)
add(
    "metadata-item-of-other-name",
    "an item of metadata is stored under another name than that of its address",
    SET,
    at("PUT", ITEM, item_as_named),
)
add(
    "garbled-microversion-taken",
    "a microversion that is none is passed over",
    "compute-list-api-versions",
    at("GET", "/.*", microversion_passed_over(400)),
)
add(
    "groups-live-on",
    "security groups are managed at any microversion",
    "compute-security-groups-CRUD",
    at("GET|POST", "/os-security-groups(?:/{id})?", microversion_passed_over(404, "compute 2.35")),
)
add(
    "missing-group-taken-off",
    "taking off a group that a server does not have is no error",
    "compute-servers-security-groups",
    at("POST", ACTION, status(404, 202, empty=True)),
)
add(
    "server-without-tags",
    "a server does not show its tags",
    TAGGED,
    at("GET", ONE, told("server.tags", [], when=_from(2, 26))),
)
add(
    "long-tag-taken",
    "tags that are too long, or too many, are passed over",
    TAGGED,
    at("PUT", "/servers/{id}/tags", json_mended(400, lambda one: one.update(tags=["first"]))),
)
add(
    "locked-reason-lost",
    "a locked server does not say why",
    "compute-servers-lock",
    at("GET", ONE, told("server.locked_reason", None, when=_from(2, 73))),
)
