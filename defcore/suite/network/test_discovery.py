"""The network service says which resources and extensions it has."""

from __future__ import annotations

import pytest

from defcore.suite.support import Api
from defcore.suite.support.network_schemas import EXTENSION, EXTENSIONS, RESOURCES

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-ref/network/v2/#show-api-v2-details")
WELL_KNOWN = ("external-net", "quotas", "router", "security-group")
"""Aliases of extensions that most clouds have."""


@pytest.mark.uuid("30d31f8d-3cc2-45dd-a26a-6b2764e5d705")
def test_version_2_lists_its_resources(network: Api) -> None:
    """Version 2.0 lists its kinds of resource with links, networks, subnets and ports among them."""
    answer = network.get("/v2.0/").expect(200).check(RESOURCES)
    collections = {one["collection"]: one["links"] for one in answer.json["resources"]}
    for collection in ("networks", "subnets", "ports"):
        assert collection in collections, f"{answer.where}: no {collection} in {sorted(collections)}"
        addresses = [link["href"] for link in collections[collection]]
        assert any(address.endswith(f"/v2.0/{collection}") for address in addresses), (
            f"{answer.where}: expected a link to /v2.0/{collection}, seen {addresses}"
        )


@pytest.mark.uuid("28eff6db-e808-4203-9ba1-a1a1b77d2878")
@pytest.mark.reference("https://docs.openstack.org/api-ref/network/v2/#extensions")
def test_extensions_are_shown_as_listed(network: Api) -> None:
    """An extension is shown by its alias as it is listed; one that is not listed, or none at all, is not found."""
    answer = network.get("/v2.0/extensions").expect(200).check(EXTENSIONS)
    extensions = answer.json["extensions"]
    for listed in sorted(extensions, key=lambda one: str(one["alias"]))[:3]:
        shown = network.get(f"/v2.0/extensions/{listed['alias']}").expect(200).check(EXTENSION)
        assert shown.json["extension"] == listed, f"{shown.where}: listed as {listed}, shown as {shown.json}"
    aliases = {one["alias"] for one in extensions}
    for alias in WELL_KNOWN:
        asked = network.get(f"/v2.0/extensions/{alias}").expect(200, 404)
        seen = (asked.status == 200, alias in aliases)
        assert seen[0] is seen[1], f"{asked.where}: {alias} is (shown, listed): {seen}"
    network.get("/v2.0/extensions/defcore-no-such-extension").expect(404)
