"""Subnet pools are created, shown, renamed and deleted."""

from __future__ import annotations

import pytest

from defcore.suite.support.network import Net, same

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-ref/network/v2/#subnet-pools-extension-subnetpools")


@pytest.mark.uuid("4e1e1676-3db2-467a-805a-06b8ceca02ef")
@pytest.mark.covers("62595970-ab1c-4b7f-8fcc-fddfe55e9811")
def test_subnet_pool_lifecycle(net: Net) -> None:
    """A subnet pool can be created, shown, renamed and deleted."""
    name = net.resources.name("pool")
    asked = {"name": name, "prefixes": ["10.92.0.0/16"]}
    pool = net.created("subnet_pool", **asked)
    answer = net.show("subnet_pool", pool["id"]).expect(200)
    same(answer, net.taken("subnet_pool", answer), asked)
    net.updated("subnet_pool", pool["id"], name=f"{name}-renamed")
    net.deleted("subnet_pool", pool["id"])
