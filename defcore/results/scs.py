"""Reports of the Sovereign Cloud Stack's compliance check: YAML, one document or several behind one another.

`run.invocations.<id>.results` maps a testcase to 1, 0 or -1: PASSED, ERROR (the check gave up) and FAILED.
Testcases go by their own ids; official UUIDs are not among them. The report's `subject` is the cloud's name.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from defcore.model.node import Node
from defcore.model.outcome import Outcome
from defcore.model.result import Result
from defcore.results.foreign import LONGEST_NAME, Report, Sighting, make_result
from defcore.results.source import Source

OUTCOMES = {"1": Outcome.PASSED, "0": Outcome.ERROR, "-1": Outcome.FAILED}
REASON = {
    Outcome.FAILED: "the compliance check says FAIL",
    Outcome.ERROR: "the compliance check says ABORT: it could not find out",
}
MARKS = ("spec", "run")
"""Keys by which a report is known."""


def looks_like(documents: list[Any]) -> bool:
    return bool(documents) and all(isinstance(one, dict) and set(MARKS) <= set(one) for one in documents)


def read(source: Source, documents: list[Any]) -> Result:
    """The result in the reports of one subject. InputError names the place of what is wrong."""
    sightings: list[Sighting] = []
    subjects: dict[str, Node] = {}
    times: list[datetime] = []
    for n, document in enumerate(documents, 1):
        root = Node(document, f"{source.name}: document {n}: $", "scs")
        subject = root["subject"]
        subjects[subject.text()] = subject
        if len(subjects) > 1:
            subject.wrong("the reports are of several subjects; a verdict is about one", code="subjects")
        when = _time(root["checked_at"])
        times.append(when)
        sightings += _sightings(root, when)
    return make_result(
        source,
        Report(
            format="scs",
            sightings=sightings,
            cloud=next(iter(subjects), None),
            started=min(times).isoformat() if times else "",
            finished=max(times).isoformat() if times else None,
        ),
    )


def _sightings(root: Node, when: datetime) -> list[Sighting]:
    found = []
    for _, invocation in root["run"]["invocations"].items():
        for testcase, value in invocation["results"].items():
            if not testcase or len(testcase) > LONGEST_NAME:
                value.wrong(f"a testcase's id has 1 to {LONGEST_NAME} characters")
            outcome = OUTCOMES.get(value.text())
            if outcome is None:
                value.wrong(f"{value.text()[:40]!r} is no outcome", hint="valid: 1 (pass), 0 (abort), -1 (fail)")
            reason = REASON.get(outcome)
            found.append(Sighting(name=testcase, covers=(), outcome=outcome, reason=reason, started=when.isoformat()))
    return found


def _time(node: Node) -> datetime:
    text = node.text()
    try:
        when = datetime.fromisoformat(text)
        return (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        node.wrong(f"{text[:40]!r} is no time")
