"""A gate's decision as Markdown: the step summary of a pipeline, or a comment on a merge request."""

from __future__ import annotations

from collections.abc import Iterator

from defcore.model.gate import GateAnswer, GateDecision
from defcore.model.result import Result
from defcore.report.change_words import counts
from defcore.report.change_words import reason as recorded
from defcore.report.comparison_markdown import change_tables, table
from defcore.report.gate_text import HEADINGS, MESSAGE, reason_words, summary
from defcore.report.markdown import escaped

MOST = 50
"""Rows of one list."""
LARGEST = 900_000
"""Bytes; GitHub takes no step summary of more than a megabyte. The list of changes gives way."""
SIGN = {GateAnswer.PASS: "✅", GateAnswer.FAIL: "❌", GateAnswer.INCONCLUSIVE: "❔"}


def render(decision: GateDecision, result: Result) -> str:  # noqa: ARG001 - one shape for all
    head = "\n".join(_lines(decision)) + "\n"
    if not decision.baseline:
        return head
    changes = "\n".join(_changes(decision)) + "\n"
    return head + changes if len((head + changes).encode()) <= LARGEST else head


def _lines(decision: GateDecision) -> Iterator[str]:
    yield f"## {SIGN[decision.answer]} defcore gate: {escaped(summary(decision), MESSAGE)}"
    yield ""
    yield from table(("", "run", "cloud", "verdict"), list(_inputs(decision)))
    for weight, (heading, _) in HEADINGS.items():
        own = decision.weighing(weight)
        if own:
            yield from ("", f"### {heading}", "")
        for reason in own[:MOST]:
            why = recorded(reason.change) if reason.change else ""
            yield f"- {escaped(reason_words(reason), 2 * MESSAGE)}" + (f"<br>{escaped(why)}" if why else "")
        if len(own) > MOST:
            yield f"- and {len(own) - MOST} more"
    if decision.known:
        yield from ("", "### Known failures", "")
        rows = [
            (escaped(use.entry.test), use.state, escaped(use.entry.expires), escaped(use.entry.reason))
            for use in decision.known[:MOST]
        ]
        yield from table(("test", "state", "expires", "reason"), rows)


def _changes(decision: GateDecision) -> Iterator[str]:
    yield ""
    yield "<details>"
    yield f"<summary>{decision.compared} tests compared with the baseline: {counts(decision.changes)}</summary>"
    yield from change_tables(decision.changes, MOST)
    yield ""
    yield "</details>"


def _inputs(decision: GateDecision) -> Iterator[tuple[str, ...]]:
    for name, own in (("result", decision.result), ("baseline", decision.baseline)):
        if own:
            yield name, escaped(own.run[:8]), escaped(own.cloud), own.verdict or "not judged"
