"""Lint of the documents beside capabilities and guidelines: policies, waivers, known failures, worksheets.

A kind with rules beyond its schema gets an entry in `document_checks`; one without is held against its schema alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from functools import cache
from pathlib import Path

from defcore.catalog.capabilities import load_catalog
from defcore.catalog.document import read
from defcore.catalog.finding import Check, Severity
from defcore.catalog.folders import Data
from defcore.catalog.guidelines import guideline_names, load_guideline
from defcore.catalog.known_failures import load_known_failures, resolve_known_failures
from defcore.catalog.policies import load_policy
from defcore.catalog.waivers import load_waivers
from defcore.catalog.worksheets import read_worksheet
from defcore.errors import Problem, did_you_mean
from defcore.model.guideline import Guideline
from defcore.schemas import Place

Found = Iterator[tuple[Severity, Problem]]


def document_checks(data: Data, today: date) -> dict[str, Check]:
    """By the noun of the document's schema, or the suffix of its file. Names are those of the catalog in `data`."""

    @cache
    def guidelines() -> tuple[Guideline, ...]:
        return tuple(load_guideline(name, data) for name in guideline_names(data))

    return {
        "policy": lambda path: _policy(path, data),
        "waivers": lambda path: _waivers(path, guidelines(), today),
        "known-failures": lambda path: _known_failures(path, data, today),
        "worksheet": _worksheet,
        ".txt": _worksheet,
    }


def _policy(path: Path, data: Data) -> Found:
    policy = load_policy(path.resolve(), data)
    if policy.id != path.name.removesuffix(path.suffix):
        message = f"the policy {policy.id!r} does not belong into this file"
        hint = f"its file is {path.with_name(f'{policy.id}.yaml')}"
        yield Severity.ERROR, Problem(code="policy.misplaced", message=message, where=str(path), hint=hint)


def _waivers(path: Path, guidelines: Iterable[Guideline], today: date) -> Found:
    """Names that no guideline knows lift nothing: the waiver does not do what it says."""
    waivers = load_waivers(path)
    document = read(path)
    known = list(guidelines)
    tests = [test for guideline in known for one in guideline.capabilities for test in one.tests]
    valid: dict[str, set[str]] = {
        "guidelines": {one.id for one in known},
        "capabilities": {one.id for guideline in known for one in guideline.capabilities},
        "tests": {name for test in tests for name in (test.id, test.name)} - {""},
    }
    for n, waiver in enumerate(waivers):
        for kind, names in valid.items():
            for m, name in enumerate(getattr(waiver.scope, kind)):
                if name not in names:
                    place: Place = ("waivers", n, "scope", kind, m)
                    yield Severity.ERROR, _unknown(kind, name, names, document(place))
        if waiver.expires < today.isoformat():
            message = f"the waiver {waiver.id!r} ran out on {waiver.expires}"
            where = document(("waivers", n, "expires"))
            yield Severity.WARNING, Problem(code="waivers.expired", message=message, where=where)


def _unknown(kind: str, name: str, valid: Iterable[str], where: str) -> Problem:
    noun = {"guidelines": "guideline", "capabilities": "capability", "tests": "test"}[kind]
    message = f"no {noun} {name!r} in any guideline"
    return Problem(code=f"waivers.unknown-{noun}", message=message, where=where, hint=did_you_mean(name, valid) or None)


def _known_failures(path: Path, data: Data, today: date) -> Found:
    known = load_known_failures(path)
    resolve_known_failures(known, ((test.id, test.name) for test in load_catalog(data).tests))
    for entry in known.entries:
        if entry.expires < today.isoformat():
            message = f"the entry of {entry.test!r} ran out on {entry.expires}"
            yield Severity.WARNING, Problem(code="known-failures.expired", message=message, where=entry.where)


def _worksheet(path: Path) -> Found:
    yield from ((Severity.WARNING, one) for one in read_worksheet(path).irregularities)
