"""Volumes that do not exist."""

from __future__ import annotations

import pytest

from defcore.suite.support import Api, Resources
from defcore.suite.support.block_storage import UNKNOWN_ID


@pytest.mark.uuid("e282bcc1-6843-45eb-863b-7a2d367d0cfc")
@pytest.mark.covers("30799cfd-7ee4-446c-b66c-45b383ed211b")
@pytest.mark.reference("https://docs.openstack.org/api-ref/block-storage/v3/#show-a-volume-s-details")
def test_get_of_invalid_id_is_not_found(block_storage: Api, resources: Resources):
    """Asking for a volume whose id is no id is answered with 404."""
    block_storage.get(f"/volumes/{resources.name('invalid')}").expect(404)


@pytest.mark.uuid("88827f4a-0196-403c-9376-9c89877c106d")
@pytest.mark.covers("c6c3db06-29ad-4e91-beb0-2ab195fe49e3")
@pytest.mark.reference("https://docs.openstack.org/api-ref/block-storage/v3/#show-a-volume-s-details")
def test_get_of_empty_id_is_not_found(block_storage: Api):
    """Asking for a volume by an empty id, the address ending in a slash, is answered with 404."""
    block_storage.get("/volumes/").expect(404)


@pytest.mark.uuid("36f2bf9a-acf1-4fa3-bc92-88b6d3482ff0")
@pytest.mark.covers("f131c586-9448-44a4-a8b0-54ca838aa43e")
@pytest.mark.reference("https://docs.openstack.org/api-ref/block-storage/v3/#show-a-volume-s-details")
def test_get_of_unknown_id_is_not_found(block_storage: Api):
    """Asking for a volume that does not exist is answered with 404."""
    block_storage.get(f"/volumes/{UNKNOWN_ID}").expect(404)


@pytest.mark.uuid("82dc7c07-4b59-4776-ab36-cf94708772d4")
@pytest.mark.covers("e66e40d6-65e6-4e75-bdc7-636792fa152d")
@pytest.mark.reference("https://docs.openstack.org/api-ref/block-storage/v3/#update-a-volume")
def test_update_of_invalid_id_is_not_found(block_storage: Api, resources: Resources):
    """Updating a volume whose id is no id is answered with 404."""
    block_storage.put(f"/volumes/{resources.name('invalid')}", json={"volume": {"name": "any"}}).expect(404)


@pytest.mark.uuid("f37c424f-fc7a-431b-9296-2e4cffeb8b7e")
@pytest.mark.covers("72aeca85-57a5-4c1f-9057-f320f9ea575b")
@pytest.mark.reference("https://docs.openstack.org/api-ref/block-storage/v3/#update-a-volume")
def test_update_of_empty_id_is_not_found(block_storage: Api):
    """Updating a volume by an empty id, the address ending in a slash, is answered with 404."""
    block_storage.put("/volumes/", json={"volume": {"name": "any"}}).expect(404)


@pytest.mark.uuid("33bcd37c-4c69-4862-b785-652e9ecd9744")
@pytest.mark.covers("0186422c-999a-480e-a026-6a665744c30c")
@pytest.mark.reference("https://docs.openstack.org/api-ref/block-storage/v3/#update-a-volume")
def test_update_of_unknown_id_is_not_found(block_storage: Api):
    """Updating a volume that does not exist is answered with 404."""
    block_storage.put(f"/volumes/{UNKNOWN_ID}", json={"volume": {"name": "any"}}).expect(404)


@pytest.mark.uuid("3bb8d465-3b76-40bd-a5e8-e56407a60625")
@pytest.mark.covers("1f035827-7c32-4019-9240-b4ec2dbd9dfd")
@pytest.mark.reference("https://docs.openstack.org/api-ref/block-storage/v3/#delete-a-volume")
def test_delete_of_invalid_id_is_not_found(block_storage: Api, resources: Resources):
    """Deleting a volume whose id is no id is answered with 404."""
    block_storage.delete(f"/volumes/{resources.name('invalid')}").expect(404)


@pytest.mark.uuid("3c3583a0-a478-4eea-a355-a6ff33550fe9")
@pytest.mark.covers("441a1550-5d44-4b30-af0f-a6d402f52026")
@pytest.mark.reference("https://docs.openstack.org/api-ref/block-storage/v3/#delete-a-volume")
def test_delete_of_empty_id_is_not_found(block_storage: Api):
    """Deleting a volume by an empty id, the address ending in a slash, is answered with 404."""
    block_storage.delete("/volumes/").expect(404)


@pytest.mark.uuid("4c7a7575-5e0a-4759-b24c-b2cb4511e644")
@pytest.mark.covers("555efa6e-efcd-44ef-8a3b-4a7ca4837a29")
@pytest.mark.reference("https://docs.openstack.org/api-ref/block-storage/v3/#delete-a-volume")
def test_delete_of_unknown_id_is_not_found(block_storage: Api):
    """Deleting a volume that does not exist is answered with 404."""
    block_storage.delete(f"/volumes/{UNKNOWN_ID}").expect(404)
