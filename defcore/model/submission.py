"""A submission: a run that a vendor hands in for a product, and where it lies in the public record."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from defcore.errors import InputError, Problem
from defcore.model.outcome import Attempt, Outcome, TestRecord
from defcore.model.plan import Setting
from defcore.model.result import CloudInfo, RunInfo

SUBMISSION_FILE = "submission.yaml"
RESULT_FILE = "result.json"
PLAN_FILE = "plan.json"
LEAVES_FILE = "leaves.json"
ATTESTATION_FILE = "attestation.dsse.json"
EVIDENCE_FOLDER = "evidence"
EVIDENCE_PATH = re.compile(r"evidence/(?P<digest>[0-9a-f]{64})\.har\Z")
GUIDELINE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}\Z")
RUN_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\Z")
LONGEST_SLUG = 60
"""Characters, of up to four bytes each: file systems take 255 bytes."""
NOT_PUBLISHED = "not published: the vendor publishes passed tests alone"


class EvidenceLevel(StrEnum):
    """Whose HTTP exchanges lie in the submission; every attempt names its own in any case."""

    NONE = "none"
    FAILURES = "failures"
    """Of every attempt and test that did not pass."""
    ALL = "all"


class Published(StrEnum):
    """Of which tests the submission tells the outcome."""

    ALL = "all"
    PASSES = "passes"
    """Of those that passed; the outcomes of all are bound by a Merkle root."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Product:
    """What was tested, in the vendor's words."""

    vendor: str
    name: str
    version: str
    contact: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """The Merkle tree over the outcomes of all planned tests (RFC 6962), in the order of their ids."""

    count: int
    root: str
    """64 hexadecimal digits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicKey:
    """An Ed25519 key, as OpenSSH writes it."""

    line: str
    """`ssh-ed25519 AAAA...`, without a comment."""
    fingerprint: str
    """`SHA256:...`, as `ssh-keygen -l` prints it."""
    owner: str = ""
    """Whose it is, in the words of whoever trusts it."""
    comment: str = ""
    """What stands beside it, in the words of whoever made it: anything."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What `submission.yaml` tells and the attestation binds."""

    product: Product
    guideline: str
    guideline_digest: str
    target: str | None
    suite_version: str
    suite_digest: str
    run: RunInfo
    cloud: CloudInfo
    settings: tuple[Setting, ...]
    selection: tuple[str, ...]
    """How the plan was narrowed, such as `--capability images-v2-index`; empty if it was not."""
    published: Published
    evidence: EvidenceLevel
    counts: tuple[tuple[Outcome, int], ...]
    """Of all planned tests, whether published or not, in the order of `Outcome`."""
    tree: Tree | None
    """None where all outcomes are published."""
    signer: PublicKey | None
    """None where nobody has signed."""


def slug(text: str) -> str:
    """The name as a part of a path: letters and digits of any script in lower case, joined by hyphens.

    InputError if nothing is left of it.
    """
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    kept = "".join(one if one.isalnum() or unicodedata.category(one).startswith("M") else " " for one in folded)
    found = "-".join(kept.split())[:LONGEST_SLUG].strip("-")
    if not found:
        message = f"{text[:40]!r} holds no letter and no digit that a path could be made of"
        raise InputError(Problem(code="product.name", message=message))
    return found


def place(submission: Submission) -> tuple[str, str, str, str]:
    """Where it lies below results/: guideline, vendor, product, and the day with the start of the run's id.

    InputError if what the run says of itself is not fit for a path.
    """
    run = submission.run
    ended = (run.finished or run.started)[:10]
    try:
        day = date.fromisoformat(ended).isoformat()
    except ValueError:
        day = ""
    if not RUN_ID.match(run.id) or not GUIDELINE.match(submission.guideline) or day != ended:
        message = "the run does not say for which guideline it was made, when it ended, or which run it is"
        hint = "pack the folder that `defcore run` made"
        raise InputError(Problem(code="pack.no-run", message=message, where=RESULT_FILE, hint=hint))
    return submission.guideline, slug(submission.product.vendor), slug(submission.product.name), f"{day}-{run.id[:8]}"


def count_outcomes(tests: tuple[TestRecord, ...]) -> tuple[tuple[Outcome, int], ...]:
    outcomes = [record.outcome for record in tests]
    return tuple((outcome, outcomes.count(outcome)) for outcome in Outcome)


def references(tests: tuple[TestRecord, ...], level: EvidenceLevel) -> tuple[str, ...]:
    """The paths of the evidence that belongs into a submission of this level, each once, sorted."""
    found: set[str] = set()
    for record in tests:
        of_record: tuple[TestRecord | Attempt, ...] = (record, *record.attempts)
        for one in of_record:
            failed = one.outcome is not Outcome.PASSED
            if one.evidence and (level is EvidenceLevel.ALL or (level is EvidenceLevel.FAILURES and failed)):
                found.add(one.evidence)
    return tuple(sorted(found))
