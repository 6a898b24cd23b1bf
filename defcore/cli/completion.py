"""`defcore completion`: the shell's completion script."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

from defcore.errors import InputError, Problem


@click.command(epilog='Example:\n\n  eval "$(defcore completion bash)"')
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the completion script for SHELL; put it into your shell's start-up file."""
    from defcore.cli import root  # noqa: PLC0415 - the group imports its verbs, not the other way round

    found = get_completion_class(shell)
    if found is None:
        raise InputError(Problem(code="cli.completion", message=f"no completion for {shell}"))
    click.echo(found(root, {}, "defcore", "_DEFCORE_COMPLETE").source())
