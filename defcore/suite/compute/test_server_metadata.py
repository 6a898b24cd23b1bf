"""Metadata of servers."""

from typing import Any

import pytest

from defcore.suite.support import Api
from defcore.suite.support.compute import Servers
from defcore.suite.support.compute_schemas import META_BODY, METADATA_BODY

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-ref/compute/#server-metadata-servers-metadata")

TWO = {"key1": "value1", "key2": "value2"}


@pytest.fixture
def path(servers: Servers) -> str:
    """The metadata of a server that was created with two items."""
    return f"/servers/{servers.boot('metadata', metadata=TWO)['id']}/metadata"


def expect_metadata(compute: Api, path: str, expected: dict[str, str]) -> None:
    answer = compute.get(path).expect(200).check(METADATA_BODY)
    seen = answer.json["metadata"]
    assert seen == expected, f"{answer.where}: expected {expected}, seen {seen}"


def expect_answer(answer: Any, expected: dict[str, str]) -> None:
    seen = answer.expect(200).check(METADATA_BODY).json["metadata"]
    assert seen == expected, f"{answer.where}: expected {expected}, seen {seen}"


@pytest.mark.uuid("200442a4-f04a-4f30-a9bb-0b324243f328")
@pytest.mark.covers("479da087-92b3-4dcf-aeb3-fd293b2d14ce")
@pytest.mark.needs("image", "flavor")
@pytest.mark.reference("https://docs.openstack.org/api-ref/compute/#list-all-metadata")
def test_list_metadata(compute: Api, path: str) -> None:
    """The metadata of a server is what was set at its creation, all of it and nothing else."""
    expect_metadata(compute, path, TWO)


@pytest.mark.uuid("81150b44-c15d-4fd0-a8ae-63130dbe004b")
@pytest.mark.covers("3043c57d-7e0e-49a6-9a96-ad569c265e6a")
@pytest.mark.needs("image", "flavor")
@pytest.mark.reference("https://docs.openstack.org/api-ref/compute/#show-metadata-item-details")
def test_get_metadata_item(compute: Api, path: str) -> None:
    """One item of a server's metadata can be read on its own."""
    answer = compute.get(f"{path}/key2").expect(200).check(META_BODY)
    seen = answer.json["meta"]
    assert seen == {"key2": "value2"}, f"{answer.where}: expected key2 with value2, seen {seen}"


@pytest.mark.uuid("87c2c7d5-4b02-404f-86d7-de4ec10a6c82")
@pytest.mark.covers("211021f6-21de-4657-a68f-908878cfe251")
@pytest.mark.needs("image", "flavor")
@pytest.mark.reference("https://docs.openstack.org/api-ref/compute/#replace-metadata-items")
def test_put_metadata_replaces_all(compute: Api, path: str) -> None:
    """Metadata that is put replaces all metadata of the server: items that it does not name are gone."""
    new = {"meta2": "data2", "meta3": "data3"}
    expect_answer(compute.put(path, json={"metadata": new}), new)
    expect_metadata(compute, path, new)


@pytest.mark.uuid("7270da73-5205-41b2-b4b8-7ea1d259603d")
@pytest.mark.covers("58c02d4f-5c67-40be-8744-d3fa5982eb1c")
@pytest.mark.needs("image", "flavor")
@pytest.mark.reference("https://docs.openstack.org/api-ref/compute/#create-or-update-metadata-item")
def test_put_metadata_item_keeps_the_others(compute: Api, path: str) -> None:
    """An item of metadata that is put is added to the server's metadata, and the others stay."""
    answer = compute.put(f"{path}/nova", json={"meta": {"nova": "alt"}}).expect(200).check(META_BODY)
    assert answer.json["meta"] == {"nova": "alt"}, f"{answer.where}: seen {answer.json['meta']}"
    expect_metadata(compute, path, {**TWO, "nova": "alt"})


@pytest.mark.uuid("741c68f5-18ae-4456-a52f-43ed59ad1f17")
@pytest.mark.covers("344d981e-0c33-4997-8a5d-6c1d803e4134")
@pytest.mark.needs("image", "flavor")
@pytest.mark.reference("https://docs.openstack.org/api-ref/compute/#create-or-update-metadata-items")
def test_post_metadata_merges(compute: Api, path: str) -> None:
    """Metadata that is posted is merged: named items change or are added, the others stay."""
    expected = {"key1": "alt1", "key2": "value2", "key3": "value3"}
    expect_answer(compute.post(path, json={"metadata": {"key1": "alt1", "key3": "value3"}}), expected)
    expect_metadata(compute, path, expected)


@pytest.mark.uuid("407895b8-5fbf-4edd-aada-387e29862f43")
@pytest.mark.covers("127642d6-4c7b-4486-b7cd-07265a378658")
@pytest.mark.needs("image", "flavor")
@pytest.mark.reference("https://docs.openstack.org/api-ref/compute/#delete-metadata-item")
def test_delete_metadata_item(compute: Api, path: str) -> None:
    """An item of a server's metadata can be deleted, and the others stay."""
    compute.delete(f"{path}/key1").expect(204).empty()
    expect_metadata(compute, path, {"key2": "value2"})


@pytest.mark.uuid("5078a0a8-9874-4ca9-b016-59e7300df621")
@pytest.mark.needs("image", "flavor")
def test_absent_metadata_item_is_not_found(compute: Api, path: str) -> None:
    """An item that a server's metadata does not have is answered with 404, also after it was deleted."""
    compute.get(f"{path}/none").expect(404)
    compute.delete(f"{path}/none").expect(404)
    compute.delete(f"{path}/key1").setup(204)
    compute.get(f"{path}/key1").expect(404, because="it was deleted")


@pytest.mark.uuid("74f1739b-0f2f-4224-b305-fc7234c0cd00")
@pytest.mark.needs("image", "flavor")
def test_metadata_has_limits(compute: Api, path: str) -> None:
    """Metadata is refused with 400 if a key or value has more than 255 characters, a key is empty, a value is no
    string, or an item's key is not that of its address; and nothing changes."""
    for wrong in ({"k" * 256: "v"}, {"k": "v" * 256}, {"": "v"}, {"k": 1}):
        compute.post(path, json={"metadata": wrong}).expect(400, because=f"metadata {str(wrong)[:40]}")
        compute.put(path, json={"metadata": wrong}).expect(400, because=f"metadata {str(wrong)[:40]}")
    compute.put(f"{path}/key1", json={"meta": {"key2": "x"}}).expect(400, because="the keys differ")
    expect_metadata(compute, path, TWO)


@pytest.mark.uuid("ade66203-3658-494b-98a7-1081c542a716")
@pytest.mark.needs("image", "flavor")
def test_metadata_keeps_unicode(compute: Api, path: str) -> None:
    """A metadata value of letters outside ASCII, of 255 characters, comes back as it was set."""
    value = "ünïcödé-日本語-" + "€" * 243
    expected = {**TWO, "long": value[:255]}
    expect_answer(compute.post(path, json={"metadata": {"long": value[:255]}}), expected)
    expect_metadata(compute, path, expected)
