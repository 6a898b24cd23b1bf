"""What a volume does not let happen to it, and how it grows."""

from __future__ import annotations

from functools import partial

import pytest

from defcore.suite.support import Api, Resources, shortened, wait_for
from defcore.suite.support.block_storage import (
    METADATA,
    METADATA_ITEM,
    SHOWN_SNAPSHOT,
    SHOWN_VOLUME,
    UNKNOWN_ID,
    VOLUMES_BRIEF,
    VOLUMES_DETAIL,
    Volumes,
    settled,
)


@pytest.mark.uuid("86524393-716a-43a8-b22e-135fd093920d")
@pytest.mark.reference("https://docs.openstack.org/api-ref/block-storage/v3/#delete-a-volume")
def test_volume_with_snapshot_is_not_deleted(block_storage: Api, volumes: Volumes, resources: Resources) -> None:
    """A volume that has a snapshot is not deleted: 400, and both stay; unless the snapshots are to go with it."""
    volume = volumes.create()
    snapshot = volumes.snapshot(volume["id"])
    block_storage.delete(f"/volumes/{volume['id']}").expect(400, because="it has a snapshot")
    shapes = {"volume": (volume["id"], SHOWN_VOLUME), "snapshot": (snapshot["id"], SHOWN_SNAPSHOT)}
    for kind, (id, schema) in shapes.items():
        shown = block_storage.get(f"/{kind}s/{id}").expect(200, because="it was not deleted").check(schema)
        assert shown.json[kind]["status"] == "available", f"{shown.where}: seen {shown.json[kind]['status']}"
    block_storage.delete(f"/volumes/{volume['id']}", params={"cascade": "true"}).expect(202)
    for kind, id in (("snapshot", snapshot["id"]), ("volume", volume["id"])):
        wait_for(
            partial(block_storage.get, f"/{kind}s/{id}"),
            lambda seen: seen.status == 404,
            because=f"{kind} {id} is gone, for the volume was deleted with its snapshots",
            timeout=120,
            show=lambda seen: f"{seen.status} {shortened(seen.text, 200)}",
        )
        resources.forget(kind, id)


@pytest.mark.uuid("ca7deed4-6cc1-4e60-aa41-03007997a5e9")
@pytest.mark.reference("https://docs.openstack.org/api-ref/block-storage/v3/#extend-a-volume-size")
def test_volume_is_extended(block_storage: Api, volumes: Volumes) -> None:
    """A volume grows to the size asked for, and neither to the size that it has nor to a smaller one: 400."""
    id = volumes.create(grows_to=2)["id"]
    path = f"/volumes/{id}/action"
    block_storage.post(path, json={"os-extend": {"new_size": 2}}).expect(202)
    seen = settled(block_storage, "volume", id, promised=True)["size"]
    assert seen == 2, f"volume {id}: extended to 2, seen {seen}"
    for size in (2, 1):
        block_storage.post(path, json={"os-extend": {"new_size": size}}).expect(400, because="it has 2 already")


@pytest.mark.uuid("6ca12252-a72f-4d46-a669-2815014eaed0")
@pytest.mark.reference("https://docs.openstack.org/api-ref/block-storage/v3/#list-accessible-volumes")
def test_marker_and_senseless_questions(block_storage: Api, volumes: Volumes, resources: Resources) -> None:
    """A list begins after its marker; an unknown marker is not found, and a limit or an order that is none is
    refused with 400."""
    common = resources.name("same")
    made = {volumes.create(name=common)["id"] for _ in range(2)}
    for path, schema in (("/volumes", VOLUMES_BRIEF), ("/volumes/detail", VOLUMES_DETAIL)):
        ordered = {"name": common, "sort": "id:asc"}
        answer = block_storage.get(path, params=ordered).expect(200).check(schema)
        whole = [one["id"] for one in answer.json["volumes"]]
        assert whole == sorted(made), f"{answer.where}: expected {sorted(made)}, seen {whole}"
        after = block_storage.get(path, params=ordered | {"marker": whole[0]}).expect(200).check(schema)
        seen = [one["id"] for one in after.json["volumes"]]
        assert seen == whole[1:], f"{after.where}: expected {whole[1:]}, seen {seen}"
        block_storage.get(path, params={"marker": UNKNOWN_ID}).expect(404, because="there is no such volume")
        for params in ({"limit": "-1"}, {"limit": "many"}, {"sort_key": "no-such"}, {"sort": "id:sideways"}):
            block_storage.get(path, params=params).expect(400, because=f"of {params}")


@pytest.mark.uuid("6b339797-218b-4d07-b76a-37679ae670c1")
@pytest.mark.reference("https://docs.openstack.org/api-ref/block-storage/v3/#list-accessible-volumes")
def test_filters_combine(block_storage: Api, volumes: Volumes, resources: Resources) -> None:
    """A volume must meet all filters of a request to be listed."""
    common = resources.name("same")
    wanted, other = (volumes.create(name=common) for _ in range(2))
    flag = {"os-set_bootable": {"bootable": True}}
    block_storage.post(f"/volumes/{wanted['id']}/action", json=flag).setup(200)
    for path, schema in (("/volumes", VOLUMES_BRIEF), ("/volumes/detail", VOLUMES_DETAIL)):
        for bootable, expected in (("true", wanted), ("false", other)):
            answer = block_storage.get(path, params={"name": common, "bootable": bootable}).expect(200).check(schema)
            seen = [one["id"] for one in answer.json["volumes"]]
            assert seen == [expected["id"]], f"{answer.where}: expected {expected['id']}, seen {seen}"


@pytest.mark.uuid("8b46bce9-1271-4038-b589-f866ad600872")
@pytest.mark.reference("https://docs.openstack.org/api-ref/block-storage/v3/#create-metadata-for-volume")
def test_metadata_has_limits(block_storage: Api, volumes: Volumes) -> None:
    """Metadata is refused if a key or value has more than 255 characters, a key is empty or a value is no string,
    and nothing changes; a value of letters outside ASCII comes back as it was set."""
    path = f"/volumes/{volumes.create(metadata={'key': 'value'})['id']}/metadata"
    before = block_storage.get(path).expect(200).check(METADATA).json["metadata"]  # a driver may add its own
    for wrong in ({"k" * 256: "v"}, {"": "v"}, {"k": 1}):
        block_storage.post(path, json={"metadata": wrong}).expect(400, because=f"metadata {str(wrong)[:40]}")
    block_storage.post(path, json={"metadata": {"k": "v" * 256}}).expect(400, 413, because="the value is too long")
    answer = block_storage.get(path).expect(200).check(METADATA)
    assert answer.json["metadata"] == before | {"key": "value"}, (
        f"{answer.where}: refused metadata changed it: {answer.text}"
    )
    value = "Grüße 日本語 " + "v" * 240
    block_storage.post(path, json={"metadata": {"key": value}}).expect(200)
    answer = block_storage.get(f"{path}/key").expect(200).check(METADATA_ITEM)
    assert answer.json["meta"] == {"key": value}, f"{answer.where}: expected {value!r}, seen {answer.text}"
