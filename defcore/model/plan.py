"""Which tests a guideline asks for, and why."""

from __future__ import annotations

from dataclasses import dataclass

from defcore.model.budget import DEFAULT, Budget
from defcore.model.capability import TestCase
from defcore.model.guideline import Status
from defcore.model.outcome import Outcome, TestRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """One reason for a test to be in the plan."""

    component: str | None
    capability: str
    status: Status | None
    """The capability's status in the component; None where no component lists the capability."""
    covers: tuple[str, ...]
    """The official ids that this capability asks for and the test answers; empty for a test of ours alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedTest:
    case: TestCase
    capability: str | None
    """Our capability (catalog)."""
    why: tuple[Why, ...]

    @property
    def required(self) -> bool:
        """A required capability asks for an official test that this one answers: it can decide a verdict."""
        return any(why.status is Status.REQUIRED and why.covers for why in self.why)

    def untried(self) -> TestRecord:
        """Its record while nothing is known of it: NOT_RUN."""
        case = self.case
        return TestRecord(
            id=case.id,
            nodeid=case.nodeid,
            name=case.name,
            promise=case.promise,
            reference=case.reference,
            capability=self.capability,
            covers=case.covers,
            outcome=Outcome.NOT_RUN,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Uncovered:
    """An official test that no test of the suite answers for: NOT_RUN."""

    id: str
    name: str
    capability: str
    component: str | None
    status: Status | None
    """None, like the component, for a capability that no component lists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """A choice that tests rely on, such as the image to boot from, and how it came about."""

    name: str
    value: str | None
    reason: str
    """`given by --set`, or why it was chosen, or why there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    guideline: str
    guideline_digest: str
    target: str | None
    """Short name of the platform; None for every component."""
    components: tuple[str, ...]
    selection: tuple[str, ...]
    """How the plan was narrowed, such as `--capability X`; empty for all."""
    suite_version: str
    suite_digest: str
    tests: tuple[PlannedTest, ...]
    uncovered: tuple[Uncovered, ...]
    settings: tuple[Setting, ...] = ()
    repeat: int = 1
    """Attempts at each test, in as many rounds over all of them."""
    budget: Budget = DEFAULT
