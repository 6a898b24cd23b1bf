"""Whether a leaf that a vendor disclosed is the one that was signed, and agrees with all that was said before."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from defcore.model.outcome import Outcome
from defcore.model.plan import Plan, PlannedTest
from defcore.model.result import Result
from defcore.model.submission import Submission
from defcore.model.verification import Discrepancy
from defcore.results import records
from defcore.results.discrepancies import Found, no, unknown
from defcore.results.leaves import Leaf, index_of, leads_to, leaf_document


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """What the vendor has signed."""

    submission: Submission
    result: Result
    plan: Plan


def wrong_with(name: str, own: Leaf, signed: Signed, told: Collection[Leaf]) -> list[Discrepancy]:
    """Of the leaf in the file of this name; `told`: those that were disclosed so far, with this one."""
    return list(_wrong_with(name, own, signed, told))


def _wrong_with(name: str, own: Leaf, signed: Signed, told: Collection[Leaf]) -> Found:
    tree, plan = signed.submission.tree, signed.plan
    if tree is None:
        yield no("leaf", name, "this submission has no leaves, for all outcomes are published")
        return
    if own.run != signed.submission.run.id:
        yield no("leaf", name, "this is no leaf of this submission", signed.submission.run.id, own.run)
        return
    if (own.root, own.count) != (tree.root, tree.count) or leads_to(own) != tree.root:
        yield no("leaf", name, "it does not lead to the signed root", tree.root, leads_to(own))
    if own.index != index_of(plan, own.test):
        yield no("leaf", name, f"the leaf of the test {own.test} stands elsewhere", index_of(plan, own.test), own.index)
    if own.record and leaf_document(own.record) != own.leaf:
        yield no("leaf", name, "the record that is given is not the one that the leaf binds")
    if own.record is None:
        message = "the record that the leaf binds is not given, so that nobody can tell whether its outcome is true"
        yield unknown("leaf", name, message)
    yield from _counted(name, own, signed, told)
    planned = next((test for test in plan.tests if test.case.id == own.test), None)
    if planned:
        yield from _planned(name, own, planned, rounds=plan.repeat if signed.result.run.complete else 0)


def _counted(name: str, own: Leaf, signed: Signed, told: Collection[Leaf]) -> Found:
    """Hiding shows here: of each outcome there are no more than the signed counts say, and every pass is published."""
    stated = dict(signed.submission.counts)[own.outcome]
    seen = sum(one.outcome is own.outcome for one in told)
    if seen > stated:
        message = f"more tests are disclosed as {own.outcome.value} than were counted"
        yield no("leaf", name, message, stated, seen)
    published = next((record.outcome for record in signed.result.tests if record.id == own.test), None)
    if (own.outcome is Outcome.PASSED) is not (published is Outcome.PASSED):
        message = f"the test {own.test} is {own.outcome.value} here, and among the published passes it is not so"
        yield no("leaf", name, message)


def _planned(name: str, own: Leaf, planned: PlannedTest, *, rounds: int) -> Found:
    """The leaf and its record tell of the test that was planned, and the record is what its attempts come to."""
    if own.leaf["name"] != planned.case.name:
        message = f"the leaf calls the test {own.test} by another name"
        yield no("leaf", name, message, planned.case.name, own.leaf["name"])
    if own.record:
        found = [
            *records.as_planned(own.record, planned),
            *records.from_attempts(own.record, planned, rounds=rounds),
        ]
        yield from (no("leaf", name, one.message, one.expected, one.seen) for one in found)
