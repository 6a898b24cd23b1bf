"""`defcore export`: stored results, in a form that others read."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import click

from defcore.cli.rendering import write
from defcore.cli.stored import StoredRun, open_results
from defcore.cli.terms import Terms, files_argument, terms_options
from defcore.errors import EXIT_YES, InputError, Problem
from defcore.model.scorecard import Scorecard
from defcore.report import badge, conformance, junit, table
from defcore.report.conformance import Implementation
from defcore.results import refstack, subunit_writer


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What the user adds to the result."""

    cpid: str | None
    implementation: Implementation


Write = Callable[[Scorecard, StoredRun, About], str | bytes]
FORMATS: dict[str, Write] = {
    "refstack": lambda card, run, about: refstack.write(card, run.result, about.cpid),
    "junit": lambda card, run, _: junit.render(card, run.result, run.evidence),
    "subunit": lambda card, run, _: subunit_writer.write(card, run.result),
    "conformance": lambda card, _, about: conformance.render(card, about.implementation),
    "shields": lambda card, _run, _about: badge.render(card),
    "csv": lambda card, _run, _about: table.render(card),
}


@click.command()
@files_argument
@terms_options
@click.option("--format", "form", type=click.Choice(list(FORMATS)), required=True, help="What to write; see above.")
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write here, not to the terminal.",
)
@click.option("--cpid", metavar="ID", help="refstack: id of the cloud, if the result does not name it.")
@click.option("--organization", metavar="NAME", default="", help="conformance: the vendor.")
@click.option("--project", metavar="NAME", default="", help="conformance: the product.  [default: the cloud's name]")
@click.option("--product-version", metavar="VERSION", default="", help="conformance: version of the product.")
@click.option("--url", metavar="URL", default="", help="conformance: page of the product.")
@click.option("--contact", metavar="TEXT", multiple=True, help="conformance: whom to ask; may be repeated.")
def export(
    files: tuple[Path, ...],
    terms: Terms,
    form: str,
    output: Path | None,
    cpid: str | None,
    organization: str,
    project: str,
    product_version: str,
    url: str,
    contact: tuple[str, ...],
) -> int:
    """Write stored results in a form that others read.

    FILE is what `defcore score` takes.

    \b
    refstack     RefStack JSON: the official tests that passed
    junit        JUnit XML, with official ids, capability and guideline as properties
    subunit      a binary subunit stream (version 2) of the official tests
    conformance  YAML like the Gateway API's conformance report: core and extended per component
    shields      the verdict as JSON for an endpoint badge of shields.io
    csv          a line per official test

    \b
    Exit code: 0 when it was written, whatever the verdict.
    Example: defcore export runs/2026-01-31T120000-0f4f2f8e --format refstack -o passed.json
    """
    run = open_results(files)
    card = terms.judge(run)
    implementation = Implementation(
        organization=organization, project=project, url=url, version=product_version, contact=contact
    )
    content = FORMATS[form](card, run, About(cpid=cpid, implementation=implementation))
    if output:
        write(output, content)
    else:
        _print(content)
    return EXIT_YES


def _print(content: str | bytes) -> None:
    if isinstance(content, bytes) and sys.stdout.isatty():
        message = "this format is binary, and not for a terminal"
        raise InputError(Problem(code="export.terminal", message=message, hint="write it to a file: -o FILE"))
    click.echo(content, nl=False)
