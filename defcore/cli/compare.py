"""`defcore compare`: results side by side, without a cloud."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

import click

from defcore.cli.rendering import write
from defcore.cli.stored import open_results
from defcore.cli.terminal import print_lines
from defcore.cli.terms import Terms, terms_options
from defcore.cli.view import BY_OFFICIAL, by_option, viewed
from defcore.errors import EXIT_YES, InputError, Problem
from defcore.judge.comparison import Counting, MatrixBuilder, side
from defcore.judge.comparison import compare as compare_two
from defcore.model import documents
from defcore.model.comparison import Comparison, Matrix, Tallies
from defcore.model.comparison_document import comparison_document
from defcore.report import comparison_csv, comparison_markdown, comparison_text
from defcore.results.outcomes_table import read_outcomes

RESULT = "result.json"
"""The file by which a folder is a run."""
MANY = 12
"""Results that a matrix has room for; more are counted."""
EPILOG = """\b
Examples:
  defcore compare runs/last-release runs/this-release
  defcore compare runs/cloud-a runs/cloud-b runs/cloud-c --format md --output clouds.md
  defcore compare runs/ --format csv                        all results below the folder
  defcore compare tempest.json runs/this --by official      results of different programs
"""


def plain(comparison: Comparison | Matrix | Tallies) -> str:
    return "".join(f"{words}\n" for words, _ in comparison_text.lines(comparison))


FORMATS: dict[str, Callable[[Comparison | Matrix | Tallies], str]] = {
    "text": plain,
    "json": lambda comparison: documents.text(comparison_document(comparison)),
    "md": comparison_markdown.render,
    "csv": comparison_csv.render,
}


@click.command(epilog=EPILOG)
@click.argument("results", nargs=-1, required=True, type=click.Path(path_type=Path))
@by_option
@terms_options
@click.option("--format", "form", type=click.Choice(list(FORMATS)), default="text", show_default=True)
@click.option(
    "--output", metavar="FILE", type=click.Path(dir_okay=False, path_type=Path), help="Write here, not to the terminal."
)
def compare(
    results: tuple[Path, ...],
    by: str,
    terms: Terms,
    form: str,
    output: Path | None,
) -> int:
    """Compare the stored RESULTS: clouds, runs or releases. Name the earlier one first.

    Two give what changed from the first to the second; three to twelve a matrix of capabilities and of the tests on
    which they do not agree; both are judged under what the last one was made for. More are counted by test, and not
    judged. A folder that is no run stands for all results below it.

    \b
    Exit code: 0 when they were compared, whatever the changes.
    """
    paths = tuple(found for path in results for found in below(path))
    if len(paths) < 2:
        message = f"{len(paths)} result, and it takes two to compare"
        raise InputError(Problem(code="compare.one", message=message, hint="name the earlier one first"))

    made = _counted(paths, by) if len(paths) > MANY else _compared(paths, terms, by)
    if output:
        write(output, FORMATS[form](made))
    elif form == "text":
        print_lines(comparison_text.lines(made))
    else:
        click.echo(FORMATS[form](made), nl=False)
    return EXIT_YES


def below(path: Path) -> list[Path]:
    """The path itself, or the run folders below it if it is a folder without a result."""
    if not path.is_dir() or (path / RESULT).exists():
        return [path]
    return sorted(Path(place) for place, _, files in os.walk(path) if RESULT in files) or [path]


def labels(paths: Sequence[Path]) -> list[str]:
    """The shortest names that tell them apart: of the run folder, else the whole path, else with a number."""
    names = [path.parent.name if path.name == RESULT and path.parent.name else path.name or str(path) for path in paths]
    for own in (names, [str(path) for path in paths]):
        if len(set(own)) == len(own):
            return own
    return [f"{path} ({n})" for n, path in enumerate(paths, 1)]


def _compared(paths: Sequence[Path], terms: Terms, by: str) -> Comparison | Matrix:
    names = labels(paths)
    last = open_results([paths[-1]])
    if len(paths) == 2:
        first = open_results([paths[0]])
        before, after = terms.judge_like(first, last), terms.judge_like(last, last)
        results = viewed(first, before, by), viewed(last, after, by)
        sides = side(names[0], results[0], before), side(names[1], results[1], after)
        return compare_two(sides, results, (before, after))
    builder = MatrixBuilder()
    for name, path in zip(names, paths, strict=True):
        run = last if path == paths[-1] else open_results([path])
        card = terms.judge_like(run, last)
        result = viewed(run, card, by)
        builder.add(side(name, result, card), result, card)
    return builder.matrix()


def _counted(paths: Sequence[Path], by: str) -> Tallies:
    """Runs of ours are read many at a time, other programs' results one by one."""
    if by == BY_OFFICIAL:
        message = f"{len(paths)} results are counted by their own tests, and not judged"
        hint = f"name at most {MANY}, or leave out --by"
        raise InputError(Problem(code="compare.many", message=message, hint=hint))
    counting = Counting()
    files = {path: path / RESULT if path.is_dir() else path for path in paths}
    own = [file for file in files.values() if file.name == RESULT and file.exists()]
    if own:
        counting.add_table(read_outcomes(own))
    for path, file in files.items():
        if file not in own:
            counting.add_result(open_results([path]).result)
    return counting.tallies()
