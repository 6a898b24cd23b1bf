"""Checks a submission: every digest, signature and count, and whether its parts say the same.

In go the files, the keys that are trusted, and what is known here of suite and place; out comes everything that does
not hold. The vendor's tool runs the same check before it hands anything in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import islice
from typing import TypeVar

from defcore import __version__, schemas
from defcore.errors import InputError
from defcore.model.capability import Catalog
from defcore.model.plan import Plan
from defcore.model.result import Result
from defcore.model.submission import (
    ATTESTATION_FILE,
    EVIDENCE_FOLDER,
    LEAVES_FILE,
    PLAN_FILE,
    RESULT_FILE,
    SUBMISSION_FILE,
    PublicKey,
    Published,
    Submission,
    place,
)
from defcore.model.submission_document import read_submission, submission_document
from defcore.model.verification import Disclosed, Discrepancy, Verification
from defcore.results import agreement, disclosure, exchanges, own, records
from defcore.results.attestation import MEMBER, Sealed, describe, make_statement, unseal
from defcore.results.contents import Contents
from defcore.results.disclosure import Signed
from defcore.results.discrepancies import MOST, at_most, at_most_of_each, differences, no, unknown
from defcore.results.keys import public_key, read_public_line
from defcore.results.leaves import Leaf, read_leaves
from defcore.results.parsed import PROBLEMS
from defcore.results.product import as_words, check_product, yaml_text
from defcore.results.source import Source

LATEST = datetime(9000, 1, 1, tzinfo=UTC)
Value = TypeVar("Value")
ReadPlan = Callable[[object, schemas.Locate], Plan]


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What the reviewer knows beside the submission."""

    place: tuple[str, ...] | None = None
    """Guideline, vendor, product, day and run: the last four parts of the folder's path; None: it lies anywhere."""
    trusted: tuple[PublicKey, ...] | None = None
    """None: nobody said whom to trust."""
    challenge: str | None = None
    catalog: Catalog | None = None
    leaves: tuple[tuple[str, Leaf], ...] = ()
    """Disclosed by the vendor, each with the name of its file."""
    now: datetime = LATEST
    """By the reviewer's clock."""


def verify(contents: Contents, expected: Expected, read_plan: ReadPlan) -> Verification:
    """Everything that does not hold; pure."""
    found = at_most_of_each(contents.problems)
    sealed = _read(contents, ATTESTATION_FILE, unseal, found)
    submission = _caught(lambda: claimed(sealed.statement), ATTESTATION_FILE, found) if sealed else None
    rest: list[str] = []
    result = _read(contents, RESULT_FILE, lambda source: _made(own.read, source, "result", rest), found)
    plan = _read(contents, PLAN_FILE, lambda source: _made(_planned(read_plan), source, "plan", rest), found)
    signer = None
    disclosed: tuple[Disclosed, ...] = ()
    if sealed and submission:
        signature, signer = _signature(sealed, submission, expected.trusted)
        found += signature
        found += at_most(_files(contents, sealed, submission))
        found += _around(submission, contents, expected)
        found += _yaml(contents, submission)
        if result and plan:
            found += _parts(contents, sealed, submission, result, plan)
            disclosed = tuple(_disclosed(Signed(submission=submission, result=result, plan=plan), expected, found))
    if result:
        found += at_most(records.times(result, expected.now))
        found += at_most(exchanges.of_the_run(result, contents.exchanges))
        found += at_most(_beyond(rest, result.suite_version))
    if plan and expected.catalog:
        found += at_most(agreement.suite(plan, expected.catalog))
    return Verification(
        discrepancies=tuple(dict.fromkeys(found)),
        submission=submission,
        result=result,
        plan=plan,
        signer=signer,
        disclosed=disclosed,
    )


def read_planned(source: Source, read_plan: ReadPlan) -> Plan:
    """The plan in the file. InputError names every place that is wrong."""
    return _planned(read_plan)(source, source.json())


def _planned(read_plan: ReadPlan) -> Callable[[Source, object], Plan]:
    return lambda source, document: read_plan(document, schemas.in_file(source.name))


def _made(make: Callable[[Source, object], Value], source: Source, noun: str, rest: list[str]) -> Value:
    """What is made of the file; into `rest` go the places of members that no such document has."""
    document = source.json()
    made = make(source, document)
    rest += (f"{source.name}: {place}" for place in islice(schemas.unnamed(document, noun), MOST))
    return made


def _read(contents: Contents, name: str, reader: Callable[[Source], Value], found: list[Discrepancy]) -> Value | None:
    """What the reader makes of the file; None if it is missing or broken, which is taken down."""
    if name not in contents.documents:
        if not any(one.where == name for one in contents.problems):
            found.append(no("missing-file", name, "every submission has this file"))
        return None
    return _caught(lambda: reader(Source(name=name, content=contents.documents[name])), name, found)


def _caught(make: Callable[[], Value], name: str, found: list[Discrepancy]) -> Value | None:
    """What is made, or None and every reason why it cannot be."""
    try:
        return make()
    except InputError as error:
        for one in error.problems:
            where = one.where if one.where and one.where.startswith(name) else f"{name}: {one.where or '$'}"
            found.append(no("unreadable", where, one.message))
        return None


def _files(contents: Contents, sealed: Sealed, submission: Submission) -> Iterator[Discrepancy]:
    told = {one.where for one in contents.problems}
    stated = {name: digest for name, digest in subjects(sealed.statement).items() if name not in told}
    yield from agreement.files(stated, _others(contents), submission.published)


def _beyond(places: Iterable[str], version: str) -> Iterator[Discrepancy]:
    """Members that are not of the format: nothing checks what they say. Those of another version may mean something."""
    words = no if version == __version__ else unknown
    for place_of_it in places:
        yield words("member", place_of_it, "no such member is known here, and nothing checks what it says")


def _others(contents: Contents) -> dict[str, str]:
    return {name: digest for name, digest in contents.digests.items() if name != ATTESTATION_FILE}


def claimed(statement: object) -> Submission:
    """The submission that the statement binds. InputError if it holds none."""
    predicate = statement.get("predicate") if isinstance(statement, dict) else None
    document = predicate.get(MEMBER) if isinstance(predicate, dict) else None
    problems = schemas.problems(document, "submission", schemas.in_file(ATTESTATION_FILE), at_most=PROBLEMS)
    if problems:
        raise InputError(*problems)
    submission = read_submission(document)
    check_product(submission.product, ATTESTATION_FILE)
    return submission


def subjects(statement: object) -> dict[str, str]:
    """Name -> SHA-256, as far as the statement says it in the form that `make_statement` gives it."""
    subjects = statement.get("subject") if isinstance(statement, dict) else None
    found: dict[str, str] = {}
    for one in subjects if isinstance(subjects, list) else []:
        match one:
            case {"name": str(name), "digest": {"sha256": str(digest)}}:
                found[name] = digest
    return found


def _signature(
    sealed: Sealed, submission: Submission, trusted: Sequence[PublicKey] | None
) -> tuple[list[Discrepancy], PublicKey | None]:
    """What is wrong with the signature, and the trusted key that made it."""
    signer = submission.signer
    if signer is None and not sealed.signers:
        message = "nobody has signed this submission"
        return [(unknown if trusted is None else no)("unsigned", ATTESTATION_FILE, message)], None
    key = read_public_line(signer.line) if signer else None
    if signer is None or key is None or public_key(key).fingerprint != signer.fingerprint:
        message = "the key that the attestation names and its signature do not belong together"
        return [no("signature", ATTESTATION_FILE, message)], None
    if not sealed.signed_by(signer):
        message = "the signature does not hold: what was signed with this key is something else"
        return [no("signature", ATTESTATION_FILE, message, signer.fingerprint, ", ".join(sealed.signers))], None
    if trusted is None:
        message = f"signed by an unknown key {signer.fingerprint}"
        return [unknown("unknown-key", ATTESTATION_FILE, message)], None
    known = next((one for one in trusted if one.line == signer.line), None)
    if known is None:
        message = f"signed by a key that is not trusted: {signer.fingerprint}"
        return [no("untrusted-key", ATTESTATION_FILE, message)], None
    return [], known


def _around(submission: Submission, contents: Contents, expected: Expected) -> Iterator[Discrepancy]:
    """Its place in the public record, the board's challenge, and whether the run came to its end."""
    placed: list[Discrepancy] = []
    own_place = _caught(lambda: place(submission), ATTESTATION_FILE, placed)
    yield from placed
    if own_place and expected.place is not None and expected.place != own_place:
        message = "this is not the folder in which the submission belongs"
        yield no("path", ".", message, "/".join(own_place), "/".join(expected.place))
    challenge = submission.run.challenge
    if expected.challenge is not None and challenge != expected.challenge:
        yield no("challenge", RESULT_FILE, "the run was not made for this challenge", expected.challenge, challenge)
    elif expected.challenge is not None and not exchanges.bear(challenge, submission.run.id, contents.exchanges):
        message = "no exchange here bears the challenge, so that it may have been added later"
        yield unknown("challenge", EVIDENCE_FOLDER, f"{message}: ask for a submission with --evidence all")
    if not submission.run.complete:
        yield unknown("incomplete", RESULT_FILE, "the run did not come to its end")


def _yaml(contents: Contents, submission: Submission) -> list[Discrepancy]:
    """`submission.yaml` says in clear what the attestation binds."""
    found: list[Discrepancy] = []
    documents = _read(contents, SUBMISSION_FILE, Source.yaml_documents, found)
    if documents is not None:
        document = submission_document(submission)
        seen = documents[0] if len(documents) == 1 else None
        message = "not as the attestation states it"
        found += at_most(differences(as_words(document), seen, SUBMISSION_FILE, "binding", message))
        if not found and contents.documents[SUBMISSION_FILE] != yaml_text(document).encode():
            message = "not written as `defcore pack` writes it: a comment, or a text without its quotes, may mislead"
            found.append(no("binding", SUBMISSION_FILE, message))
    return found


def _parts(contents: Contents, sealed: Sealed, submission: Submission, result: Result, plan: Plan) -> list[Discrepancy]:
    passes = submission.published is Published.PASSES
    found = [
        *at_most(agreement.plan_and_result(plan, result, submission.published)),
        *(at_most(agreement.passes_only(plan, result)) if passes else ()),
        *agreement.origin(result, submission.published),
        *agreement.counts(submission, result, plan),
        *at_most(agreement.evidence(submission, result, contents.digests)),
    ]
    if passes:
        listed = _read(contents, LEAVES_FILE, read_leaves, found) or []
        tree = _caught(lambda: list(agreement.leaves(submission, result, plan, listed)), LEAVES_FILE, found)
        found += tree or []
    elif submission.tree:
        found.append(no("tree", ATTESTATION_FILE, "all outcomes are published, and there is a tree all the same"))
    return found + _statement(contents, sealed, submission, result, plan)


def _statement(
    contents: Contents, sealed: Sealed, submission: Submission, result: Result, plan: Plan
) -> list[Discrepancy]:
    """The statement is the one that these files give."""
    described = describe(
        result,
        submission.product,
        selection=plan.selection,
        published=submission.published,
        evidence=submission.evidence,
        counts=submission.counts if submission.published is Published.PASSES else None,
        tree=submission.tree,
        signer=submission.signer,
    )
    digests = _others(contents)
    if PLAN_FILE not in digests:
        return []
    stated, made = sealed.statement, make_statement(described, result, digests)
    if not isinstance(stated, dict):
        return []
    if subjects(stated) != digests:
        stated = {**stated, "subject": made["subject"]}  # told by file already
    return at_most(differences(made, stated, ATTESTATION_FILE, "binding", f"not as {RESULT_FILE} says"))


def _disclosed(signed: Signed, expected: Expected, found: list[Discrepancy]) -> Iterator[Disclosed]:
    """The leaves that lead to the signed root; what keeps another from it is taken down."""
    told: dict[str, Leaf] = {}
    for name, leaf in expected.leaves:
        told[leaf.test] = leaf
        problems = _caught(partial(disclosure.wrong_with, name, leaf, signed, told.values()), name, found)
        found += problems or []
        if problems is not None and all(one.unknown for one in problems):
            reason = leaf.record.reason if leaf.record else None
            yield Disclosed(test=leaf.test, name=leaf.leaf["name"], outcome=leaf.outcome, reason=reason)
