"""Rules of security groups that make no sense are refused, and nothing is created."""

from __future__ import annotations

from typing import Any

import pytest

from defcore.suite.support import Answer, shortened
from defcore.suite.support.network import NOBODY, Body, Net, same

pytestmark = pytest.mark.reference(
    "https://docs.openstack.org/api-ref/network/v2/#security-group-rules-security-group-rules"
)

PORTS = (
    ("tcp", -16, 80, "Invalid value for port -16"),
    ("tcp", 80, 79, "port_range_min must be <= port_range_max"),
    ("tcp", 80, 65536, "Invalid value for port 65536"),
    ("tcp", None, 6, "port_range_min must be <= port_range_max"),
    ("tcp", -16, 65536, "Invalid value for port"),
    ("icmp", 1, 256, "Invalid value for ICMP code"),
    ("icmp", -1, 25, "Invalid value"),
    ("icmp", None, 6, "ICMP type (port-range-min) is missing"),
    ("icmp", 300, 1, "Invalid value for ICMP type"),
)
"""Protocol, lower and upper end (ICMP: type and code), and what the guideline wants the refusal to say."""


def _ask(net: Net, group: Body, **rule: Any) -> Answer:
    """Ask for a rule of the group; what is not given is something that the group would take."""
    asked = {"security_group_id": group["id"], "direction": "ingress", "ethertype": "IPv4", "protocol": "tcp"}
    return net.create("security_group_rule", **asked | rule)


def _refused(net: Net, group: Body, status: int, rules: list[dict[str, Any]]) -> None:
    """Each rule is refused with this status, a good one is taken, and the group has no other."""
    before = _rules(net, group)
    for rule in rules:
        _ask(net, group, **rule).expect(status, because=f"the rule is asked for with {rule}")
    good = net.taken("security_group_rule", _ask(net, group, port_range_min=9, port_range_max=9).setup(201))
    seen = _rules(net, group)
    assert seen == before | {good["id"]}, f"refused rules were created: {seen - before - {good['id']}}"


def _rules(net: Net, group: Body) -> set[str]:
    rules = net.listed("security_group_rule", security_group_id=group["id"])
    return {rule["id"] for rule in rules if rule["security_group_id"] == group["id"]}


@pytest.mark.uuid("a8927b54-a2d6-4862-8ac9-3608b17475c3")
@pytest.mark.covers("5666968c-fff3-40d6-9efc-df1c8bd01abb")
def test_unknown_ethertype_is_refused(net: Net) -> None:
    """A rule with an ethertype that there is not is refused with 400."""
    _refused(net, net.group(), 400, [{"ethertype": "bad_ethertype", "protocol": "udp"}])


@pytest.mark.uuid("ab97e3d4-0890-4c8e-af1b-d13af7254612")
@pytest.mark.covers("981bdc22-ce48-41ed-900a-73148b583958")
def test_unknown_protocol_is_refused(net: Net) -> None:
    """A rule with a protocol that there is not is refused with 400."""
    _refused(net, net.group(), 400, [{"protocol": "bad_protocol_name"}])


@pytest.mark.uuid("37ba6655-f80a-4c7a-a921-452ba4192222")
@pytest.mark.covers("5f8daf69-3c5f-4aaa-88c9-db1d66f68679")
def test_malformed_prefix_is_refused(net: Net) -> None:
    """A rule whose remote prefix is none is refused with 400."""
    prefixes = ("192.168.1./24", "192.168.1.1/33", "bad_prefix", "256")
    _refused(net, net.group(), 400, [{"remote_ip_prefix": prefix} for prefix in prefixes])


@pytest.mark.uuid("1ce825df-748a-45fb-8ec8-9440ed5ee775")
@pytest.mark.covers("0d9c7791-f2ad-4e2f-ac73-abf2373b0d2d")
def test_invalid_ports_are_refused(net: Net) -> None:
    """Ports and ICMP types and codes that are out of range or order are refused with 400 and the reason."""
    group = net.group()
    for protocol, low, high, reason in PORTS:
        asked = {"protocol": protocol, "port_range_min": low, "port_range_max": high}
        answer = _ask(net, group, **asked).expect(400, because=f"the rule is asked for with {asked}")
        assert reason in answer.text, (
            f"{answer.where}: expected {reason!r} for {asked}, seen {shortened(answer.text, 300)}"
        )


@pytest.mark.uuid("3aac76ad-9ecb-43d7-bea2-61251cd9679d")
@pytest.mark.covers("4bf786fd-2f02-443c-9716-5b98e159a49a", "be308db6-a7cf-4d5c-9baf-71bafd73f35e")
def test_unknown_groups_in_a_rule_are_not_found(net: Net) -> None:
    """A rule of a group that does not exist, or with such a remote group, is answered with 404."""
    group = net.group()
    _refused(net, group, 404, [{"remote_group_id": "bad_group_id"}, {"remote_group_id": NOBODY}])
    rule = {"security_group_id": NOBODY, "direction": "ingress", "ethertype": "IPv4"}
    net.create("security_group_rule", **rule).expect(404, because="there is no such group")


@pytest.mark.uuid("62397c19-f6cd-40b1-9c66-bd13182192c7")
def test_rules_that_contradict_themselves_are_refused(net: Net) -> None:
    """A rule without direction, with a remote prefix and a remote group at a time, or with a prefix of the other
    version of IP is refused with 400; one with ports though it is for any protocol is refused so, or has these ports.
    """
    group, remote = net.group(), net.group()
    rules: list[dict[str, Any]] = [
        {"remote_ip_prefix": "10.100.0.0/16", "remote_group_id": remote["id"]},
        {"remote_ip_prefix": "fd80::/64"},
    ]
    _refused(net, group, 400, rules)
    undirected = {"security_group_id": group["id"], "ethertype": "IPv4", "protocol": "tcp"}
    net.create("security_group_rule", **undirected).expect(400, because="the rule has no direction")
    ports = {"protocol": None, "port_range_min": 80, "port_range_max": 80}
    answer = _ask(net, group, **ports).expect(201, 400)
    if answer.status == 201:
        same(answer, net.taken("security_group_rule", answer), ports)
