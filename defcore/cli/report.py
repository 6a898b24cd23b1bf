"""`defcore report`: render stored results."""

from __future__ import annotations

from pathlib import Path

import click

from defcore.cli.rendering import FORMATS, show_text, write
from defcore.cli.stored import open_results
from defcore.cli.terms import Terms, files_argument, terms_options
from defcore.errors import EXIT_YES


@click.command()
@files_argument
@terms_options
@click.option("--format", "form", type=click.Choice(list(FORMATS)), default="text", show_default=True)
@click.option(
    "--output", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), help="Write here, not to the terminal."
)
def report(
    files: tuple[Path, ...],
    terms: Terms,
    form: str,
    output: Path | None,
) -> int:
    """Render stored results, without the cloud.

    FILE is what `defcore score` takes: the folder of a run, or another program's result.

    \b
    Exit code: 0 when it was rendered, whatever the verdict.
    Example: defcore report runs/2026-01-31T120000-0f4f2f8e --format html --output report.html
    """
    stored = open_results(files)
    card = terms.judge(stored)
    if output:
        write(output, FORMATS[form](card, stored.result, stored.evidence))
    elif form == "text":
        show_text(card, stored.result, stored.evidence)
    else:
        click.echo(FORMATS[form](card, stored.result, stored.evidence), nl=False)
    return EXIT_YES
