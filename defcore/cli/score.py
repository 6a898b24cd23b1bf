"""`defcore score`: judge stored results, without the cloud."""

from __future__ import annotations

from pathlib import Path

import click

from defcore.cli.rendering import show_text
from defcore.cli.stored import open_results
from defcore.cli.terms import Terms, files_argument, terms_options
from defcore.errors import EXIT_NO, EXIT_UNKNOWN, EXIT_YES
from defcore.model import documents
from defcore.model.scorecard import Verdict
from defcore.model.scorecard_document import scorecard_document

EXIT = {
    Verdict.CONFORMANT: EXIT_YES,
    Verdict.NON_CONFORMANT: EXIT_NO,
    Verdict.INCONCLUSIVE: EXIT_UNKNOWN,
}


@click.command()
@files_argument
@terms_options
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def score(
    files: tuple[Path, ...],
    terms: Terms,
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
    card = terms.judge(stored)
    if form == "json":
        click.echo(documents.text(scorecard_document(card)), nl=False)
    else:
        show_text(card, stored.result, stored.evidence)
    return EXIT[card.verdict]
