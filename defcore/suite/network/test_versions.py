"""The network service says which API versions it has."""

from __future__ import annotations

import pytest

from defcore.suite.support import Api
from defcore.suite.support.network_schemas import VERSIONS

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-ref/network/v2/#list-api-versions")


@pytest.mark.uuid("27ab19a3-c3e1-4d5b-bd80-c327708e5f44")
@pytest.mark.covers("cac8a836-c2e0-4304-b556-cd299c7281d1")
def test_root_lists_version_2(network: Api) -> None:
    """The root of the network service lists version v2.0, and no other, with its status and a link to it."""
    answer = network.get(f"{network.root}/").expect(200).check(VERSIONS)
    versions = answer.json["versions"]
    ids = [version["id"] for version in versions]
    assert set(ids) == {"v2.0"}, f"{answer.where}: expected v2.0 only, seen {ids}"
    for version in versions:
        assert version["status"], f"{answer.where}: the version has no status: {version}"
        assert version["links"], f"{answer.where}: the version has no link: {version}"
