"""`Guideline` values to our YAML. What is written is read back as the same guideline, but for digest and path."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import yaml

from defcore.errors import Problem
from defcore.model.guideline import (
    OWN_SCHEMA,
    Component,
    Elsewhere,
    Guideline,
    GuidelineCapability,
    Kind,
    OfficialTest,
    Platform,
    Status,
)
from defcore.reading.strict_yaml import plain

WIDTH = 120


class _Row(list[str]):
    """A list of short names, written on one line."""


class _Dumper(yaml.SafeDumper):
    """Indents lists, and quotes whatever our reader would not take for text."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:  # noqa: ARG002
        super().increase_indent(flow, False)


def _text(dumper: yaml.SafeDumper, value: str) -> yaml.ScalarNode:
    style = None if isinstance(plain(value), str) and value.isprintable() else '"'
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


def _row(dumper: yaml.SafeDumper, value: _Row) -> yaml.SequenceNode:
    return dumper.represent_sequence("tag:yaml.org,2002:seq", value, flow_style=True)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(_Row, _row)


def guideline_text(guideline: Guideline, *, heading: str, notes: Sequence[str] = ()) -> str:
    """The YAML file of a guideline. `heading` becomes a comment above it; `notes` say how the source was read."""
    comment = "".join(f"# {line}\n" for line in heading.splitlines())
    document = _document(guideline, notes)
    return comment + yaml.dump(document, Dumper=_Dumper, sort_keys=False, width=WIDTH, allow_unicode=True)


def notes_of(irregularities: Iterable[Problem]) -> tuple[str, ...]:
    """What was read leniently, a note for each kind of it, with the first place."""
    kinds: dict[str, list[Problem]] = defaultdict(list)
    for one in irregularities:
        kinds[one.code].append(one)
    return tuple(_note(found) for found in kinds.values())


def _note(found: Sequence[Problem]) -> str:
    place = (found[0].where or "").rpartition(": ")[2]
    more = f", and {len(found) - 1} more of this kind" if len(found) > 1 else ""
    return f"{found[0].message} ({place}{more})"


def _document(guideline: Guideline, notes: Sequence[str]) -> dict[str, Any]:
    defined = {one.id for one in guideline.capabilities}
    named = (name for one in guideline.components for name, _ in one.capabilities)
    undefined = _Row(dict.fromkeys(name for name in named if name not in defined))
    imported = guideline.schema != OWN_SCHEMA
    document: dict[str, Any] = {
        "schema": OWN_SCHEMA,
        "id": guideline.id,
        "kind": guideline.kind.value if guideline.kind is not Kind.GUIDELINE else None,
        "status": guideline.status,
        "source": guideline.source,
        "releases": _Row(guideline.releases),
        "replaces": guideline.replaces,
        "approval": guideline.approval,
        "origin": {"schema": guideline.schema, "digest": guideline.digest} if imported else None,
        "notes": list(notes),
        "scoring": _scoring(guideline),
        "repositories": {one.name: {"url": one.url, "reference": one.reference} for one in guideline.repositories},
        "designated": _Row(guideline.designated),
        "undefined": undefined,
    }
    return {key: value for key, value in document.items() if value not in (None, [], {})} | {
        "platforms": {one.name: _platform(one) for one in guideline.platforms},
        "components": {one.name: _component(one) for one in guideline.components},
        "capabilities": {one.id: _capability(one) for one in guideline.capabilities},
    }


def _scoring(guideline: Guideline) -> dict[str, Any] | None:
    if guideline.cutoff is None and not guideline.criteria:
        return None
    criteria = {
        one.id: {"name": one.name, "weight": one.weight} | ({"description": one.description} if one.description else {})
        for one in guideline.criteria
    }
    return {"cutoff": guideline.cutoff, "criteria": criteria}


def _platform(platform: Platform) -> dict[str, Any]:
    data: dict[str, Any] = {"target": platform.target}
    if platform.description:
        data["description"] = platform.description
    data["components"] = _Row(platform.components)
    if platform.elsewhere:
        data["elsewhere"] = [_elsewhere(one) for one in platform.elsewhere]
    return data


def _elsewhere(one: Elsewhere) -> dict[str, Any]:
    data: dict[str, Any] = {"component": one.component}
    if one.source:
        data["source"] = one.source
    if one.optional:
        data["optional"] = True
    return data


def _component(component: Component) -> dict[str, Any]:
    """`required` always, the other statuses where there are any."""
    lists = {status: list(component.with_status(status)) for status in Status}
    return {status.value: names for status, names in lists.items() if names or status is Status.REQUIRED}


def _capability(capability: GuidelineCapability) -> dict[str, Any]:
    data: dict[str, Any] = {"description": capability.description, "project": capability.project}
    if capability.admin:
        data["admin"] = True
    if capability.required_since:
        data["required_since"] = capability.required_since
    data["achievements"] = _Row(capability.achievements)
    data["tests"] = [_test(one) for one in capability.tests]
    return data


def _test(test: OfficialTest) -> dict[str, Any]:
    data: dict[str, Any] = {"id": test.id} if test.id else {}
    data["name"] = test.name
    if test.aliases:
        data["aliases"] = list(test.aliases)
    if test.flag:
        flag = {"code": test.flag.code, "date": test.flag.date, "reason": test.flag.reason}
        data["flag"] = {key: value for key, value in flag.items() if value}
    return data
