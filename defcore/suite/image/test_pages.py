"""The list of images, page by page and in order."""

import uuid
from typing import Any

import pytest

from defcore.suite.support import Api, Resources
from defcore.suite.support.image import IMAGE_LIST, IMAGES, active, in_service, pages, queued

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-ref/image/v2/#list-images")


def tagged(image: Api, resources: Resources, purposes: tuple[str, ...]) -> tuple[str, list[dict[str, Any]]]:
    """Images that only this test's tag finds, in the order of their making."""
    tag = resources.name("tag")
    return tag, [queued(image, resources, purpose, tags=[tag]) for purpose in purposes]


@pytest.mark.uuid("2b152eba-0146-4fa5-85eb-1bb6eb658794")
def test_pages_join_to_the_list(image: Api, resources: Resources) -> None:
    """The pages of a filtered list join to the list, each image once, for `next` and `first` keep filter and limit."""
    tag, made = tagged(image, resources, ("page",) * 5)
    filters = {"tag": tag, "visibility": "private"}
    whole = [one["id"] for page in pages(image, filters) for one in page.json["images"]]
    assert sorted(whole) == sorted(one["id"] for one in made), (
        f"GET {IMAGES}?tag={tag}: expected the five, seen {whole}"
    )
    read = list(pages(image, filters | {"limit": 2}))
    joined = [one["id"] for page in read for one in page.json["images"]]
    assert joined == whole, f"{read[0].where}: expected the pages to join to {whole}, seen {joined}"
    sizes = [len(page.json["images"]) for page in read]
    assert sizes in ([2, 2, 1], [2, 2, 1, 0]), f"{read[0].where}: expected pages of two, seen {sizes}"
    first = image.get(in_service(read[1].json["first"])).expect(200).check(IMAGE_LIST)
    seen = [one["id"] for one in first.json["images"]]
    assert seen == whole[:2], f"{first.where}: expected the first page {whole[:2]}, seen {seen}"


@pytest.mark.uuid("b0fbc767-ea66-4636-9a68-6b589a792641")
def test_marker(image: Api, resources: Resources) -> None:
    """After a marker the list goes on with the image that follows it."""
    tag, _ = tagged(image, resources, ("marker",) * 3)
    answer = image.get(IMAGES, params={"tag": tag}).expect(200).check(IMAGE_LIST)
    whole = [one["id"] for one in answer.json["images"]]
    after = image.get(IMAGES, params={"tag": tag, "marker": whole[0]}).expect(200).check(IMAGE_LIST)
    seen = [one["id"] for one in after.json["images"]]
    assert seen == whole[1:], f"{after.where}: expected {whole[1:]}, seen {seen}"


@pytest.mark.uuid("3556476b-c900-4bf2-a6b1-570170c42032")
def test_order_by_two_keys(image: Api, resources: Resources) -> None:
    """Sorted by name and then by size, the list is in that order, whichever way the order is asked for."""
    tag, names = resources.name("tag"), [resources.name("a"), resources.name("b")]
    for name, size in ((names[1], 200), (names[0], 100), (names[1], 300), (names[0], 400)):
        active(image, resources, "", size, name=name, tags=[tag])
    rising, falling = [100, 400, 200, 300], [400, 100, 300, 200]
    for asked, expected in (
        ([("sort", "name:asc,size:asc")], rising),
        ([("sort", "name:asc,size:desc")], falling),
        ([("sort_key", "name"), ("sort_dir", "asc"), ("sort_key", "size"), ("sort_dir", "desc")], falling),
    ):
        answer = image.get(IMAGES, params=[("tag", tag), *asked]).expect(200).check(IMAGE_LIST)
        seen = [one["size"] for one in answer.json["images"]]
        assert seen == expected, f"{answer.where}: expected sizes {expected}, seen {seen}"


@pytest.mark.uuid("7b2e7df4-f66b-47f0-80ac-74ae414b53a9")
def test_senseless_questions(image: Api) -> None:
    """A limit, marker, key or direction of sorting, or size that makes no sense is refused as a bad request."""
    for params in (
        {"limit": "-1"},
        {"limit": "many"},
        {"marker": str(uuid.uuid4())},
        {"sort_key": "no_such_key"},
        {"sort": "name:upwards"},
        {"size_min": "small"},
    ):
        image.get(IMAGES, params=params).expect(400)


@pytest.mark.uuid("7a852e58-8479-41e1-bee5-cde2b02a3084")
def test_several_values_of_a_filter(image: Api, resources: Resources) -> None:
    """With the operator `in` a filter takes several names and finds the images of each, one with a comma included."""
    tag, names = resources.name("tag"), [resources.name("one"), resources.name("two, more"), resources.name("three")]
    for name in names:
        queued(image, resources, "", name=name, tags=[tag])
    asked = f'in:"{names[1]}",{names[0]}'
    answer = image.get(IMAGES, params={"tag": tag, "name": asked}).expect(200).check(IMAGE_LIST)
    seen = sorted(one["name"] for one in answer.json["images"])
    assert seen == sorted(names[:2]), f"{answer.where}: expected {sorted(names[:2])}, seen {seen}"
