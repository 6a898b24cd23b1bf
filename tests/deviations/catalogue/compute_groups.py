"""Clouds that keep tags and security groups of servers wrongly."""

from __future__ import annotations

from defcore.model.capability import Service
from tests.deviations.changes import as_owner, note_owner, respond, status, told, untold, without_json
from tests.deviations.deviation import Book

book = Book(Service.COMPUTE)
add, at = book.add, book.at
TAGS, TAG = "/servers/{id}/tags", "/servers/{id}/tags/{id}"
OF_SERVERS = "compute-servers-tags-CRUD"

add("tag-stays", "a tag that is deleted stays", OF_SERVERS, at("DELETE", TAG, respond(204)))
add("tags-stay", "all tags that are deleted stay", OF_SERVERS, at("DELETE", TAGS, respond(204)))
add("tag-not-found", "a tag that there is is not found", OF_SERVERS, at("GET", TAG, status(204, 404)))
add("tag-found", "a tag that there is not is found", OF_SERVERS, at("GET", TAG, status(404, 204, empty=True)))
add("tags-listed-in-part", "only one tag is listed", OF_SERVERS, at("GET", TAGS, told("tags", lambda tags: tags[:1])))
add("tag-status-200", "a new tag is answered with 200", OF_SERVERS, at("PUT", TAG, status(201, 200)))

GROUPS, GROUP, KEEPING = "/os-security-groups", "/os-security-groups/{id}", "compute-security-groups-CRUD"
add("group-stays", "a deleted security group stays", KEEPING, at("DELETE", GROUP, respond(202)))
add("group-not-listed", "security groups are not listed", KEEPING, at("GET", GROUPS, told("security_groups", [])))
add(
    "group-keeps-description",
    "a group's description is not changed",
    KEEPING,
    at("PUT", GROUP, without_json("security_group.description")),
)
add(
    "group-without-rules",
    "a security group does not show its rules",
    KEEPING,
    at("GET", GROUP, untold("security_group.rules")),
)
add(
    "unknown-group-deleted",
    "a group that does not exist is reported as deleted",
    KEEPING,
    at("DELETE", GROUP, status(404, 202, empty=True)),
)
add(
    "default-group-deleted",
    "the group called default is reported as deleted",
    KEEPING,
    at("DELETE", GROUP, status(400, 202, empty=True)),
)

ACTION, THEIRS = "/servers/{id}/action", "compute-servers-security-groups"
add(
    "group-in-use-deleted",
    "a group that a server has is reported as deleted",
    THEIRS,
    at("DELETE", GROUP, status(400, 202, empty=True)),
)
add(
    "group-not-added",
    "a security group is not added to a server",
    THEIRS,
    at("POST", ACTION, respond(202, when=lambda call: "addSecurityGroup" in (call.document or {}))),
)
add(
    "group-not-removed",
    "a security group is not removed from a server",
    THEIRS,
    at("POST", ACTION, respond(202, when=lambda call: "removeSecurityGroup" in (call.document or {}))),
)
add(
    "groups-of-server-hidden",
    "the groups of a server are not listed",
    THEIRS,
    at("GET", "/servers/{id}/os-security-groups", told("security_groups", [])),
)
add(
    "foreign-group-shown",
    "a security group of another project is shown",
    KEEPING,
    at("POST", GROUPS, note_owner()),
    at("GET", GROUP, as_owner()),
)
