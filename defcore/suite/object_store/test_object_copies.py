"""Objects are copied within the object store."""

from urllib.parse import unquote

import pytest

from defcore.suite.support import Api, Resources
from defcore.suite.support.object_store import Container, md5, new_container, same
from defcore.suite.support.object_store_headers import copied_headers, meta, object_headers, stored_headers

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-ref/object-store/#copy-object")


@pytest.mark.uuid("4b3ca7d0-41c3-45e2-bd8a-e0c50601d429")
@pytest.mark.covers("1a9ab572-1b66-4981-8c21-416e2a5e6011")
def test_copy_within_container(object_store: Api, container: Container) -> None:
    """An upload that names another object to copy from stores that object's content, replacing what was there."""
    source, target = container.has("source", b"of the source"), container.has("target", b"of the target")
    stored_headers(container.put("target", b"", headers={"X-Copy-From": source[1:]}).expect(201))
    same(object_store.get(target).expect(200), b"of the source")
    same(object_store.get(source).expect(200), b"of the source")


@pytest.mark.uuid("1e05db2c-6cf1-44f3-beb3-c2479d62e0cc")
@pytest.mark.covers("2248abba-415d-410b-9c30-22dff9cd6e67")
def test_copy_to_itself(object_store: Api, container: Container) -> None:
    """An object copied to itself with another content type has that type and the same content."""
    path = container.has("object", b"content", headers={"Content-Type": "text/html; charset=UTF-8"})
    plain = {"X-Copy-From": path[1:], "Content-Type": "text/plain; charset=UTF-8"}
    stored_headers(container.put("object", b"", headers=plain).expect(201))
    answer = object_headers(object_store.head(path).expect(200))
    assert answer.header("Content-Type") == plain["Content-Type"]
    same(object_store.get(path).expect(200), b"content")


@pytest.mark.uuid("ae3aea64-012f-415d-85b7-4c80ed967239")
@pytest.mark.covers("06f90388-2d0e-40aa-934c-e9a8833e958a")
def test_copy_method(object_store: Api, container: Container) -> None:
    """An object is copied by the method COPY to the destination, and the answer says from where."""
    source, target = container.has("source", b"of the source"), container.has("target", b"of the target")
    answer = copied_headers(object_store.request("COPY", source, headers={"Destination": target[1:]}).expect(201))
    assert unquote(answer.header("X-Copied-From")) == f"{container.name}/source"
    same(object_store.get(target).expect(200), b"of the source")


@pytest.mark.uuid("1dbc7350-c9de-410d-a990-f7ffd8e7eefd")
@pytest.mark.covers("aa467252-44f3-472a-b5ae-5b57c3c9c147")
def test_copy_across_containers(object_store: Api, resources: Resources, container: Container) -> None:
    """An object is copied into another container together with its metadata."""
    source = container.has("source", b"of the source")
    described = {"X-Object-Meta-Colour": "blue"}
    object_store.post(source, headers=described).expect(202)
    other = new_container(resources, object_store, "other")
    target = other.has("target", b"of the target")
    stored_headers(other.put("target", b"", headers={"X-Copy-From": source[1:]}).expect(201))
    answer = same(object_headers(object_store.get(target).expect(200)), b"of the source")
    assert answer.header("X-Object-Meta-Colour") == "blue", "the metadata of the source must come along"


@pytest.mark.uuid("c7f8acb0-b3e1-4e8a-9d10-1569799d3812")
def test_copy_merges_metadata(object_store: Api, container: Container) -> None:
    """A copy has the metadata of its source, save what the request itself sets."""
    sent = {"X-Object-Meta-Colour": "blue", "X-Object-Meta-Size": "small", "Content-Type": "text/plain"}
    source, target = container.has("source", b"content", headers=sent), container.track("target")
    own = {"Destination": target[1:], "X-Object-Meta-Size": "large", "X-Object-Meta-New": "yes"}
    answer = object_store.request("COPY", source, headers=own).expect(201)
    assert answer.header("ETag") == md5(b"content")
    seen = same(object_store.get(target).expect(200), b"content")
    assert meta(seen, "Object") == {"colour": "blue", "size": "large", "new": "yes"}
    assert seen.header("Content-Type").startswith("text/plain"), seen.header("Content-Type")
    assert meta(object_store.head(source).expect(200), "Object") == {"colour": "blue", "size": "small"}


@pytest.mark.uuid("d53a7f7b-ddd1-4ae6-a2dc-4dd84b7c40b9")
def test_copy_with_fresh_metadata(object_store: Api, container: Container) -> None:
    """A copy that is to have fresh metadata has none of its source's."""
    source = container.has("source", b"content", headers={"X-Object-Meta-Colour": "blue"})
    target = container.track("target")
    fresh = {"Destination": target[1:], "X-Fresh-Metadata": "true", "X-Object-Meta-New": "yes"}
    object_store.request("COPY", source, headers=fresh).expect(201)
    seen = same(object_store.get(target).expect(200), b"content")
    assert meta(seen, "Object") == {"new": "yes"}


@pytest.mark.uuid("98eeeb69-bfbb-45d4-8a17-afe4ec32f506")
def test_copy_of_nothing(object_store: Api, container: Container) -> None:
    """An object that does not exist cannot be copied, and nothing comes into being at the destination."""
    source, target = container.at("nothing"), container.track("target")
    object_store.request("COPY", source, headers={"Destination": target[1:]}).expect(404)
    container.put("target", b"", headers={"X-Copy-From": source[1:]}).expect(404)
    object_store.head(target).expect(404, because="there was nothing to copy")
