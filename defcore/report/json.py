"""The report as JSON: the scorecard with the result that it was made from."""

from __future__ import annotations

from defcore.model import documents
from defcore.model.result import Result
from defcore.model.scorecard import Scorecard
from defcore.model.scorecard_document import scorecard_document
from defcore.report.evidence import EvidenceLoader

REPORT_SCHEMA = "defcore/report/1"


def render(card: Scorecard, result: Result, evidence: EvidenceLoader) -> str:  # noqa: ARG001 - one shape for all
    return documents.text(
        {
            **scorecard_document(card),
            "schema": REPORT_SCHEMA,
            "result": documents.result_document(result),
        }
    )
