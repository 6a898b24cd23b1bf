"""`defcore show`: what is known of a capability, a test or an official test, without a cloud."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem
from rich.text import Text

from defcore.catalog import Data, current_guidelines, find_data, load_catalog, load_detection, load_guideline
from defcore.cli.options import catalog_option
from defcore.cli.terminal import console, inert
from defcore.errors import DefcoreError, InputError, Problem, did_you_mean
from defcore.model.capability import Capability, Catalog, Strength, TestCase
from defcore.model.documents import text
from defcore.model.guideline import Guideline
from defcore.report.overview import (
    asked_words,
    official_names,
    overview,
    overview_document,
    strength_words,
    test_document,
)

EPILOG = """\b
Examples:
  defcore show compute-flavors-list
  defcore show e36c0eaa-dff5-4082-ad1f-3f9a80aa3f59     an official test: who answers for it
  defcore show flavors_brief_matches_show --format json

\b
Detection: how many deviations of a cloud were aimed at the capability, and how many its tests noticed.
"""
Line = tuple[str, str]
"""Words and their style."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Known:
    catalog: Catalog
    guidelines: tuple[Guideline, ...]
    detection: dict[str, Strength]
    names: dict[str, str]
    """Official id -> name."""

    def home(self, case: TestCase) -> str:
        return next(one.id for one in self.catalog.capabilities if case.id in one.tests)


def _complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001
    try:
        catalog = load_catalog(find_data(explicit=ctx.params.get("catalog")))
    except DefcoreError:
        return []
    return [CompletionItem(one.id, help=one.title) for one in catalog.capabilities if one.id.startswith(incomplete)]


@click.command(epilog=EPILOG)
@click.argument("name", metavar="CAPABILITY|TEST", shell_complete=_complete)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@catalog_option
def show(name: str, form: str, catalog: Path | None) -> None:
    """Print what is known of a capability, or of a test by its name, its UUID or an official id that it covers."""
    known = _load(find_data(explicit=catalog))
    capability = next((one for one in known.catalog.capabilities if one.id == name), None)
    if capability:
        view = overview(capability, known.catalog, known.guidelines)
        document = overview_document(view, known.detection.get(name), known.names)
        lines = _capability_lines(capability, known)
    else:
        cases = _cases(name, known)
        found = [test_document(case, known.home(case), known.names) for case in cases]
        document = {"schema": "defcore/tests/1", "tests": found}
        lines = (line for case in cases for line in (*_test_lines(case, known, known.home(case)), ("", "")))
    if form == "json":
        click.echo(text(document), nl=False)
        return
    out = console()
    for words, style in lines:
        out.print(Text(inert(words), style=style), soft_wrap=True)


def _load(data: Data) -> _Known:
    guidelines = tuple(load_guideline(name, data) for name in current_guidelines(data))
    return _Known(
        catalog=load_catalog(data),
        guidelines=guidelines,
        detection=load_detection(data),
        names=official_names(guidelines),
    )


def _cases(name: str, known: _Known) -> list[TestCase]:
    """The test of that UUID or name, or those that cover the official id. Raises InputError."""
    wanted = name.lower().removeprefix("id-")
    plain = name.removeprefix("test_")
    found = [one for one in known.catalog.tests if wanted in (one.id, *one.covers) or plain == one.name]
    if found:
        return found
    if wanted in known.names:
        message = f"no test answers for the official test {wanted} ({known.names[wanted]})"
        raise InputError(Problem(code="show.uncovered", message=message))
    valid = [one.id for one in known.catalog.capabilities] + [one.name for one in known.catalog.tests]
    raise InputError(
        Problem(
            code="show.unknown",
            message=f"no capability and no test {name!r}",
            hint=did_you_mean(name, valid) or "the names: defcore plan",
        )
    )


def _capability_lines(capability: Capability, known: _Known) -> Iterator[Line]:
    view = overview(capability, known.catalog, known.guidelines)
    yield f"{capability.id}: {capability.title}", "bold"
    if capability.reference:
        yield f"  {capability.reference}", "dim"
    for one in view.asked:
        official = f"{one.official} official test{'' if one.official == 1 else 's'}"
        yield f"  {one.guideline}: {asked_words(one)}, {official}", ""
    if not view.asked:
        yield "  in no guideline", ""
    yield f"  detection: {strength_words(known.detection.get(capability.id))}", ""
    for case in view.tests:
        yield "", ""
        yield from _test_lines(case, known)
    if view.elsewhere:
        yield "", ""
        yield "Official tests of this capability are also covered by", "bold"
        yield from ((f"  {case.name} of {home}", "") for home, case in view.elsewhere)


def _test_lines(case: TestCase, known: _Known, home: str = "") -> Iterator[Line]:
    kind = "decides" if case.covers else "advisory: decides no verdict"
    yield f"{case.name}, {kind}", "bold"
    yield f"  {case.promise}", ""
    facts: dict[str, Any] = {
        "capability": home,
        "reference": case.reference,
        "needs": ", ".join(case.needs),
        "alone with": ", ".join(case.exclusive),
        "test": f"{case.id}  {case.nodeid}",
    }
    yield from ((f"  {name}: {value}", "dim") for name, value in facts.items() if value)
    yield from ((f"  covers: {id}  {known.names.get(id, '')}".rstrip(), "dim") for id in case.covers)
