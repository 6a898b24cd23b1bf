"""The listing of a container's objects, and what HEAD tells of it."""

import pytest

from defcore.suite.support import Answer, Api, Resources
from defcore.suite.support.object_store import (
    FOLDER_LISTING,
    OBJECT_LISTING,
    Container,
    listed,
    md5,
    names,
    new_container,
    policies,
)
from defcore.suite.support.object_store_headers import container_headers, meta

pytestmark = pytest.mark.reference(
    "https://docs.openstack.org/api-ref/object-store/#show-container-details-and-list-objects"
)


def listing(container: Container, wanted: list[str], **params: object) -> Answer:
    """The listing with these parameters, once it has just these names; with its headers checked."""
    answer, _ = listed(
        lambda: container.api.get(container.path, params=params),
        lambda seen: seen == wanted,
        because=f"the container lists just {wanted} for {params or 'no parameters'}",
    )
    return container_headers(answer, policies(container.api))


@pytest.fixture
def fruits(container: Container) -> Container:
    """A container with the objects apple, banana and cherry."""
    for name in ("apple", "banana", "cherry"):
        container.has(name, name.encode())
    return container


@pytest.mark.uuid("e389af2c-ba57-4489-906d-218353ae4e45")
@pytest.mark.covers("312ff6bd-5290-497f-bda1-7c5fec6697ab")
def test_container_lists_objects(fruits: Container) -> None:
    """A container lists the names of its objects in order, and counts them."""
    answer = listing(fruits, ["apple", "banana", "cherry"])
    answer.expect(200)
    assert answer.header("Content-Type").startswith("text/plain"), answer.header("Content-Type")
    fruits.holds(3, len("applebananacherry"))


@pytest.mark.uuid("945ff0f8-a90c-4416-981c-29d79496ed46")
@pytest.mark.covers("4646ac2d-9bfb-4c7d-a3c5-0f527402b3df")
def test_empty_container_lists_nothing(object_store: Api, container: Container) -> None:
    """A container without objects answers with an empty listing."""
    answer = container_headers(object_store.get(container.path).expect(200, 204), policies(object_store))
    assert names(answer) == []
    assert answer.header("X-Container-Object-Count") == "0"


@pytest.mark.uuid("65967328-fd6c-4c86-8f61-7d8ab7f50895")
@pytest.mark.covers("fe323a32-57b9-4704-a996-2e68f83b09bc")
def test_container_listing_delimiter(container: Container) -> None:
    """A container lists the names alike up to the delimiter as one."""
    container.has("folder/")
    listing(container, ["folder/"], delimiter="/")
    container.has("folder/inside")
    container.has("outside")
    listing(container, ["folder/", "folder/inside", "outside"])
    listing(container, ["folder/", "outside"], delimiter="/")


@pytest.mark.uuid("bc53d641-0d00-4d98-9890-4b320f817d24")
@pytest.mark.covers("55b4fa5c-e12e-4ca9-8fcf-a79afe118522")
def test_container_listing_end_marker(fruits: Container) -> None:
    """A container lists just the objects whose names come before the end marker."""
    listing(fruits, ["apple", "banana", "cherry"], end_marker="cherryzzzz")
    listing(fruits, ["apple", "banana"], end_marker="cherry")


@pytest.mark.uuid("157050c7-2bac-43bf-8275-78c1f7521907")
@pytest.mark.covers("c31ddc63-2a58-4f6b-b25c-94d2937e6867")
def test_container_listing_marker(fruits: Container) -> None:
    """A container lists just the objects whose names come after the marker."""
    listing(fruits, ["apple", "banana", "cherry"], marker="Aaa")
    listing(fruits, ["banana", "cherry"], marker="apple")


@pytest.mark.uuid("f43b8a19-e1af-4be6-bef7-cf4bce3b68d8")
@pytest.mark.covers("297ec38b-2b61-4ff4-bcd1-7fa055e97b61")
def test_container_listing_limit(fruits: Container) -> None:
    """A container lists its first objects, as many as the limit says or as there are."""
    listing(fruits, ["apple", "banana", "cherry"], limit=1000)
    listing(fruits, ["apple", "banana"], limit=2)


@pytest.mark.uuid("7d406d8d-cab0-4c2c-ab9c-f1d615cd9093")
@pytest.mark.covers("77e742c7-caf2-4ec9-8aa4-f7d509a3344c")
def test_container_listing_prefix(fruits: Container) -> None:
    """A container lists just the objects whose names begin with the prefix."""
    fruits.has("apricot")
    listing(fruits, ["apple", "apricot"], prefix="ap")
    listing(fruits, ["apricot"], prefix="apri")


@pytest.mark.uuid("fbbf4063-b8e5-4624-ab4b-9ac0b583a2fb")
@pytest.mark.covers("58ca6cc9-6af0-408d-aaec-2a6a7b2f0df9")
def test_container_listing_path(container: Container) -> None:
    """A container lists just the objects that are in the pseudo folder of a path."""
    for name in ("Swift/one", "Swift/two", "Swiftly", "Other/one"):
        container.has(name)
    listing(container, ["Other/one", "Swift/one", "Swift/two", "Swiftly"])
    listing(container, ["Swift/one", "Swift/two"], path="Swift")


@pytest.mark.uuid("cfc5fd4d-29fb-4120-9998-c987dd9a92f2")
@pytest.mark.covers("196f5034-6ab0-4032-9da9-a937bbb9fba9")
def test_container_lists_objects_as_json(object_store: Api, container: Container) -> None:
    """A container lists its objects as JSON with name, checksum, size, type and age, when asked for this format."""
    container.has("text", b"twelve bytes", headers={"Content-Type": "text/plain"})
    listing(container, ["text"])
    answer = container_headers(object_store.get(container.path, params={"format": "json"}).expect(200))
    assert answer.header("Content-Type").startswith("application/json"), answer.header("Content-Type")
    (item,) = answer.check(OBJECT_LISTING).json
    seen = {key: item[key] for key in ("name", "hash", "bytes", "content_type")}
    assert seen == {"name": "text", "hash": md5(b"twelve bytes"), "bytes": 12, "content_type": "text/plain"}


@pytest.mark.uuid("384e6d8b-384f-4cfa-a1fe-f012ec95d179")
@pytest.mark.covers("96e68f0e-19ec-4aa2-86f3-adc6a45e14dd")
@pytest.mark.reference("https://docs.openstack.org/api-ref/object-store/#show-container-metadata")
def test_container_shows_metadata(object_store: Api, container: Container) -> None:
    """A container shows the metadata that was set for it, beside what it holds."""
    object_store.post(container.path, headers={"X-Container-Meta-Name": "Pictures"}).expect(204)
    answer = container_headers(object_store.head(container.path).expect(204), policies(object_store)).empty()
    assert answer.header("X-Container-Meta-Name") == "Pictures"


@pytest.mark.uuid("bf368622-90dc-4136-8612-7eaccfc32383")
@pytest.mark.covers("a2faf936-6b13-4f8d-92a2-c2278355821e")
@pytest.mark.reference("https://docs.openstack.org/api-ref/object-store/#show-container-metadata")
def test_new_container_shows_no_metadata(object_store: Api, container: Container) -> None:
    """A container for which no metadata was set shows none."""
    answer = container_headers(object_store.head(container.path).expect(204), policies(object_store)).empty()
    assert meta(answer, "Container") == {}


@pytest.mark.uuid("72c02877-cc3b-4838-bbb8-6c91e0570333")
def test_container_listing_in_folders(container: Container) -> None:
    """A container lists one level of pseudo folders, with an entry for each folder, by prefix and delimiter."""
    inside = ["a/1", "a/2", "a/b/1", "a/b/2", "a/c/1", "a0", "b"]
    for name in inside:
        container.has(name)
    listing(container, inside)
    listing(container, ["a/", "a0", "b"], delimiter="/")
    listing(container, ["a/1", "a/2", "a/b/", "a/c/"], delimiter="/", prefix="a/")
    told = container.api.get(container.path, params={"format": "json", "delimiter": "/", "prefix": "a/"}).expect(200)
    told.check(FOLDER_LISTING)
    assert [item.get("subdir") or item["name"] for item in told.json] == ["a/1", "a/2", "a/b/", "a/c/"]
    assert [set(item) for item in told.json[2:]] == [{"subdir"}, {"subdir"}], f"two folders at the end: {told.json}"


@pytest.mark.uuid("2ac46cc4-b0d0-4bbe-bf20-cf596760a85f")
def test_container_listing_reverse(fruits: Container) -> None:
    """A container lists its objects from the last to the first when asked to, the marker being where it begins."""
    listing(fruits, ["cherry", "banana", "apple"], reverse="true")
    listing(fruits, ["banana"], reverse="true", marker="cherry", end_marker="apple")


@pytest.mark.uuid("eeca746e-7e05-4cdc-9c22-eafff02c169f")
def test_container_pages_join_to_the_whole(container: Container) -> None:
    """Pages of three names, each beginning after the last name of the one before, join to the whole listing."""
    whole = ["0", "A", "Z", "a", "b c", "d", "é", "日本"]
    for name in whole:
        container.has(name)
    listing(container, whole)
    seen: list[str] = []
    for _ in range(4):
        part = names(container.api.get(container.path, params={"limit": 3, "marker": seen[-1] if seen else ""}))
        seen += part
        assert len(part) <= 3, f"limit=3, seen {part}"
    assert seen == whole, "the pages must give each name once, in the order of bytes, and then an empty page"


@pytest.mark.uuid("e8b49fff-7984-4bb2-ad7c-51be433edc3a")
def test_container_counts_follow(object_store: Api, container: Container) -> None:
    """The number of objects and bytes that a container shows follows uploads, replacements and deletions."""
    container.has("first", b"12345")
    container.has("second", b"123")
    container.holds(2, 8)
    container.has("first", b"1")
    container.holds(2, 4)
    object_store.delete(container.at("second")).setup(204)
    container.holds(1, 1)


@pytest.mark.uuid("314f5e7f-a681-45d4-8ede-da0408076084")
def test_names_round_trip(object_store: Api, resources: Resources) -> None:
    """Names with spaces, percent signs, question marks, leading dots and any script are stored and listed as given."""
    box = new_container(resources, object_store, "names", name=resources.name("námes 100% ?"))
    strange = sorted([".hidden", "100%", "a b", "a%20b", "what?", "x#y", "x&y=z", "ключ", "鍵", "a//b"])
    for name in strange:
        box.has(name, name.encode())
    listing(box, strange)
    told = object_store.get(box.path, params={"format": "json"}).expect(200).check(OBJECT_LISTING)
    assert [item["name"] for item in told.json] == strange
    for name in strange:
        seen = object_store.get(box.at(name)).expect(200).text
        assert seen == name, f"the object {name!r} must hold {name!r}, seen {seen!r}"
