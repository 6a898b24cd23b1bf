"""Security groups through the compute API, which passes them on to the network service up to microversion 2.35."""

from __future__ import annotations

from typing import Any

from defcore.errors import Prerequisite, PromiseBroken
from defcore.suite.support.answer import Answer
from defcore.suite.support.api import Api
from defcore.suite.support.compute_schemas import GROUP_BODY, GROUPS_BODY
from defcore.suite.support.resources import Resources
from defcore.suite.support.wait import wait_for

GROUPS = "/os-security-groups"
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
            show=lambda seen: f"{seen.status} {seen.text[:200]}",
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
            show=lambda seen: f"{seen.status} {seen.text[:200]}",
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

    def need_port_security(self, server: str) -> None:
        """Raises Prerequisite if a port of the server takes no groups."""
        answer = self.network.get("/v2.0/ports", params={"device_id": server}).setup(200)
        ports = [port for port in answer.json["ports"] if port["device_id"] == server]
        bare = [port["id"] for port in ports if port.get("port_security_enabled") is False]
        if bare or not ports:
            raise Prerequisite(f"a network whose ports have port security (--set network=ID); without: {bare}")
