"""Images made from servers."""

from typing import Any

import pytest

from defcore.suite.support import Api, PromiseBroken, Resources, shortened, wait_for
from defcore.suite.support.answer import Answer
from defcore.suite.support.compute import Servers
from defcore.suite.support.compute_schemas import SERVER_CREATED_BODY, SNAPSHOT_BODY

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-ref/compute/#create-image-createimage-action")


def snapshot(servers: Servers, image: Api, resources: Resources, **wanted: Any) -> str:
    """Ask for an image of a server; returns the image's id, from the last part of Location."""
    id = servers.boot("snapshot")["id"]
    made = resources.intend(image, "image", name=wanted["name"])
    image_id = located(servers.act(id, "createImage", wanted).expect(202))
    made.known_as(image_id)
    return image_id


def located(answer: Answer) -> str:
    """The id of the image that the answer says it makes."""
    return answer.header("Location").rstrip("/").rsplit("/", 1)[-1]


def wait_active(image: Api, id: str) -> dict[str, Any]:
    """The image must become active. Returns it."""
    answer = wait_for(
        lambda: image.get(f"/v2/images/{id}"),
        lambda seen: seen.status != 200 or seen.json["status"] not in ("queued", "saving", "uploading", "importing"),
        because=f"image {id} becomes active",
        show=lambda seen: shortened(seen.text, 200),
    ).expect(200, because="the image of a server must not vanish")
    made = answer.json
    if made["status"] != "active":
        raise PromiseBroken(f"{answer.where}: the image is {made['status']}", expected="active", seen=made["status"])
    return dict(made)


@pytest.mark.uuid("3a1a6c11-dcdf-4fd8-a554-eac7b1975368")
@pytest.mark.covers("3731d080-d4c5-4872-b41a-64d0d0021314")
@pytest.mark.needs("image", "flavor")
def test_snapshot_with_metadata(servers: Servers, compute: Api, image: Api, resources: Resources) -> None:
    """An image made from a server becomes active with the name and metadata asked for and with the least memory and
    disk that the server implies, and can be deleted."""
    name = resources.name("snapshot")
    id = snapshot(servers, image, resources, name=name, metadata={"image_type": "test"})
    made = wait_active(image, id)
    origin = image.get(f"/v2/images/{servers.image}").setup(200).json
    flavor = compute.get(f"/flavors/{servers.flavor}").setup(200).json["flavor"]
    assert made["name"] == name, f"image {id}: expected the name {name}, seen {made['name']}"
    assert made.get("image_type") == "test", f"image {id}: expected image_type test, seen {made.get('image_type')}"
    ram, disk = made["min_ram"], made["min_disk"]
    assert ram == origin["min_ram"], f"image {id}: expected min_ram {origin['min_ram']}, seen {ram}"
    sizes = {origin["min_disk"], flavor["disk"]}
    assert disk in sizes, f"image {id}: expected min_disk one of {sorted(sizes)}, seen {disk}"
    image.delete(f"/v2/images/{id}").expect(204)
    wait_for(
        lambda: image.get(f"/v2/images/{id}"),
        lambda seen: seen.status == 404,
        because=f"the deleted image {id} is not found",
        timeout=60,
        promised=True,
        show=lambda seen: seen.status,
    )


@pytest.mark.uuid("e2a41f49-2f2e-4a82-aae6-7a4216c7010b")
@pytest.mark.covers("3b7c6fe4-dfe7-477c-9243-b06359db51e6")
@pytest.mark.needs("image", "flavor")
def test_snapshot_multibyte_name(servers: Servers, image: Api, resources: Resources) -> None:
    """An image made from a server may have a name with a letter of several bytes, which it keeps."""
    name = f"₡ {resources.name('snapshot')}"
    id = snapshot(servers, image, resources, name=name)
    seen = wait_active(image, id)["name"]
    assert seen == name, f"image {id}: expected the name {name!r}, seen {seen!r}"


@pytest.mark.uuid("229b4fa7-dd64-430d-b45d-6610dabd24c3")
@pytest.mark.needs("image", "flavor")
def test_snapshot_belongs_to_the_project(servers: Servers, image: Api, resources: Resources) -> None:
    """An image made from a server is private, belongs to the project that asked, and a server can be made from it.

    From microversion 2.45 on the answer names the image in its body.
    """
    servers.api.need_microversion("2.45")
    name, server = resources.name("owned"), servers.boot("owned")
    image_made = resources.intend(image, "image", name=name)
    answer = servers.act(server["id"], "createImage", {"name": name}, microversion="2.45")
    id = answer.expect(202).check(SNAPSHOT_BODY).json["image_id"]
    image_made.known_as(id)
    made = wait_active(image, id)
    seen = (made["visibility"], made["owner"])
    expected = ("private", image.actor.project_id)
    assert seen == expected, f"image {id}: expected visibility and owner {expected}, seen {seen}"
    servers.wait(server["id"], "ACTIVE")
    again = (
        servers.post(resources.name("again"), imageRef=id).expect(202).check(SERVER_CREATED_BODY).json["server"]["id"]
    )
    servers.wait(again, "ACTIVE", promised=True)


@pytest.mark.uuid("2ab22b2b-b2f9-4b14-bec9-1ba2e23a141c")
@pytest.mark.needs("image", "flavor")
def test_snapshot_without_a_name_is_refused(servers: Servers, image: Api, resources: Resources) -> None:
    """An image of a server without a name, or with an empty one, is refused with 400."""
    id = servers.boot("nameless")["id"]
    for wanted in ({}, {"name": ""}):
        answer = servers.act(id, "createImage", wanted)
        if answer.status == 202:
            resources.track(image, "image", located(answer), told=answer)
        answer.expect(400, because=f"an image with {wanted}")
