"""Guideline x catalog -> plan: which tests a guideline asks for, and why.

A test of ours is planned for each capability that asks for an official test it covers. A test that covers
nothing in the guideline, but belongs to one of its capabilities, is planned beside them. An official test that
no test of ours covers is `Uncovered`. Pure: the documents of the plan are plain values.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from defcore import schemas
from defcore.errors import InputError, Problem, did_you_mean
from defcore.model.budget import read_budget
from defcore.model.capability import Catalog, Service, TestCase
from defcore.model.guideline import Component, Guideline, GuidelineCapability, Platform, Status
from defcore.model.plan import Plan, PlannedTest, Setting, Uncovered, Why

PLAN_SCHEMA = "defcore/plan/1"
MOST_UNKNOWN = 20
"""Names of a kind that are told to be unknown: to look for the nearest of each takes its time."""
SERVICE_OF_PROJECT = {
    "keystone": Service.IDENTITY,
    "glance": Service.IMAGE,
    "nova": Service.COMPUTE,
    "neutron": Service.NETWORK,
    "cinder": Service.BLOCK_STORAGE,
    "swift": Service.OBJECT_STORE,
}


@dataclass(frozen=True, slots=True)
class _Asked:
    """A capability that the plan is about, as one component asks for it."""

    component: str | None
    capability: GuidelineCapability
    status: Status | None


def make_plan(
    guideline: Guideline,
    catalog: Catalog,
    *,
    target: str | None = None,
    capability: Sequence[str] = (),
    component: Sequence[str] = (),
    service: Sequence[str] = (),
    required_only: bool = False,
) -> Plan:
    """The plan for a target (short or full name of a platform; None for every component), narrowed.

    All statuses are planned, advisory included, unless `required_only`. Raises InputError with every name
    that the guideline does not know.
    """
    _check_names(guideline, target, capability, component, service)
    platform = guideline.platform(target) if target else None
    components = _components(guideline, platform, component)
    asked = _asked(guideline, components, capability, everything=target is None and not component)
    if service:
        asked = [one for one in asked if SERVICE_OF_PROJECT.get(one.capability.project, "") in service]
    if required_only:
        asked = [one for one in asked if one.status is Status.REQUIRED]
    tests = _planned(guideline, catalog, asked, required_only=required_only)
    return Plan(
        guideline=guideline.id,
        guideline_digest=guideline.digest,
        target=platform.target if platform else None,
        components=tuple(one.name for one in components),
        selection=_selection(capability, component, service, required_only=required_only),
        suite_version=catalog.suite_version,
        suite_digest=catalog.suite_digest,
        tests=tests,
        uncovered=tuple(_uncovered(asked, catalog)),
    )


def _check_names(
    guideline: Guideline,
    target: str | None,
    capability: Iterable[str],
    component: Iterable[str],
    service: Iterable[str],
) -> None:
    """Every name of the selection that nothing answers to, at once."""
    platforms = [name for one in guideline.platforms for name in (one.target, one.name)]
    problems = [
        *_unknown([target] if target else [], platforms, "platform"),
        *_unknown(component, [one.name for one in guideline.components], "component"),
        *_unknown(capability, [one.id for one in guideline.capabilities], "capability"),
        *_unknown(service, [one.value for one in Service], "service"),
    ]
    if problems:
        raise InputError(*problems)


def _unknown(names: Iterable[str], valid: list[str], noun: str) -> Iterator[Problem]:
    for name in islice((name for name in dict.fromkeys(names) if name not in valid), MOST_UNKNOWN):
        yield Problem(
            code=f"plan.unknown-{noun}",
            message=f"no {noun} {name!r}",
            where=f"--{noun}",
            hint=did_you_mean(name, valid) or None,
        )


def _components(guideline: Guideline, platform: Platform | None, names: Sequence[str]) -> list[Component]:
    inside = [one for one in guideline.components if platform is None or one.name in platform.components]
    outside = [name for name in names if name not in {one.name for one in inside}]
    if platform and outside:
        message = f"the {platform.name} does not hold the component {outside[0]!r}"
        hint = f"it holds {', '.join(platform.components)}"
        raise InputError(Problem(code="plan.outside", message=message, where="--component", hint=hint))
    return [one for one in inside if not names or one.name in names]


def _asked(
    guideline: Guideline, components: Iterable[Component], names: Sequence[str], *, everything: bool
) -> list[_Asked]:
    """The capabilities of the components; a capability of no component only if it is named."""
    known = {one.id: one for one in guideline.capabilities}
    asked = [
        _Asked(component.name, known[name], status)
        for component in components
        for name, status in component.capabilities
        if name in known and (not names or name in names)
    ]
    found = {one.capability.id for one in asked}
    placed = {name for component in guideline.components for name, _ in component.capabilities}
    absent = [name for name in dict.fromkeys(names) if name not in found]
    if everything:
        asked += [_Asked(None, known[name], None) for name in absent if name not in placed]
        absent = [name for name in absent if name in placed]
    if absent:
        raise InputError(*(_not_selected(guideline, name) for name in absent))
    return asked


def _not_selected(guideline: Guideline, name: str) -> Problem:
    homes = [one.name for one in guideline.components if name in dict(one.capabilities)]
    hint = f"it belongs to {', '.join(homes)}" if homes else "it belongs to no component: leave --platform out"
    message = f"the chosen platform or component does not ask for {name!r}"
    return Problem(code="plan.outside", message=message, where="--capability", hint=hint)


def _selection(
    capability: Iterable[str], component: Iterable[str], service: Iterable[str], *, required_only: bool
) -> tuple[str, ...]:
    named = (("capability", capability), ("component", component), ("service", service))
    chosen = tuple(f"--{option} {name}" for option, names in named for name in names)
    return (*chosen, "--required-only") if required_only else chosen


def _planned(
    guideline: Guideline, catalog: Catalog, asked: Sequence[_Asked], *, required_only: bool
) -> tuple[PlannedTest, ...]:
    """In the order of the guideline's capabilities, then of the suite."""
    order = {one.id: n for n, one in enumerate(guideline.capabilities)}
    homes = {test: one.id for one in catalog.capabilities for test in one.tests}
    official = {test.id for one in guideline.capabilities for test in one.tests}
    planned = []
    for case in catalog.tests:
        home = homes.get(case.id)
        why = tuple(_why(case, home, asked, alone=official.isdisjoint(case.covers)))
        test = PlannedTest(case=case, capability=home, why=why)
        if why and (test.required or not required_only):
            planned.append(test)
    planned.sort(key=lambda test: (order[test.why[0].capability], test.case.nodeid))
    return tuple(planned)


def _why(case: TestCase, home: str | None, asked: Iterable[_Asked], *, alone: bool) -> Iterator[Why]:
    for one in asked:
        ids = {test.id for test in one.capability.tests}
        covers = tuple(test for test in case.covers if test in ids)
        if covers or (alone and one.capability.id == home):
            yield Why(component=one.component, capability=one.capability.id, status=one.status, covers=covers)


def _uncovered(asked: Iterable[_Asked], catalog: Catalog) -> Iterator[Uncovered]:
    covered = {test for case in catalog.tests for test in case.covers}
    for one in asked:
        for test in one.capability.tests:
            if test.id not in covered:
                yield Uncovered(
                    id=test.id,
                    name=test.name,
                    capability=one.capability.id,
                    component=one.component,
                    status=one.status,
                )


def missing_prerequisites(plan: Plan, available: Collection[str]) -> tuple[tuple[PlannedTest, tuple[str, ...]], ...]:
    """The tests that need something (a name of `NEEDS`) that is not available, with what they miss."""
    missing = ((test, tuple(need for need in test.case.needs if need not in available)) for test in plan.tests)
    return tuple((test, needs) for test, needs in missing if needs)


def to_json(plan: Plan) -> dict[str, Any]:
    """The document of `plan.json`, `defcore/plan/1`."""
    return {
        "schema": PLAN_SCHEMA,
        "guideline": {"id": plan.guideline, "digest": plan.guideline_digest},
        "target": plan.target,
        "components": list(plan.components),
        "selection": list(plan.selection),
        "suite": {"version": plan.suite_version, "digest": plan.suite_digest},
        "tests": [_test_document(test) for test in plan.tests],
        "uncovered": [
            {
                "id": one.id,
                "name": one.name,
                "capability": one.capability,
                "component": one.component,
                "status": one.status.value if one.status else None,
            }
            for one in plan.uncovered
        ],
        "settings": {one.name: {"value": one.value, "reason": one.reason} for one in plan.settings},
        "repeat": plan.repeat,
        "budget": plan.budget.document(),
    }


def _test_document(test: PlannedTest) -> dict[str, Any]:
    case = test.case
    return {
        "id": case.id,
        "name": case.name,
        "nodeid": case.nodeid,
        "service": case.service.value,
        "promise": case.promise,
        "reference": case.reference,
        "covers": list(case.covers),
        "needs": list(case.needs),
        "exclusive": list(case.exclusive),
        "capability": test.capability,
        "why": [
            {
                "component": why.component,
                "capability": why.capability,
                "status": why.status.value if why.status else None,
                "covers": list(why.covers),
            }
            for why in test.why
        ],
    }


def from_json(document: object, locate: schemas.Locate | None = None) -> Plan:
    """The plan that a document states; raises InputError with everything that is wrong with it."""
    problems = schemas.problems(document, "plan", locate or schemas.in_file("plan.json"))
    if problems or not isinstance(document, Mapping):
        raise InputError(*problems)
    return Plan(
        guideline=document["guideline"]["id"],
        guideline_digest=document["guideline"]["digest"],
        target=document["target"],
        components=tuple(document["components"]),
        selection=tuple(document["selection"]),
        suite_version=document["suite"]["version"],
        suite_digest=document["suite"]["digest"],
        tests=tuple(_read_test(one) for one in document["tests"]),
        uncovered=tuple(_read_uncovered(one) for one in document["uncovered"]),
        settings=tuple(
            Setting(name=name, value=one["value"], reason=one["reason"]) for name, one in document["settings"].items()
        ),
        repeat=document.get("repeat", 1),
        budget=read_budget(document.get("budget")),
    )


def _read_test(document: Mapping[str, Any]) -> PlannedTest:
    case = TestCase(
        id=document["id"],
        name=document["name"],
        nodeid=document["nodeid"],
        service=Service(document["service"]),
        promise=document["promise"],
        reference=document["reference"],
        covers=tuple(document["covers"]),
        needs=tuple(document["needs"]),
        exclusive=tuple(document["exclusive"]),
    )
    why = tuple(
        Why(
            component=one["component"],
            capability=one["capability"],
            status=Status(one["status"]) if one["status"] else None,
            covers=tuple(one["covers"]),
        )
        for one in document["why"]
    )
    return PlannedTest(case=case, capability=document["capability"], why=why)


def _read_uncovered(document: Mapping[str, Any]) -> Uncovered:
    return Uncovered(
        id=document["id"],
        name=document["name"],
        capability=document["capability"],
        component=document["component"],
        status=Status(document["status"]) if document["status"] else None,
    )
