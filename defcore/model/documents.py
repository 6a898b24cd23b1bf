"""The JSON form of a Result: what `result.json` holds, and the way back.

A document is a dict of plain JSON values; `text` writes it, the same bytes every time. Readers accept older
versions and unknown fields, and refuse newer versions and wrong types with the place (`defcore.model.node`).
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

from defcore.model.node import Node
from defcore.model.origin_document import origin_document, read_origin
from defcore.model.outcome import Attempt, Cause, Finding, Outcome, TestRecord
from defcore.model.plan import Setting
from defcore.model.result import CloudInfo, Leftover, Origin, Result, RunInfo

RESULT_SCHEMA = "defcore/result/1"

Document = dict[str, Any]


def text(document: Document) -> str:
    """The document as the text of a file: pure ASCII, so that it is inert in a terminal too."""
    return json.dumps(document, indent=1, allow_nan=False) + "\n"


def digest(document: Document) -> str:
    """`sha256:<hex>` of the text; for a file that was written by `text`, of the file."""
    return "sha256:" + hashlib.sha256(text(document).encode()).hexdigest()


def result_document(result: Result) -> Document:
    run, cloud = result.run, result.cloud
    document = {
        "schema": RESULT_SCHEMA,
        "run": {
            "id": run.id,
            "started": run.started,
            "finished": run.finished,
            "seconds": run.seconds,
            "complete": run.complete,
            "target": run.target,
            "settings": [setting_document(setting) for setting in run.settings],
        }
        | ({"challenge": run.challenge} if run.challenge else {}),
        "guideline": {"id": result.guideline, "digest": result.guideline_digest},
        "suite": {"version": result.suite_version, "digest": result.suite_digest},
        "cloud": {
            "name": cloud.name,
            "cpid": cloud.cpid,
            "region": cloud.region,
            "endpoints": dict(cloud.endpoints),
            "microversions": {
                service: {"minimum": minimum, "maximum": maximum} for service, minimum, maximum in cloud.microversions
            },
        },
        "tests": [record_document(record) for record in result.tests],
        "leftovers": [leftover_document(leftover) for leftover in result.leftovers],
    }
    if result.origin != Origin():
        document["origin"] = origin_document(result.origin)
    return document


def setting_document(setting: Setting) -> Document:
    return {"name": setting.name, "value": setting.value, "reason": setting.reason}


def record_document(record: TestRecord) -> Document:
    return {
        "id": record.id,
        "nodeid": record.nodeid,
        "name": record.name,
        "promise": record.promise,
        "reference": record.reference,
        "capability": record.capability,
        "covers": list(record.covers),
        "outcome": record.outcome.value,
        "cause": record.cause.value if record.cause else None,
        "reason": record.reason,
        "expected": record.expected,
        "seen": record.seen,
        "attempts": [attempt_document(attempt) for attempt in record.attempts],
        "findings": [finding_document(finding) for finding in record.findings],
        "evidence": record.evidence,
    }


def attempt_document(attempt: Attempt) -> Document:
    document = {
        "n": attempt.n,
        "outcome": attempt.outcome.value,
        "started": attempt.started,
        "seconds": attempt.seconds,
        "cause": attempt.cause.value if attempt.cause else None,
        "reason": attempt.reason,
        "expected": attempt.expected,
        "seen": attempt.seen,
        "findings": [finding_document(finding) for finding in attempt.findings],
        "evidence": attempt.evidence,
    }
    return document | {"source": attempt.source} if attempt.source else document


def finding_document(finding: Finding) -> Document:
    return {
        "kind": finding.kind,
        "where": finding.where,
        "expected": finding.expected,
        "seen": finding.seen,
    }


def leftover_document(leftover: Leftover) -> Document:
    return {
        "kind": leftover.kind,
        "id": leftover.id,
        "name": leftover.name,
        "cloud": leftover.cloud,
        "reason": leftover.reason,
    }


def read_result(document: object) -> Result:
    """The Result that a document states. InputError names the place of what is wrong."""
    node = Node(document, kind="result")
    node.check_schema(RESULT_SCHEMA)
    tests = tuple(read_record(test) for test in node["tests"])
    seen: set[str] = set()
    for n, record in enumerate(tests):
        if record.id in seen:
            Node(record.id, f"$.tests[{n}].id", "result").wrong(
                "two tests have the same id; every test has exactly one outcome", code="duplicate-test"
            )
        seen.add(record.id)
    return Result(
        run=_read_run(node["run"]),
        guideline=node["guideline"]["id"].text(),
        guideline_digest=node["guideline"]["digest"].text(),
        suite_version=node["suite"]["version"].text(),
        suite_digest=node["suite"]["digest"].text(),
        cloud=_read_cloud(node["cloud"]),
        tests=tests,
        leftovers=tuple(read_leftover(leftover) for leftover in node.get("leftovers", [])),
        origin=read_origin(node.get("origin", {})),
    )


def _read_run(node: Node) -> RunInfo:
    return RunInfo(
        id=node["id"].text(),
        started=node["started"].text(),
        finished=node.get("finished").text_or_none(),
        seconds=node["seconds"].number(),
        complete=node["complete"].truth(),
        target=node.get("target").text_or_none(),
        settings=tuple(read_setting(setting) for setting in node.get("settings", [])),
        challenge=node.get("challenge").text_or_none(),
    )


def read_setting(node: Node) -> Setting:
    return Setting(
        name=node["name"].text(),
        value=node.get("value").text_or_none(),
        reason=node.get("reason", "").text(),
    )


def _read_cloud(node: Node) -> CloudInfo:
    return CloudInfo(
        name=node["name"].text(),
        cpid=node["cpid"].text(),
        region=node.get("region").text_or_none(),
        endpoints=tuple((service, own.text()) for service, own in node.get("endpoints", {}).items()),
        microversions=tuple(
            (service, own["minimum"].text(), own["maximum"].text())
            for service, own in node.get("microversions", {}).items()
        ),
    )


def read_record(node: Node) -> TestRecord:
    nodeid = node["nodeid"].text()
    return TestRecord(
        id=node["id"].text(),
        nodeid=nodeid,
        name=node.get("name", nodeid.rpartition("::")[2]).text(),
        promise=node.get("promise", "").text(),
        reference=node.get("reference").text_or_none(),
        capability=node.get("capability").text_or_none(),
        covers=node["covers"].texts(),
        outcome=node["outcome"].word(Outcome),
        cause=node.get("cause").word_or_none(Cause),
        reason=node.get("reason").text_or_none(),
        expected=node.get("expected").text_or_none(),
        seen=node.get("seen").text_or_none(),
        attempts=tuple(read_attempt(attempt) for attempt in node.get("attempts", [])),
        findings=tuple(read_finding(finding) for finding in node.get("findings", [])),
        evidence=node.get("evidence").text_or_none(),
    )


def read_attempt(node: Node) -> Attempt:
    return Attempt(
        n=node["n"].whole(),
        outcome=node["outcome"].word(Outcome),
        started=node["started"].text(),
        seconds=node["seconds"].number(),
        cause=node.get("cause").word_or_none(Cause),
        reason=node.get("reason").text_or_none(),
        expected=node.get("expected").text_or_none(),
        seen=node.get("seen").text_or_none(),
        findings=tuple(read_finding(finding) for finding in node.get("findings", [])),
        evidence=node.get("evidence").text_or_none(),
        source=node.get("source").text_or_none(),
    )


def read_finding(node: Node) -> Finding:
    return Finding(
        kind=node["kind"].text(),
        where=node["where"].text(),
        expected=node["expected"].text(),
        seen=node["seen"].text(),
    )


def read_leftover(node: Node) -> Leftover:
    return Leftover(
        kind=node["kind"].text(),
        id=node.get("id").text_or_none(),
        name=node.get("name").text_or_none(),
        cloud=node.get("cloud", "").text(),
        reason=node.get("reason", "").text(),
    )
