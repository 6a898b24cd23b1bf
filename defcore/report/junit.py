"""The report as JUnit XML: a test case per test of ours, with the official ids as properties."""

from __future__ import annotations

import re
from itertools import groupby
from xml.etree import ElementTree

from defcore.model.outcome import Outcome, TestRecord
from defcore.model.result import Result
from defcore.model.scorecard import Scorecard
from defcore.report.evidence import EvidenceLoader
from defcore.report.facts import outcome_words, service, title
from defcore.report.inert import LINE, block, line

NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
ELEMENT = {
    Outcome.FAILED: "failure",
    Outcome.ERROR: "error",
    Outcome.SKIPPED: "skipped",
    Outcome.NOT_RUN: "skipped",
}


def render(card: Scorecard, result: Result, evidence: EvidenceLoader) -> str:  # noqa: ARG001 - one shape for all
    root = ElementTree.Element("testsuites", _counts(list(result.tests)) | {"name": xml(line(title(card)))})
    for name, records in groupby(sorted(result.tests, key=service), key=service):
        own = list(records)
        attributes = _counts(own) | {"name": name, "timestamp": xml(line(result.run.started))}
        suite = ElementTree.SubElement(root, "testsuite", attributes)
        for record in own:
            _case(suite, record, card, result.origin.foreign)
    ElementTree.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _case(suite: ElementTree.Element, record: TestRecord, card: Scorecard, foreign: bool) -> None:
    path, _, name = _dotted(record.nodeid) if foreign else record.nodeid.rpartition("::")
    case = ElementTree.SubElement(
        suite,
        "testcase",
        {
            "classname": xml(line(path.removesuffix(".py").replace("/", "."))),
            "name": xml(line(name or record.name)),
            "time": _seconds(record),
        },
    )
    properties = ElementTree.SubElement(case, "properties")
    values = [("uuid", record.id)]
    values += [("idempotent_id", f"id-{official}") for official in record.covers]
    values += [("capability", one) for one in _capabilities(record, card)]
    values += [("guideline", card.guideline)]
    for key, value in values:
        ElementTree.SubElement(properties, "property", {"name": key, "value": xml(line(value))})
    if record.outcome is not Outcome.PASSED:
        words = outcome_words(record)
        message = f"{words}: {record.reason}" if record.reason else words
        child = ElementTree.SubElement(case, ELEMENT[record.outcome], {"message": xml(line(message, 2 * LINE))})
        child.set("type", xml(words))
        child.text = xml(_details(record))


def _capabilities(record: TestRecord, card: Scorecard) -> list[str]:
    """Ours; those of the guideline for another program's test, which belongs to none of ours."""
    if record.capability or record.promise:
        return [record.capability or ""]
    return [one.id for one in card.capabilities if any(record.id in test.covered_by for test in one.tests)] or [""]


def _dotted(name: str) -> tuple[str, str, str]:
    """Class and test of `a.B.test_c(scenario)`; a node id of ours in a merged result is taken apart as ever."""
    if "::" in name:
        return name.rpartition("::")
    stem, bracket, rest = name.partition("(")
    path, dot, own = stem.rpartition(".")
    return path, dot, own + bracket + rest


def _details(record: TestRecord) -> str:
    parts = (
        ("promise", record.promise),
        ("reference", record.reference),
        ("reason", record.reason),
        ("expected", record.expected),
        ("seen", record.seen),
        ("evidence", record.evidence),
    )
    return "\n".join(f"{name}: {block(value)}" for name, value in parts if value)


def _counts(records: list[TestRecord]) -> dict[str, str]:
    outcomes = [record.outcome for record in records]
    return {
        "tests": str(len(records)),
        "failures": str(outcomes.count(Outcome.FAILED)),
        "errors": str(outcomes.count(Outcome.ERROR)),
        "skipped": str(outcomes.count(Outcome.SKIPPED) + outcomes.count(Outcome.NOT_RUN)),
        "time": f"{sum(float(_seconds(record)) for record in records):.3f}",
    }


def _seconds(record: TestRecord) -> str:
    return f"{sum(attempt.seconds for attempt in record.attempts):.3f}"


def xml(text: str) -> str:
    """The text without what XML 1.0 cannot hold."""
    return NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text)
