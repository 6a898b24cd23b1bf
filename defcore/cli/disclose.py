"""`defcore disclose`: the outcome of one test, with what it takes to check it against the signed root."""

from __future__ import annotations

from pathlib import Path

import click

from defcore.cli.pack import SALTS
from defcore.cli.rendering import write
from defcore.errors import EXIT_YES, InputError, Problem, did_you_mean
from defcore.model import documents
from defcore.model.result import Result
from defcore.plan import from_json
from defcore.results import leaves
from defcore.results.packing import read_run
from defcore.results.source import Source, load

EPILOG = """\b
Example:
  defcore disclose runs/monday --test create_container -o leaf.json
  defcore verify results/2020.06/acme/acme-cloud/2026-01-31-0f4f2f8e --trusted acme.pub --leaf leaf.json

\b
Exit codes:
  0  it was written   2  your input
"""


@click.command(epilog=EPILOG)
@click.argument("run", metavar="RUN", type=click.Path(path_type=Path))
@click.option("--test", "name", metavar="TEST", required=True, help="Id or name of the test.")
@click.option(
    "--salts",
    "salts_file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help=f"Where the salts were kept.  [default: {SALTS} in RUN]",
)
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write here, not to the terminal.",
)
def disclose(run: Path, name: str, salts_file: Path | None, output: Path | None) -> int:
    """Show the outcome of one test of the stored run RUN, packed with --passes-only, and prove it: leaf, salt, path.

    Nothing else of the run is told. The file is for whom you send it to: `defcore verify DIR --leaf FILE`.
    """
    stored = read_run(run, from_json)
    salts = leaves.read_salts(_salts(salts_file or run / SALTS), stored.result)
    document = documents.text(leaves.disclose(stored.result, salts, _test(stored.result, name)))
    if output:
        write(output, document)
    else:
        click.echo(document, nl=False)
    return EXIT_YES


def _salts(file: Path) -> Source:
    if not file.is_file():
        message, hint = "there are no salts here", "they were made by `defcore pack --passes-only`: --salts FILE"
        raise InputError(Problem(code="disclose.no-salts", message=message, where=str(file), hint=hint))
    return load(file)


def _test(result: Result, name: str) -> str:
    """The id of the test of that id or name. InputError if there is none."""
    wanted = name.removeprefix("test_")
    found = next((one.id for one in result.tests if name == one.id or wanted == one.name.removeprefix("test_")), None)
    if found is None:
        hint = did_you_mean(name, [one.name for one in result.tests]) or None
        message = f"the run has no test {name!r}"
        raise InputError(Problem(code="disclose.unknown-test", message=message, where="--test", hint=hint))
    return found
