"""`defcore lint`: what is wrong with capabilities, guidelines, policies, waivers and worksheets."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path

import click
from rich.console import Console
from rich.text import Text

from defcore.catalog import find_data
from defcore.catalog.document_checks import document_checks
from defcore.catalog.finding import Finding, Severity
from defcore.catalog.lint import Linter
from defcore.cli.criteria import check_worksheet
from defcore.cli.options import catalog_option
from defcore.cli.terminal import console, inert
from defcore.errors import EXIT_NO, EXIT_YES, Problem
from defcore.model.documents import text

LINT_SCHEMA = "defcore/lint/1"
WORKSHEETS = ("worksheet", ".txt")
"""Noun of the schema, and suffix of the official text form."""
LINE = re.compile(r"(?P<file>.*):(?P<line>[0-9]+):(?P<column>[0-9]+)")
EPILOG = """\b
Examples:
  defcore lint                                   the whole catalog, with the suite's marks
  defcore lint guidelines/mine.yaml policies/    a file, and all files of a folder
  defcore lint next.json --all                   an official file: everything that is irregular in it
  defcore lint --format github                   annotations in a workflow of GitHub Actions

\b
A guideline that was approved, superseded or frozen cannot be mended: what it does wrong is a warning. In a draft it
is an error. Exit code: 0 no errors, 1 errors, 2 a path that is not there.
"""
STYLES = {Severity.ERROR: "bold red", Severity.WARNING: "yellow"}


@click.command(epilog=EPILOG)
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--format", "form", type=click.Choice(["text", "json", "github"]), default="text", show_default=True)
@click.option("--all", "everything", is_flag=True, help="Print every warning, not one of each kind a file.")
@click.option(
    "--date",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="YYYY-MM-DD",
    help="The day for which waivers, known failures and the flags of drafts count.  [default: today]",
)
@catalog_option
def lint(paths: tuple[Path, ...], form: str, everything: bool, date: datetime | None, catalog: Path | None) -> int:
    """Check capabilities, guidelines, policies, waivers and worksheets; without PATH the whole catalog."""
    data = find_data(explicit=catalog)
    today = (date or datetime.now(UTC)).date()
    sheets = dict.fromkeys(WORKSHEETS, _worksheet)  # judging them takes more than the catalog knows
    linter = Linter(data=data, today=today, checks=document_checks(data, today) | sheets)
    if not paths:
        linter.catalog(data)
    for path in paths:
        linter.path(path)
    findings = linter.finish()
    if form == "json":
        click.echo(text(_document(findings, linter.files)), nl=False)
    elif form == "github":
        for one in findings:
            click.echo(_annotation(one))
    else:
        _print(findings, linter.files, everything=everything)
    return EXIT_NO if any(one.severity is Severity.ERROR for one in findings) else EXIT_YES


def _worksheet(path: Path) -> Iterator[tuple[Severity, Problem]]:
    """A total that its marks do not give is to be mended; the rest is worth knowing."""
    for one in check_worksheet(path):
        yield Severity.ERROR if one.code == "worksheet.wrong-total" else Severity.WARNING, one


def _count(findings: Iterable[Finding], severity: Severity) -> int:
    return sum(one.severity is severity for one in findings)


def _document(findings: Sequence[Finding], files: int) -> dict[str, object]:
    return {
        "schema": LINT_SCHEMA,
        "files": files,
        "errors": _count(findings, Severity.ERROR),
        "warnings": _count(findings, Severity.WARNING),
        "findings": [
            {
                "severity": one.severity.value,
                "file": one.file,
                "code": one.problem.code,
                "message": one.problem.message,
                "where": one.problem.where,
                "hint": one.problem.hint,
            }
            for one in findings
        ],
    }


def _annotation(one: Finding) -> str:
    """A workflow command of GitHub Actions."""
    place = LINE.fullmatch(one.problem.where or "")
    where = f"file={_property(one.file)}"
    if place:
        where += f",line={place['line']},col={place['column']}"
    words = ": ".join(filter(None, (one.problem.message, one.problem.hint)))
    at = "" if place or not one.problem.where else f"{one.problem.where}: "
    return f"::{one.severity} {where},title={_property(one.problem.code)}::{_data(inert(at + words))}"


def _data(value: str) -> str:
    return value.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(value: str) -> str:
    return _data(inert(value)).replace(":", "%3A").replace(",", "%2C")


def _print(findings: Sequence[Finding], files: int, *, everything: bool) -> None:
    out = console()
    for file, own in groupby(sorted(findings, key=lambda one: one.file), key=lambda one: one.file):
        out.print(Text(inert(file), style="bold"), soft_wrap=True)
        for one, more in _folded(list(own), everything=everything):
            _print_one(one, more, out)
    errors, warnings = _count(findings, Severity.ERROR), _count(findings, Severity.WARNING)
    words = f"{_number(files, 'file')}: {_number(errors, 'error')}, {_number(warnings, 'warning')}"
    out.print(Text(words, style="bold red" if errors else "bold green"), soft_wrap=True)


def _number(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _folded(findings: Sequence[Finding], *, everything: bool) -> Iterator[tuple[Finding, int]]:
    """Errors all; of the warnings the first of each kind, with how many more there are."""
    seen: set[str] = set()
    for one in findings:
        same = [other for other in findings if other.problem.code == one.problem.code]
        if everything or one.severity is Severity.ERROR:
            yield one, 0
        elif one.problem.code not in seen:
            seen.add(one.problem.code)
            yield one, len(same) - 1


def _print_one(one: Finding, more: int, out: Console) -> None:
    where = (one.problem.where or "").removeprefix(one.file).lstrip(": ")
    line = Text(f"  {one.severity}: ", style=STYLES[one.severity])
    if where:
        line.append(f"{inert(where)}: ", style="bold")
    line.append(inert(one.problem.message), style="not bold default")
    line.append(f" [{one.problem.code}]", style="not bold dim")
    if more:
        line.append(f" and {more} more", style="not bold dim")
    out.print(line, soft_wrap=True)
    if one.problem.hint:
        out.print(Text(f"    {inert(one.problem.hint)}"), soft_wrap=True)
