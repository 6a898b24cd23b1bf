"""Requests about volumes and snapshots that make no sense are refused; those that make sense are done as asked."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from defcore.suite.support import Answer, Api, Prerequisite, Resources
from defcore.suite.support.block_storage import (
    METADATA,
    SHOWN_VOLUME,
    SNAPSHOTS,
    SNAPSHOTS_IN_DETAIL,
    UNKNOWN_ID,
    VOLUMES_BRIEF,
    VOLUMES_DETAIL,
    Volumes,
    settled,
)
from defcore.suite.support.compute import Servers

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-ref/block-storage/v3/#create-a-volume")


@pytest.mark.uuid("0a51ac53-8806-4a2e-af3c-5c39fe80eaf8")
def test_volume_needs_a_size_and_a_name_that_fits(volumes: Volumes, resources: Resources) -> None:
    """An empty volume without a size is refused with 400; one whose name has 256 characters is so too, or has the whole
    name."""
    name = long_name(resources)
    sizeless, long = volumes.body(), volumes.body(name=name)
    del sizeless["volume"]["size"]
    answer = resources.create(volumes.api, "volume", "/volumes", json=sizeless, name=sizeless["volume"]["name"])
    answer.expect(400, because="it has no size")
    answer = resources.create(volumes.api, "volume", "/volumes", json=long, name=name)
    expect_whole(answer.expect(202, 400), "volume", name)


def long_name(resources: Resources) -> str:
    """A name of 256 characters that begins as those of all that the suite makes."""
    return resources.name("long").ljust(256, "n")


def expect_whole(answer: Answer, kind: str, name: str) -> None:
    """What was not refused has the name that was asked for."""
    if answer.status != 400:
        shape = {"type": "object", "required": ["name"], "properties": {"name": {"const": name}}}
        answer.check(
            {"type": "object", "required": [kind], "properties": {kind: shape | {"additionalProperties": True}}}
        )


@pytest.mark.uuid("02e3a16e-f5ee-4b8a-b3df-c80fa6117c18")
@pytest.mark.reference("https://docs.openstack.org/api-ref/block-storage/v3/#create-a-snapshot")
def test_name_of_a_snapshot_fits(block_storage: Api, volumes: Volumes, resources: Resources) -> None:
    """A snapshot that is made or renamed with a name of 256 characters is refused with 400, or has the whole name."""
    volume = volumes.create()["id"]
    long = long_name(resources)
    body = {"snapshot": {"volume_id": volume, "name": long}}
    answer = resources.create(block_storage, "snapshot", "/snapshots", json=body, name=long)
    expect_whole(answer.expect(202, 400), "snapshot", long)
    id = volumes.snapshot(volume)["id"]
    answer = block_storage.put(f"/snapshots/{id}", json={"snapshot": {"name": long}})
    expect_whole(answer.expect(200, 400), "snapshot", long)


@pytest.mark.uuid("2168d854-68d4-46ac-9be9-2137a58fdda6")
@pytest.mark.reference("https://docs.openstack.org/api-ref/block-storage/v3/#delete-a-snapshot")
def test_unknown_snapshot_is_not_deleted(block_storage: Api) -> None:
    """To delete a snapshot that does not exist is answered with 404."""
    block_storage.delete(f"/snapshots/{UNKNOWN_ID}").expect(404, because="there is no such snapshot")


@pytest.mark.uuid("503def52-6069-4d04-a2a5-d85fb024ef05")
@pytest.mark.reference(
    "https://docs.openstack.org/api-ref/block-storage/v3/#update-a-volume-s-metadata-for-a-specific-key"
)
def test_item_of_metadata_is_that_of_its_address(block_storage: Api, volumes: Volumes) -> None:
    """An item of metadata whose key is not that of its address is refused with 400, of a volume and of a snapshot, and
    nothing changes. Storage may have put items of its own beside the user's.
    """
    volume = volumes.create(metadata={"key": "value"})["id"]
    snapshot = volumes.snapshot(volume, metadata={"key": "value"})["id"]
    for path in (f"/volumes/{volume}/metadata", f"/snapshots/{snapshot}/metadata"):
        block_storage.put(f"{path}/key", json={"meta": {"other": "x"}}).expect(400, because="the keys differ")
        answer = block_storage.get(path).expect(200).check(METADATA)
        seen = answer.json["metadata"]
        unchanged = seen.get("key") == "value" and "other" not in seen
        assert unchanged, f"{answer.where}: refused metadata changed it: {answer.text}"


@pytest.mark.uuid("fb2851a2-ada8-4a32-8d72-6bbbbb17dc10")
@pytest.mark.reference("https://docs.openstack.org/api-ref/block-storage/v3/#list-accessible-snapshots")
def test_senseless_questions_about_snapshots(block_storage: Api) -> None:
    """A list of snapshots is refused with 400 if its limit or its order is none; an unknown marker is not found."""
    for path, schema in (("/snapshots", SNAPSHOTS), ("/snapshots/detail", SNAPSHOTS_IN_DETAIL)):
        block_storage.get(path).expect(200).check(schema)
        for params in ({"limit": "-1"}, {"limit": "many"}, {"sort_key": "no-such"}, {"sort": "id:sideways"}):
            block_storage.get(path, params=params).expect(400, because=f"of {params}")
        block_storage.get(path, params={"marker": UNKNOWN_ID}).expect(404, because="there is no such snapshot")


@pytest.mark.uuid("5f737998-6957-4e8f-9524-afa359ab813c")
@pytest.mark.reference("https://docs.openstack.org/api-ref/block-storage/v3/#update-a-volume")
def test_update_takes_metadata(block_storage: Api, volumes: Volumes) -> None:
    """Metadata that a change of a volume names is stored."""
    id = volumes.create(metadata={"key": "first"})["id"]
    new = {"key": "second", "more": "value"}
    block_storage.put(f"/volumes/{id}", json={"volume": {"metadata": new}}).expect(200)
    answer = block_storage.get(f"/volumes/{id}").expect(200).check(SHOWN_VOLUME)
    seen = answer.json["volume"]["metadata"]
    assert new.items() <= seen.items(), f"{answer.where}: expected {new}, seen {seen}"


UPLOADED = {
    "type": "object",
    "required": ["os-volume_upload_image"],
    "properties": {
        "os-volume_upload_image": {
            "type": "object",
            "required": ["image_id"],
            "properties": {"image_id": {"type": "string"}},
            "additionalProperties": True,
        }
    },
}
"""Of an image that should not have been made."""


@pytest.mark.uuid("178c083b-f995-451e-80e7-2029d695a617")
@pytest.mark.reference("https://docs.openstack.org/api-ref/block-storage/v3/#volume-actions-volumes-action")
def test_senseless_actions_are_refused(block_storage: Api, image: Api, volumes: Volumes, resources: Resources) -> None:
    """A flag that is neither true nor false, and an image in a format that there is not or without a name, are refused
    with 400, and the volume stays as it is."""
    before = volumes.create()
    path = f"/volumes/{before['id']}/action"
    for action in ({"os-set_bootable": {"bootable": "perhaps"}}, {"os-update_readonly_flag": {"readonly": "perhaps"}}):
        block_storage.post(path, json=action).expect(400, because=f"of {action}")
    name = resources.name("none")
    for asked in ({"image_name": name, "disk_format": "no-such-format"}, {"disk_format": "raw"}):
        made = resources.intend(image, "image", name=name)
        answer = block_storage.post(path, json={"os-volume_upload_image": asked})
        if 400 <= answer.status < 500:
            made.never_asked_for()
        elif answer.status == 202:  # which is wrong, and yet to be removed
            made.known_as(answer.check(UPLOADED).json["os-volume_upload_image"]["image_id"], told=answer)
        answer.expect(400, because=f"of {asked}")
    after = settled(block_storage, "volume", before["id"], promised=True)
    for key in ("bootable", "metadata"):  # which shows `readonly`, and what storage adds of its own
        assert after[key] == before[key], f"volume {before['id']}: {key} was {before[key]}, is {after[key]}"


@pytest.mark.uuid("14fb8f0e-8d15-42cb-96ee-b0e3cdb099bf")
@pytest.mark.reference("https://docs.openstack.org/api-ref/block-storage/v3/#list-accessible-volumes")
def test_number_of_volumes_is_told(block_storage: Api, volumes: Volumes, resources: Resources) -> None:
    """With a page of volumes comes, if it is asked for, how many match in all.

    Microversion 3.45.
    """
    block_storage.need_microversion("3.45")
    name = resources.name("counted")
    for _ in range(2):
        volumes.create(name=name)
    for path, schema in (("/volumes", VOLUMES_BRIEF), ("/volumes/detail", VOLUMES_DETAIL)):
        params = {"name": name, "limit": 1, "with_count": "True"}
        answer = block_storage.get(path, params=params, microversion="3.45").expect(200).check(schema)
        seen = (len(answer.json["volumes"]), answer.json.get("count"))
        assert seen == (1, 2), f"{answer.where}: expected one volume of 2, seen {seen}"


@pytest.mark.uuid("1c0a3279-b71f-4a22-b85f-e332b9be0e4b")
@pytest.mark.needs("image", "flavor")
@pytest.mark.reference("https://docs.openstack.org/api-ref/block-storage/v3/#show-a-volume-s-details")
def test_volume_in_use_names_its_server(
    block_storage: Api, compute: Api, volumes: Volumes, resources: Resources, settings: Any
) -> None:
    """A volume that a server holds names the server, itself and the device, when it is shown and in the detailed list,
    and cannot be deleted: 400."""
    made = volumes.create()
    id = made["id"]
    server = Servers(compute, resources, settings).boot("holder")["id"]
    body = {"volumeAttachment": {"volumeId": id}}
    compute.post(f"/servers/{server}/os-volume_attachments", json=body).setup(200)
    settled(block_storage, "volume", id, promised=False, wanted="in-use")
    shown = block_storage.get(f"/volumes/{id}").expect(200).check(SHOWN_VOLUME)
    # By its name: others have volumes in use too, perhaps more than a page of them.
    params = {"status": "in-use", "name": made["name"]}
    listed = block_storage.get("/volumes/detail", params=params).expect(200).check(VOLUMES_DETAIL)
    entries = [one for one in listed.json["volumes"] if one["id"] == id]
    assert len(entries) == 1, f"{listed.where}: the volume {id} is listed {len(entries)} times"
    for answer, volume in ((shown, shown.json["volume"]), (listed, entries[0])):
        seen = [(one["server_id"], one["volume_id"], one["id"]) for one in volume["attachments"]]
        assert seen == [(server, id, id)], f"{answer.where}: expected the server {server}, seen {volume['attachments']}"
        assert volume["attachments"][0]["device"], f"{answer.where}: expected a device, seen {volume['attachments']}"
    block_storage.delete(f"/volumes/{id}").expect(400, because=f"server {server} holds it")
    compute.delete(f"/servers/{server}/os-volume_attachments/{id}").setup(202)
    freed = settled(block_storage, "volume", id, promised=False)
    assert freed["attachments"] == [], f"volume {id}: available, yet held by {freed['attachments']}"


@pytest.mark.uuid("71b960ee-d1fe-4c9f-8080-742d31940f81")
@pytest.mark.reference("https://docs.openstack.org/api-ref/block-storage/v3/#create-a-volume")
def test_volume_has_the_type_asked_for(block_storage: Api, volumes: Volumes) -> None:
    """A volume shows the name of its type, that which was asked for, also when it is listed."""
    chosen = volumes.placing.get("volume_type")
    answer = block_storage.get("/types" if chosen else "/types/default")
    if answer.status in (403, 404) and not chosen:
        raise Prerequisite(
            f"a type of volumes (--set volume_type=NAME), for the cloud tells no default ({answer.where})"
        )
    told = answer.setup(200).json
    # The tester may have named it by its id; a volume shows the name.
    known = {one["id"]: one["name"] for one in (told["volume_types"] if chosen else [told["volume_type"]])}
    kind = known.get(chosen, chosen) if chosen else next(iter(known.values()))
    made = volumes.create(volume_type=kind)
    shown = block_storage.get(f"/volumes/{made['id']}").expect(200).check(SHOWN_VOLUME)
    listed = block_storage.get("/volumes/detail", params={"name": made["name"]}).expect(200).check(VOLUMES_DETAIL)
    entries = [one for one in listed.json["volumes"] if one["id"] == made["id"]]
    assert len(entries) == 1, f"{listed.where}: the volume {made['id']} is listed {len(entries)} times"
    for where, volume in ((shown.where, shown.json["volume"]), (listed.where, entries[0])):
        assert volume["volume_type"] == kind, f"{where}: expected the type {kind}, seen {volume['volume_type']}"


@pytest.mark.uuid("24c68773-3161-430d-988d-db2fe1de046b")
@pytest.mark.reference("https://docs.openstack.org/api-ref/block-storage/v3/#list-accessible-volumes")
def test_next_page_is_of_the_same_list(block_storage: Api, volumes: Volumes, resources: Resources) -> None:
    """The link of a page to the next one leads to the same list, brief or detailed, with the same filters."""
    name = resources.name("linked")
    for _ in range(2):
        volumes.create(name=name)
    for path, schema in (("/volumes", VOLUMES_BRIEF), ("/volumes/detail", VOLUMES_DETAIL)):
        answer = block_storage.get(path, params={"name": name, "limit": 1}).expect(200).check(schema)
        links = [link["href"] for link in answer.json.get("volumes_links", []) if link["rel"] == "next"]
        assert len(links) == 1, f"{answer.where}: expected one next link, seen {links}"
        parts = urlsplit(links[0])
        assert parts.path.endswith(path), f"{answer.where}: the next link leads to {links[0]}, not to {path}"
        kept = parse_qs(parts.query).get("name")
        assert kept == [name], f"{answer.where}: expected a next link with the name {name}, seen {links[0]}"
