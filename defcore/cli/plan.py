"""`defcore plan`: which tests a guideline asks for, and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from defcore.cli.options import Selection, selection_options
from defcore.cli.terminal import console, inert
from defcore.model.documents import text
from defcore.model.guideline import Guideline
from defcore.model.plan import Plan, PlannedTest, Uncovered, Why
from defcore.plan import to_json

EPILOG = """\b
Examples:
  defcore plan --platform object
  defcore plan --service compute --required-only
  defcore plan --capability compute-servers-list --format json
"""


@click.command(epilog=EPILOG)
@selection_options
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def plan(selection: Selection, form: str) -> None:
    """Print which tests a guideline asks for, and why."""
    guideline, _, made = selection.load()
    if form == "json":
        click.echo(text(to_json(made)), nl=False)
        return
    out = console()
    _print_tests(made, guideline, out)
    _print_uncovered(made.uncovered, out)
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
    if not made.tests:
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("test", overflow="fold")
    table.add_column("why", overflow="fold")
    table.add_column("covers", justify="right")
    table.add_column("needs", overflow="fold")
    for name, tests in groupby(made.tests, key=lambda test: test.why[0].capability):
        capability = guideline.capability(name)
        table.add_row(Text(inert(name), style="bold"))
        if capability:
            table.add_row(Text(f"  {inert(capability.description)}", style="dim"))
        for test in tests:
            table.add_row(*_row(test))
    out.print(table)
    out.print()


def _row(test: PlannedTest) -> tuple[Text, Text, str, Text]:
    covers = {one for why in test.why for one in why.covers}
    return (
        Text(f"  {inert(test.case.name)}"),
        Text(inert(_reasons(test.why))),
        str(len(covers)) if covers else "-",
        Text(inert(", ".join(test.case.needs))),
    )


def _reasons(whys: Sequence[Why]) -> str:
    """`required by os_powered_compute`, each reason once."""
    home = whys[0].capability
    reasons = []
    for why in whys:
        own = f"{why.status} by {why.component}" if why.status else "asked for by name"
        beside = "" if why.covers else ", beside the official tests"
        also = f" for {why.capability}" if why.capability != home else ""
        reasons.append(f"{own}{also}{beside}")
    return "; ".join(dict.fromkeys(reasons))


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
