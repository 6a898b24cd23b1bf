"""The domain of a user."""

import pytest

from defcore.suite.support import Api
from defcore.suite.support.identity import show_token

DOMAIN = {
    "type": "object",
    "required": ["domain"],
    "properties": {
        "domain": {
            "type": "object",
            "required": ["id", "name", "enabled"],
            "properties": {"id": {"type": "string"}, "name": {"type": "string"}, "enabled": {"type": "boolean"}},
            "additionalProperties": True,
        }
    },
}


@pytest.mark.uuid("782ed8c5-0d79-4b07-8f72-7614ea7af1b4")
@pytest.mark.covers("17a5de24-e6a0-4e4a-a9ee-d85b6e5612b5")
@pytest.mark.reference("https://docs.openstack.org/api-ref/identity/v3/#show-domain-details")
def test_domain_of_the_project(identity: Api) -> None:
    """A user can show the domain of the project in use, and it is enabled."""
    token = show_token(identity, identity.actor.token()).setup(200).json["token"]
    domain_id = token["project"]["domain"]["id"]
    answer = identity.get(f"/v3/domains/{domain_id}").expect(200).check(DOMAIN)
    domain = answer.json["domain"]
    assert domain["id"] == domain_id, f"{answer.where}: expected the domain {domain_id}, seen {domain}"
    assert domain["enabled"] is True, f"{answer.where}: expected an enabled domain, seen {domain}"


@pytest.mark.uuid("c64d73fd-5666-4e71-90f3-d4281f8ccbfc")
@pytest.mark.reference("https://docs.openstack.org/api-ref/identity/v3/#show-domain-details")
def test_domain_is_that_of_the_token(identity: Api) -> None:
    """The domain of the project is shown by the name that the token gives it, with a description, which who made it may
    have left out, and a link to it."""
    token = show_token(identity, identity.actor.token()).setup(200).json["token"]
    expected = token["project"]["domain"]
    answer = identity.get(f"/v3/domains/{expected['id']}").expect(200).check(DOMAIN)
    domain = answer.json["domain"]
    assert domain["name"] == expected["name"], f"{answer.where}: expected {expected['name']!r}, seen {domain['name']!r}"
    described = isinstance(domain.get("description", 0), str | None)
    assert described, f"{answer.where}: expected a description or null, seen {domain}"
    link = domain.get("links", {}).get("self", "")
    assert link.endswith(f"/domains/{expected['id']}"), f"{answer.where}: expected a link to the domain, seen {link!r}"
