"""The alterations: what somebody without the key can do, and what a vendor who signs again can.

Each makes of a submission that holds one that does not, and says by which code, and of which file, that must be told.
"""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Callable, Iterator
from typing import Any

from defcore.results.attestation import MEMBER, seal
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
    attested,
    signed_again,
)
from tests.submissions.runs import OTHER_RUN, RUN

REGIONS = 12
"""Parts of each file, in each of which a byte is changed."""
BROKEN_SEAL = frozenset({"verify.unreadable", "verify.signature"})
"""What can be said of an envelope in which a byte was changed."""


def _byte(name: str, region: int, of: str = "whole") -> Alteration:
    def alter(stock: Stock, rng: random.Random) -> Altered:
        files = dict(getattr(stock, of))
        content = bytearray(files[name])
        low, high = (len(content) * one // REGIONS for one in (region, region + 1))
        at = rng.randrange(low, max(high, low + 1))
        content[at] ^= rng.randrange(1, 256)
        files[name] = bytes(content)
        codes = BROKEN_SEAL if name == ATTESTATION else frozenset({"verify.digest"})
        return Altered(kind=f"a byte of {_noun(name)}", files=files, codes=codes, where=name)

    return alter


def _noun(name: str) -> str:
    return "evidence" if name.startswith("evidence/") else name


def _content(kind: str, change: Callable[[bytes, random.Random], bytes], *names: str, of: str = "whole") -> Alteration:
    def alter(stock: Stock, rng: random.Random) -> Altered:
        files = dict(getattr(stock, of))
        name = rng.choice(names or attested(files))
        files[name] = change(files[name], rng)
        return Altered(kind=kind, files=files, codes=frozenset({"verify.digest"}), where=name)

    return alter


def _cut(content: bytes, rng: random.Random) -> bytes:
    return content[: rng.randrange(len(content))]


def _inserted(content: bytes, rng: random.Random) -> bytes:
    at = rng.randrange(len(content) + 1)
    return content[:at] + rng.choice((b" ", b"\n", b"\x00", b"0")) + content[at:]


def swapped(stock: Stock, rng: random.Random) -> Altered:
    files = dict(stock.whole)
    one, other = rng.sample(attested(files), 2)
    files[one], files[other] = files[other], files[one]
    return Altered(kind="files swapped", files=files, codes=frozenset({"verify.digest"}), where=one)


def _removed(name: str, of: str = "whole") -> Alteration:
    def alter(stock: Stock, rng: random.Random) -> Altered:
        files = dict(getattr(stock, of))
        gone = name if name in files else rng.choice([one for one in files if one.startswith(name)])
        del files[gone]
        return Altered(kind="a file removed", files=files, codes=frozenset({"verify.missing-file"}), where=gone)

    return alter


def _added(name: str) -> Alteration:
    def alter(stock: Stock, rng: random.Random) -> Altered:
        files = stock.whole | {name: rng.randbytes(rng.randrange(100))}
        return Altered(kind="a file added", files=files, codes=frozenset({"verify.extra-file"}), where=name)

    return alter


def _renamed(stock: Stock, rng: random.Random) -> Altered:
    files = dict(stock.whole)
    name = rng.choice(attested(files))
    files[rng.choice((f"{name}.bak", name.upper(), f"evidence/{'0' * 64}.har"))] = files.pop(name)
    return Altered(kind="a file renamed", files=files, codes=frozenset({"verify.missing-file"}), where=name)


def _linked(stock: Stock, rng: random.Random) -> Altered:
    link = rng.choice(sorted(stock.whole))
    codes = frozenset({"verify.not-a-file"})
    return Altered(kind="a link to what it was", files=stock.whole, codes=codes, where=link, link=link)


def _replayed(of: str, where: str) -> Alteration:
    """The envelope of another submission of the same vendor, whose signature holds."""

    def alter(stock: Stock, _: random.Random) -> Altered:
        files = stock.whole | {ATTESTATION: getattr(stock, of)[ATTESTATION]}
        return Altered(kind="a signature replayed", files=files, codes=frozenset({"verify.digest"}), where=where)

    return alter


def _moved(of: str) -> Alteration:
    """The whole submission of another product or run, in the place of this one."""

    def alter(stock: Stock, _: random.Random) -> Altered:
        files = getattr(stock, of)
        return Altered(kind="another submission in its place", files=files, codes=frozenset({"verify.path"}), where=".")

    return alter


def _elsewhere(stock: Stock, rng: random.Random) -> Altered:
    parts = list(stock.place)
    part = rng.randrange(4)
    parts[part] = rng.choice(("another", f"{parts[part]}-2", parts[part].swapcase() + "x"))
    codes = frozenset({"verify.path"})
    return Altered(kind="the folder renamed", files=stock.whole, codes=codes, where=".", place=tuple(parts))


def _envelope(kind: str, change: Callable[[dict[str, Any], Stock], None], *codes: str) -> Alteration:
    def alter(stock: Stock, _: random.Random) -> Altered:
        envelope = json.loads(stock.whole[ATTESTATION])
        change(envelope, stock)
        files = stock.whole | {ATTESTATION: (json.dumps(envelope, indent=1) + "\n").encode()}
        return Altered(kind=kind, files=files, codes=frozenset(codes), where=ATTESTATION)

    return alter


def _payload(change: Callable[[dict[str, Any]], None]) -> Callable[[dict[str, Any], Stock], None]:
    """The statement changed, the signature left as it is."""

    def alter(envelope: dict[str, Any], _: Stock) -> None:
        statement = json.loads(base64.b64decode(envelope["payload"]))
        change(statement)
        envelope["payload"] = base64.b64encode(json.dumps(statement).encode()).decode()

    return alter


def _foreign_signature(envelope: dict[str, Any], stock: Stock) -> None:
    statement = json.loads(base64.b64decode(envelope["payload"]))
    envelope["signatures"][0]["sig"] = json.loads(seal(statement, stock.stranger))["signatures"][0]["sig"]


def _by(signer: str | None) -> Alteration:
    """The same statement, sealed by a stranger or by nobody, and saying so."""

    def alter(stock: Stock, _: random.Random) -> Altered:
        key = stock.stranger if signer else None
        said = {"key": key.public.line, "fingerprint": key.public.fingerprint} if key else None
        files = signed_again(dict(stock.whole), key, lambda own: own[MEMBER].update(signer=said))
        codes = frozenset({"verify.untrusted-key" if signer else "verify.unsigned"})
        return Altered(kind="another key" if signer else "no signature", files=files, codes=codes, where=ATTESTATION)

    return alter


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


def _counted(predicate: dict[str, Any]) -> None:
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


LIES: tuple[Alteration, ...] = (
    _misnamed,
    _left_out,
    _otherwise,
    _lie("signed: counts", "verify.counts", "$.counts", predicate=_counted),
    _lie("signed: counts of passes alone", "verify.counts", "$.counts", of="passes", predicate=_counted),
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
    _claim("challenge", lambda own: own[MEMBER]["run"].update(challenge="x")),
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
)


def _whitespace(content: bytes, _: random.Random) -> bytes:
    return content.rstrip(b"\n") + b" \n"


ALTERATIONS: tuple[Alteration, ...] = (
    *LIES,
    _content("a file cut", _cut),
    _content("bytes inserted", _inserted),
    _content("a blank at the end", _whitespace),
    _content("counts edited", lambda content, _: content.replace(b"FAILED: 1", b"FAILED: 0"), YAML),
    _content("outcome edited", lambda content, _: content.replace(b'"FAILED"', b'"PASSED"'), RESULT),
    _content("a salt edited", lambda content, _: content.replace(b'"salt": "', b'"salt": "0', 1), LEAVES, of="passes"),
    swapped,
    *(_removed(name) for name in (ATTESTATION, RESULT, PLAN, YAML, "evidence/")),
    _removed(LEAVES, of="passes"),
    *(_added(name) for name in ("README", ".hidden", "evidence/x.har", "leaves.json", "evidence/deep", "salts.json")),
    _renamed,
    _linked,
    _replayed("other_run", RESULT),
    _replayed("other_product", YAML),
    _replayed("passes", RESULT),
    _moved("other_run"),
    _moved("other_product"),
    _elsewhere,
    _by("a stranger"),
    _by(None),
    _envelope("another's signature", _foreign_signature, "verify.signature"),
    _envelope("signature stripped", lambda own, _: own["signatures"].clear(), "verify.signature"),
    _envelope("key id edited", lambda own, _: own["signatures"][0].update(keyid="SHA256:x"), "verify.signature"),
    _envelope("payload type edited", lambda own, _: own.update(payloadType="text/plain"), "verify.unreadable"),
    _envelope("member added", lambda own, _: own.update(note="x"), "verify.unreadable"),
    _envelope("signature twice", lambda own, _: own["signatures"].append(own["signatures"][0]), "verify.unreadable"),
    _envelope("counts edited, not signed", _payload(lambda own: _counted(own["predicate"])), "verify.signature"),
    _envelope(
        "digest edited, not signed",
        _payload(lambda own: own["subject"][0]["digest"].update(sha256="0" * 64)),
        "verify.signature",
    ),
)


def regions(stock: Stock) -> Iterator[Alteration]:
    """A byte in each region of each file."""
    for region in range(REGIONS):
        yield from (_byte(name, region) for name in sorted(stock.whole))
        yield from (_byte(name, region, of="passes") for name in (LEAVES, ATTESTATION))
