"""A run folder, read back: its result, its evidence, and the scorecard that they give.

The folder may come from a stranger. The result is held against its schema; evidence is read from the folder's
own `evidence/` only, never through a link, and never more than a cap.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import stat
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, NoReturn

from defcore import schemas
from defcore.catalog import find_data, load_guideline, load_waivers
from defcore.errors import InputError, Problem
from defcore.judge import score
from defcore.model.documents import read_result
from defcore.model.policy import Policy
from defcore.model.result import Result
from defcore.model.scorecard import Scorecard
from defcore.report.evidence import EvidenceLoader

RESULT = "result.json"
RESULT_LIMIT = 256 << 20
HAR_LIMIT = 32 << 20
EVIDENCE_PATH = re.compile(r"evidence/(?P<stem>[A-Za-z0-9_-]{1,100})\.har\Z")
DIGEST = re.compile(r"[0-9a-f]{64}\Z")
PROBLEMS = 20
"""Problems of one document that are worth printing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRun:
    folder: Path
    result: Result
    evidence: EvidenceLoader


def open_run(path: Path) -> StoredRun:
    """The run in a folder, or the one that a `result.json` belongs to."""
    file = path / RESULT if path.is_dir() else path
    folder = file.parent
    if not file.is_file():
        hint = "name the folder that `defcore run` made, or its result.json"
        raise InputError(Problem(code="result.missing", message="there is no result here", where=str(file), hint=hint))
    document = read_json(file)
    found = schemas.problems(document, "result", schemas.in_file(file))
    if found:
        raise InputError(*_first(found, file))
    return StoredRun(folder=folder, result=read_result(document), evidence=evidence_loader(folder))


def judge_run(
    run: StoredRun,
    *,
    guideline: str | None,
    target: str | None,
    policy: Policy,
    date: str | None,
    catalog: Path | None,
    waivers: Path | None = None,
    product: str | None = None,
) -> Scorecard:
    """The scorecard under what the user named, otherwise under what the run was made for."""
    result = run.result
    return score(
        result,
        load_guideline(guideline or result.guideline, find_data(explicit=catalog)),
        target=target or result.run.target,
        policy=policy,
        date=date or date_of(result),
        waivers=load_waivers(waivers) if waivers else (),
        product=product,
    )


def date_of(result: Result) -> str:
    """The day on which the run ended, so that the same files give the same scorecard on any day."""
    with suppress(ValueError):
        return date.fromisoformat((result.run.finished or result.run.started)[:10]).isoformat()
    return datetime.now(UTC).date().isoformat()


def read_json(file: Path) -> object:
    """What a JSON file holds. InputError if it is none, too large, or holds NaN."""

    def refuse(constant: str) -> NoReturn:
        raise ValueError(f"{constant} is no JSON")

    if file.stat().st_size > RESULT_LIMIT:
        message = f"the file is larger than {RESULT_LIMIT >> 20} MiB"
        raise InputError(Problem(code="result.too-large", message=message, where=str(file)))
    try:
        return json.loads(file.read_bytes(), parse_constant=refuse)
    except RecursionError:
        problem = Problem(code="result.json", message="the JSON is nested too deeply", where=str(file))
        raise InputError(problem) from None
    except ValueError as error:
        raise InputError(Problem(code="result.json", message=f"this is no JSON: {error}", where=str(file))) from None


def evidence_loader(folder: Path) -> EvidenceLoader:
    """Reads a HAR file of the folder; None for what is missing, damaged, too large or elsewhere."""

    def load(path: str) -> Mapping[str, Any] | None:
        match = EVIDENCE_PATH.match(path)
        if not match or (folder / "evidence").is_symlink():
            return None
        content = _regular_file(folder / path)
        named = DIGEST.match(match["stem"])
        if content is None or (named and hashlib.sha256(content).hexdigest() != named[0]):
            return None
        try:
            har = json.loads(content)
        except (ValueError, RecursionError):
            return None
        return har if isinstance(har, dict) else None

    return load


def _regular_file(path: Path) -> bytes | None:
    """The content of a regular file that is no link; None for anything else."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return None
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode) or status.st_size > HAR_LIMIT:
            return None
        return file.read(HAR_LIMIT)


def _first(found: list[Problem], file: Path) -> list[Problem]:
    more = len(found) - PROBLEMS
    if more <= 0:
        return found
    return [*found[:PROBLEMS], Problem(code="result.more", message=f"and {more} more", where=str(file))]
