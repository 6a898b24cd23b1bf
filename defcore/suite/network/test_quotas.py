"""A project's quota is its own business, and not its own to change."""

from __future__ import annotations

import pytest

from defcore.suite.support import Prerequisite
from defcore.suite.support.network import Net
from defcore.suite.support.network_schemas import QUOTA

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-ref/network/v2/#quotas-extension-quotas")


@pytest.mark.uuid("5698e2d4-48b9-4062-a9a6-040914bfb54a")
def test_quota_is_told_and_not_changed(net: Net) -> None:
    """An ordinary user gets the project's quota, where the policy allows it, and may not change it."""
    net.require("quotas")
    path = f"/v2.0/quotas/{net.api.actor.project_id}"
    answer = net.api.get(path).expect(200, 403)
    if answer.status == 403:
        raise Prerequisite(f"the policy does not tell the quota ({answer.where}), and an unknown one is not changed")
    quota = answer.check(QUOTA).json["quota"]
    for name in ("network", "subnet", "port"):
        assert name in quota, f"{answer.where}: no quota for {name} in {sorted(quota)}"
    # The same value, so that nothing happens to a project whose cloud allows what it must not.
    net.api.put(path, json={"quota": {"network": quota["network"]}}).expect(403)


@pytest.mark.uuid("fe09525d-5361-49c4-86d8-0d5826ce900d")
@pytest.mark.needs("alt")
def test_quota_of_others_is_not_told(net: Net, alt_net: Net) -> None:
    """An ordinary user does not get the quota of another project."""
    net.require("quotas")
    net.api.get(f"/v2.0/quotas/{alt_net.api.actor.project_id}").expect(403, 404)
