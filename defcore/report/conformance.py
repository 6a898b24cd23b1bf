"""The scorecard in the shape of the Kubernetes Gateway API's conformance report: core and extended per profile.

A profile is a component; core are its required capabilities, extended its advisory ones. Flagged tests are in
neither. Failed is what is held against the cloud: FAILED, and SKIPPED because the cloud lacks the feature. Skipped
is what nobody found out: SKIPPED for want of a prerequisite, ERROR and NOT_RUN. A result is `failure` with
something failed, else `partial` with something skipped or no test at all, else `success`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import yaml

from defcore.model.guideline import Status
from defcore.model.outcome import Cause, Outcome
from defcore.model.scorecard import CapabilityScore, Scorecard, Support, TestScore

SCHEMA = "defcore/conformance-report/1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Implementation:
    """Whose cloud it is, as its vendor puts it."""

    organization: str = ""
    project: str = ""
    """The cloud's name in the result, if it is left empty."""
    url: str = ""
    version: str = ""
    contact: tuple[str, ...] = ()


def document(card: Scorecard, implementation: Implementation) -> dict[str, Any]:
    return {
        "schema": SCHEMA,
        "kind": "ConformanceReport",
        "implementation": {
            "organization": implementation.organization,
            "project": implementation.project or card.cloud,
            "url": implementation.url,
            "version": implementation.version,
            "contact": list(implementation.contact),
        },
        "date": card.date,
        "guideline": card.guideline,
        "guideline_digest": card.guideline_digest,
        "result_digest": card.result_digest,
        "profiles": [_profile(card, component.name) for component in card.components],
    }


def render(card: Scorecard, implementation: Implementation) -> str:
    """YAML, in ASCII, so that it is inert in a terminal."""
    return yaml.safe_dump(document(card, implementation), sort_keys=False, allow_unicode=False, width=120)


def _profile(card: Scorecard, component: str) -> dict[str, Any]:
    required = _with_status(card, component, Status.REQUIRED)
    advisory = _with_status(card, component, Status.ADVISORY)
    core = _level(required)
    profile: dict[str, Any] = {"name": component, "summary": f"Core: {_summary(core)}.", "core": core}
    if advisory:
        extended = _level(advisory) | {
            "supportedFeatures": _features(advisory, Support.SUPPORTED),
            "unsupportedFeatures": _features(advisory, Support.UNSUPPORTED),
        }
        profile |= {"summary": f"{profile['summary']} Extended: {_summary(extended)}.", "extended": extended}
    return profile


def _with_status(card: Scorecard, component: str, status: Status) -> list[CapabilityScore]:
    return [one for one in card.capabilities if (component, status) in one.components]


def _features(capabilities: Sequence[CapabilityScore], support: Support) -> list[str]:
    return sorted(one.id for one in capabilities if one.support is support)


def _level(capabilities: Sequence[CapabilityScore]) -> dict[str, Any]:
    tests = {(test.id, test.name): test for one in capabilities for test in one.tests if test.flag is None}.values()
    passed = [test for test in tests if test.outcome is Outcome.PASSED]
    failed = [test for test in tests if _held_against_the_cloud(test)]
    skipped = [test for test in tests if test not in passed and test not in failed]
    level: dict[str, Any] = {
        "result": "failure" if failed else "partial" if skipped or not tests else "success",
        "statistics": {"Passed": len(passed), "Failed": len(failed), "Skipped": len(skipped)},
    }
    if failed:
        level["failedTests"] = sorted(test.name for test in failed)
    if skipped:
        level["skippedTests"] = sorted(test.name for test in skipped)
    return level


def _held_against_the_cloud(test: TestScore) -> bool:
    return test.outcome is Outcome.FAILED or (test.outcome is Outcome.SKIPPED and test.cause is Cause.ABSENT)


def _summary(level: dict[str, Any]) -> str:
    """`success, 60 passed, 0 failed, 0 skipped`."""
    counts = ", ".join(f"{n} {name.lower()}" for name, n in level["statistics"].items())
    return f"{level['result']}, {counts}"
