"""Properties of images, changed by JSON patch."""

import uuid

import pytest

from defcore.suite.support import Answer, Api, Resources, wait_for
from defcore.suite.support.image import IMAGE, IMAGES, active, change, listed, queued, register
from defcore.suite.support.moment import moment

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-ref/image/v2/#update-image")


@pytest.mark.uuid("30cbeb67-4c18-4aa2-954e-f891ce8e88a6")
@pytest.mark.covers("f66891a7-a35c-41a8-b590-a065c2a1caa6")
def test_patch_name(image: Api, resources: Resources) -> None:
    """A new name is acknowledged and shown from then on; the image stays the same otherwise."""
    made = queued(image, resources, "before", tags=[resources.name("tag")])
    name = resources.name("after")
    answer = change(image, made["id"], {"op": "replace", "path": "/name", "value": name}).expect(200).check(IMAGE)
    shown = image.get(f"{IMAGES}/{made['id']}").expect(200).check(IMAGE)
    for seen in (answer, shown):
        assert seen.json["id"] == made["id"], f"{seen.where}: expected id {made['id']}, seen {seen.json['id']}"
        assert seen.json["name"] == name, f"{seen.where}: expected the new name {name!r}, seen {seen.json['name']!r}"
        for key in ("status", "visibility", "container_format", "disk_format", "tags"):
            assert seen.json[key] == made[key], f"{seen.where}: expected {key} {made[key]!r}, seen {seen.json[key]!r}"


@pytest.mark.uuid("561d22e6-e25a-46fa-a139-53ed795f3d02")
def test_read_only_properties(image: Api, resources: Resources) -> None:
    """What the service itself decides about an image cannot be changed by a patch."""
    made = active(image, resources, "read-only")
    for key, value in (("status", "queued"), ("size", 1), ("checksum", "0" * 32), ("id", str(uuid.uuid4()))):
        change(image, made["id"], {"op": "replace", "path": f"/{key}", "value": value}).expect(403)
    shown = image.get(f"{IMAGES}/{made['id']}").expect(200).check(IMAGE)
    for key in ("status", "size", "checksum", "id"):
        assert shown.json[key] == made[key], f"{shown.where}: expected {key} {made[key]!r}, seen {shown.json[key]!r}"


@pytest.mark.uuid("3111aa6d-f247-4d51-95c0-e33c66cf4ea1")
def test_refused_patches(image: Api, resources: Resources) -> None:
    """A base property cannot be removed, an unknown one neither replaced nor removed, and a patch must come as what it
    is."""
    made = queued(image, resources, "patch")
    change(image, made["id"], {"op": "remove", "path": "/name"}).expect(403)
    change(image, made["id"], {"op": "replace", "path": "/no_such_property", "value": "x"}).expect(409)
    change(image, made["id"], {"op": "remove", "path": "/no_such_property"}).expect(409)
    operation = {"op": "replace", "path": "/name", "value": "x"}
    path = f"{IMAGES}/{made['id']}"
    image.patch(path, json=[operation], headers={"Content-Type": "application/json"}).expect(415)
    shown = image.get(path).expect(200).check(IMAGE)
    assert shown.json["name"] == made["name"], f"{shown.where}: expected {made['name']}, seen {shown.json['name']}"


@pytest.mark.uuid("6ca389c1-1a6d-4d10-83f8-11e6dc568bea")
def test_additional_property(image: Api, resources: Resources) -> None:
    """A property of the user's own can be added, replaced and removed, and the list can be filtered by it."""
    made = queued(image, resources, "property")
    path, value = f"{IMAGES}/{made['id']}", resources.name("value")
    change(image, made["id"], {"op": "add", "path": "/defcore_note", "value": "first"}).expect(200)
    change(image, made["id"], {"op": "replace", "path": "/defcore_note", "value": value}).expect(200)
    shown = image.get(path).expect(200).check(IMAGE)
    seen = shown.json.get("defcore_note")
    assert seen == value, f"{shown.where}: expected defcore_note {value!r}, seen {seen!r}"
    found = set(listed(image, {"defcore_note": value}))
    assert found == {made["id"]}, f"GET {IMAGES}?defcore_note={value}: expected {made['id']}, seen {sorted(found)}"
    change(image, made["id"], {"op": "remove", "path": "/defcore_note"}).expect(200)
    gone = image.get(path).expect(200).check(IMAGE)
    assert "defcore_note" not in gone.json, (
        f"{gone.where}: expected no defcore_note, seen {gone.json['defcore_note']!r}"
    )


@pytest.mark.uuid("df8154af-5d58-440f-ac8c-bc3d0c3964eb")
@pytest.mark.reference("https://docs.openstack.org/api-ref/image/v2/#delete-image")
def test_protected_image(image: Api, resources: Resources) -> None:
    """A protected image cannot be deleted until it is protected no more."""
    made = queued(image, resources, "protected")
    path = f"{IMAGES}/{made['id']}"
    try:
        change(image, made["id"], {"op": "replace", "path": "/protected", "value": True}).setup(200)
        image.delete(path).expect(403, because="the image is protected")
        shown = image.get(path).expect(200, because="the image is protected").check(IMAGE)
        assert shown.json["protected"] is True, f"{shown.where}: expected protected, seen {shown.json['protected']}"
    finally:
        released = change(image, made["id"], {"op": "replace", "path": "/protected", "value": False})
    released.expect(200)
    image.delete(path).expect(204)


@pytest.mark.uuid("9e956e6e-89b3-4751-b37e-f28dc45706ad")
@pytest.mark.reference("https://docs.openstack.org/api-ref/image/v2/#show-image")
def test_timestamps(image: Api, resources: Resources) -> None:
    """The times of an image are told by ISO 8601; a change moves only that of the last update."""
    made = register(image, resources, "times").setup(201)
    created, updated = (moment(made, made.json[key]) for key in ("created_at", "updated_at"))

    def note() -> Answer:
        operation = {"op": "add", "path": "/defcore_note", "value": uuid.uuid4().hex}
        return change(image, made.json["id"], operation).expect(200).check(IMAGE)

    changed = wait_for(
        note,
        lambda answer: moment(answer, answer.json["updated_at"]) > updated,
        because="a change of the image moves updated_at",
        timeout=10,
        promised=True,
        show=lambda answer: answer.json["updated_at"],
    )
    seen = moment(changed, changed.json["created_at"])
    assert seen == created, f"{changed.where}: expected created_at {created}, seen {seen}"
    shown = image.get(f"{IMAGES}/{made.json['id']}").expect(200).check(IMAGE)
    for key in ("created_at", "updated_at"):
        assert shown.json[key] == changed.json[key], (
            f"{shown.where}: expected {key} {changed.json[key]}, seen {shown.json[key]}"
        )
