"""The JSON form of a verification: `defcore verify --format json`."""

from __future__ import annotations

from defcore.model.documents import Document
from defcore.model.scorecard import Scorecard
from defcore.model.submission_document import submission_document
from defcore.model.verification import Discrepancy, Verification

VERIFICATION_SCHEMA = "defcore/verification/1"


def verification_document(verification: Verification, card: Scorecard | None) -> Document:
    submission, signer = verification.submission, verification.signer
    return {
        "schema": VERIFICATION_SCHEMA,
        "answer": verification.answer.value,
        "discrepancies": [_discrepancy(one) for one in verification.discrepancies],
        "signer": {"fingerprint": signer.fingerprint, "owner": signer.owner, "comment": signer.comment}
        if signer
        else None,
        "submission": submission_document(submission) if submission else None,
        "verdict": {"verdict": card.verdict.value, "policy": card.policy, "reasons": list(card.reasons)}
        if card
        else None,
        "disclosed": [
            {"test": one.test, "name": one.name, "outcome": one.outcome.value, "reason": one.reason}
            for one in verification.disclosed
        ],
    }


def _discrepancy(one: Discrepancy) -> Document:
    return {
        "code": one.code,
        "where": one.where,
        "message": one.message,
        "expected": one.expected,
        "seen": one.seen,
        "unknown": one.unknown,
    }
