"""Under what stored results are judged: the options that the verbs which judge have in common."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from defcore.catalog import find_data, load_guideline, load_waivers
from defcore.cli.options import catalog_option, complete_guidelines, complete_platforms, policy_option
from defcore.cli.stored import StoredRun, date_of, guideline_of
from defcore.judge import score
from defcore.model.guideline import Guideline
from defcore.model.policy import Policy
from defcore.model.result import Result
from defcore.model.scorecard import Scorecard
from defcore.model.waiver import Waiver


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the options of `terms_options` chose; None: what the result in question was made for."""

    guideline: str | None
    target: str | None
    policy: Policy
    date: str | None
    waivers: tuple[Waiver, ...]
    product: str | None
    catalog: Path | None

    def asked(self, result: Result) -> Guideline:
        """The guideline that the result is judged under. InputError if nobody names one."""
        return load_guideline(guideline_of(result, self.guideline), find_data(explicit=self.catalog))

    def judge(self, run: StoredRun) -> Scorecard:
        """The scorecard. InputError if nobody names a guideline."""
        target = self.target or run.result.run.target
        return self.judge_under(self.asked(run.result), run.result, target=target, product=run.product)

    def judge_like(self, run: StoredRun, like: StoredRun) -> Scorecard | None:
        """The run's scorecard, under what `like` was made for; None where nobody names a guideline."""
        if not (self.guideline or like.result.guideline):
            return None
        target = self.target or like.result.run.target
        return self.judge_under(self.asked(like.result), run.result, target=target, product=run.product)

    def judge_under(
        self,
        guideline: Guideline,
        result: Result,
        *,
        target: str | None,
        policy: Policy | None = None,
        waivers: tuple[Waiver, ...] | None = None,
        product: str | None = None,
    ) -> Scorecard:
        """The scorecard of the result under this guideline; `policy` and `waivers` instead of those chosen.

        `product`: what the result is attested for, where nobody named another.
        """
        return score(
            result,
            guideline,
            target=target,
            policy=policy or self.policy,
            date=self.date or date_of(result),
            waivers=self.waivers if waivers is None else waivers,
            product=self.product or product,
        )


OPTIONS = (
    click.option(
        "--guideline",
        metavar="NAME|FILE",
        shell_complete=complete_guidelines,
        help="Judge under this guideline.  [default: the one that the result was made for]",
    ),
    click.option(
        "--platform",
        "--target",
        "target",
        metavar="NAME",
        shell_complete=complete_platforms,
        help="platform, compute, object, dns, orchestration, or the full name.  [default: the result's]",
    ),
    policy_option,
    click.option(
        "--date",
        type=click.DateTime(["%Y-%m-%d"]),
        metavar="YYYY-MM-DD",
        callback=lambda _ctx, _param, value: value.date().isoformat() if isinstance(value, datetime) else None,
        help="Judge for this day.  [default: the day on which the run ended]",
    ),
    click.option(
        "--waivers",
        metavar="FILE",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        callback=lambda _ctx, _param, value: load_waivers(value) if value else (),
        help="Waivers that a board has granted (schema defcore/waivers/1).",
    ),
    click.option(
        "--product",
        metavar="NAME",
        help="The product whose waivers count.  [default: a submission's product; of a run the cloud's name or cpid]",
    ),
    catalog_option,
)

files_argument = click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))


def terms_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options that say how to judge; the command gets them as `terms`."""

    @functools.wraps(command)
    def with_terms(*args: Any, **options: Any) -> Any:
        chosen = {name: options.pop(name) for name in Terms.__dataclass_fields__}
        return command(*args, terms=Terms(**chosen), **options)

    decorated: Callable[..., Any] = with_terms
    for option in reversed(OPTIONS):
        decorated = option(decorated)
    return decorated
