"""The list of images, filtered and limited. Each filter must keep one image out and let one in."""

from typing import Any

import pytest

from defcore.suite.support import Api, Resources
from defcore.suite.support.image import IMAGE_LIST, IMAGES, active, formats_of, in_service, listed, queued

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-ref/image/v2/#list-images")
Images = dict[str, dict[str, Any]]


def assert_parted(found: Images, inside: dict[str, Any], outside: dict[str, Any] | None, by: str) -> None:
    """The list has the image that the filter describes and not the other one."""
    assert inside["id"] in found, f"GET {IMAGES}?{by}: expected image {inside['id']}, seen {len(found)} others"
    if outside is not None:
        assert outside["id"] not in found, f"GET {IMAGES}?{by}: expected no {found[outside['id']]}"


def assert_all(found: Images, key: str, value: Any, by: str) -> None:
    """Every image of the list has the value, whoever made it."""
    wrong = {id: one.get(key) for id, one in found.items() if one.get(key) != value}
    assert not wrong, f"GET {IMAGES}?{by}: expected only images with {key} {value!r}, seen {wrong}"


@pytest.mark.uuid("43c226da-a9d1-4d74-a013-0b7dda6229ff")
@pytest.mark.covers("9959ca1d-1aa7-4b7a-a1ea-0fff0499b37e")
def test_filter_container_format(image: Api, resources: Resources) -> None:
    """Filtered by container format, the list has all images of that format and no others."""
    bare = queued(image, resources, "bare")
    other = queued(image, resources, "not-bare", container_format=formats_of(image).other("container", "bare"))
    for one, not_one in ((bare, other), (other, bare)):
        by = f"container_format={one['container_format']}"
        found = listed(image, {"container_format": one["container_format"]})
        assert_parted(found, one, not_one, by)
        assert_all(found, "container_format", one["container_format"], by)


@pytest.mark.uuid("b970c344-e5e8-4f33-a444-2a4227eb0106")
@pytest.mark.covers("4a4735a7-f22f-49b6-b0d9-66e1ef7453eb")
def test_filter_disk_format(image: Api, resources: Resources) -> None:
    """Filtered by disk format, the list has all images of that format and no others."""
    first = queued(image, resources, "disk")
    second = queued(image, resources, "other-disk", disk_format=formats_of(image).other("disk", first["disk_format"]))
    for one, not_one in ((first, second), (second, first)):
        by = f"disk_format={one['disk_format']}"
        found = listed(image, {"disk_format": one["disk_format"]})
        assert_parted(found, one, not_one, by)
        assert_all(found, "disk_format", one["disk_format"], by)


@pytest.mark.uuid("e937d726-a837-45a9-b7bd-9c61275aae1c")
@pytest.mark.covers("7a95bb92-d99e-4b12-9718-7bc6ab73e6d2")
def test_filter_visibility(image: Api, resources: Resources) -> None:
    """Filtered by visibility private, the list has the user's private images and none that is not private."""
    private = queued(image, resources, "private")
    # Asked for without visibility an image is `shared` since 2.5 and private before, where it can prove nothing.
    unsaid = queued(image, resources, "unsaid", visibility=None)
    found = listed(image, {"visibility": "private"})
    assert_parted(found, private, None if unsaid["visibility"] == "private" else unsaid, "visibility=private")
    assert_all(found, "visibility", "private", "visibility=private")


@pytest.mark.uuid("bb521605-4e59-4d68-b7fa-127459f039e0")
@pytest.mark.covers("cf1b9a48-8340-480e-af7b-fe7e17690876")
def test_filter_size(image: Api, resources: Resources) -> None:
    """Filtered by size, the list has the images of exactly that size and no others."""
    inside, outside = active(image, resources, "size", 1537), active(image, resources, "size-off", 1538)
    found = listed(image, {"size": 1537})
    assert_parted(found, inside, outside, "size=1537")
    assert_all(found, "size", 1537, "size=1537")


@pytest.mark.uuid("24df9b61-c8ec-475e-be7a-036b46826e98")
@pytest.mark.covers("4ad8c157-971a-4ba8-aa84-ed61154b1e7f")
def test_filter_size_range(image: Api, resources: Resources) -> None:
    """Filtered by least and greatest size, the list has the images within, and none smaller or greater."""
    small, middle, great = (active(image, resources, f"range-{size}", size) for size in (1100, 2100, 3100))
    by = "size_min=1600&size_max=2600"
    found = listed(image, {"size_min": 1600, "size_max": 2600})
    assert_parted(found, middle, small, by)
    assert_parted(found, middle, great, by)
    wrong = {id: one["size"] for id, one in found.items() if one["size"] is None or not 1600 <= one["size"] <= 2600}
    assert not wrong, f"GET {IMAGES}?{by}: expected only sizes within, seen {wrong}"


@pytest.mark.uuid("e56f3025-7f10-428b-8e0a-5a8b88154f4c")
@pytest.mark.covers("7fc9e369-0f58-4d05-9aa5-0969e2d59d15")
def test_filter_status(image: Api, resources: Resources) -> None:
    """Filtered by status active, the list has the images with data and none that waits for its data."""
    ready, waiting = active(image, resources, "active"), queued(image, resources, "queued")
    found = listed(image, {"status": "active"})
    assert_parted(found, ready, waiting, "status=active")
    assert_all(found, "status", "active", "status=active")


@pytest.mark.uuid("834acb4a-d586-4f96-909e-b97014bf19ee")
@pytest.mark.covers("e914a891-3cc8-4b40-ad32-e0a39ffbddbb")
def test_limit_one(image: Api, resources: Resources) -> None:
    """With a limit of one the list has one image, and a link to the next page, which has another one."""
    for number in (1, 2):
        queued(image, resources, f"limit-{number}")
    first = image.get(IMAGES, params={"limit": 1}).expect(200).check(IMAGE_LIST)
    assert len(first.json["images"]) == 1, f"{first.where}: expected one image, seen {len(first.json['images'])}"
    link = first.json.get("next")
    assert link, f"{first.where}: expected a link to the next page, for there are more images"
    second = image.get(in_service(link)).expect(200).check(IMAGE_LIST)
    assert len(second.json["images"]) == 1, f"{second.where}: expected one image, seen {len(second.json['images'])}"
    ids = [page.json["images"][0]["id"] for page in (first, second)]
    assert ids[0] != ids[1], f"{second.where}: expected another image than on the first page, seen {ids[0]} again"
