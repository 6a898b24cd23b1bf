"""Clouds whose compute service lists servers, keys, flavors and actions in another way than promised."""

from __future__ import annotations

from defcore.model.capability import Service
from tests.deviations.changes import (
    at_path,
    respond,
    status,
    told,
    untold,
    with_header,
    with_query,
    without_json,
    without_query,
)
from tests.deviations.deviation import Book
from tests.deviations.message import Call, Reply

book = Book(Service.COMPUTE)
add, at = book.add, book.at
SERVERS, DETAIL, SERVER, ACTION = "/servers", "/servers/detail", "/servers/{uuid}", "/servers/{id}/action"
NOBODY, NONE = "0" * 32, "00000000-0000-4000-8000-000000000000"

# --- lists ---------------------------------------------------------------------------------------------------

LIST = "compute-servers-list"

for name, path, value in (
    ("detail-without-addresses", "servers.*.addresses", {}),
    ("detail-with-other-flavor", "servers.*.flavor.id", "none"),
    ("detail-without-image", "servers.*.image", ""),
    ("detail-without-metadata", "servers.*.metadata", {}),
):
    add(name, f"the detailed list has other `{path}`", LIST, at("GET", DETAIL, told(path, value)))
add("brief-with-details", "the brief list has details", LIST, at("GET", SERVERS, told("servers.*.status", "ACTIVE")))
add("brief-without-links", "the brief list has no links", LIST, at("GET", SERVERS, untold("servers.*.links")))
add(
    "sorted-backwards",
    "lists are sorted the other way round",
    LIST,
    at("GET", f"{SERVERS}(/detail)?", with_query("sort_dir", lambda way: "asc" if way == "desc" else "desc")),
)
add(
    "list-loses-last",
    "the last server of a list is left out",
    LIST,
    at("GET", f"{SERVERS}(/detail)?", told("servers", lambda all: all[:-1])),
)
add(
    "list-has-twice",
    "the first server is listed twice",
    LIST,
    at("GET", f"{SERVERS}(/detail)?", told("servers", lambda all: all[:1] + all)),
)
add(
    "detail-as-brief",
    "the detailed list is the brief one",
    LIST,
    at("GET", DETAIL, at_path(lambda path: path.removesuffix("/detail"))),
)
add(
    "name-exact",
    "a name filters only as a whole",
    LIST,
    at("GET", f"{SERVERS}(/detail)?", with_query("name", lambda name: f"^{name}$")),
)

# --- actions on record, volumes, keys, quotas ----------------------------------------------------------------

RECORD, RECORDS = "compute-instance-actions-get", "compute-instance-actions-list"
ACTIONS, ONE_ACTION = "/servers/{id}/os-instance-actions", "/servers/{id}/os-instance-actions/{id}"
add(
    "action-named-otherwise",
    "the creation of a server is on record as another action",
    RECORD,
    at("GET", ONE_ACTION, told("instanceAction.action", "boot")),
)
add(
    "action-of-other-server",
    "an action names another server",
    RECORD,
    at("GET", ONE_ACTION, told("instanceAction.instance_uuid", NONE)),
)
add(
    "action-without-start",
    "an action does not say when it began",
    RECORD,
    at("GET", ONE_ACTION, untold("instanceAction.start_time")),
)
add(
    "action-of-other-project",
    "an action names another project",
    RECORD,
    at("GET", ONE_ACTION, told("instanceAction.project_id", NOBODY)),
)
add(
    "unknown-action-empty",
    "an action that there is not is shown as empty",
    RECORD,
    at("GET", ONE_ACTION, status(404, 200)),
)
add(
    "actions-of-others",
    "actions of another server are listed too",
    RECORDS,
    at("GET", ACTIONS, told("instanceActions", lambda all: all + [one | {"instance_uuid": NONE} for one in all[:1]])),
)
add(
    "actions-without-request",
    "listed actions name no request",
    RECORDS,
    at("GET", ACTIONS, untold("instanceActions.*.request_id")),
)
add(
    "actions-all-the-same",
    "each listed action is a creation",
    RECORDS,
    at("GET", ACTIONS, told("instanceActions.*.action", "create")),
)

VOLUMES, ATTACHMENTS, ATTACHMENT = (
    "compute-volume-attach",
    "/servers/{id}/os-volume_attachments",
    "/servers/{id}/os-volume_attachments/{id}",
)
add(
    "detach-without-effect", "a volume that is detached stays attached", VOLUMES, at("DELETE", ATTACHMENT, respond(202))
)
add(
    "attach-without-effect",
    "a volume is attached only in words",
    VOLUMES,
    at("POST", ATTACHMENTS, lambda call: _attached(call)),
)
add(
    "attached-still-listed",
    "a volume that was detached is still listed",
    VOLUMES,
    at("GET", ATTACHMENTS, lambda call: _union(call)),
)
add(
    "attachment-of-other-volume",
    "an attachment names another volume",
    VOLUMES,
    at("GET", ATTACHMENT, told("volumeAttachment.volumeId", NONE)),
)
add("attach-status-202", "an attachment is answered with 202", VOLUMES, at("POST", ATTACHMENTS, status(200, 202)))
add("attachment-unlisted", "no attachment is listed", VOLUMES, at("GET", ATTACHMENTS, told("volumeAttachments", [])))
add(
    "attach-of-nothing-400",
    "attaching a volume that does not exist is a bad request",
    VOLUMES,
    at("POST", ATTACHMENTS, status(404, 400)),
)
KEYS, TYPES, KEY = "compute-keypairs-create", "compute-keypairs-create-type", "/os-keypairs(/{id})?"
add(
    "key-listed-without-print",
    "a listed key has no fingerprint",
    KEYS,
    at("GET", "/os-keypairs", untold("keypairs.*.keypair.fingerprint")),
)
add(
    "key-listed-otherwise",
    "a key is listed with another public part",
    KEYS,
    at("GET", "/os-keypairs", told("keypairs.*.keypair.public_key", "ssh-rsa AAAA")),
)
add(
    "key-imported-with-private",
    "an imported key has a private part",
    KEYS,
    at(
        "POST",
        "/os-keypairs",
        told("keypair.private_key", "secret", when=lambda call: "public_key" in call.document["keypair"]),
    ),
)
add("key-of-any-name", "a key's name may be anything", KEYS, at("POST", "/os-keypairs", status(400, 200)))
add(
    "key-type-missing",
    "a key does not tell its type",
    TYPES,
    at("GET", KEY, untold("keypair.type", "keypairs.*.keypair.type")),
)
add(
    "key-type-status-200", "a key with a type is answered with 200", TYPES, at("POST", "/os-keypairs", status(201, 200))
)
add(
    "key-type-stays",
    "a deleted key with a type stays",
    TYPES,
    at("DELETE", "/os-keypairs/{id}", respond(204, when=lambda call: "OpenStack-API-Version" in call.headers)),
)
add("key-type-ignored", "the type of a key is ignored", TYPES, at("POST", "/os-keypairs", without_json("keypair.type")))
QUOTAS, QUOTA = "compute-quotas-get", "/os-quota-sets/{id}"
for field in ("instances", "ram", "key_pairs", "metadata_items", "server_groups"):
    add(
        f"quota-without-{field.replace('_', '-')}",
        f"a quota does not tell `{field}`",
        QUOTAS,
        at("GET", QUOTA, untold(f"quota_set.{field}")),
    )
add(
    "quota-unlike-limits",
    "a quota is not what the limits say",
    QUOTAS,
    at("GET", QUOTA, told("quota_set.cores", lambda cores: cores + 1)),
)
add(
    "default-of-another",
    "a default quota is that of another project",
    QUOTAS,
    at("GET", f"{QUOTA}/defaults", told("quota_set.id", "default")),
)
add("defaults-forbidden", "default quotas are forbidden", QUOTAS, at("GET", f"{QUOTA}/defaults", respond(403)))

# --- flavors, zones, versions --------------------------------------------------------------------------------

FLAVORS, ZONES, VERSIONS = "compute-flavors-list", "compute-availability-zones-list", "compute-list-api-versions"
for field in ("vcpus", "disk", "links", "os-flavor-access:is_public", "OS-FLV-EXT-DATA:ephemeral"):
    name = field.rpartition(":")[2].replace("_", "-")
    add(
        f"flavors-without-{name}",
        f"listed flavors have no `{field}`",
        FLAVORS,
        at("GET", "/flavors/detail", untold(f"flavors.*.{field}")),
    )
add(
    "flavors-twice",
    "each flavor is listed twice",
    FLAVORS,
    at("GET", "/flavors(/detail)?", told("flavors", lambda all: all * 2)),
)
add(
    "flavor-marker-ignored",
    "each page of flavors is the first one",
    FLAVORS,
    at("GET", "/flavors(/detail)?", without_query("marker")),
)
add(
    "flavor-ram-filter-ignored",
    "flavors are not filtered by memory",
    FLAVORS,
    at("GET", "/flavors(/detail)?", without_query("minRam", "minDisk")),
)
add(
    "zone-without-name",
    "availability zones have no name",
    ZONES,
    at("GET", "/os-availability-zone", untold("availabilityZoneInfo.*.zoneName")),
)
add(
    "zone-state-is-text",
    "an availability zone is `available` in words",
    ZONES,
    at("GET", "/os-availability-zone", told("availabilityZoneInfo.*.zoneState.available", "yes")),
)
add(
    "no-zone",
    "there is no availability zone",
    ZONES,
    at("GET", "/os-availability-zone", told("availabilityZoneInfo", [])),
)
add(
    "version-not-current",
    "version 2.1 is told as supported only",
    VERSIONS,
    at("GET", "/?", told("version.status", "SUPPORTED")),
)
add(
    "version-asks-for-token",
    "the root asks for a token",
    VERSIONS,
    at("GET", "^/?", respond(401, when=lambda call: not call.token)),
)
add("versions-without-status", "versions have no status", VERSIONS, at("GET", "^/?", untold("versions.*.status")))
add(
    "microversion-not-in-vary",
    "answers do not vary by microversion",
    VERSIONS,
    at("GET", "/flavors", with_header("Vary", "Accept")),
)
add(
    "latest-is-lowest",
    "`latest` is taken for the lowest microversion",
    VERSIONS,
    at("GET", "/flavors", lambda call: _lowest(call)),
)
add(
    "bad-microversion-taken",
    "a microversion that is none is taken for the lowest",
    VERSIONS,
    at("GET", "/flavors", lambda call: _no_version(call)),
)


async def _attached(call: Call) -> Reply:
    asked = (call.document or {}).get("volumeAttachment") or {}
    shown = await call.beside(call.path).forward()
    if not shown.good or "volumeId" not in asked:
        return await call.forward()
    volume, server = asked["volumeId"], call.path.split("/")[-2]
    reply = Reply(status=200)
    reply.document = {"volumeAttachment": {"id": volume, "volumeId": volume, "serverId": server, "device": "/dev/vdb"}}
    return reply


async def _union(call: Call) -> Reply:
    reply = await call.forward()
    if reply.good:
        seen = call.memory.setdefault(call.path, {})
        seen |= {one["id"]: one for one in reply.document["volumeAttachments"]}
        reply.document = {"volumeAttachments": [*seen.values()]}
    return reply


async def _lowest(call: Call) -> Reply:
    for name in ("OpenStack-API-Version", "X-OpenStack-Nova-API-Version"):
        if "latest" in call.headers.get(name, ""):
            call.headers[name] = call.headers[name].replace("latest", "2.1")
    return await call.forward()


async def _no_version(call: Call) -> Reply:
    if "not-a-version" in call.headers.get("OpenStack-API-Version", ""):
        call.headers.popall("OpenStack-API-Version", None)
        call.headers.popall("X-OpenStack-Nova-API-Version", None)
    return await call.forward()
