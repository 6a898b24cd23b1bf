"""The rules that a new security group has."""

from __future__ import annotations

from typing import Any

import pytest

from defcore.suite.support.network import Net

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-ref/network/v2/#create-security-group")

COMPARED = ("direction", "ethertype", "protocol", "port_range_min", "port_range_max", "remote_ip_prefix")
EGRESS = [dict.fromkeys(COMPARED) | {"direction": "egress", "ethertype": version} for version in ("IPv4", "IPv6")]


def _compared(rules: list[dict[str, Any]]) -> list[str]:
    return sorted(repr({name: rule[name] for name in COMPARED}) for rule in rules)


@pytest.mark.uuid("3588dd11-3236-4757-bfaf-c343f110cd35")
def test_new_group_lets_everything_out_and_nothing_in(net: Net) -> None:
    """A new security group lets everything out, by IPv4 and IPv6, and nothing in; or as the cloud's defaults say.

    The defaults are those of the extension security-groups-default-rules, if the cloud has it.
    """
    expected = EGRESS
    if "security-groups-default-rules" in net.extensions():
        defaults = net.api.get("/v2.0/default-security-group-rules").setup(200).json["default_security_group_rules"]
        expected = [rule for rule in defaults if rule["used_in_non_default_sg"]]
    group = net.created("security_group", name=net.resources.name("group"))
    seen = net.shown("security_group", group["id"])["security_group_rules"]
    assert _compared(seen) == _compared(expected), f"expected {_compared(expected)}, seen {_compared(seen)}"
    foreign = [rule["security_group_id"] for rule in seen if rule["security_group_id"] != group["id"]]
    assert not foreign, f"rules of other groups are shown: {foreign}"
