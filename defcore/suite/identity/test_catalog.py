"""The catalog of a user's token."""

import pytest

from defcore.suite.support import Api, shortened
from defcore.suite.support.identity import CATALOG, comparable, show_token

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-ref/identity/v3/#get-service-catalog")
CATALOG_BODY = {"type": "object", "required": ["catalog"], "properties": {"catalog": CATALOG, "links": {}}}
STANDARD_TYPES = {"keystone": "identity", "nova": "compute", "glance": "image", "swift": "object-store"}


@pytest.mark.uuid("48680974-c697-4699-925a-16b803925505")
@pytest.mark.covers("56b57ced-22b8-4127-9b8a-565dfb0207e2")
def test_catalog_types(identity: Api) -> None:
    """The catalog calls the identity service `identity`, and compute, image and object store by their standard types.

    A cloud need not have all of the three: one that is missing altogether is told by the tests of that service. What
    breaks the promise is a service that the catalog knows by its name, and only under another type.
    """
    answer = identity.get("/v3/auth/catalog").expect(200)
    answer.check({"type": "object", "required": ["catalog"], "properties": {"catalog": _NAMED, "links": {}}})
    catalog = answer.json["catalog"]
    types = {service["type"] for service in catalog}
    assert "identity" in types, f"{answer.where}: expected a service of type identity, seen {sorted(types)}"
    for name, standard in STANDARD_TYPES.items():
        other = {service["type"] for service in catalog if str(service.get("name")).lower() == name}
        assert standard in types or not other, (
            f"{answer.where}: expected type {standard} for the service {name}, seen {sorted(other)}"
        )


_NAMED = {
    "type": "array",
    "minItems": 1,
    "items": {"type": "object", "required": ["type"], "properties": {"type": {"type": "string"}}}
    | {"additionalProperties": True},
}


@pytest.mark.uuid("5c7eea39-aae4-4a78-b5b1-152e39bc5de5")
def test_catalog_structure(identity: Api) -> None:
    """Each service of the catalog has id, type, name and endpoints, and each endpoint a usable address."""
    answer = identity.get("/v3/auth/catalog").expect(200)
    answer.check(
        {"type": "object", "required": ["catalog"], "properties": {"catalog": CATALOG, "links": {"type": "object"}}}
    )
    urls = [endpoint["url"] for service in answer.json["catalog"] for endpoint in service["endpoints"]]
    for url in urls:
        assert "%(" not in url, f"{answer.where}: expected an address, seen the template {url!r}"
        assert "$(" not in url, f"{answer.where}: expected an address, seen the template {url!r}"


@pytest.mark.uuid("227b9e97-c003-4db2-8201-63c42025fe93")
def test_catalog_is_that_of_the_token(identity: Api) -> None:
    """The catalog that can be asked for is the one that comes with the token."""
    asked = identity.get("/v3/auth/catalog").expect(200).check(CATALOG_BODY)
    shown = show_token(identity, identity.actor.token()).setup(200)
    given = shown.json["token"].get("catalog")
    assert comparable(asked.json["catalog"]) == comparable(given), (
        f"{asked.where}: expected the catalog of the token, seen {shortened(asked.text, 400)}"
    )
