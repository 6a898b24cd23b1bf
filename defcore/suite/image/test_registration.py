"""What may be registered as an image, and what not."""

import uuid
from typing import Any

import pytest

from defcore.suite.support import Api, Resources
from defcore.suite.support.image import DATA_TYPE, IMAGE, IMAGES, queued, register

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-ref/image/v2/#create-image")


@pytest.mark.uuid("cdbf2883-b78a-4f2c-8bd5-6e875050f6b6")
def test_id_of_ones_own(image: Api, resources: Resources) -> None:
    """An image can be registered under an id of the user's choice, once."""
    chosen = str(uuid.uuid4())
    answer = register(image, resources, "chosen", id=chosen).expect(201).check(IMAGE)
    assert answer.json["id"] == chosen, f"{answer.where}: expected id {chosen}, seen {answer.json['id']}"
    register(image, resources, "again", id=chosen).expect(409)


@pytest.mark.uuid("a11e56c5-5825-4626-b43c-e51aa6f498d4")
def test_location_of_the_new_image(image: Api, resources: Resources) -> None:
    """The answer to a registration says in its header Location where the image is."""
    answer = register(image, resources, "location").expect(201).check(IMAGE)
    place, end = answer.header("location"), f"{IMAGES}/{answer.json['id']}"
    assert place.endswith(end), f"{answer.where}: expected an address that ends with {end}, seen {place}"


@pytest.mark.uuid("9628ac77-99cf-4c05-81e7-a0147e214fce")
def test_name_length(image: Api, resources: Resources) -> None:
    """A name may have 255 characters, not 256."""
    name = resources.name("long-").ljust(255, "n")
    answer = register(image, resources, "", name=name).expect(201).check(IMAGE)
    assert answer.json["name"] == name, f"{answer.where}: expected the name as asked for, seen {answer.json['name']!r}"
    register(image, resources, "", name=name + "n").expect(400)


@pytest.mark.uuid("074666b7-593c-41ae-bdcb-efe7ae78b5c7")
def test_letters_of_all_alphabets(image: Api, resources: Resources) -> None:
    """Name, tags and additional properties keep letters beyond ASCII."""
    texts = {"name": resources.name("Grüße ₡ 文"), "note": "naïve ₡ 文", "tags": [resources.name("étiquette 文")]}
    made = queued(image, resources, "", **texts)
    shown = image.get(f"{IMAGES}/{made['id']}").expect(200).check(IMAGE)
    for key, value in texts.items():
        seen = shown.json.get(key)
        assert seen == value, f"{shown.where}: expected {key} {value!r}, seen {seen!r}"


@pytest.mark.uuid("96f6b8ac-0a64-463b-8bdc-f53f143431ea")
def test_properties_are_strings(image: Api, resources: Resources) -> None:
    """An additional property whose value is a number is refused as a bad request."""
    register(image, resources, "number", note=3).expect(400)


@pytest.mark.uuid("8ec5e6ea-cf67-4635-ab45-47cbcfb4ea22")
def test_shared_unless_said_otherwise(image: Api, resources: Resources) -> None:
    """An image registered without a visibility is `shared`."""
    answer = register(image, resources, "unsaid", visibility=None).expect(201).check(IMAGE)
    assert answer.json["visibility"] == "shared", f"{answer.where}: expected shared, seen {answer.json['visibility']}"


@pytest.mark.uuid("6a9de28e-b570-4964-b762-62bb2a18e135")
def test_what_the_service_decides_is_refused(image: Api, resources: Resources) -> None:
    """An image is not registered with a status, size, checksum or time of the user's choice, but refused; a negative
    least disk or memory is refused with 400, or kept."""
    decided: tuple[dict[str, Any], ...] = (
        {"status": "active"},
        {"size": 1},
        {"checksum": "0" * 32},
        {"created_at": "2020-01-01T00:00:00Z"},
    )
    for properties in decided:
        register(image, resources, "decided", **properties).expect(400, 403, because=f"of {properties}")
    for name in ("min_disk", "min_ram"):
        answer = register(image, resources, "negative", **{name: -1}).expect(201, 400)
        if answer.status == 201:
            seen = answer.check(IMAGE).json[name]
            assert seen == -1, f"{answer.where}: expected a refusal, or {name} -1 as asked for, seen {seen}"


@pytest.mark.uuid("bb2bfdb5-ac91-435b-bf12-caea7daf33c3")
def test_public_or_refused(image: Api, resources: Resources) -> None:
    """An image that is to be public is so, or is refused with 403: it is never made as another."""
    answer = register(image, resources, "public", visibility="public").expect(201, 403)
    if answer.status == 201:
        seen = answer.check(IMAGE).json["visibility"]
        assert seen == "public", f"{answer.where}: expected public or a refusal, seen {seen}"


@pytest.mark.uuid("b14c1e17-868b-471f-a0e9-ee48f93368cf")
@pytest.mark.reference("https://docs.openstack.org/api-ref/image/v2/#add-image-tag")
def test_long_tags_are_refused(image: Api, resources: Resources) -> None:
    """A tag may have 255 characters, not 256."""
    made = queued(image, resources, "long-tag")
    path = f"{IMAGES}/{made['id']}/tags"
    image.put(f"{path}/{'t' * 255}").expect(204)
    image.put(f"{path}/{'t' * 256}").expect(400, because="the tag is too long")
    shown = image.get(f"{IMAGES}/{made['id']}").expect(200).check(IMAGE)
    assert shown.json["tags"] == ["t" * 255], (
        f"{shown.where}: expected one tag of 255 letters, seen {shown.json['tags']}"
    )


@pytest.mark.uuid("b6231041-2986-44fb-8df8-8379fffe6f5c")
@pytest.mark.reference("https://docs.openstack.org/api-ref/image/v2/#upload-binary-image-data")
def test_data_needs_an_image(image: Api) -> None:
    """Data for an image that does not exist is answered with 404, uploaded or staged."""
    for place in ("file", "stage"):
        answer = image.put(f"{IMAGES}/{uuid.uuid4()}/{place}", data=b"x", headers={"Content-Type": DATA_TYPE})
        answer.expect(404, because="there is no such image")
