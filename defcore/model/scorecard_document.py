"""The JSON form of a Scorecard: what `scorecard.json` holds and `defcore score --format json` prints."""

from __future__ import annotations

from defcore.model.documents import Document
from defcore.model.guideline import Flag, Status
from defcore.model.node import Node
from defcore.model.outcome import Cause, Outcome
from defcore.model.scorecard import (
    CapabilityScore,
    ComponentScore,
    Mend,
    Policy,
    Scorecard,
    StatusCount,
    Support,
    TestScore,
    Verdict,
)

SCORECARD_SCHEMA = "defcore/scorecard/1"


def scorecard_document(card: Scorecard) -> Document:
    return {
        "schema": SCORECARD_SCHEMA,
        "guideline": card.guideline,
        "guideline_digest": card.guideline_digest,
        "target": card.target,
        "platform": card.platform,
        "policy": card.policy.value,
        "verdict": card.verdict.value,
        "statuses": _statuses_document(card.statuses),
        "required_pass_percent": card.required_pass_percent,
        "non_flagged_required_pass_percent": card.non_flagged_required_pass_percent,
        "reasons": list(card.reasons),
        "mend": [_mend_document(mend) for mend in card.mend],
        "components": [_component_document(component) for component in card.components],
        "capabilities": [_capability_document(capability) for capability in card.capabilities],
        "cloud": card.cloud,
        "cpid": card.cpid,
        "run": card.run,
        "result_digest": card.result_digest,
        "date": card.date,
    }


def _statuses_document(counts: tuple[StatusCount, ...]) -> Document:
    return {
        count.status.value: {
            "capabilities": count.capabilities,
            "tests": count.tests,
            "passed": count.passed,
            "flagged_passed": count.flagged_passed,
            "flagged_failed": count.flagged_failed,
        }
        for count in counts
    }


def _component_document(component: ComponentScore) -> Document:
    return {
        "name": component.name,
        "verdict": component.verdict.value,
        "statuses": _statuses_document(component.statuses),
        "required_pass_percent": component.required_pass_percent,
        "non_flagged_required_pass_percent": component.non_flagged_required_pass_percent,
        "reasons": list(component.reasons),
    }


def _capability_document(capability: CapabilityScore) -> Document:
    return {
        "id": capability.id,
        "status": capability.status.value,
        "components": {name: status.value for name, status in capability.components},
        "description": capability.description,
        "support": capability.support.value,
        "reasons": list(capability.reasons),
        "passed": capability.passed,
        "tests": [_test_document(test) for test in capability.tests],
    }


def _test_document(test: TestScore) -> Document:
    flag = test.flag
    return {
        "id": test.id,
        "name": test.name,
        "outcome": test.outcome.value,
        "cause": test.cause.value if test.cause else None,
        "reason": test.reason,
        "flag": {"code": flag.code, "date": flag.date, "reason": flag.reason} if flag else None,
        "covered_by": list(test.covered_by),
    }


def _mend_document(mend: Mend) -> Document:
    return {
        "id": mend.id,
        "name": mend.name,
        "capability": mend.capability,
        "outcome": mend.outcome.value,
        "cause": mend.cause.value if mend.cause else None,
        "reason": mend.reason,
    }


def read_scorecard(document: object) -> Scorecard:
    """The Scorecard that a document states. InputError names the place of what is wrong."""
    node = Node(document, kind="scorecard")
    node.check_schema(SCORECARD_SCHEMA)
    return Scorecard(
        guideline=node["guideline"].text(),
        guideline_digest=node["guideline_digest"].text(),
        target=node["target"].text_or_none(),
        platform=node["platform"].text_or_none(),
        policy=node["policy"].word(Policy),
        verdict=node["verdict"].word(Verdict),
        statuses=_read_statuses(node["statuses"]),
        required_pass_percent=node["required_pass_percent"].number_or_none(),
        non_flagged_required_pass_percent=node["non_flagged_required_pass_percent"].number_or_none(),
        reasons=node["reasons"].texts(),
        mend=tuple(_read_mend(mend) for mend in node["mend"]),
        components=tuple(_read_component(component) for component in node["components"]),
        capabilities=tuple(_read_capability(capability) for capability in node["capabilities"]),
        cloud=node["cloud"].text(),
        cpid=node["cpid"].text(),
        run=node["run"].text(),
        result_digest=node["result_digest"].text(),
        date=node["date"].text(),
    )


def _read_statuses(node: Node) -> tuple[StatusCount, ...]:
    return tuple(
        StatusCount(
            status=status,
            capabilities=node[status]["capabilities"].whole(),
            tests=node[status]["tests"].whole(),
            passed=node[status]["passed"].whole(),
            flagged_passed=node[status]["flagged_passed"].whole(),
            flagged_failed=node[status]["flagged_failed"].whole(),
        )
        for status in Status
    )


def _read_component(node: Node) -> ComponentScore:
    return ComponentScore(
        name=node["name"].text(),
        verdict=node["verdict"].word(Verdict),
        statuses=_read_statuses(node["statuses"]),
        required_pass_percent=node["required_pass_percent"].number_or_none(),
        non_flagged_required_pass_percent=node["non_flagged_required_pass_percent"].number_or_none(),
        reasons=node["reasons"].texts(),
    )


def _read_capability(node: Node) -> CapabilityScore:
    return CapabilityScore(
        id=node["id"].text(),
        status=node["status"].word(Status),
        components=tuple((name, status.word(Status)) for name, status in node["components"].items()),
        description=node["description"].text(),
        support=node["support"].word(Support),
        reasons=node["reasons"].texts(),
        tests=tuple(_read_test(test) for test in node["tests"]),
    )


def _read_test(node: Node) -> TestScore:
    flag = node["flag"]
    return TestScore(
        id=node["id"].text(),
        name=node["name"].text(),
        outcome=node["outcome"].word(Outcome),
        cause=node["cause"].word_or_none(Cause),
        reason=node["reason"].text_or_none(),
        flag=None
        if flag.missing
        else Flag(
            code=flag["code"].text_or_none(),
            date=flag["date"].text_or_none(),
            reason=flag["reason"].text(),
        ),
        covered_by=node["covered_by"].texts(),
    )


def _read_mend(node: Node) -> Mend:
    return Mend(
        id=node["id"].text(),
        name=node["name"].text(),
        capability=node["capability"].text(),
        outcome=node["outcome"].word(Outcome),
        cause=node["cause"].word_or_none(Cause),
        reason=node["reason"].text_or_none(),
    )
