"""Submissions that are hostile beneath a signature that holds, and what a vendor's own verbs read.

An attacker signs what he wants: whatever document is changed, the digests, names and signature around it are made anew,
so that a reader gets past them to what was changed.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from typing import Any

import yaml
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from securesystemslib.dsse import Envelope
from securesystemslib.signer import CryptoSigner, SSlibKey

from defcore.catalog import Data, load_catalog, load_guideline
from defcore.model.documents import text
from defcore.model.outcome import Outcome
from defcore.model.submission import EvidenceLevel, place
from defcore.plan import from_json, make_plan
from defcore.results.attestation import MEMBER, PAYLOAD
from defcore.results.canonical import canonical
from defcore.results.keys import SigningKey, public_key
from defcore.results.leaves import disclose, make_salts, salts_document
from defcore.results.packing import Packed, pack, read_run
from defcore.results.product import load_product
from defcore.results.source import Source
from tests.catalog.conftest import CAPABILITY, COVERED, GUIDELINE, TEST, UUID
from tests.faults.altered import ATTESTATION, LEAVES, PLAN, RESULT, YAML, Files, signed_again, statement_of
from tests.faults.hostile_documents import of_bytes, tree
from tests.faults.hostile_kind import Kind
from tests.submissions.runs import PRODUCT, RUN, SETTINGS, make_run

TESTS = 5
PRIVATE = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
KEY = SigningKey(private=PRIVATE, public=public_key(PRIVATE.public_key()))
OUTCOMES = {0: Outcome.FAILED, 2: Outcome.SKIPPED, 3: Outcome.ERROR}
WHOLE, PASSES, RUN_FOLDER = "results/whole", "results/passes", "runs/monday"


def _numbered(id: str, n: int) -> str:
    return f"{id[:-1]}{n}"


def _catalog() -> Mapping[str, str]:
    """The small catalog, with more tests than one, so that there is a tree."""
    head, function = TEST.split("\n\n\n", 1)
    functions = (
        function.replace(UUID, _numbered(UUID, n)).replace(COVERED, _numbered(COVERED, n)).replace("listed(", f"l{n}(")
        for n in range(TESTS)
    )
    before, official = GUIDELINE.split("      - id: ")
    officials = (
        f"      - id: {official}".replace(COVERED, _numbered(COVERED, n)).replace("list_flavors", f"list_{n}")
        for n in range(TESTS)
    )
    start, named = CAPABILITY.split("  - uuid: ")
    names = (
        f"  - uuid: {named}".replace(UUID, _numbered(UUID, n)).replace("listed\n", f"l{n}\n") for n in range(TESTS)
    )
    return {
        "capabilities/compute/flavors.yaml": start + "".join(names),
        "guidelines/2020.06.yaml": before + "".join(officials),
        "suite/compute/test_flavors.py": "\n\n\n".join((head, *functions)),
    }


def _files(packed: Packed, folder: Path) -> Files:
    return dict(packed.files) | {path: (folder / path).read_bytes() for path in packed.evidence}


def _made() -> dict[str, bytes]:
    """Everything of an honest vendor, by path: catalog, run, submissions, leaf, keys."""
    made = {f"own/{name}": content.encode() for name, content in _catalog().items()}
    with tempfile.TemporaryDirectory() as base:
        for name, content in made.items():
            (Path(base) / name).parent.mkdir(parents=True, exist_ok=True)
            (Path(base) / name).write_bytes(content)
        data = Data(root=Path(base) / "own", suite=Path(base) / "own" / "suite")
        planned = make_plan(load_guideline("2020.06", data), load_catalog(data), target="compute")
        folder = Path(base) / "run"
        make_run(folder, OUTCOMES, planned=replace(planned, settings=SETTINGS))
        run = read_run(folder, from_json)
        salts = make_salts(run.result.tests)
        product = load_product(Source(name="product.yaml", content=PRODUCT.encode()))
        whole = pack(run, product, evidence=EvidenceLevel.ALL, key=KEY)
        passes = pack(run, product, evidence=EvidenceLevel.NONE, key=KEY, salts=salts)
        assert len(planned.tests) == TESTS
        made |= {f"{RUN_FOLDER}/{one.relative_to(folder)}": one.read_bytes() for one in folder.rglob("*.*")}
        for root, packed in ((WHOLE, whole), (PASSES, passes)):
            here = "/".join((root, *place(packed.submission)))
            made |= {f"{here}/{name}": content for name, content in _files(packed, folder).items()}
        hidden = run.result.tests[0].id
        made[f"{RUN_FOLDER}/salts.json"] = text(salts_document(RUN, salts)).encode()
        made["leaf.json"] = text(disclose(run.result, salts, hidden)).encode()
    made["product.yaml"] = PRODUCT.encode()
    made["acme"] = PRIVATE.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    made["acme.pub"] = f"{KEY.public.line} acme@example\n".encode()
    return made


BESIDE: Mapping[str, bytes] = _made()
HERE = next(name for name in BESIDE if name.startswith(WHOLE) and name.endswith(RESULT)).removesuffix(f"/{RESULT}")
THERE = HERE.replace(WHOLE, PASSES)
HIDDEN = json.loads(BESIDE["leaf.json"])["leaf"]["id"]


def _submission(here: str) -> Files:
    return {name.removeprefix(f"{here}/"): one for name, one in BESIDE.items() if name.startswith(f"{here}/")}


def _signed(here: str, files: Files) -> dict[str, bytes]:
    """The files in their folder, with a signature of the digests that they have."""
    return {f"{here}/{name}": content for name, content in signed_again(files, KEY).items()}


def sealed(payload: bytes) -> bytes:
    """An envelope of any bytes, with a signature that holds."""
    envelope = Envelope(payload, PAYLOAD, {})
    envelope.sign(CryptoSigner(PRIVATE, SSlibKey.from_crypto(PRIVATE.public_key(), keyid=KEY.public.fingerprint)))
    return text(envelope.to_dict()).encode()


def _canonical(content: bytes) -> bytes:
    """As `verify` wants it, if it can be."""
    try:
        return canonical(json.loads(content))
    except Exception:  # hostile, so whatever the readers make of it
        return content


def _with(here: str, name: str) -> Any:
    return lambda content: _signed(here, _submission(here) | {name: content})


def _exchange(content: bytes) -> dict[str, bytes]:
    """Evidence under the name of its digest, with the result and everything else that names it."""
    files = _submission(HERE)
    name = next(one for one in files if one.startswith("evidence/"))
    del files[name]
    new = f"evidence/{sha256(content).hexdigest()}.har"
    files = {one: own.replace(name.encode(), new.encode()) for one, own in files.items()} | {new: content}
    return _signed(HERE, files)


def _claimed(content: bytes) -> dict[str, bytes]:
    """The submission in clear, and in the statement if it can be there."""
    files = _submission(HERE) | {YAML: content}
    try:
        document = yaml.safe_load(content)
        return _signed(HERE, signed_again(files, KEY, lambda own: own.update({MEMBER: document})))
    except Exception:
        return _signed(HERE, files)


def _on(here: str) -> tuple[str, ...]:
    own = "--catalog {in}/own"
    folder = f"{{in}}/{here}"
    return (
        f"verify {folder} --trusted {{in}}/acme.pub {own}",
        f"verify {folder} --trusted {{in}}/acme.pub --leaf {{in}}/leaf.json {own}",
        f"verify {folder} --trusted {{in}}/acme.pub --format json {own}",
        f"verify {folder} --challenge abcdef {own}",
        f"verify {folder} --trusted {{in}}/acme.pub --policy quantitative {own}",
        f"report {folder} --format html --output {{out}}/report.html {own}",
        f"explain {folder} {own}",
        f"criteria --guideline 2020.06 --results {{in}}/results {own}",
    )


PACK = "pack {in}/runs/monday --product {in}/product.yaml --key {in}/acme --results {out}/results"
PASSES_ONLY = f"{PACK} --passes-only --salts {{in}}/runs/monday/salts.json"
DISCLOSE = f"disclose {{in}}/runs/monday --test {HIDDEN}"
ON_RUN = (PACK, f"{PACK} --evidence all", PASSES_ONLY, DISCLOSE, f"{DISCLOSE} -o {{out}}/leaf.json")
STATEMENTS = {f"{here}/{ATTESTATION}": statement_of(_submission(here)) for here in (HERE, THERE)}
"""By the path of the envelope."""


def _json(path: str) -> Any:
    return tree(json.loads(BESIDE[path]))


def _submitted() -> Mapping[str, Kind]:
    """The documents of a submission, signed as they are."""
    submitted = {
        f"signed {name} of {noun}": Kind(
            path=f"{here}/{name}", make=_json(f"{here}/{name}"), verbs=_on(here), around=_with(here, name)
        )
        for noun, here, names in (("all", HERE, (RESULT, PLAN)), ("passes", THERE, (RESULT, PLAN, LEAVES)))
        for name in names
    }
    exchange = next(name for name in BESIDE if name.startswith(f"{HERE}/evidence/"))
    clear, envelope, other = f"{HERE}/{YAML}", f"{HERE}/{ATTESTATION}", f"{THERE}/{ATTESTATION}"
    return {
        **submitted,
        "signed evidence": Kind(path=exchange, make=tree(_har()), verbs=_on(HERE), around=_exchange),
        "signed submission": Kind(
            path=clear,
            make=tree(STATEMENTS[envelope]["predicate"][MEMBER], as_yaml=True),
            verbs=_on(HERE),
            around=_claimed,
        ),
        "signed submission text": Kind(
            path=clear, make=of_bytes(BESIDE[clear]), verbs=_on(HERE), around=_with(HERE, YAML)
        ),
        "statement": Kind(
            path=envelope,
            make=tree(STATEMENTS[envelope]),
            verbs=_on(HERE),
            around=lambda content: {envelope: sealed(_canonical(content))},
        ),
        "statement of passes": Kind(
            path=other,
            make=tree(STATEMENTS[other]),
            verbs=_on(THERE),
            around=lambda content: {other: sealed(_canonical(content))},
        ),
    }


def _at_the_desk() -> Mapping[str, Kind]:
    """What is read beside a submission, and what a vendor's own verbs read."""
    envelope = f"{HERE}/{ATTESTATION}"
    return {
        "envelope": Kind(path=envelope, make=_json(envelope), verbs=_on(HERE)),
        "leaf": Kind(path="leaf.json", make=_json("leaf.json"), verbs=_on(THERE)[1:2]),
        "trusted keys": Kind(path="acme.pub", make=of_bytes(BESIDE["acme.pub"]), verbs=_on(HERE)[:1]),
        "private key": Kind(path="acme", make=of_bytes(BESIDE["acme"]), verbs=(PACK,)),
        "product of a run": Kind(
            path="product.yaml", make=tree(yaml.safe_load(PRODUCT), as_yaml=True), verbs=(PACK, PASSES_ONLY)
        ),
        "run to be packed": Kind(path=f"{RUN_FOLDER}/{RESULT}", make=_json(f"{RUN_FOLDER}/{RESULT}"), verbs=ON_RUN),
        "plan to be packed": Kind(path=f"{RUN_FOLDER}/{PLAN}", make=_json(f"{RUN_FOLDER}/{PLAN}"), verbs=ON_RUN),
        "salts": Kind(
            path=f"{RUN_FOLDER}/salts.json", make=_json(f"{RUN_FOLDER}/salts.json"), verbs=(PASSES_ONLY, DISCLOSE)
        ),
        "values to redact": Kind(
            path="redact.txt",
            make=of_bytes(b"net-prod-7\nvault.example.com\n"),
            verbs=("check --cloud nowhere --redact {in}/redact.txt",),
        ),
    }


def _har() -> dict[str, Any]:
    request = {"method": "PUT", "url": f"https://x/defcore-{RUN[:8]}-container-1-a", "postData": {"text": "x"}}
    return {
        "log": {"version": "1.2", "entries": [{"startedDateTime": "2026-01-31T12:00:01+00:00", "request": request}]}
    }


KINDS: Mapping[str, Kind] = {**_submitted(), **_at_the_desk()}
