"""What one project owns, another neither sees nor touches."""

from __future__ import annotations

from typing import Any

import pytest

from defcore.suite.support.network import Body, Net, same

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-ref/network/v2/#networks")


def _hidden(net: Net, alt_net: Net, kind: str, resource: Body, **change: Any) -> None:
    """The second project gets 404 for it, does not see it listed, and leaves it as it was."""
    id = resource["id"]
    net.show(kind, id).setup(200)  # what the owner was shown is not shown to others
    alt_net.show(kind, id).expect(404, because="it belongs to another project")
    if change:
        alt_net.update(kind, id, **change).expect(404, because="it belongs to another project")
    alt_net.delete(kind, id).expect(404, because="it belongs to another project")
    for filters in ({}, {"id": id}, {"project_id": net.api.actor.project_id}):
        listed = [one["id"] for one in alt_net.listed(kind, **filters)]
        assert id not in listed, f"{kind} {id} of another project is listed with {filters}"
    answer = net.show(kind, id).expect(200, because="another project must not have removed it")
    same(answer, net.taken(kind, answer), {name: resource[name] for name in change})


@pytest.mark.uuid("7c848cbd-afd2-4438-8b6b-258f9aa36e59")
@pytest.mark.needs("alt")
def test_networks_of_others_are_hidden(net: Net, alt_net: Net) -> None:
    """Networks, subnets and ports of another project can be neither seen, changed nor deleted: 404."""
    network = net.network()
    _hidden(net, alt_net, "network", network, name="taken-over")  # while nothing is on it that would keep it
    subnet = net.subnet(network)
    _hidden(net, alt_net, "subnet", subnet, name="taken-over")
    _hidden(net, alt_net, "port", net.port(network), name="taken-over")


@pytest.mark.uuid("f45b0b96-1c66-4a4b-9054-3468e39739e7")
@pytest.mark.needs("alt")
def test_networks_of_others_take_no_ports(net: Net, alt_net: Net) -> None:
    """A port or subnet cannot be created on a network of another project."""
    network = net.network()
    net.subnet(network)
    alt_net.create("port", network_id=network["id"]).expect(404, 403)
    alt_net.create("subnet", network_id=network["id"], ip_version=4, cidr="10.85.0.0/24").expect(404, 403)
    seen = [one["cidr"] for one in net.listed("subnet", network_id=network["id"])]
    assert "10.85.0.0/24" not in seen, "another project created a subnet on the network"


@pytest.mark.uuid("10677505-900d-4907-811d-25e65f579ded")
@pytest.mark.needs("alt")
@pytest.mark.reference("https://docs.openstack.org/api-ref/network/v2/#routers-routers")
def test_routers_of_others_are_hidden(net: Net, alt_net: Net) -> None:
    """Routers of another project can be neither seen, changed nor deleted (404), and take no foreign subnet."""
    subnet = net.subnet(net.network())
    _hidden(net, alt_net, "router", net.router(), name="taken-over")
    alt_net.attach(alt_net.router(), subnet_id=subnet["id"]).expect(404, because="the subnet is another project's")


@pytest.mark.uuid("466641f1-54da-4ba2-be94-af35e3243eab")
@pytest.mark.needs("alt")
@pytest.mark.reference("https://docs.openstack.org/api-ref/network/v2/#security-groups-security-groups")
def test_security_groups_of_others_are_hidden(net: Net, alt_net: Net) -> None:
    """Security groups and rules of another project can be neither seen, changed, deleted (404) nor added to."""
    group = net.group()
    rule = {"security_group_id": group["id"], "direction": "ingress", "ethertype": "IPv4", "protocol": "tcp"}
    made = net.given("security_group_rule", **rule)
    _hidden(net, alt_net, "security_group", group, name="taken-over")
    _hidden(net, alt_net, "security_group_rule", made)
    alt_net.create("security_group_rule", **rule | {"protocol": "udp"}).expect(404, 403, because="another project's")
    protocols = [one["protocol"] for one in net.shown("security_group", group["id"])["security_group_rules"]]
    assert "udp" not in protocols, "another project added a rule to the group"


@pytest.mark.uuid("4780947f-f16a-4c81-9187-1005ba968d6f")
@pytest.mark.needs("alt")
@pytest.mark.reference("https://docs.openstack.org/api-ref/network/v2/#subnet-pools-extension-subnetpools")
def test_subnet_pools_of_others_are_hidden(net: Net, alt_net: Net) -> None:
    """Subnet pools of another project can be neither seen, changed nor deleted: 404."""
    pool = net.given("subnet_pool", prefixes=["10.93.0.0/16"])
    _hidden(net, alt_net, "subnet_pool", pool, name="taken-over")


@pytest.mark.uuid("63c35bb8-bbbd-47e2-993d-205aa7f8c654")
@pytest.mark.needs("alt")
@pytest.mark.reference("https://docs.openstack.org/api-ref/network/v2/#create-port")
def test_ports_take_no_groups_of_others(net: Net, alt_net: Net) -> None:
    """A port is not given a security group of another project, and no rule of one's own names such a group: 404."""
    group, port, own = alt_net.group(), net.port(net.network()), net.group()
    refused = net.update("port", port["id"], security_groups=[group["id"]])
    refused.expect(404, 403, because="the group belongs to another project")
    assert group["id"] not in net.shown("port", port["id"])["security_groups"], f"port {port['id']} has a foreign group"
    rule = {"security_group_id": own["id"], "direction": "ingress", "ethertype": "IPv4"}
    refused = net.create("security_group_rule", **rule, remote_group_id=group["id"])
    refused.expect(404, 403, because="the remote group belongs to another project")


@pytest.mark.uuid("4f1fc9f0-dfcc-4348-88c9-8c73c41e16e6")
@pytest.mark.needs("alt")
@pytest.mark.reference("https://docs.openstack.org/api-ref/network/v2/#create-subnet")
def test_subnet_pools_of_others_allocate_nothing(net: Net, alt_net: Net) -> None:
    """A subnet is not allocated from a subnet pool of another project: 404."""
    pool = alt_net.given("subnet_pool", prefixes=["10.94.0.0/16"])
    network = net.network()
    refused = net.create("subnet", network_id=network["id"], ip_version=4, subnetpool_id=pool["id"], prefixlen=26)
    refused.expect(404, 403, 400, because="the pool belongs to another project")
    assert net.listed("subnet", network_id=network["id"]) == [], "a subnet was allocated from a foreign pool"


@pytest.mark.uuid("d55b31f9-657e-4448-830e-1ba1f6192433")
def test_ordinary_user_does_not_choose_the_segment(net: Net) -> None:
    """An ordinary user may not say which segment of the provider's network a network is: 403."""
    net.require("provider")
    net.create("network", **{"provider:network_type": "vlan"}).expect(403)
