"""Whether the parts of a submission say the same: plan, result, evidence, leaves, and what the attestation states.

Each function compares values that were read already and yields every difference.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace

from defcore.model.capability import Catalog
from defcore.model.outcome import Outcome
from defcore.model.plan import Plan, PlannedTest
from defcore.model.result import Origin, Result
from defcore.model.submission import (
    ATTESTATION_FILE,
    EVIDENCE_FOLDER,
    EVIDENCE_PATH,
    LEAVES_FILE,
    PLAN_FILE,
    RESULT_FILE,
    SUBMISSION_FILE,
    EvidenceLevel,
    Published,
    Submission,
    count_outcomes,
    references,
)
from defcore.results import records
from defcore.results.discrepancies import Found, compare, no, unknown
from defcore.results.exchanges import SHOWN
from defcore.results.leaves import hash_of, leaf_document, withheld
from defcore.results.merkle import root

ALWAYS = (SUBMISSION_FILE, RESULT_FILE, PLAN_FILE, ATTESTATION_FILE)
NOT_SO = "not as the guideline and the suite say"


def files(stated: Mapping[str, str], present: Mapping[str, str], published: Published) -> Found:
    """Name -> SHA-256: what the attestation names, and what is there. No submission holds more, be it signed or not."""
    documents = ALWAYS if published is Published.ALL else (*ALWAYS, LEAVES_FILE)
    for name in sorted({*stated, *present}):
        if name not in present:
            yield no("missing-file", name, "the attestation names this file, and it is not here")
        elif name not in stated:
            yield no("extra-file", name, "the attestation does not name this file")
        elif name not in documents and not name.startswith(f"{EVIDENCE_FOLDER}/"):
            yield no("extra-file", name, "no submission has such a file, be it signed or not")
        elif stated[name] != present[name]:
            yield no("digest", name, "the file was changed: SHA-256", stated[name], present[name])


def plan_and_result(plan: Plan, result: Result, published: Published) -> Found:
    """Every planned test has one outcome, and the result is that of the plan."""
    heads = (
        ("$.guideline.id", plan.guideline, result.guideline),
        ("$.guideline.digest", plan.guideline_digest, result.guideline_digest),
        ("$.suite.version", plan.suite_version, result.suite_version),
        ("$.suite.digest", plan.suite_digest, result.suite_digest),
        ("$.run.target", plan.target, result.run.target),
        ("$.run.settings", sorted(map(repr, plan.settings)), sorted(map(repr, result.run.settings))),
    )
    for place, one, own in heads:
        if one != own:
            yield no("plan", f"{RESULT_FILE}: {place}", f"not as in {PLAN_FILE}", one, own)
    planned = {test.case.id: test for test in plan.tests}
    if len(planned) != len(plan.tests):
        yield no("plan", PLAN_FILE, "a test is planned twice")
    told = {record.id: record for record in result.tests}
    for id in sorted({*planned, *told}):
        if id not in told:
            yield no("plan", RESULT_FILE, f"the planned test {id} has no outcome")
        elif id not in planned:
            yield no("plan", RESULT_FILE, f"the test {id} was not planned")
        else:
            yield from records.as_planned(told[id], planned[id])
    if published is Published.ALL:
        rounds = plan.repeat if result.run.complete else 0
        for record in result.tests:
            if record.id in planned:
                yield from records.from_attempts(record, planned[record.id], rounds=rounds)


def origin(result: Result, published: Published) -> Found:
    """The result is of one run of defcore, and says so."""
    where = f"{RESULT_FILE}: $.origin"
    passes = published is Published.PASSES
    if result.origin.passes_only is not passes:
        message = "does not say" if passes else "says"
        yield no("published", where, f"it {message} that passes alone are published")
    if replace(result.origin, passes_only=False) != Origin():
        yield no("origin", where, "the result is not that of one run of defcore")


def passes_only(plan: Plan, result: Result) -> Found:
    """What is not published must say nothing, and what is published must have passed."""
    planned = {test.case.id: test for test in plan.tests}
    rounds = plan.repeat if result.run.complete else 0
    for record in result.tests:
        if record.id not in planned:
            continue
        if record.outcome is Outcome.PASSED:
            yield from records.from_attempts(record, planned[record.id], rounds=rounds)
        elif record != withheld(planned[record.id]):
            message = f"passes alone are published, and the test {record.id} says more than that it was planned"
            yield no("published", RESULT_FILE, message)
    if result.leftovers:
        yield no("published", f"{RESULT_FILE}: $.leftovers", "passes alone are published, and it tells of leftovers")


def counts(submission: Submission, result: Result, plan: Plan) -> Found:
    """The counts of what is published are the result's; together they are those of all planned tests."""
    stated, own = dict(submission.counts), dict(count_outcomes(result.tests))
    certain = Outcome if submission.published is Published.ALL else (Outcome.PASSED,)
    for outcome in certain:
        if stated[outcome] != own[outcome]:
            message = f"the number of tests that are {outcome.value}"
            yield no("counts", "$.counts", message, own[outcome], stated[outcome])
    if sum(stated.values()) != len(plan.tests):
        yield no("counts", "$.counts", "the sum of all outcomes", len(plan.tests), sum(stated.values()))
    if submission.run.complete and stated[Outcome.NOT_RUN]:
        message = "the run is complete, and tests were not run"
        yield no("counts", "$.counts", message, 0, stated[Outcome.NOT_RUN])


def evidence(submission: Submission, result: Result, digests: Mapping[str, str]) -> Found:
    """The files are named by their SHA-256, and are those that the level asks for, no more and no less."""
    present = {name: digest for name, digest in digests.items() if name.startswith(f"{EVIDENCE_FOLDER}/")}
    for name, digest in present.items():
        match = EVIDENCE_PATH.match(name)
        if not match or match["digest"] != digest:
            yield no("evidence-name", name, "the file is not named by its SHA-256", f"{EVIDENCE_FOLDER}/{digest}.har")
    wanted = references(result.tests, submission.evidence)
    for name in sorted({*wanted} - {*present}):
        message = f"the result refers to this exchange, and at the level {submission.evidence.value!r} it must be here"
        yield no("evidence-missing", name, message)
    if submission.evidence is EvidenceLevel.ALL:
        for record in result.tests:
            if any(one.evidence is None and one.outcome in SHOWN for one in record.attempts):
                message = f"the test {record.id} has an outcome that the cloud's answers show, and none is on record"
                yield unknown("evidence", RESULT_FILE, message)
    for name in sorted({*present} - {*wanted}):
        message = f"no test refers to this exchange at the level {submission.evidence.value!r}"
        yield no("evidence-unreferenced", name, message)


def leaves(
    submission: Submission, result: Result, plan: Plan, listed: Sequence[tuple[str, str | None, str | None]]
) -> Found:
    """The published tests are in the tree, in their places, and the root over all leaves is the one that is signed."""
    tree = submission.tree
    if tree is None:
        yield no("tree", LEAVES_FILE, "passes alone are published, and the attestation states no tree")
        return
    ids = sorted(test.case.id for test in plan.tests)
    if [id for id, _, _ in listed] != ids or tree.count != len(ids):
        message = "the leaves are not those of the planned tests, in the order of their ids"
        yield no("leaves", LEAVES_FILE, message, len(ids), f"{len(listed)} listed, {tree.count} stated")
        return
    told = {record.id: record for record in result.tests}
    all_hashes = []
    for id, salt, own in listed:
        record = told.get(id)
        passed = record is not None and record.outcome is Outcome.PASSED
        if (salt is not None) is not passed:
            yield no("leaves", LEAVES_FILE, f"the leaf of the test {id}", "a salt" if passed else "a hash")
            return
        if record is not None and salt is not None:
            all_hashes.append(hash_of(leaf_document(record), bytes.fromhex(salt)))
        else:
            all_hashes.append(bytes.fromhex(own or ""))
    if len({*all_hashes}) < len(all_hashes):
        yield no("leaves", LEAVES_FILE, "two tests have the same leaf, and only one of them can be disclosed")
    found = root(all_hashes).hex()
    if found != tree.root:
        yield no("tree", LEAVES_FILE, "the root over the leaves", tree.root, found)


def suite(plan: Plan, catalog: Catalog) -> Found:
    """A test is what it is in the suite that this program has. Of another suite, nobody here can tell."""
    if plan.suite_digest != catalog.suite_digest:
        message = "the run was made with another suite than this defcore's: check it with the defcore of that version"
        yield unknown("suite-unknown", PLAN_FILE, message, _suite_words(catalog), _suite_words(plan))
        return
    known = {case.id: (case.name, sorted(case.covers)) for case in catalog.tests}
    for test in plan.tests:
        case = test.case
        if known.get(case.id) != (case.name, sorted(case.covers)):
            message = f"the suite has no such test as {case.id}, or it answers for other official tests"
            yield no("suite", PLAN_FILE, message, known.get(case.id), (case.name, sorted(case.covers)))


def _suite_words(of: Plan | Catalog) -> str:
    return f"{of.suite_version} {of.suite_digest[:19]}"


def plans(plan: Plan, again: Plan) -> Found:
    """The plan leaves out nothing of what the guideline asks for, and adds nothing; `again`: planned here."""
    if plan.selection != again.selection:
        message = "how the plan was narrowed is not said as `defcore plan` says it"
        yield no("plan-differs", f"{PLAN_FILE}: $.selection", message, list(again.selection), list(plan.selection))
    planned, wanted = ({test.case.id: test.case.name for test in one.tests} for one in (plan, again))
    for id in sorted({*wanted} - {*planned}):
        message = f"the guideline asks for the test {wanted[id]} ({id}), and it is not planned"
        yield no("plan-incomplete", PLAN_FILE, message)
    for id in sorted({*planned} - {*wanted}):
        yield no("plan-incomplete", PLAN_FILE, f"the guideline does not ask for the test {planned[id]} ({id})")
    yield from _planned_as(plan, again)


def _planned_as(plan: Plan, again: Plan) -> Found:
    """What the plan says of its tests is what the guideline and the suite say. Plans of another version may differ."""
    words = no if plan.suite_version == again.suite_version else unknown
    for noun in ("components", "uncovered"):
        own, wanted = getattr(plan, noun), getattr(again, noun)
        if own != wanted:
            yield words("plan-differs", f"{PLAN_FILE}: $.{noun}", NOT_SO, wanted, own)
    tests = {test.case.id: test for test in plan.tests}
    for test in again.tests:
        if test.case.id in tests and tests[test.case.id] != test:
            for place, one, other in compare(_plain(test), _plain(tests[test.case.id])):
                yield words("plan-differs", f"{PLAN_FILE}: the test {test.case.id}, {place}", NOT_SO, one, other)


def _plain(test: PlannedTest) -> object:
    return json.loads(json.dumps(asdict(test)))
