"""`defcore cloud`: the reference cloud, real OpenStack services on this machine."""

from __future__ import annotations

import shlex
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import click

from defcore.cli.terminal import console as terminal_console
from defcore.errors import EXIT_UNKNOWN, InputError, Problem, did_you_mean
from defcore.refcloud.cloud import ANSWERS, Cloud, Running
from defcore.refcloud.environment import Report
from defcore.refcloud.parts import BY_NAME

state_option = click.option(
    "--state",
    type=click.Path(path_type=Path, file_okay=False),
    help="The cloud's folder. Each folder is a cloud of its own. "
    "[default: $DEFCORE_REFCLOUD_STATE, else one in your own state folder]",
)


@click.group(name="cloud", context_settings={"help_option_names": ["-h", "--help"]})
def cloud() -> None:
    """Run the reference cloud: the real OpenStack services, on this machine's loopback address.

    It needs no privilege, no database server, no message broker and no container.

    \b
    Example:
      defcore cloud up && defcore run --cloud defcore-ref --guideline 2020.06
    """


@cloud.command()
@state_option
@click.option(
    "--services",
    metavar="NAME,...",
    default="",
    help=f"Only these, and what they need: {', '.join(BY_NAME)}. [default: all]",
)
@click.option("--rebuild", is_flag=True, help="Make the environment of the services again.")
def up(state: Path | None, services: str, rebuild: bool) -> None:
    """Start the cloud and wait until every API answers.

    The first time it installs the services into your cache folder, which takes a minute. A cloud that is
    already up stays as it is.

    \b
    Examples:
      defcore cloud up
      defcore cloud up --services keystone,swift --state /tmp/objects
    """
    names = [name.strip() for name in services.split(",") if name.strip()]
    with progress() as report:
        running = Cloud(state).up(names, report=report, rebuild=rebuild)
    click.echo(usage(running, own_state=state is not None))


@contextmanager
def progress() -> Iterator[Report]:
    """Show what is being done: a line each, and on a terminal also a sign that something moves."""
    console, began = terminal_console(stderr=True), time.monotonic()

    def line(text: str) -> None:
        console.print(f"{time.monotonic() - began:6.1f} s  {text}", markup=False, soft_wrap=True)

    if not console.is_terminal:
        yield line
        return
    with console.status("the reference cloud") as status:

        def line_and_sign(text: str) -> None:
            line(text)
            status.update(text)

        yield line_and_sign


def usage(running: Running, *, own_state: bool) -> str:
    """What to do with a cloud that is up."""
    width = max(len(name) for name, _ in running.urls)
    moved = dict.fromkeys(running.moved, " (the usual port was taken)")
    lines = [f"The reference cloud is up after {running.seconds:.1f} s."]
    lines += [f"  {name:{width}}  {url}{moved.get(name, '')}" for name, url in running.urls]
    option = f" --state {shlex.quote(str(running.state))}" if own_state else ""
    lines += [
        "",
        "Test it:        defcore run --cloud defcore-ref --alt-cloud defcore-ref-alt "
        "--reader-cloud defcore-ref-reader --admin-cloud defcore-ref-admin --guideline 2020.06",
        f"Other clients:  export OS_CLIENT_CONFIG_FILE={shlex.quote(str(running.clouds_file))}",
        "                export OS_CLOUD=defcore-ref",
        f"End it:         defcore cloud down{option}",
    ]
    if own_state:
        lines.insert(-2, "                (defcore needs this too: the folder is not the usual one)")
    return "\n".join(lines)


@cloud.command()
@state_option
@click.option("-n", "--lines", type=click.IntRange(min=0), default=15, help="Log lines of a crashed service.")
@click.pass_context
def status(context: click.Context, state: Path | None, lines: int) -> None:
    """Say which services answer; for one that does not, show the end of its log.

    Exit code 0 if every started service answers and has its first contents, 3 otherwise.

    \b
    Example:
      defcore cloud status
    """
    target = Cloud(state)
    found = target.status(lines=lines)
    if not found:
        click.echo(f"The reference cloud is down ({target.state.path}).")
        context.exit(EXIT_UNKNOWN)
    for one in found:
        pid = f"pid {one.pid}" if one.pid else "no process"
        click.echo(f"{one.name:10} {one.condition:16} {one.url}  {pid}")
        for line in one.log:
            click.echo(f"    | {line}")
    lacking = target.lacking()
    if lacking:
        click.echo(f"`up` was cut off: images, flavors or networks of {', '.join(lacking)} are missing; repeat it.")
    if lacking or any(one.condition != ANSWERS for one in found):
        context.exit(EXIT_UNKNOWN)


@cloud.command()
@state_option
@click.argument("service", required=False)
@click.option("-n", "--lines", type=click.IntRange(min=0), default=20, help="How many lines. [default: 20]")
@click.option("-f", "--follow", is_flag=True, help="Go on with what is written, until Ctrl-C.")
def logs(state: Path | None, service: str | None, lines: int, follow: bool) -> None:
    """Print the end of a service's log, or of every log.

    \b
    Examples:
      defcore cloud logs nova -n 100
      defcore cloud logs --follow
    """
    target = Cloud(state)
    known = target.logs()
    if service and service not in known:
        problem = Problem(
            code="refcloud.no-log",
            message=f"there is no log of {service!r}",
            where=str(target.state / "log"),
            hint=did_you_mean(service, known) if known else "`defcore cloud up` first",
        )
        raise InputError(problem)
    chosen = (service,) if service else known
    for name in chosen:
        for line in target.tail(name, lines):
            click.echo(line if service else f"{name:10} {line}")
    if follow:
        with suppress(KeyboardInterrupt):  # the way to end it, no mishap
            for name, line in target.follow(chosen):
                click.echo(line if service else f"{name:10} {line}")


@cloud.command()
@state_option
def down(state: Path | None) -> None:
    """End the cloud's processes. Its data stays for the next `up`.

    \b
    Example:
      defcore cloud down
    """
    with progress() as report:
        ended = Cloud(state).down(report=report)
    click.echo(f"Ended {ended} processes." if ended else "Nothing ran.")


@cloud.command()
@state_option
def wipe(state: Path | None) -> None:
    """End the cloud and remove its folder: databases, images, volumes, objects, logs, passwords.

    \b
    Example:
      defcore cloud wipe
    """
    target = Cloud(state)
    with progress() as report:
        removed = target.wipe(report=report)
    click.echo(f"Removed {target.state.path}." if removed else f"There is no cloud in {target.state.path}.")
