"""Hostile folders and files by hand: what no change of a valid document comes to."""

from __future__ import annotations

import gzip
import io
import json
import os
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from defcore.results.canonical import canonical
from tests.faults.altered import ATTESTATION, LEAVES, PLAN, YAML
from tests.faults.altered import RESULT as RESULT_FILE
from tests.faults.hostile_documents import HAR, RESULT
from tests.faults.hostile_submissions import DISCLOSE, HERE, PACK, PASSES_ONLY, RUN_FOLDER, STATEMENTS, THERE, sealed
from tests.results.files import SCS
from tests.results.test_broken_input import BROKEN

CANARY_FILE = "../../canary.har"
"""From within the stranger's run folder."""


@dataclass(frozen=True, slots=True)
class Attack:
    verb: str
    prepare: Callable[[Path], None]


def _result(folder: Path, **changes: object) -> None:
    """The result, its first test changed."""
    document = json.loads(json.dumps(RESULT))
    document["tests"][0] |= changes
    (folder / "run" / "result.json").write_text(json.dumps(document))


def _linked(path: str, target: str) -> Callable[[Path], None]:
    def prepare(folder: Path) -> None:
        place = folder / path
        if place.is_dir():
            for inner in place.iterdir():
                inner.unlink()
            place.rmdir()
        else:
            place.unlink(missing_ok=True)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.symlink_to(target)

    return prepare


def _pipe(path: str) -> Callable[[Path], None]:
    def prepare(folder: Path) -> None:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).unlink(missing_ok=True)
        os.mkfifo(folder / path)

    return prepare


def placed(path: str, content: bytes) -> Callable[[Path], None]:
    def prepare(folder: Path) -> None:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)

    return prepare


def _folder(path: str) -> Callable[[Path], None]:
    def prepare(folder: Path) -> None:
        (folder / path).unlink(missing_ok=True)
        (folder / path).mkdir()

    return prepare


def _sparse(path: str, size: int) -> Callable[[Path], None]:
    def prepare(folder: Path) -> None:
        (folder / path).touch()
        os.truncate(folder / path, size)

    return prepare


def _encoded(content: str | bytes) -> bytes:
    return content.encode() if isinstance(content, str) else content


def _zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("../../taken", bytes(1 << 20))
    return out.getvalue()


def _named(path: str) -> Callable[[Path], None]:
    return lambda folder: _result(folder, evidence=path)


def _strange_names(folder: Path) -> None:
    for name in ("a\nerror: b", "\x1b[2J", "a\u202eb", "-o", "c" * 255, os.fsdecode(b"\xff\xfe")):
        (folder / "run" / name).mkdir()
        (folder / "run" / name / "result.json").write_text("{")
    (folder / "run" / "result.json").unlink()


def _loop(folder: Path) -> None:
    (folder / "run" / "result.json").unlink()
    (folder / "run" / "again").symlink_to("..")


def _deep(folder: Path) -> None:
    (folder / "run" / "result.json").unlink()
    place = folder / "run"
    for _ in range(300):
        place = place / "d"
        place.mkdir()
    (place / "result.json").write_text("[")


def _many(count: int) -> Callable[[Path], None]:
    def prepare(folder: Path) -> None:
        for n in range(count):
            (folder / HERE / "evidence" / f"{n}").touch()

    return prepare


def _folders(count: int) -> Callable[[Path], None]:
    """In place of files: each takes a descriptor that must be given back."""

    def prepare(folder: Path) -> None:
        for n in range(count):
            (folder / HERE / f"{n}").mkdir()

    return prepare


def _strange_evidence(folder: Path) -> None:
    for name in ("a\nHOLDS: every digest", "\x1b[2J", "a\u202eb", "-o", "c" * 255, os.fsdecode(b"\xff\xfe"), "e\u0301"):
        for place in (folder / HERE, folder / HERE / "evidence"):
            (place / name).write_text("x")
    (folder / HERE / "RESULT.JSON").mkdir()


def _stated(**members: object) -> Callable[[Path], None]:
    """A statement with these members, signed."""
    path = f"{HERE}/{ATTESTATION}"
    return placed(path, sealed(canonical(STATEMENTS[path] | members)))


HTML = "report {in}/run --format html --output {out}/report.html"
MEASURED = "criteria --guideline 2020.06 --results {in}/run"
STESTR = "score {in}/stestr --guideline 2020.06"
SCORED = "score {in}/f.x --guideline 2020.06"
EVIDENCE = (
    "evidence/../../canary.har",
    "../canary.har",
    CANARY_FILE,
    "/etc/passwd",
    "evidence/link.har",
    "evidence/a.har/",
)
CRITERIA = "criteria {in}/w.txt"
LINTED = "lint {in}/f.yaml"
BROKEN_YAML = b"a: [1, 2]\n" + b"# x\n" * 1_900_000 + b"]"
ANCHORS = "".join(f"k{n}: &a{n} 1\n" for n in range(200_000)).encode()
LONG_WORD = SCS.encode() + b"x: '" + b"x" * (8 << 20) + b"'\n"
REPEATED = b'{"schema": 1' + b', "a": 1' * 100_000 + b"}"
BRACKETS = b"a: " + b"[1,1,1] " * 100_000 + b"\na: " + b"[" * 100_000 + b"\n" + b"-" * 200_000 + b"\n"
VERIFY = f"verify {{in}}/{HERE} --trusted {{in}}/acme.pub --catalog {{in}}/own"
VERIFY_PASSES = VERIFY.replace(HERE, THERE)
AT_THE_DESK = (
    ("product.yaml", PACK),
    ("acme", PACK),
    ("acme.pub", VERIFY),
    ("leaf.json", f"{VERIFY_PASSES} --leaf {{in}}/leaf.json"),
    (f"{RUN_FOLDER}/salts.json", PASSES_ONLY),
    (f"{RUN_FOLDER}/salts.json", DISCLOSE),
    (f"{RUN_FOLDER}/result.json", PACK),
    (f"{RUN_FOLDER}/plan.json", DISCLOSE),
    ("redact.txt", "check --cloud nowhere --redact {in}/redact.txt"),
)
IN_A_FOLDER = tuple((f"{HERE}/{name}", VERIFY) for name in (YAML, RESULT_FILE, PLAN, ATTESTATION, "evidence"))
FILES = (*IN_A_FOLDER, (f"{THERE}/{LEAVES}", VERIFY_PASSES), *AT_THE_DESK)
SOME = tuple(one for one in FILES if one[0].endswith((ATTESTATION, "product.yaml", "salts.json")))
STATES = (
    ("a link to a device", lambda path: _linked(path, "/dev/zero"), FILES),
    ("a link", lambda path: _linked(path, "/etc/passwd"), SOME),
    ("a link to itself", lambda path: _linked(path, path.rpartition("/")[2]), SOME),
    ("a pipe", _pipe, [one for one in FILES if not one[0].endswith("evidence")]),
    ("a folder", _folder, SOME),
    ("sparse", lambda path: _sparse(path, 1 << 40), [one for one in FILES if not one[0].endswith("evidence")]),
    ("of sixty megabytes", lambda path: _sparse(path, 60 << 20), SOME),
)
SUBMITTED: Mapping[str, Attack] = {
    **{
        f"{path} is {what}: {verb.split()[0]}": Attack(verb, prepare(path))
        for what, prepare, files in STATES
        for path, verb in files
    },
    "evidence of a submission without end": Attack(VERIFY, _many(21_000)),
    "a submission of folders": Attack(VERIFY, _folders(2_000)),
    "names that hide something, submitted": Attack(VERIFY, _strange_evidence),
    "a statement of many members": Attack(VERIFY, _stated(**{f"k{n}": n for n in range(120_000)})),
    "a statement of many subjects": Attack(VERIFY, _stated(subject=[{"name": f"{n}"} for n in range(60_000)])),
    "a statement of long words": Attack(VERIFY, _stated(note="x" * (7 << 20), **{"k" * (1 << 19): {"a": [1]}})),
    "an envelope of nothing": Attack(VERIFY, placed(f"{HERE}/{ATTESTATION}", sealed(b""))),
}
COLLECTION: Mapping[str, Attack] = {
    **{f"broken: {name}": Attack(SCORED, placed("f.x", _encoded(content))) for name, (content, _) in BROKEN.items()},
    **{f"evidence at {path}": Attack(HTML, _named(path)) for path in EVIDENCE},
    "evidence is a link": Attack(HTML, _linked("run/evidence/a.har", "../../../canary.har")),
    "evidence folder is a link": Attack(HTML, _linked("run/evidence", "../..")),
    "evidence is a pipe": Attack(HTML, _pipe("run/evidence/a.har")),
    "evidence is a folder": Attack(HTML, _folder("run/evidence/a.har")),
    "evidence is sparse": Attack(HTML, _sparse("run/evidence/a.har", 1 << 40)),
    "evidence of many values": Attack(HTML, placed("run/evidence/a.har", b'{"log": [' + b"{}," * 10_000_000 + b"0]}")),
    "evidence is compressed": Attack(HTML, placed("run/evidence/a.har", gzip.compress(json.dumps(HAR).encode()))),
    "result is a link": Attack("score {in}/run", _linked("run/result.json", "../../canary.har")),
    "result is a link to a device": Attack("score {in}/run", _linked("run/result.json", "/dev/zero")),
    "result is a link to itself": Attack("score {in}/run", _linked("run/result.json", "result.json")),
    "result is a pipe": Attack("score {in}/run", _pipe("run/result.json")),
    "result is a pipe, compared": Attack("compare {good} {in}/run/result.json", _pipe("run/result.json")),
    "result is a pipe, measured": Attack(MEASURED, _pipe("run/result.json")),
    "result is a link, measured": Attack(MEASURED, _linked("run/result.json", "../../../good/result.json")),
    "result is a folder": Attack("score {in}/run", _folder("run/result.json")),
    "result is sparse": Attack("score {in}/run", _sparse("run/result.json", 1 << 40)),
    "result is sparse, measured": Attack(MEASURED, _sparse("run/result.json", 1 << 40)),
    "result of a hundred megabytes": Attack("score {in}/run", _sparse("run/result.json", 100 << 20)),
    "product is a pipe": Attack(MEASURED, _pipe("run/product.yaml")),
    "product is a link": Attack(MEASURED, _linked("run/product.yaml", "../../canary.har")),
    "stestr run is a link": Attack(STESTR, _linked("stestr/.stestr/7", "/etc/passwd")),
    "stestr run is a pipe": Attack(STESTR, _pipe("stestr/.stestr/7")),
    "stestr folder is a link": Attack(STESTR, _linked("stestr/.stestr", "../..")),
    "stestr run of a high number": Attack(STESTR, placed("stestr/.stestr/999999999", b"x")),
    "guideline is a pipe": Attack("lint --catalog {in}", _pipe("guidelines/2020.06.yaml")),
    "guideline is a link": Attack("plan --catalog {in}", _linked("guidelines/2020.06.yaml", "/etc/passwd")),
    "capability is a pipe": Attack("plan --catalog {in}", _pipe("capabilities/compute/flavors.yaml")),
    "capability is sparse": Attack("plan --catalog {in}", _sparse("capabilities/compute/flavors.yaml", 1 << 40)),
    "lock is a pipe": Attack("lint --catalog {in}", _pipe("guidelines/frozen/2020.06.json")),
    "detection is a pipe": Attack("show flavors --catalog {in}", _pipe("capabilities/detection.json")),
    "waivers are a pipe": Attack("score {good} --waivers {in}/w.yaml", _pipe("w.yaml")),
    "policy is a pipe": Attack("score {good} --policy {in}/p.yaml", _pipe("p.yaml")),
    "worksheet is a pipe": Attack(CRITERIA, _pipe("w.txt")),
    "known failures are a pipe": Attack("gate {good} --baseline {good} --known-failures {in}/k.yaml", _pipe("k.yaml")),
    "zip": Attack("score {in}/f.zip", placed("f.zip", _zip())),
    "a bomb of gzip": Attack("score {in}/f.gz", placed("f.gz", gzip.compress(bytes(50 << 20)))),
    "names that hide something": Attack("compare {in}/run {good}", _strange_names),
    "names that hide something, measured": Attack(MEASURED, _strange_names),
    "a loop of links": Attack(MEASURED, _loop),
    "a loop of links, compared": Attack("compare {in}/run {good}", _loop),
    "folders three hundred deep": Attack("compare {in}/run {good}", _deep),
    "folders three hundred deep, measured": Attack(MEASURED, _deep),
    "folders three hundred deep, linted": Attack("lint {in}/run", _deep),
    "a name of folders": Attack("score {in}/" + "d/" * 3_000, lambda _: None),
    "broken YAML of eight megabytes": Attack(LINTED, placed("f.yaml", BROKEN_YAML)),
    "YAML of many anchors": Attack(LINTED, placed("f.yaml", ANCHORS)),
    "YAML of one long word": Attack("score {in}/f.yaml --guideline 2020.06", placed("f.yaml", LONG_WORD)),
    "JSON of eight megabytes of quotes": Attack("lint {in}/f.json", placed("f.json", b'["' + b'\\"' * 4_000_000)),
    "JSON of repeated keys": Attack("score {in}/f.json", placed("f.json", REPEATED)),
    "a regular expression's worst": Attack(
        CRITERIA,
        placed(
            "w.txt", b"a: " + b"[1,1,1] " * 100_000 + b"\n" + b"a: " + b"[" * 100_000 + b"\n" + b"-" * 200_000 + b"\n"
        ),
    ),
    "tags of a stestr id": Attack(SCORED, placed("f.x", b"test: a\nsuccess: " + b"[" * 400_000 + b"\n")),
    **SUBMITTED,
}
