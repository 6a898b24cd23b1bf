"""The command line with the canary cases as its suite, and several verbs in one process.

python -m tests.faults.canary_driver ABOUT.json run --cloud ...
python -m tests.faults.canary_driver VERBS.json
"""

from __future__ import annotations

import functools
import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from defcore.cli import call
from defcore.cli.options import Selection
from defcore.model.plan import Plan

SUITE = "canary_suite"
ADDED = {"http_proxy"}
"""Of the environment of one verb alone."""


def run(about: dict[str, Any], arguments: list[str]) -> int:
    """The verb `run` as it is, but for the tests that are planned."""
    import defcore.cli.run as verb

    load = Selection.load
    names = {uuid: name for name, uuid in about["uuids"].items()}

    def load_cases(self: Selection) -> tuple[Any, Any, Plan]:
        guideline, catalog, plan = load(self)
        tests = tuple(
            replace(one, case=replace(one.case, name=name, nodeid=f"test_canary.py::{name}", needs=()))
            for one in plan.tests
            if (name := names.get(one.case.id))
        )
        return guideline, catalog, replace(plan, tests=tests)

    Selection.load = load_cases  # type: ignore[method-assign]
    verb.RunRequest = functools.partial(verb.RunRequest, suite=SUITE)  # type: ignore[misc, assignment]
    return call(arguments)


def main() -> int:
    document = json.loads(Path(sys.argv[1]).read_text())
    if sys.argv[2:]:
        return run(document, sys.argv[2:])
    for verb in document:
        os.environ |= verb["environment"]
        code = call(verb["arguments"])
        sys.stderr.flush()
        sys.stdout.write(f"\n== {verb['name']}: {code}\n")
        sys.stdout.flush()
        for name in verb["environment"].keys() & ADDED:
            del os.environ[name]
    return 0


if __name__ == "__main__":
    sys.exit(main())
