"""RefStack JSON: the tests that passed, and no others.

`{"cpid": text, "duration_seconds": whole number, "results": [{"name": text, "uuid": text}]}`; all three keys must be
there, no others may, `results` is not empty, and only `uuid` may be left out.
"""

from __future__ import annotations

import math

from defcore.errors import InputError, Problem
from defcore.model import documents
from defcore.model.node import Node
from defcore.model.outcome import Outcome
from defcore.model.result import Result
from defcore.model.scorecard import Scorecard
from defcore.results.foreign import LONGEST_NAME, Report, Sighting, bare_uuid, check_count, make_result
from defcore.results.official import told
from defcore.results.source import Source

KEYS = ("cpid", "duration_seconds", "results")
ITEM_KEYS = ("name", "uuid")


def read(source: Source, document: object) -> Result:
    """The result in a parsed RefStack document. InputError names the place of what is wrong."""
    root = Node(document, f"{source.name}: $", "refstack")
    _only(root, KEYS)
    cpid, seconds = root["cpid"].text(), root["duration_seconds"]
    results = root["results"]
    items = list(results)
    check_count(source, len(items))
    sightings = dict.fromkeys(map(_sighting, items))
    if not sightings:
        results.wrong("no test is named; RefStack takes no empty list", code="empty")
    return make_result(
        source,
        Report(
            format="refstack",
            sightings=tuple(sightings),
            passes_only=True,
            cpid=cpid,
            seconds=Node(seconds.whole(), seconds.path, seconds.kind).number(),
        ),
    )


def _sighting(item: Node) -> Sighting:
    _only(item, ITEM_KEYS)
    name = item["name"].text()
    if not name or len(name) > LONGEST_NAME:
        item["name"].wrong(f"a name has 1 to {LONGEST_NAME} characters")
    has_uuid = any(key == "uuid" for key, _ in item.items())
    covers = (bare_uuid(item["uuid"].text()),) if has_uuid else ()
    return Sighting(name=name, covers=covers, outcome=Outcome.PASSED)


def _only(node: Node, keys: tuple[str, ...]) -> None:
    for key, value in node.items():
        if key not in keys:
            value.wrong(f"RefStack knows no such field; valid: {', '.join(keys)}", code="unknown-field")


def write(card: Scorecard, result: Result, cpid: str | None = None) -> str:
    """RefStack JSON of the tests that passed. `cpid`: of the cloud, if the result does not name it.

    InputError if nobody names the cloud, or no test passed: RefStack takes neither.
    """
    known = cpid or result.cloud.cpid
    if not known:
        hint = "--cpid ID: the id of the identity service in the catalog, else md5 hex of the auth URL's host name"
        raise InputError(Problem(code="export.cpid", message="the result does not name its cloud", hint=hint))
    passed = {one.name: one.uuid for one in told(card, result) if one.outcome is Outcome.PASSED and one.name}
    if not passed:
        message = "no test passed, and RefStack takes no empty list"
        raise InputError(Problem(code="export.empty", message=message))
    return documents.text(
        {
            "cpid": known,
            "duration_seconds": math.ceil(result.run.seconds),
            "results": [{"name": name} | ({"uuid": passed[name]} if passed[name] else {}) for name in sorted(passed)],
        }
    )
