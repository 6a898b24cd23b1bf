"""Actions on volumes: bootable, read-only, upload to an image."""

from __future__ import annotations

from typing import Any

import pytest

from defcore.suite.support import Api, PromiseBroken, Resources, wait_for
from defcore.suite.support.block_storage import SHOWN_VOLUME, STRING, Volumes, settled
from defcore.suite.support.image import IMAGE

UPLOADED = {
    "type": "object",
    "properties": {
        "os-volume_upload_image": {
            "type": "object",
            "properties": {
                "image_id": {"type": "string", "format": "uuid"},
                "image_name": STRING,
                "disk_format": STRING,
                "container_format": STRING,
                "id": STRING,
                "size": {"type": "integer"},
                "status": STRING,
                "display_description": {"type": ["string", "null"]},
                "updated_at": {"type": ["string", "null"]},
                "volume_type": {"type": ["object", "string", "null"]},
                "visibility": STRING,
                "protected": {"type": "boolean"},
            },
            "required": ["image_id", "image_name", "disk_format", "container_format"],
        }
    },
    "required": ["os-volume_upload_image"],
}


def shown(api: Api, id: str) -> dict[str, Any]:
    volume: dict[str, Any] = api.get(f"/volumes/{id}").expect(200).check(SHOWN_VOLUME).json["volume"]
    return volume


@pytest.mark.uuid("0082534f-69d5-4e8a-a4a0-a2082fc34c9d")
@pytest.mark.covers("63e21b4c-0a0c-41f6-bfc3-7c2816815599")
@pytest.mark.reference("https://docs.openstack.org/api-ref/block-storage/v3/#update-a-volume-s-bootable-status")
def test_bootable_is_set_and_reset(block_storage: Api, volumes: Volumes):
    """A volume can be marked bootable and not bootable; `bootable` is shown as the string "true" or "false"."""
    id = volumes.create()["id"]
    for flag, word in ((True, "true"), (False, "false")):
        block_storage.post(f"/volumes/{id}/action", json={"os-set_bootable": {"bootable": flag}}).expect(200)
        seen = shown(block_storage, id)["bootable"]
        assert seen == word, f"bootable set to {flag} is shown as {seen!r}"


@pytest.mark.uuid("0f3d3aff-62ad-4096-a951-83155e1b16a7")
@pytest.mark.covers("fff74e1e-5bd3-4b33-9ea9-24c103bc3f59")
@pytest.mark.reference("https://docs.openstack.org/api-ref/block-storage/v3/#updates-volume-read-only-access-mode-flag")
def test_readonly_is_set_and_reset(block_storage: Api, volumes: Volumes):
    """A volume's read-only flag can be set and reset; its metadata show it as "True" or "False"."""
    id = volumes.create()["id"]
    for flag in (True, False):
        body = {"os-update_readonly_flag": {"readonly": flag}}
        block_storage.post(f"/volumes/{id}/action", json=body).expect(202)
        seen = shown(block_storage, id)["metadata"].get("readonly")
        assert seen == str(flag), f"readonly set to {flag} is shown as {seen!r}"


@pytest.mark.uuid("c3f9d24d-f40f-451f-b36b-96e1cc680b98")
@pytest.mark.covers("d8f1ca95-3d5b-44a3-b8ca-909691c9532d")
@pytest.mark.reference("https://docs.openstack.org/api-ref/block-storage/v3/#upload-volume-to-image")
def test_volume_is_uploaded_to_an_image(block_storage: Api, image: Api, volumes: Volumes, resources: Resources):
    """A volume can be uploaded to an image, which becomes active with the name and disk format asked for."""
    id = volumes.create()["id"]
    name = resources.name("upload")
    asked = {"image_name": name, "disk_format": "raw", "container_format": "bare", "force": False}
    made = resources.intend(image, "image", name=name)
    answer = block_storage.post(f"/volumes/{id}/action", json={"os-volume_upload_image": asked}).expect(202)
    upload = answer.check(UPLOADED).json["os-volume_upload_image"]
    made.known_as(upload["image_id"])
    wait_for(
        lambda: image.get(f"/v2/images/{upload['image_id']}").expect(200).check(IMAGE).json["status"],
        active,
        because=f"the image {upload['image_id']} made from a volume becomes active",
    )
    settled(block_storage, "volume", id, promised=True)
    seen = image.get(f"/v2/images/{upload['image_id']}").expect(200).check(IMAGE).json
    for key, value in (("name", name), ("disk_format", "raw"), ("container_format", "bare")):
        assert seen[key] == value, f"the image's {key} is {seen[key]!r}, not {value!r}"


def active(status: str) -> bool:
    if status in ("killed", "deleted", "pending_delete"):
        raise PromiseBroken(f"the image became {status}", expected="active", seen=status)
    return status == "active"
