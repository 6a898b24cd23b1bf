"""Stored results, read back: the result, its evidence, and the scorecard that they give.

A folder may come from a stranger. Results are read by `defcore.results`; evidence is read from the run folder's
own `evidence/` only, never through a link, and never more than a cap.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from defcore import results
from defcore.errors import InputError, Problem
from defcore.model.result import Result
from defcore.model.submission import ATTESTATION_FILE, RESULT_FILE
from defcore.reading import strict_json
from defcore.reading.document import Limits
from defcore.reading.folder import read_within
from defcore.report.evidence import EvidenceLoader
from defcore.results.attestation import unseal
from defcore.results.source import STDIN, load
from defcore.results.verification import claimed, subjects

HAR_LIMITS = Limits(size=32 << 20, values=1_000_000)
EVIDENCE_PATH = re.compile(r"evidence/(?P<stem>[A-Za-z0-9_-]{1,100})\.har\Z")
MOST_EVIDENCE = 1 << 30
DIGEST = re.compile(r"[0-9a-f]{64}\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRun:
    result: Result
    evidence: EvidenceLoader
    product: str | None = None
    """Of a submission the product that it is about; None of everything else."""


def open_results(paths: Sequence[Path]) -> StoredRun:
    """The result that the files amount to together, of whatever format, with the evidence beside them.

    InputError, beside what the formats have, if the result of a submission is not the one that was attested.
    """
    result = results.read(paths)
    files = [path for path in paths if str(path) != STDIN]
    folders = [path if path.is_dir() else path.parent for path in files]
    own = [folder for path, folder in zip(files, folders, strict=True) if path in (folder, folder / RESULT_FILE)]
    products = {_product_of(folder) for folder in own}
    product = products.pop() if len(products) == 1 and len(own) == len(paths) else None
    return StoredRun(result=result, evidence=evidence_of(folders), product=product)


def _product_of(folder: Path) -> str | None:
    """The product of the submission in the folder; None if there is none. Whether its signature holds is not asked."""
    if not os.path.lexists(folder / ATTESTATION_FILE):
        return None
    attestation, result = (load(folder / name, links=False) for name in (ATTESTATION_FILE, RESULT_FILE))
    statement = unseal(replace(attestation, name=ATTESTATION_FILE)).statement
    if subjects(statement).get(RESULT_FILE) != result.digest.removeprefix("sha256:"):
        message = "this is not the result that was attested"
        hint = f"defcore verify {folder} says what does not hold"
        raise InputError(Problem(code="result.altered", message=message, where=str(folder / RESULT_FILE), hint=hint))
    return claimed(statement).product.name


def guideline_of(result: Result, named: str | None) -> str:
    """The guideline that was named, else the result's own. InputError if there is neither."""
    if named or result.guideline:
        return named or result.guideline
    files = ", ".join(file.name for file in result.origin.files)
    raise InputError(
        Problem(
            code="score.no-guideline",
            message="the result does not say for which guideline it was made",
            where=files or None,
            hint="name one: --guideline 2020.06",
        )
    )


def date_of(result: Result) -> str:
    """The day on which the run ended, so that the same files give the same scorecard on any day."""
    with suppress(ValueError):
        return date.fromisoformat((result.run.finished or result.run.started)[:10]).isoformat()
    return datetime.now(UTC).date().isoformat()


def evidence_of(folders: Sequence[Path]) -> EvidenceLoader:
    """Reads a HAR file of the first folder that has it."""
    loaders = [evidence_loader(folder) for folder in folders]

    def load(path: str) -> Mapping[str, Any] | None:
        return next((har for loader in loaders if (har := loader(path)) is not None), None)

    return load


def evidence_loader(folder: Path) -> EvidenceLoader:
    """Reads a HAR file of the folder; None for what is missing, damaged, too large or elsewhere.

    After MOST_EVIDENCE bytes it reads none: a result may name a large file for each of its tests.
    """
    left = MOST_EVIDENCE

    def load(path: str) -> Mapping[str, Any] | None:
        nonlocal left
        match = EVIDENCE_PATH.match(path)
        if not match or left <= 0:
            return None
        try:
            content = read_within(folder, path, HAR_LIMITS.size)
        except OSError:
            return None
        left -= len(content)
        named = DIGEST.match(match["stem"])
        if named and hashlib.sha256(content).hexdigest() != named[0]:
            return None
        har = strict_json.parse(content, path, HAR_LIMITS, half_pairs=True)
        return har.data if isinstance(har.data, dict) and not har.problems else None

    return load


def copy_evidence(result: Result, source: Path, into: Path) -> None:
    """Copy the evidence that a result names from one run folder to another; what cannot be read is left out."""
    named = {record.evidence for record in result.tests}
    named |= {attempt.evidence for record in result.tests for attempt in record.attempts}
    for path in sorted(one for one in named if one and EVIDENCE_PATH.match(one)):
        with suppress(FileNotFoundError, NotADirectoryError):
            content = read_within(source, path, HAR_LIMITS.size)
            (into / path).parent.mkdir(parents=True, exist_ok=True)
            (into / path).write_bytes(content)
