"""Lint of one guideline by itself: what its names, ids, flags and weights do not live up to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from defcore.catalog.finding import Remark
from defcore.model.guideline import Guideline, GuidelineCapability, Kind, OfficialTest, Status
from defcore.schemas import Place

OLD = 2
"""Years after which a flag should have been settled: a test mended, replaced or taken out."""


def check_guideline(guideline: Guideline, *, today: date) -> Iterator[Remark]:
    """`today` counts where the guideline does not say when it is to be approved."""
    yield from _undefined(guideline)
    yield from _nowhere(guideline)
    yield from _admin(guideline)
    yield from _since(guideline)
    yield from _weights(guideline)
    yield from _tests(guideline)
    yield from _shared_names(guideline)
    yield from _flags(guideline, approved_on(guideline) or today)


def approved_on(guideline: Guideline) -> date | None:
    """The day, or the first of the month."""
    text = (guideline.approval or "").replace(".", "-")
    try:
        return date.fromisoformat(text if len(text) > len("2020-06") else f"{text}-01")
    except ValueError:
        return None


def _undefined(guideline: Guideline) -> Iterator[Remark]:
    defined = {one.id for one in guideline.capabilities}
    for component in guideline.components:
        for name, status in component.capabilities:
            if name not in defined:
                message = f"{component.name} names the {status} capability {name!r}, which nothing defines"
                place: Place = ("components", component.name, status.value)
                yield Remark(code="guideline.undefined-capability", message=message, place=place)


def _nowhere(guideline: Guideline) -> Iterator[Remark]:
    named = {name for one in guideline.components for name, _ in one.capabilities}
    for capability in guideline.capabilities:
        if capability.id not in named:
            message = f"the capability {capability.id!r} is defined and no component names it"
            yield Remark(code="guideline.unused-capability", message=message, place=("capabilities", capability.id))


def _required(guideline: Guideline) -> Iterator[GuidelineCapability]:
    names = {name for one in guideline.components for name in one.with_status(Status.REQUIRED)}
    return (one for one in guideline.capabilities if one.id in names)


def _admin(guideline: Guideline) -> Iterator[Remark]:
    for capability in _required(guideline):
        if capability.admin:
            message = f"{capability.id!r} is required and takes an administrator, which no tester of a cloud need be"
            yield Remark(code="guideline.admin-required", message=message, place=("capabilities", capability.id))


def _since(guideline: Guideline) -> Iterator[Remark]:
    if not any(one.required_since for one in guideline.capabilities):
        return  # it says so of none, as 1.2 and the first add-ons do
    for capability in _required(guideline):
        if not capability.required_since:
            message = f"{capability.id!r} is required and does not say since when"
            yield Remark(code="guideline.no-required-since", message=message, place=("capabilities", capability.id))


def _weights(guideline: Guideline) -> Iterator[Remark]:
    """An add-on uses only some of the criteria."""
    total = sum(one.weight for one in guideline.criteria)
    if guideline.criteria and total != 100 and guideline.kind is not Kind.ADD_ON:
        message = f"the weights of the criteria sum to {total}, not 100"
        yield Remark(code="guideline.weights", message=message, place=("scoring", "criteria"))


def _each(guideline: Guideline) -> Iterator[tuple[GuidelineCapability, OfficialTest, Place]]:
    for capability in guideline.capabilities:
        for n, test in enumerate(capability.tests):
            yield capability, test, ("capabilities", capability.id, "tests", n)


def _tests(guideline: Guideline) -> Iterator[Remark]:
    homes: dict[tuple[str, str], list[str]] = defaultdict(list)
    names: dict[str, dict[str, None]] = defaultdict(dict)
    for capability, test, place in _each(guideline):
        if not test.id:
            message = f"the test {test.name} has no id; only its name tells it"
            yield Remark(code="guideline.no-id", message=message, place=place)
        if test.name in test.aliases:
            message = f"{test.name} is an alias of itself"
            yield Remark(code="guideline.own-alias", message=message, place=(*place, "aliases"))
        home = homes[test.key, test.name]
        home.append(capability.id)
        if len(home) == 2:
            message = f"the test {test.key} stands in {' and '.join(home)}, and counts in each"
            yield Remark(code="guideline.test-twice", message=message, place=place)
        known = names[test.key]
        if known and test.name not in known:
            message = f"the id {test.id} is also that of {next(iter(known))}; each name is a test of its own"
            yield Remark(code="guideline.several-names", message=message, place=place)
        known[test.name] = None


def _shared_names(guideline: Guideline) -> Iterator[Remark]:
    """Results that know names alone cannot tell such tests apart."""
    first: dict[str, str] = {}
    told: set[str] = set()
    for _, test, place in _each(guideline):
        for name in (test.name, *test.aliases):
            known = first.setdefault(name, test.key)
            if known != test.key and name not in told:
                told.add(name)
                message = f"{name} is a name of {known} and of {test.key}"
                yield Remark(code="guideline.shared-name", message=message, place=place)


def _flags(guideline: Guideline, reference: date) -> Iterator[Remark]:
    for _, test, place in _each(guideline):
        if test.flag is None:
            continue
        flag: Place = (*place, "flag")
        if test.flag.code is None:
            message = f"the flag of {test.name} gives no code (D400 to D406)"
            yield Remark(code="guideline.flag-without-code", message=message, place=flag)
        if test.flag.date is None:
            message = f"the flag of {test.name} gives no date"
            yield Remark(code="guideline.flag-without-date", message=message, place=flag)
        elif _age(test.flag.date, reference) > OLD:
            message = f"the flag of {test.name} is of {test.flag.date}, more than {OLD} years before {reference}"
            hint = "mend the test, or take it out of the capability"
            yield Remark(code="guideline.old-flag", message=message, place=flag, hint=hint)


def _age(day: str, reference: date) -> float:
    try:
        return (reference - date.fromisoformat(day)).days / 365.25
    except ValueError:
        return 0
