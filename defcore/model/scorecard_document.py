"""The JSON form of a Scorecard: what `scorecard.json` holds and `defcore score --format json` prints."""

from __future__ import annotations

from defcore.model.documents import Document
from defcore.model.guideline import Flag, Status
from defcore.model.node import Node
from defcore.model.outcome import Cause, Outcome
from defcore.model.scorecard import (
    CapabilityScore,
    ComponentScore,
    Level,
    MatchedBy,
    Mend,
    Rate,
    Scorecard,
    StatusCount,
    Support,
    Tally,
    TestScore,
    Verdict,
    WaiverUse,
)

SCORECARD_SCHEMA = "defcore/scorecard/1"


def scorecard_document(card: Scorecard) -> Document:
    return {
        "schema": SCORECARD_SCHEMA,
        "guideline": card.guideline,
        "guideline_digest": card.guideline_digest,
        "target": card.target,
        "platform": card.platform,
        "policy": card.policy,
        "policy_digest": card.policy_digest,
        "verdict": card.verdict.value,
        "statuses": _statuses_document(card.statuses),
        "required_pass_percent": card.required_pass_percent,
        "non_flagged_required_pass_percent": card.non_flagged_required_pass_percent,
        "rate": _rate_document(card.rate),
        "advisory_rate": _rate_document(card.advisory_rate),
        "level": _level_document(card.level),
        "reasons": list(card.reasons),
        "mend": [_mend_document(mend) for mend in card.mend],
        "components": [_component_document(component) for component in card.components],
        "capabilities": [_capability_document(capability) for capability in card.capabilities],
        "flaky": [test.name for test in card.flaky],
        "waivers": [_waiver_document(use) for use in card.waivers],
        "matched_by": {way.value: count for way, count in card.matching.items()},
        "source": card.source,
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
        "rate": _rate_document(component.rate),
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
        "rate": _rate_document(capability.rate),
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
        "waiver": test.waiver,
        "covered_by": list(test.covered_by),
        "matched_by": test.matched_by.value if test.matched_by else None,
        "attempts": {"passed": test.tally.passed, "failed": test.tally.failed, "undecided": test.tally.undecided},
    }


def _rate_document(rate: Rate | None) -> Document | None:
    if rate is None:
        return None
    return {
        "passed": rate.passed,
        "decided": rate.decided,
        "lower": rate.lower,
        "upper": rate.upper,
        "threshold": rate.threshold,
    }


def _level_document(level: Level) -> Document:
    return {
        "reached": level.reached,
        "next": level.next,
        "to_mend": level.to_mend,
        "to_find_out": level.to_find_out,
    }


def _waiver_document(use: WaiverUse) -> Document:
    return {
        "id": use.id,
        "reason": use.reason,
        "decided_by": use.decided_by,
        "granted": use.granted,
        "expires": use.expires,
        "days_left": use.days_left,
        "in_force": use.in_force,
        "tests": list(use.tests),
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
        policy=node["policy"].text(),
        policy_digest=node.get("policy_digest", "").text(),
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
        rate=_read_rate(node.get("rate")),
        advisory_rate=_read_rate(node.get("advisory_rate")),
        level=_read_level(node.get("level")),
        waivers=tuple(_read_waiver(use) for use in node.get("waivers", [])),
        source=node.get("source", "defcore").text(),
    )


def _read_rate(node: Node) -> Rate | None:
    if node.missing:
        return None
    return Rate(
        passed=node["passed"].whole(),
        decided=node["decided"].whole(),
        lower=node["lower"].number(),
        upper=node["upper"].number(),
        threshold=node["threshold"].number_or_none(),
    )


def _read_level(node: Node) -> Level:
    if node.missing:
        return Level(reached=None, next=None)
    return Level(
        reached=node["reached"].text_or_none(),
        next=node["next"].text_or_none(),
        to_mend=node["to_mend"].whole(),
        to_find_out=node["to_find_out"].whole(),
    )


def _read_waiver(node: Node) -> WaiverUse:
    return WaiverUse(
        id=node["id"].text(),
        reason=node["reason"].text(),
        decided_by=node["decided_by"].text(),
        granted=node["granted"].text(),
        expires=node["expires"].text(),
        days_left=node["days_left"].whole(),
        tests=node["tests"].texts(),
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
        rate=_read_rate(node.get("rate")),
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
        rate=_read_rate(node.get("rate")),
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
        matched_by=node.get("matched_by").word_or_none(MatchedBy),
        tally=_read_tally(node.get("attempts")),
        waiver=node.get("waiver").text_or_none(),
    )


def _read_tally(node: Node) -> Tally:
    if node.missing:
        return Tally()
    return Tally(passed=node["passed"].whole(), failed=node["failed"].whole(), undecided=node["undecided"].whole())


def _read_mend(node: Node) -> Mend:
    return Mend(
        id=node["id"].text(),
        name=node["name"].text(),
        capability=node["capability"].text(),
        outcome=node["outcome"].word(Outcome),
        cause=node["cause"].word_or_none(Cause),
        reason=node["reason"].text_or_none(),
    )
