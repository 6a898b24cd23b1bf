"""The service publishes the schemas of its documents."""

import pytest

from defcore.suite.support import Api
from defcore.suite.support.image import SCHEMA


@pytest.mark.uuid("9d11a59a-1a7a-4dbf-a30e-18f97860c9a6")
@pytest.mark.covers("622b925c-479f-4736-860d-adeaf13bc371")
@pytest.mark.reference("https://docs.openstack.org/api-ref/image/v2/#show-image-schema")
def test_image_schema(image: Api) -> None:
    """The schema of one image can be read, is named `image` and describes the base properties."""
    answer = image.get("/v2/schemas/image").expect(200).check(SCHEMA)
    assert answer.json["name"] == "image", f"{answer.where}: expected the name image, seen {answer.json['name']!r}"
    missing = {"id", "name", "status", "container_format", "disk_format", "size"} - set(answer.json["properties"])
    assert not missing, f"{answer.where}: expected the base properties, missing {sorted(missing)}"


@pytest.mark.uuid("776f0502-1966-40e8-84fc-5e82584acedd")
@pytest.mark.covers("25c8d7b2-df21-460f-87ac-93130bcdc684")
@pytest.mark.reference("https://docs.openstack.org/api-ref/image/v2/#show-images-schema")
def test_images_schema(image: Api) -> None:
    """The schema of a list of images can be read, is named `images` and describes the list."""
    answer = image.get("/v2/schemas/images").expect(200).check(SCHEMA)
    assert answer.json["name"] == "images", f"{answer.where}: expected the name images, seen {answer.json['name']!r}"
    assert "images" in answer.json["properties"], f"{answer.where}: expected the property images"
