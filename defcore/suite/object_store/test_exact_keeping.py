"""Names, headers and settings are kept as they were given, and told to those who may know them."""

from __future__ import annotations

import pytest

from defcore.suite.support import Absent, Api, Resources, wait_for
from defcore.suite.support.object_store import (
    OBJECT_LISTING,
    SETTLES,
    Container,
    feature,
    features,
    md5,
    new_container,
    put_container,
    same,
)
from defcore.suite.support.object_store_headers import meta

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-ref/object-store/#create-or-replace-object")


@pytest.mark.uuid("97e1f2a7-a38a-4dd4-bb00-0e75368041a0")
def test_names_are_exact(object_store: Api, container: Container) -> None:
    """Names that differ in capitals, a plus sign or a final slash alone are those of different objects, listed in the
    order of their bytes."""
    names = sorted(["A", "B", "a", "a+b", "a b", "dir", "dir/", "b"])
    for name in names:
        container.has(name, name.encode())
    for name in names:
        same(object_store.get(container.at(name)).expect(200), name.encode())
    answer = wait_for(
        lambda: object_store.get(container.path, params={"format": "json"}).expect(200).check(OBJECT_LISTING),
        lambda seen: {one["name"] for one in seen.json} == {*names},
        because=f"the container lists {names}",
        timeout=SETTLES,
        promised=True,
        show=lambda seen: str([one["name"] for one in seen.json]),
    )
    seen = [one["name"] for one in answer.json]
    assert seen == names, f"{answer.where}: expected the order {names}, seen {seen}"


@pytest.mark.uuid("73c8f5b3-7c84-41f5-a788-0636edf810d4")
@pytest.mark.reference("https://docs.openstack.org/api-ref/object-store/#create-container")
def test_containers_are_told_apart(object_store: Api, resources: Resources) -> None:
    """A container that is new is answered with 201, one that there is with 202; names that differ in capitals alone
    are those of different containers."""
    name = resources.name("case")
    for one in (name, name.upper()):
        box = Container(api=object_store, resources=resources, name=one)
        put_container(box).expect(201, because="the container is new")
        object_store.put(box.path).expect(202, because="the container is there already")
        box.has("object", one.encode())
    for one in (name, name.upper()):
        same(object_store.get(Container(api=object_store, resources=resources, name=one).at("object")), one.encode())


@pytest.mark.uuid("bd7b9033-c0ef-435d-b2ed-c54ea4fbe445")
def test_encoding_and_disposition_are_kept(object_store: Api, container: Container) -> None:
    """An object shows the content encoding and disposition that it was stored with, and its type is found out from
    its name if that is wanted."""
    kept = {"Content-Encoding": "gzip", "Content-Disposition": 'attachment; filename="kept.txt"'}
    path = container.has("object", b"content", headers={"Content-Type": "text/plain", **kept})
    answer = object_store.head(path).expect(200)
    seen = {name: answer.headers.get(name) for name in kept}
    assert seen == kept, f"{answer.where}: expected {kept}, seen {seen}"
    detect = {"Content-Type": "application/octet-stream", "X-Detect-Content-Type": "true"}
    found = object_store.head(container.has("page.html", b"<p>", headers=detect)).expect(200)
    assert found.header("Content-Type").startswith("text/html"), f"{found.where}: seen {found.header('Content-Type')}"
    listed = wait_for(
        lambda: object_store.get(container.path, params={"format": "json"}).expect(200).check(OBJECT_LISTING),
        lambda seen: len(seen.json) == 2,
        because="the container lists both objects",
        timeout=SETTLES,
        promised=True,
    )
    types = {one["name"]: one["content_type"].split(";")[0] for one in listed.json}
    assert types == {"object": "text/plain", "page.html": "text/html"}, f"{listed.where}: lists the types {types}"


@pytest.mark.uuid("281b0447-9cd0-4d50-b8fe-f1a6b03c2b5a")
@pytest.mark.reference("https://docs.openstack.org/api-ref/object-store/#create-or-update-object-metadata")
def test_metadata_wants_an_object(object_store: Api, container: Container) -> None:
    """Metadata for an object that does not exist is answered with 404, and makes none."""
    path = container.track("absent")
    object_store.post(path, headers={"X-Object-Meta-Colour": "blue"}).expect(404, because="there is no such object")
    object_store.head(path).expect(404)


@pytest.mark.uuid("9982fe68-85af-4cb4-ae0b-e268191bc455")
@pytest.mark.reference("https://docs.openstack.org/api-ref/object-store/#show-container-metadata")
def test_settings_of_a_container_are_shown(object_store: Api, resources: Resources) -> None:
    """A container shows its owner the ACL and, letter by letter, the metadata that it was given; an ACL that makes no
    sense is refused with 400."""
    told = features(object_store) or {}
    set_ = {"X-Container-Meta-Colour": "Dark Blue"}
    if "container_quotas" in told:
        set_ |= {"X-Container-Meta-Quota-Bytes": "1000", "X-Container-Meta-Quota-Count": "7"}
    box = new_container(resources, object_store, "settings", headers=set_ | {"X-Container-Read": ".r:*"})
    answer = object_store.head(box.path).expect(204)
    seen = {name: answer.headers.get(name) for name in set_}
    assert seen == set_, f"{answer.where}: expected {set_}, seen {seen}"
    assert ".r:*" in answer.header("X-Container-Read"), f"{answer.where}: seen {answer.header('X-Container-Read')}"
    object_store.post(box.path, headers={"X-Container-Write": ".r:*"}).expect(400, because="nobody can write by .r")


@pytest.mark.uuid("74cc144f-c81e-45f9-8bf8-72d0f36bd075")
@pytest.mark.reference("https://docs.openstack.org/api-ref/object-store/#create-update-or-delete-container-metadata")
def test_quota_is_a_number(object_store: Api, container: Container) -> None:
    """A quota of a container that is no number is refused with 400."""
    feature(object_store, "container_quotas")
    for kind in ("Bytes", "Count"):
        headers = {f"X-Container-Meta-Quota-{kind}": "many"}
        object_store.post(container.path, headers=headers).expect(400, because="it is no number")
        assert f"quota-{kind.lower()}" not in meta(object_store.head(container.path).expect(204), "Container")


@pytest.mark.uuid("cbf1359b-3bbf-4ee6-b0e6-781bcbbfcbc1")
@pytest.mark.reference("https://docs.openstack.org/api-ref/object-store/#copy-object")
def test_copy_tells_its_source(object_store: Api, container: Container) -> None:
    """The answer to a copy tells checksum and age of what was copied."""
    source, target = container.has("source", b"content"), container.track("target")
    age = object_store.head(source).expect(200).header("Last-Modified")
    answer = object_store.request("COPY", source, headers={"Destination": target[1:]}).expect(201)
    assert answer.header("ETag") == md5(b"content"), f"{answer.where}: seen {answer.header('ETag')}"
    seen = answer.header("X-Copied-From-Last-Modified")
    assert seen == age, f"{answer.where}: expected the age of the source, {age}, seen {seen}"


@pytest.mark.uuid("78cace7e-c11a-4baa-83f9-624fc8a3055c")
@pytest.mark.reference("https://docs.openstack.org/api-ref/object-store/#create-container")
def test_keeping_versions_can_be_ended(object_store: Api, resources: Resources) -> None:
    """A container tells where it keeps versions, and keeps none any more when that place is taken away."""
    told = features(object_store)
    if told is not None and "versioned_writes" not in told:
        raise Absent(f"{object_store.root}/info names no versioned_writes")
    archive = new_container(resources, object_store, "versions")
    base = new_container(resources, object_store, "base", headers={"X-Versions-Location": archive.name})
    shown = object_store.head(base.path).expect(204)
    assert shown.headers.get("X-Versions-Location") == archive.name, f"{shown.where}: tells no place for versions"
    base.put("object", b"first").expect(201)
    object_store.post(base.path, headers={"X-Remove-Versions-Location": "x"}).expect(204)
    shown = wait_for(
        lambda: object_store.head(base.path).expect(204),
        lambda seen: "X-Versions-Location" not in seen.headers,
        because="the container keeps no versions any more",
        timeout=SETTLES,
        promised=True,
    )
    base.put("object", b"second").expect(201)
    archive.holds(0, 0)
    object_store.delete(base.at("object")).expect(200, 204)
    object_store.get(base.at("object")).expect(404, because="no version was kept")
