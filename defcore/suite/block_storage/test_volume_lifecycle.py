"""Volumes from birth to removal: empty, from an image, as a clone, from a snapshot."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from defcore.suite.support import Api, Resources
from defcore.suite.support.block_storage import (
    CREATED_VOLUME,
    SHOWN_VOLUME,
    UNKNOWN_ID,
    Volumes,
    expect_gone,
    settled,
)

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-ref/block-storage/v3/#create-a-volume")

ODD_DESCRIPTION = "@#$%^* \"quoted\" 'and' <tagged> & ünïcode"


def created(volumes: Volumes, resources: Resources, **attributes: Any) -> dict[str, Any]:
    """Create a volume under assertion; the volume when it is available."""
    body = volumes.body(**attributes)
    answer = resources.create(volumes.api, "volume", "/volumes", json=body, name=body["volume"]["name"]).expect(202)
    made = answer.check(CREATED_VOLUME).json["volume"]
    assert made["name"] == body["volume"]["name"], f"{answer.where}: name {made['name']!r}, asked for {body}"
    settled(volumes.api, "volume", made["id"], promised=True)
    shown: dict[str, Any] = shown_volume(volumes.api, made["id"])
    assert shown["id"] == made["id"]
    assert shown["name"] == body["volume"]["name"], f"shown name {shown['name']!r}, asked for {body}"
    assert shown["size"] == body["volume"]["size"], f"shown size {shown['size']}, asked for {body}"
    wanted = body["volume"].get("metadata", {})
    assert wanted.items() <= shown["metadata"].items(), f"metadata {shown['metadata']}, asked for {wanted}"
    return shown


def shown_volume(api: Api, id: str) -> dict[str, Any]:
    volume: dict[str, Any] = api.get(f"/volumes/{id}").expect(200).check(SHOWN_VOLUME).json["volume"]
    assert volume["id"] == id
    return volume


def updated(api: Api, id: str, **changes: str) -> dict[str, Any]:
    """Update name or description under assertion; the volume as shown afterwards."""
    answer = api.put(f"/volumes/{id}", json={"volume": changes}).expect(200).check(SHOWN_VOLUME)
    for seen in (answer.json["volume"], shown := shown_volume(api, id)):
        assert {key: seen[key] for key in changes} == changes, f"{answer.where}: asked for {changes}, seen {seen}"
    return shown


def deleted(volumes: Volumes, resources: Resources, id: str) -> None:
    """Delete under assertion: 202, and not found in the end."""
    volumes.api.delete(f"/volumes/{id}").expect(202)
    expect_gone(volumes.api, "volume", id)
    resources.forget("volume", id)


def lifecycle(volumes: Volumes, resources: Resources, *, bootable: str, **attributes: Any) -> None:
    """Create, show, update, delete a volume; and again with a description of odd characters."""
    metadata = {"Type": "Test"}
    volume = created(volumes, resources, metadata=metadata, **attributes)
    assert volume["bootable"] == bootable, f"bootable {volume['bootable']!r}, not {bootable!r}"
    if "imageRef" in attributes:
        assert volume.get("volume_image_metadata"), f"volume {volume['id']} does not name the image it was made from"
    updated(volumes.api, volume["id"], name=volume["name"])
    renamed = {"name": resources.name("renamed"), "description": "another description"}
    shown = updated(volumes.api, volume["id"], **renamed)
    assert metadata.items() <= shown["metadata"].items(), f"the update lost metadata: {shown['metadata']}"
    assert shown["bootable"] == bootable, f"the update made bootable {shown['bootable']!r}"

    odd = volumes.body(description=ODD_DESCRIPTION, availability_zone=volume["availability_zone"])
    answer = resources.create(volumes.api, "volume", "/volumes", json=odd, name=odd["volume"]["name"]).expect(202)
    second = answer.check(CREATED_VOLUME).json["volume"]
    settled(volumes.api, "volume", second["id"], promised=True)
    assert shown_volume(volumes.api, second["id"])["description"] == ODD_DESCRIPTION
    updated(volumes.api, second["id"], name=resources.name("odd"), description=ODD_DESCRIPTION + "!")
    for id in (second["id"], volume["id"]):
        deleted(volumes, resources, id)


@pytest.mark.uuid("ea8dc197-7504-4745-a113-46aff182c48c")
@pytest.mark.covers("27fb0e9f-fb64-41dd-8bdb-1ffa762f0d51")
def test_volume_lifecycle(volumes: Volumes, resources: Resources):
    """An empty volume becomes available as asked for, is not bootable, can be renamed, and is gone after deletion."""
    lifecycle(volumes, resources, bootable="false")


def room_for(source: Mapping[str, Any]) -> int:
    """GiB of a volume that takes the image, whose data may be packed: a qcow2 is much smaller than its disk."""
    most = max(int(source.get(name) or 0) for name in ("size", "virtual_size"))
    return max(1, int(source.get("min_disk") or 0), -(-most >> 30))


@pytest.mark.uuid("536ca148-d05a-4b42-a89f-f9dade217693")
@pytest.mark.covers("54a01030-c7fc-447c-86ee-c1182beae638")
@pytest.mark.needs("image")
def test_volume_from_image(volumes: Volumes, resources: Resources, image: Api, settings: Mapping[str, str]):
    """A volume made from an image is bootable and stays so, names the image, and has the life of any volume."""
    source = image.get(f"/v2/images/{settings['image']}").setup(200).json
    lifecycle(volumes, resources, bootable="true", imageRef=source["id"], size=room_for(source))


@pytest.mark.uuid("d1879904-8dba-41fb-8526-3c19b26357d3")
@pytest.mark.needs("image")
def test_volume_from_image_says_which(volumes: Volumes, resources: Resources, image: Api, settings: Mapping[str, str]):
    """A volume made from an image carries the image's id and name in volume_image_metadata."""
    source = image.get(f"/v2/images/{settings['image']}").setup(200).json
    made = created(volumes, resources, imageRef=source["id"], size=room_for(source))
    origin = made.get("volume_image_metadata", {})
    assert origin.get("image_id") == source["id"], f"volume_image_metadata {origin}"
    assert origin.get("image_name") == source["name"], f"volume_image_metadata {origin}"


@pytest.mark.uuid("331352f2-6051-47ed-a5f2-e4e215345db5")
@pytest.mark.covers("3f591b4a-7dc6-444c-bd51-77469506b3a1")
def test_volume_clone(volumes: Volumes, resources: Resources):
    """A volume made from another has its size, names it as source_volid, and has the life of any volume."""
    source = volumes.create()
    clone = created(volumes, resources, source_volid=source["id"])
    assert clone["source_volid"] == source["id"], f"source_volid {clone['source_volid']!r}, not {source['id']!r}"
    lifecycle(volumes, resources, bootable="false", source_volid=source["id"])


@pytest.mark.uuid("63d7f213-8990-4d04-8900-3c06fc56f8ad")
@pytest.mark.covers("677863d1-3142-456d-b6ac-9924f667a7f4")
def test_volume_from_snapshot(volumes: Volumes, resources: Resources):
    """A volume made from a snapshot names it as snapshot_id, and may be larger than it."""
    snapshot = volumes.snapshot(volumes.create()["id"])
    volume = created(volumes, resources, snapshot_id=snapshot["id"], size=snapshot["size"] + 1)
    assert volume["snapshot_id"] == snapshot["id"], f"snapshot_id {volume['snapshot_id']!r}, not {snapshot['id']!r}"


def refused(volumes: Volumes, resources: Resources, status: int, **attributes: Any) -> None:
    body = volumes.body(**attributes)
    resources.create(volumes.api, "volume", "/volumes", json=body, name=body["volume"]["name"]).expect(
        status, because=f"a volume cannot be made with {attributes}"
    )


@pytest.mark.uuid("8137404a-b1c3-4a2c-b22d-a32c218a6c14")
@pytest.mark.covers("1ed83a8a-682d-4dfb-a30e-ee63ffd6c049")
def test_create_rejects_size_of_letters(volumes: Volumes, resources: Resources):
    """A volume whose size is no number is refused with 400."""
    refused(volumes, resources, 400, size="#$%")


@pytest.mark.uuid("a61519e9-e23c-4332-96d1-fb44046baad3")
@pytest.mark.covers("9387686f-334f-4d31-a439-33494b9e2683")
def test_create_rejects_empty_size(volumes: Volumes, resources: Resources):
    """A volume with an empty size is refused with 400."""
    refused(volumes, resources, 400, size="")


@pytest.mark.uuid("d5be314b-17e7-44aa-81e7-df71e6253b2f")
@pytest.mark.covers("41331caa-eaf4-4001-869d-bc18c1869360")
def test_create_rejects_size_zero(volumes: Volumes, resources: Resources):
    """A volume of size zero is refused with 400."""
    refused(volumes, resources, 400, size="0")


@pytest.mark.uuid("19b78e28-625d-4368-9f61-e6590684bf2b")
@pytest.mark.covers("8b472729-9eba-446e-a83b-916bdb34bef7")
def test_create_rejects_negative_size(volumes: Volumes, resources: Resources):
    """A volume of negative size is refused with 400."""
    refused(volumes, resources, 400, size="-1")


@pytest.mark.uuid("d03d72b6-2f2d-4762-978d-0ff94b9debcd")
@pytest.mark.covers("47c73e08-4be8-45bb-bfdf-0c4e79b88344")
def test_create_rejects_unknown_source_volume(volumes: Volumes, resources: Resources):
    """A volume made from a volume that does not exist is answered with 404."""
    refused(volumes, resources, 404, source_volid=UNKNOWN_ID)


@pytest.mark.uuid("6aa77737-b537-4945-a7a3-9c7d1afdba03")
@pytest.mark.covers("10254ed8-3849-454e-862e-3ab8e6aa01d2")
def test_create_rejects_unknown_volume_type(volumes: Volumes, resources: Resources):
    """A volume of a volume type that does not exist is answered with 404."""
    refused(volumes, resources, 404, volume_type=UNKNOWN_ID)


@pytest.mark.uuid("179cde0d-9e9c-4357-a563-34fb8e2e71e1")
@pytest.mark.covers("0c36f6ae-4604-4017-b0a9-34fdc63096f9")
def test_create_rejects_unknown_snapshot(volumes: Volumes, resources: Resources):
    """A volume made from a snapshot that does not exist is answered with 404."""
    refused(volumes, resources, 404, snapshot_id=UNKNOWN_ID)
