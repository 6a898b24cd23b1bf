"""What an image keeps of its registration, how patches are done, and what else lists are filtered by."""

from __future__ import annotations

from typing import Any

import pytest

from defcore.suite.support import Absent, Api, Resources, wait_for
from defcore.suite.support.image import IMAGE, IMAGE_LIST, IMAGES, active, change, listed, queued, register

NOBODY = "0123456789abcdef0123456789abcdef"
"""A project that there is not."""


def found(image: Api, tag: str, **params: Any) -> list[str]:
    """Ids of the listed images that carry the tag, in the order of the list."""
    answer = image.get(IMAGES, params={"tag": tag} | params).expect(200).check(IMAGE_LIST)
    return [one["id"] for one in answer.json["images"]]


@pytest.mark.uuid("849c3981-049b-4934-9de3-e48453963e73")
@pytest.mark.reference("https://docs.openstack.org/api-ref/image/v2/#create-image")
def test_registration_keeps_what_was_asked(image: Api, resources: Resources) -> None:
    """An image has the least disk and memory, tags and protection that it was registered with, and is queued and
    without size and checksum before it has data."""
    wanted = {"min_disk": 3, "min_ram": 128, "protected": True, "status": "queued", "size": None, "checksum": None}
    tags = sorted(resources.name(text) for text in ("One", "two"))
    asked = {key: wanted[key] for key in ("min_disk", "min_ram", "protected")}
    answer = register(image, resources, "asked", tags=tags, **asked).expect(201)
    path = f"{IMAGES}/{answer.json['id']}"
    try:
        for one in (answer, image.get(path).expect(200)):
            document = one.check(IMAGE).json
            seen = {key: document[key] for key in wanted}
            assert seen == wanted, f"{one.where}: expected {wanted}, seen {seen}"
            assert sorted(document["tags"]) == tags, f"{one.where}: expected the tags {tags}, seen {document['tags']}"
    finally:
        change(image, answer.json["id"], {"op": "replace", "path": "/protected", "value": False})


@pytest.mark.uuid("2e4c7f1c-ee9c-4a1c-910c-8695a79b56bf")
@pytest.mark.reference("https://docs.openstack.org/api-ref/image/v2/#update-image")
def test_patch_is_done_as_a_whole(image: Api, resources: Resources) -> None:
    """Of a patch all operations are done, or none if one is refused."""
    made = queued(image, resources, "patched")
    name = resources.name("second")
    for changes, statuses in (
        ({"name": name, "min_ram": 64}, (200,)),
        ({"name": "third", "status": "new"}, (400, 403)),  # the status is not the user's to change
    ):
        operations = [{"op": "replace", "path": f"/{key}", "value": value} for key, value in changes.items()]
        change(image, made["id"], *operations).expect(*statuses)
    shown = image.get(f"{IMAGES}/{made['id']}").expect(200).check(IMAGE)
    seen = (shown.json["name"], shown.json["min_ram"])
    assert seen == (name, 64), f"{shown.where}: expected {(name, 64)}, seen {seen}"


@pytest.mark.uuid("972253e9-9f0b-4621-8676-6b8c4a0e075c")
@pytest.mark.reference("https://docs.openstack.org/api-ref/image/v2/#list-images")
def test_filters_by_name_owner_and_time(image: Api, resources: Resources) -> None:
    """Filtered by name, by owner or by time of creation, the list has the images that match and no others."""
    tag = resources.name("filtered")
    one, other = (queued(image, resources, purpose, tags=[tag]) for purpose in ("one", "other"))
    everything = {one["id"], other["id"]}
    for params, expected in (
        ({"name": one["name"]}, {one["id"]}),
        ({"owner": one["owner"]}, everything),
        ({"owner": NOBODY}, set()),
        ({"created_at": f"gte:{one['created_at']}"}, everything),
        ({"created_at": "gt:2199-12-31T00:00:00Z"}, set()),
        ({"updated_at": "lt:2001-01-01T00:00:00Z"}, set()),
    ):
        seen = {*found(image, tag, **params)}
        assert seen == expected, f"GET {IMAGES} {params}: expected {expected}, seen {seen}"


@pytest.mark.uuid("14616f65-fe36-4a96-b549-9e7f166acccf")
@pytest.mark.reference("https://docs.openstack.org/api-ref/image/v2/#list-images")
def test_hidden_image(image: Api, resources: Resources) -> None:
    """A hidden image is in no list but that of hidden images."""
    tag = resources.name("hidden")
    plain = queued(image, resources, "plain", tags=[tag])
    if "os_hidden" not in plain:
        raise Absent("images cannot be hidden: they have no os_hidden")
    hidden = queued(image, resources, "hidden", tags=[tag], os_hidden=True)
    for params, expected in (({}, [plain["id"]]), ({"os_hidden": "true"}, [hidden["id"]])):
        seen = found(image, tag, **params)
        assert seen == expected, f"GET {IMAGES} {params}: expected {expected}, seen {seen}"


@pytest.mark.uuid("fb3c8cfb-234e-4419-ae43-3a04a625e3fe")
@pytest.mark.reference("https://docs.openstack.org/api-ref/image/v2/#list-images")
def test_newest_first(image: Api, resources: Resources) -> None:
    """Unless it is to be sorted otherwise, a list begins with the newest image."""
    tag = resources.name("age")
    first = queued(image, resources, "first", tags=[tag])
    last = wait_for(
        lambda: queued(image, resources, "next", tags=[tag]),
        lambda made: made["created_at"] > first["created_at"],
        because="an image is made in a later second than the first: times are told in full seconds",
        pause=0.5,
    )
    seen = found(image, tag)
    assert seen[0] == last["id"], f"GET {IMAGES}: expected the newest, {last['id']}, first, seen {seen}"
    assert seen.index(first["id"]) > seen.index(last["id"]), f"GET {IMAGES}: an older image is first: {seen}"


@pytest.mark.uuid("4b09859b-aa88-40b7-b0ea-12898bd17dfe")
@pytest.mark.reference("https://docs.openstack.org/api-ref/image/v2/#download-binary-image-data")
def test_data_goes_with_the_image(image: Api, resources: Resources) -> None:
    """The data of a deleted image is sent no more, and the image is in no list."""
    made = active(image, resources, "gone")
    path = f"{IMAGES}/{made['id']}"
    image.get(f"{path}/file").expect(200)
    image.delete(path).expect(204)
    image.get(f"{path}/file").expect(404, because="the image was deleted")
    assert made["id"] not in listed(image, {"name": made["name"]}), f"GET {IMAGES}: lists a deleted image"
    resources.forget("image", made["id"])
