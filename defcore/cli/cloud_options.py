"""Options of the verbs that talk to a cloud: which users, which settings."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
from click.shell_completion import CompletionItem

from defcore.catalog.document import read
from defcore.errors import InputError, Problem, did_you_mean
from defcore.refcloud import reference_clouds_file
from defcore.run.configuration import cloud_names
from defcore.run.context import SETTINGS
from defcore.run.redact_file import read_redact_file


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudChoice:
    """What the options of `cloud_options` chose."""

    users: Mapping[str, str]
    """Role -> name in clouds.yaml."""
    given: Mapping[str, str] = field(default_factory=dict)
    """Settings by name."""
    redact_file: Path | None = None
    hidden: tuple[str, ...] = ()
    """The values in it, which are kept out of everything."""

    def refuse_in(self, *texts: str) -> None:
        """Raises InputError if a hidden value is in what a run cannot do without, and so keeps: its plan and names."""
        if any(value in text for value in self.hidden for text in texts):
            message = "a value in the file is in the plan, in the name of a cloud, or in that of the run folder"
            hint = "these are kept as they are, since tests are run by them: name it otherwise, or leave it out"
            raise InputError(_problem("redact.plan", message, str(self.redact_file), hint))

    @property
    def reference_file(self) -> Path | None:
        """The reference cloud's own clouds.yaml, for names not found elsewhere."""
        file = reference_clouds_file()
        return file if file and file.exists() else None


def _complete_cloud(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001
    return [CompletionItem(name) for name in cloud_names(reference_clouds_file()) if name.startswith(incomplete)]


def _complete_setting(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001
    return [CompletionItem(f"{name}=") for name in SETTINGS if name.startswith(incomplete)]


cloud_option, cloud_option_of_run = (
    click.option(
        "--cloud",
        metavar="NAME",
        required=required,
        shell_complete=_complete_cloud,
        help="The cloud, as clouds.yaml names it.",
    )
    for required in (True, False)
)
redact_option = click.option(
    "--redact",
    "redact_file",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Keep the values in this file, one a line, out of everything that is printed and kept.",
)
OPTIONS = (
    click.option(
        "--alt-cloud", metavar="NAME", shell_complete=_complete_cloud, help="A second user, in another project."
    ),
    click.option(
        "--reader-cloud",
        metavar="NAME",
        shell_complete=_complete_cloud,
        help="A user with the role reader, in the same project.",
    ),
    click.option(
        "--admin-cloud",
        metavar="NAME",
        shell_complete=_complete_cloud,
        help="An administrator with the role ResellerAdmin.",
    ),
    click.option(
        "--disposable-cloud",
        metavar="NAME",
        shell_complete=_complete_cloud,
        help="A user, in a project of its own, who may be changed and locked out (default: made by the administrator).",
    ),
    click.option(
        "--set",
        "pairs",
        metavar="NAME=VALUE",
        multiple=True,
        shell_complete=_complete_setting,
        help=f"What tests use instead of what would be chosen: {', '.join(SETTINGS)}. More pairs may follow.",
    ),
    click.argument("more", metavar="[NAME=VALUE]...", nargs=-1, shell_complete=_complete_setting),
    click.option(
        "--settings",
        metavar="FILE",
        type=click.Path(path_type=Path),
        help="The same as YAML; --set wins.",
    ),
    redact_option,
)


def cloud_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds the options that choose users and settings; the command gets them as `choice`."""
    return _with_options(command, cloud_option)


def cloud_options_of_run(command: Callable[..., Any]) -> Callable[..., Any]:
    """The same, where the cloud may be left out: a run that was begun knows it."""
    return _with_options(command, cloud_option_of_run)


def _with_options(command: Callable[..., Any], cloud: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(command)
    def with_choice(*args: Any, **options: Any) -> Any:
        names = {
            "primary": options.pop("cloud"),
            "alt": options.pop("alt_cloud"),
            "reader": options.pop("reader_cloud"),
            "admin": options.pop("admin_cloud"),
            "disposable": options.pop("disposable_cloud"),
        }
        file, pairs = options.pop("settings"), options.pop("pairs") + options.pop("more")
        given = (settings_in(file) if file else {}) | settings_of(pairs)
        users = {role: name for role, name in names.items() if name}
        redact_file = options.pop("redact_file")
        choice = CloudChoice(users=users, given=given, redact_file=redact_file, hidden=read_redact_file(redact_file))
        return command(*args, choice=choice, **options)

    decorated: Callable[..., Any] = with_choice
    for option in reversed((cloud, *OPTIONS)):
        decorated = option(decorated)
    return decorated


def settings_of(pairs: tuple[str, ...]) -> dict[str, str]:
    """Of `--set name=value`. Raises InputError with all problems."""
    found: dict[str, str] = {}
    problems = []
    for pair in pairs:
        name, equals, value = pair.partition("=")
        if not equals or not value:
            problems.append(_problem("settings.pair", f"{pair!r} is not name=value", "--set", "such as image=ID"))
        elif name not in SETTINGS:
            problems.append(_unknown(name, "--set"))
        else:
            found[name] = value
    if problems:
        raise InputError(*problems)
    return found


def settings_in(file: Path) -> dict[str, str]:
    """Of a YAML file. Raises InputError with all problems and their places."""
    document = read(file)
    problems = list(document.problems)
    if not problems and not isinstance(document.data, dict):
        problems.append(_problem("settings.type", "must be a mapping of settings", str(file), "such as image: ID"))
    if problems:
        raise InputError(*problems)
    found: dict[str, str] = {}
    for name, value in document.data.items():
        where = document((name,), key=True)
        if name not in SETTINGS:
            problems.append(_unknown(str(name), where))
        elif isinstance(value, bool) or not isinstance(value, str | int | float):
            where = document((name,))
            problems.append(_problem("settings.value", f"{name}: must be a name or an id", where, None))
        else:
            found[name] = str(getattr(value, "text", "") or value)
    if problems:
        raise InputError(*problems)
    return found


def _unknown(name: str, where: str | None) -> Problem:
    return _problem("settings.unknown", f"no setting {name!r}", where, did_you_mean(name, SETTINGS))


def _problem(code: str, message: str, where: str | None, hint: str | None) -> Problem:
    return Problem(code=code, message=message, where=where, hint=hint)
