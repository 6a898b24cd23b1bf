"""By which tests results are looked at together: their own, or the guideline's."""

from __future__ import annotations

import click

from defcore.cli.stored import StoredRun
from defcore.errors import InputError, Problem
from defcore.judge.official_view import official_view
from defcore.model.result import Result
from defcore.model.scorecard import Scorecard

BY_TEST, BY_OFFICIAL = "test", "official"

by_option = click.option(
    "--by",
    type=click.Choice([BY_TEST, BY_OFFICIAL]),
    default=BY_TEST,
    show_default=True,
    help="Compare the results' own tests, or what they say of the guideline's: for results of different programs.",
)


def viewed(run: StoredRun, card: Scorecard | None, by: str) -> Result:
    """The result with the tests that were asked for. InputError for the guideline's where there is none."""
    if by == BY_TEST:
        return run.result
    if card is None:
        message = "the results name no guideline whose tests could be compared"
        raise InputError(Problem(code="compare.no-guideline", message=message, hint="name one with --guideline"))
    return official_view(run.result, card)
