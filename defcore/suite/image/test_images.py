"""Images as such: listed, shown, deleted."""

import uuid

import pytest

from defcore.suite.support import Api, Resources
from defcore.suite.support.image import IMAGE, IMAGES, active, formats_of, listed, queued

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-ref/image/v2/#show-image")
SAME = ("name", "status", "visibility", "container_format", "disk_format", "size", "owner", "tags", "protected")


@pytest.mark.uuid("8ab3e9d4-0ce4-4868-8d3a-fe2092b57983")
@pytest.mark.covers("1e341d7a-90a9-494c-b143-2cdf2aeb6aee")
@pytest.mark.reference("https://docs.openstack.org/api-ref/image/v2/#list-images")
def test_list_contains_created(image: Api, resources: Resources) -> None:
    """The list without any filter contains each of the user's images, of whatever format, as it is shown."""
    formats = formats_of(image)
    made = [
        active(image, resources, "listed", tags=[resources.name("tag")]),
        queued(image, resources, "listed-disk", disk_format=formats.other("disk", formats.fillable)),
        queued(image, resources, "listed-container", container_format=formats.other("container", "bare")),
    ]
    found = listed(image)
    for one in made:
        shown = image.get(f"{IMAGES}/{one['id']}").expect(200).check(IMAGE).json
        assert one["id"] in found, (
            f"GET {IMAGES}: expected image {one['id']} on one of its pages, seen {len(found)} others"
        )
        for key in SAME:
            seen = found[one["id"]].get(key)
            assert seen == shown[key], f"GET {IMAGES}: expected {key} {shown[key]!r} as shown, seen {seen!r}"


@pytest.mark.uuid("225bae50-b267-49f6-b6cc-c1dc1073750c")
@pytest.mark.covers("f848bb94-1c6e-45a4-8726-39e3a5b23535")
@pytest.mark.reference("https://docs.openstack.org/api-ref/image/v2/#delete-image")
def test_delete_queued_image(image: Api, resources: Resources) -> None:
    """An image without data can be deleted, and is then in the list no more."""
    kept, gone = queued(image, resources, "kept"), queued(image, resources, "gone")
    image.delete(f"{IMAGES}/{gone['id']}").expect(204)
    found = listed(image)
    assert gone["id"] not in found, f"GET {IMAGES}: expected image {gone['id']} to be gone, seen {found[gone['id']]}"
    assert kept["id"] in found, f"GET {IMAGES}: expected image {kept['id']}, which was not deleted"


@pytest.mark.uuid("cf08b6fc-d419-488c-8f32-3560792afcb0")
@pytest.mark.covers("32248db1-ab88-4821-9604-c7c369f1f88c")
@pytest.mark.reference("https://docs.openstack.org/api-ref/image/v2/#delete-image")
def test_delete_empty_id(image: Api) -> None:
    """Deleting an image by an empty id is answered as not found."""
    image.delete(f"{IMAGES}/").expect(404)


@pytest.mark.uuid("14cfddb7-78b4-453d-a47e-81035b65085b")
@pytest.mark.covers("6fe40f1c-57bd-4918-89cc-8500f850f3de")
@pytest.mark.reference("https://docs.openstack.org/api-ref/image/v2/#delete-image")
def test_delete_unknown_image(image: Api) -> None:
    """Deleting an image that does not exist is answered as not found."""
    image.delete(f"{IMAGES}/{uuid.uuid4()}").expect(404)


@pytest.mark.uuid("374dc010-9d8b-45ca-8d04-84031d759dd2")
@pytest.mark.covers("e57fc127-7ba0-4693-92d7-1d8a05ebcba9")
def test_deleted_image_is_gone(image: Api, resources: Resources) -> None:
    """A deleted image is not found when it is shown, nor when it is deleted again."""
    made = active(image, resources, "twice")
    image.get(f"{IMAGES}/{made['id']}").setup(200)
    image.delete(f"{IMAGES}/{made['id']}").setup(204)
    image.get(f"{IMAGES}/{made['id']}").expect(404, because="the image was deleted")
    image.delete(f"{IMAGES}/{made['id']}").expect(404, because="the image was deleted before")


@pytest.mark.uuid("c16fc6d3-651c-4fc8-bdca-61eeb76c9308")
@pytest.mark.covers("ef45000d-0a72-4781-866d-4cb7bf2562ad")
def test_show_empty_id(image: Api) -> None:
    """Showing an image by an empty id is answered as not found, not with the list."""
    image.get(f"{IMAGES}/").expect(404)


@pytest.mark.uuid("abda554d-5d48-4927-b35c-e7c0ee6da784")
@pytest.mark.covers("668743d5-08ad-4480-b2b8-15da34f81d9f")
def test_show_unknown_image(image: Api) -> None:
    """Showing an image that does not exist is answered as not found."""
    image.get(f"{IMAGES}/{uuid.uuid4()}").expect(404)


@pytest.mark.uuid("3f861305-a034-4cc0-8ede-aa9d8d6653bb")
def test_image_links_lead_to_it(image: Api, resources: Resources) -> None:
    """The links of an image lead to the image, to its data and to the schema of images; so do those in a list."""
    made = active(image, resources, "linked")
    shown = image.get(f"{IMAGES}/{made['id']}").expect(200).check(IMAGE).json
    entry = listed(image, {"name": made["name"]})[made["id"]]
    for where, seen in (("shown", shown), ("listed", entry)):
        ends = {"self": f"{IMAGES}/{made['id']}", "file": f"{IMAGES}/{made['id']}/file", "schema": "/v2/schemas/image"}
        wrong = {name: seen.get(name) for name, end in ends.items() if not str(seen.get(name)).endswith(end)}
        assert not wrong, f"image {made['id']} as {where}: expected links that end with {ends}, seen {wrong}"
