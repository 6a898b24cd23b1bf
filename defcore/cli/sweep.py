"""`defcore sweep`: remove what a run left behind in a cloud."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar

import click
from rich.text import Text

from defcore.cli.cloud_options import CloudChoice, cloud_option, redact_option
from defcore.cli.progress import awaiting
from defcore.cli.terminal import console, inert
from defcore.errors import EXIT_UNKNOWN, EXIT_YES
from defcore.run.contact import open_user
from defcore.run.events import Awaiting, Event, Removed
from defcore.run.exchange import Recorder
from defcore.run.ledger import IndexedRun, index_file
from defcore.run.leftovers import Candidate, candidates, sweep_run
from defcore.run.process import this_machine
from defcore.run.redact_file import read_redact_file
from defcore.run.sweep import shown_name

EPILOG = """\b
Examples:
  defcore sweep --cloud mycloud --dry-run
  defcore sweep --cloud mycloud --older-than 1d

\b
Exit codes:
  0  nothing is left   2  your input   3  something could not be removed
"""


class Age(click.ParamType[timedelta]):
    """Such as 30m, 12h or 7d."""

    name = "AGE"
    UNITS: ClassVar = {"m": "minutes", "h": "hours", "d": "days"}

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> timedelta:
        found = re.fullmatch(r"(\d{1,4})([mhd])", str(value))
        if not found:
            self.fail(f"{value!r} is no age such as 30m, 12h or 7d", param, ctx)
        return timedelta(**{self.UNITS[found[2]]: int(found[1])})


@click.command(epilog=EPILOG)
@cloud_option
@click.option("--run", "run_id", metavar="ID", help="This run only; the first characters of its id will do.")
@click.option("--older-than", type=Age(), metavar="AGE", help="Runs that began so long ago: 30m, 12h, 7d.")
@click.option("--dry-run", is_flag=True, help="Say what would be removed.")
@redact_option
def sweep(cloud: str, run_id: str | None, older_than: timedelta | None, dry_run: bool, redact_file: Path | None) -> int:
    """Remove what a run left behind in a cloud.

    The ledgers of the runs on this machine say what they made; nothing else is touched, and a run that is alive
    is left alone.
    """
    reference_file = CloudChoice(users={"primary": cloud}).reference_file
    recorder = Recorder(*read_redact_file(redact_file))
    with recorder.secrets.out_of_errors():
        open_user("sweep", cloud, recorder, reference_file=reference_file)  # is there such a cloud?
    left = 0
    found = candidates(cloud, run=run_id, older_than=older_than, now=datetime.now(UTC))
    for candidate in found:
        say = _heading(candidate)
        if say:
            console().print(Text(say), soft_wrap=True)
        if candidate.alive:
            continue
        if candidate.lost:
            left += 1
        elif dry_run:
            for entry in candidate.left:
                _print("would remove", entry.kind, shown_name(entry) or entry.id, entry.cloud)
        else:
            run = candidate.run
            left += len(sweep_run(run.id, run.folder, reference_file=reference_file, listener=_show, recorder=recorder))
    if not left and not dry_run:
        console().print(Text(_nothing(cloud, found)), soft_wrap=True)
    return EXIT_UNKNOWN if left else EXIT_YES


def _nothing(cloud: str, found: tuple[Candidate, ...]) -> str:
    """What is left is known of the runs of this machine alone, and of those that are over."""
    if any(one.alive for one in found):
        return "nothing is left by runs that are over"
    if found:
        return "nothing is left"
    return f"nothing is left by runs of {inert(cloud)} on this machine; what another one left is swept there"


def _heading(candidate: Candidate) -> str:
    run = candidate.run
    about = f"run {run.id} of {run.started:%Y-%m-%d %H:%M} in {run.folder}"
    if candidate.alive:
        return f"{about}: {_where_alive(run)}, not touched"
    if candidate.lost:
        return (
            f"{about}: the folder is gone, and with it the ledger: look for defcore-{run.id[:8]}-* by hand,"
            f" then remove {index_file(run.id)}"
        )
    return f"{about}: {len(candidate.left)} left" if candidate.left else ""


def _where_alive(run: IndexedRun) -> str:
    host = run.process.machine.partition("/")[0]
    here = host == this_machine().partition("/")[0]
    return "is alive" if here else f"was started on {inert(host)}, where alone it can be swept"


def _show(event: Event) -> None:
    if isinstance(event, Awaiting):
        console().print(Text(f"  {awaiting(event)}"), soft_wrap=True)
    if isinstance(event, Removed):
        name = event.name or event.id
        became = "could not remove" if event.trouble else "removed" if event.found else "was not there:"
        became = "not ours:" if event.instead else became
        _print(became, event.kind, name, event.cloud, event.trouble or event.instead)


def _print(what: str, kind: str, name: str | None, cloud: str, trouble: str | None = None) -> None:
    why = f": {inert(trouble)}" if trouble else ""
    console().print(Text(f"  {what} {kind} {inert(name or '?')} ({inert(cloud)}){why}"), soft_wrap=True)
