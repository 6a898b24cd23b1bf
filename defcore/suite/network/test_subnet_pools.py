"""Subnet pools are created, shown, renamed and deleted."""

from __future__ import annotations

from ipaddress import IPv4Network

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


@pytest.mark.uuid("a6ddda2b-7188-4338-8825-24bfb7dfd6b1")
def test_subnets_are_taken_from_the_pool(net: Net) -> None:
    """A subnet of a pool has a prefix of the pool: of its default length, or of the length asked for within its
    limits (else 400), and no two overlap."""
    lengths = {"default_prefixlen": 26, "min_prefixlen": 24, "max_prefixlen": 28}
    pool = net.given("subnet_pool", prefixes=["10.93.0.0/16"], **lengths)
    shown = net.shown("subnet_pool", pool["id"])
    seen = {name: int(shown[name]) for name in lengths}
    assert seen == lengths, f"subnet pool {pool['id']}: expected {lengths}, seen {seen}"
    network, prefixes = net.network(), []
    for asked, length in (({}, 26), ({"prefixlen": 28}, 28)):
        about = {"network_id": network["id"], "ip_version": 4, "subnetpool_id": pool["id"]}
        answer = net.create("subnet", **about, **asked).expect(201)
        subnet = net.taken("subnet", answer)
        same(answer, subnet, about)
        prefixes.append(IPv4Network(subnet["cidr"]))
        assert prefixes[-1].prefixlen == length, f"{answer.where}: expected a /{length}, seen {subnet['cidr']}"
        assert prefixes[-1].subnet_of(IPv4Network("10.93.0.0/16")), (
            f"{answer.where}: {subnet['cidr']} is not of the pool"
        )
    assert not prefixes[0].overlaps(prefixes[1]), f"two subnets of the pool overlap: {prefixes}"
    net.create("subnet", **about, prefixlen=30).expect(400, because="the longest prefix of the pool is /28")
    net.delete("subnet_pool", pool["id"]).expect(400, 409, because="there are subnets of it")
    net.shown("subnet_pool", pool["id"])


@pytest.mark.uuid("59ae42b9-dce7-49ce-a64a-2222de0a2b29")
def test_subnet_pools_are_listed_as_shown(net: Net) -> None:
    """A subnet pool is in the list as it is shown, and a filter by name finds it alone."""
    pool, other = (net.created("subnet_pool", prefixes=["10.94.0.0/16"]) for _ in range(2))
    shown = net.shown("subnet_pool", pool["id"])
    assert shown in net.listed("subnet_pool"), f"expected the subnet pool {shown} in the list"
    found = [one["id"] for one in net.listed("subnet_pool", name=pool["name"])]
    assert found == [pool["id"]], (
        f"filtered by {pool['name']}: expected {pool['id']} and not {other['id']}, seen {found}"
    )
