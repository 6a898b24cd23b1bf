"""What one project owns, another neither sees nor touches."""

from __future__ import annotations

from typing import Any

import pytest

from defcore.suite.support import Api, Resources, shortened
from defcore.suite.support.block_storage import (
    SHOWN_SNAPSHOT,
    SHOWN_VOLUME,
    SNAPSHOTS,
    TRANSFER_BODY,
    TRANSFERS_BODY,
    VOLUMES_BRIEF,
    VOLUMES_DETAIL,
    Volumes,
)

TRANSFERS = "/os-volume-transfer"
"""At the oldest microversion; from 3.55 on /volume-transfers does the same."""
BECAUSE = "it belongs to another project"


@pytest.fixture
def theirs(alt: Any) -> Api:
    """Block storage as the second user asks it; mark the test `needs("alt")`."""
    api: Api = alt.block_storage
    return api


def untouched(api: Api, path: str, kind: str, before: dict[str, Any]) -> None:
    """The resource is as it was."""
    answer = api.get(path).expect(200, because="another project must not have removed it")
    answer.check(SHOWN_VOLUME if kind == "volume" else SHOWN_SNAPSHOT)
    seen = {key: answer.json[kind][key] for key in ("name", "status", "metadata")}
    assert seen == {key: before[key] for key in seen}, f"{answer.where}: changed by another project: {seen}"


@pytest.mark.uuid("2ad98312-00ce-437d-ae91-851eb86eb286")
@pytest.mark.needs("alt")
@pytest.mark.reference("https://docs.openstack.org/api-ref/block-storage/v3/#show-a-volume-s-details")
def test_foreign_volume_is_not_found(block_storage: Api, theirs: Api, volumes: Volumes) -> None:
    """A volume of another project can be neither seen, listed, changed nor deleted: 404, and it stays as it is."""
    volume = volumes.create(metadata={"of": "mine"})
    path = f"/volumes/{volume['id']}"
    for method, more, body in (
        ("GET", "", None),
        ("PUT", "", {"volume": {"name": "taken-over"}}),
        ("GET", "/metadata", None),
        ("POST", "/metadata", {"metadata": {"of": "theirs"}}),
        ("DELETE", "/metadata/of", None),
        ("POST", "/action", {"os-set_bootable": {"bootable": True}}),
        ("DELETE", "", None),
    ):
        theirs.request(method, path + more, json=body).expect(404, because=BECAUSE)
    for listing, schema in (("/volumes", VOLUMES_BRIEF), ("/volumes/detail", VOLUMES_DETAIL)):
        for params in ({}, {"all_tenants": "1"}):
            answer = theirs.get(listing, params={"name": volume["name"], **params}).expect(200).check(schema)
            assert answer.json["volumes"] == [], (
                f"{answer.where}: lists a volume of another project: {shortened(answer.text, 300)}"
            )
    untouched(block_storage, path, "volume", volume)


@pytest.mark.uuid("feba9a20-f655-44b2-a922-0afd5930b11c")
@pytest.mark.needs("alt")
@pytest.mark.reference("https://docs.openstack.org/api-ref/block-storage/v3/#show-a-snapshot-s-details")
def test_foreign_snapshot_is_not_found(block_storage: Api, theirs: Api, volumes: Volumes) -> None:
    """A snapshot of another project can be neither seen, listed, changed nor deleted: 404, and it stays as it is."""
    snapshot = volumes.snapshot(volumes.create()["id"], metadata={"of": "mine"})
    path = f"/snapshots/{snapshot['id']}"
    for method, more, body in (
        ("GET", "", None),
        ("PUT", "", {"snapshot": {"name": "taken-over"}}),
        ("GET", "/metadata", None),
        ("POST", "/metadata", {"metadata": {"of": "theirs"}}),
        ("DELETE", "", None),
    ):
        theirs.request(method, path + more, json=body).expect(404, because=BECAUSE)
    for listing in ("/snapshots", "/snapshots/detail"):
        answer = theirs.get(listing, params={"name": snapshot["name"]}).expect(200).check(SNAPSHOTS)
        assert answer.json["snapshots"] == [], f"{answer.where}: lists a snapshot of another project"
    untouched(block_storage, path, "snapshot", snapshot)


@pytest.mark.uuid("c6af5a0b-0156-4427-adbd-53d7b1e03f28")
@pytest.mark.needs("alt")
@pytest.mark.reference("https://docs.openstack.org/api-ref/block-storage/v3/#create-a-volume")
def test_foreign_sources_are_not_found(theirs: Api, volumes: Volumes, resources: Resources) -> None:
    """Neither a volume nor a snapshot can be made from a volume or snapshot of another project: 404."""
    volume = volumes.create()
    snapshot = volumes.snapshot(volume["id"])
    for source in ({"source_volid": volume["id"]}, {"snapshot_id": snapshot["id"]}):
        name = resources.name("stolen")
        body = {"volume": {"name": name, "size": 1} | source}
        resources.create(theirs, "volume", "/volumes", json=body, name=name).expect(404, because=BECAUSE)
    name = resources.name("stolen")
    body = {"snapshot": {"name": name, "volume_id": volume["id"]}}
    resources.create(theirs, "snapshot", "/snapshots", json=body, name=name).expect(404, because=BECAUSE)


@pytest.mark.uuid("803d3232-736b-435e-9fe3-f3d7964fa8d1")
@pytest.mark.needs("alt")
@pytest.mark.reference("https://docs.openstack.org/api-ref/block-storage/v3/#volume-transfers-volume-transfers")
def test_foreign_transfer_is_not_found(block_storage: Api, theirs: Api, volumes: Volumes, resources: Resources) -> None:
    """A volume offered for transfer is neither seen nor withdrawn by another project, nor had without its key."""
    volume, name = volumes.create(), resources.name("offer")
    body = {"transfer": {"volume_id": volume["id"], "name": name}}
    made = resources.create(block_storage, "volume_transfer", TRANSFERS, json=body, name=name).setup(202)
    id = made.json["transfer"]["id"]
    path = f"{TRANSFERS}/{id}"
    for method in ("GET", "DELETE"):
        theirs.request(method, path).expect(404, because=BECAUSE)
    wrong = {"accept": {"auth_key": "0" * len(made.json["transfer"]["auth_key"])}}
    theirs.post(f"{path}/accept", json=wrong).expect(400, 403, 404, because="the key is another one")
    for listing in (TRANSFERS, f"{TRANSFERS}/detail"):
        answer = theirs.get(listing).expect(200).check(TRANSFERS_BODY)
        seen = [one["id"] for one in answer.json["transfers"]]
        assert id not in seen, f"{answer.where}: lists a transfer of another project"
    kept = block_storage.get(path).expect(200, because="another project must not have removed it")
    kept.check(TRANSFER_BODY)
    assert kept.json["transfer"]["volume_id"] == volume["id"], f"{kept.where}: offers another volume"
    theirs.get(f"/volumes/{volume['id']}").expect(404, because=BECAUSE)
