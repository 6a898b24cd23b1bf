"""Containers that keep the earlier versions of their objects."""

import os

import pytest

from defcore.suite.support import Absent, Api, Resources
from defcore.suite.support.object_store import features, new_container, policies, same
from defcore.suite.support.object_store_headers import container_headers, usage

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-ref/object-store/#create-container")


@pytest.mark.uuid("4b54ca56-646b-46c6-a510-6868c686f6ca")
@pytest.mark.covers("a151e158-dcbf-4a1f-a1e7-46cd65895a6f")
def test_earlier_version_comes_back(object_store: Api, resources: Resources) -> None:
    """In a container with a place for old versions, deleting an object brings back the version before it."""
    told = features(object_store)
    if told is not None and not {"versioned_writes", "object_versioning"} & set(told):
        raise Absent(f"{object_store.root}/info names neither versioned_writes nor object_versioning")
    archive = new_container(resources, object_store, "versions")
    base = new_container(resources, object_store, "base", headers={"X-Versions-Location": archive.name})
    for made in (archive, base):
        answer = container_headers(object_store.head(made.path).expect(204), policies(object_store))
        assert usage(answer) == (0, 0), "a new container must be empty"
        assert answer.headers.get("X-Versions-Location") == (archive.name if made is base else None)
    first, second = os.urandom(1024), os.urandom(1024)
    base.put("object", first).expect(201)
    base.put("object", second).expect(201)
    path = base.at("object")
    same(object_store.get(path).expect(200), second)
    archive.holds(1, 1024)
    object_store.delete(path).expect(200, 204)
    base.holds(1, 1024)
    same(object_store.get(path).expect(200, because="the version before comes back"), first)
    object_store.delete(path).expect(200, 204)
    object_store.get(path).expect(404, because="no version is left")
    base.holds(0, 0)
    archive.holds(0, 0)
