"""Under what stored runs are judged that are looked at together."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from defcore.cli.options import catalog_option, complete_guidelines, complete_platforms, policy_option
from defcore.cli.score import day
from defcore.cli.stored import StoredRun, judge_run, open_run
from defcore.model.scorecard import Policy, Scorecard


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the options of `terms_options` chose; None: what the run in question was made for."""

    guideline: str | None
    target: str | None
    policy: Policy
    date: str | None
    catalog: Path | None

    def judge(self, run: StoredRun, like: StoredRun | None = None) -> Scorecard | None:
        """The run's scorecard, under what `like` was made for; None where nobody names a guideline."""
        model = (like or run).result
        guideline = self.guideline or model.guideline
        if not guideline:
            return None
        return judge_run(
            run,
            guideline=guideline,
            target=self.target or model.run.target,
            policy=self.policy,
            date=self.date,
            catalog=self.catalog,
        )


def opened(path: Path) -> StoredRun:
    """The stored run at the path."""
    return open_run(path)


def terms_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options that say how to judge; the command gets them as `terms`."""

    @functools.wraps(command)
    def with_terms(*args: Any, **options: Any) -> Any:
        chosen = {name: options.pop(name) for name in Terms.__dataclass_fields__}
        return command(*args, terms=Terms(**chosen | {"date": day(chosen["date"])}), **options)

    decorated: Callable[..., Any] = with_terms
    for option in reversed(
        (
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
                help="Judge for this day.  [default: the day on which the run ended]",
            ),
            catalog_option,
        )
    ):
        decorated = option(decorated)
    return decorated
