"""Submissions that hold, altered ones, and whether verification sees through them."""

from __future__ import annotations

import base64
import json
import random
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from defcore.catalog import find_data, load_catalog
from defcore.model.capability import Catalog
from defcore.model.outcome import Outcome
from defcore.model.submission import EvidenceLevel, place
from defcore.model.verification import Answer, Verification
from defcore.plan import from_json
from defcore.results.attestation import MEMBER, seal
from defcore.results.contents import read_contents
from defcore.results.keys import SigningKey, public_key
from defcore.results.leaves import make_salts
from defcore.results.packing import pack, read_run
from defcore.results.product import load_product, yaml_text
from defcore.results.source import Source
from defcore.results.verification import Expected, verify
from tests.submissions.runs import OTHER_RUN, PRODUCT, RUN, make_run

ATTESTATION, RESULT, PLAN, YAML, LEAVES = (
    "attestation.dsse.json",
    "result.json",
    "plan.json",
    "submission.yaml",
    "leaves.json",
)
TROUBLE = {0: Outcome.FAILED, 3: Outcome.SKIPPED, 5: Outcome.ERROR}
Files = dict[str, bytes]
Change = Callable[[dict[str, Any]], object]
"""Of the statement's predicate."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stock:
    """Submissions that hold, to be altered."""

    key: SigningKey
    stranger: SigningKey
    catalog: Catalog
    whole: Files
    """All outcomes, and the evidence of what did not pass."""
    passes: Files
    """Of the same run, passes alone."""
    other_run: Files
    other_product: Files
    """Of the same run."""
    place: tuple[str, ...]
    places: Mapping[str, tuple[str, ...]]
    """Of the other two."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Altered:
    kind: str
    files: Files
    codes: frozenset[str]
    """One of them must be told ..."""
    where: str
    """... of this file."""
    place: tuple[str, ...] | None = None
    """If it was moved."""
    link: str | None = None
    """The file that is a symbolic link to what it was."""


Alteration = Callable[[Stock, random.Random], Altered]


def make_stock(folder: Path) -> Stock:
    key, stranger = (_key() for _ in range(2))
    product = load_product(Source(name="product.yaml", content=PRODUCT.encode()))
    for run in (RUN, OTHER_RUN):
        make_run(folder / run, TROUBLE, run=run)
    first, second = (read_run(folder / run, from_json) for run in (RUN, OTHER_RUN))
    salts = make_salts(first.result.tests)
    packed = {
        "whole": pack(first, product, evidence=EvidenceLevel.FAILURES, key=key),
        "passes": pack(first, product, evidence=EvidenceLevel.NONE, key=key, salts=salts),
        "other_run": pack(second, product, evidence=EvidenceLevel.FAILURES, key=key),
        "other_product": pack(first, replace(product, name="ACME Stack"), evidence=EvidenceLevel.FAILURES, key=key),
    }
    files = {
        name: dict(one.files) | {path: (folder / one.submission.run.id / path).read_bytes() for path in one.evidence}
        for name, one in packed.items()
    }
    places = {name: place(one.submission) for name, one in packed.items()}
    catalog = load_catalog(find_data())
    return Stock(key=key, stranger=stranger, catalog=catalog, place=places["whole"], places=places, **files)


def _key() -> SigningKey:
    private = Ed25519PrivateKey.generate()
    return SigningKey(private=private, public=public_key(private.public_key()))


def checked(stock: Stock, altered: Altered, folder: Path) -> Verification:
    """What verification says of the files, written into the empty folder."""
    for name, content in altered.files.items():
        path = folder / "submission" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    if altered.link:
        path = folder / "submission" / altered.link
        path.symlink_to(path.rename(folder / "elsewhere"))
    expected = Expected(place=altered.place or stock.place, trusted=(stock.key.public,), catalog=stock.catalog)
    return verify(read_contents(folder / "submission"), expected, from_json)


def seen_through(found: Verification, altered: Altered) -> bool:
    """It does not hold, and one of the reasons is the right one, of the right file."""
    right = (one.code in altered.codes and one.where.startswith(altered.where) for one in found.discrepancies)
    return found.answer is Answer.DOES_NOT_HOLD and any(right)


def attested(files: Iterable[str]) -> list[str]:
    """The names of all files that the attestation tells of."""
    return sorted({*files} - {ATTESTATION})


def statement_of(files: Files) -> dict[str, Any]:
    statement: dict[str, Any] = json.loads(base64.b64decode(json.loads(files[ATTESTATION])["payload"]))
    return statement


def signed_again(
    files: Files, key: SigningKey | None, change: Callable[[dict[str, Any]], object] | None = None
) -> Files:
    """The files with a statement of their own digests; `change` is called with the predicate, and the YAML follows."""
    statement = statement_of(files)
    if change:
        change(statement["predicate"])
        files[YAML] = yaml_text(_in_order(statement["predicate"][MEMBER])).encode()
    digests = {name: sha256(files[name]).hexdigest() for name in attested(files)}
    statement["subject"] = [{"name": name, "digest": {"sha256": digest}} for name, digest in sorted(digests.items())]
    for one in statement["predicate"]["configuration"]:
        if one["name"] == PLAN:
            one["digest"]["sha256"] = digests[PLAN]
    files[ATTESTATION] = seal(statement, key).encode()
    return files


def _in_order(document: dict[str, Any]) -> dict[str, Any]:
    return {"schema": document["schema"], **document}
