"""What a vendor can hand in who lies, and signs again what does not fit together."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from typing import Any

from securesystemslib.dsse import Envelope
from securesystemslib.signer import CryptoSigner, SSlibKey

from defcore.model.documents import read_result
from defcore.results.attestation import MEMBER, PAYLOAD
from defcore.results.leaves import hash_of, leaf_document
from defcore.results.merkle import root
from tests.faults.altered import (
    ATTESTATION,
    LEAVES,
    PLAN,
    RESULT,
    YAML,
    Alteration,
    Altered,
    Change,
    Stock,
    signed_again,
    statement_of,
)
from tests.submissions.runs import OTHER_RUN, RUN


def _lie(
    kind: str,
    code: str,
    where: str,
    *,
    of: str = "whole",
    predicate: Change | None = None,
    **documents: Callable[[dict[str, Any], random.Random], object],
) -> Alteration:
    """`result`, `plan`, `leaves`: what is done to the document; `predicate`: what is done to the statement's."""
    names = {"result": RESULT, "plan": PLAN, "leaves": LEAVES}

    def alter(stock: Stock, rng: random.Random) -> Altered:
        files = dict(getattr(stock, of))
        for noun, change in documents.items():
            document = json.loads(files[names[noun]])
            change(document, rng)
            files[names[noun]] = (json.dumps(document, indent=1) + "\n").encode()
        files = signed_again(files, stock.key, predicate)
        return Altered(kind=kind, files=files, codes=frozenset({code}), where=where)

    return alter


def _claim(what: str, predicate: Change) -> Alteration:
    return _lie(f"signed: {what}", "verify.binding", ATTESTATION, predicate=predicate)


def _test(document: dict[str, Any], rng: random.Random, *outcomes: str) -> dict[str, Any]:
    """A test of the result, of one of the outcomes."""
    found: dict[str, Any] = rng.choice([one for one in document["tests"] if one["outcome"] in outcomes])
    return found


def counted(predicate: dict[str, Any]) -> None:
    counts = predicate[MEMBER]["counts"]
    counts["FAILED"], counts["PASSED"] = 0, counts["PASSED"] + counts["FAILED"]
    predicate["result"] = "WARNED"


def _forged(document: dict[str, Any], rng: random.Random) -> None:
    """A test that was withheld, published as one that passed."""
    donor, forged = _test(document, rng, "PASSED"), _test(document, rng, "NOT_RUN")
    forged.update(outcome="PASSED", reason=None, attempts=donor["attempts"], evidence=donor["evidence"])


def _leaf(listed: dict[str, Any], rng: random.Random, member: str) -> dict[str, Any]:
    found: dict[str, Any] = rng.choice([one for one in listed["leaves"] if member in one])
    return found


def _misnamed(stock: Stock, rng: random.Random) -> Altered:
    """An exchange rewritten under its old name, and signed."""
    files = dict(stock.whole)
    name = rng.choice([one for one in files if one.startswith("evidence/")])
    files[name] = files[name].replace(b"1.2", b"1.3")
    files = signed_again(files, stock.key)
    codes = frozenset({"verify.evidence-name"})
    return Altered(kind="signed: evidence rewritten", files=files, codes=codes, where=name)


def _left_out(stock: Stock, rng: random.Random) -> Altered:
    files = dict(stock.whole)
    name = rng.choice([one for one in files if one.startswith("evidence/")])
    del files[name]
    files = signed_again(files, stock.key)
    codes = frozenset({"verify.evidence-missing"})
    return Altered(kind="signed: evidence left out", files=files, codes=codes, where=name)


def _otherwise(stock: Stock, _: random.Random) -> Altered:
    """What is told in clear is not what the attestation binds."""
    files = dict(stock.whole)
    files[YAML] = files[YAML].replace(b"ACME Cloud", b"ACME Stack")
    files = signed_again(files, stock.key)
    return Altered(kind="signed: told otherwise", files=files, codes=frozenset({"verify.binding"}), where=YAML)


def _hex(text: str, rng: random.Random) -> str:
    at = rng.randrange(len(text))
    return text[:at] + rng.choice([one for one in "0123456789abcdef" if one != text[at]]) + text[at + 1 :]


def _recounted(predicate: dict[str, Any], **counts: int) -> None:
    """Everything in the statement says so, too."""
    predicate[MEMBER]["counts"].update(counts)
    predicate.update(result="WARNED")
    if "failedTests" in predicate:
        predicate["failedTests"].clear()


def _unfound(document: dict[str, Any], rng: random.Random) -> None:
    """What was found at an attempt is not told of the test: a policy may hold it against the cloud."""
    finding = {"kind": "additional-property", "where": "$.x", "expected": "nothing", "seen": "x"}
    _test(document, rng, "PASSED")["attempts"][0]["findings"] = [finding]


def _timed(what: str, **times: str | None) -> Alteration:
    def run(document: dict[str, Any], _: random.Random) -> None:
        document["run"].update(times)

    return _lie(
        f"signed: {what}", "verify.time", RESULT, result=run, predicate=lambda own: own[MEMBER]["run"].update(times)
    )


def _extra(name: str, content: bytes) -> Alteration:
    """A file that no submission has, which the statement names with its digest."""

    def alter(stock: Stock, _: random.Random) -> Altered:
        files = signed_again(stock.whole | {name: content}, stock.key)
        return Altered(kind="signed: a file added", files=files, codes=frozenset({"verify.extra-file"}), where=name)

    return alter


def _twins(stock: Stock, rng: random.Random) -> Altered:
    """The leaf of one withheld test stands for another as well, under a root of its own."""
    files = dict(stock.passes)
    listed, result = json.loads(files[LEAVES]), read_result(json.loads(files[RESULT]))
    one, other = rng.sample([leaf for leaf in listed["leaves"] if "hash" in leaf], 2)
    other["hash"] = one["hash"]
    files[LEAVES] = (json.dumps(listed, indent=1) + "\n").encode()
    records = {record.id: record for record in result.tests}
    hashes = [
        bytes.fromhex(leaf["hash"])
        if "hash" in leaf
        else hash_of(leaf_document(records[leaf["id"]]), bytes.fromhex(leaf["salt"]))
        for leaf in listed["leaves"]
    ]
    files = signed_again(files, stock.key, lambda own: own[MEMBER]["tree"].update(root=root(hashes).hex()))
    return Altered(kind="signed: twins", files=files, codes=frozenset({"verify.leaves"}), where=LEAVES)


def _not_canonical(stock: Stock, _: random.Random) -> Altered:
    """The same statement, in other bytes, and a signature of these."""
    statement = statement_of(stock.whole)
    public = SSlibKey.from_crypto(stock.key.private.public_key(), keyid=stock.key.public.fingerprint)
    envelope = Envelope(json.dumps(statement, indent=1).encode(), PAYLOAD, {})
    envelope.sign(CryptoSigner(stock.key.private, public))
    files = stock.whole | {ATTESTATION: (json.dumps(envelope.to_dict(), indent=1) + "\n").encode()}
    codes = frozenset({"verify.unreadable"})
    return Altered(kind="signed: in other bytes", files=files, codes=codes, where=ATTESTATION)


def _commented(stock: Stock, rng: random.Random) -> Altered:
    """What is told in clear says more than was signed, for whoever reads it with their eyes."""
    files = dict(stock.whole)
    at = rng.choice([n for n, byte in enumerate(files[YAML]) if byte == ord("\n")])
    files[YAML] = files[YAML][:at] + b"  # seen by the board" + files[YAML][at:]
    files = signed_again(files, stock.key)
    codes = frozenset({"verify.binding"})
    return Altered(kind="signed: a comment", files=files, codes=codes, where=YAML)


def _redeemed(document: dict[str, Any], rng: random.Random) -> None:
    """To a test that was an ERROR, an attempt is added that passed, of the same number."""
    donor, liar = _test(document, rng, "PASSED"), _test(document, rng, "ERROR")
    passed = donor["attempts"][0] | {"started": "2026-01-31T12:00:02+00:00"}
    liar["attempts"].append(passed)
    liar.update(outcome="PASSED", reason=None, evidence=passed["evidence"])


LIES: tuple[Alteration, ...] = (
    _commented,
    _lie("signed: redeemed", "verify.outcome", RESULT, result=_redeemed),
    *(
        _lie(
            f"signed: a member that no {noun} has",
            "verify.member",
            name,
            **{noun: lambda own, rng: rng.choice([own, own["suite"], own["tests"][0]]).update(verdict="CONFORMANT")},
        )
        for noun, name in (("result", RESULT), ("plan", PLAN))
    ),
    _misnamed,
    _left_out,
    _otherwise,
    _lie("signed: counts", "verify.counts", "$.counts", predicate=counted),
    _lie("signed: counts of passes alone", "verify.counts", "$.counts", of="passes", predicate=counted),
    _lie("signed: a test left out", "verify.plan", RESULT, result=lambda own, rng: own["tests"].pop(rng.randrange(9))),
    _lie("signed: a test not planned", "verify.plan", RESULT, plan=lambda own, rng: own["tests"].pop(rng.randrange(9))),
    _lie(
        "signed: answers for more", "verify.plan", RESULT, result=lambda own, rng: own["tests"][0]["covers"].append(RUN)
    ),
    _lie(
        "signed: another guideline",
        "verify.plan",
        RESULT,
        result=lambda own, rng: own["guideline"].update(digest="sha256:" + "1" * 64),
    ),
    _lie(
        "signed: failed as passed",
        "verify.outcome",
        RESULT,
        result=lambda own, rng: _test(own, rng, "FAILED", "ERROR").update(outcome="PASSED"),
    ),
    _lie(
        "signed: never tried, and complete",
        "verify.outcome",
        RESULT,
        result=lambda own, rng: own["tests"][0].update(outcome="NOT_RUN", attempts=[]),
    ),
    _claim("run id", lambda own: own[MEMBER]["run"].update(id=OTHER_RUN)),
    _claim("challenge", lambda own: own[MEMBER]["run"].update(challenge="7c1f2b")),
    _claim("cloud", lambda own: own[MEMBER]["cloud"].update(cpid="x")),
    _claim("suite", lambda own: own[MEMBER]["suite"].update(version="9")),
    _claim("settings", lambda own: own[MEMBER]["settings"].clear()),
    _claim("passed tests", lambda own: own["passedTests"].append("x")),
    _claim("result", lambda own: own.update(result="PASSED")),
    _lie("signed: product", "verify.path", ".", predicate=lambda own: own[MEMBER]["product"].update(name="ACME Two")),
    _lie(
        "signed: level",
        "verify.evidence-missing",
        "evidence/",
        predicate=lambda own: own[MEMBER].update(evidence="all"),
    ),
    _lie(
        "signed: leaves reordered",
        "verify.leaves",
        LEAVES,
        of="passes",
        leaves=lambda own, rng: own["leaves"].insert(0, own["leaves"].pop(rng.randrange(1, 9))),
    ),
    _lie(
        "signed: a leaf left out",
        "verify.leaves",
        LEAVES,
        of="passes",
        leaves=lambda own, rng: own["leaves"].pop(rng.randrange(9)),
    ),
    _lie(
        "signed: a salt",
        "verify.tree",
        LEAVES,
        of="passes",
        leaves=lambda own, rng: (leaf := _leaf(own, rng, "salt")).update(salt=_hex(leaf["salt"], rng)),
    ),
    _lie(
        "signed: a hash",
        "verify.tree",
        LEAVES,
        of="passes",
        leaves=lambda own, rng: (leaf := _leaf(own, rng, "hash")).update(hash=_hex(leaf["hash"], rng)),
    ),
    _lie("signed: withheld as passed", "verify.leaves", LEAVES, of="passes", result=_forged),
    _lie(
        "signed: a published record",
        "verify.tree",
        LEAVES,
        of="passes",
        result=lambda own, rng: _test(own, rng, "PASSED").update(promise="nothing"),
    ),
    _lie(
        "signed: more than a pass is told",
        "verify.published",
        RESULT,
        of="passes",
        result=lambda own, rng: _test(own, rng, "NOT_RUN").update(reason="it is fine"),
    ),
    _lie(
        "signed: a failure as an error",
        "verify.outcome",
        RESULT,
        result=lambda own, rng: _test(own, rng, "FAILED").update(outcome="ERROR"),
        predicate=lambda own: _recounted(own, FAILED=0, ERROR=2),
    ),
    _lie(
        "signed: a failure as skipped",
        "verify.outcome",
        RESULT,
        result=lambda own, rng: _test(own, rng, "FAILED").update(outcome="SKIPPED", cause="prerequisite"),
        predicate=lambda own: _recounted(own, FAILED=0, SKIPPED=2),
    ),
    _lie(
        "signed: another reason",
        "verify.outcome",
        RESULT,
        result=lambda own, rng: _test(own, rng, "FAILED", "ERROR").update(reason="the moon"),
    ),
    _lie(
        "signed: another exchange",
        "verify.outcome",
        RESULT,
        result=lambda own, rng: _test(own, rng, "FAILED").update(evidence=_test(own, rng, "ERROR")["evidence"]),
    ),
    _lie("signed: findings left out", "verify.outcome", RESULT, result=_unfound),
    _lie(
        "signed: a round taken for another",
        "verify.outcome",
        RESULT,
        result=lambda own, rng: _test(own, rng, "PASSED")["attempts"][0].update(n=2),
    ),
    _lie("signed: rounds left out", "verify.outcome", RESULT, plan=lambda own, _: own.update(repeat=2)),
    _lie(
        "signed: rounds left out of passes alone",
        "verify.outcome",
        RESULT,
        of="passes",
        plan=lambda own, _: own.update(repeat=2),
    ),
    _lie(
        "signed: another promise",
        "verify.plan",
        RESULT,
        result=lambda own, rng: _test(own, rng, "PASSED").update(promise="nothing"),
    ),
    _lie(
        "signed: of another program",
        "verify.origin",
        RESULT,
        result=lambda own, _: own.update(origin={"format": "merged", "remarks": ["it is fine"]}),
    ),
    _lie(
        "signed: passes alone, as it says",
        "verify.published",
        RESULT,
        result=lambda own, _: own.update(origin={"passes_only": True}),
    ),
    _lie(
        "signed: leftovers of passes alone",
        "verify.published",
        RESULT,
        of="passes",
        result=lambda own, _: own.update(leftovers=[{"kind": "container"}]),
    ),
    _lie(
        "signed: not run, and complete",
        "verify.counts",
        "$.counts",
        of="passes",
        predicate=lambda own: _recounted(own, FAILED=0, NOT_RUN=1),
    ),
    _timed("ended before it began", started="2026-02-01T00:00:00+00:00"),
    _timed("began at no time", started="yesterday"),
    _timed("ended at no time", finished="2026-01-31Tnonsense"),
    _timed("complete, and never ended", finished=None),
    _lie(
        "signed: an attempt at no time",
        "verify.time",
        RESULT,
        result=lambda own, rng: _test(own, rng, "PASSED")["attempts"][0].update(started="noon"),
    ),
    *(
        _lie(
            f"signed: a product that {what}",
            "verify.unreadable",
            ATTESTATION,
            predicate=lambda own, changes=changes: own[MEMBER]["product"].update(changes),
        )
        for what, changes in (
            ("hides something", {"name": "ACME Cloud\u202e"}),
            ("goes on in another line", {"vendor": "ACME GmbH\nHOLDS"}),
            ("runs something", {"url": "javascript:alert(1)"}),
            ("has no version", {"version": ""}),
        )
    ),
    _claim("a member called absent", lambda own: own.update(note="absent")),
    _extra("report.html", b"<p>CONFORMANT"),
    _extra("RESULT.json", b"{}"),
    _extra("leaves.json", b"{}"),
    _twins,
    _not_canonical,
)
