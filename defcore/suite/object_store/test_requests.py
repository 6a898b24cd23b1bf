"""What a request says beside its path: conditions, names that are encoded, and who may come from where."""

import os
from urllib.parse import quote

import pytest

from defcore.suite.support import Absent, Api, Resources
from defcore.suite.support.object_store import (
    Container,
    feature,
    md5,
    names,
    new_container,
    same,
    settled,
    shown_account,
    usable,
)
from defcore.suite.support.object_store_headers import meta

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-ref/object-store/#show-object-metadata")


@pytest.mark.uuid("d778db00-ce05-47af-8c59-d3a865e9003d")
@pytest.mark.reference("https://docs.openstack.org/api-ref/object-store/#create-container")
def test_container_made_again_keeps_its_metadata(object_store: Api, resources: Resources) -> None:
    """A container that exists and is created once more keeps its metadata, beside what is set anew."""
    made = new_container(resources, object_store, "again", headers={"X-Container-Meta-Colour": "blue"})
    object_store.put(made.path).expect(201, 202)
    expect_described(made, {"colour": "blue"})
    object_store.put(made.path, headers={"X-Container-Meta-Size": "small"}).expect(201, 202)
    expect_described(made, {"colour": "blue", "size": "small"})


def expect_described(made: Container, expected: dict[str, str]) -> None:
    """The container shows this metadata; a cloud may add some of its own."""
    answer = made.api.head(made.path, headers={"X-Newest": "true"}).expect(204)
    seen = meta(answer, "Container")
    assert expected.items() <= seen.items(), f"{answer.where}: expected {expected}, seen {seen}"


@pytest.mark.uuid("820ed20b-42d4-4fb9-b7ec-8d4abba37fc2")
def test_head_knows_conditions(object_store: Api, container: Container) -> None:
    """HEAD of an object answers as GET does if its checksum is one that is not wanted, or not the one that is."""
    path = container.has("object", b"content")
    for headers, status in (
        ({"If-None-Match": md5(b"content")}, 304),
        ({"If-Match": md5(b"other")}, 412),
        ({"If-Match": md5(b"content")}, 200),
        ({"If-None-Match": md5(b"other")}, 200),
    ):
        for method in ("GET", "HEAD"):
            object_store.request(method, path, headers=headers).expect(status, because=f"of {headers}")


@pytest.mark.uuid("6d9695c1-b78e-412a-a2ea-aad58e3a6da4")
@pytest.mark.reference("https://docs.openstack.org/api-ref/object-store/#create-or-update-object-metadata")
def test_type_is_changed(object_store: Api, container: Container) -> None:
    """The type of an object can be changed without its content, and stays until it is changed again."""
    path = container.has("object", b"content", headers={"Content-Type": "text/plain"})
    object_store.post(path, headers={"Content-Type": "text/html"}).expect(202)
    for answer in (object_store.head(path).expect(200), same(object_store.get(path).expect(200), b"content")):
        kind = answer.header("Content-Type").partition(";")[0]
        assert kind == "text/html", f"{answer.where}: expected text/html, seen {kind}"


@pytest.mark.uuid("089af7f6-a425-478d-b49b-c71124c10e87")
@pytest.mark.reference("https://docs.openstack.org/api-ref/object-store/#copy-object")
def test_destination_is_decoded(object_store: Api, container: Container) -> None:
    """The name of a copy, percent-encoded in the header Destination, is the one that was meant."""
    name = "a copy, für 100%"
    source, target = container.has("source", b"content"), container.track(name)
    container.track(quote(name))  # which a cloud makes that does not decode it
    answer = object_store.request("COPY", source, headers={"Destination": target[1:]}).expect(201)
    same(object_store.get(target).expect(200, because=f"it was copied there ({answer.where})"), b"content")


@pytest.mark.uuid("61bd3f2a-62e3-49b5-a64c-fe2c62ea13d7")
@pytest.mark.reference("https://docs.openstack.org/api-ref/object-store/#copy-object")
def test_quota_holds_for_copies(object_store: Api, container: Container, resources: Resources) -> None:
    """A container refuses a copy, in either way to ask for it, that is larger than its quota."""
    feature(object_store, "container_quotas")
    narrow = new_container(resources, object_store, "narrow")
    object_store.post(narrow.path, headers={"X-Container-Meta-Quota-Bytes": "10"}).expect(204)
    source, target = container.has("large", b"x" * 11), narrow.track("copy")
    because = "the quota is 10 bytes"
    # A quota need not hold at once; when it holds for an upload, it does for a copy.
    settled(lambda: narrow.put("upload", b"x" * 11), (201,), because).expect(413)
    object_store.request("COPY", source, headers={"Destination": target[1:]}).expect(413, because=because)
    object_store.put(target, headers={"X-Copy-From": source}).expect(413, because=because)
    object_store.get(target).expect(404, because="the copy was refused")


@pytest.mark.uuid("7cf91af8-1616-4b88-98be-6cc5338a90cd")
@pytest.mark.reference("https://docs.openstack.org/api-ref/object-store/#create-update-or-delete-container-metadata")
def test_readers_come_from_one_site(object_store: Api, container: Container) -> None:
    """Anyone who comes from the site that an ACL names reads an object, and nobody who comes from another."""
    path = container.has("public", b"public")
    object_store.post(container.path, headers={"X-Container-Read": ".r:.example.com"}).expect(204)
    there = {"Referer": "http://www.example.com/page"}
    answer = settled(
        lambda: object_store.get(path, headers=there, authenticated=False), (401, 403), "who comes from there may read"
    )
    same(answer.expect(200), b"public")
    other = container.has("other", b"other")  # not asked for yet, for what lies between may keep what it has seen
    for headers in ({}, {"Referer": "http://www.example.org/page"}):
        answer = object_store.get(other, headers=headers, authenticated=False)
        answer.expect(401, 403, because=f"of the referrer {headers}")


@pytest.mark.uuid("c6f7d972-3d12-42c8-b2c4-a8f6b2ab9238")
@pytest.mark.reference("https://docs.openstack.org/api-ref/object-store/#create-container")
def test_history_is_kept(object_store: Api, resources: Resources) -> None:
    """A container that keeps its history stores what is replaced or deleted elsewhere, and a deleted object is gone."""
    told = feature(object_store, "versioned_writes").get("allowed_flags")
    allowed = isinstance(told, list) and "x-history-location" in told
    if isinstance(told, list) and not allowed:
        raise Absent(f"{object_store.root}/info allows no x-history-location")
    archive = new_container(resources, object_store, "history")
    base = new_container(resources, object_store, "base", headers={"X-History-Location": archive.name})
    head = object_store.head(base.path).expect(204)
    shown = head.headers.get("X-History-Location")
    if shown is None and not allowed:  # nor does the cloud say that it knows it
        raise Absent(f"{head.where}: the history that was asked for is passed over, and /info names no such feature")
    assert shown == archive.name, f"{head.where}: expected the history in {archive.name}, seen {shown}"
    first, second = os.urandom(512), os.urandom(512)
    base.put("object", first).expect(201)
    base.put("object", second).expect(201)
    try:
        archive.holds(1, 512)
        kept = names(object_store.get(archive.path))
        assert len(kept) == 1, f"expected one earlier version, seen {kept}"
        same(object_store.get(archive.at(kept[0])).expect(200), first)
        object_store.delete(base.at("object")).expect(200, 204)
        object_store.get(base.at("object")).expect(404, because="with a history nothing comes back")
        archive.holds(3, 1024)  # with a mark for the deletion
    finally:  # what is removed after the test is to go for good
        object_store.post(base.path, headers={"X-Remove-Versions-Location": "x", "X-Remove-History-Location": "x"})
        for name in names(object_store.get(archive.path)):
            archive.track(name)


@pytest.mark.uuid("55785f13-5bda-49fe-9ed0-855a22380eb0")
@pytest.mark.needs("disposable")
@pytest.mark.reference("https://docs.openstack.org/api-ref/object-store/#create-update-or-delete-account-metadata")
def test_account_keeps_metadata(disposable) -> None:
    """An account shows metadata that is set, beside what it had, until it is removed."""
    mine = usable(disposable.object_store)
    try:
        expect_account_to_keep(mine)
    finally:
        mine.post("", headers={f"X-Remove-Account-Meta-Defcore-{name}": "x" for name in ("Colour", "Size")})


def expect_account_to_keep(mine: Api) -> None:
    for headers, expected in (
        ({"X-Account-Meta-Defcore-Colour": "blue"}, {"defcore-colour": "blue"}),
        ({"X-Account-Meta-Defcore-Size": "small"}, {"defcore-colour": "blue", "defcore-size": "small"}),
        ({"X-Remove-Account-Meta-Defcore-Colour": "x"}, {"defcore-size": "small"}),
        ({"X-Remove-Account-Meta-Defcore-Size": "x"}, {}),
    ):
        mine.post("", headers=headers).expect(204)
        answer = shown_account(mine)
        seen = {name: value for name, value in meta(answer, "Account").items() if name.startswith("defcore-")}
        assert seen == expected, f"{answer.where}: after {headers} expected {expected}, seen {seen}"
