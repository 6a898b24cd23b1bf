"""`defcore guideline`: list, show, import, compare and freeze guidelines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Any

import click
from rich.table import Table
from rich.text import Text

from defcore.catalog import Data, find_data, guideline_names, load_guideline
from defcore.catalog.frozen import changes, lock_path, lock_text, read_lock
from defcore.catalog.guideline_diff import Change, GuidelineDiff, counts, diff_document
from defcore.catalog.guideline_diff import diff as compare
from defcore.catalog.guideline_yaml import guideline_text, notes_of
from defcore.catalog.guidelines import guideline_in
from defcore.cli.options import catalog_option, complete_guidelines
from defcore.cli.rendering import write
from defcore.cli.terminal import console, inert
from defcore.errors import EXIT_NO, EXIT_YES, InputError, Problem
from defcore.model.documents import text
from defcore.model.guideline import OWN_SCHEMA, Guideline, Platform
from defcore.model.lock import APPROVED, PUBLISHED, Lock, lock_of
from defcore.reading.strict_yaml import parse

HEADING = "Imported from an official guideline file of schema {schema}; `notes` say what was read in which way."
SIGNS = {"added": "+", "removed": "-", "changed": "~", "moved": ">", "renamed": "~"}
STYLES = {"added": "green", "removed": "red"}
GROUP_EPILOG = """\b
Examples:
  defcore guideline list
  defcore guideline diff 2019.06 2020.06
  defcore guideline import 2020.06.json -o guidelines/2020.06.yaml
"""
form_option = click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)


def _named(name: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A guideline by its name or file."""
    return click.argument(name, metavar=name.upper(), shell_complete=complete_guidelines)


@click.group(epilog=GROUP_EPILOG)
def guideline() -> None:
    """List, show, import, compare and freeze guidelines."""


@guideline.command("list")
@form_option
@catalog_option
def list_(form: str, catalog: Path | None) -> None:
    """List the guidelines that the catalog ships, with their size.

    \b
    Example: defcore guideline list --format json
    """
    data = find_data(explicit=catalog)
    locks = [_lock(name, data) for name in guideline_names(data)]
    if form == "json":
        rows = [_row(one) for one in locks]
        click.echo(text({"schema": "defcore/guidelines/1", "guidelines": rows}), nl=False)
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for name in ("guideline", "kind", "status", "replaces"):
        table.add_column(name)
    for name in ("capabilities", "tests"):
        table.add_column(name, justify="right")
    for row in map(_row, locks):
        table.add_row(*(Text(inert("" if value is None else str(value))) for value in row.values()))
    console().print(table)


def _lock(name: str, data: Data) -> Lock:
    """From the frozen file, which is read faster, else from the guideline."""
    path = lock_path(data.guidelines / f"{name}.yaml")
    return read_lock(path) if path.is_file() else lock_of(load_guideline(name, data))


def _row(lock: Lock) -> dict[str, str | int | None]:
    return {
        "id": lock.guideline,
        "kind": lock.kind.value,
        "status": lock.status,
        "replaces": lock.replaces,
        "capabilities": len(lock.tests),
        "tests": sum(len(keys) for _, keys in lock.tests),
    }


@guideline.command(short_help="Print what a guideline asks for.")
@_named("name")
@form_option
@catalog_option
def show(name: str, form: str, catalog: Path | None) -> None:
    """Print what a guideline asks for: its platforms with RefStack's counts, and how it was read.

    \b
    Example: defcore guideline show 2018.02
    """
    found = load_guideline(name, find_data(explicit=catalog))
    document = _summary(found)
    if form == "json":
        click.echo(text(document), nl=False)
        return
    out = console()
    out.print(Text(f"{inert(found.id)}, {found.kind}, {inert(found.status)}", style="bold"), soft_wrap=True)
    for key in ("source", "digest", "official_schema", "replaces", "approval", "releases", "cutoff"):
        value = document[key]
        words = ", ".join(value) if isinstance(value, list) else value
        if words not in (None, ""):
            out.print(Text(f"  {key.replace('_', ' ')}: {inert(str(words))}"), soft_wrap=True)
    for one in document["platforms"]:
        out.print(Text(inert(f"{one['name']} ({one['target']})"), style="bold"), soft_wrap=True)
        line = (
            f"  required: {one['capabilities']} capabilities, {one['tests']} tests: {one['must_pass']} must-pass, "
            f"{one['flagged']} flagged; of {', '.join(one['components']) or 'no component'}"
        )
        out.print(Text(inert(line)), soft_wrap=True)
        for other in one["elsewhere"]:
            out.print(Text(inert(f"  and {other}, which another guideline defines")), soft_wrap=True)
    for note in document["notes"]:
        out.print(Text(inert(f"note: {note}"), style="dim"), soft_wrap=True)


def _summary(found: Guideline) -> dict[str, Any]:
    return {
        "schema": "defcore/guideline-summary/1",
        "id": found.id,
        "kind": found.kind.value,
        "status": found.status,
        "source": found.source,
        "digest": found.digest,
        "official_schema": None if found.schema == OWN_SCHEMA else found.schema,
        "replaces": found.replaces,
        "approval": found.approval,
        "releases": list(found.releases),
        "cutoff": found.cutoff,
        "platforms": [_platform(one, found) for one in found.platforms],
        "notes": [*found.notes, *notes_of(found.irregularities)],
    }


def _platform(platform: Platform, found: Guideline) -> dict[str, Any]:
    asked = found.required(platform.components)
    tests = [test for _, own in asked for test in own]
    flagged = sum(test.flag is not None for test in tests)
    return {
        "name": platform.name,
        "target": platform.target,
        "components": list(platform.components),
        "elsewhere": [one.component for one in platform.elsewhere],
        "capabilities": len(asked),
        "tests": len(tests),
        "flagged": flagged,
        "must_pass": len(tests) - flagged,
    }


@guideline.command("import", short_help="Write our YAML of an official guideline file.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write here.  [default: print]")
@click.option("--force", is_flag=True, help="Replace the file that is there.")
@catalog_option
def import_(file: Path, output: Path | None, force: bool, catalog: Path | None) -> None:
    """Write our YAML of an official guideline file, of schema 1.2 to 2.0, add-on or vertical.

    What was irregular is printed, and noted in the file.

    \b
    Example: defcore guideline import 2020.06.json -o guidelines/2020.06.yaml
    """
    found = load_guideline(file, find_data(explicit=catalog))
    if found.schema == OWN_SCHEMA:
        problem = Problem(code="guideline.own", message="this guideline is ours already", where=str(file))
        raise InputError(problem)
    if output and output.exists() and not force:
        problem = Problem(
            code="guideline.exists", message="there is a file", where=str(output), hint="--force replaces it"
        )
        raise InputError(problem)
    notes = notes_of(found.irregularities)
    made = guideline_text(found, heading=HEADING.format(schema=found.schema), notes=notes)
    _check(found, made)
    if output:
        write(output, made)
    else:
        click.echo(made, nl=False)
    err = console(stderr=True)
    for note in notes:
        err.print(Text(inert(f"read leniently: {note}")), soft_wrap=True)


def _check(found: Guideline, made: str) -> None:
    """What is written must say the same."""
    again = guideline_in(parse(made.encode(), f"our YAML of {found.path}"))
    if replace(again, digest=found.digest) != found:
        message = "our YAML of it would not say the same"
        raise InputError(Problem(code="guideline.import", message=message, where=found.path))


@guideline.command()
@_named("before")
@_named("after")
@form_option
@catalog_option
def diff(before: str, after: str, form: str, catalog: Path | None) -> None:
    """Print what changed from one guideline to another. BEFORE and AFTER are names or files, official ones too.

    \b
    Examples:
      defcore guideline diff 2019.06 2019.11
      defcore guideline diff 2020.06 next.json --format json
    """
    data = find_data(explicit=catalog)
    made = compare(load_guideline(before, data), load_guideline(after, data))
    if form == "json":
        click.echo(text(diff_document(made)), nl=False)
        return
    out = console()
    out.print(Text(inert(f"{made.before.id} -> {made.after.id}"), style="bold"), soft_wrap=True)
    for line, style in _lines(made):
        out.print(Text(inert(line), style=style), soft_wrap=True)


def _lines(made: GuidelineDiff) -> Iterator[tuple[str, str]]:
    number = counts(made.changes)
    for area, own in groupby(made.changes, key=lambda one: one.area):
        summary = ", ".join(f"{count} {action}" for action, count in number[area].items())
        yield f"{area}: {summary}", "bold"
        for one in own:
            yield f"  {SIGNS[one.action]} {_words(one)}", STYLES.get(one.action, "")
    if not made.changes:
        yield "no fact has changed", ""


def _words(one: Change) -> str:
    within = f" ({one.within})" if one.within and one.area != "capability" else ""
    name = f"{one.within}: {one.name}" if one.within and one.area == "capability" else f"{one.name}{within}"
    match one.action:
        case "moved":
            return f"{name}: from {one.before} to {one.after}"
        case "renamed":
            return f"{name}: was {one.before}"
        case "changed":
            return f"{name}: {one.before or 'nothing'} -> {one.after or 'nothing'}"
    value = one.after if one.action == "added" else one.before
    return f"{name}: {value}" if value else name


@guideline.command(short_help="Freeze an approved guideline.")
@_named("name")
@click.option("--check", is_flag=True, help="Write nothing; say whether what was frozen holds.")
@catalog_option
def freeze(name: str, check: bool, catalog: Path | None) -> int:
    """Freeze an approved guideline: its digest, weights, statuses and tests, in frozen/ beside its file.

    From then on tests may be flagged and words mended, for which it is frozen anew; nothing else may change. Of a draft
    that is published, of status review or advisory, only the weights and the cutoff are frozen.

    \b
    Exit code: 0 frozen, 1 something else has changed (with --check: anything).
    Example: defcore guideline freeze guidelines/2020.06.yaml
    """
    found = load_guideline(name, find_data(explicit=catalog))
    path, own = lock_path(Path(found.path)), lock_of(found)
    if not check and not path.is_file() and found.status not in (*APPROVED, *PUBLISHED):
        message = f"{found.id} is {found.status}, and may still change"
        hint = "set its status: approved, or review for a draft that is published"
        raise InputError(Problem(code="guideline.draft", message=message, where=found.path, hint=hint))
    out = console()
    before = read_lock(path) if path.is_file() else None
    if before is not None and before.digest == own.digest:
        out.print(Text(inert(f"{found.id} is as it was frozen")), soft_wrap=True)
        return EXIT_YES
    broken = changes(before, own) if before else ()
    for line in broken:
        out.print(Text(inert(f"changed after it was frozen: {line}"), style="red"), soft_wrap=True)
    if broken or check:
        if not broken:
            words = "not frozen" if before is None else "changed since it was frozen, in words, flags or status"
            out.print(Text(inert(f"{found.id} is {words}"), style="red"), soft_wrap=True)
        return EXIT_NO
    path.parent.mkdir(exist_ok=True)
    write(path, lock_text(own))
    out.print(Text(inert(f"{found.id} is frozen in {path}")), soft_wrap=True)
    return EXIT_YES
