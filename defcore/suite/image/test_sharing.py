"""Images between projects: private ones stay private, shared ones are taken or not."""

from typing import Any

import pytest

from defcore.suite.support import Api, Prerequisite, Resources, shortened
from defcore.suite.support.image import DATA_TYPE, IMAGE, IMAGES, active, change, listed, queued

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-ref/image/v2/#sharing")

MEMBER = {
    "type": "object",
    "required": ["member_id", "image_id", "status", "created_at", "updated_at", "schema"],
    "properties": {
        "member_id": {"type": "string"},
        "image_id": {"type": "string"},
        "status": {"enum": ["pending", "accepted", "rejected"]},
        "created_at": {"type": "string"},
        "updated_at": {"type": "string"},
        "schema": {"type": "string"},
    },
}
MEMBERS = {
    "type": "object",
    "required": ["members", "schema"],
    "properties": {"members": {"type": "array", "items": MEMBER}, "schema": {"type": "string"}},
}


def member_of(made: dict[str, Any], image: Api, other: Api) -> str:
    """Who an image is shared with: the other project, or the other user where images belong to users."""
    return other.actor.user_id if made["owner"] == image.actor.user_id else other.actor.project_id


def shared(image: Api, other: Api, resources: Resources, purpose: str) -> tuple[dict[str, Any], str]:
    """An image shared with the other user's project, which has not decided yet; and the path of the membership."""
    made = active(image, resources, purpose, visibility="shared")
    members, member = f"{IMAGES}/{made['id']}/members", member_of(made, image, other)
    image.post(members, json={"member": member}).setup(200)
    return made, f"{members}/{member}"


@pytest.mark.uuid("115a6518-9c07-4509-abe8-0607e155c699")
@pytest.mark.needs("alt")
@pytest.mark.reference("https://docs.openstack.org/api-ref/image/v2/#images")
def test_private_image_is_hidden(image: Api, alt_image_api: Api, resources: Resources) -> None:
    """A private image does not exist for another project: not for reading, changing, deleting, nor in its lists."""
    made = active(image, resources, "hidden")
    path = f"{IMAGES}/{made['id']}"
    alt_image_api.get(path).expect(404)
    alt_image_api.get(f"{path}/file").expect(404)
    alt_image_api.get(f"{path}/members").expect(404)
    alt_image_api.post(f"{path}/members", json={"member": alt_image_api.actor.project_id}).expect(404)
    alt_image_api.put(f"{path}/file", data=b"x", headers={"Content-Type": DATA_TYPE}).expect(404)
    alt_image_api.put(f"{path}/tags/defcore").expect(404)
    change(alt_image_api, made["id"], {"op": "replace", "path": "/name", "value": "taken"}).expect(404)
    alt_image_api.delete(path).expect(404)
    for params in ({}, {"owner": image.actor.project_id}, {"visibility": "private"}):
        assert made["id"] not in listed(alt_image_api, params), f"GET {IMAGES} {params}: expected no image of another"
    shown = image.get(path).expect(200).check(IMAGE)
    assert shown.json == made, f"{shown.where}: expected the image unchanged, seen {shortened(shown.text, 400)}"


@pytest.mark.uuid("e0186434-2ba2-4d94-96ca-a248060f9a63")
@pytest.mark.needs("alt")
@pytest.mark.reference("https://docs.openstack.org/api-ref/image/v2/#interoperable-image-import")
def test_private_image_takes_no_data_from_others(image: Api, alt_image_api: Api, resources: Resources) -> None:
    """Another project neither uploads, stages nor imports data into a private image that waits for data."""
    made = queued(image, resources, "waiting")
    path = f"{IMAGES}/{made['id']}"
    for place in ("file", "stage"):
        stored = alt_image_api.put(f"{path}/{place}", data=b"x", headers={"Content-Type": DATA_TYPE})
        stored.expect(404, because="the image is another project's")
    import_ = {"method": {"name": "glance-direct"}}
    alt_image_api.post(f"{path}/import", json=import_).expect(404, because="the image is another project's")
    shown = image.get(path).expect(200).check(IMAGE)
    assert shown.json["status"] == "queued", f"{shown.where}: another project brought it to {shown.json['status']}"


@pytest.mark.uuid("1a0609ae-b64e-408a-923b-9228fb858f79")
@pytest.mark.needs("alt")
@pytest.mark.covers("5934c6ea-27dc-4d6e-9421-eeb5e045494a")
def test_share_and_accept(image: Api, alt_image_api: Api, resources: Resources) -> None:
    """A shared image is pending and not in the member's list until the member accepts it, and is then."""
    made, membership = shared(image, alt_image_api, resources, "accept")
    member = alt_image_api.get(membership).expect(200).check(MEMBER)
    assert member.json["status"] == "pending", f"{member.where}: expected pending, seen {member.json['status']}"
    assert made["id"] not in listed(alt_image_api), f"GET {IMAGES}: expected no image that is not accepted"
    accepted = alt_image_api.put(membership, json={"status": "accepted"}).expect(200).check(MEMBER)
    assert accepted.json["status"] == "accepted", f"{accepted.where}: seen {accepted.json['status']}"
    assert made["id"] in listed(alt_image_api), f"GET {IMAGES}: expected the image that was accepted"
    answer = image.get(f"{IMAGES}/{made['id']}/members").expect(200).check(MEMBERS)
    seen = {one["member_id"]: one["status"] for one in answer.json["members"]}
    expected = {member_of(made, image, alt_image_api): "accepted"}
    assert seen == expected, f"{answer.where}: expected {expected}, seen {seen}"


@pytest.mark.uuid("d74bc55b-decd-4cc3-a170-f2fbc581ac4f")
@pytest.mark.needs("alt")
@pytest.mark.covers("d9e83e5f-3524-4b38-a900-22abcb26e90e")
def test_share_and_reject(image: Api, alt_image_api: Api, resources: Resources) -> None:
    """A shared image that the member rejects stays out of the member's list."""
    made, membership = shared(image, alt_image_api, resources, "reject")
    rejected = alt_image_api.put(membership, json={"status": "rejected"}).expect(200).check(MEMBER)
    assert rejected.json["status"] == "rejected", f"{rejected.where}: seen {rejected.json['status']}"
    assert made["id"] not in listed(alt_image_api), f"GET {IMAGES}: expected no image that was rejected"


@pytest.mark.uuid("39a5bc66-2bdb-4b4b-b60b-08b5face93b6")
@pytest.mark.needs("alt")
@pytest.mark.covers("b79efb37-820d-4cf0-b54c-308b00cf842c")
def test_share_status_must_be_known(image: Api, alt_image_api: Api, resources: Resources) -> None:
    """A member that answers a shared image with an unknown word is refused as a bad request."""
    _, membership = shared(image, alt_image_api, resources, "unknown-status")
    alt_image_api.put(membership, json={"status": "not-a-status"}).expect(400)


@pytest.mark.uuid("6fdc4459-34f8-42d1-a289-c0f282c6d992")
@pytest.mark.needs("alt")
@pytest.mark.covers("27002f74-109e-4a37-acd0-f91cd4597967")
def test_owner_cannot_accept(image: Api, alt_image_api: Api, resources: Resources) -> None:
    """The owner of a shared image may not accept it in the member's place."""
    made, membership = shared(image, alt_image_api, resources, "owner")
    image.put(membership, json={"status": "accepted"}).expect(403)
    assert made["id"] not in listed(alt_image_api), f"GET {IMAGES}: expected no image that the member did not accept"


@pytest.mark.uuid("4baa1608-d6c1-4a91-915a-fe9b3385d517")
@pytest.mark.needs("alt")
def test_member_reads_only(image: Api, alt_image_api: Api, resources: Resources) -> None:
    """A member reads a shared image and its data, but may not change, delete or share it further."""
    made, _ = shared(image, alt_image_api, resources, "reads")
    path = f"{IMAGES}/{made['id']}"
    alt_image_api.get(path).expect(200)
    file = alt_image_api.get(f"{path}/file").expect(200)
    assert len(file.body) == made["size"], f"{file.where}: expected {made['size']} bytes, seen {len(file.body)}"
    change(alt_image_api, made["id"], {"op": "replace", "path": "/name", "value": "taken"}).expect(403, 404)
    alt_image_api.post(f"{path}/members", json={"member": "0123456789abcdef" * 2}).expect(403, 404)
    alt_image_api.delete(path).expect(403, 404)
    shown = image.get(path).expect(200).check(IMAGE)
    assert shown.json["name"] == made["name"], f"{shown.where}: expected {made['name']}, seen {shown.json['name']}"


@pytest.mark.uuid("7034bb85-9271-4b72-a5d6-d6d84c756b0b")
@pytest.mark.needs("alt")
def test_unsharing(image: Api, alt_image_api: Api, resources: Resources) -> None:
    """An image that is shared no more is not found by who was a member."""
    made, membership = shared(image, alt_image_api, resources, "unshare")
    alt_image_api.put(membership, json={"status": "accepted"}).setup(200)
    image.delete(membership).expect(204)
    alt_image_api.get(f"{IMAGES}/{made['id']}").expect(404)
    assert made["id"] not in listed(alt_image_api), f"GET {IMAGES}: expected no image that is shared no more"


@pytest.mark.uuid("347ffdce-74d4-47a4-bc8f-864679cde0ce")
@pytest.mark.needs("alt")
def test_private_image_takes_no_members(image: Api, alt_image_api: Api, resources: Resources) -> None:
    """A private image cannot be shared with members as long as it is private."""
    made = queued(image, resources, "no-members")
    member = member_of(made, image, alt_image_api)
    image.post(f"{IMAGES}/{made['id']}/members", json={"member": member}).expect(403)


@pytest.mark.uuid("8b70ef05-79c2-4239-bec5-71f2a465fe60")
@pytest.mark.needs("alt")
def test_membership(image: Api, alt_image_api: Api, resources: Resources) -> None:
    """A project becomes a member of an image once; the member finds the image by the status of the membership; who
    is no member cannot be removed."""
    made, membership = shared(image, alt_image_api, resources, "membership")
    members, member = membership.rsplit("/", 1)
    image.post(members, json={"member": member}).expect(409, because="it is a member already")
    shown = image.get(membership).expect(200).check(MEMBER)
    seen = (shown.json["image_id"], shown.json["member_id"])
    assert seen == (made["id"], member), f"{shown.where}: expected {(made['id'], member)}, seen {seen}"
    for status, expected in (("pending", True), ("accepted", False), ("all", True)):
        params = {"visibility": "shared", "member_status": status}
        found = made["id"] in listed(alt_image_api, params)
        assert found is expected, f"GET {IMAGES} {params}: a pending image listed is {found}, expected {expected}"
    image.delete(f"{members}/0123456789abcdef0123456789abcdef").expect(404, because="it is no member")
    image.delete(membership).expect(204)
    image.delete(membership).expect(404, because="it is a member no more")


@pytest.mark.uuid("3d6e6d89-f6bd-4d4b-b799-fd65b61386a6")
@pytest.mark.needs("alt")
def test_members_do_not_see_each_other(image: Api, alt_image_api: Api, resources: Resources) -> None:
    """The owner of an image sees all its members, a member only itself."""
    _, membership = shared(image, alt_image_api, resources, "members")
    members, own = membership.rsplit("/", 1)
    other = "0123456789abcdef" * 2
    image.post(members, json={"member": other}).setup(200)
    for actor, expected in ((image, {own, other}), (alt_image_api, {own})):
        answer = actor.get(members).expect(200).check(MEMBERS)
        seen = {one["member_id"] for one in answer.json["members"]}
        assert seen == expected, f"{answer.where}: expected the members {expected}, seen {seen}"


@pytest.mark.uuid("3aa45228-7775-4c4e-a637-e65df6449ee9")
@pytest.mark.needs("alt")
@pytest.mark.reference("https://docs.openstack.org/api-ref/image/v2/#image-visibility")
def test_community_image_is_there_for_all(image: Api, alt_image_api: Api, resources: Resources) -> None:
    """An image whose visibility changes to community is found by other projects, who may not change it, and is in
    their lists only if they ask for it."""
    made = active(image, resources, "community")
    path = f"{IMAGES}/{made['id']}"
    answer = change(image, made["id"], {"op": "replace", "path": "/visibility", "value": "community"})
    if answer.status == 403:
        raise Prerequisite(f"the user may not make images visible to the community ({answer.where})")
    answer.expect(200).check(IMAGE)
    for actor in (image, alt_image_api):
        shown = actor.get(path).expect(200, because="it is a community image").check(IMAGE)
        assert shown.json["visibility"] == "community", f"{shown.where}: seen {shown.json['visibility']}"
    # Who may boot from an image need not be allowed to download it: the operator may keep that to some roles.
    alt_image_api.get(f"{path}/file").expect(200, 403, because="it is a community image")
    change(alt_image_api, made["id"], {"op": "replace", "path": "/name", "value": "taken"}).expect(403, 404)
    for params, expected in (({}, False), ({"visibility": "community", "name": made["name"]}, True)):
        found = made["id"] in listed(alt_image_api, params)
        assert found is expected, f"GET {IMAGES} {params}: a community image of another project listed is {found}"
    change(image, made["id"], {"op": "replace", "path": "/visibility", "value": "private"}).expect(200)
    alt_image_api.get(path).expect(404, because="it is private again")
