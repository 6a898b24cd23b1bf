"""Response bodies of the compute API as its reference documents them, as JSON Schemas.

Required is what every cloud must show for the official tests to read the answer; what the reference documents
beyond that is typed when it is there. `exact` turns a schema into the strict one: all of it, and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]

TEXT: Schema = {"type": "string"}
TEXT_OR_NULL: Schema = {"type": ["string", "null"]}
NAME: Schema = {"type": "string", "minLength": 1}
NUMBER: Schema = {"type": "integer"}
ADDRESS: Schema = {"type": "string", "pattern": "^https?://"}
TIME: Schema = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$"}
LAUNCH_TIME: Schema = {"type": ["string", "null"], "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?$"}
MICROVERSION: Schema = {"type": "string", "pattern": r"^(\d+\.\d+)?$"}


def record(required: Mapping[str, Schema], **optional: Schema) -> Schema:
    """An object with these properties."""
    return {"type": "object", "properties": {**required, **optional}, "required": sorted(required)}


def optionally(schema: Schema, more: Mapping[str, Schema]) -> Schema:
    """The object with further properties that may be there."""
    return {**schema, "properties": {**schema["properties"], **more}}


def exact(schema: Schema, *, but: tuple[str, ...] = ()) -> Schema:
    """The object with all its properties except those in `but`, and with no other."""
    required = sorted(set(schema["properties"]) - set(but))
    return {**schema, "required": required, "additionalProperties": False}


def several(items: Schema) -> Schema:
    return {"type": "array", "items": items}


LINKS = several(record({"href": ADDRESS, "rel": NAME}, type=TEXT))
METADATA: Schema = {"type": "object", "additionalProperties": TEXT}
METADATA_BODY = record({"metadata": METADATA})
META_BODY = record({"meta": METADATA})

# Versions

VERSION = record(
    {"id": NAME, "links": LINKS, "status": {"enum": ["CURRENT", "SUPPORTED", "DEPRECATED"]}, "updated": NAME},
    version=MICROVERSION,
    min_version=MICROVERSION,
    **{"media-types": several(record({"base": TEXT, "type": TEXT}))},
)
VERSIONS_BODY = record({"versions": {**several(VERSION), "minItems": 1}})
VERSION_BODY = record({"version": VERSION})

# Availability zones

ZONE = record(
    {"zoneName": NAME, "zoneState": record({"available": {"type": "boolean"}}), "hosts": {"type": "null"}},
)
ZONES_BODY = record({"availabilityZoneInfo": {**several(ZONE), "minItems": 1}})

# Flavors, up to 2.54

FLAVOR_BRIEF = record({"id": NAME, "name": NAME, "links": LINKS})
FLAVOR = optionally(
    record(
        {
            "id": NAME,
            "name": NAME,
            "links": LINKS,
            "ram": NUMBER,
            "vcpus": NUMBER,
            "disk": NUMBER,
            "swap": {"anyOf": [NUMBER, {"const": ""}]},
        }
    ),
    {
        "OS-FLV-DISABLED:disabled": {"type": "boolean"},
        "os-flavor-access:is_public": {"type": "boolean"},
        "rxtx_factor": {"anyOf": [{"type": "number"}, {"const": ""}]},
        "OS-FLV-EXT-DATA:ephemeral": NUMBER,
    },
)
FLAVORS_BRIEF_BODY = record({"flavors": several(FLAVOR_BRIEF)}, flavors_links=LINKS)
FLAVORS_BODY = record({"flavors": several(FLAVOR)}, flavors_links=LINKS)
FLAVOR_BODY = record({"flavor": FLAVOR})

LATER_FLAVOR_BODY = record(
    {"flavor": {**record({"id": NAME, "name": NAME, "ram": NUMBER, "swap": NUMBER}), "additionalProperties": True}}
)
"""From 2.75 on."""

# Key pairs

KEYPAIR_BRIEF = record({"fingerprint": NAME, "name": NAME, "public_key": NAME})
KEYPAIR_CREATED = record({"fingerprint": NAME, "name": NAME, "public_key": NAME, "user_id": NAME, "private_key": NAME})
KEYPAIR_IMPORTED = record({"fingerprint": NAME, "name": NAME, "public_key": NAME, "user_id": NAME})
KEYPAIR = record(
    {
        "fingerprint": NAME,
        "name": NAME,
        "public_key": NAME,
        "user_id": NAME,
        "id": NUMBER,
        "created_at": NAME,
        "updated_at": TEXT_OR_NULL,
        "deleted_at": TEXT_OR_NULL,
        "deleted": {"type": "boolean"},
    }
)
TYPE: Mapping[str, Schema] = {"type": {"enum": ["ssh", "x509"]}}


def typed(schema: Schema) -> Schema:
    """A key pair from microversion 2.2 on, which has a type."""
    return {**optionally(schema, TYPE), "required": [*schema["required"], "type"]}


def keypair_body(schema: Schema) -> Schema:
    return record({"keypair": schema})


def keypairs_body(schema: Schema) -> Schema:
    return record({"keypairs": several(record({"keypair": schema}))}, keypairs_links=LINKS)


# Quotas, before 2.36

LIMIT: Schema = {"type": "integer", "minimum": -1}
QUOTA_LIMITS = (
    "cores",
    "instances",
    "key_pairs",
    "metadata_items",
    "ram",
    "server_group_members",
    "server_groups",
    "fixed_ips",
    "floating_ips",
    "security_group_rules",
    "security_groups",
    "injected_file_content_bytes",
    "injected_file_path_bytes",
    "injected_files",
)
QUOTA_BODY = record(
    {
        "quota_set": record(
            {"id": NAME, **dict.fromkeys(QUOTA_LIMITS, LIMIT)},
            # Of nova-network's days; some releases still show it.
            networks=NUMBER,
        )
    }
)

LATER_QUOTA_BODY = record({"quota_set": {**record({"id": NAME}), "additionalProperties": True}})
"""From 2.36 on: with nothing of the network service."""

# Servers at 2.1

SERVER_BRIEF = record({"id": NAME, "name": TEXT, "links": LINKS})
ADDRESSES: Schema = {
    "type": "object",
    "additionalProperties": several(
        optionally(
            record({"addr": NAME, "version": {"enum": [4, 6]}}),
            {"OS-EXT-IPS:type": {"enum": ["fixed", "floating"]}, "OS-EXT-IPS-MAC:mac_addr": NAME},
        )
    ),
}
ASKED_FOR: Mapping[str, Schema] = {
    "OS-DCF:diskConfig": {"enum": ["AUTO", "MANUAL"]},
    "accessIPv4": TEXT,
    "accessIPv6": TEXT,
}
_SERVER_CORE: Mapping[str, Schema] = {
    "id": NAME,
    "name": TEXT,
    "status": NAME,
    "image": {"anyOf": [record({"id": NAME, "links": LINKS}), {"const": ""}]},
    "flavor": record({"id": NAME, "links": LINKS}),
    "user_id": NAME,
    "tenant_id": NAME,
    "created": TIME,
    "updated": TIME,
    "metadata": METADATA,
    "links": LINKS,
    "addresses": ADDRESSES,
    "hostId": TEXT,
}
_SERVER_SOMETIMES: Mapping[str, Schema] = {
    "progress": NUMBER,
    "fault": record({"code": NUMBER, "message": TEXT, "created": TIME}, details=TEXT),
    "security_groups": several(record({"name": TEXT})),
}
_SERVER_EXTENDED: Mapping[str, Schema] = {
    "key_name": TEXT_OR_NULL,
    "config_drive": TEXT,
    "OS-EXT-AZ:availability_zone": TEXT,
    "OS-EXT-STS:power_state": NUMBER,
    "OS-EXT-STS:task_state": TEXT_OR_NULL,
    "OS-EXT-STS:vm_state": NAME,
    "OS-SRV-USG:launched_at": LAUNCH_TIME,
    "OS-SRV-USG:terminated_at": LAUNCH_TIME,
    "os-extended-volumes:volumes_attached": several(record({"id": NAME})),
}
_SERVER_FOR_ADMINS: Mapping[str, Schema] = {
    "OS-EXT-SRV-ATTR:host": TEXT_OR_NULL,
    "OS-EXT-SRV-ATTR:hypervisor_hostname": TEXT_OR_NULL,
    "OS-EXT-SRV-ATTR:instance_name": TEXT_OR_NULL,
}
SERVER = optionally(record(_SERVER_CORE), {**ASKED_FOR, **_SERVER_SOMETIMES, **_SERVER_EXTENDED, **_SERVER_FOR_ADMINS})
SERVER_BODY = record({"server": SERVER})
SERVER_LOCKED_BODY = record({"server": optionally(SERVER, {"locked": {"type": "boolean"}})})
"""Since microversion 2.9."""
FLAVOR_OF_SERVER = record(
    {"original_name": NAME, "vcpus": NUMBER, "ram": NUMBER, "disk": NUMBER, "swap": NUMBER},
    ephemeral=NUMBER,
    extra_specs={"type": "object", "additionalProperties": TEXT},
)
FLAVOR_OF_SERVER_BODY = record({"server": {**record({"flavor": FLAVOR_OF_SERVER}), "additionalProperties": True}})
"""Of a server since microversion 2.47, its flavor."""
LATER_SERVER = record(
    {"id": NAME, "name": TEXT, "status": NAME},
    description=TEXT_OR_NULL,
    tags=several(TEXT),
    locked={"type": "boolean"},
    locked_reason=TEXT_OR_NULL,
)
LATER_SERVER_BODY = record({"server": {**LATER_SERVER, "additionalProperties": True}})
"""What later microversions add to a server."""
SERVER_EXACT_BODY = record({"server": exact(SERVER, but=(*_SERVER_SOMETIMES, *_SERVER_FOR_ADMINS))})
"""A server as an ordinary user sees it while it is ACTIVE."""
SERVERS_BRIEF_BODY = record({"servers": several(SERVER_BRIEF)}, servers_links=LINKS)
LISTED_SERVER = optionally(
    SERVER, {"flavor": {"anyOf": [_SERVER_CORE["flavor"], {"type": "object", "maxProperties": 0}]}}
)
"""Of a server of others whose flavor is known no more, the flavor is empty."""
SERVERS_BODY = record({"servers": several(LISTED_SERVER)}, servers_links=LINKS)
SERVERS_TAGGED_BODY = record(
    {
        "servers": several(
            optionally(
                LISTED_SERVER,
                {
                    "locked": {"type": "boolean"},
                    "host_status": TEXT,
                    "description": TEXT_OR_NULL,
                    "tags": several({"type": "string"}),
                    "os-extended-volumes:volumes_attached": several(
                        record({"id": NAME}, delete_on_termination={"type": "boolean"})
                    ),
                },
            )
        )
    },
    servers_links=LINKS,
)
"""Up to microversion 2.26."""
SERVER_CREATED_BODY = record(
    {
        "server": optionally(
            record({"id": NAME, "links": LINKS}),
            {
                "adminPass": TEXT,
                "security_groups": several(record({"name": TEXT})),
                "OS-DCF:diskConfig": {"enum": ["AUTO", "MANUAL"]},
            },
        )
    }
)
RESERVATION_BODY = record({"reservation_id": NAME})
"""What the creation of servers answers if their reservation is asked for."""
SERVER_CHANGED = optionally(record(_SERVER_CORE), {**ASKED_FOR, **_SERVER_SOMETIMES})
"""What an update answers; a rebuild adds `adminPass`."""
SERVER_UPDATED_BODY = record({"server": SERVER_CHANGED})
SERVER_REBUILT_BODY = record({"server": optionally(SERVER_CHANGED, {"adminPass": TEXT})})

SNAPSHOT_BODY = record({"image_id": NAME})
"""What the making of an image answers, from microversion 2.45 on."""

# Actions on a server

EVENT = record(
    {
        "event": NAME,
        "start_time": NAME,
        "finish_time": TEXT_OR_NULL,
        "result": TEXT_OR_NULL,
    },
    traceback=TEXT_OR_NULL,
)
ACTION = record(
    {
        "action": NAME,
        "instance_uuid": NAME,
        "message": TEXT_OR_NULL,
        "project_id": NAME,
        "request_id": NAME,
        "start_time": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d"},
        "user_id": NAME,
    },
    updated_at=TEXT_OR_NULL,  # since 2.58, and links to the next page
)
ACTION_BODY = record({"instanceAction": optionally(ACTION, {"events": several(EVENT)})})
ACTIONS_BODY = record({"instanceActions": several(ACTION)}, links=LINKS)

# Volumes of a server, before 2.70

ATTACHMENT = record({"id": NAME, "volumeId": NAME, "serverId": NAME}, device=TEXT_OR_NULL)
ATTACHMENT_BODY = record({"volumeAttachment": ATTACHMENT})
ATTACHMENTS_BODY = record({"volumeAttachments": several(ATTACHMENT)})

# Security groups, before 2.36

GROUP_RULE = record(
    {"id": NAME, "parent_group_id": NAME},
    from_port={"type": ["integer", "null"]},
    to_port={"type": ["integer", "null"]},
    ip_protocol=TEXT_OR_NULL,
    group=record({}, name=TEXT, tenant_id=TEXT),
    ip_range=record({}, cidr=TEXT),
)
GROUP = record({"id": NAME, "name": TEXT, "description": TEXT, "tenant_id": NAME, "rules": several(GROUP_RULE)})
GROUP_BODY = record({"security_group": GROUP})
GROUPS_BODY = record({"security_groups": several(GROUP)})

# Tags of a server, from 2.26 on

TAGS_BODY = record({"tags": several({"type": "string", "minLength": 1, "maxLength": 60})})


def fault(name: str, code: int) -> Schema:
    """An error's body: `{"itemNotFound": {"code": 404, "message": "..."}}`."""
    return exact(record({name: record({"code": {"const": code}, "message": NAME})}))


# Server groups

SERVER_GROUP = record(
    {"id": NAME, "name": NAME, "policies": several(NAME), "members": several(NAME), "metadata": METADATA}
)
SERVER_GROUP_BODY = record({"server_group": SERVER_GROUP})
SERVER_GROUPS_BODY = record({"server_groups": several(SERVER_GROUP)})
