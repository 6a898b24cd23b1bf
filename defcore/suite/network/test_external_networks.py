"""External networks, as an ordinary user sees them."""

from __future__ import annotations

import pytest

from defcore.suite.support import Prerequisite
from defcore.suite.support.network import Net

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-ref/network/v2/#list-networks")


@pytest.mark.uuid("1ff39165-3f96-42a6-b729-59eae16fcc88")
@pytest.mark.covers("af774677-42a9-4e4b-bb58-16fe6a5bc1ec")
@pytest.mark.needs("external_network")
def test_external_networks_are_listed(net: Net, external_network: str) -> None:
    """The list of external networks holds the external one and no other kind.

    Its subnets are listed if the network is shared, the project's own, or the cloud has the extension
    subnet-external-network, and otherwise not.
    """
    net.require("external-net")
    own = net.network()  # which the list must leave out
    listed = net.listed("network", **{"router:external": True})
    other = [one["id"] for one in listed if one.get("router:external") is not True or one["id"] == own["id"]]
    assert not other, f"the list of external networks holds networks that are not external: {other}"
    found = next((one for one in listed if one["id"] == external_network), None)
    assert found, f"the list of external networks does not hold {external_network}"
    if not found["subnets"]:
        raise Prerequisite(f"the external network {external_network} has no subnet")
    subnets = {one["id"] for one in net.listed("subnet", network_id=external_network)}
    mine = found.get("tenant_id") == net.api.actor.project_id
    if found["shared"] or mine or "subnet-external-network" in net.extensions():
        assert subnets >= set(found["subnets"]), f"listed are {subnets}, the network has {found['subnets']}"
    else:
        assert not subnets, f"the network is not shared, but its subnets are listed: {subnets}"
