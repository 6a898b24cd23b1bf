"""The brief list of snapshots: limit, offset, marker, order, pages."""

from __future__ import annotations

from typing import Any

import pytest

from defcore.suite.support import Api, CannotTell
from defcore.suite.support.block_storage import SNAPSHOTS, Volumes, every, pages

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-ref/block-storage/v3/#list-accessible-snapshots")

MORE_THAN_ANY = 100_000
"""A limit above what a project holds and above what clouds give at once."""
TRIES = 6


def ids(snapshots: list[dict[str, Any]]) -> list[str]:
    return [one["id"] for one in snapshots]


def listed(api: Api, **params: Any) -> list[dict[str, Any]]:
    """What one request for the list gives."""
    found: list[dict[str, Any]] = api.get("/snapshots", params=params).expect(200).check(SNAPSHOTS).json["snapshots"]
    return found


def make(volumes: Volumes, number: int) -> list[str]:
    """Ids of so many new snapshots of one new volume, oldest first."""
    volume = volumes.create()
    return [volumes.snapshot(volume["id"])["id"] for _ in range(number)]


def assert_still(api: Api, before: list[str]) -> None:
    """Nobody outside this run changed the list meanwhile. Raises CannotTell."""
    after = ids(every(api, "/snapshots", SNAPSHOTS, kind="snapshot"))
    if before != after:
        changed = sorted(set(before) ^ set(after))
        raise CannotTell(f"snapshots came, went or moved meanwhile in the project: {changed or after}")


@pytest.mark.uuid("8c943438-1ef0-4f9b-92c1-989aaa5207b9")
@pytest.mark.covers("db4d8e0a-7a2e-41cc-a712-961f6844e896")
def test_snapshot_limit(block_storage: Api, volumes: Volumes):
    """The list of several snapshots with limit 1 holds one."""
    make(volumes, 2)
    found = ids(listed(block_storage, limit=1))
    assert len(found) == 1, f"limit=1 gives {len(found)} of at least 2 snapshots: {found}"


@pytest.mark.uuid("d7e0509b-685e-450b-a07c-9e8f76f8d0fb")
@pytest.mark.covers("e3b44b7f-ae87-45b5-8a8c-66110eb24d0a")
def test_snapshot_limit_zero(block_storage: Api, volumes: Volumes):
    """The list of snapshots with limit 0 is empty."""
    made = make(volumes, 1)
    found = ids(listed(block_storage, limit=0))
    assert found == [], f"limit=0 gives {found}, with {made} in the project"


@pytest.mark.uuid("ffe6f43a-9bb7-4134-9953-608f7986f6a7")
@pytest.mark.covers("a1427f61-420e-48a5-b6e3-0b394fa95400")
@pytest.mark.exclusive("snapshot")
def test_snapshot_limit_beyond_all(block_storage: Api, volumes: Volumes):
    """The list of snapshots with a limit larger than their number holds the same as without a limit."""
    made = make(volumes, 3)
    before = ids(every(block_storage, "/snapshots", SNAPSHOTS, kind="snapshot"))
    plain = ids(listed(block_storage))
    found = ids(listed(block_storage, limit=MORE_THAN_ANY))
    assert_still(block_storage, before)
    assert found == plain, f"limit={MORE_THAN_ANY} gives {found}, no limit {plain}"
    assert set(made) <= set(before), f"the list lacks {sorted(set(made) - set(before))}"


@pytest.mark.uuid("4841c86a-be87-4e63-b9e1-54c98e70c516")
@pytest.mark.covers("ca96d551-17c6-4e11-b0e8-52d3bb8a63c7")
@pytest.mark.exclusive("snapshot")
def test_snapshot_offset(block_storage: Api, volumes: Volumes):
    """The list of snapshots with offset 2 and limit 3 is the part of the whole list that begins with the third."""
    make(volumes, 3)
    whole = ids(every(block_storage, "/snapshots", SNAPSHOTS, kind="snapshot"))
    found = ids(listed(block_storage, offset=2, limit=3))
    assert_still(block_storage, whole)
    assert found == whole[2:5], f"offset=2&limit=3 gives {found}, not {whole[2:5]} of {whole}"


@pytest.mark.uuid("9fd8cc17-2912-4dda-b680-9080e3f27f00")
@pytest.mark.covers("05489dde-44bc-4961-a1f5-3ce7ee7824f7")
@pytest.mark.exclusive("snapshot")
def test_snapshot_marker(block_storage: Api, volumes: Volumes):
    """The list of snapshots after a marker begins with the one that follows it in the whole list."""
    make(volumes, 3)
    whole = ids(every(block_storage, "/snapshots", SNAPSHOTS, kind="snapshot"))
    found = ids(listed(block_storage, marker=whole[-2]))
    assert_still(block_storage, whole)
    assert found == whole[-1:], f"marker={whole[-2]} gives {found}, not {whole[-1:]}, the last of {whole}"


def assert_sorted(api: Api, key: str, field: str, made: list[str]) -> None:
    """Sorted by the key in both directions, the list holds ours, and its fields rise or fall from first to last."""
    for direction in ("asc", "desc"):
        found = every(api, "/snapshots", SNAPSHOTS, kind="snapshot", sort_key=key, sort_dir=direction)
        missing = set(made) - set(ids(found))
        assert not missing, f"sort_key={key}&sort_dir={direction} lacks {sorted(missing)}"
        if key == "display_name":  # foreign names may be in any script and case, whose order is the database's matter
            found = [one for one in found if one["id"] in made]
        order = [one[field] for one in found]
        wanted = sorted(order, reverse=direction == "desc")
        assert order == wanted, f"sort_key={key}&sort_dir={direction} gives {order}, not {wanted}"


@pytest.mark.uuid("0378120d-1d26-447a-8333-4544b9d4d4ed")
@pytest.mark.covers("c5513ada-64c1-4d28-83b9-af3307ec1388", "8a7fe058-0b41-402a-8afd-2dbc5a4a718b")
def test_snapshots_sorted_by_id(block_storage: Api, volumes: Volumes):
    """The list of snapshots sorted by id rises with `asc` and falls with `desc`."""
    assert_sorted(block_storage, "id", "id", make(volumes, 3))


@pytest.mark.uuid("5e8f7e97-45b4-46d4-bdab-da6cbf9ea7c7")
@pytest.mark.covers("4052c3a0-2415-440a-a8cc-305a875331b0", "dcbbe24a-f3c0-4ec8-9274-55d48db8d1cf")
def test_snapshots_sorted_by_time(block_storage: Api, volumes: Volumes):
    """The list of snapshots sorted by created_at rises with `asc` and falls with `desc`."""
    volume, made = volumes.create(), {}
    for _ in range(TRIES):  # of the same second, they may stand in any order
        snapshot = volumes.snapshot(volume["id"])
        made[snapshot["id"]] = snapshot["created_at"]
        if len(set(made.values())) > 1:
            break
    assert_sorted(block_storage, "created_at", "created_at", list(made))


@pytest.mark.uuid("944eba6d-8ea3-452d-95e9-0a4d9a15b829")
@pytest.mark.covers("d58b5fed-0c37-42d3-8c5d-39014ac13c00", "96ba6f4d-1f18-47e1-b4bc-76edc6c21250")
def test_snapshots_sorted_by_name(block_storage: Api, volumes: Volumes):
    """The list of snapshots sorted by display_name rises with `asc` and falls with `desc` in the names.

    The names differ in one small letter alone, whose order is the same in every database, and were not given in
    that order.
    """
    volume, name = volumes.create(), volumes.resources.name("snapshot")
    made = [volumes.snapshot(volume["id"], name=f"{name}{letter}")["id"] for letter in "bca"]
    assert_sorted(block_storage, "display_name", "name", made)


@pytest.mark.uuid("ac0f87f5-21d4-490e-9eee-2b517260469e")
@pytest.mark.exclusive("snapshot")
def test_snapshots_in_pages(block_storage: Api, volumes: Volumes):
    """The list of snapshots with limit 1 leads by its next links through all snapshots, each once, one a page."""
    make(volumes, 3)
    whole = ids(every(block_storage, "/snapshots", SNAPSHOTS, kind="snapshot"))
    read = list(pages(block_storage, "/snapshots", {"limit": 1}, SNAPSHOTS, kind="snapshot"))
    assert_still(block_storage, whole)
    longest = max(len(page) for page in read)
    assert longest == 1, f"limit=1 gives pages of up to {longest}"
    found = [id for page in read for id in ids(page)]
    assert found == whole, f"the pages hold {found}, the whole list {whole}"
