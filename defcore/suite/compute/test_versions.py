"""Versions and microversions of the compute API."""

import pytest

from defcore.suite.support import Absent, Api, PromiseBroken
from defcore.suite.support.compute import unknown_id
from defcore.suite.support.compute_schemas import VERSION_BODY, VERSIONS_BODY, fault

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-guide/compute/microversions.html")

OLD_HEADER = "X-OpenStack-Nova-API-Version"


def supported(compute: Api) -> tuple[str, str]:
    """The lowest and the highest microversion, as the service announces them. Raises Absent if it has none."""
    answer = compute.get("/").setup(200)
    version = answer.json["version"]
    if not version.get("version") or not version.get("min_version"):
        raise Absent(f"the compute service announces no microversions ({answer.where})")
    return version["min_version"], version["version"]


@pytest.mark.uuid("921c7a28-1ab9-4a1d-a486-055ec953993c")
@pytest.mark.covers("6c0a0990-43b6-4529-9b61-5fd8daf7c55c")
@pytest.mark.reference("https://docs.openstack.org/api-ref/compute/#list-all-major-versions")
def test_compute_root_lists_versions(compute: Api) -> None:
    """The root of the compute service lists its versions, v2.0 first, to a client without a token."""
    answer = compute.get(f"{compute.root}/", authenticated=False).expect(200).check(VERSIONS_BODY)
    ids = [version["id"] for version in answer.json["versions"]]
    assert ids[0] == "v2.0", f"{answer.where}: expected v2.0 as the first version, seen {ids}"


@pytest.mark.uuid("a99b2f88-1395-444e-ac01-a0fd9e90bdb0")
@pytest.mark.reference("https://docs.openstack.org/api-ref/compute/#show-details-of-specific-api-version")
def test_compute_version_document_matches_root(compute: Api) -> None:
    """The document of version v2.1 says the same as the entry for it in the root's list, and is current."""
    root = compute.get(f"{compute.root}/", authenticated=False).expect(200).check(VERSIONS_BODY)
    answer = compute.get("/").expect(200).check(VERSION_BODY)
    shown = answer.json["version"]
    assert shown["id"] == "v2.1", f"{answer.where}: expected the version v2.1, seen {shown['id']}"
    assert shown["status"] == "CURRENT", f"{answer.where}: expected the status CURRENT, seen {shown['status']}"
    entry = next((one for one in root.json["versions"] if one["id"] == "v2.1"), None)
    assert entry is not None, f"{root.where}: expected v2.1 among the versions"
    for key in ("status", "version", "min_version", "updated"):
        assert entry.get(key) == shown.get(key), f"{root.where}: {key}: {entry.get(key)} here, {shown.get(key)} there"


@pytest.mark.uuid("afb4b66d-28d7-4c8a-ae4c-2011864c2ebf")
def test_compute_answers_in_the_microversion_asked_for(compute: Api) -> None:
    """An answer names the microversion that was asked for, also by the older header alone; without a request it is
    the lowest."""
    lowest, highest = supported(compute)
    for asked, expected in ((None, lowest), (lowest, lowest), (highest, highest), ("latest", highest)):
        answer = compute.get("/flavors", params={"limit": 1}, microversion=asked).expect(200)
        seen = answer.header("OpenStack-API-Version")
        assert seen == f"compute {expected}", f"{answer.where}: asked for {asked}, expected {expected}, seen {seen}"
        old = answer.header(OLD_HEADER)
        assert old == expected, f"{answer.where}: asked for {asked}, expected {expected}, seen {old} (old header)"
        varies = answer.header("Vary").lower()
        assert "openstack-api-version" in varies, f"{answer.where}: Vary does not name the version header: {varies}"
    answer = compute.get("/flavors", params={"limit": 1}, headers={OLD_HEADER: highest}).expect(200)
    seen = answer.header(OLD_HEADER)
    assert seen == highest, f"{answer.where}: asked for {highest} by the old header alone, seen {seen}"


@pytest.mark.uuid("0355bede-8d5f-41c9-b28a-58922014024b")
def test_compute_refuses_an_unsupported_microversion(compute: Api) -> None:
    """A microversion above the highest is refused with 406, and one that is no version with 400."""
    supported(compute)
    answer = compute.get("/flavors", microversion="2.9999").expect(406).check(fault("computeFault", 406))
    message = answer.json["computeFault"]["message"]
    assert "2.9999" in message, f"{answer.where}: expected a message that names 2.9999, seen {message!r}"
    compute.get("/flavors", microversion="not-a-version").expect(400, because="it is no version")


@pytest.mark.uuid("c11c2f3f-b615-4838-bcd9-a8925449a18b")
@pytest.mark.reference("https://docs.openstack.org/api-guide/compute/faults.html")
def test_compute_faults_name_code_message_and_request(compute: Api) -> None:
    """A refusal carries a named fault with code and message, and the id of the request."""
    missing = compute.get(f"/servers/{unknown_id()}").expect(404).check(fault("itemNotFound", 404))
    wrong = compute.get("/servers", params={"limit": "-1"}).expect(400).check(fault("badRequest", 400))
    for answer in (missing, wrong):
        kind = answer.header("Content-Type")
        assert kind.startswith("application/json"), f"{answer.where}: expected application/json, seen {kind}"
        for name in ("x-openstack-request-id", "x-compute-request-id"):
            value = answer.header(name)
            if not value.startswith("req-"):
                raise PromiseBroken(f"{answer.where}: {name} is {value}", expected="req-<uuid>", seen=value)
