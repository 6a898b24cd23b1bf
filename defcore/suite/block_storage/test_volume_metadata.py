"""Metadata of volumes."""

from __future__ import annotations

from typing import Any

import pytest

from defcore.suite.support import Api
from defcore.suite.support.block_storage import METADATA, METADATA_ITEM, Volumes

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-ref/block-storage/v3/#show-a-volume-s-metadata")

FIRST = {"key1": "value1", "key2": "value2", "key3": "value3", "key4": "<value&special_chars>"}


def shown(api: Api, path: str) -> dict[str, Any]:
    metadata: dict[str, Any] = api.get(path).expect(200).check(METADATA).json["metadata"]
    return metadata


@pytest.mark.uuid("2c9a7bde-72f3-4dc7-92d9-ec6c79475669")
@pytest.mark.covers("6f5b125b-f664-44bf-910f-751591fe5769")
def test_metadata_is_added_replaced_and_deleted(block_storage: Api, volumes: Volumes):
    """POST adds pairs of metadata unchanged and keeps the others, PUT replaces all of them, DELETE takes one away."""
    path = f"/volumes/{volumes.create()['id']}/metadata"
    answer = block_storage.post(path, json={"metadata": FIRST}).expect(200).check(METADATA)
    assert FIRST.items() <= answer.json["metadata"].items(), f"{answer.where}: {answer.text}"
    assert FIRST.items() <= shown(block_storage, path).items()
    more = {"key1": "changed", "key5": "value5"}
    block_storage.post(path, json={"metadata": more}).expect(200)
    merged = shown(block_storage, path)
    assert (FIRST | more).items() <= merged.items(), f"wanted {FIRST | more}, seen {merged}"

    second = {"key1": "new value", "key4": "another"}
    answer = block_storage.put(path, json={"metadata": second}).expect(200).check(METADATA)
    assert answer.json["metadata"] == second, f"{answer.where}: {answer.text}"
    assert shown(block_storage, path) == second, "PUT does not replace all metadata"

    block_storage.delete(f"{path}/key1").expect(200)
    left = shown(block_storage, path)
    assert left == {"key4": "another"}, f"after DELETE of key1: {left}"


@pytest.mark.uuid("1281e134-39e1-4cac-aacb-dfdd6dce3b1a")
@pytest.mark.covers("862261c5-8df4-475a-8c21-946e50e36a20")
def test_metadata_item_is_updated(block_storage: Api, volumes: Volumes):
    """One pair of metadata can be set by its key, and the others stay as they are."""
    path = f"/volumes/{volumes.create()['id']}/metadata"
    block_storage.post(path, json={"metadata": FIRST}).expect(200)
    item = {"key3": "value3 updated"}
    answer = block_storage.put(f"{path}/key3", json={"meta": item}).expect(200).check(METADATA_ITEM)
    assert answer.json["meta"] == item, f"{answer.where}: {answer.text}"
    answer = block_storage.get(f"{path}/key3").expect(200).check(METADATA_ITEM)
    assert answer.json["meta"] == item, f"{answer.where}: {answer.text}"
    wanted = FIRST | item
    seen = shown(block_storage, path)
    assert wanted.items() <= seen.items(), f"wanted {wanted}, seen {seen}"
