"""The half of `defcore criteria` that reads results: measures and proposals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, fields
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table
from rich.text import Text

from defcore.catalog import Data, guideline_names, load_guideline
from defcore.cli.terminal import inert
from defcore.errors import did_you_mean
from defcore.judge.measures import measure
from defcore.judge.proposals import propose
from defcore.model.criteria import MeasuredCapability, MeasuredResults, Proposal, Step, Thresholds
from defcore.model.guideline import Guideline
from defcore.results.outcomes_table import read_outcomes

DEFAULTS = Thresholds()
SHARES = ("promote", "admit", "deprecate")
STEPS = {
    Step.ADMIT: "Admit as advisory",
    Step.PROMOTE: "Promote to required",
    Step.DEPRECATE: "Deprecate",
    Step.REMOVE: "Remove",
}


def _thresholds(_ctx: click.Context, _param: click.Parameter, values: Sequence[str]) -> Thresholds:
    found: dict[str, float] = asdict(DEFAULTS)
    for value in values:
        name, _, number = value.partition("=")
        if name not in found:
            raise click.BadParameter(f"no threshold {name!r}; {did_you_mean(name, found)}")
        try:
            found[name] = float(number) if name in SHARES else int(number)
        except ValueError:
            raise click.BadParameter(f"{value!r}: a number is expected") from None
        highest = 1 if name in SHARES else 1_000_000
        if not 0 <= found[name] <= highest:
            raise click.BadParameter(f"{value!r}: must lie between 0 and {highest}")
    return Thresholds(
        promote=found["promote"],
        admit=found["admit"],
        deprecate=found["deprecate"],
        products=int(found["products"]),
        stable=int(found["stable"]),
    )


threshold_option = click.option(
    "--threshold",
    metavar="NAME=N",
    multiple=True,
    callback=_thresholds,
    shell_complete=lambda _ctx, _param, start: [
        f"{one.name}=" for one in fields(Thresholds) if one.name.startswith(start)
    ],
    help="When a step is proposed; may be repeated.  [default: "
    + " ".join(f"{one.name}={getattr(DEFAULTS, one.name)}" for one in fields(Thresholds))
    + "]",
)


def measured_results(
    paths: Sequence[Path], guideline: Guideline, data: Data, thresholds: Thresholds
) -> MeasuredResults:
    """What the results at and below the paths show of the guideline's capabilities."""
    table = read_outcomes(paths)
    past = history(guideline, data)
    capabilities = measure(table, guideline, past)
    return MeasuredResults(
        results=table.results,
        products=table.products,
        capabilities=capabilities,
        proposals=propose(capabilities, thresholds),
        thresholds=thresholds,
        history=tuple(one.id for one in past),
    )


def history(guideline: Guideline, data: Data) -> tuple[Guideline, ...]:
    """The guideline and those that it replaces, newest first, as far back as the catalog holds them."""
    names = guideline_names(data)
    found = [guideline]
    while (before := found[-1].replaces) in names and before not in {one.id for one in found}:
        found.append(load_guideline(str(before), data))
    return tuple(found)


def print_measured(measured: MeasuredResults, guideline: str, out: Console) -> None:
    out.print(Text(f"Measured for {inert(guideline)}", style="bold"))
    for line in _head(measured):
        out.print(Text(inert(line)), soft_wrap=True)
    out.print()
    out.print(_table(measured))
    for words, style in _proposal_lines(measured.proposals):
        out.print(Text(inert(words), style=style), soft_wrap=True)


def _head(measured: MeasuredResults) -> Iterator[str]:
    yield f"{measured.results} results of {measured.products} products; guidelines: {', '.join(measured.history)}."
    limits = measured.thresholds
    yield (
        f"Proposed is: promote from {limits.promote:.0%} of at least {limits.products} products and {limits.stable}"
        f" guidelines with the same tests; admit from {limits.admit:.0%}; deprecate and remove below"
        f" {limits.deprecate:.0%}."
    )
    first = measured.capabilities[0].measures if measured.capabilities else ()
    names = ", ".join(one.criterion for one in first if not one.measurable)
    if names:
        yield f"Not measurable on results, people judge: {names}."


def _table(measured: MeasuredResults) -> Table:
    steps = {one.capability: one.step.value for one in measured.proposals}
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("capability", overflow="fold")
    table.add_column("status", no_wrap=True)
    for head in ("products", "support", "deployed", "stable", "discover"):
        table.add_column(head, no_wrap=True, justify="right")
    table.add_column("proposed", no_wrap=True)
    for one in measured.capabilities:
        table.add_row(Text(inert(one.capability)), *_cells(one), steps.get(one.capability, ""))
    return table


def _cells(one: MeasuredCapability) -> Iterator[str]:
    values = {measure.criterion: measure.value for measure in one.measures}
    yield one.status.value if one.status else "in no list"
    yield str(one.products)
    yield str(one.supporting)
    yield _percent(values["deployed"])
    stable = values["stable"]
    yield "-" if stable is None else f"{stable:.0f}"
    yield _percent(values["discover"])


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.0%}"


def _proposal_lines(proposals: Sequence[Proposal]) -> Iterator[tuple[str, str]]:
    if not proposals:
        yield "", ""
        yield "No step is proposed.", ""
    for step, words in STEPS.items():
        own = [one for one in proposals if one.step is step]
        if not own:
            continue
        yield "", ""
        yield f"{words}: {len(own)} ({own[0].rule})", "bold"
        for one in own:
            yield f"  {one.capability}, {one.status.value if one.status else 'in no list'} now", ""
            yield from ((f"    {evidence}", "") for evidence in one.evidence)
