"""Options that several verbs share: which guideline, which part of it, from which catalog."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

from defcore.catalog import (
    Data,
    find_data,
    guideline_names,
    load_catalog,
    load_guideline,
    load_policy,
    policy_names,
)
from defcore.errors import DefcoreError, InputError, Problem
from defcore.model.budget import DEFAULT, Budget
from defcore.model.capability import Catalog, Service
from defcore.model.guideline import Guideline
from defcore.model.plan import Plan
from defcore.model.policy import Policy
from defcore.plan import make_plan

DEFAULT_GUIDELINE = "2020.06"


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What the options of `selection_options` chose."""

    guideline: str
    platform: str | None
    capability: tuple[str, ...]
    component: tuple[str, ...]
    service: tuple[str, ...]
    required_only: bool
    catalog: Path | None

    def load(self) -> tuple[Guideline, Catalog, Plan]:
        """Read the files and make the plan; InputError with all problems of guideline and catalog at once."""
        data = find_data(explicit=self.catalog)
        guideline, catalog = load_both(self.guideline, data)
        plan = make_plan(
            guideline,
            catalog,
            target=self.platform,
            capability=self.capability,
            component=self.component,
            service=self.service,
            required_only=self.required_only,
        )
        return guideline, catalog, plan


def load_both(name: str, data: Data) -> tuple[Guideline, Catalog]:
    """Guideline and catalog, or the problems of both."""
    guideline: Guideline | None = None
    problems: list[Problem] = []
    try:
        guideline = load_guideline(name, data)
    except InputError as error:
        problems += error.problems
    try:
        catalog = load_catalog(data)
    except InputError as error:
        problems += error.problems
    if problems or guideline is None:
        raise InputError(*problems)
    return guideline, catalog


def _complete(
    names: Callable[[Data, str], list[tuple[str, str]]],
) -> Callable[[click.Context, click.Parameter, str], list[CompletionItem]]:
    """Completion by (name, help) pairs; silent where the data cannot be read."""

    def complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001
        try:
            data = find_data(explicit=ctx.params.get("catalog"))
            pairs = names(data, ctx.params.get("guideline") or DEFAULT_GUIDELINE)
        except DefcoreError:
            return []
        return [CompletionItem(name, help=text) for name, text in pairs if name.startswith(incomplete)]

    return complete


def _guidelines(data: Data, _: str) -> list[tuple[str, str]]:
    return [(name, "") for name in guideline_names(data)]


def _platforms(data: Data, guideline: str) -> list[tuple[str, str]]:
    return [(one.target, one.name) for one in load_guideline(guideline, data).platforms]


def _capabilities(data: Data, guideline: str) -> list[tuple[str, str]]:
    return [(one.id, one.description) for one in load_guideline(guideline, data).capabilities]


def _components(data: Data, guideline: str) -> list[tuple[str, str]]:
    return [(one.name, "") for one in load_guideline(guideline, data).components]


def _services(*_: object) -> list[tuple[str, str]]:
    return [(one.value, "") for one in Service]


def policy_data(catalog: Path | None) -> Data:
    """The catalog that was named, if it has policies of its own, else the usual one."""
    data = find_data(explicit=catalog)
    return data if data.policies.is_dir() else find_data(env={})


def _policies(data: Data, _: str) -> list[tuple[str, str]]:
    return [(name, load_policy(name, data).description) for name in policy_names(data)]


def _policy(ctx: click.Context, _: click.Parameter, value: str) -> Policy:
    return load_policy(value, policy_data(ctx.params.get("catalog")))


policy_option = click.option(
    "--policy",
    metavar="NAME|FILE",
    default="strict",
    show_default=True,
    callback=_policy,
    shell_complete=_complete(_policies),
    help="strict: no and don't-know are kept apart; official: as RefStack counts; quantitative: pass rates over"
    " repeated attempts; or a file of your own.",
)


def _budget(ctx: click.Context, param: click.Parameter, value: str | None) -> Budget:  # noqa: ARG001
    return DEFAULT if value is None else Budget.parse(value)


budget_option = click.option(
    "--budget",
    metavar="NAME=N,...",
    callback=_budget,
    help="What the run may have in the cloud at a time, and how long it may start tests:"
    f" {','.join(f'{name}={number}' for name, number in DEFAULT.document().items())} unless told otherwise.",
)

complete_guidelines = _complete(_guidelines)
complete_platforms = _complete(_platforms)

guideline_option = click.option(
    "--guideline",
    metavar="G",
    default=DEFAULT_GUIDELINE,
    show_default=True,
    shell_complete=complete_guidelines,
    help="Name of a guideline, or a file, official JSON too.",
)
platform_option = click.option(
    "--platform",
    "--target",
    "platform",
    metavar="P",
    shell_complete=complete_platforms,
    help="platform, compute, object, dns, orchestration, or the full name; every component if left out.",
)
catalog_option = click.option(
    "--catalog",
    metavar="DIR",
    is_eager=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Read capabilities/ and guidelines/ from here (default: DEFCORE_CATALOG, else what came with defcore).",
)
NARROWING = (
    click.option(
        "--capability",
        metavar="C",
        multiple=True,
        shell_complete=_complete(_capabilities),
        help="This capability only; may be repeated.",
    ),
    click.option(
        "--component",
        metavar="C",
        multiple=True,
        shell_complete=_complete(_components),
        help="This component only; may be repeated.",
    ),
    click.option(
        "--service",
        metavar="S",
        multiple=True,
        shell_complete=_complete(_services),
        help=f"Capabilities of this service only, {'|'.join(Service)}; may be repeated.",
    ),
    click.option("--required-only", is_flag=True, help="Leave out what cannot decide a verdict, such as advisory."),
)


def selection_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options that choose tests; the command gets them as `selection`."""

    @functools.wraps(command)
    def with_selection(*args: Any, **options: Any) -> Any:
        chosen = {name: options.pop(name) for name in Selection.__dataclass_fields__}
        return command(*args, selection=Selection(**chosen), **options)

    decorated: Callable[..., Any] = with_selection
    for option in reversed((guideline_option, platform_option, *NARROWING, catalog_option)):
        decorated = option(decorated)
    return decorated
