"""What a Merkle tree binds of each outcome, so that a vendor who publishes passes alone cannot change the others.

The leaves are those of all planned tests, in the order of their ids. A leaf is its salt (16 random bytes) followed by
the canonical JSON of {id, name, outcome, cause, record}, where `record` is the SHA-256 of the canonical JSON of the
test's whole record in the run's result.json. The salts of what is not published stay with the vendor: without its
salt, nobody can try out which outcome gives a hash.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from defcore.model.documents import Document, read_record, record_document
from defcore.model.node import Node
from defcore.model.outcome import Outcome, TestRecord
from defcore.model.plan import Plan, PlannedTest
from defcore.model.result import Result
from defcore.model.submission import NOT_PUBLISHED, Tree
from defcore.results.canonical import canonical
from defcore.results.merkle import audit_path, leaf_hash, root, root_by_path
from defcore.results.parsed import checked_json
from defcore.results.source import Source

SALT = 16
"""Bytes."""
SALTS_SCHEMA = "defcore/salts/1"
LEAVES_SCHEMA = "defcore/leaves/1"
LEAF_SCHEMA = "defcore/leaf/1"
Salts = Mapping[str, bytes]
"""Id of a test -> its salt."""


def make_salts(tests: Iterable[TestRecord]) -> dict[str, bytes]:
    return {record.id: secrets.token_bytes(SALT) for record in tests}


def salts_document(run: str, salts: Salts) -> Document:
    return {"schema": SALTS_SCHEMA, "run": run, "salts": {id: salt.hex() for id, salt in sorted(salts.items())}}


def read_salts(source: Source, result: Result) -> dict[str, bytes]:
    """The salts of the result's tests. InputError if the file does not hold them all, or belongs to another run."""
    document = checked_json(source, "salts")
    if document["run"] != result.run.id:
        source.wrong("salts", "these are the salts of another run", hint="name the right file with --salts FILE")
    salts = {id: bytes.fromhex(salt) for id, salt in document["salts"].items()}
    if salts.keys() != {record.id for record in result.tests}:
        source.wrong("salts", "these are not the salts of the tests of this run")
    return salts


def leaf_document(record: TestRecord) -> Document:
    return {
        "id": record.id,
        "name": record.name,
        "outcome": record.outcome.value,
        "cause": record.cause.value if record.cause else None,
        "record": hashlib.sha256(canonical(record_document(record))).hexdigest(),
    }


def hash_of(leaf: Document, salt: bytes) -> bytes:
    return leaf_hash(salt + canonical(leaf))


def hashes(tests: Iterable[TestRecord], salts: Salts) -> tuple[bytes, ...]:
    """Of the leaves of all tests, in the order of the tree."""
    return tuple(hash_of(leaf_document(one), salts[one.id]) for one in sorted(tests, key=lambda one: one.id))


def tree_of(own: tuple[bytes, ...]) -> Tree:
    return Tree(count=len(own), root=root(own).hex())


def leaves_document(tests: Iterable[TestRecord], salts: Salts) -> Document:
    """What is published of the tree: the salt of each test that passed, and the hash of every other leaf."""
    ordered = sorted(tests, key=lambda one: one.id)
    leaves: list[Document] = []
    for record, own in zip(ordered, hashes(ordered, salts), strict=True):
        passed = record.outcome is Outcome.PASSED
        leaves.append({"id": record.id} | ({"salt": salts[record.id].hex()} if passed else {"hash": own.hex()}))
    return {"schema": LEAVES_SCHEMA, "leaves": leaves}


def read_leaves(source: Source) -> list[tuple[str, str | None, str | None]]:
    """Id, salt and hash of each leaf, of which either the salt or the hash is there. Raises InputError."""
    return [(one["id"], one.get("salt"), one.get("hash")) for one in checked_json(source, "leaves")["leaves"]]


def without_failures(result: Result, plan: Plan) -> Result:
    """The result with the outcomes of passed tests alone; the others are NOT_RUN, as far as anybody can see.

    They stay in it, so that an official test for which several of ours answer does not pass by those that passed.
    """
    planned = {test.case.id: test for test in plan.tests}
    tests = tuple(one if one.outcome is Outcome.PASSED else withheld(planned[one.id]) for one in result.tests)
    return replace(result, tests=tests, leftovers=(), origin=replace(result.origin, passes_only=True))


def withheld(test: PlannedTest) -> TestRecord:
    """The record of a planned test of which nothing is published."""
    return replace(test.untried(), reason=NOT_PUBLISHED)


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """A leaf that a vendor has disclosed, with the way from it to the root."""

    run: str
    root: str
    index: int
    count: int
    salt: bytes
    leaf: Document
    path: tuple[bytes, ...]
    record: TestRecord | None
    """The whole record, if the vendor gives it."""

    @property
    def test(self) -> str:
        """Its id."""
        id: str = self.leaf["id"]
        return id

    @property
    def hash(self) -> bytes:
        return hash_of(self.leaf, self.salt)

    @property
    def outcome(self) -> Outcome:
        return Outcome(self.leaf["outcome"])


def disclose(result: Result, salts: Salts, test: str) -> Document:
    """The document of a leaf: everything that it takes to check the outcome of one test against the signed root."""
    ordered = sorted(result.tests, key=lambda one: one.id)
    index = next(n for n, one in enumerate(ordered) if one.id == test)
    record, all_hashes = ordered[index], hashes(ordered, salts)
    return {
        "schema": LEAF_SCHEMA,
        "run": result.run.id,
        "root": root(all_hashes).hex(),
        "index": index,
        "count": len(ordered),
        "salt": salts[test].hex(),
        "leaf": leaf_document(record),
        "path": [one.hex() for one in audit_path(all_hashes, index)],
        "record": record_document(record),
    }


def read_leaf(source: Source) -> Leaf:
    document = checked_json(source, "leaf")
    record = document.get("record")
    return Leaf(
        run=document["run"],
        root=document["root"],
        index=document["index"],
        count=document["count"],
        salt=bytes.fromhex(document["salt"]),
        leaf=document["leaf"],
        path=tuple(bytes.fromhex(one) for one in document["path"]),
        record=None if record is None else read_record(Node(record, "$.record", "leaf")),
    )


def leads_to(leaf: Leaf) -> str | None:
    """The root that the leaf's path leads to."""
    found = root_by_path(leaf.hash, leaf.index, leaf.count, leaf.path)
    return None if found is None else found.hex()


def index_of(plan: Plan, test: str) -> int | None:
    """Where the leaf of the test stands in the tree."""
    ids = sorted(one.case.id for one in plan.tests)
    return ids.index(test) if test in ids else None
