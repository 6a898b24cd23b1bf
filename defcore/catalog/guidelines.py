"""Guideline files to `Guideline` values, and the check that their names agree with one another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from defcore import schemas
from defcore.catalog.document import Document, read
from defcore.catalog.folders import Data
from defcore.errors import InputError, Problem, did_you_mean
from defcore.model.guideline import (
    Component,
    Criterion,
    Flag,
    Guideline,
    GuidelineCapability,
    OfficialTest,
    Platform,
    Status,
)
from defcore.schemas import Place


def guideline_names(data: Data) -> tuple[str, ...]:
    """The guidelines that can be named, oldest first."""
    return tuple(sorted(path.stem for path in data.guidelines.glob("*.yaml")))


def load_guideline(name: str | Path, data: Data) -> Guideline:
    """The guideline of that name, or in that file (`.yaml`, or a path with a slash)."""
    path = Path(name)
    if isinstance(name, str) and path.suffix != ".yaml" and len(path.parts) == 1:
        path = data.guidelines / f"{name}.yaml"
        if not path.is_file():
            hint = did_you_mean(name, guideline_names(data)) or None
            raise InputError(Problem(code="catalog.unknown-guideline", message=f"no guideline {name!r}", hint=hint))
    document = read(path)
    problems = [*document.problems]
    if document.data is not None:
        problems += schemas.problems(document.data, "guideline", document)
    if not problems:
        problems += _disagreements(document)
    if problems:
        raise InputError(*problems)
    return _guideline(document)


def _disagreements(document: Document) -> Iterator[Problem]:
    """Names that nothing in the guideline answers to, and tests that stand twice in one capability."""
    data = document.data
    for name, component in data["components"].items():
        for status in Status:
            place: Place = ("components", name, status)
            yield from _unknown(component.get(status, []), data["capabilities"], "capability", place, document)
    for name, platform in data["platforms"].items():
        place = ("platforms", name, "components")
        yield from _unknown(platform["components"], data["components"], "component", place, document)
    criteria = data.get("scoring", {}).get("criteria", {})
    for name, capability in data["capabilities"].items():
        place = ("capabilities", name, "achievements")
        yield from _unknown(capability.get("achievements", []), criteria, "criterion", place, document)
        yield from _repeated(capability["tests"], ("capabilities", name, "tests"), document)


def _unknown(
    names: list[str], valid: Mapping[str, object], noun: str, place: Place, document: Document
) -> Iterator[Problem]:
    for n, name in enumerate(names):
        if name not in valid:
            yield Problem(
                code=f"catalog.unknown-{noun}",
                message=f"no {noun} {name!r} in this guideline",
                where=document((*place, n)),
                hint=did_you_mean(name, valid) or None,
            )


def _repeated(tests: list[dict[str, Any]], place: Place, document: Document) -> Iterator[Problem]:
    seen: dict[str, int] = {}
    for n, test in enumerate(tests):
        first = seen.setdefault(test["id"], n)
        if first != n:
            line = document((*place, first, "id")).rsplit(":", 2)[1]
            message = f"the test {test['id']} stands already in line {line} of this capability"
            yield Problem(code="catalog.duplicate-test", message=message, where=document((*place, n, "id")))


def _guideline(document: Document) -> Guideline:
    data = document.data
    scoring = data.get("scoring", {})
    return Guideline(
        id=data["id"],
        status=data["status"],
        source=data["source"],
        releases=tuple(data.get("releases", ())),
        replaces=data.get("replaces"),
        approval=data.get("approval"),
        cutoff=scoring.get("cutoff"),
        criteria=tuple(
            Criterion(id=name, name=one["name"], description=one.get("description", ""), weight=one["weight"])
            for name, one in scoring.get("criteria", {}).items()
        ),
        platforms=tuple(
            Platform(
                name=name,
                target=one["target"],
                description=one.get("description", ""),
                components=tuple(one["components"]),
            )
            for name, one in data["platforms"].items()
        ),
        components=tuple(_component(name, one) for name, one in data["components"].items()),
        capabilities=tuple(_capability(name, one) for name, one in data["capabilities"].items()),
        digest=document.digest,
        path=document.name,
    )


def _component(name: str, data: Mapping[str, Any]) -> Component:
    """Where a capability stands under several statuses, the strongest wins (RefStack)."""
    strongest: dict[str, Status] = {}
    for status in Status:
        for capability in data.get(status, ()):
            strongest.setdefault(capability, status)
    return Component(name=name, capabilities=tuple(strongest.items()))


def _capability(name: str, data: Mapping[str, Any]) -> GuidelineCapability:
    return GuidelineCapability(
        id=name,
        description=data["description"],
        project=data["project"],
        admin=data.get("admin", False),
        required_since=data.get("required_since"),
        achievements=tuple(data.get("achievements", ())),
        tests=tuple(_test(one) for one in data["tests"]),
    )


def _test(data: Mapping[str, Any]) -> OfficialTest:
    flag = data.get("flag")
    return OfficialTest(
        id=data["id"],
        name=data["name"],
        aliases=tuple(data.get("aliases", ())),
        flag=Flag(code=flag.get("code"), date=flag.get("date"), reason=flag["reason"]) if flag else None,
    )
