"""Two results to the changes between them. Pure; who is called before and who after is the caller's choice."""

from __future__ import annotations

import re
from collections.abc import Iterator

from defcore.model.change import STEPS, Change, ChangeKind, Standing
from defcore.model.outcome import Finding, Outcome, TestRecord
from defcore.model.result import Result

ORDER = {kind: n for n, kind in enumerate(ChangeKind)}
HOST_OR_QUERY = re.compile(r"https?://[^/\s]+|\?\S*")
ITEM = re.compile(r"\[\d+\]")
IDENTIFIER = re.compile(r"defcore-[^/?\s]+|AUTH_[^/?\s]+|[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}", re.IGNORECASE)
NAMED_BY_SEEN = {"additional-property"}
"""Kinds of findings whose `seen` is a name; elsewhere it is an answer, different every time."""

FindingKey = tuple[str, str, str]


def changes(before: Result, after: Result) -> tuple[Change, ...]:
    """What became different, by kind in the order of `ChangeKind`, then by capability and name.

    Tests are told apart by the id of their record. A test may stand in several changes: its outcome, its
    flakiness and each of its findings. Reasons alone make no change: they hold ids and moments.
    """
    old = {record.id: record for record in before.tests}
    new = {record.id: record for record in after.tests}
    found = [change for test in dict.fromkeys((*new, *old)) for change in _of_test(old.get(test), new.get(test))]
    return tuple(sorted(found, key=_rank))


def standing(record: TestRecord) -> Standing:
    """How a test stands, by its record."""
    outcomes = [attempt.outcome for attempt in record.attempts]
    return Standing(
        outcome=record.outcome,
        cause=record.cause,
        reason=record.reason,
        passed=outcomes.count(Outcome.PASSED),
        failed=outcomes.count(Outcome.FAILED),
    )


def finding_key(finding: Finding) -> FindingKey:
    """What two runs have in common of a finding: its kind and place without hosts, ids, queries and list indexes."""
    where = IDENTIFIER.sub("*", ITEM.sub("[*]", HOST_OR_QUERY.sub("", finding.where)))
    return finding.kind, where, finding.seen if finding.kind in NAMED_BY_SEEN else ""


def _of_test(old: TestRecord | None, new: TestRecord | None) -> Iterator[Change]:
    if old is None and new is not None:
        yield _change(ChangeKind.NEW_TEST, new, None, standing(new))
    elif new is None and old is not None:
        yield _change(ChangeKind.GONE_TEST, old, standing(old), None)
    elif old is not None and new is not None:
        yield from _between(old, new)


def _between(old: TestRecord, new: TestRecord) -> Iterator[Change]:
    before, after = standing(old), standing(new)
    if (before.outcome, before.cause) != (after.outcome, after.cause):
        kind = STEPS.get((before.answer, after.answer), ChangeKind.OTHER)
        yield _change(kind, new, before, after)
    if before.flaky != after.flaky:
        kind = ChangeKind.NEWLY_FLAKY if after.flaky else ChangeKind.NO_LONGER_FLAKY
        yield _change(kind, new, before, after)
    had = {finding_key(one): one for one in reversed(old.findings)}
    has = {finding_key(one): one for one in reversed(new.findings)}
    for key in sorted(has.keys() - had.keys()):
        yield _change(ChangeKind.NEW_FINDING, new, before, after, has[key])
    for key in sorted(had.keys() - has.keys()):
        yield _change(ChangeKind.GONE_FINDING, new, before, after, had[key])


def _change(
    kind: ChangeKind,
    record: TestRecord,
    before: Standing | None,
    after: Standing | None,
    finding: Finding | None = None,
) -> Change:
    return Change(
        kind=kind,
        test=record.id,
        name=record.name,
        capability=record.capability,
        covers=record.covers,
        before=before,
        after=after,
        finding=finding,
    )


def _rank(change: Change) -> tuple[int, str, str, str, FindingKey]:
    key = finding_key(change.finding) if change.finding else ("", "", "")
    return ORDER[change.kind], change.capability or "", change.name, change.test, key
