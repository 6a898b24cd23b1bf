"""`defcore score`: judge stored results, without the cloud."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from defcore.cli.options import catalog_option, complete_guidelines, complete_platforms, policy_option
from defcore.cli.rendering import show_text
from defcore.cli.stored import judge_run, open_results
from defcore.errors import EXIT_NO, EXIT_UNKNOWN, EXIT_YES
from defcore.model import documents
from defcore.model.scorecard import Policy, Verdict
from defcore.model.scorecard_document import scorecard_document

EXIT = {
    Verdict.CONFORMANT: EXIT_YES,
    Verdict.NON_CONFORMANT: EXIT_NO,
    Verdict.INCONCLUSIVE: EXIT_UNKNOWN,
}


def judging(command: Callable[..., Any]) -> Callable[..., Any]:
    """The arguments and the options of the verbs that judge stored results."""
    for decorate in reversed(
        (
            click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path)),
            click.option(
                "--guideline",
                metavar="NAME|FILE",
                shell_complete=complete_guidelines,
                help="Judge under this guideline.  [default: the run's]",
            ),
            click.option(
                "--platform",
                "--target",
                "target",
                metavar="NAME",
                shell_complete=complete_platforms,
                help="platform, compute, object, dns, orchestration, or the full name.  [default: the run's]",
            ),
            policy_option,
            click.option(
                "--date",
                type=click.DateTime(["%Y-%m-%d"]),
                metavar="YYYY-MM-DD",
                help="Judge for this day.  [default: the day on which the run ended]",
            ),
            catalog_option,
        )
    ):
        command = decorate(command)
    return command


def day(date: datetime | None) -> str | None:
    return date.date().isoformat() if date else None


@click.command()
@judging
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def score(
    files: tuple[Path, ...],
    guideline: str | None,
    target: str | None,
    policy: Policy,
    date: datetime | None,
    catalog: Path | None,
    form: str,
) -> int:
    """Judge stored results, without the cloud.

    FILE is the folder of a run, RefStack JSON, a subunit stream, a stestr repository, JUnit XML, or a report of
    the SCS compliance check; - is the standard input. Several files are judged as one result.

    \b
    Exit code: 0 CONFORMANT, 1 NON_CONFORMANT, 3 INCONCLUSIVE.
    Example: defcore score runs/2026-01-31T120000-0f4f2f8e --policy official
             defcore score tempest.subunit --guideline 2020.06 --target compute
    """
    stored = open_results(files)
    card = judge_run(stored, guideline=guideline, target=target, policy=policy, date=day(date), catalog=catalog)
    if form == "json":
        click.echo(documents.text(scorecard_document(card)), nl=False)
    else:
        show_text(card, stored.result, stored.evidence)
    return EXIT[card.verdict]
