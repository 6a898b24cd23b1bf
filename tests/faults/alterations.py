"""The alterations: what somebody without the key can do, and, of `lies`, what a vendor who signs again can.

Each makes of a submission that holds one that does not, and says by which code, and of which file, that must be told.
"""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Callable, Iterator
from typing import Any

from defcore.results.attestation import MEMBER, seal
from defcore.results.canonical import canonical
from tests.faults.altered import (
    ATTESTATION,
    LEAVES,
    PLAN,
    RESULT,
    YAML,
    Alteration,
    Altered,
    Stock,
    attested,
    signed_again,
)
from tests.faults.lies import LIES, counted

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
        envelope["payload"] = base64.b64encode(canonical(statement)).decode()

    return alter


def _foreign_signature(envelope: dict[str, Any], stock: Stock) -> None:
    statement = json.loads(base64.b64decode(envelope["payload"]))
    envelope["signatures"][0]["sig"] = json.loads(seal(statement, stock.stranger))["signatures"][0]["sig"]


def _second_signature(envelope: dict[str, Any], stock: Stock) -> None:
    statement = json.loads(base64.b64decode(envelope["payload"]))
    envelope["signatures"] += json.loads(seal(statement, stock.stranger))["signatures"]


def _first_signature(envelope: dict[str, Any], stock: Stock) -> None:
    _second_signature(envelope, stock)
    envelope["signatures"].reverse()


def _recoded(change: Callable[[str], str], *, member: str) -> Callable[[dict[str, Any], Stock], None]:
    """The same bytes, written in another base64."""

    def alter(envelope: dict[str, Any], _: Stock) -> None:
        holder = envelope if member == "payload" else envelope["signatures"][0]
        holder[member] = change(holder[member])

    return alter


def _by(signer: str | None) -> Alteration:
    """The same statement, sealed by a stranger or by nobody, and saying so."""

    def alter(stock: Stock, _: random.Random) -> Altered:
        key = stock.stranger if signer else None
        said = {"key": key.public.line, "fingerprint": key.public.fingerprint} if key else None
        files = signed_again(dict(stock.whole), key, lambda own: own[MEMBER].update(signer=said))
        codes = frozenset({"verify.untrusted-key" if signer else "verify.unsigned"})
        return Altered(kind="another key" if signer else "no signature", files=files, codes=codes, where=ATTESTATION)

    return alter


def _other_bits(text: str) -> str:
    """The last letter before the padding says more than a lenient decoder looks at."""
    return text.rstrip("=")[:-1] + chr(ord(text.rstrip("=")[-1]) + 1) + "=" * text.count("=")


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
    _envelope("a second signature", _second_signature, "verify.signature"),
    _envelope("a signature before it", _first_signature, "verify.signature"),
    *(
        _envelope(f"{member} in base64 {how}", _recoded(change, member=member), "verify.unreadable")
        for member in ("payload", "sig")
        for how, change in (
            ("with lines", lambda text: f"{text[:76]}\n{text[76:]}"),
            ("with a blank", lambda text: f"{text} "),
            ("with more behind it", lambda text: f"{text}===="),
            ("with other last bits", _other_bits),
        )
    ),
    _envelope("counts edited, not signed", _payload(lambda own: counted(own["predicate"])), "verify.signature"),
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
