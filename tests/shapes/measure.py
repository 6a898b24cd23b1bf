"""Runs the suite against a site, and writes down what became of each test."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from defcore.catalog import find_data, load_catalog
from defcore.model.capability import Service, TestCase
from defcore.model.outcome import Attempt, Outcome, worst
from defcore.run.journal import read_journal
from tests.shapes.site import Site

IDENTIFIER = re.compile(
    r"defcore-[0-9a-f]{8}-\S+?(?=[\s'\",;:)]|$)|[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|\b[0-9a-f]{32}\b"
)
NOT_TOLD = "no outcome is on record"


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    services: tuple[Service, ...] = ()
    """All if empty."""
    words: str = ""
    """As of pytest's -k."""


def run_suite(
    site: Site, folder: Path, selection: Selection, workers: int, *more: str
) -> tuple[dict[str, Attempt], float]:
    """The last attempt at each test, by the test's id, and the seconds that all took. Its output is in `suite.log`.

    `more` are further options of pytest.
    """
    modules = [f"defcore.suite.{one.replace('-', '_')}" for one in selection.services] or ["defcore.suite"]
    users = [f"--defcore-{role}-cloud={name}" for role, name in site.users.items() if role != "primary"]
    command = [
        *(sys.executable, "-m", "pytest", "--pyargs", *modules, "-q", "-n", str(workers), "-p", "no:cacheprovider"),
        *(f"--defcore-cloud={site.users['primary']}", *users, f"--defcore-run={folder}", f"--rootdir={folder}"),
        *(["-k", selection.words] if selection.words else []),
        *more,
    ]
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("OS_", "DEFCORE_"))}
    environment = clean | {"OS_CLIENT_CONFIG_FILE": str(site.clouds_file)}
    folder.mkdir(parents=True)
    began = time.monotonic()
    with (folder / "suite.log").open("w") as log:
        subprocess.run(
            command,
            env=environment,
            cwd=folder,
            stdout=log,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            check=False,
        )
    seconds = time.monotonic() - began
    return {line.test: line.attempt for line in read_journal(folder).lines}, seconds


def tests_of(service: Service) -> tuple[TestCase, ...]:
    """Those of the catalog."""
    return tuple(one for one in load_catalog(find_data()).tests if one.service is service)


def document(tests: Iterable[TestCase], attempts: Mapping[str, Attempt]) -> dict[str, Any]:
    """The outcomes of all tests, and of the official ones that did not pass."""
    cases = tuple(tests)
    outcomes = {case.id: attempts[case.id].outcome if case.id in attempts else Outcome.NOT_RUN for case in cases}
    covering: dict[str, list[TestCase]] = {}
    for case in cases:
        for id in case.covers:
            covering.setdefault(id, []).append(case)
    officially = {id: worst(outcomes[case.id] for case in covered_by) for id, covered_by in covering.items()}
    return {
        "tests": _counts(outcomes.values()),
        "official": _counts(officially.values()),
        "not_passed": [_row(case, attempts.get(case.id)) for case in cases if outcomes[case.id] is not Outcome.PASSED],
    }


def _counts(outcomes: Iterable[Outcome]) -> dict[str, int]:
    seen = list(outcomes)
    return {str(one): seen.count(one) for one in Outcome}


def _row(case: TestCase, attempt: Attempt | None) -> dict[str, Any]:
    return {
        "uuid": case.id,
        "name": case.name,
        "service": str(case.service),
        "outcome": str(attempt.outcome if attempt else Outcome.NOT_RUN),
        "cause": str(attempt.cause) if attempt and attempt.cause else None,
        "reason": lasting(attempt.reason or "") if attempt else NOT_TOLD,
        "covers": list(case.covers),
    }


def lasting(reason: str) -> str:
    """The reason without what is different in each run: ids, names, addresses."""
    text = IDENTIFIER.sub("…", reason.splitlines()[0] if reason else "")
    text = re.sub(r"\breq-…", "…", text)
    return re.sub(r"https?://(127\.0\.0\.1|localhost):\d+", "", text)[:300]
