"""Images: making them, reading lists of them to the end, and what the API reference says about their documents."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from defcore.errors import CannotTell, Prerequisite
from defcore.suite.support.answer import Answer
from defcore.suite.support.api import Api
from defcore.suite.support.resources import Resources
from defcore.suite.support.wait import wait_for

IMAGES = "/v2/images"
PATCH_TYPE = "application/openstack-images-v2.1-json-patch"
DATA_TYPE = "application/octet-stream"
ON_THE_WAY = ("queued", "saving", "uploading", "importing")
MOST_PAGES = 400

UUID = r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"

IMAGE: dict[str, Any] = {
    "type": "object",
    "required": [
        "id",
        "name",
        "status",
        "visibility",
        "size",
        "checksum",
        "container_format",
        "disk_format",
        "min_disk",
        "min_ram",
        "owner",
        "protected",
        "tags",
        "created_at",
        "updated_at",
        "self",
        "file",
        "schema",
    ],
    "properties": {
        "id": {"type": "string", "pattern": UUID},
        "name": {"type": ["string", "null"]},
        "status": {"type": "string", "minLength": 1},
        "visibility": {"enum": ["public", "community", "shared", "private"]},
        "size": {"type": ["integer", "null"]},
        "virtual_size": {"type": ["integer", "null"]},
        "checksum": {"type": ["string", "null"]},
        "os_hash_algo": {"type": ["string", "null"]},
        "os_hash_value": {"type": ["string", "null"]},
        "os_hidden": {"type": "boolean"},
        "container_format": {"type": ["string", "null"]},
        "disk_format": {"type": ["string", "null"]},
        "min_disk": {"type": "integer"},
        "min_ram": {"type": "integer"},
        "owner": {"type": ["string", "null"]},
        "protected": {"type": "boolean"},
        "tags": {"type": "array", "items": {"type": "string"}},
        "created_at": {"type": "string", "minLength": 1},
        "updated_at": {"type": "string", "minLength": 1},
        "self": {"type": "string", "minLength": 1},
        "file": {"type": "string", "minLength": 1},
        "schema": {"type": "string", "minLength": 1},
        "locations": {"type": "array"},
    },
    "additionalProperties": True,  # images carry properties of the owner's and the operator's own
}
"""The base properties that every image has since 2.0; those of later versions only by type."""

IMAGE_LIST = {
    "type": "object",
    "required": ["images", "first", "schema"],
    "properties": {
        "images": {"type": "array", "items": IMAGE},
        "first": {"type": "string", "minLength": 1},
        "next": {"type": "string", "minLength": 1},
        "schema": {"type": "string", "minLength": 1},
    },
}

SCHEMA = {
    "type": "object",
    "required": ["name", "properties"],
    "properties": {"name": {"type": "string"}, "properties": {"type": "object"}},
    "additionalProperties": True,
}

VERSIONS = {
    "type": "object",
    "required": ["versions"],
    "properties": {
        "versions": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["id", "status", "links"],
                "properties": {
                    "id": {"type": "string", "pattern": r"^v\d+\.\d+$"},
                    "status": {"enum": ["CURRENT", "SUPPORTED", "DEPRECATED", "EXPERIMENTAL"]},
                    "links": {
                        "type": "array",
                        "minItems": 1,
                        "items": {
                            "type": "object",
                            "required": ["href", "rel"],
                            "properties": {"href": {"type": "string"}, "rel": {"type": "string"}},
                        },
                    },
                },
            },
        }
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Formats:
    """What the cloud accepts, by its own published schema."""

    container: tuple[str, ...]
    disk: tuple[str, ...]

    @property
    def fillable(self) -> str:
        """A disk format for which `content` has valid data. Raises Prerequisite."""
        for known in ("raw", "qcow2"):
            if known in self.disk:
                return known
        raise Prerequisite(f"the cloud takes neither raw nor qcow2 images, but {', '.join(self.disk)}")

    def other(self, kind: str, than: str) -> str:
        """A format beside the one given. Raises Prerequisite if the cloud accepts only that one."""
        for found in getattr(self, kind):
            if found != than:
                return str(found)
        raise Prerequisite(f"the cloud accepts no {kind} format but {than}")


def formats_of(image: Api) -> Formats:
    """The formats that the cloud accepts. Raises CannotTell if it does not tell."""
    properties = image.get("/v2/schemas/image").setup(200).json.get("properties", {})
    found = []
    for name in ("container_format", "disk_format"):
        values = properties.get(name, {}).get("enum") or []
        found.append(tuple(str(one) for one in values if one))
    if "bare" not in found[0] or not found[1]:
        raise CannotTell(f"set-up: the published schema names no usable formats: {found}")
    return Formats(container=found[0], disk=found[1])


def content(size: int, mark: str, disk_format: str = "raw") -> bytes:
    """Data of that size that no other mark has, and that a look at its first bytes takes for the format."""
    if disk_format == "qcow2":
        # Version 3: clusters of 64 KiB, 1 MiB of disk; neither backing file, encryption, snapshots nor features.
        head = struct.pack(">4sIQIIQIIQQIIQ", b"QFI\xfb", 3, 0, 0, 16, 1 << 20, 0, 1, 0x30000, 0x10000, 1, 0, 0)
        head += struct.pack(">QQQII", 0, 0, 0, 4, 104) + bytes(512 - 104)
    else:
        head = b""
    body = b"".join(hashlib.sha256(f"{mark} {n}".encode()).hexdigest().encode() for n in range(size // 64 + 1))
    return (head + body)[:size]


def register(image: Api, resources: Resources, purpose: str, **properties: Any) -> Answer:
    """Ask for a new image, bare and of a format that can be filled; the answer is not asserted on."""
    name = properties.pop("name", None) or resources.name(purpose)
    body = {"name": name, "container_format": "bare", "visibility": "private"} | properties
    if "disk_format" not in body:
        body["disk_format"] = formats_of(image).fillable
    sent = {key: value for key, value in body.items() if value is not None}
    return resources.create(image, "image", IMAGES, json=sent, name=name)


def queued(image: Api, resources: Resources, purpose: str, **properties: Any) -> dict[str, Any]:
    """A new image without data. Properties given as None are left out of the request."""
    return dict(register(image, resources, purpose, **properties).setup(201).json)


def upload(image: Api, id: str, data: bytes) -> Answer:
    return image.put(f"{IMAGES}/{id}/file", data=data, headers={"Content-Type": DATA_TYPE})


def active(image: Api, resources: Resources, purpose: str, size: int = 1024, **properties: Any) -> dict[str, Any]:
    """A new image with data, ready for use."""
    made = queued(image, resources, purpose, **properties)
    upload(image, made["id"], content(size, made["name"], made["disk_format"])).setup(204)
    return settled(image, made["id"])


def settled(image: Api, id: str, *, promised: bool = False) -> dict[str, Any]:
    """The image as shown, once it is no longer on its way to active."""

    def probe() -> Answer:
        answer = image.get(f"{IMAGES}/{id}")
        return answer.expect(200) if promised else answer.setup(200)

    answer = wait_for(
        probe,
        lambda seen: seen.json.get("status") not in ON_THE_WAY,
        because=f"image {id} leaves the states of an upload",
        timeout=60,
        promised=promised,
        show=lambda seen: seen.json.get("status"),
    )
    if answer.json.get("status") != "active" and not promised:
        raise CannotTell(f"set-up: {answer.where}: the image became {answer.json.get('status')}, not active")
    return dict(answer.json)


def pages(image: Api, params: Mapping[str, Any] | list[tuple[str, Any]] | None = None) -> Iterator[Answer]:
    """A list of images page by page, following `next`; each page is checked. Raises PromiseBroken, CannotTell."""
    answer = image.get(IMAGES, params=params)
    for _ in range(MOST_PAGES):
        yield answer.expect(200).check(IMAGE_LIST)
        link = answer.json.get("next")
        if link is None:
            return
        answer = image.get(in_service(link))
    raise CannotTell(f"the list of images has no end after {MOST_PAGES} pages")


def in_service(link: str) -> str:
    """The path, below the service's endpoint, of a link such as `next`.

    Links of images are paths that start with `/v2`; a deployment below a prefix need not repeat the prefix.
    """
    return link[link.index("/v2/") :] if "/v2/" in link else link


def listed(image: Api, params: Mapping[str, Any] | list[tuple[str, Any]] | None = None) -> dict[str, dict[str, Any]]:
    """All images of a list, by id."""
    return {one["id"]: one for page in pages(image, params) for one in page.json["images"]}


def change(image: Api, id: str, *operations: Mapping[str, Any]) -> Answer:
    """Ask for changes of an image by JSON patch; the answer is not asserted on."""
    return image.patch(f"{IMAGES}/{id}", json=operations, headers={"Content-Type": PATCH_TYPE})
