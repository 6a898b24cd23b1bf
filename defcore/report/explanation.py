"""An explanation as an outline in plain text and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from defcore.model.explanation import CapabilityBecause, Explanation, TestBecause
from defcore.model.outcome import Outcome, TestRecord
from defcore.model.scorecard import MatchedBy, TestScore
from defcore.report.facts import footnotes, level_words, outcome_words, rate_words, title
from defcore.report.inert import line

EXPLANATION_SCHEMA = "defcore/explanation/1"
FOUND = {MatchedBy.UUID: "found by its id", MatchedBy.NAME: "found by its name", MatchedBy.ALIAS: "found by an alias"}


def outline(explanation: Explanation, *, whole: bool = False) -> Iterator[tuple[int, str]]:
    """(depth, line) from the verdict down. Kept tests are left out unless `whole`."""
    card = explanation.card
    yield 0, f"{card.verdict}  {line(title(card))}"
    yield 1, f"rule: policy {line(card.policy, 80)}: {explanation.rule}"
    for reason in card.reasons:
        yield 1, f"because {line(reason, 600)}"
    yield 1, f"level: {line(level_words(card), 300)}"
    yield from ((1, line(note, 900)) for note in footnotes(card))
    for one in explanation.components:
        yield 1, f"{one.component.verdict}  {line(one.component.name)}  ({rate_words(one.component.rate)})"
        for because in one.capabilities:
            yield from _capability(because, dict(because.capability.components)[one.component.name], whole)
    if card.mend:
        yield 0, f"the smallest set of tests to mend for a yes: {len(card.mend)}"
        yield from ((1, f"{outcome_words(mend)}  {line(mend.name)}") for mend in card.mend)
    if explanation.otherwise:
        yield 0, "it would be"
        yield from (
            (1, f"{one.verdict}  {line(one.change, 300)}: {line(one.because, 300)}") for one in explanation.otherwise
        )


def _capability(because: CapabilityBecause, status: str, whole: bool) -> Iterator[tuple[int, str]]:
    capability = because.capability
    yield 2, f"{capability.support}  {line(capability.id, 80)}  ({status}, {capability.passed}/{len(capability.tests)})"
    shown = [one for one in because.tests if whole or one.test.outcome is not Outcome.PASSED or one.test.tally.flaky]
    for one in shown:
        yield from _test(one)


def _test(one: TestBecause) -> Iterator[tuple[int, str]]:
    test = one.test
    yield 3, f"{outcome_words(test)}  {line(test.name)}  [{line(test.id or 'no id', 80)}]"
    yield 4, f"rule: {line(one.rule)}"
    if test.matched_by or test.tally.decided or test.tally.undecided:
        yield (
            4,
            f"{FOUND.get(test.matched_by, 'found nowhere')}; {_attempts(test)}" if test.matched_by else _attempts(test),
        )
    if not one.records and test.reason:
        yield 4, line(test.reason, 600)
    for record in one.records:
        yield from _record(record)


def _attempts(test: TestScore) -> str:
    tally = test.tally
    return f"attempts: {tally.passed} passed, {tally.failed} failed, {tally.undecided} undecided"


def _record(record: TestRecord) -> Iterator[tuple[int, str]]:
    yield 4, f"{outcome_words(record)}  {line(record.nodeid)}"
    rows = (
        ("promise", record.promise),
        ("reference", record.reference),
        ("reason", record.reason),
        ("expected", record.expected),
        ("seen", record.seen),
        ("evidence", record.evidence),
    )
    for name, value in rows:
        if value and (record.outcome is not Outcome.PASSED or name == "promise"):
            yield 5, f"{name}: {line(value, 600)}"


def document(explanation: Explanation) -> dict[str, Any]:
    """Plain JSON values."""
    card = explanation.card
    return {
        "schema": EXPLANATION_SCHEMA,
        "guideline": card.guideline,
        "target": card.target,
        "verdict": card.verdict,
        "policy": card.policy,
        "rule": explanation.rule,
        "reasons": list(card.reasons),
        "level": level_words(card),
        "components": [
            {
                "name": one.component.name,
                "verdict": one.component.verdict,
                "reasons": list(one.component.reasons),
                "capabilities": [_capability_document(because) for because in one.capabilities],
            }
            for one in explanation.components
        ],
        "mend": [{"id": one.id, "name": one.name, "outcome": one.outcome, "reason": one.reason} for one in card.mend],
        "otherwise": [
            {"change": one.change, "verdict": one.verdict, "because": one.because} for one in explanation.otherwise
        ],
    }


def _capability_document(because: CapabilityBecause) -> dict[str, Any]:
    capability = because.capability
    return {
        "id": capability.id,
        "support": capability.support,
        "reasons": list(capability.reasons),
        "tests": [
            {
                "id": one.test.id,
                "name": one.test.name,
                "outcome": one.test.outcome,
                "cause": one.test.cause,
                "rule": one.rule,
                "matched_by": one.test.matched_by,
                "records": [_record_document(record) for record in one.records],
            }
            for one in because.tests
        ],
    }


def _record_document(record: TestRecord) -> dict[str, Any]:
    fields = ("id", "nodeid", "promise", "reference", "outcome", "cause", "reason", "expected", "seen", "evidence")
    return {name: getattr(record, name) for name in fields}
