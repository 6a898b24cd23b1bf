"""Why a verdict is what it is, from the verdict to the tests, their evidence and the rule; what would be otherwise."""

from __future__ import annotations

from dataclasses import dataclass

from defcore.model.outcome import TestRecord
from defcore.model.scorecard import CapabilityScore, ComponentScore, Scorecard, TestScore, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class TestBecause:
    """An official test with the rule that was applied to it and the records that it was decided by."""

    __test__ = False  # not a pytest class

    test: TestScore
    rule: str
    """What the policy makes of its outcome, in a sentence."""
    records: tuple[TestRecord, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CapabilityBecause:
    capability: CapabilityScore
    tests: tuple[TestBecause, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentBecause:
    component: ComponentScore
    capabilities: tuple[CapabilityBecause, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Otherwise:
    """The verdict if one thing were different."""

    change: str
    """Such as `policy official`, `guideline 2019.11`, `without the waiver acme-1`."""
    verdict: Verdict
    because: str
    """Its first reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    card: Scorecard
    rule: str
    """How the policy decides, in a sentence."""
    components: tuple[ComponentBecause, ...]
    otherwise: tuple[Otherwise, ...]
