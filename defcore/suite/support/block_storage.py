"""Volumes and snapshots: response schemas of the block storage API at microversion 3.0, and their set-up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from defcore.errors import CannotTell, PromiseBroken, shortened
from defcore.suite.support.answer import Answer
from defcore.suite.support.api import Api
from defcore.suite.support.resources import Resources
from defcore.suite.support.wait import wait_for

UNKNOWN_ID = "6d2f4f0e-6c0c-4d43-9a05-2f0b63a34a5c"
"""A well-formed id that no cloud gave to anything."""
PAGES = 500

STRING = {"type": "string"}
TEXT = {"type": ["string", "null"]}
ID = {"type": "string", "minLength": 1}
ID_OR_NULL = {"type": ["string", "null"]}
STRINGS = {"type": "object", "additionalProperties": STRING}
LINKS = {
    "type": "array",
    "items": {
        "type": "object",
        "properties": {"rel": STRING, "href": {"type": "string", "format": "uri"}},
        "required": ["rel", "href"],
    },
}
TIME = {"type": ["string", "null"], "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d"}
FLAG_WORD = {"enum": ["true", "false"]}
"""`bootable` is a string, not a boolean."""

ATTACHMENT = {
    "type": "object",
    "properties": {
        "id": ID,
        "attachment_id": ID,
        "volume_id": ID,
        "server_id": ID_OR_NULL,
        "host_name": TEXT,
        "device": TEXT,
        "attached_at": TIME,
    },
    "required": ["id", "attachment_id", "volume_id", "server_id", "host_name", "device"],
}
VOLUME_FIELDS: dict[str, Any] = {
    "id": ID,
    "name": TEXT,
    "description": TEXT,
    "size": {"type": "integer", "minimum": 0},
    "status": STRING,
    "availability_zone": TEXT,
    "bootable": FLAG_WORD,
    "encrypted": {"type": "boolean"},
    "multiattach": {"type": "boolean"},
    "metadata": STRINGS,
    "attachments": {"type": "array", "items": ATTACHMENT},
    "links": LINKS,
    "created_at": TIME,
    "updated_at": TIME,
    "snapshot_id": ID_OR_NULL,
    "source_volid": ID_OR_NULL,
    "user_id": STRING,
    "volume_type": TEXT,
    "replication_status": TEXT,
    "consistencygroup_id": ID_OR_NULL,
    "volume_image_metadata": {"type": "object", "additionalProperties": True},
    "migration_status": TEXT,
    "os-vol-tenant-attr:tenant_id": STRING,
    "os-vol-host-attr:host": TEXT,
    "os-vol-mig-status-attr:migstat": TEXT,
    "os-vol-mig-status-attr:name_id": ID_OR_NULL,
}
VOLUME_REQUIRED = [
    "id",
    "name",
    "description",
    "size",
    "status",
    "availability_zone",
    "bootable",
    "encrypted",
    "multiattach",
    "metadata",
    "attachments",
    "links",
    "created_at",
    "updated_at",
    "snapshot_id",
    "source_volid",
    "user_id",
    "volume_type",
    "replication_status",
    "consistencygroup_id",
]
"""As the official tests ask of every volume, made, changed, shown or listed in detail."""
VOLUME = {"type": "object", "properties": VOLUME_FIELDS, "required": VOLUME_REQUIRED}
SHOWN_VOLUME = {"type": "object", "properties": {"volume": VOLUME}, "required": ["volume"]}
CREATED_VOLUME = SHOWN_VOLUME
VOLUMES_DETAIL = {
    "type": "object",
    "properties": {"volumes": {"type": "array", "items": VOLUME}, "volumes_links": LINKS},
    "required": ["volumes"],
}
VOLUMES_BRIEF = {
    "type": "object",
    "properties": {
        "volumes": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"id": ID, "name": TEXT, "links": LINKS},
                "required": ["id", "name", "links"],
            },
        },
        "volumes_links": LINKS,
    },
    "required": ["volumes"],
}
SNAPSHOT: dict[str, Any] = {
    "type": "object",
    "properties": {
        "id": ID,
        "name": TEXT,
        "description": TEXT,
        "volume_id": ID,
        "status": STRING,
        "size": {"type": "integer", "minimum": 0},
        "metadata": STRINGS,
        "created_at": TIME,
        "updated_at": TIME,
        "os-extended-snapshot-attributes:progress": STRING,
        "os-extended-snapshot-attributes:project_id": STRING,
    },
    "required": [
        "id",
        "name",
        "description",
        "volume_id",
        "status",
        "size",
        "metadata",
        "created_at",
        "updated_at",
    ],
}
SNAPSHOT_IN_DETAIL = SNAPSHOT | {
    "required": [
        *SNAPSHOT["required"],
        "os-extended-snapshot-attributes:progress",
        "os-extended-snapshot-attributes:project_id",
    ]
}
CHANGED_SNAPSHOT = {"type": "object", "properties": {"snapshot": SNAPSHOT}, "required": ["snapshot"]}
"""What the making and the change of a snapshot answer."""
SHOWN_SNAPSHOT = {"type": "object", "properties": {"snapshot": SNAPSHOT_IN_DETAIL}, "required": ["snapshot"]}
SNAPSHOTS = {
    "type": "object",
    "properties": {"snapshots": {"type": "array", "items": SNAPSHOT}, "snapshots_links": LINKS},
    "required": ["snapshots"],
}
SNAPSHOTS_IN_DETAIL = {
    "type": "object",
    "properties": {"snapshots": {"type": "array", "items": SNAPSHOT_IN_DETAIL}, "snapshots_links": LINKS},
    "required": ["snapshots"],
}
TRANSFER = {
    "type": "object",
    "properties": {"id": ID, "name": TEXT, "volume_id": ID, "created_at": TIME, "links": LINKS},
    "required": ["id", "name", "volume_id", "links"],
}
TRANSFER_BODY = {"type": "object", "properties": {"transfer": TRANSFER}, "required": ["transfer"]}
TRANSFERS_BODY = {
    "type": "object",
    "properties": {"transfers": {"type": "array", "items": TRANSFER}},
    "required": ["transfers"],
}
METADATA = {"type": "object", "properties": {"metadata": STRINGS}, "required": ["metadata"]}
METADATA_ITEM = {"type": "object", "properties": {"meta": STRINGS}, "required": ["meta"]}


def settled(api: Api, kind: str, id: str, *, promised: bool, wanted: str = "available") -> dict[str, Any]:
    """The volume or snapshot once its status is `wanted`.

    A status of failure is PromiseBroken where the status is the promise under test, else CannotTell.
    """

    def probe() -> dict[str, Any]:
        answer = api.get(f"/{kind}s/{id}")
        shown: dict[str, Any] = (answer.expect(200) if promised else answer.setup(200)).json[kind]
        return shown

    shown = wait_for(
        probe,
        lambda seen: seen["status"] == wanted or seen["status"].startswith("error"),
        because=f"{kind} {id} becomes {wanted}",
        show=lambda seen: seen["status"],
    )
    if shown["status"] != wanted:
        message = f"{kind} {id} became {shown['status']}, not {wanted}"
        raise PromiseBroken(message, expected=wanted, seen=shown["status"]) if promised else CannotTell(message)
    return shown


def expect_gone(api: Api, kind: str, id: str) -> None:
    """The volume or snapshot whose deletion was accepted must come to be not found.

    One that is still being deleted, such as wiped, after all our patience is CannotTell.
    """
    answer = wait_for(
        lambda: api.get(f"/{kind}s/{id}"),
        lambda seen: seen.status != 200 or _state(seen, kind) == "error_deleting",
        because=f"{kind} {id} is gone after its deletion was accepted",
        promised=lambda seen: _state(seen, kind) != "deleting",
        show=lambda seen: f"{seen.status} {shortened(seen.text, 200)}",
    )
    answer.expect(404, because=f"the {kind} was deleted")


def _state(answer: Answer, kind: str) -> object:
    return answer.json[kind]["status"]


class Volumes:
    """Makes volumes and snapshots as set-up, and waits for them; the fixture `volumes`."""

    def __init__(self, api: Api, resources: Resources, settings: Mapping[str, str | None]) -> None:
        self.api = api
        self.resources = resources
        self.placing = {
            key: value for key in ("volume_type", "availability_zone") if (value := settings.get(key)) is not None
        }

    def body(self, **attributes: Any) -> dict[str, Any]:
        """The request body of a volume: 1 GiB, a name of its own, type and zone as set."""
        volume = {"size": 1, "name": self.resources.name("volume")} | attributes
        if not {"source_volid", "snapshot_id"} & set(volume):
            volume = self.placing | volume
        return {"volume": volume}

    def create(self, *, grows_to: int = 0, **attributes: Any) -> dict[str, Any]:
        """An available volume; `grows_to`: GiB that it will have later."""
        body = self.body(**attributes)
        name = body["volume"]["name"]
        answer = self.resources.create(self.api, "volume", "/volumes", json=body, name=name, grows_to=grows_to)
        return settled(self.api, "volume", answer.setup(202).json["volume"]["id"], promised=False)

    def snapshot(self, volume_id: str, **attributes: Any) -> dict[str, Any]:
        """An available snapshot of the volume."""
        body = {"snapshot": {"volume_id": volume_id, "name": self.resources.name("snapshot")} | attributes}
        answer = self.resources.create(self.api, "snapshot", "/snapshots", json=body, name=body["snapshot"]["name"])
        return settled(self.api, "snapshot", answer.setup(202).json["snapshot"]["id"], promised=False)


def pages(
    api: Api, path: str, params: Mapping[str, Any], schema: Mapping[str, Any], *, kind: str = "volume"
) -> Iterator[list[dict[str, Any]]]:
    """The pages of a list of volumes or snapshots, by its next links. Raises CannotTell for a list without end.

    Only the query of a next link is used: behind a proxy its host may be one that we cannot reach.
    """
    query = list(params.items())
    for _ in range(PAGES):
        answer = api.get(path, params=query)
        marker = dict(query).get("marker")
        if answer.status == 404 and marker and api.get(f"/{kind}s/{marker}").status == 404:
            raise CannotTell(f"{answer.where}: the {kind} {marker} was deleted by others while the list was read")
        body = answer.expect(200).check(schema).json
        yield body[f"{kind}s"]
        following = [link["href"] for link in body.get(f"{kind}s_links", []) if link["rel"] == "next"]
        if not following:
            return
        query = parse_qsl(urlsplit(following[0]).query, keep_blank_values=True)
    raise CannotTell(f"the list at {path} did not end after {PAGES} pages")


def every(
    api: Api, path: str, schema: Mapping[str, Any], *, kind: str = "volume", **params: Any
) -> list[dict[str, Any]]:
    """All volumes or snapshots that match, over all pages."""
    return [one for page in pages(api, path, params, schema, kind=kind) for one in page]
