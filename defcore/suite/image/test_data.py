"""The data of images: registered for, uploaded, downloaded."""

import hashlib
import uuid

import pytest

from defcore.suite.support import Absent, Api, Resources, shortened
from defcore.suite.support.image import IMAGE, IMAGES, active, content, listed, queued, register, settled, upload

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-ref/image/v2/#upload-binary-image-data")

IMPORT_METHODS = {
    "type": "object",
    "required": ["import-methods"],
    "properties": {
        "import-methods": {
            "type": "object",
            "required": ["value"],
            "properties": {
                "value": {"type": "array", "items": {"type": "string"}},
                "description": {"type": "string"},
                "type": {"type": "string"},
            },
        }
    },
}


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


@pytest.mark.uuid("aebb1c46-a54f-4e0e-8525-be828678f2f2")
@pytest.mark.reference("https://docs.openstack.org/api-ref/image/v2/#download-binary-image-data")
def test_checksums(image: Api, resources: Resources) -> None:
    """The checksum and hash of an image are those of its data, and the download repeats the checksum.

    A service that no longer computes MD5 shows null for the checksum; the multihash then has to be there.
    """
    made = active(image, resources, "checksum", 2000)
    path = f"{IMAGES}/{made['id']}"
    data = content(2000, made["name"], made["disk_format"])
    md5 = hashlib.md5(data, usedforsecurity=False).hexdigest()
    assert made["size"] == 2000, f"GET {path}: expected size 2000, seen {made['size']}"
    assert made["checksum"] in (md5, None), f"GET {path}: expected checksum {md5}, seen {made['checksum']}"
    algorithm = made.get("os_hash_algo")
    assert algorithm or made["checksum"], f"GET {path}: expected a checksum or a hash, seen neither"
    if algorithm:
        value = hashlib.new(algorithm, data).hexdigest()
        assert made["os_hash_value"] == value, f"GET {path}: expected {algorithm} {value}, seen {made['os_hash_value']}"
    file = image.get(f"{path}/file").expect(200)
    seen = file.header("content-type")
    assert seen.startswith("application/octet-stream"), f"{file.where}: expected octet-stream, seen {seen}"
    assert made["checksum"] is None or file.header("content-md5") == md5, (
        f"{file.where}: expected Content-MD5 {md5}, seen {file.headers.get('content-md5')}"
    )


@pytest.mark.uuid("340b8872-43ee-4b9f-a987-4d2d744cc2fc")
def test_data_is_written_once(image: Api, resources: Resources) -> None:
    """Data uploaded to an image that has data already is refused as a conflict, and the data stays as it was."""
    made = active(image, resources, "once")
    upload(image, made["id"], content(1024, "other", made["disk_format"])).expect(409)
    file = image.get(f"{IMAGES}/{made['id']}/file").expect(200)
    data = content(1024, made["name"], made["disk_format"])
    assert file.body == data, f"{file.where}: expected the data uploaded first, seen {len(file.body)} other bytes"


@pytest.mark.uuid("e2cd50f6-e508-404e-9565-8c2bd3e35db5")
def test_upload_wants_octet_stream(image: Api, resources: Resources) -> None:
    """Data uploaded under another content type than octet-stream is refused, and the image still waits for data."""
    made = queued(image, resources, "type")
    path = f"{IMAGES}/{made['id']}"
    image.put(f"{path}/file", data=b"text", headers={"Content-Type": "text/plain"}).expect(415)
    shown = image.get(path).expect(200).check(IMAGE)
    assert shown.json["status"] == "queued", f"{shown.where}: expected status queued, seen {shown.json['status']}"


@pytest.mark.uuid("7449fae2-e25e-4132-932c-0cd9d359044a")
@pytest.mark.reference("https://docs.openstack.org/api-ref/image/v2/#download-binary-image-data")
def test_download_of_a_part(image: Api, resources: Resources) -> None:
    """A range of an image's data is downloaded alone, and one beyond its end cannot be satisfied."""
    made = active(image, resources, "range")
    path = f"{IMAGES}/{made['id']}/file"
    data = content(1024, made["name"], made["disk_format"])
    for asked, first, last in (("bytes=10-19", 10, 19), ("bytes=-5", 1019, 1023)):
        part = image.get(path, headers={"Range": asked}).expect(206)
        assert part.body == data[first : last + 1], (
            f"{part.where}: expected {asked} of the data, seen {shortened(repr(part.body), 50)}"
        )
        place = part.header("content-range")
        assert place == f"bytes {first}-{last}/1024", f"{part.where}: expected {first}-{last} of 1024, seen {place}"
    image.get(path, headers={"Range": "bytes=1024-"}).expect(416)


@pytest.mark.uuid("0e791acc-0366-4a3b-9f32-c8afd2c9d984")
@pytest.mark.reference("https://docs.openstack.org/api-ref/image/v2/#interoperable-image-import")
def test_import_of_staged_data(image: Api, resources: Resources) -> None:
    """Where the import method glance-direct is offered, staged data becomes the data of the image by import."""
    offer = image.get("/v2/info/import")
    if offer.status == 200:
        offer.check(IMPORT_METHODS)
    methods = offer.json["import-methods"]["value"] if offer.status == 200 else []
    if "glance-direct" not in methods:
        raise Absent(f"the import method glance-direct is not offered ({offer.where}: {offer.status} {methods})")
    answer = register(image, resources, "import").setup(201)
    announced = [one.strip() for one in answer.header("openstack-image-import-methods").split(",")]
    assert sorted(announced) == sorted(methods), f"{answer.where}: expected {methods}, seen {announced}"
    made, path = answer.json, f"{IMAGES}/{answer.json['id']}"
    direct = {"method": {"name": "glance-direct"}}
    image.post(f"{path}/import", json=direct).expect(409, because="nothing is staged yet")
    data = content(1024, made["name"], made["disk_format"])
    image.put(f"{path}/stage", data=data, headers={"Content-Type": "application/octet-stream"}).expect(204)
    staged = image.get(path).expect(200).check(IMAGE)
    assert staged.json["status"] == "uploading", f"{staged.where}: expected uploading, seen {staged.json['status']}"
    image.post(f"{path}/import", json={"method": {"name": "no-such-method"}}).expect(400)
    image.post(f"{path}/import", json=direct).expect(202)
    # An import that fails breaks no promise: an operator's plugin may refuse data that no server could boot.
    settled(image, made["id"])
    # An operator's plugin may convert what is imported, so that only the fact of data is certain, not its bytes.
    file = image.get(f"{path}/file").expect(200)
    assert len(file.body) > 0, f"{file.where}: expected data after the import, seen none"
