"""The group that every project has: a cloud that lets a test delete it gets it back as it was."""

from __future__ import annotations

import itertools
import json
from typing import Any
from urllib.parse import urlsplit

import pytest

from defcore.errors import CannotTell, PromiseBroken
from defcore.model.capability import Service
from defcore.suite.compute.test_security_groups import test_default_group_cannot_be_deleted as cannot_be_deleted
from defcore.suite.compute.test_security_groups import test_default_group_stays as stays
from defcore.suite.support import Api, Resources, compute_groups
from defcore.suite.support.compute_groups import GROUPS, RULES, Groups
from tests.suite.test_quota import Cloud, Response


def rule(group: str, **more: Any) -> dict[str, Any]:
    return {"security_group_id": group, "direction": "ingress", "ethertype": "IPv4", "remote_group_id": None} | more


class Yielding(Cloud):
    """Deletes the group default, or refuses it; makes another one itself, or does not."""

    def __init__(self, *, refuses: bool, itself: bool) -> None:
        super().__init__(limit=9)
        self.refuses, self.itself = refuses, itself
        self.numbers = itertools.count(1)
        self.groups = {"old": "default"}
        rules = [rule("old", remote_group_id="old"), rule("old", protocol="tcp", port_range_min=22), rule("prod")]
        self.rules = {f"rule-{next(self.numbers)}": one for one in rules}

    def endpoint(self, service: Service) -> str:
        return "http://cloud"

    def request(self, method: str, url: str, *, data: bytes | None = None, **_: Any) -> Response:
        path, body = urlsplit(url).path, json.loads(data or b"{}")
        collection, _, id = path.rpartition("/")
        if path == GROUPS:
            if method == "POST":
                self.groups["new"] = body["security_group"]["name"]
                return Response(200, {"security_group": self.shown("new")})
            return Response(200, {"security_groups": [self.shown(one) for one in self.groups]})
        if path == RULES:
            if method == "POST":
                self.rules[f"rule-{next(self.numbers)}"] = body["security_group_rule"]
                return Response(201, body)
            return Response(200, {"security_group_rules": [{"id": id} | one for id, one in self.rules.items()]})
        if collection == RULES:
            del self.rules[id]
            return Response(204, "")
        if method == "DELETE":
            return self.delete(id)
        return Response(200, {"security_group": self.shown(id)}) if id in self.groups else Response(404, "")

    def delete(self, id: str) -> Response:
        if self.refuses:
            return Response(400, "")
        del self.groups[id]
        self.rules = {key: one for key, one in self.rules.items() if one["security_group_id"] != id}
        if self.itself:
            self.groups["new"] = "default"
            self.rules["open"] = rule("new", direction="egress")  # which the operator had taken away
        return Response(202, "")

    def shown(self, id: str) -> dict[str, Any]:
        return {"id": id, "name": self.groups[id], "tenant_id": "project", "description": "d", "rules": []}

    def said(self) -> list[tuple[Any, ...]]:
        names = ("security_group_id", "direction", "remote_group_id", "protocol", "port_range_min")
        return sorted((tuple(one.get(name) for name in names) for one in self.rules.values()), key=str)


def groups(cloud: Yielding) -> Groups:
    compute, network = (
        Api(cloud, one, lambda finding: None)  # type: ignore[arg-type]
        for one in (Service.COMPUTE, Service.NETWORK)
    )
    return Groups(compute, Resources(cloud), network)  # type: ignore[arg-type]


@pytest.mark.parametrize("itself", [True, False])
@pytest.mark.parametrize(("test", "outcome"), [(cannot_be_deleted, PromiseBroken), (stays, CannotTell)])
def test_a_group_that_should_not_have_gone_comes_back_with_its_rules(itself: bool, test: Any, outcome: Any) -> None:
    cloud = Yielding(refuses=False, itself=itself)
    with pytest.raises(
        outcome, match=r"answered 202.*the group was deleted, and is made anew as new, with the 2 rules"
    ):
        test(groups(cloud))
    assert list(cloud.groups.values()) == ["default"]
    assert cloud.said() == [
        ("new", "ingress", "new", None, None),
        ("new", "ingress", None, "tcp", 22),
        ("prod", "ingress", None, None, None),
    ]


@pytest.mark.parametrize("test", [cannot_be_deleted, stays])
def test_a_refusal_leaves_everything_as_it_is(test: Any) -> None:
    cloud = Yielding(refuses=True, itself=False)
    before = cloud.said()
    test(groups(cloud))
    assert (list(cloud.groups), cloud.said()) == (["old"], before)


def test_another_refusal_than_the_one_promised_makes_nothing_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compute_groups, "SOON", 0.1)
    cloud = Yielding(refuses=True, itself=False)
    cloud.delete = lambda id: Response(409, "")  # type: ignore[method-assign]
    with pytest.raises(PromiseBroken, match=r"answered 409, not 400: every project keeps its group default$"):
        cannot_be_deleted(groups(cloud))
    assert list(cloud.groups) == ["old"]
