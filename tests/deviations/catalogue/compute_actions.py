"""Clouds that act on servers wrongly, or tell wrongly what a server may be made of."""

from __future__ import annotations

from collections.abc import Callable

from defcore.model.capability import Service
from tests.deviations.changes import (
    answer,
    as_method,
    drop,
    respond,
    retry,
    status,
    told,
    untold,
    with_json,
    without_json,
    without_query,
)
from tests.deviations.deviation import Book
from tests.deviations.message import Call, Reply

book = Book(Service.COMPUTE)
add, at = book.add, book.at
SERVER, ACTION, METADATA = "/servers/{uuid}", "/servers/{id}/action", "/servers/{id}/metadata"


def does(action: str) -> Callable[[Call], bool]:
    """Whether a request is for this action."""
    return lambda call: action in (call.document or {})


# --- metadata ------------------------------------------------------------------------------------------------

META = "compute-servers-metadata-"
add(
    "metadata-put-merges",
    "metadata that is put does not replace the rest",
    f"{META}set",
    at("PUT", METADATA, as_method("POST")),
    published="MN-03",
)
add(
    "metadata-post-replaces",
    "metadata that is posted replaces the rest",
    f"{META}update",
    at("POST", METADATA, as_method("PUT")),
)
add(
    "metadata-in-small",
    "metadata is shown in small letters",
    f"{META}list",
    at("GET", METADATA, told("metadata", lambda all: {key.upper(): value for key, value in all.items()})),
)
add(
    "metadata-item-of-all",
    "an item of metadata is shown with all others",
    f"{META}get",
    at("GET", f"{METADATA}/{{id}}", told("meta.other", "value")),
)
add(
    "metadata-item-stays",
    "an item of metadata cannot be deleted",
    f"{META}delete",
    at("DELETE", f"{METADATA}/{{id}}", respond(204)),
)
add(
    "metadata-item-unknown",
    "deleting an item that is not there is no error",
    f"{META}delete",
    at("DELETE", f"{METADATA}/{{id}}", status(404, 204, empty=True)),
)
add(
    "metadata-item-forgotten",
    "an item of metadata that is put is not stored",
    f"{META}set",
    at(
        "PUT",
        f"{METADATA}/{{id}}",
        answer(lambda call, _: call.memory.update({call.path.rpartition("/")[0]: call.last})),
    ),
    at("GET", METADATA, answer(lambda call, reply: _less(call, reply))),
)
add(
    "metadata-without-limit",
    "metadata of any length is reported as stored",
    f"{META}update",
    at("POST", METADATA, status(400, 200)),
)


def _less(call: Call, reply: Reply) -> None:
    document = reply.document
    document["metadata"].pop(call.memory.get(call.path), None)
    reply.document = document


# --- actions -------------------------------------------------------------------------------------------------

add(
    "reboot-of-nothing",
    "rebooting a server that does not exist is accepted",
    "compute-servers-reboot",
    at("POST", ACTION, status(404, 202, empty=True)),
)
add(
    "reboot-of-any-type",
    "a reboot of an unknown type is made",
    "compute-servers-reboot",
    at("POST", ACTION, with_json("reboot.type", "HARD", when=does("reboot"))),
)
add(
    "stop-of-nothing",
    "stopping a server that does not exist is accepted",
    "compute-servers-stop",
    at("POST", ACTION, status(404, 202, empty=True)),
)
add(
    "conflict-accepted",
    "an action that does not fit is accepted",
    "compute-servers-stop",
    at("POST", ACTION, status(409, 202, empty=True)),
)
add(
    "rebuild-keeps-name",
    "a rebuilt server keeps its name",
    "compute-servers-rebuild",
    at("POST", ACTION, without_json("rebuild.name")),
)
add(
    "rebuild-keeps-metadata",
    "a rebuilt server keeps its metadata",
    "compute-servers-rebuild",
    at("POST", ACTION, without_json("rebuild.metadata")),
)
add(
    "rebuild-of-nothing",
    "rebuilding a server that does not exist is a conflict",
    "compute-servers-rebuild",
    at("POST", ACTION, status(404, 409)),
)
add(
    "revert-confirms",
    "a resize that is to be reverted is confirmed",
    "compute-servers-resize",
    at("POST", ACTION, lambda call: _confirm(call)),
)
add(
    "resize-to-nothing",
    "a resize to an unknown flavor is accepted",
    "compute-servers-resize",
    at("POST", ACTION, status(400, 202, empty=True)),
)
add(
    "lock-without-effect",
    "a server cannot be locked",
    "compute-servers-lock",
    at("POST", ACTION, respond(202, when=does("lock"))),
)
add(
    "image-without-metadata",
    "an image of a server is made without metadata",
    "compute-images-create",
    at("POST", ACTION, without_json("createImage.metadata")),
)
add(
    "image-not-told",
    "the address of a new image is not told",
    "compute-images-create",
    at("POST", ACTION, untold(headers=("Location",))),
)
add(
    "image-name-in-ascii",
    "an image of a server loses letters of its name",
    "compute-images-create",
    at(
        "POST",
        ACTION,
        with_json(
            "createImage.name", lambda name: str(name).encode("ascii", "ignore").decode(), when=does("createImage")
        ),
    ),
)
add(
    "image-without-name",
    "an image of a server needs no name",
    "compute-images-create",
    at("POST", ACTION, status(400, 202, empty=True)),
)


async def _confirm(call: Call) -> Reply:
    if "revertResize" in (call.document or {}):
        call.document = {"confirmResize": None}
        reply = await call.forward()
        reply.status = 202
        return reply
    return await call.forward()


# --- volumes, actions on record ------------------------------------------------------------------------------

VOLUMES, ATTACHMENTS = "compute-volume-attach", "/servers/{id}/os-volume_attachments"
add(
    "attachment-not-listed",
    "only one attached volume is listed",
    VOLUMES,
    at("GET", ATTACHMENTS, told("volumeAttachments", lambda all: all[:1])),
)
add(
    "attachment-of-other-server",
    "an attachment names another server",
    VOLUMES,
    at("GET", f"{ATTACHMENTS}/{{id}}", told("volumeAttachment.serverId", "0")),
)
add(
    "attachment-without-device",
    "an attachment names no device",
    VOLUMES,
    at("GET|POST", f"{ATTACHMENTS}(/{{id}})?", untold("volumeAttachment.device", "volumeAttachments.*.device")),
)
add(
    "volumes-not-shown",
    "a server does not show its volumes",
    VOLUMES,
    at("GET", SERVER, told("server.os-extended-volumes:volumes_attached", [])),
)
RECORD, RECORDS = "compute-instance-actions-get", "compute-instance-actions-list"
add(
    "action-of-other-request",
    "an action names another request",
    RECORD,
    at("GET", "/servers/{id}/os-instance-actions/{id}", told("instanceAction.request_id", "req-0")),
)
add(
    "action-without-events",
    "an action does not say who asked for it",
    RECORD,
    at("GET", "/servers/{id}/os-instance-actions/{id}", untold("instanceAction.user_id")),
)
add(
    "only-last-action",
    "only the last action is listed",
    RECORDS,
    at("GET", "/servers/{id}/os-instance-actions", told("instanceActions", lambda all: all[:1])),
)
add(
    "actions-of-nothing",
    "a server that does not exist has no actions",
    RECORDS,
    at("GET", "/servers/{id}/os-instance-actions", lambda call: _no_actions(call)),
)


async def _no_actions(call: Call) -> Reply:
    reply = await call.forward()
    if reply.status == 404:
        reply.status = 200
        reply.document = {"instanceActions": []}
    return reply


# --- flavors, key pairs, quotas, zones, versions -------------------------------------------------------------

FLAVORS, KEYS, TYPES = "compute-flavors-list", "compute-keypairs-create", "compute-keypairs-create-type"
add(
    "flavors-in-small",
    "the brief list of flavors has other names",
    FLAVORS,
    at("GET", "/flavors", told("flavors.*.name", str.upper)),
)
add(
    "flavor-ram-in-gigabytes",
    "the list of flavors tells memory in another unit",
    FLAVORS,
    at("GET", "/flavors/detail", told("flavors.*.ram", lambda ram: ram / 1024)),
)
add(
    "flavors-with-details",
    "the brief list of flavors has details",
    FLAVORS,
    at("GET", "/flavors", told("flavors.*.ram", 1)),
)
add(
    "flavor-limit-ignored",
    "the list of flavors has no limit",
    FLAVORS,
    at("GET", "/flavors(/detail)?", without_query("limit")),
)
add(
    "unknown-flavor-400",
    "a flavor that does not exist is a bad request",
    FLAVORS,
    at("GET", "/flavors/{id}", status(404, 400)),
)
add(
    "key-without-private-part",
    "a generated key has no private part",
    KEYS,
    at("POST", "/os-keypairs", untold("keypair.private_key")),
)
add("key-not-listed", "key pairs are not listed", KEYS, at("GET", "/os-keypairs", told("keypairs", [])))
add("key-not-shown-by-server", "a server does not show its key", KEYS, at("GET", SERVER, told("server.key_name", None)))
add("key-stays", "a deleted key pair stays", KEYS, at("DELETE", "/os-keypairs/{id}", respond(202)))
add(
    "key-of-other-print",
    "a key has another fingerprint",
    KEYS,
    at("POST", "/os-keypairs", told("keypair.fingerprint", "00:" * 15 + "00")),
)
add("key-twice", "a key pair's name may be taken twice", KEYS, at("POST", "/os-keypairs", status(409, 200)))
add(
    "key-always-ssh",
    "a certificate is told as an SSH key",
    TYPES,
    at(
        "GET",
        "/os-keypairs(/{id})?",
        told("keypair.type", "ssh"),
    ),
)
QUOTAS, ZONES, VERSIONS = "compute-quotas-get", "compute-availability-zones-list", "compute-list-api-versions"
add(
    "quota-without-cores",
    "a quota does not tell its cores",
    QUOTAS,
    at("GET", "/os-quota-sets/{id}(/detail)?", untold("quota_set.cores")),
)
add(
    "quota-of-another-project",
    "a quota is that of another project",
    QUOTAS,
    at("GET", "/os-quota-sets/{id}", told("quota_set.id", "other")),
)
add(
    "default-quota-is-text",
    "a default quota is told in words",
    QUOTAS,
    at("GET", "/os-quota-sets/{id}/defaults", told("quota_set.instances", "many")),
)
add(
    "foreign-quota-told",
    "the quota of another project is told",
    QUOTAS,
    at("GET", "/os-quota-sets/{id}", retry(403, lambda call: _own_quota(call))),
)
add(
    "zones-with-hosts",
    "availability zones name their hosts",
    ZONES,
    at("GET", "/os-availability-zone", told("availabilityZoneInfo.*.hosts", {"host": {}})),
)
add(
    "zone-without-state",
    "availability zones tell no state",
    ZONES,
    at("GET", "/os-availability-zone", untold("availabilityZoneInfo.*.zoneState")),
)
add(
    "zone-hosts-for-all",
    "hosts of zones are told to anyone",
    ZONES,
    at("GET", "/os-availability-zone/detail", lambda call: _zones(call)),
)
add(
    "any-microversion",
    "an unknown microversion is answered as if none was asked for",
    VERSIONS,
    at(
        "GET|HEAD|POST|PUT|DELETE",
        ".*",
        retry(406, lambda call: drop(call.headers, "OpenStack-API-Version", "X-OpenStack-Nova-API-Version")),
    ),
    published="MN-07",
)
add(
    "microversion-not-told",
    "answers do not tell their microversion",
    VERSIONS,
    at("GET", ".*", untold(headers=("OpenStack-API-Version", "X-OpenStack-Nova-API-Version"))),
)
add("versions-without-links", "versions have no links", VERSIONS, at("GET", "^/?", untold("versions.*.links")))
add(
    "versions-reversed",
    "the newest version is listed first",
    VERSIONS,
    at("GET", "^/?", told("versions", lambda all: all[::-1])),
)


def _own_quota(call: Call) -> None:
    call.path = call.path.replace(call.last, call.project or "")


async def _zones(call: Call) -> Reply:
    return await call.beside(call.path.removesuffix("/detail")).forward()
