"""Rules of security groups are created with what was asked for, shown, listed and deleted."""

from __future__ import annotations

from typing import Any

import pytest

from defcore.suite.support.network import Body, Net, same

pytestmark = pytest.mark.reference(
    "https://docs.openstack.org/api-ref/network/v2/#security-group-rules-security-group-rules"
)


def _kept(net: Net, group: Body, **asked: Any) -> None:
    """Create a rule, which must keep what was asked for; what was not asked for is null."""
    nothing = dict.fromkeys(("port_range_min", "port_range_max", "remote_group_id", "remote_ip_prefix"))
    rule = net.created(
        "security_group_rule",
        **nothing | {"security_group_id": group["id"], "direction": "ingress", "ethertype": "IPv4"} | asked,
    )
    answer = net.show("security_group_rule", rule["id"]).expect(200)
    same(answer, net.taken("security_group_rule", answer), nothing | asked)


@pytest.mark.uuid("5c8875fb-59b6-40b0-8d4a-e5894ff1acd9")
@pytest.mark.covers("cfb99e0e-7410-4a3d-8a0c-959a63ee77e9")
def test_rule_lifecycle(net: Net) -> None:
    """Rules for TCP, UDP and ICMP can be created, shown as they were created, listed and deleted."""
    group = net.group()
    for protocol in ("tcp", "udp", "icmp"):
        rule = net.created(
            "security_group_rule",
            security_group_id=group["id"],
            protocol=protocol,
            direction="ingress",
            ethertype="IPv4",
        )
        answer = net.show("security_group_rule", rule["id"]).expect(200)
        same(answer, net.taken("security_group_rule", answer), rule)
        listed = [one for one in net.listed("security_group_rule") if one["id"] == rule["id"]]
        assert [one["protocol"] for one in listed] == [protocol], (
            f"expected rule {rule['id']} for {protocol} once in the list, seen {listed}"
        )
        net.delete("security_group_rule", rule["id"]).expect(204)
        net.show("security_group_rule", rule["id"]).expect(404, because="the rule was deleted")
        left = [one["id"] for one in net.listed("security_group_rule", security_group_id=group["id"])]
        assert rule["id"] not in left, f"the deleted rule {rule['id']} is listed"


@pytest.mark.uuid("d889d799-6acb-443a-9b94-4dfcf30ac642")
@pytest.mark.covers("87dfbcf9-1849-43ea-b1e4-efa3eeae9f71")
def test_rule_for_a_port(net: Net) -> None:
    """A rule keeps direction, protocol, ethertype and port range; the remote side that is not given is null."""
    _kept(net, net.group(), protocol="tcp", port_range_min=77, port_range_max=77)


@pytest.mark.uuid("b5e9c212-94f0-4f90-ae7e-b64e8168a44e")
@pytest.mark.covers("c9463db8-b44d-4f52-b6c0-8dbda99f26ce")
def test_rule_for_icmp_types_and_codes(net: Net) -> None:
    """A rule for ICMP keeps type and code, a zero as zero and a code that is not given as null."""
    group = net.group()
    for type_, code in ((3, 2), (3, 0), (8, 0), (0, 0), (11, None)):
        _kept(net, group, protocol="icmp", port_range_min=type_, port_range_max=code)


@pytest.mark.uuid("94f47da8-2f84-4ec8-b46f-f93db4254c61")
@pytest.mark.covers("c2ed2deb-7a0c-44d8-8b4c-a5825b5c310b")
def test_rule_with_remote_group(net: Net) -> None:
    """A rule keeps the remote security group."""
    remote = net.group()["id"]
    _kept(net, net.group(), protocol="udp", port_range_min=50, port_range_max=55, remote_group_id=remote)


@pytest.mark.uuid("fcf1f235-66cb-4d5b-8396-2d37c157b399")
@pytest.mark.covers("16459776-5da2-4634-bce4-4b55ee3ec188")
def test_rule_with_remote_prefix(net: Net) -> None:
    """A rule keeps the remote address prefix."""
    _kept(net, net.group(), protocol="tcp", port_range_min=76, port_range_max=77, remote_ip_prefix="10.100.0.0/16")


@pytest.mark.uuid("69507113-9adc-467b-9749-82dc7518fdce")
@pytest.mark.covers("0a307599-6655-4220-bebc-fd70c64f2290")
def test_rule_with_protocol_number(net: Net) -> None:
    """The protocol of a rule can be given as a number, and is told as that number."""
    asked = {"security_group_id": net.group()["id"], "direction": "ingress", "protocol": 17}
    answer = net.create("security_group_rule", **asked).expect(201)
    rule = net.taken("security_group_rule", answer)
    same(answer, rule, {"direction": "ingress"})
    assert rule["protocol"] == "17", f"{answer.where}: expected protocol '17', seen {rule['protocol']!r}"


@pytest.mark.uuid("26198410-932a-4609-9fdf-9a656e9a8bed")
@pytest.mark.covers("8fde898f-ce88-493b-adc9-4e4692879fc5")
def test_same_rule_twice_is_refused(net: Net) -> None:
    """A group does not take the same rule a second time: 409."""
    rule = {
        "security_group_id": net.group()["id"],
        "direction": "ingress",
        "ethertype": "IPv4",
        "protocol": "tcp",
        "port_range_min": 66,
        "port_range_max": 67,
    }
    first = net.created("security_group_rule", **rule)
    net.create("security_group_rule", **rule).expect(409, because=f"the group has this rule: {first['id']}")
    listed = [one["id"] for one in net.listed("security_group_rule", security_group_id=rule["security_group_id"])]
    assert listed.count(first["id"]) == 1, f"the first rule {first['id']} is listed {listed.count(first['id'])} times"
