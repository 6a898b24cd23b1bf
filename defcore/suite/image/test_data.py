"""The data of images: registered for, uploaded, downloaded."""

import uuid

import pytest

from defcore.suite.support import Api, Resources
from defcore.suite.support.image import IMAGE, IMAGES, content, listed, register, settled, upload

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-ref/image/v2/#upload-binary-image-data")


@pytest.mark.uuid("61860e6b-1063-4b1b-b3b3-3b442001d063")
@pytest.mark.covers("139b765e-7f3d-4b3d-8b37-3ca3876ee318")
def test_register_upload_download(image: Api, resources: Resources) -> None:
    """A registered image waits for its data without having any; what is then uploaded is what is downloaded."""
    ramdisk = str(uuid.uuid4())
    answer = register(image, resources, "upload", ramdisk_id=ramdisk).expect(201).check(IMAGE)
    made = answer.json
    for key, value in (("status", "queued"), ("visibility", "private"), ("ramdisk_id", ramdisk)):
        assert made.get(key) == value, f"{answer.where}: expected {key} {value!r}, seen {made.get(key)!r}"
    path = f"{IMAGES}/{made['id']}"
    image.get(f"{path}/file").expect(204, because="the image has no data yet").empty()
    data = content(1024, made["name"], made["disk_format"])
    upload(image, made["id"], data).expect(204)
    shown = settled(image, made["id"], promised=True)
    expected = {"id": made["id"], "name": made["name"], "status": "active", "size": 1024, "ramdisk_id": ramdisk}
    for key, value in expected.items():
        assert shown.get(key) == value, f"GET {path}: expected {key} {value!r}, seen {shown.get(key)!r}"
    file = image.get(f"{path}/file").expect(200)
    assert file.body == data, f"{file.where}: expected the {len(data)} bytes uploaded, seen {len(file.body)} others"


@pytest.mark.uuid("7647d178-200e-44fa-9487-6470e174829b")
@pytest.mark.covers("292bd310-369b-41c7-a7a3-10276ef76753")
@pytest.mark.reference("https://docs.openstack.org/api-ref/image/v2/#create-image")
def test_register_rejects_container_format(image: Api, resources: Resources) -> None:
    """An image of an unknown container format is refused as a bad request, and does not come into being."""
    name = resources.name("container-format")
    register(image, resources, "", name=name, container_format="wrong").expect(400)
    assert not listed(image, {"name": name}), f"GET {IMAGES}?name={name}: expected no image, for it was refused"


@pytest.mark.uuid("b26c68a9-3664-4e1e-93d6-d775e7a8c3ef")
@pytest.mark.covers("70c6040c-5a97-4111-9e13-e73665264ce1")
@pytest.mark.reference("https://docs.openstack.org/api-ref/image/v2/#create-image")
def test_register_rejects_disk_format(image: Api, resources: Resources) -> None:
    """An image of an unknown disk format is refused as a bad request, and does not come into being."""
    name = resources.name("disk-format")
    register(image, resources, "", name=name, disk_format="wrong").expect(400)
    assert not listed(image, {"name": name}), f"GET {IMAGES}?name={name}: expected no image, for it was refused"
