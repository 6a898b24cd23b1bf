"""`defcore explain`: why a verdict is what it is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import click

from defcore.catalog import find_data, load_guideline, load_policy, load_waivers, policy_names
from defcore.cli.options import complete_guidelines, policy_data
from defcore.cli.score import day, judging
from defcore.cli.stored import date_of, open_run
from defcore.cli.terminal import console
from defcore.errors import EXIT_YES
from defcore.judge import score
from defcore.judge.explain import explain as explained
from defcore.judge.explain import what_if
from defcore.model import documents
from defcore.model.guideline import Guideline
from defcore.model.policy import Policy
from defcore.model.scorecard import Scorecard
from defcore.model.waiver import Waiver
from defcore.report.explanation import document, outline


@click.command()
@judging
@click.argument("capability", required=False)
@click.option(
    "--if-guideline",
    "others",
    metavar="NAME|FILE",
    multiple=True,
    shell_complete=complete_guidelines,
    help="Also say what the verdict would be under this guideline; may be repeated.",
)
@click.option("--whole", is_flag=True, help="Show the tests that passed as well.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def explain(
    run: Path,
    capability: str | None,
    guideline: str | None,
    target: str | None,
    policy: Policy,
    date: datetime | None,
    catalog: Path | None,
    waivers: Path | None,
    product: str | None,
    others: tuple[str, ...],
    whole: bool,
    form: str,
) -> int:
    """Say why the verdict on RUN is what it is: from the verdict to the tests, their evidence and the rule.

    Also the smallest set of tests to mend for a yes, and what the verdict would be under the other policies, under
    other guidelines, and without each waiver and each flag that matters.

    \b
    Exit code: 0 when it was explained, whatever the verdict.
    Example: defcore explain runs/2026-01-31T120000-0f4f2f8e compute-servers-create
    """
    stored = open_run(run)
    result, data = stored.result, find_data(explicit=catalog)
    asked = load_guideline(guideline or result.guideline, data)
    granted = load_waivers(waivers) if waivers else ()

    def judge(under: Guideline, by: Policy, lifting: Sequence[Waiver]) -> Scorecard:
        wanted = target or result.run.target
        return score(
            result,
            under,
            target=wanted if under is asked or (wanted and under.platform(wanted)) else None,
            policy=by,
            date=day(date) or date_of(result),
            waivers=lifting,
            product=product,
        )

    card = judge(asked, policy, granted)
    known = policy_data(catalog)
    otherwise = what_if(
        judge,
        asked,
        policy,
        granted,
        card=card,
        policies=[load_policy(name, known) for name in policy_names(known)],
        guidelines=[load_guideline(one, data) for one in others],
    )
    explanation = explained(card, result, policy, capability=capability, otherwise=otherwise)
    if form == "json":
        click.echo(documents.text(document(explanation)), nl=False)
        return EXIT_YES
    out = console()
    for depth, text in outline(explanation, whole=whole or capability is not None):
        out.print("  " * depth + text, markup=False, highlight=False, soft_wrap=True)
    return EXIT_YES
