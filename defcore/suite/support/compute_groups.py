"""Security groups through the compute API, which passes them on to the network service up to microversion 2.35."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Mapping
from typing import Any

from defcore.errors import CannotTell, Prerequisite, PromiseBroken, shortened
from defcore.suite.support.answer import Answer
from defcore.suite.support.api import Api
from defcore.suite.support.compute_schemas import GROUP_BODY, GROUPS_BODY
from defcore.suite.support.resources import Resources
from defcore.suite.support.wait import wait_for

GROUPS = "/os-security-groups"
RULE_VALUES = (
    "direction",
    "ethertype",
    "protocol",
    "port_range_min",
    "port_range_max",
    "remote_ip_prefix",
    "remote_group_id",
    "description",
)
"""What a rule says, as it is asked for."""
OWN = "the group itself"
RULES = "/v2.0/security-group-rules"
SOON = 5.0
"""Seconds."""
Group = dict[str, Any]


def comparable(group: Group) -> Group:
    """The group with its rules in a fixed order: their order means nothing."""
    return {**group, "rules": sorted(group["rules"], key=lambda rule: str(rule.get("id")))}


class Groups:
    """Security groups of one test; the fixture `groups`."""

    def __init__(self, api: Api, resources: Resources, network: Api) -> None:
        self.api = api
        self.resources = resources
        self.network = network

    def post(self, name: str, description: str) -> Answer:
        """Ask for a group. Not asserted on."""
        body = {"security_group": {"name": name, "description": description}}
        return self.resources.create(self.api, "compute_security_group", GROUPS, name=name, json=body)

    def created(self, name: str, description: str) -> Group:
        """A group, created as promised, with what was asked for."""
        answer = self.post(name, description).expect(200).check(GROUP_BODY)
        group: Group = answer.json["security_group"]
        seen = {key: group[key] for key in ("name", "description")}
        expected = {"name": name, "description": description}
        assert seen == expected, f"{answer.where}: expected {expected}, seen {seen}"
        return group

    def given(self, purpose: str) -> Group:
        """Set-up: a group."""
        group: Group = (
            self.post(self.resources.name(purpose), f"{purpose}, for a test").setup(200).json["security_group"]
        )
        return group

    def shown(self, id: str) -> Group:
        group: Group = self.api.get(f"{GROUPS}/{id}").expect(200).check(GROUP_BODY).json["security_group"]
        return group

    def listed(self) -> list[Group]:
        found: list[Group] = self.api.get(GROUPS).expect(200).check(GROUPS_BODY).json["security_groups"]
        return found

    def of_server(self, server: str) -> list[Group]:
        answer = self.api.get(f"/servers/{server}{GROUPS}").expect(200).check(GROUPS_BODY)
        found: list[Group] = answer.json["security_groups"]
        return found

    def delete(self, id: str) -> Answer:
        return self.api.delete(f"{GROUPS}/{id}")

    def expect_deleted(self, id: str) -> None:
        """The group must accept its deletion and then be gone."""
        self.delete(id).expect(202)
        answer = wait_for(
            lambda: self.api.get(f"{GROUPS}/{id}"),
            lambda seen: seen.status != 200,
            because=f"security group {id} is gone",
            timeout=60,
            promised=True,
            show=lambda seen: f"{seen.status} {shortened(seen.text, 200)}",
        )
        answer.expect(404, because="the group was deleted")

    def free(self, id: str) -> None:
        """The group, which no server uses any more, must become deletable and then be gone.

        The ports of a deleted server may outlive it by a moment.
        """
        answer = wait_for(
            lambda: self.delete(id),
            lambda seen: seen.status != 400,
            because=f"security group {id}, which no server uses any more, can be deleted",
            timeout=60,
            promised=True,
            show=lambda seen: f"{seen.status} {shortened(seen.text, 200)}",
        )
        answer.expect(202)
        self.api.get(f"{GROUPS}/{id}").expect(404, because="the group was deleted")

    def default(self) -> Group:
        """The group that every project has. Other projects may share theirs of the same name."""
        own = self.api.actor.project_id
        found = [group for group in self.listed() if group["name"] == "default" and group["tenant_id"] == own]
        if len(found) != 1:
            raise PromiseBroken(f"GET {GROUPS}: {len(found)} groups default", expected="one", seen=len(found))
        return found[0]

    @contextlib.contextmanager
    def default_kept(self) -> Iterator[Group]:
        """The group that every project has, while its deletion is asked for, which has to be refused.

        Where a cloud deletes it all the same, it is made anew, unless the cloud does that itself, with the rules that
        it had and no others, and what goes wrong in the block says so. Rules of other groups that named it stay lost.
        """
        group = self.default()
        rules = self._rules_of(group["id"])
        try:
            yield group
        except (AssertionError, CannotTell) as trouble:
            if self._is_gone(group["id"]):
                trouble.args = (f"{trouble}; {self._make_default(group, rules)}",)
            raise

    def _is_gone(self, id: str) -> bool:
        """Whether it is, or is soon: a deletion may take a moment."""
        end = time.monotonic() + SOON
        answer = wait_for(
            lambda: self.api.get(f"{GROUPS}/{id}"),
            lambda seen: seen.status == 404 or time.monotonic() >= end,
            because=f"security group {id} stays or goes",
        )
        return answer.status == 404

    def _rules_of(self, id: str) -> list[dict[str, Any]]:
        listed = self.network.get(RULES, params={"security_group_id": id}).setup(200).json["security_group_rules"]
        return [rule for rule in listed if rule["security_group_id"] == id]

    def _make_default(self, lost: Group, rules: list[dict[str, Any]]) -> str:
        """Make it anew, and say what became of it. Raises nothing: it is told beside what went wrong before."""
        try:
            found = [one for one in self.listed() if one["name"] == "default" and one["tenant_id"] == lost["tenant_id"]]
            body = {"security_group": {"name": "default", "description": lost["description"]}}
            new = (found[0] if found else self.api.post(GROUPS, json=body).setup(200).json["security_group"])["id"]
            there = {rule["id"]: _said(rule, new) for rule in self._rules_of(new)}
            wanted = [_said(rule, lost["id"]) for rule in rules]
            for rule in [one for one in wanted if one not in there.values()]:
                own = {"remote_group_id": new} if rule["remote_group_id"] == OWN else {}
                body = {"security_group_rule": rule | own | {"security_group_id": new}}
                self.network.post(RULES, json=body).setup(201)
            for id in [id for id, rule in there.items() if rule not in wanted]:
                self.network.delete(f"{RULES}/{id}").setup(204)
        except (AssertionError, CannotTell, Prerequisite, LookupError, TypeError) as error:
            return f"the group was deleted, and could not be made anew as it was: {error}; it had the rules {rules}"
        return f"the group was deleted, and is made anew as {new}, with the {len(rules)} rules that it had"

    def need_port_security(self, server: str) -> None:
        """Raises Prerequisite if a port of the server takes no groups."""
        answer = self.network.get("/v2.0/ports", params={"device_id": server}).setup(200)
        ports = [port for port in answer.json["ports"] if port["device_id"] == server]
        bare = [port["id"] for port in ports if port.get("port_security_enabled") is False]
        if bare or not ports:
            raise Prerequisite(f"a network whose ports have port security (--set network=ID); without: {bare}")


def _said(rule: Mapping[str, Any], group: str) -> dict[str, Any]:
    """What the rule of a group says, whatever that group's id."""
    values = {name: rule.get(name) for name in RULE_VALUES}
    return values | ({"remote_group_id": OWN} if values["remote_group_id"] == group else {})
