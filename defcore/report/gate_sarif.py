"""A gate's decision as SARIF 2.1.0, for code scanning and for viewers of it.

A rule is a test, or a kind of reason that is about no test. A result is a reason of the decision, or a broken
promise that the gate does not hold against this build: a note, suppressed where it is a known failure. What a
result is about stands in the suite, not in the reader's repository, so the place is the test's file there.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from defcore import __version__
from defcore.model.change import Answer, ChangeKind, answer
from defcore.model.documents import Document, text
from defcore.model.gate import GateDecision, GateReason, KnownFailure, Weight
from defcore.model.outcome import TestRecord
from defcore.model.result import Result
from defcore.report.change_words import reason as recorded
from defcore.report.facts import link
from defcore.report.gate_text import reason_words
from defcore.report.inert import block, line

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/os/schemas/sarif-schema-2.1.0.json"
LEVEL = {Weight.FAIL: "error", Weight.UNKNOWN: "warning", Weight.WARNING: "note"}
SUITE = "defcore/suite"
GATE = "gate"
NEW = {ChangeKind.REGRESSION, ChangeKind.EXPOSED, ChangeKind.NEW_TEST, ChangeKind.NEWLY_FLAKY, ChangeKind.LOST}


def render(decision: GateDecision, result: Result) -> str:
    records = {record.id: record for record in result.tests}
    results = list(_results(decision, records))
    by_rule = {line(record.id): record for record in result.tests}
    rules = {one["ruleId"]: _rule(one["ruleId"], by_rule.get(one["ruleId"])) for one in results}
    index = {id: n for n, id in enumerate(rules)}
    run = {
        "tool": {"driver": {"name": "defcore", "semanticVersion": __version__, "rules": list(rules.values())}},
        "automationDetails": {"id": f"defcore-gate/{line(result.run.id)}"},
        "columnKind": "unicodeCodePoints",
        "results": [one | {"ruleIndex": index[one["ruleId"]]} for one in results],
    }
    return text({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]})


def _results(decision: GateDecision, records: dict[str, TestRecord]) -> Iterator[Document]:
    told = set()
    for reason in decision.reasons:
        if reason.change:
            told.add(reason.change.test)
        yield _of_reason(reason, records)
    changed = {change.test for change in decision.changes if change.kind in NEW}
    for record in records.values():
        if record.id in told or answer(record.outcome, record.cause) is not Answer.BROKEN:
            continue
        words = f"{line(record.name)} is {record.outcome}: {line(record.reason)}"
        own = _result(line(record.id), "note", words, record)
        if decision.baseline:
            own["baselineState"] = "new" if record.id in changed else "unchanged"
        known = decision.known_failure(record.id)
        yield own | ({"suppressions": [_suppression(known)]} if known else {})


def _of_reason(reason: GateReason, records: dict[str, TestRecord]) -> Document:
    change = reason.change
    why = recorded(change) if change else ""
    words = reason_words(reason) + (f"\n{why}" if why else "")
    rule = line(change.test) if change else f"{GATE}/{reason.kind}"
    own = _result(rule, LEVEL[reason.weight], words, records.get(change.test) if change else None)
    if change:
        own["baselineState"] = "new"
    return own


def _result(rule: str, level: str, words: str, record: TestRecord | None) -> Document:
    own: Document = {"ruleId": rule, "level": level, "message": {"text": words}, "locations": [_location(record)]}
    return own | {"partialFingerprints": {"defcoreRule/v1": rule}}


def _location(record: TestRecord | None) -> Document:
    path = line(record.nodeid.partition("::")[0]) if record else ""
    safe = "".join(one if one.isascii() and (one.isalnum() or one in "/_.-") else "_" for one in path).lstrip("/")
    uri = f"{SUITE}/{safe}" if safe and ".." not in safe else SUITE
    location: dict[str, Any] = {"physicalLocation": {"artifactLocation": {"uri": uri}, "region": {"startLine": 1}}}
    if record:
        kind = {"name": line(record.name), "fullyQualifiedName": line(record.nodeid), "kind": "function"}
        location["logicalLocations"] = [kind]
    return location


def _rule(id: str, record: TestRecord | None) -> Document:
    if record is None:
        return {"id": id, "shortDescription": {"text": id}}
    rule: Document = {
        "id": id,
        "name": line(record.name),
        "shortDescription": {"text": line(record.promise) or line(record.name)},
        "fullDescription": {"text": block(record.promise) or line(record.name)},
        "properties": {"tags": ["conformance"], "capability": record.capability, "covers": list(record.covers)},
    }
    address = link(record.reference)
    return rule | ({"helpUri": address} if address else {})


def _suppression(known: KnownFailure) -> Document:
    return {"kind": "external", "justification": f"until {known.expires}: {line(known.reason)}"}
