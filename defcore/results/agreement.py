"""Whether the parts of a submission say the same: plan, result, evidence, leaves, and what the attestation states.

Each function compares values that were read already and yields every difference.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from defcore.model.capability import Catalog
from defcore.model.outcome import Outcome, TestRecord
from defcore.model.plan import Plan
from defcore.model.result import Result
from defcore.model.submission import (
    EVIDENCE_FOLDER,
    EVIDENCE_PATH,
    LEAVES_FILE,
    PLAN_FILE,
    RESULT_FILE,
    Published,
    Submission,
    count_outcomes,
    references,
)
from defcore.model.verification import Discrepancy
from defcore.results.leaves import hash_of, leaf_document, withheld
from defcore.results.merkle import root

Found = Iterator[Discrepancy]
LONGEST = 100
"""Characters of a value that are shown."""


def no(code: str, where: str, message: str, expected: object = None, seen: object = None) -> Discrepancy:
    """It does not hold."""
    words = [None if one is None else shown(one) for one in (expected, seen)]
    return Discrepancy(code=f"verify.{code}", where=where, message=message, expected=words[0], seen=words[1])


def unknown(code: str, where: str, message: str, expected: object = None, seen: object = None) -> Discrepancy:
    """It could not be found out."""
    words = [None if one is None else shown(one) for one in (expected, seen)]
    return Discrepancy(
        code=f"verify.{code}", where=where, message=message, expected=words[0], seen=words[1], unknown=True
    )


def shown(value: object) -> str:
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"


def compare(expected: object, seen: object, place: str = "$") -> Iterator[tuple[str, object, object]]:
    """Every place in which two documents differ, with what stands there; `absent` where nothing does."""
    if isinstance(expected, dict) and isinstance(seen, dict):
        for key in dict.fromkeys([*expected, *seen]):
            yield from compare(expected.get(key, "absent"), seen.get(key, "absent"), f"{place}.{key}")
    elif isinstance(expected, list) and isinstance(seen, list) and len(expected) == len(seen):
        for n, (one, other) in enumerate(zip(expected, seen, strict=True)):
            yield from compare(one, other, f"{place}[{n}]")
    elif type(expected) is not type(seen) or expected != seen:
        yield place, expected, seen


def files(stated: Mapping[str, str], present: Mapping[str, str]) -> Found:
    """Name -> SHA-256: what the attestation names, and what is there."""
    for name in sorted({*stated, *present}):
        if name not in present:
            yield no("missing-file", name, "the attestation names this file, and it is not here")
        elif name not in stated:
            yield no("extra-file", name, "the attestation does not name this file")
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
    for place, planned, own in heads:
        if planned != own:
            yield no("plan", f"{RESULT_FILE}: {place}", f"not as in {PLAN_FILE}", planned, own)
    cases = {test.case.id: test for test in plan.tests}
    if len(cases) != len(plan.tests):
        yield no("plan", PLAN_FILE, "a test is planned twice")
    records = {record.id: record for record in result.tests}
    for id in sorted({*cases, *records}):
        if id not in records:
            yield no("plan", RESULT_FILE, f"the planned test {id} has no outcome")
        elif id not in cases:
            yield no("plan", RESULT_FILE, f"the test {id} was not planned")
        else:
            yield from _record_and_plan(records[id], cases[id].case.name, cases[id].case.nodeid, cases[id].case.covers)
    if published is Published.ALL:
        for record in result.tests:
            yield from _outcome(record, complete=result.run.complete)


def _record_and_plan(record: TestRecord, name: str, nodeid: str, covers: Sequence[str]) -> Found:
    planned, own = (name, nodeid, sorted(covers)), (record.name, record.nodeid, sorted(record.covers))
    if planned != own:
        message = f"the test {record.id} is not the one of {PLAN_FILE}: name, node id, official tests"
        yield no("plan", RESULT_FILE, message, planned, own)


def _outcome(record: TestRecord, *, complete: bool) -> Found:
    """A test has passed if it passed, and never failed; a complete run has an attempt at every test."""
    attempts = {attempt.outcome for attempt in record.attempts}
    passed = Outcome.PASSED in attempts and Outcome.FAILED not in attempts
    if record.outcome is Outcome.PASSED and not passed:
        yield no(
            "outcome", RESULT_FILE, f"the test {record.id} is PASSED, and its attempts are not", "PASSED", attempts
        )
    if record.outcome is Outcome.NOT_RUN and not record.attempts and complete:
        yield no("outcome", RESULT_FILE, f"the run is complete, and the test {record.id} has no attempt")


def passes_only(plan: Plan, result: Result) -> Found:
    """What is not published must say nothing, and what is published must have passed."""
    planned = {test.case.id: test for test in plan.tests}
    for record in result.tests:
        if record.outcome is Outcome.PASSED:
            yield from _outcome(record, complete=False)
        elif record.id in planned and record != withheld(planned[record.id]):
            message = f"passes alone are published, and the test {record.id} says more than that it was planned"
            yield no("published", RESULT_FILE, message)
    if not result.origin.passes_only:
        yield no("published", f"{RESULT_FILE}: $.origin", "it does not say that passes alone are published")


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
    records = {record.id: record for record in result.tests}
    all_hashes = []
    for id, salt, own in listed:
        record = records.get(id)
        passed = record is not None and record.outcome is Outcome.PASSED
        if (salt is not None) is not passed:
            yield no("leaves", LEAVES_FILE, f"the leaf of the test {id}", "a salt" if passed else "a hash")
            return
        if record is not None and salt is not None:
            all_hashes.append(hash_of(leaf_document(record), bytes.fromhex(salt)))
        else:
            all_hashes.append(bytes.fromhex(own or ""))
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
    planned, wanted = ({test.case.id: test.case.name for test in one.tests} for one in (plan, again))
    for id in sorted({*wanted} - {*planned}):
        message = f"the guideline asks for the test {wanted[id]} ({id}), and it is not planned"
        yield no("plan-incomplete", PLAN_FILE, message)
    for id in sorted({*planned} - {*wanted}):
        yield no("plan-incomplete", PLAN_FILE, f"the guideline does not ask for the test {planned[id]} ({id})")


def documents(expected: object, seen: object, where: str, code: str, message: str) -> Found:
    for place, one, other in compare(expected, seen):
        own = "counts" if ".counts." in place else code
        yield no(own, f"{where}: {place}", message, one, other)
