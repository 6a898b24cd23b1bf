"""A gate's decision as JUnit XML: what fails there is what the gate holds against the build, and nothing else.

A test that failed before as well, or is a known failure, is skipped with the reason; what is not known is an
error. Reasons that are about no test are test cases of the suite `gate`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from xml.etree import ElementTree

from defcore.model.change import Answer, answer
from defcore.model.gate import GateDecision, GateReason, Weight
from defcore.model.outcome import TestRecord
from defcore.model.result import Result
from defcore.report.change_words import reason as recorded
from defcore.report.facts import outcome_words, service
from defcore.report.gate_text import MESSAGE, reason_words, summary
from defcore.report.inert import LINE, block, line
from defcore.report.junit import xml

ELEMENT = {Weight.FAIL: "failure", Weight.UNKNOWN: "error"}
GATE = "gate"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    suite: str
    classname: str
    name: str
    seconds: float = 0.0
    element: str | None = None
    """failure, error, skipped; None for a pass."""
    message: str = ""
    details: str = ""


def render(decision: GateDecision, result: Result) -> str:
    cases = list(_cases(decision, result))
    root = ElementTree.Element("testsuites", _counts(cases) | {"name": xml(summary(decision))})
    for name, group in groupby(cases, key=lambda case: case.suite):
        own = list(group)
        suite = ElementTree.SubElement(root, "testsuite", _counts(own) | {"name": xml(name)})
        for case in own:
            _write(suite, case)
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _cases(decision: GateDecision, result: Result) -> Iterator[_Case]:
    """Those of the gate, then the tests by service, then the tests that are gone."""
    about = {reason.change.test: reason for reason in reversed(decision.reasons) if reason.change}
    general = [reason for reason in decision.reasons if not reason.change]
    yield from (_general(n, reason) for n, reason in enumerate(general, 1))
    if not general:
        yield _Case(suite=GATE, classname=GATE, name=GATE)
    for record in sorted(result.tests, key=service):
        yield _of_record(record, about.get(record.id), decision)
    here = {record.id for record in result.tests}
    for test, reason in about.items():
        if test not in here and reason.change:
            yield _Case(
                suite="gone",
                classname="gone",
                name=line(reason.change.name),
                element=ELEMENT.get(reason.weight),
                message=reason_words(reason),
            )


def _general(n: int, reason: GateReason) -> _Case:
    element = ELEMENT.get(reason.weight, "skipped")
    return _Case(suite=GATE, classname=GATE, name=f"{reason.kind} {n}", element=element, message=reason_words(reason))


def _of_record(record: TestRecord, reason: GateReason | None, decision: GateDecision) -> _Case:
    path, _, name = record.nodeid.rpartition("::")
    known = decision.known_failure(record.id)
    element, message, details = None, "", ""
    if reason and reason.weight in ELEMENT:
        element, message = ELEMENT[reason.weight], reason_words(reason)
        details = "\n".join(part for part in (recorded(reason.change) if reason.change else "", record.promise) if part)
    elif known:
        element, message = "skipped", f"known failure until {known.expires}: {known.reason}"
    elif answer(record.outcome, record.cause) is not Answer.KEPT:
        element, message = "skipped", f"{outcome_words(record)}, not held against this build"
        details = record.reason or ""
    return _Case(
        suite=service(record),
        classname=line(path.removesuffix(".py").replace("/", ".")),
        name=line(name or record.name),
        seconds=sum(attempt.seconds for attempt in record.attempts),
        element=element,
        message=message,
        details=details,
    )


def _write(suite: ElementTree.Element, case: _Case) -> None:
    attributes = {"classname": xml(case.classname), "name": xml(case.name), "time": f"{case.seconds:.3f}"}
    own = ElementTree.SubElement(suite, "testcase", attributes)
    if case.element:
        child = ElementTree.SubElement(own, case.element, {"message": xml(line(case.message, MESSAGE + LINE))})
        child.text = xml(block(case.details)) or None


def _counts(cases: list[_Case]) -> dict[str, str]:
    elements = [case.element for case in cases]
    return {
        "tests": str(len(cases)),
        "failures": str(elements.count("failure")),
        "errors": str(elements.count("error")),
        "skipped": str(elements.count("skipped")),
        "time": f"{sum(case.seconds for case in cases):.3f}",
    }
