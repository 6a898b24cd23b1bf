"""Small valid documents of every kind that is read from strangers, and which verbs read them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import yaml

from defcore.model.documents import result_document
from defcore.model.outcome import Attempt, Cause, Finding, Outcome
from tests.catalog.conftest import CAPABILITY, COVERED, GUIDELINE, TEST
from tests.catalog.test_worksheets import SHEET
from tests.faults.hostile_edits import Edit, edited_bytes, edited_tree, edited_xml
from tests.faults.hostile_kind import Kind, Make
from tests.faults.hostile_values import TEXTS
from tests.report.hostile import har
from tests.results.files import ENDINGS, JUNIT, SCS, SCS_LATER, packets, stream_v1, stream_v2
from tests.values import record, result

FLAWED = "44444444-4444-4444-8444-444444444444"
ID = f"tempest.api.Some.test_a[id-{COVERED},smoke]"


def _result() -> dict[str, Any]:
    finding = Finding(kind="additional-property", where="$.server.x", expected="a known property", seen="x")
    tried = tuple(
        Attempt(n=n, outcome=one, started="2026-01-31T12:00:00Z", seconds=0.5, reason="500 came", findings=(finding,))
        for n, one in enumerate((Outcome.PASSED, Outcome.FAILED), 1)
    )
    made = result(
        record("a", Outcome.FAILED, COVERED, reason="500 came", expected="200", seen="500", evidence="evidence/a.har"),
        record("b", Outcome.FAILED, FLAWED, attempts=tried, findings=(finding,)),
        record("c", Cause.ABSENT, "c", evidence="evidence/b.har"),
        record("d", Outcome.PASSED, "d"),
        target="compute",
    )
    return result_document(made)  # type: ignore[return-value]


HAR = har("<p>an answer</p>")
REFSTACK = {
    "cpid": "c" * 32,
    "duration_seconds": 120,
    "results": [{"name": "tempest.test_list_flavors", "uuid": COVERED}, {"name": "tempest.b", "uuid": FLAWED}],
}
OFFICIAL = {
    "metadata": {
        "id": "2020.06",
        "schema": "2.0",
        "scoring": {"criteria": {"stable": {"name": "Stable", "Description": "Stable", "weight": 9}}},
        "os_trademark_approval": {
            "target_approval": "2020.06",
            "replaces": "2019.11",
            "releases": ["stein"],
            "status": "approved",
        },
    },
    "platforms": {"OpenStack Powered Compute": {"description": "x", "components": [{"name": "os_powered_compute"}]}},
    "components": {
        "os_powered_compute": {
            "description": "x",
            "capabilities": {"required": ["flavors"], "advisory": [], "deprecated": [], "removed": []},
        }
    },
    "capabilities": {
        "flavors": {
            "achievements": ["stable"],
            "admin": False,
            "aliases": [],
            "description": "Flavors can be listed",
            "project": "nova",
            "required_since": "2017.09",
            "tests": {
                "tempest.test_list_flavors": {
                    "idempotent_id": f"id-{COVERED}",
                    "flagged": {"flag_action": "x", "flag_date": "2017-04-27", "flag_reason": "D401"},
                    "aliases": ["tempest.old_name"],
                }
            },
        }
    },
}
OFFICIAL_1 = {
    "id": "2015.03",
    "schema": "1.2",
    "status": "approved",
    "source": "https://example.org/",
    "replaces": "2015.01",
    "criteria": {"stable": {"name": "Stable", "Description": "Stable", "weight": 9}},
    "platform": {"required": ["compute"], "advisory": [], "deprecated": [], "removed": []},
    "components": {
        "compute": {"description": "", "required": ["flavors"], "advisory": [], "deprecated": [], "removed": []}
    },
    "capabilities": {
        "flavors": {
            "achievements": ["stable"],
            "admin": False,
            "description": "Flavors",
            "flagged": ["tempest.test_list_flavors"],
            "name": "Flavors",
            "tests": ["tempest.test_list_flavors"],
        }
    },
}
LOCK = {
    "schema": "defcore/lock/1",
    "guideline": "2020.06",
    "kind": "guideline",
    "status": "approved",
    "replaces": "2019.11",
    "digest": "sha256:" + "a" * 64,
    "cutoff": 74,
    "weights": {"stable": 9},
    "components": {"core": {"flavors": "required"}},
    "tests": {"flavors": [COVERED]},
}
DETECTION = {"schema": "defcore/detection/1", "capabilities": {"flavors": {"aimed": 3, "killed": 2, "missed": ["x"]}}}
POLICY = {
    "schema": "defcore/policy/1",
    "id": "mine",
    "description": "as I like it",
    "against": ["FAILED", "SKIPPED/absent"],
    "findings": ["additional-property"],
    "untested": "unknown",
    "rates": {"confidence": 0.95, "component": 0.95, "platform": 0.98, "advisory": 0.8},
}
WAIVERS = {
    "schema": "defcore/waivers/1",
    "waivers": [
        {
            "id": "acme-2026-01",
            "product": "defcore-ref",
            "scope": {"tests": [COVERED], "guidelines": ["2020.06"]},
            "reason": "the bug is mended in release 12",
            "granted": "2026-01-15",
            "expires": "2026-07-15",
            "decided_by": "the board",
        }
    ],
}
KNOWN = {
    "schema": "defcore/known-failures/1",
    "entries": [{"test": "test_a", "reason": "later", "expires": "2026-12-31", "issue": "https://bugs.example/1"}],
}
WORKSHEET = {
    "schema": "defcore/worksheet/1",
    "parts": [
        {"prose": "Sheet\n"},
        {
            "lines": [
                {"capability": "flavors", "marks": {"stable": 1, "doc": 0, "atomic": "?"}, "non_admin": 1, "total": 9}
            ]
        },
    ],
}
SCS_DOCUMENT = yaml.load(SCS, Loader=yaml.BaseLoader)
PRODUCT = {"vendor": "Acme", "product": "Cloud"}


def tree(document: Any, *, as_yaml: bool = False) -> Make:
    """Mostly the structure is changed, now and then the bytes of the file as we would write it."""
    text = (yaml.safe_dump(document) if as_yaml else json.dumps(document, indent=1)).encode()

    def make(edits: list[Edit]) -> bytes:
        by_bytes = edits[0][0] % 6 == 0
        return edited_bytes(text, edits) if by_bytes else edited_tree(document, edits, yaml=as_yaml)

    return make


def of_bytes(content: bytes) -> Make:
    return lambda edits: edited_bytes(content, edits)


def _packets(edits: list[Edit]) -> bytes:
    """A binary stream of events with hostile names, then perhaps damaged."""
    events = []
    for what, where, with_what in edits:
        text = TEXTS[with_what % len(TEXTS)].encode(errors="replace").decode()[:60_000]
        status = ("success", "fail", "skip", "xfail", "inprogress", "exists")[where % 6]
        event: dict[str, Any] = {
            "test_id": (text or "a", f"{text}{ID}", f"{ID}{text}")[what % 3],
            "test_status": status,
        }
        if what % 2:
            event |= {"file_name": ("reason", "traceback", text or "x")[where % 3], "file_bytes": text.encode()}
            event["mime_type"] = "text/plain; charset=utf8" if what % 4 else text[:200] or None
        if where % 3 == 0:
            event["route_code"] = text[:100] or None
        events.append(event)
    made = packets(*events, {"test_id": ID, "test_status": "fail"})
    return edited_bytes(made, edits[-1:]) if edits[0][0] % 4 == 0 else made


ON_RESULTS = (
    "score {r}",
    "score {r} --policy official",
    "score {r} --policy quantitative",
    "score {r} --format json",
    "report {r}",
    "report {r} --format html",
    "report {r} --format html --output {out}/report.html",
    "report {r} --format md",
    "report {r} --format junit",
    "report {r} --format json",
    "explain {r}",
    "explain {r} flavors --format json",
    "compare {r} {good}",
    "compare {good} {r} --format md",
    "compare {good} {r} --format csv",
    "compare {r} {good} {r} --format csv",
    "compare {r} {good} --by official --format json",
    "gate {r} --baseline {good}",
    "gate {good} --baseline {r} --fail-on both --format md",
    "gate {r} --baseline {good} --format sarif --output junit={out}/j.xml --output text={out}/t.txt",
    "gate {r} --baseline {good} --format github --step-summary {out}/s.md",
    "gate {r} --baseline {good} --format junit --by official",
    "export {r} --format refstack --cpid x",
    "export {r} --format junit",
    "export {r} --format subunit",
    "export {r} --format conformance",
    "export {r} --format shields",
    "export {r} --format csv -o {out}/t.csv",
)


def _on(path: str, *, judged: str = " --guideline 2020.06 --target compute") -> tuple[str, ...]:
    return tuple(f"{verb}{judged}".replace("{r}", f"{{in}}/{path}") for verb in ON_RESULTS)


ON_GUIDELINES = (
    "lint {in}/{g}",
    "lint {in}/{g} --all --format github",
    "lint {in}/{g} --format json",
    "guideline show {in}/{g}",
    "guideline diff {in}/{g} 2020.06",
    "guideline diff 2020.06 {in}/{g} --format json",
    "criteria --guideline {in}/{g}",
    "criteria --guideline {in}/{g} --format csv",
    "criteria --guideline {in}/{g} --format json --results {good}",
    "score {good} --guideline {in}/{g}",
    "report {good} --guideline {in}/{g} --format html",
    "report {good} --guideline {in}/{g} --format md",
    "report {good} --guideline {in}/{g}",
    "export {good} --guideline {in}/{g} --format csv",
    "export {good} --guideline {in}/{g} --format conformance",
    "explain {good} --guideline {in}/{g}",
    "plan --guideline {in}/{g}",
)


def _guidelines(path: str) -> tuple[str, ...]:
    return tuple(verb.replace("{g}", path) for verb in ON_GUIDELINES)


MEASURED = "criteria --guideline 2020.06 --results {in}/run"
WHOLE = (
    "lint --catalog {in}",
    "plan --catalog {in}",
    "plan --catalog {in} --format json",
    "show flavors --catalog {in}",
    "show flavors --format json --catalog {in}",
    "guideline list --catalog {in}",
    "guideline show 2020.06 --catalog {in}",
    "lint --catalog {in} --format github",
)
CATALOG: Mapping[str, str] = {
    "capabilities/compute/flavors.yaml": CAPABILITY,
    "guidelines/2020.06.yaml": GUIDELINE.replace(
        "      - id: " + COVERED, f"      - id: {FLAWED}\n        name: tempest.b\n      - id: {COVERED}"
    ),
    "suite/compute/test_flavors.py": TEST,
}
GUIDELINE_DOCUMENT = yaml.safe_load(CATALOG["guidelines/2020.06.yaml"].replace(": 2017-04-27", ": '2017-04-27'"))
RESULT = _result()
KINDS: Mapping[str, Kind] = {
    "result": Kind(path="run/result.json", make=tree(RESULT), verbs=_on("run", judged="")),
    "evidence": Kind(
        path="run/evidence/a.har",
        make=tree(HAR),
        verbs=(
            "report {in}/run --format html",
            "report {in}/run --format md",
            "report {in}/run",
            "export {in}/run --format junit",
        ),
    ),
    "refstack": Kind(path="refstack.json", make=tree(REFSTACK), verbs=_on("refstack.json")),
    "scs": Kind(
        path="scs.yaml",
        make=tree(SCS_DOCUMENT, as_yaml=True),
        verbs=_on("scs.yaml"),
    ),
    "scs text": Kind(path="scs.yaml", make=of_bytes((SCS + SCS_LATER).encode()), verbs=_on("scs.yaml")),
    "junit": Kind(path="junit.xml", make=lambda edits: edited_xml(JUNIT.encode(), edits), verbs=_on("junit.xml")),
    "junit bytes": Kind(path="junit.xml", make=of_bytes(JUNIT.encode()), verbs=_on("junit.xml")),
    "subunit 1": Kind(path="stream", make=of_bytes(stream_v1(*ENDINGS)), verbs=_on("stream")),
    "subunit 2": Kind(path="stream", make=_packets, verbs=_on("stream")),
    "subunit 2 bytes": Kind(path="stream", make=of_bytes(stream_v2(*ENDINGS)), verbs=_on("stream")),
    "stestr": Kind(path="stestr/.stestr/0", make=_packets, verbs=_on("stestr")),
    "official": Kind(path="2020.06.json", make=tree(OFFICIAL), verbs=_guidelines("2020.06.json")),
    "official 1": Kind(path="2015.03.json", make=tree(OFFICIAL_1), verbs=_guidelines("2015.03.json")),
    "guideline": Kind(
        path="mine.yaml",
        make=tree(GUIDELINE_DOCUMENT, as_yaml=True),
        verbs=_guidelines("mine.yaml"),
    ),
    "guideline text": Kind(
        path="guidelines/2020.06.yaml", make=of_bytes(CATALOG["guidelines/2020.06.yaml"].encode()), verbs=WHOLE
    ),
    "capability": Kind(
        path="capabilities/compute/flavors.yaml",
        make=tree(yaml.safe_load(CAPABILITY), as_yaml=True),
        verbs=(*WHOLE, "lint {in}/capabilities"),
    ),
    "lock": Kind(path="guidelines/frozen/2020.06.json", make=tree(LOCK), verbs=(*WHOLE, "lint {in}/guidelines")),
    "detection": Kind(path="capabilities/detection.json", make=tree(DETECTION), verbs=WHOLE),
    "policy": Kind(
        path="policy.yaml",
        make=tree(POLICY, as_yaml=True),
        verbs=(
            "lint {in}/policy.yaml",
            "score {good} --policy {in}/policy.yaml",
            "explain {good} --policy {in}/policy.yaml",
        ),
    ),
    "waivers": Kind(
        path="waivers.yaml",
        make=tree(WAIVERS, as_yaml=True),
        verbs=(
            "lint {in}/waivers.yaml",
            "score {good} --waivers {in}/waivers.yaml",
            "report {good} --waivers {in}/waivers.yaml --format html",
            "report {good} --waivers {in}/waivers.yaml --format md",
            "explain {good} --waivers {in}/waivers.yaml",
            "gate {good} --fail-on verdict --waivers {in}/waivers.yaml --format md",
        ),
    ),
    "known failures": Kind(
        path="known.yaml",
        make=tree(KNOWN, as_yaml=True),
        verbs=(
            "lint {in}/known.yaml",
            "gate {good} --baseline {good} --known-failures {in}/known.yaml",
            "gate {good} --baseline {good} --known-failures {in}/known.yaml --format github",
            "gate {good} --baseline {good} --known-failures {in}/known.yaml --format sarif",
            "gate {good} --baseline {good} --known-failures {in}/known.yaml --known-failures-baseline {in}/known.yaml",
        ),
    ),
    "worksheet": Kind(
        path="sheet.yaml",
        make=tree(WORKSHEET, as_yaml=True),
        verbs=("criteria {in}/sheet.yaml", "criteria {in}/sheet.yaml --format csv", "lint {in}/sheet.yaml"),
    ),
    "worksheet text": Kind(
        path="sheet.txt",
        make=of_bytes(SHEET.encode()),
        verbs=(
            "criteria {in}/sheet.txt",
            "criteria {in}/sheet.txt --format csv",
            "criteria {in}/sheet.txt --format yaml -o {out}/sheet.yaml",
            "criteria {in}/sheet.txt --format sheet --totals",
            "criteria {in}/sheet.txt --format json",
            "lint {in}/sheet.txt",
        ),
    ),
    "product": Kind(
        path="run/product.yaml",
        make=tree(PRODUCT, as_yaml=True),
        verbs=(MEASURED, f"{MEASURED} --format csv"),
    ),
    "many": Kind(
        path="run/result.json",
        make=tree(RESULT),
        verbs=(MEASURED, "compare" + " {in}/run" * 13 + " {good}"),
    ),
}
OFTEN = ("result", "result", "result", "evidence", "guideline", "official", "waivers")  # they reach the reports
BESIDE: Mapping[str, bytes] = {
    "run/result.json": json.dumps(RESULT).encode(),
    "run/evidence/a.har": json.dumps(HAR).encode(),
    "stestr/.stestr/format": b"1\n",
    **{path: text.encode() for path, text in CATALOG.items()},
}
"""What lies in the stranger's folder before the one document is put there that is changed."""
