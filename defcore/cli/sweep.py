"""`defcore sweep`: remove what a run left behind in a cloud."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from functools import partial
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
from defcore.run.folder import alone
from defcore.run.ledger import IndexedRun, index_file
from defcore.run.leftovers import Candidate, candidate_in, candidates, sweep_run, unreadable_runs
from defcore.run.redact_file import read_redact_file
from defcore.run.sweep import shown_name

EPILOG = """\b
Examples:
  defcore sweep --cloud mycloud --dry-run
  defcore sweep --cloud mycloud --older-than 1d
  defcore sweep --cloud mycloud --folder runs/monday --ended

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
@click.option(
    "--folder",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="The run in DIR only, on whatever machine it was made.",
)
@click.option("--ended", is_flag=True, help="With --folder: the run is over, also where it cannot be seen from here.")
@click.option("--dry-run", is_flag=True, help="Say what would be removed.")
@redact_option
def sweep(
    cloud: str,
    run_id: str | None,
    older_than: timedelta | None,
    folder: Path | None,
    ended: bool,
    dry_run: bool,
    redact_file: Path | None,
) -> int:
    """Remove what a run left behind in a cloud.

    The ledgers of the runs on this machine say what they made; nothing else is touched, and a run that is alive
    is left alone.
    """
    if folder and (run_id or older_than):
        raise click.UsageError("--folder names one run: --run and --older-than do not go with it")
    if ended and not folder:
        raise click.UsageError("--ended says something of one run: name it with --folder")
    reference_file = CloudChoice(users={"primary": cloud}).reference_file
    recorder = Recorder(*read_redact_file(redact_file))
    with recorder.secrets.out_of_errors():
        open_user("sweep", cloud, recorder, reference_file=reference_file)  # is there such a cloud?
    remove = partial(_remove, dry_run=dry_run, reference_file=reference_file, recorder=recorder)
    if folder:
        with alone(folder):
            found: tuple[Candidate, ...] = (candidate_in(folder.resolve(), cloud, ended=ended),)
            left = remove(found[0])
    else:
        found = candidates(cloud, run=run_id, older_than=older_than, now=datetime.now(UTC))
        left = _tell_unreadable(run_id) + sum(map(remove, found))
    if not left and not dry_run:
        console().print(Text(_nothing(cloud, found)), soft_wrap=True)
    return EXIT_UNKNOWN if left else EXIT_YES


def _remove(candidate: Candidate, *, dry_run: bool, reference_file: Path | None, recorder: Recorder) -> int:
    """What one run left. Returns how much of it stays, or may do so."""
    run = candidate.run
    say = _heading(candidate)
    if say:
        console().print(Text(say), soft_wrap=True)
    if candidate.alive:
        return 0
    if candidate.lost:
        return 1
    if candidate.damage:
        listed = index_file(run.id)
        then = f", then remove {listed}" if listed.exists() else ""
        console().print(Text(f"  {inert(candidate.damage)}{then}"), soft_wrap=True)
    if not dry_run:
        return len(sweep_run(run.id, run.folder, reference_file=reference_file, listener=_show, recorder=recorder))
    for entry in candidate.left:
        _print("would remove", entry.kind, shown_name(entry) or entry.id, entry.cloud)
    return int(candidate.damage is not None)


def _tell_unreadable(run_id: str | None) -> int:
    """How many runs may have left something that nobody knows of, and what to do about each."""
    entries = unreadable_runs(run_id)
    for entry in entries:
        console().print(Text(inert(entry)), soft_wrap=True)
    return len(entries)


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
    return f"{about}: {len(candidate.left)} left" if candidate.left or candidate.damage else ""


def _where_alive(run: IndexedRun) -> str:
    if run.process.is_here:
        return "is alive"
    return f"was started on {inert(run.process.host)}, where it can be swept; from here by --folder {run.folder}"


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
