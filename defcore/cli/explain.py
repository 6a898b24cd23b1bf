"""`defcore explain`: why a verdict is what it is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from defcore.catalog import find_data, load_guideline, load_policy, policy_names
from defcore.cli.options import complete_guidelines, policy_data
from defcore.cli.stored import open_results
from defcore.cli.terminal import print_lines
from defcore.cli.terms import Terms, terms_options
from defcore.errors import EXIT_YES
from defcore.judge.explain import explain as explained
from defcore.judge.explain import what_if
from defcore.model import documents
from defcore.model.guideline import Guideline
from defcore.model.policy import Policy
from defcore.model.scorecard import Scorecard
from defcore.model.waiver import Waiver
from defcore.report.explanation import document, outline
from defcore.report.text import STYLE


@click.command()
@click.argument("result", metavar="RESULT", type=click.Path(path_type=Path))
@click.argument("capability", required=False)
@terms_options
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
def explain(result: Path, capability: str | None, terms: Terms, others: tuple[str, ...], whole: bool, form: str) -> int:
    """Say why the verdict on RESULT is what it is: from the verdict to the tests, their evidence and the rule.

    Also the smallest set of tests to mend for a yes, and what the verdict would be under the other policies, under
    other guidelines, and without each waiver and each flag that matters.

    \b
    Exit code: 0 when it was explained, whatever the verdict.
    Example: defcore explain runs/2026-01-31T120000-0f4f2f8e compute-servers-create
    """
    stored = open_results([result])
    run = stored.result
    asked = terms.asked(run)
    wanted = terms.target or run.run.target

    def judge(under: Guideline, by: Policy, lifting: Sequence[Waiver]) -> Scorecard:
        target = wanted if under.id == asked.id or (wanted and under.platform(wanted)) else None
        lifted = tuple(lifting)
        return terms.judge_under(under, run, target=target, policy=by, waivers=lifted, product=stored.product)

    card = judge(asked, terms.policy, terms.waivers)
    policies, data = policy_data(terms.catalog), find_data(explicit=terms.catalog)
    otherwise = what_if(
        judge,
        asked,
        terms.policy,
        terms.waivers,
        card=card,
        policies=[load_policy(name, policies) for name in policy_names(policies)],
        guidelines=[load_guideline(one, data) for one in others],
    )
    explanation = explained(card, run, terms.policy, capability=capability, otherwise=otherwise)
    if form == "json":
        click.echo(documents.text(document(explanation)), nl=False)
    else:
        lines = outline(explanation, whole=whole or capability is not None)
        print_lines([(f"{'  ' * depth}{words}", style_of(words)) for depth, words in lines])
    return EXIT_YES


def style_of(words: str) -> str:
    """A verdict, a support or an outcome that a line begins with is shown in its colour."""
    return STYLE.get(words.partition(" ")[0], "")
