"""Lists of volumes: brief and detailed, filtered, sorted, in pages."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from defcore.suite.support import Api, CannotTell
from defcore.suite.support.block_storage import (
    SHOWN_VOLUME,
    VOLUMES_BRIEF,
    VOLUMES_DETAIL,
    Volumes,
    every,
    pages,
)

pytestmark = pytest.mark.reference(
    "https://docs.openstack.org/api-ref/block-storage/v3/#list-accessible-volumes-with-details"
)


def ids(volumes: list[dict[str, Any]]) -> set[str]:
    return {volume["id"] for volume in volumes}


def assert_only(volumes: list[dict[str, Any]], wanted: dict[str, Any], others: list[dict[str, Any]]) -> None:
    """The list holds the one wanted and none of the others, under a filter that only it meets."""
    assert wanted["id"] in ids(volumes), f"the filtered list lacks {wanted['id']}: {ids(volumes)}"
    unwanted = ids(volumes) & ids(others)
    assert not unwanted, f"the filter lets pass {unwanted}"


@pytest.mark.uuid("cdaa8925-6370-4639-8afa-968b2bc1033f")
@pytest.mark.covers("0b6ddd39-b948-471f-8038-4787978747c4")
@pytest.mark.reference("https://docs.openstack.org/api-ref/block-storage/v3/#list-accessible-volumes")
def test_list_brief(block_storage: Api, volumes: Volumes):
    """The brief list holds every volume with its id and name."""
    made = [volumes.create() for _ in range(3)]
    listed = {one["id"]: one["name"] for one in every(block_storage, "/volumes", VOLUMES_BRIEF)}
    for volume in made:
        assert listed.get(volume["id"]) == volume["name"], f"{volume['id']} is listed as {listed.get(volume['id'])!r}"


@pytest.mark.uuid("3626457b-729d-4bda-9b5b-5e51470889c3")
@pytest.mark.covers("adcbb5a7-5ad8-4b61-bd10-5380e111a877")
def test_list_detail_equals_show(block_storage: Api, volumes: Volumes):
    """The detailed list holds every volume with the same values that are shown for it alone."""
    made = [volumes.create(metadata={"number": str(one)}, description=f"number {one}") for one in range(3)]
    listed = {one["id"]: one for one in every(block_storage, "/volumes/detail", VOLUMES_DETAIL)}
    for volume in made:
        assert volume["id"] in listed, f"{volume['id']} is not listed"
        shown = block_storage.get(f"/volumes/{volume['id']}").expect(200).check(SHOWN_VOLUME).json["volume"]
        in_list = listed[volume["id"]]
        differing = {
            key: (in_list.get(key), shown[key])
            for key in shown
            if key != "updated_at" and in_list.get(key) != shown[key]
        }
        assert not differing, f"{volume['id']}: (listed, shown) differ: {differing}"


def filtered_by_name(api: Api, volumes: Volumes, path: str, schema: Mapping[str, Any], **more: str) -> None:
    made = [volumes.create() for _ in range(2)]
    found = every(api, path, schema, name=made[0]["name"], **more)
    assert [one["id"] for one in found] == [made[0]["id"]], f"name={made[0]['name']} {more} gives {found}"
    assert found[0]["name"] == made[0]["name"]


@pytest.mark.uuid("be8e55b3-263b-48f6-8d59-9b7aa056343b")
@pytest.mark.covers("a28e8da4-0b56-472f-87a8-0f4d3f819c02")
@pytest.mark.reference("https://docs.openstack.org/api-ref/block-storage/v3/#list-accessible-volumes")
def test_list_filtered_by_name(block_storage: Api, volumes: Volumes):
    """The brief list filtered by a name holds the volume of that name and no other."""
    filtered_by_name(block_storage, volumes, "/volumes", VOLUMES_BRIEF)


@pytest.mark.uuid("f654ecaf-78bf-4a39-a0c4-f0ca204b5336")
@pytest.mark.covers("2de3a6d4-12aa-403b-a8f2-fdeb42a89623")
def test_detail_filtered_by_name(block_storage: Api, volumes: Volumes):
    """The detailed list filtered by a name holds the volume of that name and no other."""
    filtered_by_name(block_storage, volumes, "/volumes/detail", VOLUMES_DETAIL)


@pytest.mark.uuid("e2989df2-9032-4689-86f2-458752da8272")
@pytest.mark.covers("777c87c1-2fc4-4883-8b8e-5c0b951d1ec8")
@pytest.mark.reference("https://docs.openstack.org/api-ref/block-storage/v3/#list-accessible-volumes")
def test_list_filtered_by_name_and_status(block_storage: Api, volumes: Volumes):
    """The brief list filtered by a name and the status available holds that volume and no other."""
    filtered_by_name(block_storage, volumes, "/volumes", VOLUMES_BRIEF, status="available")


@pytest.mark.uuid("69683cab-777c-4e12-be7d-ab641adbed70")
@pytest.mark.covers("856ab8ca-6009-4c37-b691-be1065528ad4")
def test_detail_filtered_by_name_and_status(block_storage: Api, volumes: Volumes):
    """The detailed list filtered by a name and the status available holds that volume and no other."""
    filtered_by_name(block_storage, volumes, "/volumes/detail", VOLUMES_DETAIL, status="available")


def filtered_by_metadata(api: Api, volumes: Volumes, path: str, schema: Mapping[str, Any]) -> list[dict[str, Any]]:
    pair = {"Type": volumes.resources.name("type")}
    wanted, other = volumes.create(metadata=pair), volumes.create(metadata={"Type": "other"})
    found = every(api, path, schema, metadata=json.dumps(pair))
    assert_only(found, wanted, [other])
    assert len(found) == 1, f"metadata={pair} gives {found}"
    return found


@pytest.mark.uuid("a997edfa-aa5c-405b-ae3b-d110463a74c3")
@pytest.mark.covers("b5ebea1b-0603-40a0-bb41-15fcd0a53214")
@pytest.mark.reference("https://docs.openstack.org/api-ref/block-storage/v3/#list-accessible-volumes")
def test_list_filtered_by_metadata(block_storage: Api, volumes: Volumes):
    """The brief list filtered by a pair of metadata holds the volumes that have it and no other."""
    filtered_by_metadata(block_storage, volumes, "/volumes", VOLUMES_BRIEF)


@pytest.mark.uuid("e1ccc2b5-a4ea-4616-88d7-4c4bbb92cee5")
@pytest.mark.covers("1ca92d3c-4a8e-4b43-93f5-e4c7fb3b291d")
def test_detail_filtered_by_metadata(block_storage: Api, volumes: Volumes):
    """The detailed list filtered by a pair of metadata holds the volumes that have it and no other."""
    found = filtered_by_metadata(block_storage, volumes, "/volumes/detail", VOLUMES_DETAIL)
    assert all("Type" in one["metadata"] for one in found), f"metadata {[one['metadata'] for one in found]}"


def filtered_by_zone(api: Api, volumes: Volumes, path: str, schema: Mapping[str, Any]) -> list[dict[str, Any]]:
    volume = volumes.create()
    zone = volume["availability_zone"]
    found = every(api, path, schema, availability_zone=zone)
    assert volume["id"] in ids(found), f"availability_zone={zone} lacks {volume['id']}"
    nowhere = every(api, path, schema, availability_zone=volumes.resources.name("zone"))
    assert volume["id"] not in ids(nowhere), f"a zone without volumes lists {volume['id']}"
    return [one | {"wanted_zone": zone} for one in found]


@pytest.mark.uuid("7e632d38-17c0-47d4-8721-6f7025d69dd7")
@pytest.mark.covers("c0cfa863-3020-40d7-b587-e35f597d5d87")
@pytest.mark.reference("https://docs.openstack.org/api-ref/block-storage/v3/#list-accessible-volumes")
def test_list_filtered_by_availability_zone(block_storage: Api, volumes: Volumes):
    """The brief list filtered by a zone holds the volumes of that zone, and none when the zone has none."""
    filtered_by_zone(block_storage, volumes, "/volumes", VOLUMES_BRIEF)


@pytest.mark.uuid("01f63d6b-42f5-4ef0-93ee-1d1f537fcf1c")
@pytest.mark.covers("e1b80d13-94f0-4ba2-a40e-386af29f8db1")
def test_detail_filtered_by_availability_zone(block_storage: Api, volumes: Volumes):
    """The detailed list filtered by a zone holds the volumes of that zone and of no other."""
    for one in filtered_by_zone(block_storage, volumes, "/volumes/detail", VOLUMES_DETAIL):
        assert one["availability_zone"] == one["wanted_zone"], f"{one['id']} is in {one['availability_zone']}"


def filtered_by_status(api: Api, volumes: Volumes, path: str, schema: Mapping[str, Any]) -> list[dict[str, Any]]:
    volume = volumes.create()
    found = every(api, path, schema, status="available")
    assert volume["id"] in ids(found), f"status=available lacks {volume['id']}"
    failed = every(api, path, schema, status="error_restoring")
    assert volume["id"] not in ids(failed), f"status=error_restoring lists {volume['id']}, which is available"
    return found


@pytest.mark.uuid("e7617693-9f6e-4801-bbc1-1169729e6b33")
@pytest.mark.covers("39654e13-734c-4dab-95ce-7613bf8407ce")
@pytest.mark.reference("https://docs.openstack.org/api-ref/block-storage/v3/#list-accessible-volumes")
def test_list_filtered_by_status(block_storage: Api, volumes: Volumes):
    """The brief list filtered by a status holds an available volume for `available` alone."""
    filtered_by_status(block_storage, volumes, "/volumes", VOLUMES_BRIEF)


@pytest.mark.uuid("12fe59f0-c940-400f-b3fa-e9138e52c22a")
@pytest.mark.covers("2943f712-71ec-482a-bf49-d5ca06216b9f")
def test_detail_filtered_by_status(block_storage: Api, volumes: Volumes):
    """The detailed list filtered by the status available holds available volumes and no other."""
    for one in filtered_by_status(block_storage, volumes, "/volumes/detail", VOLUMES_DETAIL):
        assert one["status"] == "available", f"{one['id']} has status {one['status']}"


@pytest.mark.uuid("c9a4d15e-a9d3-4b00-a10a-7746ba51d47a")
@pytest.mark.covers("2a7064eb-b9c3-429b-b888-33928fc5edd3")
def test_detail_sorted_and_limited(block_storage: Api, volumes: Volumes):
    """The detailed list with limit 2, sorted by id, holds two available volumes in the direction asked for."""
    for _ in range(2):
        volumes.create()
    for direction in ("asc", "desc"):
        asked = {"limit": 2, "status": "available", "sort_key": "id", "sort_dir": direction}
        answer = block_storage.get("/volumes/detail", params=asked).expect(200).check(VOLUMES_DETAIL)
        found = answer.json["volumes"]
        assert len(found) == 2, f"{answer.where}: {len(found)} volumes, not 2"
        assert {one["status"] for one in found} == {"available"}, f"{answer.where}: {found}"
        order = [one["id"] for one in found]
        assert order == sorted(order, reverse=direction == "desc"), f"{answer.where}: order {order}"


def paged(api: Api, volumes: Volumes, path: str, schema: Mapping[str, Any]) -> None:
    """One volume a page, each of ours exactly once."""
    made = ids([volumes.create() for _ in range(3)])
    before = ids(every(api, path, schema))
    seen: list[str] = []
    for page in pages(api, path, {"limit": 1}, schema):
        assert len(page) <= 1, f"{path}?limit=1 gives a page of {len(page)}"
        here = [volume["id"] for volume in page]
        repeated = {*here} & {*seen}
        seen += here
        if repeated:
            break  # a list that goes round in circles has no end
    after = ids(every(api, path, schema))
    if before != after:
        raise CannotTell(f"volumes came or went meanwhile in the project: {sorted(before ^ after)}")
    assert len(seen) == len(set(seen)), f"{path}: volumes stand on more than one page: {seen}"
    assert made <= set(seen), f"{path}: no page holds {sorted(made - set(seen))}"


@pytest.mark.uuid("a51d3fca-f1f4-484b-864d-59343f269ac7")
@pytest.mark.covers("af55e775-8e4b-4feb-8719-215c43b0238c")
@pytest.mark.reference("https://docs.openstack.org/api-ref/block-storage/v3/#list-accessible-volumes")
@pytest.mark.exclusive("volume")
def test_list_in_pages(block_storage: Api, volumes: Volumes):
    """The brief list with limit 1 leads by its next links through all volumes, each once, one a page."""
    paged(block_storage, volumes, "/volumes", VOLUMES_BRIEF)


@pytest.mark.uuid("5f6b5524-7585-4e13-859f-ff3a6f580fe7")
@pytest.mark.covers("e9138a2c-f67b-4796-8efa-635c196d01de")
@pytest.mark.exclusive("volume")
def test_detail_in_pages(block_storage: Api, volumes: Volumes):
    """The detailed list with limit 1 leads by its next links through all volumes, each once, one a page."""
    paged(block_storage, volumes, "/volumes/detail", VOLUMES_DETAIL)


@pytest.mark.uuid("034f9d73-de2e-4c78-abf2-1c6714ba873b")
@pytest.mark.covers("0f4aa809-8c7b-418f-8fb3-84c7a5dfc52f")
@pytest.mark.reference("https://docs.openstack.org/api-ref/block-storage/v3/#list-accessible-volumes")
def test_list_of_unused_name_is_empty(block_storage: Api, volumes: Volumes):
    """The brief list filtered by a name that no volume has is empty."""
    volumes.create()
    assert every(block_storage, "/volumes", VOLUMES_BRIEF, name=volumes.resources.name("unused")) == []


@pytest.mark.uuid("ea5e2c8f-d03f-49ef-9305-861397d16e7d")
@pytest.mark.covers("9ca17820-a0e7-4cbd-a7fa-f4468735e359")
def test_detail_of_unused_name_is_empty(block_storage: Api, volumes: Volumes):
    """The detailed list filtered by a name that no volume has is empty."""
    volumes.create()
    assert every(block_storage, "/volumes/detail", VOLUMES_DETAIL, name=volumes.resources.name("unused")) == []


@pytest.mark.uuid("759967b2-bef8-45d2-bda5-718cc9310f59")
@pytest.mark.covers("143b279b-7522-466b-81be-34a87d564a7c")
@pytest.mark.reference("https://docs.openstack.org/api-ref/block-storage/v3/#list-accessible-volumes")
def test_list_of_unknown_status_is_empty(block_storage: Api, volumes: Volumes):
    """The brief list filtered by a status that no volume has is empty."""
    volumes.create()
    assert every(block_storage, "/volumes", VOLUMES_BRIEF, status="null") == []


@pytest.mark.uuid("4dc601ca-5190-4deb-b09f-f8817b3954f1")
@pytest.mark.covers("ba94b27b-be3f-496c-a00e-0283b373fa75")
def test_detail_of_unknown_status_is_empty(block_storage: Api, volumes: Volumes):
    """The detailed list filtered by a status that no volume has is empty."""
    volumes.create()
    assert every(block_storage, "/volumes/detail", VOLUMES_DETAIL, status="null") == []
