"""A gate's decision for the terminal: lines of words with their style, the answer last."""

from __future__ import annotations

from collections.abc import Iterator

from defcore.model.gate import GateAnswer, GateDecision, GateReason, Weight
from defcore.report.change_words import counts
from defcore.report.change_words import reason as recorded
from defcore.report.comparison_text import Line, unread
from defcore.report.inert import line

HEADINGS = {
    Weight.FAIL: ("Against it", "bold red"),
    Weight.UNKNOWN: ("Not known", "bold yellow"),
    Weight.WARNING: ("To look at", "bold"),
}
STYLES = {
    GateAnswer.PASS: "bold green",
    GateAnswer.FAIL: "bold red",
    GateAnswer.INCONCLUSIVE: "bold yellow",
}
MESSAGE = 600
"""Characters of a reason in one line."""


def lines(decision: GateDecision) -> Iterator[Line]:
    yield from unread(_lines(decision))


def _lines(decision: GateDecision) -> Iterator[Line]:
    for weight, (heading, style) in HEADINGS.items():
        own = decision.weighing(weight)
        if not own:
            continue
        yield f"{heading}: {len(own)}", style
        for reason in own:
            yield f"  {reason_words(reason)}", ""
            if reason.change and recorded(reason.change):
                yield f"    because {recorded(reason.change)}", "dim"
        yield "", ""
    excusing = sum(use.excuses for use in decision.known)
    if decision.known:
        yield f"{excusing} of {len(decision.known)} known failures in force on {line(decision.date)}", "dim"
    if decision.baseline:
        yield f"{decision.compared} tests compared with the baseline: {counts(decision.changes)}", "dim"
    yield summary(decision), STYLES[decision.answer]


def reason_words(reason: GateReason) -> str:
    where = f"{line(reason.where)}: " if reason.where else ""
    return f"{where}{line(reason.message, MESSAGE)}"


def summary(decision: GateDecision) -> str:
    """The answer with its because, in one line: `FAIL: 2 promises newly broken`."""
    word = decision.answer.upper()
    fails, unknown = decision.weighing(Weight.FAIL), decision.weighing(Weight.UNKNOWN)
    if fails or unknown:
        parts = [f"{len(fails)} against it"] if fails else []
        parts += [f"{len(unknown)} not known"] if unknown else []
        return f"{word}: {', '.join(parts)} ({_asked(decision)})"
    return f"{word}: nothing against it ({_asked(decision)})"


def _asked(decision: GateDecision) -> str:
    asked = []
    if decision.fail_on.new_failures:
        asked.append("new failures")
    if decision.fail_on.verdict:
        platform = decision.terms.platform if decision.terms else None
        asked.append(f"the verdict {decision.result.verdict} of {line(platform or 'all components')}")
    return f"asked for {' and '.join(asked)}"
