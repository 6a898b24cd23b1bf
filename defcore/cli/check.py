"""`defcore check`: preflight, alone."""

from __future__ import annotations

from dataclasses import replace

import click
from rich.text import Text

from defcore.cli.cloud_options import CloudChoice, cloud_options
from defcore.cli.options import Selection, budget_option, selection_options
from defcore.cli.terminal import console, inert
from defcore.errors import EXIT_INPUT, EXIT_YES
from defcore.model.budget import Budget
from defcore.run.preflight import Check, Preflight, State
from defcore.run.survey import survey

MARKS = {State.OK: ("ok", "green"), State.NOTE: ("note", "yellow"), State.WRONG: ("wrong", "bold red")}
EPILOG = """\b
Examples:
  defcore check --cloud mycloud
  defcore check --cloud mycloud --alt-cloud mycloud2 --guideline 2020.06 --platform object

\b
Exit codes:
  0  a run can start   2  something must be put right first   3  the cloud cannot be asked
"""


@click.command(epilog=EPILOG)
@cloud_options
@selection_options
@budget_option
def check(choice: CloudChoice, selection: Selection, budget: Budget) -> int:
    """Is everything there that a run needs? What is missing is named with the remedy."""
    plan = replace(selection.load()[2], budget=budget)
    seen = survey(
        choice.users,
        given=choice.given,
        plan=plan,
        workers=None,
        reference_file=choice.reference_file,
        hidden=choice.hidden,
    )
    for one in seen.preflight.checks:
        print_check(one)
    print_skipped(seen.preflight)
    return EXIT_INPUT if seen.preflight.problems else EXIT_YES


def print_check(check: Check, *, stderr: bool = False) -> None:
    word, style = MARKS[check.state]
    line = Text(f"{word:6}", style=style).append(f"{check.what:17} ", style="bold")
    out = console(stderr=stderr)
    out.print(line.append(inert(check.message), style="default"), soft_wrap=True)
    if check.remedy:
        out.print(Text(f"{'':24}give {check.remedy}" if "--" in check.remedy else f"{'':24}{check.remedy}"))


def print_skipped(preflight: Preflight, *, stderr: bool = False) -> None:
    """The required tests that cannot run, and what that means."""
    if not preflight.skipped:
        return
    out = console(stderr=stderr)
    count = len(preflight.skipped)
    noun = "required test" if count == 1 else "required tests"
    out.print(
        Text(f"CONFORMANT is out of reach: {count} {noun} will be SKIPPED for want of a prerequisite", style="bold"),
        soft_wrap=True,
    )
    for skipped in preflight.skipped:
        out.print(Text(f"  {skipped.test.case.nodeid}: needs {'; '.join(skipped.remedies)}"), soft_wrap=True)
