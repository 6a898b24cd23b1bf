"""Worksheets, their totals and what was measured, as JSON and as the CSV of the official tabulation."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Any

from defcore.model.criteria import (
    CriteriaReport,
    CriteriaScore,
    Difference,
    MeasuredCapability,
    MeasuredResults,
    Scale,
)
from defcore.model.guideline import Guideline
from defcore.report import cells

SCHEMA = "defcore/criteria/1"
NON_ADMIN = "Non-Admin"
MEASURED_COLUMNS = ("Capability", "Status", "Products", "Supporting", "Deployed", "Stable", "Discover", "Proposal")


def criteria_document(report: CriteriaReport) -> dict[str, Any]:
    """The report as plain data; `criteria.schema.json` describes it."""
    return {
        "schema": SCHEMA,
        "guideline": report.guideline,
        "sheet": report.sheet.name,
        "scale": _scale(report.scale),
        "capabilities": [_score(score) for score in report.scores],
        "differences": [_difference(one) for one in report.differences],
        "remarks": list(report.remarks),
        "irregularities": [
            {"code": one.code, "message": one.message, "where": one.where} for one in report.sheet.irregularities
        ],
        "what_if": {
            "scale": _scale(report.other_scale),
            "moves": [asdict(move) for move in report.moves],
        }
        if report.other_scale
        else None,
        "measured": _measured(report.measured) if report.measured else None,
    }


def _scale(scale: Scale) -> dict[str, Any]:
    return {"weights": dict(scale.weights), "cutoff": scale.cutoff, "origin": scale.origin}


def _score(score: CriteriaScore) -> dict[str, Any]:
    line = score.line
    return {
        "capability": score.capability,
        "section": line.section,
        "marks": {name: mark.value for name, mark in line.marks},
        "non_admin": line.non_admin.value,
        "total": score.total,
        "finished": score.finished,
        "chosen": score.chosen,
        "stated_total": line.stated_total,
        "stated_chosen": line.stated_chosen,
        "where": line.where or None,
    }


def _difference(one: Difference) -> dict[str, Any]:
    return {"kind": one.kind.value, "capability": one.capability, "message": one.message, "where": one.where}


def _measured(measured: MeasuredResults) -> dict[str, Any]:
    return {
        "results": measured.results,
        "products": measured.products,
        "history": list(measured.history),
        "thresholds": asdict(measured.thresholds),
        "capabilities": [
            {
                "capability": one.capability,
                "status": one.status.value if one.status else None,
                "before": one.before.value if one.before else None,
                "products": one.products,
                "supporting": one.supporting,
                "measures": [asdict(measure) for measure in one.measures],
            }
            for one in measured.capabilities
        ],
        "proposals": [
            {
                "step": one.step.value,
                "capability": one.capability,
                "status": one.status.value if one.status else None,
                "becomes": one.becomes.value,
                "evidence": list(one.evidence),
                "rule": one.rule,
            }
            for one in measured.proposals
        ],
    }


def tabulated_csv(report: CriteriaReport, guideline: Guideline) -> str:
    """The table as the official tabulation writes it.

    A column a criterion under its full name, an asterisk behind a total that reaches the cutoff, and of an
    interface for administrators the name and its 0 alone.
    """
    names = {one.id: one.name for one in guideline.criteria}
    criteria = report.sheet.criteria
    head = ["Capability", *(names.get(name, name) for name in criteria), NON_ADMIN, "Total"]
    return cells.table([head, *(_tabulated(score, criteria) for score in report.scores)])


def _tabulated(score: CriteriaScore, criteria: Iterable[str]) -> list[str]:
    total = f"{score.total}{'*' * score.chosen}"
    if score.line.non_admin.value == "0":
        return [score.capability, total]
    marks: Mapping[str, str] = {name: mark.value for name, mark in score.line.marks}
    return [score.capability, *(marks.get(name, "*") for name in criteria), score.line.non_admin.value, total]


def measured_csv(measured: MeasuredResults) -> str:
    """A row a capability of the guideline; shares from 0 to 1, empty where nothing is on record."""
    steps = {one.capability: one.step.value for one in measured.proposals}
    return cells.table([MEASURED_COLUMNS, *(_measured_row(one, steps) for one in measured.capabilities)])


def _measured_row(one: MeasuredCapability, steps: Mapping[str, str]) -> Iterator[str]:
    values = {measure.criterion: measure.value for measure in one.measures}
    yield one.capability
    yield one.status.value if one.status else ""
    yield str(one.products)
    yield str(one.supporting)
    for criterion in ("deployed", "stable", "discover"):
        value = values.get(criterion)
        yield "" if value is None else f"{value:.4g}"
    yield steps.get(one.capability, "")
