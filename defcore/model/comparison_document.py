"""The JSON form of comparisons: what `defcore compare --format json` prints."""

from __future__ import annotations

from defcore.model.change import Change, Standing
from defcore.model.comparison import Comparison, Matrix, Side, Tallies, Terms
from defcore.model.documents import Document, finding_document

COMPARISON_SCHEMA = "defcore/comparison/1"


def comparison_document(comparison: Comparison | Matrix | Tallies) -> Document:
    """`kind` says which of the three it is: changes, matrix or tallies."""
    match comparison:
        case Comparison():
            own = _changes_document(comparison)
        case Matrix():
            own = _matrix_document(comparison)
        case Tallies():
            own = _tallies_document(comparison)
    return {"schema": COMPARISON_SCHEMA, **own}


def change_document(change: Change) -> Document:
    return {
        "kind": change.kind.value,
        "test": change.test,
        "name": change.name,
        "capability": change.capability,
        "covers": list(change.covers),
        "before": _standing_document(change.before),
        "after": _standing_document(change.after),
        "finding": finding_document(change.finding) if change.finding else None,
    }


def _standing_document(standing: Standing | None) -> Document | None:
    if standing is None:
        return None
    return {
        "outcome": standing.outcome.value,
        "cause": standing.cause.value if standing.cause else None,
        "reason": standing.reason,
        "passed_attempts": standing.passed,
        "failed_attempts": standing.failed,
    }


def _changes_document(comparison: Comparison) -> Document:
    return {
        "kind": "changes",
        "terms": _terms_document(comparison.terms),
        "before": _side_document(comparison.before),
        "after": _side_document(comparison.after),
        "changes": [change_document(change) for change in comparison.changes],
        "capabilities": [
            {"id": one.capability, "before": one.before, "after": one.after} for one in comparison.supports
        ],
    }


def _matrix_document(matrix: Matrix) -> Document:
    return {
        "kind": "matrix",
        "terms": _terms_document(matrix.terms),
        "results": [_side_document(one) for one in matrix.sides],
        "capabilities": [
            {
                "id": row.capability,
                "results": [{"passed": cell[0], "tests": cell[1]} if cell else None for cell in row.cells],
            }
            for row in matrix.capabilities
        ],
        "differing": [
            {"test": row.test, "name": row.name, "capability": row.capability, "outcomes": list(row.outcomes)}
            for row in matrix.differing
        ],
        "agreeing": matrix.agreeing,
    }


def _tallies_document(tallies: Tallies) -> Document:
    return {
        "kind": "tallies",
        "results": tallies.results,
        "clouds": tallies.clouds,
        "tests": [
            {
                "test": one.test,
                "name": one.name,
                "capability": one.capability,
                "outcomes": {outcome.value: n for outcome, n in one.outcomes},
                "flaky": one.flaky,
            }
            for one in tallies.tests
        ],
    }


def _terms_document(terms: Terms | None) -> Document | None:
    return {"guideline": terms.guideline, "platform": terms.platform, "policy": terms.policy} if terms else None


def _side_document(side: Side) -> Document:
    passed, tests = side.must_pass or (None, None)
    return {
        "label": side.label,
        "cloud": side.cloud,
        "run": side.run,
        "started": side.started,
        "complete": side.complete,
        "suite_version": side.suite_version,
        "outcomes": {outcome.value: n for outcome, n in side.outcomes},
        "verdict": side.verdict.value if side.verdict else None,
        "components": {name: verdict.value for name, verdict in side.components},
        "must_pass": {"passed": passed, "tests": tests} if side.must_pass else None,
    }
