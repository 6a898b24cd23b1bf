"""Microversions, and what a refusal looks like."""

from __future__ import annotations

from typing import Any

import pytest

from defcore.suite.support import Absent, Answer, Api, Resources
from defcore.suite.support.block_storage import UNKNOWN_ID, Volumes

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-ref/block-storage/v3/#api-versions")


def supported(api: Api) -> tuple[str, str]:
    """The lowest and the highest microversion, as the service announces them. Raises Absent if it has none."""
    answer = api.get(f"{api.root}/").setup(300)
    third: dict[str, Any] = next((one for one in answer.json["versions"] if one["id"].startswith("v3")), {})
    if not third.get("version") or not third.get("min_version"):
        raise Absent(f"the block storage service announces no microversions ({answer.where})")
    return third["min_version"], third["version"]


@pytest.mark.uuid("1bdfe97e-8a9d-43dc-8886-79c930152155")
def test_answers_in_the_microversion_asked_for(block_storage: Api) -> None:
    """An answer names the microversion that was asked for, which is the lowest without a request for one."""
    lowest, highest = supported(block_storage)
    for asked, expected in ((None, lowest), (lowest, lowest), (highest, highest), ("latest", highest)):
        answer = block_storage.get("/volumes", params={"limit": 1}, microversion=asked).expect(200)
        seen = answer.header("OpenStack-API-Version")
        assert seen == f"volume {expected}", f"{answer.where}: asked for {asked}, expected {expected}, seen {seen}"
        varies = answer.header("Vary").lower()
        assert "openstack-api-version" in varies, f"{answer.where}: Vary does not name the version header: {varies}"


@pytest.mark.uuid("dbdd25e5-d0ed-4762-8280-1e1e4437f380")
def test_unsupported_microversion_is_refused(block_storage: Api) -> None:
    """A microversion above the highest is refused with 406, and one that is no version with 400."""
    supported(block_storage)
    block_storage.get("/volumes", microversion="3.9999").expect(406, because="there is no such microversion")
    block_storage.get("/volumes", microversion="not-a-version").expect(400, because="it is no version")


def refusal(answer: Answer, status: int, name: str) -> None:
    """It says what went wrong, under this name, and carries the id of the request."""
    told = answer.expect(status).json
    assert set(told) == {name}, f"{answer.where}: expected {name}, seen {sorted(told)}"
    assert told[name].get("code") == status, f"{answer.where}: expected the code {status}, seen {told[name]}"
    assert told[name].get("message"), f"{answer.where}: there is no message: {told[name]}"
    id = answer.header("x-openstack-request-id")
    assert id.startswith("req-"), f"{answer.where}: expected a request id, seen {id!r}"


@pytest.mark.uuid("ad158ff6-36ac-4d08-8085-eeeca40ee04d")
def test_refusals_name_code_and_message(block_storage: Api) -> None:
    """A refusal says in JSON by code and message what went wrong, and carries the id of the request."""
    refusal(block_storage.get(f"/volumes/{UNKNOWN_ID}"), 404, "itemNotFound")
    refusal(block_storage.get("/volumes", params={"limit": "-1"}), 400, "badRequest")
    headers = {"Content-Type": "application/json"}
    refusal(block_storage.post("/volumes", data=b"{", headers=headers), 400, "badRequest")


@pytest.mark.uuid("95eafb46-5a90-4843-a31a-4c353ffb9de0")
@pytest.mark.reference("https://docs.openstack.org/api-ref/block-storage/v3/#create-a-volume")
def test_create_rejects_unknown_property_later(block_storage: Api, volumes: Volumes, resources: Resources) -> None:
    """From microversion 3.53 on, a volume with a property that there is not is refused with 400."""
    block_storage.need_microversion("3.53")
    body = volumes.body(no_such_property="any")
    name = body["volume"]["name"]
    answer = resources.create(block_storage, "volume", "/volumes", json=body, name=name, microversion="3.53")
    answer.expect(400, because="there is no such property")
