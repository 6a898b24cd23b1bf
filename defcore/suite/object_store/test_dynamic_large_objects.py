"""Large objects put together from all objects with a prefix."""

import os

import pytest

from defcore.suite.support import Api
from defcore.suite.support.object_store import Container, listed, reads_as, same
from defcore.suite.support.object_store_headers import object_headers, stored_headers, well_formed

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-ref/object-store/#create-or-replace-object")

SEGMENTS = 10


def upload_segments(container: Container, name: str) -> bytes:
    """Store ten segments NAME/0 to NAME/9, wait until they are listed, and give the whole."""
    parts = [os.urandom(100) + str(number).encode() for number in range(SEGMENTS)]
    stored = [f"{name}/{number}" for number in range(SEGMENTS)]
    for segment, part in zip(stored, parts, strict=True):
        container.has(segment, part)
    listed(
        lambda: container.api.get(container.path),
        lambda seen: set(stored) <= set(seen),
        because=f"the container lists the {SEGMENTS} segments just stored",
    )
    return b"".join(parts)


@pytest.mark.uuid("fd1b23f6-d4b9-482c-b693-22ee2c9f00f9")
@pytest.mark.covers("e3e6a64a-9f50-4955-b987-6ce6767c97fb")
def test_object_becomes_large_by_manifest(object_store: Api, container: Container) -> None:
    """An empty object whose manifest header is set afterwards reads as all its segments one after the other."""
    whole = upload_segments(container, "large")
    path = container.has("large")
    manifest = f"{path[1:]}/"
    well_formed(object_store.post(path, headers={"X-Object-Manifest": manifest}).expect(202))
    answer = object_headers(object_store.head(path).expect(200), quoted_etag=True)
    assert answer.header("X-Object-Manifest") == manifest, "the manifest must be shown as it was set"
    reads_as(object_store, path, whole)


@pytest.mark.uuid("97078fa4-699f-4bcc-a73d-4ec5a8619085")
@pytest.mark.covers("23a3674c-d6de-46c3-86af-ff92bfc8a3da")
def test_dynamic_large_object_shows_manifest(object_store: Api, container: Container) -> None:
    """An object stored with a manifest header shows it, an ETag in double quotes, and that ranges can be read."""
    upload_segments(container, "large")
    manifest = container.at("large")[1:]
    path = container.track("large")
    container.put("large", headers={"X-Object-Manifest": manifest}).expect(201)
    answer = object_headers(object_store.head(path).expect(200), quoted_etag=True)
    assert answer.header("X-Object-Manifest") == manifest, "the manifest must be shown as it was set"
    assert answer.header("Accept-Ranges") == "bytes"


@pytest.mark.uuid("f1c513f0-1f56-4726-8b9b-5e02a3b07625")
def test_dynamic_large_object_grows(object_store: Api, container: Container) -> None:
    """A dynamic large object has the bytes of its segments, one added later too, and of no other object."""
    whole = upload_segments(container, "large")
    container.has("larger", b"not a segment")
    path = container.has("manifest", headers={"X-Object-Manifest": f"{container.at('large')[1:]}/"})
    answer = reads_as(object_store, path, whole)
    assert answer.header("Content-Length") == str(len(whole))
    container.has("large/99", b"the end")
    listed(
        lambda: object_store.get(container.path),
        lambda seen: "large/99" in seen,
        because="the container lists the segment just stored",
    )
    reads_as(object_store, path, whole + b"the end")


@pytest.mark.uuid("7fc44454-94fc-410f-9dc8-68c0f3908959")
def test_dynamic_manifest_is_deleted_alone(object_store: Api, container: Container) -> None:
    """Deleting a dynamic large object leaves its segments."""
    first = container.has("large/1", b"first")
    path = container.has("manifest", headers={"X-Object-Manifest": f"{container.at('large')[1:]}/"})
    object_store.delete(path).expect(204)
    object_store.get(path).expect(404)
    same(object_store.get(first).expect(200), b"first")


@pytest.mark.uuid("c910a886-b604-4662-9425-ebdb7a1cdcfc")
def test_dynamic_large_object_in_ranges(object_store: Api, container: Container) -> None:
    """A range of a dynamic large object that goes over the border of segments has the right bytes."""
    whole = upload_segments(container, "large")
    path = container.has("manifest", headers={"X-Object-Manifest": f"{container.at('large')[1:]}/"})
    answer = object_store.get(path, headers={"Range": "bytes=95-305"}).expect(206, because="a range was asked for")
    same(answer, whole[95:306])
    assert answer.header("Content-Range") == f"bytes 95-305/{len(whole)}"


@pytest.mark.uuid("11719fd2-652a-4f12-ac21-76f2fc9652fd")
def test_dynamic_large_object_stores_manifest_bytes_only(container: Container) -> None:
    """A dynamic large object counts in its container with the bytes of its segments, not twice."""
    container.has("large/1", b"first")
    container.has("manifest", headers={"X-Object-Manifest": f"{container.at('large')[1:]}/"})
    container.holds(2, len(b"first"))
    stored_headers(container.put("manifest", b"").expect(201))
    same(container.api.get(container.at("manifest")).expect(200), b"")
