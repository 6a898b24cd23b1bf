"""The rules of a guideline's life, against the guideline that it replaces.

A capability becomes required only if it was advisory before; a required one goes only by way of deprecated; a new
guideline starts without flags. Statuses are those over all components: the strongest counts.
"""

from __future__ import annotations

from collections.abc import Iterator

from defcore.catalog.finding import Remark
from defcore.model.guideline import Guideline, Status
from defcore.schemas import Place

STRONGEST_FIRST = tuple(Status)


def check_lifecycle(guideline: Guideline, before: Guideline) -> Iterator[Remark]:
    """What the guideline does that its predecessor did not announce."""
    old, new = statuses(before), statuses(guideline)
    for name, (status, component) in new.items():
        was = old[name][0] if name in old else None
        place: Place = ("components", component, status.value)
        if status is Status.REQUIRED and was not in (Status.REQUIRED, Status.ADVISORY):
            message = f"{name!r} is required and was {was or 'not there'} in {before.id}; it should have been advisory"
            hint = _came_from(guideline, before, name)
            yield Remark(code="lifecycle.required-unannounced", message=message, place=place, hint=hint)
        if status is Status.REMOVED and was not in (Status.DEPRECATED, Status.REMOVED, None):
            message = f"{name!r} is removed and was {was} in {before.id}; it should have been deprecated"
            yield Remark(code="lifecycle.removed-undeprecated", message=message, place=place)
    for name, (status, _) in old.items():
        if name not in new and status is Status.REQUIRED:
            message = f"{name!r} was required in {before.id} and is gone; it should have been deprecated first"
            yield Remark(code="lifecycle.dropped-undeprecated", message=message, place=("components",))
    yield from _carried_flags(guideline, before)


def statuses(guideline: Guideline) -> dict[str, tuple[Status, str]]:
    """Capability -> strongest status, and the component that gives it."""
    found: dict[str, tuple[Status, str]] = {}
    for component in guideline.components:
        for name, status in component.capabilities:
            known = found.get(name)
            if known is None or STRONGEST_FIRST.index(status) < STRONGEST_FIRST.index(known[0]):
                found[name] = status, component.name
    return found


def _came_from(guideline: Guideline, before: Guideline, name: str) -> str | None:
    """Where its tests stood, if the capability was only cut otherwise."""
    capability = guideline.capability(name)
    tests = capability.tests if capability else ()
    keys = {key for test in tests for key in (test.id, test.name)} - {""}
    homes = [one.id for one in before.capabilities if any(test.id in keys or test.name in keys for test in one.tests)]
    return f"tests of it stood in {', '.join(homes)}" if homes else None


def _carried_flags(guideline: Guideline, before: Guideline) -> Iterator[Remark]:
    """By id, else by name, for what had no id before."""
    tests = [test for one in before.capabilities for test in one.tests if test.flag]
    flagged = {test.key for test in tests} | {test.name for test in tests if not test.id}
    for capability in guideline.capabilities:
        for n, test in enumerate(capability.tests):
            if test.flag and not flagged.isdisjoint((test.key, test.name)):
                message = f"{test.name} was flagged in {before.id} already; a new guideline starts without flags"
                place: Place = ("capabilities", capability.id, "tests", n, "flag")
                yield Remark(code="lifecycle.flag-carried", message=message, place=place)
