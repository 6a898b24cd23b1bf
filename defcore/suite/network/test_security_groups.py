"""Security groups are created, listed, changed, shown and deleted; each project has one called default."""

from __future__ import annotations

import pytest

from defcore.suite.support.network import NEEDED, NOBODY, Net

pytestmark = pytest.mark.reference("https://docs.openstack.org/api-ref/network/v2/#security-groups-security-groups")


@pytest.mark.uuid("50b15ea4-72cb-4405-b7c0-77c2481df6d5")
@pytest.mark.covers("e30abd17-fef9-4739-8617-dc26da88e686")
def test_default_group_is_listed(net: Net) -> None:
    """The list of security groups holds the project's group called default."""
    net.require("security-group")
    names = [group["name"] for group in net.listed("security_group")]
    assert "default" in names, f"expected a security group called default, seen {names}"


@pytest.mark.uuid("9697e3ce-c0c1-4376-8927-1995f837501e")
@pytest.mark.covers("bfd128e5-3c92-44b6-9d66-7fe29d22c802")
def test_group_lifecycle(net: Net) -> None:
    """A security group can be created, listed, renamed, described, shown and deleted."""
    name = net.resources.name("group")
    group = net.created("security_group", name=name, description="first")
    listed = [one["name"] for one in net.listed("security_group") if one["id"] == group["id"]]
    assert listed == [name], f"expected group {group['id']} once in the list as {name!r}, seen {listed}"
    net.updated("security_group", group["id"], name=f"{name}-renamed", description="second")
    net.delete("security_group", group["id"]).expect(204)
    net.show("security_group", group["id"]).expect(404, because="the group was deleted")
    assert group["id"] not in [one["id"] for one in net.listed("security_group")], "a deleted group is listed"


@pytest.mark.uuid("67087805-ecac-4850-92e9-a053d0d7fa51")
@pytest.mark.covers("2323061e-9fbf-4eb0-b547-7e8fafc90849")
def test_second_default_group_is_refused(net: Net) -> None:
    """A project cannot have a second security group called default: 409."""
    net.require(NEEDED["security_group"])
    listed = net.api.get(net.path("security_group"), params={"name": "default"}).setup(200)
    there = [one["id"] for one in listed.json["security_groups"]]  # a cloud may answer with it, and it is not ours
    kind, path, body = "security_group", net.path("security_group"), {"security_group": {"name": "default"}}
    answer = net.resources.create(net.api, kind, path, name="default", json=body, there=there)
    answer.expect(409, because="the project has a group called default")


@pytest.mark.uuid("9f060702-506e-4508-9fd2-0531c54ab2d4")
@pytest.mark.covers(
    "424fd5c3-9ddc-486a-b45f-39bf0c820fc6",
    "1f1bb89d-5664-4956-9fcd-83ee0fa603df",
    "4c094c09-000b-4e41-8100-9617600c02a6",
)
def test_unknown_groups_and_rules_are_not_found(net: Net) -> None:
    """A security group that does not exist can be neither shown nor deleted, nor such a rule shown: 404."""
    # So that a cloud that answers 404 to everything does not pass.
    net.show("security_group", net.group()["id"]).setup(200)
    net.show("security_group", NOBODY).expect(404)
    net.delete("security_group", NOBODY).expect(404)
    net.show("security_group_rule", NOBODY).expect(404)


@pytest.mark.uuid("a6abbafb-947c-4c0e-ba65-fe124951a91f")
@pytest.mark.reference("https://docs.openstack.org/api-ref/network/v2/#show-security-group")
def test_group_shows_its_rules(net: Net) -> None:
    """A security group shows, and is listed with, a rule as soon as it has it, until the rule is deleted."""
    group = net.group()
    about = {"security_group_id": group["id"], "direction": "ingress", "ethertype": "IPv4", "protocol": "tcp"}
    rule = net.given("security_group_rule", **about)

    def shown() -> list[list[str]]:
        listed = [one for one in net.listed("security_group", id=group["id"]) if one["id"] == group["id"]]
        groups = [net.shown("security_group", group["id"]), *listed]
        return [[one["id"] for one in group["security_group_rules"]] for group in groups]

    assert all(rule["id"] in ids for ids in shown()), f"group {group['id']} does not show its rule {rule['id']}"
    net.delete("security_group_rule", rule["id"]).expect(204)
    assert not any(rule["id"] in ids for ids in shown()), f"group {group['id']} shows the deleted rule {rule['id']}"


@pytest.mark.uuid("b2bc266f-b70e-4db8-b1f9-591bf6ca7d26")
@pytest.mark.reference(
    "https://docs.openstack.org/api-ref/network/v2/#stateful-security-groups-extension-stateful-security-group"
)
def test_group_without_state_is_so(net: Net) -> None:
    """A security group is stateful unless it is not to be, and can be changed to be so."""
    net.require("stateful-security-group")
    name = net.resources.name("group")
    group = net.created("security_group", name=name, stateful=False)
    assert net.shown("security_group", group["id"]).get("stateful") is False, f"group {group['id']} is stateful"
    net.updated("security_group", group["id"], stateful=True)
    usual = net.created("security_group", name=net.resources.name("group"))
    assert usual.get("stateful") is True, f"group {usual['id']} is not stateful, though nothing else was asked for"
