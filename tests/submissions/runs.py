"""Run folders as `defcore run` leaves them, of real plans, with made-up outcomes and exchanges."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

from defcore.catalog import find_data, load_catalog, load_guideline
from defcore.model.documents import result_document, text
from defcore.model.outcome import Attempt, Cause, Outcome, TestRecord
from defcore.model.plan import Plan, PlannedTest, Setting
from defcore.model.result import CloudInfo, Leftover, Result, RunInfo
from defcore.plan import make_plan, to_json

RUN = "0f4f2f8e-1111-4222-8333-944444444444"
OTHER_RUN = "77777777-1111-4222-8333-944444444444"
GUIDELINE = "2020.06"
SETTINGS = (Setting(name="image", value="cirros", reason="the smallest active one"),)
PRODUCT = """\
schema: defcore/product/1
vendor: ACME GmbH
name: ACME Cloud
version: "3.10"
contact: interop@acme.example
url: https://acme.example/cloud
"""


SELECTION = ("objectstore-container-acl", "objectstore-container-create")


@cache
def plan(*, whole: bool = False) -> Plan:
    """The plan for the object storage of the guideline, or for a part of it."""
    data = find_data()
    chosen = () if whole else SELECTION
    made = make_plan(load_guideline(GUIDELINE, data), load_catalog(data), target="object", capability=chosen)
    return replace(made, settings=SETTINGS)


FEW = len(plan().tests)
"""Tests of a plan that is quick to read."""


def make_run(
    folder: Path,
    outcomes: Mapping[int, Outcome] | None = None,
    *,
    whole: bool = False,
    run: str = RUN,
    complete: bool = True,
    challenge: str | None = None,
    planned: Plan | None = None,
) -> Result:
    """A run folder in which every test passed, but for those whose number in the plan has another outcome."""
    planned = planned or plan(whole=whole)
    (folder / "evidence").mkdir(parents=True)
    tests = tuple(
        _record(folder, test, (outcomes or {}).get(n, Outcome.PASSED), f"{run} {n}")
        for n, test in enumerate(planned.tests)
    )
    result = Result(
        run=_run_info(planned, run, complete=complete, challenge=challenge),
        guideline=planned.guideline,
        guideline_digest=planned.guideline_digest,
        suite_version=planned.suite_version,
        suite_digest=planned.suite_digest,
        cloud=CloudInfo(
            name="acme",
            cpid="c" * 32,
            region="RegionOne",
            endpoints=(("object-store", "https://swift.acme.example/v1"), ("identity", "https://acme.example/v3")),
            microversions=(),
        ),
        tests=tests,
        leftovers=(Leftover(kind="container", id=None, name="defcore-0f4f2f8e-x", cloud="acme", reason="409"),),
    )
    (folder / "plan.json").write_text(text(to_json(planned)))
    (folder / "result.json").write_text(text(result_document(result)))
    return result


def _run_info(planned: Plan, run: str, *, complete: bool, challenge: str | None) -> RunInfo:
    return RunInfo(
        id=run,
        started="2026-01-31T12:00:00.125+00:00",
        finished="2026-01-31T12:10:00.5+00:00" if complete else None,
        seconds=600.375,
        complete=complete,
        target=planned.target,
        settings=SETTINGS,
        challenge=challenge,
    )


def _record(folder: Path, test: PlannedTest, outcome: Outcome, says: str) -> TestRecord:
    attempt = Attempt(
        n=1,
        outcome=outcome,
        started="2026-01-31T12:00:01+00:00",
        seconds=0.125,
        cause=Cause.PREREQUISITE if outcome is Outcome.SKIPPED else None,
        reason=None if outcome is Outcome.PASSED else "it answered with 500, \u00fcberraschend \ud800",
        evidence=None if outcome is Outcome.SKIPPED else exchange(folder, says),
    )
    tried = outcome is not Outcome.NOT_RUN
    return replace(
        test.untried(),
        outcome=outcome,
        cause=attempt.cause,
        reason=attempt.reason if tried else None,
        attempts=(attempt,) if tried else (),
        evidence=attempt.evidence if tried else None,
    )


def exchange(folder: Path, says: str) -> str:
    """A HAR file named by its SHA-256, of one request that names nothing; its path in the folder."""
    entry = {
        "startedDateTime": "2026-01-31T12:00:01.01+00:00",
        "request": {"method": "GET", "url": "https://swift.acme.example/v1/AUTH_1"},
        "response": {"status": 204},
    }
    content = (json.dumps({"log": {"version": "1.2", "entries": [entry], "comment": says}}) + "\n").encode()
    path = f"evidence/{hashlib.sha256(content).hexdigest()}.har"
    (folder / path).write_bytes(content)
    return path
