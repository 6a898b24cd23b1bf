"""`defcore plan`: which tests a guideline asks for, and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import groupby

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from defcore.cli.options import Selection, budget_option, selection_options
from defcore.cli.terminal import console, inert
from defcore.model.budget import Budget
from defcore.model.documents import text
from defcore.model.guideline import Guideline
from defcore.model.plan import Plan, PlannedTest, Uncovered, Why
from defcore.plan import to_json

HEADERS = ("test", "why", "covers", "needs")
EPILOG = """\b
Examples:
  defcore plan --platform object
  defcore plan --service compute --required-only
  defcore plan --capability compute-servers-list --format json

\b
Columns:
  why     the capability's status, or "beside": a check of ours that decides no verdict
  covers  how many official tests the test answers for
  needs   what the test needs beyond one ordinary user
"""


@click.command(epilog=EPILOG)
@selection_options
@budget_option
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def plan(selection: Selection, budget: Budget, form: str) -> None:
    """Print which tests a guideline asks for, and why."""
    guideline, _, made = selection.load()
    made = replace(made, budget=budget)
    if form == "json":
        click.echo(text(to_json(made)), nl=False)
        return
    out = console()
    _print_tests(made, guideline, out)
    _print_uncovered(made.uncovered, out)
    out.print(Text(f"Budget of a run: {made.budget}."), soft_wrap=True)
    out.print(Text(_summary(made, guideline)), soft_wrap=True)


def _summary(made: Plan, guideline: Guideline) -> str:
    platform = guideline.platform(made.target) if made.target else None
    about = platform.name if platform else "every component"
    narrowed = f" ({' '.join(made.selection)})" if made.selection else ""
    uncovered = len({one.id for one in made.uncovered})
    covered = len({test for planned in made.tests for why in planned.why for test in why.covers})
    return (
        f"{inert(made.guideline)}, {inert(about)}{inert(narrowed)}: {_count(len(made.tests), 'test')} planned; "
        f"{_count(covered, 'official test')} covered, {uncovered} not."
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _print_tests(made: Plan, guideline: Guideline, out: Console) -> None:
    """A heading and a table for each capability; columns stand below one another throughout."""
    if not made.tests:
        return
    rows = {test.case.id: _row(test) for test in made.tests}
    widths = [max(map(len, column)) for column in zip(*rows.values(), HEADERS, strict=True)]
    table = _table(widths, HEADERS, "bold")
    for _, tests in groupby(made.tests, key=lambda test: test.why[0].capability):
        out.print(table)
        table = _table(widths)
        own = list(tests)
        out.print(_heading(own[0].why, guideline), soft_wrap=True)
        for test in own:
            table.add_row(*map(Text, rows[test.case.id]))
    out.print(table)
    out.print()


def _table(widths: Sequence[int], row: Sequence[str] = (), style: str = "") -> Table:
    table = Table(box=None, pad_edge=False, show_header=False)
    for n, width in enumerate(widths):
        table.add_column(min_width=width if n == 0 else None, width=width if n in (1, 2) else None, overflow="fold")
    if row:
        table.add_row(*(Text(cell, style=style) for cell in row))
    return table


def _heading(whys: Sequence[Why], guideline: Guideline) -> Text:
    """`compute-servers-list, required by os_powered_compute: Servers can be listed`."""
    name = whys[0].capability
    asked = [f"{why.status} by {why.component}" for why in whys if why.capability == name and why.status]
    capability = guideline.capability(name)
    heading = Text(inert(name), style="bold")
    heading.append(f", {inert(', '.join(asked) or 'in no component')}", style="not bold")
    heading.append(f": {inert(capability.description)}" if capability else "", style="not bold dim")
    return heading


def _row(test: PlannedTest) -> tuple[str, str, str, str]:
    """Name, why, covers and needs, below the heading of the test's first reason."""
    home = test.why[0].capability
    reasons = [
        f"{why.status or 'named'}{f' ({why.capability})' if why.capability != home else ''}"
        for why in test.why
        if why.covers
    ]
    covers = len({one for why in test.why for one in why.covers})
    why = "; ".join(dict.fromkeys(reasons)) or "beside"
    return f"  {inert(test.case.name)}", inert(why), str(covers or "-"), inert(", ".join(test.case.needs))


def _print_uncovered(uncovered: Iterable[Uncovered], out: Console) -> None:
    """Official tests that no test answers for: they will be NOT_RUN."""
    by_capability: dict[str, dict[str, str]] = {}
    for one in uncovered:
        by_capability.setdefault(one.capability, {})[one.id] = one.name
    if not by_capability:
        return
    out.print(Text("No test yet for these official tests (NOT_RUN):", style="bold"))
    for capability, tests in by_capability.items():
        out.print(Text(f"  {inert(capability)}", style="bold"))
        for own_id, name in tests.items():
            out.print(Text(f"    {inert(own_id)} {inert(name)}"), soft_wrap=True)
    out.print()
