"""`defcore criteria`: what worksheets come to, and what results say about choosing capabilities."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from defcore.catalog import find_data, load_guideline
from defcore.catalog.worksheets import read_worksheet, with_totals, worksheet_text, worksheet_yaml
from defcore.cli.criteria_results import measured_results, print_measured, threshold_option
from defcore.cli.options import DEFAULT_GUIDELINE, catalog_option, complete_guidelines
from defcore.cli.rendering import write
from defcore.cli.terminal import console, inert
from defcore.errors import InputError, Problem
from defcore.judge.criteria import (
    achievements,
    changed,
    differences_with_achievements,
    differences_with_lists,
    differences_within,
    misspelled,
    moves,
    reading,
    scale_of,
    tabulate,
)
from defcore.model.criteria import (
    OFFICIAL_ORDER,
    CriteriaReport,
    CriteriaScore,
    Difference,
    DifferenceKind,
    Scale,
    Thresholds,
    Worksheet,
)
from defcore.model.documents import text
from defcore.model.guideline import Guideline
from defcore.report.criteria import criteria_document, measured_csv, tabulated_csv

EPILOG = """\b
Examples:
  defcore criteria scoring.txt                            totals, and where the sheet says otherwise
  defcore criteria --guideline 2020.06                    the guideline's own achievements, against its lists
  defcore criteria scoring.txt --guideline 2020.06        the sheet, against achievements and lists
  defcore criteria scoring.txt --weight sticky=0 --cutoff 70
  defcore criteria scoring.txt --format yaml -o sheet.yaml
  defcore criteria --guideline 2020.06 --results results  measured on all results below the folder, and proposals

\b
Formats: sheet is the official text form, yaml ours; both hold the totals as they stand in FILE, or with
--totals the computed ones. csv is the table that the official tabulation writes; with --results, what was measured.
Marks: 1 met, 0 not met, ? open, * not considered, in the order of the sheet's head.
"""
FORMS = ("text", "json", "csv", "sheet", "yaml")
WORDS = {
    DifferenceKind.TOTAL: "Totals in the sheet that its marks do not give",
    DifferenceKind.ASTERISK: "Asterisks that are not where the cutoff puts them",
    DifferenceKind.UNKNOWN_CRITERION: "Achievements that are no criterion",
    DifferenceKind.LISTED_BELOW: "Required or advisory, and below the cutoff",
    DifferenceKind.CHOSEN_UNLISTED: "Reaches the cutoff, and is neither required nor advisory",
    DifferenceKind.ADMIN: "An interface of administrators, or not",
    DifferenceKind.MARKS: "The sheet's marks are not the guideline's achievements",
    DifferenceKind.ONLY_SHEET: "In the sheet alone",
    DifferenceKind.ONLY_GUIDELINE: "In the guideline alone",
}
NAMES_ALONE = (DifferenceKind.ONLY_SHEET, DifferenceKind.ONLY_GUIDELINE)


def _weights(_ctx: click.Context, _param: click.Parameter, values: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for value in values:
        name, equals, number = value.partition("=")
        if not (name and equals and number.isascii() and number.isdigit() and len(number) <= 4):
            raise click.BadParameter(f"{value!r} is no weight; write NAME=N, such as sticky=0")
        found[name] = int(number)
    return found


@click.command(epilog=EPILOG)
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option(
    "--guideline",
    metavar="G",
    shell_complete=complete_guidelines,
    help=f"Weights, cutoff, and with FILE: compare it with this guideline's achievements and lists.  "
    f"[default: the weights of {DEFAULT_GUIDELINE}]",
)
@click.option(
    "--weight",
    metavar="NAME=N",
    multiple=True,
    callback=_weights,
    shell_complete=lambda _ctx, _param, start: [f"{name}=" for name in OFFICIAL_ORDER if name.startswith(start)],
    help="What if the weight were N?  May be repeated.",
)
@click.option("--cutoff", metavar="N", type=click.IntRange(0, 10_000), help="What if the cutoff were N?")
@click.option(
    "--results",
    metavar="DIR|FILE",
    multiple=True,
    type=click.Path(exists=True, path_type=Path),
    help="Measure on the results here, at any depth; may be repeated.",
)
@threshold_option
@click.option("--totals", is_flag=True, help="sheet, yaml: with the totals and asterisks that the marks give.")
@click.option("--format", "form", type=click.Choice(FORMS), default="text", show_default=True)
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="Write to this file.")
@catalog_option
def criteria(
    file: Path | None,
    guideline: str | None,
    weight: dict[str, int],
    cutoff: int | None,
    results: tuple[Path, ...],
    threshold: Thresholds,
    totals: bool,
    form: str,
    output: Path | None,
    catalog: Path | None,
) -> None:
    """Print what the worksheet FILE comes to, criterion by criterion; without FILE, the guideline's achievements.

    With --results, measure how widely the guideline's capabilities are supported, and propose what to promote,
    deprecate and remove: people decide.
    """
    data = find_data(explicit=catalog)
    asked = load_guideline(guideline or DEFAULT_GUIDELINE, data)
    sheet = read_worksheet(file) if file else achievements(asked)
    lists = bool(guideline or not file)
    report = make_report(sheet, asked, of_file=bool(file), lists=lists, weights=weight, cutoff=cutoff)
    if results:
        report = replace(report, measured=measured_results(results, asked, data, threshold))
    if form == "text" and output is None:
        _show(report, of_file=bool(file))
        return
    rendered = _render(report, asked, form, totals=totals)
    if output:
        write(output, rendered)
    else:
        click.echo(rendered, nl=False)


def _show(report: CriteriaReport, *, of_file: bool) -> None:
    """The sheet unless only results were named, and what was measured."""
    out = console()
    if of_file or not report.measured:
        _print(report, out)
    if report.measured:
        print_measured(report.measured, report.guideline, out)


def make_report(
    sheet: Worksheet, guideline: Guideline, *, of_file: bool, lists: bool, weights: dict[str, int], cutoff: int | None
) -> CriteriaReport:
    """Totals, differences and what if; with what the guideline's lists and achievements say if `lists`."""
    scale = scale_of(guideline, sheet)
    scores = tabulate(sheet, scale)
    differences: list[Difference] = [*differences_within(scores)]
    if lists:
        differences += [*misspelled(guideline)]
        noun = "marks" if of_file else "achievements"
        differences += differences_with_lists(scores, guideline, scale, noun)
    if of_file and lists:
        differences += differences_with_achievements(sheet, guideline)
    other = changed(scale, weights, cutoff) if weights or cutoff is not None else None
    return CriteriaReport(
        sheet=sheet,
        guideline=guideline.id,
        scale=scale,
        scores=scores,
        differences=tuple(differences),
        remarks=reading(guideline, scale) if lists and not of_file else (),
        other_scale=other,
        moves=moves(scores, tabulate(sheet, other)) if other else (),
    )


def check_worksheet(path: Path) -> Iterator[Problem]:
    """For lint: what was read leniently, criteria without a weight, and totals and asterisks that are not right.

    Under the weights of 2020.06, which are those of all guidelines since 2016.08. InputError for what cannot be read.
    """
    sheet = read_worksheet(path)
    scale = scale_of(load_guideline(DEFAULT_GUIDELINE, find_data()), sheet)
    yield from sheet.irregularities
    for one in differences_within(tabulate(sheet, scale)):
        code = f"worksheet.wrong-{one.kind.value}"
        yield Problem(code=code, message=f"{one.capability}: {one.message}", where=one.where)


def _render(report: CriteriaReport, guideline: Guideline, form: str, *, totals: bool) -> str:
    sheet = report.sheet
    if totals:
        sheet = with_totals(sheet, {score.line: (score.total, score.chosen) for score in report.scores})
    match form:
        case "json":
            return text(criteria_document(report))
        case "csv":
            return measured_csv(report.measured) if report.measured else tabulated_csv(report, guideline)
        case "sheet":
            return worksheet_text(sheet)
        case "yaml":
            return worksheet_yaml(sheet)
    raise InputError(Problem(code="criteria.output", message="text goes to the terminal", hint="leave out -o"))


def _print(report: CriteriaReport, out: Console) -> None:
    scale = report.scale
    weights = ", ".join(f"{name} {weight}" for name, weight in scale.weights)
    out.print(Text(f"{inert(report.sheet.name)}: {len(report.scores)} capabilities", style="bold"), soft_wrap=True)
    out.print(Text(f"Cutoff {scale.cutoff}, from {inert(scale.origin)}. Weights: {inert(weights)}."), soft_wrap=True)
    out.print(Text(f"Marks in the order: {inert(', '.join(report.sheet.criteria))}."), soft_wrap=True)
    out.print()
    out.print(_table(report.scores, report.sheet.criteria))
    out.print(Text(_summary(report.scores, scale)), soft_wrap=True)
    for line, style in _remarks(report):
        out.print(Text(inert(line), style=style), soft_wrap=True)


def _table(scores: Sequence[CriteriaScore], names: Sequence[str]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("capability", overflow="fold")
    for head in ("marks", "non-admin"):
        table.add_column(head, no_wrap=True)
    for head in ("total", "in the sheet"):
        table.add_column(head, no_wrap=True, justify="right")
    section = ""
    for score in scores:
        if score.line.section != section:
            section = score.line.section
            table.add_row(Text(inert(section), style="bold"))
        stated = "" if score.line.stated_total is None else f"{score.line.stated_total}"
        table.add_row(
            Text(f"  {inert(score.capability)}"),
            _marks(score, names),
            score.line.non_admin.value,
            f"{score.total}{'*' if score.chosen else ' '}",
            f"{stated}{'*' if score.line.stated_chosen else ' '}",
        )
    return table


def _marks(score: CriteriaScore, names: Sequence[str]) -> str:
    marks = {name: mark.value for name, mark in score.line.marks}
    row = "".join(marks.get(name, "*") for name in names)
    return " ".join(row[n : n + 3] for n in range(0, len(row), 3))


def _summary(scores: Sequence[CriteriaScore], scale: Scale) -> str:
    chosen = sum(score.chosen for score in scores)
    unfinished = sum(not score.finished for score in scores)
    more = f"; {unfinished} unfinished" if unfinished else ""
    return f"{chosen} of {len(scores)} reach the cutoff {scale.cutoff} (*){more}."


def _remarks(report: CriteriaReport) -> Iterator[tuple[str, str]]:
    """What is worth a look below the table: (words, style)."""
    for remark in report.remarks:
        yield "", ""
        yield remark, ""
    kinds: dict[DifferenceKind, list[Difference]] = {}
    for one in report.differences:
        kinds.setdefault(one.kind, []).append(one)
    for kind, words in WORDS.items():
        found = kinds.get(kind, [])
        if not found:
            continue
        yield "", ""
        yield f"{words}: {len(found)}", "bold"
        for one in found:
            where = f" ({one.where})" if one.where else ""
            yield (f"  {one.capability}" if kind in NAMES_ALONE else f"  {one.capability}: {one.message}{where}"), ""
    irregular = Counter((one.code, one.message) for one in report.sheet.irregularities)
    if irregular:
        yield "", ""
        yield f"Read all the same: {irregular.total()}", "bold"
    for (code, message), count in irregular.items():
        first = next(one.where for one in report.sheet.irregularities if (one.code, one.message) == (code, message))
        yield f"  {first}: {message}{f' (and {count - 1} more such lines)' if count > 1 else ''} [{code}]", ""
    yield from _what_if(report)


def _what_if(report: CriteriaReport) -> Iterator[tuple[str, str]]:
    if report.other_scale is None:
        return
    yield "", ""
    other = report.other_scale
    yield f"What if: cutoff {other.cutoff}, from {other.origin}", "bold"
    total = sum(weight for _, weight in other.weights)
    before = sum(weight for _, weight in report.scale.weights)
    if total != before:
        yield f"  the weights sum to {total} now, not to {before}", ""
    for over, words in ((True, "reach the cutoff now"), (False, "stay below it now")):
        moved = [move for move in report.moves if move.over is over]
        yield f"  {len(moved)} {words}", ""
        yield from ((f"    {move.capability}: {move.before} -> {move.after}", "") for move in moved)
