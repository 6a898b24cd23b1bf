"""Which official tests a product's waivers lift on a date."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence

from defcore.model.guideline import Guideline, GuidelineCapability, OfficialTest
from defcore.model.scorecard import WaiverUse
from defcore.model.waiver import Waiver


class Lifted:
    """The waivers of a product, as they stand on a date under a guideline."""

    def __init__(self, waivers: Iterable[Waiver], guideline: Guideline, *, products: Sequence[str], date: str) -> None:
        """`products`: the names that the product goes by."""
        self._date = date
        self._mine = [
            waiver
            for waiver in waivers
            if waiver.product in products and (not waiver.scope.guidelines or guideline.id in waiver.scope.guidelines)
        ]
        self._guideline = guideline

    def by(self, capability: GuidelineCapability, test: OfficialTest) -> str | None:
        """Id of the waiver in force that lifts the test in the capability."""
        found = (one.id for one in self._mine if one.in_force(self._date) and _covers(one, capability, test))
        return next(found, None)

    def uses(self) -> tuple[WaiverUse, ...]:
        """All of them, those that are in force with the tests that they lift."""
        today = datetime.date.fromisoformat(self._date)
        return tuple(
            WaiverUse(
                id=waiver.id,
                reason=waiver.reason,
                decided_by=waiver.decided_by,
                granted=waiver.granted,
                expires=waiver.expires,
                days_left=(datetime.date.fromisoformat(waiver.expires) - today).days,
                tests=self._lifts(waiver) if waiver.in_force(self._date) else (),
            )
            for waiver in self._mine
        )

    def _lifts(self, waiver: Waiver) -> tuple[str, ...]:
        found = (
            test.name
            for capability in self._guideline.capabilities
            for test in capability.tests
            if _covers(waiver, capability, test)
        )
        return tuple(dict.fromkeys(found))


def _covers(waiver: Waiver, capability: GuidelineCapability, test: OfficialTest) -> bool:
    scope = waiver.scope
    return capability.id in scope.capabilities or test.key in scope.tests or test.name in scope.tests
