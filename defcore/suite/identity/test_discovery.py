"""The identity service tells about itself."""

import re

import pytest

from defcore.suite.support import Api, shortened
from defcore.suite.support.identity import VERSION, VERSIONS, version_document

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-ref/identity/v3/#identity-api-v3-current")
STATUSES = ("current", "stable", "experimental", "supported", "deprecated")
V3_MEDIA = {"base": "application/json", "type": "application/vnd.openstack.identity-v3+json"}


@pytest.mark.uuid("01c73a33-0ac7-40bd-bb96-404edae1093b")
@pytest.mark.covers("b9232f5e-d9e5-4d97-b96c-28d3db4de1bd")
def test_version_document(identity: Api) -> None:
    """The document at /v3 describes the version with id, links, media types, status and time of update."""
    version_document(identity).check({"type": "object", "required": ["version"], "properties": {"version": VERSION}})


@pytest.mark.uuid("3ea19469-68b0-4cc3-b965-bcc428393a4d")
@pytest.mark.covers("657c1970-4722-4189-8831-7325f3bc4265")
def test_version_media_type(identity: Api) -> None:
    """The document at /v3 names JSON of identity v3 among its media types."""
    answer = version_document(identity)
    offered = answer.json["version"].get("media-types") or []
    assert V3_MEDIA in offered, f"{answer.where}: expected {V3_MEDIA} among the media types, seen {offered}"


@pytest.mark.uuid("a13b435d-dab9-4393-a9fe-cdd306e1f6dc")
@pytest.mark.covers("8879a470-abfb-47bb-bb8d-5a7fd279ad1e")
def test_version_status(identity: Api) -> None:
    """The document at /v3 gives the version's status by one of the known words."""
    answer = version_document(identity)
    status = str(answer.json["version"].get("status"))
    assert status.lower() in STATUSES, f"{answer.where}: expected a status out of {STATUSES}, seen {status!r}"


@pytest.mark.uuid("ff59fad7-2e97-47ed-b42c-39c1816cb53c")
def test_version_document_without_token(identity: Api) -> None:
    """Anyone may read the document at /v3, and it is the same that a user with a token reads."""
    public = version_document(identity, authenticated=False)
    mine = version_document(identity)
    assert public.json == mine.json, f"{public.where}: differs with a token: {shortened(mine.text, 400)}"


@pytest.mark.uuid("406e5f04-5ede-46fc-8b3d-f6c8f7f7952a")
def test_root_leads_to_version_3(identity: Api) -> None:
    """The root of the identity service lists exactly one version 3, which leads to the document of that version."""
    answer = identity.get("/", authenticated=False).expect(300).check(VERSIONS)
    third = [one for one in answer.json["versions"]["values"] if re.match(r"v3(\.|$)", str(one.get("id")))]
    assert len(third) == 1, f"{answer.where}: expected one version 3, seen {[one.get('id') for one in third]}"
    assert third[0].get("status") == "stable", f"{answer.where}: expected status stable, seen {third[0]}"
    links = [link["href"] for link in third[0].get("links", []) if link.get("rel") == "self"]
    assert len(links) == 1, f"{answer.where}: expected one link to itself, seen {third[0].get('links')}"
    led = (
        identity.get(identity.follow(answer, links[0]), authenticated=False)
        .expect(200)
        .check({"type": "object", "required": ["version"], "properties": {"version": VERSION}})
    )
    assert led.json["version"] == third[0], f"{led.where}: expected {third[0]}, seen {shortened(led.text, 400)}"


@pytest.mark.uuid("cf37aa91-34c5-4154-86ed-e1d2ea5f7264")
@pytest.mark.covers("721f480f-35b6-46c7-846e-047e6acea0dc")
def test_root_lists_versions(identity: Api) -> None:
    """The root of the identity service describes each version by id, links, media types, status and time of update."""
    identity.get("/").expect(300).check(VERSIONS)
