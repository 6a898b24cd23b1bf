"""Objects are stored, read and deleted."""

import os
import time
from email.utils import parsedate_to_datetime

import pytest

from defcore.suite.support import Api, CannotTell
from defcore.suite.support.object_store import Container, md5, same, settled
from defcore.suite.support.object_store_headers import number, object_headers, stored_headers, well_formed

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-ref/object-store/#create-or-replace-object")

LIFETIME = 10
"""Seconds until the expiring object expires."""


@pytest.mark.uuid("55e0b179-764a-4226-9d01-37d368e01125")
@pytest.mark.covers("5b4ce26f-3545-46c9-a2ba-5754358a4c62")
def test_store_object(object_store: Api, container: Container) -> None:
    """An object that is stored is read back byte for byte."""
    first, second = os.urandom(1024), os.urandom(1024)
    container.put("first", first).expect(201)
    answer = stored_headers(container.put("second", second).expect(201))
    assert answer.header("ETag") == md5(second), "the ETag must be the MD5 checksum of the content"
    same(object_store.get(container.at("first")).expect(200), first)
    same(object_store.get(container.at("second")).expect(200), second)


@pytest.mark.uuid("205e23a2-819c-44bc-aa63-6bb1c411a2f0")
@pytest.mark.covers("17738d45-03bd-4d45-9e0b-7b2f58f98687")
@pytest.mark.reference("https://docs.openstack.org/api-ref/object-store/#delete-object")
def test_delete_object(object_store: Api, container: Container) -> None:
    """An object that is deleted is not found any more."""
    path = container.has("deleted", b"deleted")
    well_formed(object_store.delete(path).expect(200, 204))
    object_store.get(path).expect(404, because="the object was deleted")


@pytest.mark.uuid("bedff0b1-8b9d-455e-a77a-e134353eab39")
@pytest.mark.covers("02610ba7-86b7-4272-9ed8-aa8d417cb3cd")
@pytest.mark.reference("https://docs.openstack.org/api-ref/object-store/#get-object-content-and-metadata")
def test_read_object(object_store: Api, container: Container) -> None:
    """An object is read with its content, its checksum and its size."""
    content = os.urandom(1024)
    path = container.has("read", content)
    answer = same(object_headers(object_store.get(path).expect(200)), content)
    assert answer.header("ETag") == md5(content), "the ETag must be the MD5 checksum of the content"


@pytest.mark.uuid("c3296175-fe38-41cd-a1b0-40658f639809")
@pytest.mark.covers("50d01f12-526f-4360-9ac2-75dd508d7b68")
@pytest.mark.reference("https://docs.openstack.org/api-ref/object-store/#get-object-content-and-metadata")
def test_read_object_if_none_match(object_store: Api, container: Container) -> None:
    """An object is sent only if its checksum is not the one that the reader has already."""
    content = os.urandom(1024)
    path = container.has("read", content)
    answer = object_store.get(path, headers={"If-None-Match": md5(content)})
    answer.expect(304, because="the reader has this content").empty().header("Date")
    answer = object_store.get(path, headers={"If-None-Match": md5(b"something else")})
    same(object_headers(answer.expect(200, because="the reader has another content")), content)


@pytest.mark.uuid("b856a74c-f9e6-459c-ba41-9a8b5ce44025")
@pytest.mark.covers("fb024a42-37f3-4ba5-9684-4f40a7910b41")
@pytest.mark.reference("https://docs.openstack.org/api-ref/object-store/#create-or-update-object-metadata")
def test_object_expires(object_store: Api, container: Container) -> None:
    """An object that is to be deleted after some seconds says when, and is not found any more after them."""
    path = container.has("expiring", b"expiring")
    begin = time.monotonic()
    answer = object_store.post(path, headers={"X-Delete-After": str(LIFETIME)}).expect(202)
    told, seen = object_store.head(path), object_store.get(path)
    if time.monotonic() - begin > LIFETIME - 2:
        raise CannotTell(f"the cloud took too long to look at an object that lives {LIFETIME} s")
    same(object_headers(seen.expect(200, because="it lives still")), b"expiring")
    object_headers(told.expect(200, because="it lives still"))
    moment = int(number(told, "X-Delete-At"))
    assert number(seen, "X-Delete-At") == number(told, "X-Delete-At"), "GET and HEAD must tell the same time"
    now = parsedate_to_datetime(answer.header("Date")).timestamp()
    assert abs(moment - now - LIFETIME) <= 60, f"X-Delete-At must be about {LIFETIME} s from {now:.0f}, seen {moment}"
    because = f"the object expires {LIFETIME} s after that was asked for"
    settled(lambda: object_store.get(path), (200,), because).expect(404, because=because)


@pytest.mark.uuid("ad812df0-c1ff-4ffa-a4c6-508a357a750d")
def test_upload_checksum_is_compared(object_store: Api, container: Container) -> None:
    """An upload whose content does not have the checksum that the uploader sends is refused, and nothing is stored."""
    path = container.has("checked", b"old")
    refused = container.put("checked", b"new", headers={"ETag": md5(b"other")})
    refused.expect(422, because="the checksum is that of another content")
    same(object_store.get(path).expect(200), b"old")
    unknown = container.put("unknown", b"new", headers={"ETag": md5(b"other")})
    unknown.expect(422, because="the checksum is that of another content")
    object_store.head(container.at("unknown")).expect(404, because="the upload was refused")
    answer = container.put("checked", b"new", headers={"ETag": md5(b"new")}).expect(201)
    assert answer.header("ETag") == md5(b"new")
    same(object_store.get(path).expect(200), b"new")


@pytest.mark.uuid("7fb63762-55fe-4115-87cc-672689fcc67a")
def test_replace_object(object_store: Api, container: Container) -> None:
    """An object that is stored again under its name has the new content and metadata, and nothing of the old."""
    old = {"X-Object-Meta-Old": "1", "Content-Type": "text/plain"}
    path = container.has("replaced", b"old content", headers=old)
    container.put("replaced", b"new", headers={"X-Object-Meta-New": "2", "Content-Type": "text/html"}).expect(201)
    answer = same(object_store.get(path).expect(200), b"new")
    assert answer.header("X-Object-Meta-New") == "2"
    assert answer.header("Content-Type").startswith("text/html"), answer.header("Content-Type")
    assert "X-Object-Meta-Old" not in answer.headers, "metadata of the replaced object is still shown"


@pytest.mark.uuid("b479c1dd-d383-43ed-a0ea-a3ee9fe95ca6")
@pytest.mark.reference("https://docs.openstack.org/api-ref/object-store/#create-or-replace-object")
def test_store_object_only_if_new(object_store: Api, container: Container) -> None:
    """An upload that must not replace anything is refused if the object exists, and accepted if it does not."""
    path = container.has("taken", b"old")
    only_new = {"If-None-Match": "*"}
    container.put("taken", b"new", headers=only_new).expect(412, because="the object exists")
    same(object_store.get(path).expect(200), b"old")
    container.put("free", b"new", headers=only_new).expect(201, because="the object does not exist")


@pytest.mark.uuid("20227858-43da-43ba-8402-4be7dae8d271")
@pytest.mark.reference("https://docs.openstack.org/api-ref/object-store/#delete-object")
def test_deleted_object_is_gone(object_store: Api, container: Container) -> None:
    """A deleted object is not found by any request, while its neighbour stays."""
    path, neighbour = container.has("deleted", b"1"), container.has("kept", b"2")
    object_store.delete(path).expect(204)
    for method in ("GET", "HEAD", "POST", "DELETE"):
        object_store.request(method, path).expect(404, because="the object was deleted")
    same(object_store.get(neighbour).expect(200), b"2")
    container.holds(1, 1)


@pytest.mark.uuid("55fba728-50d2-4066-a6c4-11e7e54def1d")
@pytest.mark.reference("https://docs.openstack.org/api-ref/object-store/#show-object-metadata")
def test_head_equals_get(object_store: Api, container: Container) -> None:
    """HEAD tells of an object what GET does: size, checksum, type, age and metadata."""
    sent = {"Content-Type": "text/plain", "X-Object-Meta-Colour": "blue", "Content-Disposition": "inline"}
    path = container.has("shown", b"shown", headers=sent)
    told, seen = object_store.head(path).expect(200).empty(), object_store.get(path).expect(200)
    for name in ("Content-Length", "ETag", "Last-Modified", "X-Timestamp", *sent):
        assert told.header(name) == seen.header(name), f"{name}: HEAD and GET differ"
    assert told.header("Content-Length") == "5"
    for name, value in sent.items():
        assert told.header(name) == value, f"{name} must be as sent"


@pytest.mark.uuid("7e7e9c6e-55f7-47d6-80ff-ae7b2fe6f801")
@pytest.mark.reference("https://docs.openstack.org/api-ref/object-store/#create-or-replace-object")
def test_wrong_expiry_is_refused(object_store: Api, container: Container) -> None:
    """An expiry in the past, or one that is no number, is refused, and no object is stored."""
    for purpose, header in (
        ("past", {"X-Delete-At": "1"}),
        ("word", {"X-Delete-At": "tomorrow"}),
        ("after-word", {"X-Delete-After": "later"}),
        ("after-negative", {"X-Delete-After": "-1"}),
    ):
        container.put(purpose, b"never", headers=header).expect(400, because=f"the header is {header}")
        object_store.head(container.at(purpose)).expect(404, because="the upload was refused")
