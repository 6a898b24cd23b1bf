"""Tests that use a microversion: the service must announce it, and answer in it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from defcore.errors import PromiseBroken
from defcore.model.capability import Service
from defcore.suite.support import Actor, Api
from tests.conftest import ROOT

SUITE = ROOT / "defcore" / "suite"
DISCOVERY = ("compute/test_versions.py", "block_storage/test_microversions.py")
"""Tests of microversions themselves ask for some that no service has."""


@dataclass
class Fake:
    """Answers everything alike."""

    headers: Mapping[str, str]
    status: int = 200
    asked: list[Mapping[str, str]] = field(default_factory=list)

    def token(self) -> str:
        return "t"

    def endpoint(self, service: Service) -> str:
        return "http://cloud/v2.1"

    def request(self, method: str, url: str, *, headers: Mapping[str, str], **_: object) -> Any:
        self.asked.append(headers)
        return SimpleNamespace(status_code=self.status, headers=self.headers, content=b"{}")


def api(fake: Fake, service: Service = Service.COMPUTE) -> Api:
    return Api(cast(Actor, fake), service, lambda finding: None)


@pytest.mark.parametrize("header", ["compute 2.26", "compute 2.26, volume 3.0", "Compute 2.26"])
def test_an_answer_in_the_microversion_asked_for_is_taken(header: str) -> None:
    fake = Fake({"OpenStack-API-Version": header})
    assert api(fake).get("/servers", microversion="2.26").status == 200
    assert fake.asked[0]["OpenStack-API-Version"] == "compute 2.26"


@pytest.mark.parametrize("headers", [{}, {"OpenStack-API-Version": "compute 2.1"}, {"OpenStack-API-Version": "2.26"}])
def test_an_answer_in_another_microversion_breaks_the_promise(headers: dict[str, str]) -> None:
    with pytest.raises(PromiseBroken):
        api(Fake(headers)).get("/servers", microversion="2.26")
    with pytest.raises(PromiseBroken, match=r"volume 3\.53|no header"):
        api(Fake(headers), Service.BLOCK_STORAGE).get("/volumes", microversion="3.53")


@pytest.mark.parametrize("status", [400, 404, 406, 500])
def test_a_refusal_need_not_say_its_microversion(status: int) -> None:
    assert api(Fake({}, status)).get("/servers", microversion="2.26").status == status


@pytest.mark.parametrize("microversion", [None, "latest"])
def test_who_asks_for_none_in_particular_takes_any(microversion: str | None) -> None:
    assert api(Fake({"OpenStack-API-Version": "compute 2.96"})).get("/servers", microversion=microversion).status == 200


def test_each_microversion_in_use_is_asked_for_beforehand() -> None:
    """So that a service which is too old for it says so, and the test is SKIPPED with the proof."""
    files = [path for path in SUITE.rglob("test_*.py") if path.relative_to(SUITE).as_posix() not in DISCOVERY]
    unproven = {path.name: missing for path in files if (missing := used(path) - announced(path))}
    assert unproven == {}
    assert len([path for path in files if used(path)]) > 3


def used(path: Path) -> set[str]:
    """Microversions that requests of the file are sent with."""
    return {_value(keyword.value) for call in _calls(path) for keyword in call.keywords if _asks(keyword)}


def announced(path: Path) -> set[str]:
    calls = (call for call in _calls(path) if isinstance(call.func, ast.Attribute))
    return {_value(call.args[0]) for call in calls if cast(ast.Attribute, call.func).attr == "need_microversion"}


def _asks(keyword: ast.keyword) -> bool:
    """A variable of lower case is handed through from where it was asked for."""
    value = keyword.value
    return keyword.arg == "microversion" and (
        isinstance(value, ast.Constant) or (isinstance(value, ast.Name) and value.id.isupper())
    )


def _value(node: ast.expr) -> str:
    return ast.unparse(node)


def _calls(path: Path) -> Iterator[ast.Call]:
    return (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call))
