"""What ports have by extensions: DHCP options, further addresses, port security."""

from __future__ import annotations

from typing import Any

import pytest

from defcore.suite.support.network import Net

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-ref/network/v2/#ports")


def _options(port: dict[str, Any]) -> dict[str, str]:
    return {one["opt_name"]: one["opt_value"] for one in port["extra_dhcp_opts"]}


@pytest.mark.uuid("72aeb4d0-0e0d-4965-a2e0-682fe5cef768")
def test_dhcp_options_are_kept_and_removed(net: Net) -> None:
    """A port keeps the extra DHCP options that it is created with, and loses one that is set to null."""
    net.require("extra_dhcp_opt")
    network = net.network()
    options = {"bootfile-name": "pxelinux.0", "server-ip-address": "10.80.0.5"}
    asked = [{"opt_name": name, "opt_value": value} for name, value in options.items()]
    port = net.taken("port", net.create("port", network_id=network["id"], extra_dhcp_opts=asked).expect(201))
    assert _options(port) == options, f"asked for {options}, created with {_options(port)}"
    shown = _options(net.shown("port", port["id"]))
    assert shown == options, f"asked for {options}, shown are {shown}"
    removed = [{"opt_name": "bootfile-name", "opt_value": None}]
    net.update("port", port["id"], extra_dhcp_opts=removed).expect(200)
    left = _options(net.shown("port", port["id"]))
    assert left == {"server-ip-address": "10.80.0.5"}, f"bootfile-name was removed, shown are {left}"


@pytest.mark.uuid("150cdf77-9c64-4f2b-8c2f-9e5af40a575b")
def test_allowed_address_pairs_are_kept(net: Net) -> None:
    """A port keeps the further address that it may use, with its own MAC address if no other is given."""
    net.require("allowed-address-pairs")
    network = net.network()
    net.subnet(network)
    answer = net.create("port", network_id=network["id"], allowed_address_pairs=[{"ip_address": "10.80.0.99"}])
    port = net.taken("port", answer.expect(201))
    expected = [{"ip_address": "10.80.0.99", "mac_address": port["mac_address"]}]
    for seen in (port, net.shown("port", port["id"])):
        pairs = seen["allowed_address_pairs"]
        assert pairs == expected, f"expected {expected}, seen {pairs}"
    net.updated("port", port["id"], allowed_address_pairs=[])


@pytest.mark.uuid("15a4f962-13e8-4a35-a3dd-ca07f53a6230")
def test_port_without_security_has_no_groups(net: Net) -> None:
    """A port without port security has no security groups, and cannot be created with any: 400."""
    net.require("port-security", "security-group")
    network = net.network()
    net.subnet(network)
    port = net.created("port", network_id=network["id"], port_security_enabled=False)
    assert port["security_groups"] == [], f"without port security, but with groups {port['security_groups']}"
    group = net.group()["id"]
    net.create("port", network_id=network["id"], port_security_enabled=False, security_groups=[group]).expect(400)


@pytest.mark.uuid("118e2788-52f4-4c15-8b30-748793790551")
def test_port_with_groups_keeps_its_security(net: Net) -> None:
    """Port security is not switched off while the port has security groups: 409."""
    net.require("port-security", "security-group")
    network = net.network()
    net.subnet(network)
    port = net.port(network, security_groups=[net.group()["id"]])
    net.update("port", port["id"], port_security_enabled=False).expect(409)
    assert net.shown("port", port["id"])["port_security_enabled"] is True, "port security is off after all"
    net.updated("port", port["id"], port_security_enabled=False, security_groups=[])
