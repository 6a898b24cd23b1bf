"""What there is to know about a capability and its tests, without a cloud and without a run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from defcore.model.capability import Capability, Catalog, Strength, TestCase
from defcore.model.guideline import Guideline, Status

OVERVIEW_SCHEMA = "defcore/overview/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A guideline that names the capability."""

    guideline: str
    component: str | None
    """None: the guideline describes it, and no component lists it."""
    status: Status | None
    official: int
    """Official tests that it has there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    capability: Capability
    asked: tuple[Asked, ...]
    tests: tuple[TestCase, ...]
    elsewhere: tuple[tuple[str, TestCase], ...]
    """(capability, test): tests of other capabilities that answer for official tests of this one."""


def overview(capability: Capability, catalog: Catalog, guidelines: Sequence[Guideline]) -> Overview:
    """The capability with its tests, in the order of its file."""
    cases = {case.id: case for case in catalog.tests}
    homes = {id: one.id for one in catalog.capabilities for id in one.tests}
    named = [found for guideline in guidelines if (found := guideline.capability(capability.id))]
    official = {test.id for one in named for test in one.tests}
    return Overview(
        capability=capability,
        asked=tuple(asked for guideline in guidelines for asked in _asked(guideline, capability.id)),
        tests=tuple(cases[id] for id in capability.tests),
        elsewhere=tuple(
            (homes[case.id], case)
            for case in catalog.tests
            if homes[case.id] != capability.id and not official.isdisjoint(case.covers)
        ),
    )


def _asked(guideline: Guideline, capability: str) -> Iterable[Asked]:
    found = guideline.capability(capability)
    if found is None:
        return
    for component, status in guideline.asked_by(capability) or ((None, None),):
        yield Asked(guideline=guideline.id, component=component, status=status, official=len(found.tests))


def official_names(guidelines: Iterable[Guideline]) -> dict[str, str]:
    """Official id -> its name without modules, such as `FlavorsV2TestJSON.test_list_flavors`."""
    return {
        test.id: ".".join(test.name.split("[")[0].split(".")[-2:])
        for guideline in guidelines
        for one in guideline.capabilities
        for test in one.tests
    }


def asked_words(asked: Asked) -> str:
    """`required by os_powered_compute`."""
    return f"{asked.status} by {asked.component}" if asked.status else "in no component"


def strength_words(strength: Strength | None) -> str:
    """Both counts: of four, three noticed is less sure than thirty of forty."""
    if strength is None or not strength.aimed:
        return "not measured"
    missed = f"; missed: {', '.join(strength.missed)}" if strength.missed else ""
    return f"{strength.killed} of {strength.aimed} deviations noticed{missed}"


def overview_document(view: Overview, strength: Strength | None, names: dict[str, str]) -> dict[str, Any]:
    """Plain JSON values."""
    capability = view.capability
    return {
        "schema": OVERVIEW_SCHEMA,
        "id": capability.id,
        "service": str(capability.service),
        "title": capability.title,
        "reference": capability.reference,
        "guidelines": [
            {
                "guideline": one.guideline,
                "component": one.component,
                "status": one.status and str(one.status),
                "official": one.official,
            }
            for one in view.asked
        ],
        "detection": strength and {"aimed": strength.aimed, "killed": strength.killed, "missed": list(strength.missed)},
        "tests": [test_document(case, capability.id, names) for case in view.tests],
        "elsewhere": [test_document(case, home, names) for home, case in view.elsewhere],
    }


def test_document(case: TestCase, capability: str, names: dict[str, str]) -> dict[str, Any]:
    """Plain JSON values."""
    return {
        "id": case.id,
        "name": case.name,
        "nodeid": case.nodeid,
        "capability": capability,
        "promise": case.promise,
        "reference": case.reference,
        "covers": [{"id": id, "name": names.get(id)} for id in case.covers],
        "needs": list(case.needs),
        "exclusive": list(case.exclusive),
    }
