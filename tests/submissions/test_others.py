"""What other programs make of a submission: OpenSSL, in-toto's own classes, and verifiers that know docs/ alone."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import subprocess
from pathlib import Path

import pytest
from google.protobuf import json_format
from in_toto_attestation.predicates.test_result.v0 import test_result_pb2
from in_toto_attestation.v1 import statement_pb2
from in_toto_attestation.v1.statement import Statement
from securesystemslib.dsse import Envelope
from securesystemslib.signer import SSlibKey

from defcore.model.outcome import Outcome
from tests.submissions.handing_in import Handing
from tests.submissions.runs import FEW
from tests.submissions.test_keys import pem_key, ssh_key

TROUBLE = {0: Outcome.FAILED, 3: Outcome.SKIPPED, 5: Outcome.ERROR}
needs_openssl = pytest.mark.skipif(not shutil.which("openssl"), reason="no openssl on PATH")
needs_openssh = pytest.mark.skipif(not shutil.which("ssh-keygen"), reason="no ssh-keygen on PATH")


@pytest.fixture
def handing(tmp_path: Path) -> Handing:
    return Handing(tmp_path)


def envelope(folder: Path) -> dict[str, object]:
    return json.loads((folder / "attestation.dsse.json").read_text())


@needs_openssl
def test_openssl_says_that_the_signature_holds(handing, tmp_path):
    """Of DSSE's pre-authentication encoding, written out here."""
    handing.run()
    pem_key(tmp_path / "pem")
    sealed = envelope(handing.pack(key=tmp_path / "pem"))
    payload, kind = base64.b64decode(sealed["payload"], validate=True), sealed["payloadType"]
    signed = b"DSSEv1 %d %b %d %b" % (len(kind), kind.encode(), len(payload), payload)
    signature = base64.b64decode(sealed["signatures"][0]["sig"], validate=True)
    command = ["openssl", "pkeyutl", "-verify", "-inkey", "pem", "-rawin", "-in", "signed", "-sigfile", "signature"]
    for content, wanted in ((signed, 0), (signed + b" ", 1)):
        (tmp_path / "signed").write_bytes(content)
        (tmp_path / "signature").write_bytes(signature)
        assert subprocess.run(command, cwd=tmp_path, check=False, capture_output=True).returncode == wanted


@needs_openssh
def test_in_toto_s_own_classes_read_what_an_openssh_key_signed(handing, tmp_path, monkeypatch):
    handing.run(TROUBLE)
    key = ssh_key(tmp_path / "ssh", passphrase="geheim")
    assert handing.try_pack(key=key) == 2, "nobody is there to type the passphrase"
    monkeypatch.setenv("DEFCORE_KEY_PASSPHRASE", "geheim")
    folder = handing.pack(key=key)
    assert handing.verify(folder, "--trusted", tmp_path / "ssh.pub", trusted=False) == 0
    read = Envelope.from_dict(envelope(folder))
    from cryptography.hazmat.primitives.serialization import load_ssh_public_key

    listed = subprocess.run(
        ["ssh-keygen", "-lf", str(tmp_path / "ssh.pub")], capture_output=True, text=True, check=True
    )
    public = load_ssh_public_key((tmp_path / "ssh.pub").read_bytes())
    assert read.verify([SSlibKey.from_crypto(public, keyid=listed.stdout.split()[1])], 1)
    statement = json_format.Parse(read.payload, statement_pb2.Statement())
    Statement.copy_from_pb(statement).validate()
    assert statement.predicate_type == "https://in-toto.io/attestation/test-result/v0.1"
    predicate = json_format.MessageToDict(statement.predicate)
    result = json_format.ParseDict(predicate, test_result_pb2.TestResult(), ignore_unknown_fields=True)
    assert (result.result, len(result.passed_tests), len(result.failed_tests)) == ("FAILED", FEW - 3, 1)
    for subject in statement.subject:
        assert hashlib.sha256((folder / subject.name).read_bytes()).hexdigest() == subject.digest["sha256"]


def by_the_book(leaves: list[bytes]) -> bytes:
    """The root as docs/submissions.md describes it, from the hashes of the leaves: level by level, without recursion.

    Pairs of neighbours are joined, and one without a neighbour goes up as it is: the same tree as RFC 6962's.
    """
    while len(leaves) > 1:
        pairs = [hashlib.sha256(b"\x01" + one + other).digest() for one, other in zip(leaves[::2], leaves[1::2])]  # noqa: B905
        leaves = pairs + (leaves[-1:] if len(leaves) % 2 else [])
    return leaves[0]


def test_a_verifier_that_knows_the_docs_alone_finds_the_same_root(handing):
    """Canonical JSON of what is only texts is what the standard library writes, with sorted keys and no blanks."""
    handing.run(TROUBLE)
    folder = handing.pack("--passes-only")
    records = {one["id"]: one for one in json.loads((folder / "result.json").read_text())["tests"]}
    hashes = []
    for one in json.loads((folder / "leaves.json").read_text())["leaves"]:
        if "hash" in one:
            hashes.append(bytes.fromhex(one["hash"]))
            continue
        record = records[one["id"]]
        whole = hashlib.sha256(plainly(record)).hexdigest()
        leaf = {name: record[name] for name in ("id", "name", "outcome", "cause")} | {"record": whole}
        hashes.append(hashlib.sha256(b"\x00" + bytes.fromhex(one["salt"]) + plainly(leaf)).digest())
    statement = json.loads(base64.b64decode(envelope(folder)["payload"]))
    stated = statement["predicate"]["defcoreSubmission"]["tree"]
    assert stated == {"count": FEW, "root": by_the_book(hashes).hex()}


def plainly(document: object) -> bytes:
    """RFC 8785 for the values of these records, whose numbers are written alike by Python."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def test_a_disclosed_leaf_is_checked_with_its_path_alone(handing, capsys):
    result = handing.run(TROUBLE)
    folder = handing.pack("--passes-only")
    capsys.readouterr()
    assert handing.disclose(result.tests[0].id) == 0
    leaf = json.loads(capsys.readouterr().out)
    own = hashlib.sha256(b"\x00" + bytes.fromhex(leaf["salt"]) + plainly(leaf["leaf"])).digest()
    index, last = leaf["index"], leaf["count"] - 1
    for step in map(bytes.fromhex, leaf["path"]):  # RFC 9162, section 2.1.3.2
        if index % 2 or index == last:
            own = hashlib.sha256(b"\x01" + step + own).digest()
            while index % 2 == 0 and index:
                index, last = index // 2, last // 2
        else:
            own = hashlib.sha256(b"\x01" + own + step).digest()
        index, last = index // 2, last // 2
    statement = json.loads(base64.b64decode(envelope(folder)["payload"]))
    assert own.hex() == statement["predicate"]["defcoreSubmission"]["tree"]["root"]
    assert leaf["leaf"]["outcome"] == "FAILED"
