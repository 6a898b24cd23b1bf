"""`defcore disclose`: the outcome of one test, with what it takes to check it against the signed root."""

from __future__ import annotations

import os
from pathlib import Path

import click

from defcore.cli.named_path import NamedPath
from defcore.cli.pack import SALTS
from defcore.cli.rendering import write
from defcore.errors import EXIT_YES, InputError, Problem, did_you_mean
from defcore.model import documents
from defcore.model.result import Result
from defcore.model.submission import PLAN_FILE, RESULT_FILE
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
@click.argument("run", metavar="RUN", type=NamedPath())
@click.option("--test", "name", metavar="TEST", required=True, help="Id or name of the test.")
@click.option(
    "--salts",
    "salts_file",
    metavar="FILE",
    type=NamedPath(),
    help=f"Where the salts were kept.  [default: {SALTS} in RUN]",
)
@click.option(
    "-o",
    "--output",
    metavar="FILE",
    type=NamedPath(dir_okay=False),
    help="Write here, not to the terminal.",
)
def disclose(run: Path, name: str, salts_file: Path | None, output: Path | None) -> int:
    """Show the outcome of one test of the stored run RUN, packed with --passes-only, and prove it: leaf, salt, path.

    Nothing else of the run is told. The file is for whom you send it to: `defcore verify DIR --leaf FILE`.
    """
    if output:
        _check_output(output)
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


def _check_output(output: Path) -> None:
    """InputError if something would be lost: only a leaf that was disclosed before is written over."""
    message = ""
    if output.name in (SALTS, RESULT_FILE, PLAN_FILE):
        message = "a run folder has a file of this name"
    elif os.path.lexists(output) and not _is_leaf(output):
        message = "this file is there, and it is no disclosed leaf"
    if message:
        hint = "name a new file with -o"
        raise InputError(Problem(code="disclose.output", message=message, where=str(output), hint=hint))


def _is_leaf(file: Path) -> bool:
    try:
        leaves.read_leaf(load(file))
    except InputError:
        return False
    return True


def _test(result: Result, name: str) -> str:
    """The id of the test of that id or name. InputError if there is none, or more than one of that name."""
    if any(name == one.id for one in result.tests):
        return name
    wanted = name.removeprefix("test_")
    found = [one for one in result.tests if wanted == one.name.removeprefix("test_")]
    if not found:
        message, hint = f"the run has no test {name!r}", did_you_mean(name, [one.name for one in result.tests])
        raise InputError(Problem(code="disclose.unknown-test", message=message, where="--test", hint=hint or None))
    if len(found) > 1:
        message = f"the run has {len(found)} tests of the name {name!r}"
        hint = "\n".join(["name one by its id:", *(f"{one.id}  {one.nodeid}" for one in found)])
        raise InputError(Problem(code="disclose.ambiguous-test", message=message, where="--test", hint=hint))
    return found[0].id
