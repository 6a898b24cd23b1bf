"""Snapshots: life, metadata, lists."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from defcore.suite.support import Api, Resources, shortened
from defcore.suite.support.block_storage import (
    CHANGED_SNAPSHOT,
    METADATA,
    METADATA_ITEM,
    SHOWN_SNAPSHOT,
    SNAPSHOTS,
    SNAPSHOTS_IN_DETAIL,
    UNKNOWN_ID,
    Volumes,
    expect_gone,
    settled,
)

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-ref/block-storage/v3/#volume-snapshots-snapshots")

FIRST = {"key1": "value1", "key2": "value2", "key3": "value3"}


def shown(api: Api, id: str) -> dict[str, Any]:
    snapshot: dict[str, Any] = api.get(f"/snapshots/{id}").expect(200).check(SHOWN_SNAPSHOT).json["snapshot"]
    return snapshot


@pytest.mark.uuid("0e480c73-0a59-4879-86d7-bd3b8c7c148e")
@pytest.mark.covers("2a8abbe4-d871-46db-b049-c41f5af8216e")
def test_snapshot_lifecycle(block_storage: Api, volumes: Volumes, resources: Resources):
    """A snapshot becomes available as asked for, can be renamed, and is gone after its deletion."""
    volume = volumes.create()
    name, metadata = resources.name("snapshot"), {"purpose": "lifecycle"}
    body = {"snapshot": {"volume_id": volume["id"], "name": name, "metadata": metadata}}
    answer = resources.create(block_storage, "snapshot", "/snapshots", json=body, name=name).expect(202)
    id = answer.check(CHANGED_SNAPSHOT).json["snapshot"]["id"]
    settled(block_storage, "snapshot", id, promised=True)
    seen = shown(block_storage, id)
    assert (seen["name"], seen["volume_id"], seen["size"]) == (name, volume["id"], volume["size"]), f"shown: {seen}"
    assert metadata.items() <= seen["metadata"].items(), f"metadata {seen['metadata']}, asked for {metadata}"
    answer = block_storage.get("/snapshots", params={"name": name}).expect(200).check(SNAPSHOTS)
    listed = answer.json["snapshots"]
    assert (id, name) in [(one["id"], one["name"]) for one in listed], f"{id} is not listed: {listed}"

    changes = {"name": resources.name("renamed"), "description": "another description"}
    answer = block_storage.put(f"/snapshots/{id}", json={"snapshot": changes}).expect(200).check(CHANGED_SNAPSHOT)
    for seen in (answer.json["snapshot"], shown(block_storage, id)):
        for key, value in changes.items():
            assert seen[key] == value, f"{answer.where}: {key} is {seen[key]!r}, not {value!r}"

    block_storage.delete(f"/snapshots/{id}").expect(202)
    expect_gone(block_storage, "snapshot", id)
    resources.forget("snapshot", id)


@pytest.mark.uuid("c2e3e40b-4ea6-46ac-8ec1-828117eb6539")
@pytest.mark.covers("a2f20f99-e363-4584-be97-bc33afb1a56c", "bd2363bc-de92-48a4-bc98-28943c6e4be1")
def test_snapshot_metadata_is_added_replaced_and_deleted(block_storage: Api, volumes: Volumes):
    """POST adds pairs of a snapshot's metadata and keeps others, PUT replaces all of them, DELETE takes one away."""
    path = f"/snapshots/{volumes.snapshot(volumes.create()['id'])['id']}/metadata"
    answer = block_storage.post(path, json={"metadata": FIRST}).expect(200).check(METADATA)
    assert FIRST.items() <= answer.json["metadata"].items(), f"{answer.where}: {answer.text}"
    seen = block_storage.get(path).expect(200).check(METADATA).json["metadata"]
    assert FIRST.items() <= seen.items(), f"metadata {seen}, added {FIRST}"
    more = {"key1": "changed", "key5": "value5"}
    block_storage.post(path, json={"metadata": more}).expect(200)
    seen = block_storage.get(path).expect(200).check(METADATA).json["metadata"]
    assert (FIRST | more).items() <= seen.items(), f"metadata {seen}, added {FIRST} and then {more}"

    second = {"key3": "value3 updated", "key4": "value4"}
    answer = block_storage.put(path, json={"metadata": second}).expect(200).check(METADATA)
    assert answer.json["metadata"] == second, f"{answer.where}: {answer.text}"
    assert block_storage.get(path).expect(200).check(METADATA).json["metadata"] == second, (
        "PUT does not replace all metadata"
    )

    block_storage.delete(f"{path}/key3").expect(200)
    left = block_storage.get(path).expect(200).check(METADATA).json["metadata"]
    assert left == {"key4": "value4"}, f"after DELETE of key3: {left}"


@pytest.mark.uuid("300fe8ad-0150-4900-ad3c-3401ed931118")
@pytest.mark.covers("e8ff85c5-8f97-477f-806a-3ac364a949ed")
def test_snapshot_metadata_item_is_updated(block_storage: Api, volumes: Volumes):
    """One pair of a snapshot's metadata can be set by its key, and the others stay as they are."""
    path = f"/snapshots/{volumes.snapshot(volumes.create()['id'])['id']}/metadata"
    block_storage.post(path, json={"metadata": FIRST}).expect(200)
    item = {"key3": "value3 updated"}
    answer = block_storage.put(f"{path}/key3", json={"meta": item}).expect(200).check(METADATA_ITEM)
    assert answer.json["meta"] == item, f"{answer.where}: {answer.text}"
    answer = block_storage.get(f"{path}/key3").expect(200).check(METADATA_ITEM)
    assert answer.json["meta"] == item, f"{answer.where}: {answer.text}"
    seen = block_storage.get(path).expect(200).check(METADATA).json["metadata"]
    assert (FIRST | item).items() <= seen.items(), f"metadata {seen}"


def filtered(api: Api, volumes: Volumes, path: str, schema: Mapping[str, Any]) -> None:
    """The list under name, status and both holds the snapshot that was meant, and nothing else of ours."""
    volume = volumes.create()
    made = [volumes.snapshot(volume["id"]) for _ in range(2)]
    wanted, other = made
    for query in (
        {"name": wanted["name"]},
        {"name": wanted["name"], "status": "available"},
    ):
        answer = api.get(path, params=query).expect(200).check(schema)
        assert [one["id"] for one in answer.json["snapshots"]] == [wanted["id"]], (
            f"{answer.where}: {shortened(answer.text, 500)}"
        )
        assert answer.json["snapshots"][0]["name"] == wanted["name"]
    answer = api.get(path, params={"status": "available", "limit": 1000}).expect(200).check(schema)
    found = {one["id"]: one["status"] for one in answer.json["snapshots"]}
    assert set(found.values()) == {"available"}, f"{answer.where}: statuses {set(found.values())}"
    assert {wanted["id"], other["id"]} <= set(found), f"{answer.where}: {wanted['id']} or {other['id']} is missing"
    answer = api.get(path, params={"status": "error", "limit": 1000}).expect(200).check(schema)
    leaked = {one["id"] for one in answer.json["snapshots"]} & {wanted["id"], other["id"]}
    assert not leaked, f"{answer.where}: available snapshots {leaked}"


@pytest.mark.uuid("5c878905-8a2c-485c-9886-33dd609575ef")
@pytest.mark.covers("59f41f43-aebf-48a9-ab5d-d76340fab32b")
def test_snapshot_list_filtered(block_storage: Api, volumes: Volumes):
    """The brief list of snapshots filtered by name, by status or by both holds those that match and no other."""
    filtered(block_storage, volumes, "/snapshots", SNAPSHOTS)


@pytest.mark.uuid("853e0529-57ca-4207-95b4-15ed2342c631")
@pytest.mark.covers("220a1022-1fcd-4a74-a7bd-6b859156cda2")
def test_snapshot_detail_filtered(block_storage: Api, volumes: Volumes):
    """The detailed list of snapshots filtered by name, by status or by both holds those that match and no other."""
    filtered(block_storage, volumes, "/snapshots/detail", SNAPSHOTS_IN_DETAIL)


def refused(api: Api, resources: Resources, volume_id: str | None) -> None:
    name = resources.name("snapshot")
    body = {"snapshot": {"volume_id": volume_id, "name": name}}
    resources.create(api, "snapshot", "/snapshots", json=body, name=name).expect(
        404, because=f"there is no volume {volume_id}"
    )


@pytest.mark.uuid("bbab7216-d123-4748-bd20-9eee29fa29a9")
@pytest.mark.covers("e3e466af-70ab-4f4b-a967-ab04e3532ea7")
def test_snapshot_of_unknown_volume_is_refused(block_storage: Api, resources: Resources):
    """A snapshot of a volume that does not exist is answered with 404."""
    refused(block_storage, resources, UNKNOWN_ID)


@pytest.mark.uuid("0059e9c2-89d8-4546-b942-4ee086d93d72")
@pytest.mark.covers("bb9da53e-d335-4309-9c15-7e76fd5e4d6d")
def test_snapshot_of_no_volume_is_refused(block_storage: Api, resources: Resources):
    """A snapshot whose volume_id is null is answered with 404."""
    refused(block_storage, resources, None)
