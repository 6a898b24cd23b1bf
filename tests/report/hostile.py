"""A result and its evidence as a cloud, or the sender of a result, would make them to harm whoever looks."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from defcore.judge import score
from defcore.model.guideline import Flag
from defcore.model.outcome import Attempt, Cause, Finding, Outcome
from defcore.model.plan import Setting
from defcore.model.result import CloudInfo, Leftover, Result
from defcore.model.scorecard import Scorecard
from tests.policies import STRICT
from tests.values import DATE, guideline, record, result

SCRIPT = "</script></style></title><script>alert(1)</script><img src=x onerror=alert(2)>\"'><svg onload=alert(3)>"
TERMINAL = "\x1b]0;owned\x07\x1b[2J\x1b[31mred\x9b31m\r\n[bold]rich[/bold]"
BIDI = "safe\u202egnp.exe\u2066\u200b\u2028\ufeff\U000e0041"
LONG = "A" * 1_000_000
TEMPLATE = "{{ 7 * 7 }}{% raw %}${alert(4)}"
FETCH = "https://evil.example/x.png"
ALL = f"{SCRIPT}{TERMINAL}{BIDI}{TEMPLATE}\ud800\ufffe"
LINKS = (
    "javascript:alert(5)",
    "data:text/html,<script>alert(6)</script>",
    "https://evil.example/api-ref",
    "https://docs.openstack.org@evil.example/",
    "https://docs.openstack.org.evil.example/",
    "//evil.example/",
    'https://docs.openstack.org/"onclick="alert(7)',
    " javascript:alert(8)",
    "https://docs.openstack.org:99999999/",
    "https://[docs.openstack.org/",
    "JaVaScRiPt:alert(9)",
)


def har(body: str = SCRIPT) -> dict[str, Any]:
    return {
        "log": {
            "comment": ALL,
            "entries": [
                None,
                {"request": None, "response": "x", "time": "soon"},
                {
                    "time": 12.5,
                    "_requestId": f"req-{ALL}",
                    "comment": ALL,
                    "request": {
                        "method": f"GET{ALL}",
                        "url": f"javascript:alert(10)//{ALL}",
                        "headers": [{"name": ALL, "value": ALL}, 1, {"name": 2}],
                        "postData": {"mimeType": "application/json", "text": "[" * 50_000},
                    },
                    "response": {
                        "status": 500,
                        "statusText": ALL,
                        "headers": [{"name": "Link", "value": f"<{FETCH}>; rel=preload"}],
                        "content": {"mimeType": "text/html", "text": body},
                    },
                },
                {
                    "request": {"method": "GET", "url": "http://cloud/v3"},
                    "response": {
                        "status": 0,
                        "content": {"mimeType": "application/json", "text": json.dumps({"a": ALL, "b": LONG})},
                    },
                },
            ],
        }
    }


EVIDENCE = {"evidence/a.har": har(), "evidence/long.har": har(LONG), "evidence/odd.har": {"log": {"entries": {}}}}


def hostile() -> tuple[Scorecard, Result]:
    records = [
        record(
            f"{n}{ALL}",
            Outcome.FAILED,
            f"o{n}",
            nodeid=f"compute/{ALL}::{ALL}",
            name=f"{n} {ALL}",
            promise=ALL,
            reference=reference,
            capability=ALL,
            reason=ALL,
            expected=ALL,
            seen=ALL,
            evidence="evidence/a.har",
            findings=(Finding(kind=ALL, where=ALL, expected=ALL, seen=ALL),),
            attempts=tuple(
                Attempt(n=k, outcome=Outcome.FAILED, started=ALL, seconds=1e300, reason=ALL) for k in (1, 2)
            ),
        )
        for n, reference in enumerate(LINKS)
    ]
    records += [
        record("long", Outcome.ERROR, name=LONG, promise=LONG, reason=LONG, evidence="evidence/long.har"),
        record("missing", Cause.ABSENT, reason=ALL, evidence=f"evidence/../../etc/passwd{ALL}"),
        record("odd", Outcome.FAILED, evidence="evidence/odd.har"),
        record("zalgo", Outcome.NOT_RUN, name="Z" + "\u0335" * 5_000),
        record("good", Outcome.PASSED, name="test_good"),
    ]
    made = replace(
        result(*records, complete=False),
        guideline=ALL,
        guideline_digest=ALL,
        suite_version=ALL,
        suite_digest=ALL,
        cloud=CloudInfo(
            name=f"$(reboot);{ALL}",
            cpid=ALL,
            region=ALL,
            endpoints=((ALL, FETCH),),
            microversions=((ALL, ALL, ALL),),
        ),
        leftovers=(Leftover(kind=ALL, id=ALL, name=LONG, cloud=ALL, reason=ALL),),
    )
    made = replace(made, run=replace(made.run, settings=(Setting(name=ALL, value=ALL, reason=ALL),)))
    names = [one for test in records for one in test.covers]
    asked = guideline({ALL: {ALL: "required"}}, {ALL: names})
    capability = asked.capabilities[0]
    flagged = replace(capability.tests[0], flag=Flag(code=ALL, date=ALL, reason=ALL))
    asked = replace(
        asked, id=ALL, capabilities=(replace(capability, description=ALL, tests=(flagged, *capability.tests[1:])),)
    )
    return score(made, asked, target=None, policy=STRICT, date=DATE), made
