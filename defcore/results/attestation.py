"""The attestation of a submission: an in-toto Statement with the predicate test-result, in a DSSE envelope.

What is signed is DSSE's pre-authentication encoding of the payload, which is the statement in canonical JSON
(RFC 8785). The envelope is written in one way only, and one that is written otherwise is refused: of a file that
nobody's digest covers, every byte counts. Formats: https://in-toto.io/Statement/v1,
https://in-toto.io/attestation/test-result/v0.1, https://github.com/secure-systems-lab/dsse.
"""

from __future__ import annotations

import binascii
from collections.abc import Mapping
from dataclasses import dataclass

from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import FormatError, VerificationError
from securesystemslib.signer import CryptoSigner, SSlibKey

from defcore.model.documents import Document, text
from defcore.model.outcome import Outcome
from defcore.model.result import Result
from defcore.model.submission import PLAN_FILE, Product, PublicKey, Published, Submission, Tree, count_outcomes
from defcore.model.submission import EvidenceLevel as Level
from defcore.model.submission_document import submission_document
from defcore.reading import strict_json
from defcore.results.canonical import canonical
from defcore.results.keys import SigningKey, read_public_line
from defcore.results.source import Source

STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "https://in-toto.io/attestation/test-result/v0.1"
PAYLOAD = "application/vnd.in-toto+json"
MEMBER = "defcoreSubmission"
"""Member of the predicate that holds the submission; in-toto lets a producer add members."""


def describe(
    result: Result,
    product: Product,
    *,
    selection: tuple[str, ...],
    published: Published,
    evidence: Level,
    counts: tuple[tuple[Outcome, int], ...] | None = None,
    tree: Tree | None = None,
    signer: PublicKey | None = None,
) -> Submission:
    """The submission of a result of a plan with that selection; `counts` where it does not tell of all outcomes."""
    return Submission(
        product=product,
        guideline=result.guideline,
        guideline_digest=result.guideline_digest,
        target=result.run.target,
        suite_version=result.suite_version,
        suite_digest=result.suite_digest,
        run=result.run,
        cloud=result.cloud,
        settings=result.run.settings,
        selection=selection,
        published=published,
        evidence=evidence,
        counts=counts or count_outcomes(result.tests),
        tree=tree,
        signer=signer,
    )


def make_statement(submission: Submission, result: Result, digests: Mapping[str, str]) -> Document:
    """The in-toto Statement; `digests`: name -> SHA-256 in hexadecimal digits, of every file of the submission."""
    named = {outcome: sorted(one.id for one in result.tests if one.outcome is outcome) for outcome in Outcome}
    predicate: Document = {
        "result": _result(submission),
        "configuration": [
            _descriptor(f"guideline {submission.guideline}", submission.guideline_digest),
            _descriptor(f"suite {submission.suite_version}", submission.suite_digest),
            _descriptor(PLAN_FILE, digests[PLAN_FILE]),
        ],
        "passedTests": named[Outcome.PASSED],
        MEMBER: submission_document(submission),
    }
    if submission.published is Published.ALL:
        predicate["failedTests"] = named[Outcome.FAILED]
    return {
        "_type": STATEMENT,
        "subject": [_descriptor(name, digest) for name, digest in sorted(digests.items())],
        "predicateType": PREDICATE,
        "predicate": predicate,
    }


def _result(submission: Submission) -> str:
    """In in-toto's words: PASSED all of a guideline, FAILED at least one, WARNED where something was not found out."""
    counts = dict(submission.counts)
    if counts[Outcome.FAILED]:
        return "FAILED"
    everything = counts[Outcome.PASSED] == sum(counts.values()) and not submission.selection
    return "PASSED" if everything else "WARNED"


def _descriptor(name: str, digest: str) -> Document:
    return {"name": name, "digest": {"sha256": digest.removeprefix("sha256:")}}


def seal(statement: Document, key: SigningKey | None) -> str:
    """The text of the envelope; without a key it bears no signature."""
    envelope = Envelope(canonical(statement), PAYLOAD, {})
    if key:
        public = SSlibKey.from_crypto(key.private.public_key(), keyid=key.public.fingerprint)
        envelope.sign(CryptoSigner(key.private, public))
    return text(envelope.to_dict())


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """An envelope that was opened; whether a signature holds is not said yet."""

    statement: object
    signers: tuple[str, ...]
    """The keys that the signatures name: fingerprints."""
    envelope: Envelope

    def signed_by(self, key: PublicKey) -> bool:
        """Whether the one signature of the envelope is the key's."""
        public = read_public_line(key.line)
        if public is None or self.signers != (key.fingerprint,):
            return False
        try:
            self.envelope.verify([SSlibKey.from_crypto(public, keyid=key.fingerprint)], 1)
        except VerificationError:
            return False
        return True


def unseal(source: Source) -> Sealed:
    """The envelope in the file. InputError if it is none, or not written as `seal` writes it."""
    document = source.json()
    try:
        envelope = Envelope.from_dict(_shape(document))
    except (KeyError, TypeError, ValueError, AttributeError, binascii.Error, FormatError):
        source.wrong("envelope", "this is no DSSE envelope")
    if envelope.payload_type != PAYLOAD or text(envelope.to_dict()).encode() != source.content:
        source.wrong("envelope", "this DSSE envelope is not written as `defcore pack` writes it")
    statement = strict_json.parse(envelope.payload, f"{source.name}: payload").accepted()
    if canonical(statement) != envelope.payload:
        source.wrong("envelope", "the payload is not canonical JSON, as `defcore pack` writes it")
    return Sealed(statement=statement, signers=tuple(envelope.signatures), envelope=envelope)


def _shape(document: object) -> Document:
    """A copy with the members of an envelope alone; the library writes into what it is given."""
    if not isinstance(document, dict) or not all(
        isinstance(document.get(one), str) for one in ("payload", "payloadType")
    ):
        raise TypeError
    signatures = [{"keyid": str(one["keyid"]), "sig": str(one["sig"])} for one in document["signatures"]]
    return {
        "payload": str(document["payload"]),
        "payloadType": str(document["payloadType"]),
        "signatures": signatures,
    }
