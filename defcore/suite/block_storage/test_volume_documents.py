"""What volumes, their types and the limits tell, what an update leaves alone, and how a volume changes hands."""

from __future__ import annotations

import json
from typing import Any

import pytest

from defcore.suite.support import Api, Resources, shortened, wait_for
from defcore.suite.support.block_storage import (
    CHANGED_SNAPSHOT,
    METADATA,
    SHOWN_SNAPSHOT,
    SHOWN_VOLUME,
    SNAPSHOTS_IN_DETAIL,
    TRANSFER_BODY,
    UNKNOWN_ID,
    VOLUME,
    VOLUME_FIELDS,
    VOLUMES_BRIEF,
    VOLUMES_DETAIL,
    Volumes,
    every,
)

TRANSFERS = "/os-volume-transfer"
MOMENT = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?([+-]\d\d:\d\d)?$"
"""ISO 8601; where a zone is told, it is told as an offset."""
WHOLE_VOLUME = VOLUME | {
    "properties": VOLUME_FIELDS
    | {
        "created_at": {"type": "string", "pattern": MOMENT},
        "updated_at": {"type": ["string", "null"], "pattern": MOMENT},
    },
    "required": [
        *VOLUME["required"],
        *("description", "encrypted", "multiattach", "user_id", "availability_zone", "volume_type"),
        *("snapshot_id", "source_volid", "updated_at"),
    ],
}
TYPE = {
    "type": "object",
    "properties": {
        "id": {"type": "string", "minLength": 1},
        "name": {"type": "string", "minLength": 1},
        "description": {"type": ["string", "null"]},
        "is_public": {"type": "boolean"},
        "os-volume-type-access:is_public": {"type": "boolean"},
        "extra_specs": {"type": "object", "additionalProperties": True},
        "qos_specs_id": {"type": ["string", "null"]},
    },
    "required": ["id", "name", "is_public"],
}
TYPES = {
    "type": "object",
    "properties": {"volume_types": {"type": "array", "items": TYPE}},
    "required": ["volume_types"],
}
ZONES = {
    "type": "object",
    "properties": {"availabilityZoneInfo": {"type": "array", "items": {"type": "object", "required": ["zoneName"]}}},
    "required": ["availabilityZoneInfo"],
}
COUNTS = ("totalVolumesUsed", "totalGigabytesUsed", "totalSnapshotsUsed")
LIMITS = {
    "type": "object",
    "properties": {
        "limits": {
            "type": "object",
            "properties": {
                "absolute": {"type": "object", "additionalProperties": {"type": "integer"}, "required": [*COUNTS]},
                "rate": {"type": "array", "items": {"type": "object"}},
            },
            "required": ["absolute"],
        }
    },
    "required": ["limits"],
}


@pytest.fixture
def theirs(alt: Any) -> Api:
    """Block storage as the second user asks it; mark the test `needs("alt")`."""
    api: Api = alt.block_storage
    return api


def shown(api: Api, id: str) -> dict[str, Any]:
    volume: dict[str, Any] = api.get(f"/volumes/{id}").expect(200).check(SHOWN_VOLUME).json["volume"]
    return volume


@pytest.mark.uuid("ec53a7ce-221e-460a-bc46-98dcfcb9a245")
@pytest.mark.reference("https://docs.openstack.org/api-ref/block-storage/v3/#show-a-volume-s-details")
def test_volume_tells_all_of_itself(block_storage: Api, volumes: Volumes) -> None:
    """A volume shows each property that the API reference names, in its form, and links to itself; it is in one of
    the availability zones that are listed."""
    id = volumes.create(description="a volume", metadata={"key": "value"})["id"]
    schema = {"type": "object", "properties": {"volume": WHOLE_VOLUME}, "required": ["volume"]}
    answer = block_storage.get(f"/volumes/{id}").expect(200).check(schema)
    volume = answer.json["volume"]
    expected: dict[str, Any] = {"description": "a volume", "snapshot_id": None, "source_volid": None, "attachments": []}
    seen = {name: volume[name] for name in expected}
    assert seen == expected, f"{answer.where}: expected {expected}, seen {seen}"
    links = {link["rel"]: link["href"] for link in volume["links"]}
    assert {"self", "bookmark"} <= set(links), f"{answer.where}: expected links self and bookmark, seen {links}"
    wrong = {rel: href for rel, href in links.items() if not href.endswith(f"/volumes/{id}")}
    assert not wrong, f"{answer.where}: links that do not lead to the volume: {wrong}"
    if volume["availability_zone"] is not None:
        listed = block_storage.get("/os-availability-zone").expect(200).check(ZONES)
        names = [zone["zoneName"] for zone in listed.json["availabilityZoneInfo"]]
        assert volume["availability_zone"] in names, f"{answer.where}: zone {volume['availability_zone']} of {names}"


@pytest.mark.uuid("386e1ab6-3b27-4555-9fb6-59ff4ae6d57a")
@pytest.mark.reference("https://docs.openstack.org/api-ref/block-storage/v3/#update-a-volume")
def test_update_changes_nothing_else(block_storage: Api, volumes: Volumes, resources: Resources) -> None:
    """An update of a volume or a snapshot changes what it names, and leaves name, description and metadata alone; the
    time of the update is told."""
    first: dict[str, Any] = {"name": resources.name("kept"), "description": "kept", "metadata": {"key": "value"}}
    volume = volumes.create(**first)
    snapshot = volumes.snapshot(volume["id"], **first)
    renamed = resources.name("renamed")
    for kind, id, changed, schema in (
        ("volume", volume["id"], SHOWN_VOLUME, SHOWN_VOLUME),
        ("snapshot", snapshot["id"], CHANGED_SNAPSHOT, SHOWN_SNAPSHOT),
    ):
        expected = dict(first)
        for change in ({"name": renamed}, {"description": "another"}):
            block_storage.put(f"/{kind}s/{id}", json={kind: change}).expect(200).check(changed)
            expected |= change
            answer = block_storage.get(f"/{kind}s/{id}").expect(200).check(schema)
            seen = {name: answer.json[kind][name] for name in expected}
            assert seen == expected, f"{answer.where}: after {change} expected {expected}, seen {seen}"
            created, updated = (answer.json[kind].get(key) for key in ("created_at", "updated_at"))
            assert updated, f"{answer.where}: after {change} expected the time of the update, seen {updated!r}"
            assert updated >= created, f"{answer.where}: created {created}, updated {updated}"


@pytest.mark.uuid("2f053f6f-ceb7-432f-a042-4322132e4c36")
@pytest.mark.reference("https://docs.openstack.org/api-ref/block-storage/v3/#list-snapshots-and-details")
def test_snapshots_are_listed_as_shown(block_storage: Api, volumes: Volumes) -> None:
    """A snapshot is in the detailed list with each property that it is shown with, its volume and what was asked for
    among them."""
    asked = {"description": "a snapshot", "metadata": {"key": "value"}}
    volume = volumes.create()
    id = volumes.snapshot(volume["id"], **asked)["id"]
    answer = block_storage.get(f"/snapshots/{id}").expect(200).check(SHOWN_SNAPSHOT)
    snapshot = answer.json["snapshot"]
    expected = asked | {"volume_id": volume["id"], "size": volume["size"]}
    seen = {name: snapshot[name] for name in expected}
    assert seen == expected, f"{answer.where}: expected {expected}, seen {seen}"
    found = every(block_storage, "/snapshots/detail", SNAPSHOTS_IN_DETAIL, kind="snapshot", name=snapshot["name"])
    assert [one["id"] for one in found] == [id], f"the detailed list under {snapshot['name']} holds {found}"
    differing = {
        name: (found[0].get(name), snapshot[name])
        for name in snapshot
        if name != "updated_at" and found[0].get(name) != snapshot[name]
    }
    assert not differing, f"snapshot {id}: (listed, shown) differ: {differing}"


@pytest.mark.uuid("e852ccf0-df91-4bd9-ada5-a5b59685ecd3")
@pytest.mark.reference("https://docs.openstack.org/api-ref/block-storage/v3/#create-a-volume")
def test_copies_are_not_smaller_than_their_source(volumes: Volumes, resources: Resources) -> None:
    """A volume made from a volume or a snapshot cannot be smaller than that: 400."""
    source = volumes.create(size=2)
    snapshot = volumes.snapshot(source["id"])
    assert snapshot["size"] == 2, f"snapshot {snapshot['id']}: of a volume of size 2, seen {snapshot['size']}"
    for origin in ({"source_volid": source["id"]}, {"snapshot_id": snapshot["id"]}):
        body = volumes.body(**origin, size=1)
        answer = resources.create(volumes.api, "volume", "/volumes", json=body, name=body["volume"]["name"])
        answer.expect(400, because=f"a volume of size 1 cannot hold {origin}")


@pytest.mark.uuid("086c2534-6917-4f4d-8e21-00d381aa6dbf")
@pytest.mark.reference("https://docs.openstack.org/api-ref/block-storage/v3/#volume-types-types")
def test_volume_types_are_shown_as_listed(block_storage: Api) -> None:
    """A volume type is shown by its id with the name that the list gives it; one that does not exist is not found."""
    listed = block_storage.get("/types").expect(200).check(TYPES).json["volume_types"]
    for one in listed[:5]:
        answer = block_storage.get(f"/types/{one['id']}").expect(200)
        answer.check({"type": "object", "properties": {"volume_type": TYPE}, "required": ["volume_type"]})
        seen, expected = (
            {key: about[key] for key in ("id", "name", "is_public")}
            for about in (
                answer.json["volume_type"],
                one,
            )
        )
        assert seen == expected, f"{answer.where}: expected {expected}, seen {seen}"
    block_storage.get(f"/types/{UNKNOWN_ID}").expect(404, because="there is no such volume type")


@pytest.mark.uuid("1b893687-5be3-49b8-8c58-b026bba1b1a0")
@pytest.mark.reference("https://docs.openstack.org/api-ref/block-storage/v3/#show-absolute-limits-for-project")
def test_limits_count_what_is_there(block_storage: Api, volumes: Volumes) -> None:
    """The limits count the volumes, snapshots and gigabytes that a project uses, at least those just made."""
    block_storage.get("/limits").expect(200).check(LIMITS)
    made = [volumes.create(size=2) for _ in range(2)]
    volumes.snapshot(made[0]["id"])
    answer = block_storage.get("/limits").expect(200).check(LIMITS)
    used = answer.json["limits"]["absolute"]
    for name, least in zip(COUNTS, (2, 4, 1), strict=True):
        assert used[name] >= least, f"{answer.where}: {name} is {used[name]}, though {least} are in use"


@pytest.mark.uuid("b4305d04-d01d-4a83-8f07-61e716c0c102")
@pytest.mark.reference("https://docs.openstack.org/api-ref/block-storage/v3/#list-accessible-volumes")
def test_order_by_two_keys_and_offset(block_storage: Api, volumes: Volumes, resources: Resources) -> None:
    """Lists are in the order of the first key and, where that is equal, of the second, and begin at the offset."""
    common = {"key": resources.name("same")}
    twins = resources.name("b")
    made = [volumes.create(name=name, metadata=common) for name in (twins, twins, resources.name("a"))]
    for direction in ("asc", "desc"):
        ids = sorted((one["id"] for one in made[:2]), reverse=direction == "desc")
        ordered = sorted([*((twins, id) for id in ids), (made[2]["name"], made[2]["id"])], key=lambda one: one[0])
        whole = [id for _, id in ordered]
        query = {"metadata": json.dumps(common), "sort": f"name:asc,id:{direction}"}
        for path, schema in (("/volumes", VOLUMES_BRIEF), ("/volumes/detail", VOLUMES_DETAIL)):
            for offset in (0, 1, 3):
                answer = block_storage.get(path, params=query | {"offset": offset}).expect(200).check(schema)
                seen = [one["id"] for one in answer.json["volumes"]]
                assert seen == whole[offset:], f"{answer.where}: expected {whole[offset:]}, seen {seen}"


@pytest.mark.uuid("b7b4158c-9624-4288-b7e4-057fc4db9a1a")
@pytest.mark.reference("https://docs.openstack.org/api-ref/block-storage/v3/#delete-metadata-for-volume")
def test_absent_metadata_item_is_not_found(block_storage: Api, volumes: Volumes) -> None:
    """An item that the metadata of a volume or a snapshot lacks can be neither shown nor deleted: 404."""
    volume = volumes.create(metadata={"key": "value"})
    snapshot = volumes.snapshot(volume["id"], metadata={"key": "value"})
    for path in (f"/volumes/{volume['id']}/metadata", f"/snapshots/{snapshot['id']}/metadata"):
        before = block_storage.get(path).expect(200).check(METADATA).json["metadata"]  # a driver may add its own
        for method in ("GET", "DELETE"):
            block_storage.request(method, f"{path}/absent").expect(404, because="there is no such item")
        answer = block_storage.get(path).expect(200).check(METADATA)
        assert answer.json["metadata"] == before | {"key": "value"}, f"{answer.where}: seen {answer.text}"


@pytest.mark.uuid("ad1b9623-ed66-47ca-813b-dd666b40da85")
@pytest.mark.needs("alt")
@pytest.mark.reference("https://docs.openstack.org/api-ref/block-storage/v3/#accept-a-volume-transfer")
def test_volume_changes_hands(block_storage: Api, theirs: Api, volumes: Volumes, resources: Resources) -> None:
    """Another project takes over a volume with the key of the offer, told once, and not with a wrong one: 400. It is
    then theirs alone."""
    volume, name = volumes.create(), resources.name("offer")
    body = {"transfer": {"volume_id": volume["id"], "name": name}}
    offer = resources.create(block_storage, "volume_transfer", TRANSFERS, json=body, name=name).setup(202)
    transfer = offer.check(TRANSFER_BODY).json["transfer"]
    path = f"{TRANSFERS}/{transfer['id']}"
    kept = block_storage.get(path).expect(200).check(TRANSFER_BODY)
    assert not kept.json["transfer"].get("auth_key"), f"{kept.where}: shows the key again"
    wrong = {"accept": {"auth_key": transfer["auth_key"][::-1] + "0"}}
    theirs.post(f"{path}/accept", json=wrong).expect(400, because="the key is a wrong one")
    resources.track(theirs, "volume", volume["id"], name=volume["name"])
    theirs.post(f"{path}/accept", json={"accept": {"auth_key": transfer["auth_key"]}}).expect(202)
    resources.forget("volume_transfer", transfer["id"])
    wait_for(
        lambda: theirs.get(f"/volumes/{volume['id']}"),
        lambda seen: seen.status == 200,
        because=f"volume {volume['id']} belongs to who accepted it",
        promised=True,
        show=lambda seen: f"{seen.status} {shortened(seen.text, 200)}",
    )
    block_storage.get(f"/volumes/{volume['id']}").expect(404, because="it belongs to another project now")


@pytest.mark.uuid("f8cfc11e-5ee7-4253-bd3e-21e93788f212")
@pytest.mark.reference("https://docs.openstack.org/api-ref/block-storage/v3/#list-accessible-volumes")
def test_project_of_the_address_is_that_of_the_token(block_storage: Api) -> None:
    """An address that names another project than the token opens nothing."""
    endpoint, mine, other = block_storage.endpoint, block_storage.actor.project_id, UNKNOWN_ID.replace("-", "")
    address = endpoint.replace(mine, other) if mine in endpoint else f"{endpoint}/{other}"
    block_storage.get(f"{address}/volumes").expect(400, 403, 404, because="it names a project that is not the token's")
