"""Properties of images, changed by JSON patch."""

import pytest

from defcore.suite.support import Api, Resources
from defcore.suite.support.image import IMAGE, IMAGES, change, queued

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-ref/image/v2/#update-image")


@pytest.mark.uuid("30cbeb67-4c18-4aa2-954e-f891ce8e88a6")
@pytest.mark.covers("f66891a7-a35c-41a8-b590-a065c2a1caa6")
def test_patch_name(image: Api, resources: Resources) -> None:
    """A new name is acknowledged and shown from then on; the image stays the same otherwise."""
    made = queued(image, resources, "before")
    name = resources.name("after")
    answer = change(image, made["id"], {"op": "replace", "path": "/name", "value": name}).expect(200).check(IMAGE)
    shown = image.get(f"{IMAGES}/{made['id']}").expect(200).check(IMAGE)
    for seen in (answer, shown):
        assert seen.json["id"] == made["id"], f"{seen.where}: expected id {made['id']}, seen {seen.json['id']}"
        assert seen.json["name"] == name, f"{seen.where}: expected the new name {name!r}, seen {seen.json['name']!r}"
        for key in ("status", "visibility", "container_format", "disk_format", "tags"):
            assert seen.json[key] == made[key], f"{seen.where}: expected {key} {made[key]!r}, seen {seen.json[key]!r}"
