"""Tags of images."""

import uuid

import pytest

from defcore.suite.support import Api, Resources
from defcore.suite.support.image import IMAGE, IMAGES, listed, queued

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-ref/image/v2/#image-tags")


@pytest.mark.uuid("aa93b683-0cac-493d-8be5-ed8ebd1ec9ed")
@pytest.mark.covers("10407036-6059-4f95-a2cd-cbbbee7ed329")
@pytest.mark.reference("https://docs.openstack.org/api-ref/image/v2/#add-image-tag")
def test_add_and_remove_tag(image: Api, resources: Resources) -> None:
    """A tag that is added is shown with the image, and no more after it was removed; other tags stay."""
    kept, tag = resources.name("kept"), resources.name("tag")
    made = queued(image, resources, "tagged", tags=[kept])
    path = f"{IMAGES}/{made['id']}"
    image.put(f"{path}/tags/{tag}").expect(204)
    added = image.get(path).expect(200).check(IMAGE)
    assert sorted(added.json["tags"]) == sorted([kept, tag]), (
        f"{added.where}: expected the tags {[kept, tag]}, seen {added.json['tags']}"
    )
    image.delete(f"{path}/tags/{tag}").expect(204)
    removed = image.get(path).expect(200).check(IMAGE)
    assert removed.json["tags"] == [kept], f"{removed.where}: expected the tags {[kept]}, seen {removed.json['tags']}"


@pytest.mark.uuid("f89f1f32-a910-456c-b78b-f91d6a4ee2ab")
@pytest.mark.covers("8cd30f82-6f9a-4c6e-8034-c1b51fba43d9")
@pytest.mark.reference("https://docs.openstack.org/api-ref/image/v2/#add-image-tag")
def test_tag_unknown_image(image: Api, resources: Resources) -> None:
    """Adding a tag to an image that does not exist is answered as not found."""
    image.put(f"{IMAGES}/{uuid.uuid4()}/tags/{resources.name('tag')}").expect(404)


@pytest.mark.uuid("a066d6d0-d03e-448d-94a8-58308ceae0db")
@pytest.mark.covers("39c023a2-325a-433a-9eea-649bf1414b19")
@pytest.mark.reference("https://docs.openstack.org/api-ref/image/v2/#delete-image-tag")
def test_remove_unknown_tag(image: Api, resources: Resources) -> None:
    """Removing a tag that the image does not have is answered as not found."""
    kept = resources.name("kept")
    made = queued(image, resources, "tagged", tags=[kept])
    path = f"{IMAGES}/{made['id']}"
    image.delete(f"{path}/tags/{resources.name('never-set')}").expect(404)
    shown = image.get(path).expect(200).check(IMAGE)
    assert shown.json["tags"] == [kept], f"{shown.where}: expected the tags {[kept]}, seen {shown.json['tags']}"


@pytest.mark.uuid("54a411cb-7d48-40e3-a260-c10e92ae138a")
@pytest.mark.reference("https://docs.openstack.org/api-ref/image/v2/#list-images")
def test_filter_by_tags(image: Api, resources: Resources) -> None:
    """Filtered by two tags, one of them with letters beyond ASCII, the list has the images that carry both, only."""
    plain, other = resources.name("tag"), resources.name("Grüße ₡ 文")
    both = queued(image, resources, "both", tags=[plain, other])
    for number, tag in enumerate((plain, other)):
        queued(image, resources, f"one-{number}", tags=[tag])
    found = listed(image, [("tag", plain), ("tag", other)])
    assert set(found) == {both["id"]}, f"GET {IMAGES}?tag=..&tag=..: expected {both['id']}, seen {sorted(found)}"


@pytest.mark.uuid("7413c6f8-3229-4ff6-b693-e34c20dc09c3")
@pytest.mark.reference("https://docs.openstack.org/api-ref/image/v2/#add-image-tag")
def test_tags_are_a_set_of_exact_words(image: Api, resources: Resources) -> None:
    """Tags that differ in capitals alone are different tags; one that is added twice is there once."""
    made = queued(image, resources, "tags")
    path = f"{IMAGES}/{made['id']}"
    for tag in ("Word", "word", "Word"):
        image.put(f"{path}/tags/{tag}").expect(204)
    shown = image.get(path).expect(200).check(IMAGE)
    seen = sorted(shown.json["tags"])
    assert seen == ["Word", "word"], f"{shown.where}: expected the tags Word and word, seen {seen}"
