"""The JSON form of a GateDecision: what `defcore gate --format json` prints."""

from __future__ import annotations

from defcore.model.comparison_document import change_document
from defcore.model.documents import Document
from defcore.model.gate import GateDecision, GateInput, GateReason, KnownUse

GATE_SCHEMA = "defcore/gate/1"


def gate_document(decision: GateDecision) -> Document:
    terms = decision.terms
    return {
        "schema": GATE_SCHEMA,
        "answer": decision.answer.value,
        "fail_on": decision.fail_on.value,
        "allow_unknown": decision.allow_unknown,
        "date": decision.date,
        "guideline": terms.guideline if terms else None,
        "platform": terms.platform if terms else None,
        "policy": terms.policy if terms else None,
        "result": _input_document(decision.result),
        "baseline": _input_document(decision.baseline) if decision.baseline else None,
        "compared": decision.compared,
        "reasons": [_reason_document(reason) for reason in decision.reasons],
        "changes": [change_document(change) for change in decision.changes],
        "known_failures_digest": decision.known_digest,
        "known_failures": [_known_document(use) for use in decision.known],
    }


def _input_document(own: GateInput) -> Document:
    return {
        "run": own.run,
        "cloud": own.cloud,
        "digest": own.digest,
        "verdict": own.verdict.value if own.verdict else None,
    }


def _reason_document(reason: GateReason) -> Document:
    return {
        "kind": reason.kind.value,
        "weight": reason.weight.value,
        "message": reason.message,
        "test": reason.change.test if reason.change else None,
        "where": reason.where,
    }


def _known_document(use: KnownUse) -> Document:
    entry = use.entry
    return {
        "test": entry.key,
        "named": entry.test,
        "reason": entry.reason,
        "expires": entry.expires,
        "issue": entry.issue,
        "state": use.state.value,
    }
