"""The report for the terminal. The one module of this room that knows rich; colours are rich's affair."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from defcore.model.guideline import Status
from defcore.model.outcome import Outcome
from defcore.model.result import Result
from defcore.model.scorecard import CapabilityScore, ComponentScore, Mend, Scorecard, Support, Verdict
from defcore.report.evidence import EvidenceLoader
from defcore.report.facts import (
    footnotes,
    level_words,
    must_pass,
    origin_lines,
    outcome_counts,
    outcome_words,
    percent,
    rate_words,
    sweep_command,
    tally,
    title,
)
from defcore.report.inert import line

STYLE: dict[str, str] = {
    Verdict.CONFORMANT: "bold green",
    Verdict.NON_CONFORMANT: "bold red",
    Verdict.INCONCLUSIVE: "bold yellow",
    Support.SUPPORTED: "green",
    Support.UNSUPPORTED: "red",
    Outcome.PASSED: "green",
    Outcome.FAILED: "red",
    Outcome.ERROR: "magenta",
    Outcome.SKIPPED: "yellow",
    Outcome.NOT_RUN: "bright_black",
}
MARK = {Support.SUPPORTED: "+", Support.UNSUPPORTED: "x", Support.INCONCLUSIVE: "?"}
BAR = 20
MENDED = 40
"""Tests to mend that the terminal lists; the other formats list all of them."""


def render(card: Scorecard, result: Result, evidence: EvidenceLoader) -> RenderableType:  # noqa: ARG001
    """The scorecard: capabilities, what to mend, components, and last, where the eye is, the verdict."""
    parts: list[RenderableType] = [_capabilities(card), *_because_capabilities(card.capabilities)]
    if card.mend:
        parts += [Text(), *_mend(card.mend)]
    if result.leftovers:
        parts += [Text(), *_leftovers(result)]
    parts += [Text(), _components(card), Text(), Text(tally(result)), *_origin(result), *_verdict(card)]
    return Group(*parts)


def bar(passed: int, tests: int, width: int = BAR) -> Text:
    """The share that passed; full only when all of it did."""
    filled = passed * width // tests if tests else 0
    style = "green" if tests and passed == tests else "yellow"
    return Text.assemble(("█" * filled, style), ("░" * (width - filled), "bright_black"))


def _table(*columns: str) -> Table:
    table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    for name in columns:
        table.add_column(name, justify="right" if name in ("passed", "%") else "left", overflow="fold")
    return table


def _origin(result: Result) -> Iterable[RenderableType]:
    for one in origin_lines(result):
        yield Padding(Text(line(one, 600), "bright_black"), (0, 0, 0, 2))


def _verdict(card: Scorecard) -> Iterable[RenderableType]:
    yield Text()
    yield Text.assemble(
        (card.verdict, STYLE[card.verdict]), "  ", (line(title(card)), "bold"), f"  (policy {card.policy})"
    )
    yield Text(f"cloud {line(card.cloud)}, run {line(card.run, 40)}, judged for {line(card.date, 40)}", "bright_black")
    yield from _because(card.reasons)
    yield Padding(Text.assemble(("level   ", "bright_black"), line(level_words(card), 300)), (0, 0, 0, 2))
    for note in footnotes(card):
        yield Padding(Text(line(note, 900), "bright_black"), (0, 0, 0, 2))


def _because(reasons: Iterable[str], indent: int = 2) -> Iterable[RenderableType]:
    for n, reason in enumerate(reasons):
        word = "because " if n == 0 else "        "
        yield Padding(Text.assemble((word, "bright_black"), line(reason, 600)), (0, 0, 0, indent))


def _components(card: Scorecard) -> Table:
    table = _table("component", "must-pass", "passed", "%", "rate", "verdict")
    rows: list[tuple[str, ComponentScore | Scorecard]] = [(one.name, one) for one in card.components]
    if len(card.components) > 1:
        rows.append((title(card), card))
    for name, one in rows:
        passed, tests = must_pass(one)
        share = percent(one.non_flagged_required_pass_percent)
        table.add_row(
            Text(line(name)),
            bar(passed, tests),
            f"{passed}/{tests}",
            share,
            rate_words(one.rate),
            Text(one.verdict, STYLE[one.verdict]),
        )
    if card.advisory_rate:
        table.add_row("advisory", "", "", "", rate_words(card.advisory_rate), "")
    return table


def _capabilities(card: Scorecard) -> Table:
    table = _table("capability", "status", "tests", "passed", "support")
    for one in card.capabilities:
        table.add_row(
            Text(line(one.id, 80)),
            Text(one.status, "" if one.status is Status.REQUIRED else "bright_black"),
            bar(one.passed, len(one.tests)),
            f"{one.passed}/{len(one.tests)}",
            Text.assemble((f"{MARK[one.support]} {one.support}", STYLE.get(one.support, "yellow")), _flagged(one)),
        )
    return table


def _flagged(capability: CapabilityScore) -> str:
    flagged = sum(test.flag is not None for test in capability.tests)
    waived = sum(test.waiver is not None for test in capability.tests)
    words = [f"{n} {what}" for n, what in ((flagged, "flagged"), (waived, "waived")) if n]
    return f" ({', '.join(words)})" if words else ""


def _because_capabilities(capabilities: Sequence[CapabilityScore]) -> Iterable[RenderableType]:
    """The reasons for every no, and for every don't-know that was tried at all."""
    for one in capabilities:
        tried = any(test.outcome is not Outcome.NOT_RUN for test in one.tests)
        if one.support is Support.UNSUPPORTED or (one.support is Support.INCONCLUSIVE and tried):
            yield Text()
            yield Text.assemble((line(one.id, 80), "bold"), " is ", (one.support, STYLE.get(one.support, "yellow")))
            yield from _because(one.reasons)


def _mend(mend: Sequence[Mend]) -> Iterable[RenderableType]:
    counts = ", ".join(f"{n} {outcome}" for outcome, n in outcome_counts(one.outcome for one in mend) if n)
    yield Text.assemble(("To mend", "bold"), f": {len(mend)} official tests ({counts})")
    for one in mend[:MENDED]:
        yield Padding(Text.assemble((outcome_words(one), STYLE[one.outcome]), f" {line(one.name)}"), (0, 0, 0, 2))
        yield Padding(Text(line(one.reason), "bright_black"), (0, 0, 0, 4))
    if len(mend) > MENDED:
        yield Text(f"  and {len(mend) - MENDED} more; the HTML report lists all of them", "bright_black")


def _leftovers(result: Result) -> Iterable[RenderableType]:
    yield Text.assemble(("Left behind in the cloud", "bold"), f": {sweep_command(result)}")
    for one in result.leftovers:
        what = f"  {line(one.kind)} {line(one.id or '-')} {line(one.name or '')}: {line(one.reason)}"
        yield Text(what)
