"""`defcore report`: render a stored run."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from defcore.cli.rendering import FORMATS, show_text, write
from defcore.cli.score import day, judging
from defcore.cli.stored import judge_run, open_run
from defcore.errors import EXIT_YES
from defcore.model.policy import Policy


@click.command()
@judging
@click.option("--format", "form", type=click.Choice(list(FORMATS)), default="text", show_default=True)
@click.option(
    "--output", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), help="Write here, not to the terminal."
)
def report(
    run: Path,
    guideline: str | None,
    target: str | None,
    policy: Policy,
    date: datetime | None,
    catalog: Path | None,
    waivers: Path | None,
    product: str | None,
    form: str,
    output: Path | None,
) -> int:
    """Render the stored run in the folder RUN, without the cloud.

    \b
    Exit code: 0 when it was rendered, whatever the verdict.
    Example: defcore report runs/2026-01-31T120000-0f4f2f8e --format html --output report.html
    """
    stored = open_run(run)
    card = judge_run(
        stored,
        guideline=guideline,
        target=target,
        policy=policy,
        date=day(date),
        catalog=catalog,
        waivers=waivers,
        product=product,
    )
    if output:
        write(output, FORMATS[form](card, stored.result, stored.evidence))
    elif form == "text":
        show_text(card, stored.result, stored.evidence)
    else:
        click.echo(FORMATS[form](card, stored.result, stored.evidence), nl=False)
    return EXIT_YES
