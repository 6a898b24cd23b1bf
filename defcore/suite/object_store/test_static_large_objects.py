"""Large objects put together from the segments that a manifest lists."""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from defcore.suite.support import Answer, Api, shortened
from defcore.suite.support.object_store import OBJECT_LISTING, Container, feature, md5, same
from defcore.suite.support.object_store_headers import object_headers, stored_headers, well_formed

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-ref/object-store/#create-or-replace-object")

MIB = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Segments:
    """Two segments in a container, and the manifest that lists them."""

    container: Container
    parts: tuple[bytes, bytes]
    manifest: tuple[dict[str, Any], ...]

    @property
    def whole(self) -> bytes:
        return b"".join(self.parts)

    def put_manifest(self, manifest: Sequence[dict[str, Any]] | None = None, name: str = "large") -> Answer:
        sent = list(self.manifest if manifest is None else manifest)
        return self.container.put(name, json.dumps(sent).encode(), params={"multipart-manifest": "put"})

    def large(self) -> str:
        """Make the large object as a set-up step, and give its path."""
        self.put_manifest().setup(201)
        return self.container.at("large")


@pytest.fixture
def segments(object_store: Api, container: Container) -> Segments:
    """Segments of a mebibyte, or of the smallest size that the cloud takes."""
    told = feature(object_store, "slo")
    size = max(MIB, int(told.get("min_segment_size", 0)))
    parts = (os.urandom(size), os.urandom(size))
    manifest = []
    for number, part in enumerate(parts):
        container.has(f"segment-{number}", part)
        entry = {"path": f"/{container.name}/segment-{number}", "etag": md5(part), "size_bytes": len(part)}
        manifest.append(entry)
    return Segments(container=container, parts=parts, manifest=tuple(manifest))


def static(answer: Answer) -> Answer:
    """The headers are those of a static large object."""
    object_headers(answer, quoted_etag=True)
    assert answer.header("X-Static-Large-Object") == "True"
    return answer


@pytest.mark.uuid("0568de79-fed2-4e5f-88d6-ec41f5bea308")
@pytest.mark.covers("2c3f24a6-36e8-4711-9aa2-800ee1fc7b5b")
def test_store_static_manifest(segments: Segments) -> None:
    """A manifest that lists segments with their checksums and sizes is stored, with an ETag in double quotes."""
    stored_headers(segments.put_manifest().expect(201), quoted_etag=True)


@pytest.mark.uuid("81b43443-63e5-460e-affa-7c2dd942fccb")
@pytest.mark.covers("e69ad766-e1aa-44a2-bdd2-bf62c09c1456")
@pytest.mark.reference("https://docs.openstack.org/api-ref/object-store/#show-object-metadata")
def test_static_large_object_is_shown_as_such(object_store: Api, segments: Segments) -> None:
    """A static large object is shown as one, with the size of all its segments."""
    answer = static(object_store.head(segments.large()).expect(200))
    assert answer.header("Content-Length") == str(len(segments.whole))


@pytest.mark.uuid("cd26bab8-cc01-4e53-a34e-0984a10cad48")
@pytest.mark.covers("49bc49bc-dd1b-4c0f-904e-d9f10b830ee8")
@pytest.mark.reference("https://docs.openstack.org/api-ref/object-store/#get-object-content-and-metadata")
def test_read_static_large_object(object_store: Api, segments: Segments) -> None:
    """A static large object reads as its segments one after the other."""
    same(static(object_store.get(segments.large()).expect(200)), segments.whole)


@pytest.mark.uuid("1b8d4a60-05cc-4e57-be16-3f35f40b8f1e")
@pytest.mark.covers("87b6dfa1-abe9-404d-8bf0-6c3751e6aa77")
@pytest.mark.reference("https://docs.openstack.org/api-ref/object-store/#delete-object")
def test_delete_static_large_object_with_segments(object_store: Api, segments: Segments) -> None:
    """A static large object can be deleted together with its segments."""
    path = segments.large()
    well_formed(object_store.delete(path, params={"multipart-manifest": "delete"}).expect(200))
    object_store.get(path).expect(404, because="it was deleted")
    segments.container.holds(0, 0)


@pytest.mark.uuid("9c5e52a1-009c-4d96-82ee-937ae23c6e3e")
def test_wrong_static_manifest_is_refused(object_store: Api, segments: Segments) -> None:
    """A manifest with a wrong checksum, a wrong size or a segment that does not exist is refused, and names it."""
    first, second = segments.manifest
    for wrong in (
        second | {"etag": md5(b"something else")},
        second | {"size_bytes": second["size_bytes"] + 1},
        second | {"path": f"/{segments.container.name}/missing"},
    ):
        answer = segments.put_manifest((first, wrong)).expect(400, because=f"the manifest says {wrong}")
        assert wrong["path"].split("/")[-1] in answer.text, (
            f"the answer must name {wrong['path']}: {shortened(answer.text, 300)}"
        )
        object_store.head(segments.container.at("large")).expect(404, because="the manifest was refused")


@pytest.mark.uuid("48db9534-bcfb-4ce8-a3d5-8fe1e2f75251")
@pytest.mark.reference("https://docs.openstack.org/api-ref/object-store/#get-object-content-and-metadata")
def test_read_static_manifest(object_store: Api, segments: Segments) -> None:
    """The manifest of a static large object can be read: each segment with its name, checksum and size."""
    answer = object_store.get(segments.large(), params={"multipart-manifest": "get"}).expect(200)
    answer.check(OBJECT_LISTING)
    assert answer.header("Content-Type").startswith("application/json"), answer.header("Content-Type")
    seen = [(item["name"], item["hash"], item["bytes"]) for item in answer.json]
    assert seen == [(item["path"], item["etag"], item["size_bytes"]) for item in segments.manifest]


@pytest.mark.uuid("651071c2-3b49-488b-b3a3-32e3d86bdeba")
@pytest.mark.reference("https://docs.openstack.org/api-ref/object-store/#delete-object")
def test_static_manifest_is_deleted_alone(object_store: Api, segments: Segments) -> None:
    """Deleting a static large object without saying more leaves its segments."""
    path = segments.large()
    object_store.delete(path).expect(204)
    object_store.get(path).expect(404, because="it was deleted")
    for number, part in enumerate(segments.parts):
        same(object_store.get(segments.container.at(f"segment-{number}")).expect(200), part)


@pytest.mark.uuid("5507c7dc-bc0f-4263-953a-5e682dbdbd04")
@pytest.mark.reference("https://docs.openstack.org/api-ref/object-store/#get-object-content-and-metadata")
def test_static_large_object_in_ranges(object_store: Api, segments: Segments) -> None:
    """A range of a static large object that goes over the border of segments has the right bytes."""
    border = len(segments.parts[0])
    wanted = {"Range": f"bytes={border - 10}-{border + 9}"}
    answer = object_store.get(segments.large(), headers=wanted).expect(206, because="a range was asked for")
    same(answer, segments.whole[border - 10 : border + 10])
