"""Makes a submission of a run: what its files hold, and the folder, which is there wholly or not at all.

The same run, product, key and salts give the same bytes.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from defcore.errors import InputError, Problem
from defcore.model import documents
from defcore.model.plan import Plan
from defcore.model.result import Result
from defcore.model.submission import (
    ATTESTATION_FILE,
    EVIDENCE_FOLDER,
    EVIDENCE_PATH,
    LEAVES_FILE,
    PLAN_FILE,
    RESULT_FILE,
    SUBMISSION_FILE,
    EvidenceLevel,
    Product,
    Published,
    Submission,
    count_outcomes,
    references,
)
from defcore.model.submission_document import submission_document
from defcore.reading.folder import read_within
from defcore.results import own
from defcore.results.agreement import plan_and_result
from defcore.results.attestation import describe, make_statement, seal
from defcore.results.contents import LARGEST
from defcore.results.keys import SigningKey
from defcore.results.leaves import Salts, hashes, leaves_document, tree_of, without_failures
from defcore.results.product import yaml_text
from defcore.results.source import load
from defcore.results.verification import ReadPlan, read_planned


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFolder:
    """The folder that a run left behind, read."""

    folder: Path
    result: Result
    result_text: bytes
    plan: Plan
    plan_text: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Packed:
    """A submission that is not written yet."""

    submission: Submission
    files: Mapping[str, bytes]
    evidence: tuple[str, ...]
    """Paths of the HAR files, the same in the run folder and in the submission."""


def read_run(folder: Path, read_plan: ReadPlan) -> RunFolder:
    """InputError if this is no run of ours, or plan and result do not say the same."""
    for name in (RESULT_FILE, PLAN_FILE):
        if not (folder / name).is_file():
            message, hint = f"there is no {name} here", "name the folder that `defcore run` made"
            raise InputError(Problem(code="pack.no-run", message=message, where=str(folder), hint=hint))
    source, plan_source = load(folder / RESULT_FILE), load(folder / PLAN_FILE)
    result = own.read(source, source.json())
    plan = read_planned(plan_source, read_plan)
    if result.origin.foreign or result.origin.passes_only:
        message = "this is not the result of a run of defcore, and only such a result can be submitted"
        hint = "name the folder that `defcore run` made, not a submission"
        raise InputError(Problem(code="pack.foreign", message=message, where=source.name, hint=hint))
    if result.origin.files:
        message = "this result is merged with that of the run whose tests were tried again; a submission is of one run"
        hint = "pack that run, or run all of it again"
        raise InputError(Problem(code="pack.merged", message=message, where=source.name, hint=hint))
    differences = list(plan_and_result(plan, result, Published.ALL))
    if differences:
        raise InputError(
            *(
                Problem(code="pack.plan", message=f"{one.message}: {one.expected} and {one.seen}", where=one.where)
                for one in differences
            )
        )
    return RunFolder(folder=folder, result=result, result_text=source.content, plan=plan, plan_text=plan_source.content)


def pack(
    run: RunFolder,
    product: Product,
    *,
    evidence: EvidenceLevel,
    key: SigningKey | None,
    salts: Salts | None = None,
) -> Packed:
    """The submission of a run. With salts, passes alone are published."""
    published = Published.PASSES if salts is not None else Published.ALL
    files = {RESULT_FILE: run.result_text, PLAN_FILE: run.plan_text}
    result, tree = run.result, None
    if salts is not None:
        result = without_failures(run.result, run.plan)
        tree = tree_of(hashes(run.result.tests, salts))
        files[RESULT_FILE] = documents.text(documents.result_document(result)).encode()
        files[LEAVES_FILE] = documents.text(leaves_document(run.result.tests, salts)).encode()
    submission = describe(
        result,
        product,
        selection=run.plan.selection,
        published=published,
        evidence=evidence,
        counts=count_outcomes(run.result.tests),
        tree=tree,
        signer=replace(key.public, owner="") if key else None,
    )
    files[SUBMISSION_FILE] = yaml_text(submission_document(submission)).encode()
    paths = references(result.tests, evidence)
    digests = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    statement = make_statement(submission, result, digests | {path: _named(path) for path in paths})
    files[ATTESTATION_FILE] = seal(statement, key).encode()
    return Packed(submission=submission, files=files, evidence=paths)


def _named(path: str) -> str:
    """The SHA-256 that a path of evidence bears."""
    match = EVIDENCE_PATH.match(path)
    if match is None:
        message = f"{path[:100]!r} is no evidence that is named by its SHA-256"
        raise InputError(Problem(code="pack.evidence", message=message, where=RESULT_FILE))
    return match["digest"]


def write(packed: Packed, source: Path, target: Path, check: Callable[[Path], None]) -> None:
    """Write the folder `target`, with the evidence of the run folder `source`.

    `check` is called with the folder before it gets its name. InputError if there is a submission already.
    """
    if os.path.lexists(target):
        message, hint = "this submission is there already", "remove it first, or choose another --results"
        raise InputError(Problem(code="pack.exists", message=message, where=str(target), hint=hint))
    target.parent.mkdir(parents=True, exist_ok=True)
    unfinished = target.with_name(f".{target.name}.{os.getpid()}.part")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir()
    try:
        for name, content in packed.files.items():
            (unfinished / name).write_bytes(content)
        if packed.evidence:
            (unfinished / EVIDENCE_FOLDER).mkdir()
        for path in packed.evidence:
            (unfinished / path).write_bytes(_evidence(source, path))
        check(unfinished)
        unfinished.rename(target)
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _evidence(folder: Path, path: str) -> bytes:
    try:
        content = read_within(folder, path, LARGEST)
    except OSError as error:
        message, hint = f"this evidence cannot be read: {error.strerror}", "pack with --evidence none"
        raise InputError(Problem(code="pack.evidence", message=message, where=str(folder / path), hint=hint)) from None
    if hashlib.sha256(content).hexdigest() != _named(path):
        message = "this evidence is not what the run wrote: its SHA-256 is not its name"
        raise InputError(Problem(code="pack.evidence", message=message, where=str(folder / path)))
    return content
