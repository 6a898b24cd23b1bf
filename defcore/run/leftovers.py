"""Runs that left something, found by the index, and swept."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from defcore.errors import InputError, Problem, did_you_mean
from defcore.model.result import Leftover
from defcore.run.contact import CloudUser, open_user
from defcore.run.events import Listener
from defcore.run.exchange import Recorder
from defcore.run.facts import cpid
from defcore.run.journal import read_journal
from defcore.run.ledger import Entry, IndexedRun, Ledger, index_folder, indexed_runs, left_by, strike_run
from defcore.run.sweep import sweep

SHORTEST_PREFIX = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A run of the cloud, with what its ledger says is left."""

    run: IndexedRun
    alive: bool
    lost: bool
    """The run folder is gone, and the ledger with it."""
    left: tuple[Entry, ...]


def candidates(cloud: str, *, run: str | None, older_than: timedelta | None, now: datetime) -> tuple[Candidate, ...]:
    """The indexed runs of a cloud, the oldest first. Raises InputError for an id that is none of them."""
    of_cloud = [one for one in indexed_runs() if cloud in one.clouds]
    if run is not None:
        chosen = [one for one in of_cloud if one.id == run or (len(run) >= SHORTEST_PREFIX and one.id.startswith(run))]
        if not chosen:
            ids = [one.id for one in of_cloud]
            hint = did_you_mean(run, ids) if ids else f"no run of {cloud!r} left anything"
            message = f"no run {run!r} of {cloud!r} left anything"
            raise InputError(Problem(code="sweep.unknown-run", message=message, where=str(index_folder()), hint=hint))
        of_cloud = chosen
    if older_than is not None:
        of_cloud = [one for one in of_cloud if now - one.started >= older_than]
    return tuple(
        Candidate(run=one, alive=one.alive, lost=not one.folder.is_dir(), left=left_by(one.folder)) for one in of_cloud
    )


def sweep_run(
    run: str,
    folder: Path,
    *,
    reference_file: Path | None,
    listener: Listener,
    go_on: Callable[[], bool] = lambda: True,
    recorder: Recorder | None = None,
) -> tuple[Leftover, ...]:
    """Remove what a run left; when nothing is left, the run goes from the index.

    What the recorder knows, and the secrets of the users, are kept out of what is told.
    """
    recorder = recorder or Recorder()
    secrets = recorder.secrets
    left = left_by(folder)
    leftovers: tuple[Leftover, ...] = ()
    if left:
        with contextlib.ExitStack() as stack:
            leftovers = sweep(
                left,
                open_cloud=lambda name: _open(name, recorder, reference_file, of=_cloud_of(folder)),
                gone=_striker(run, folder, stack),
                listener=lambda event: listener(secrets.cleaned(event)),
                go_on=go_on,
            )
    if not leftovers:
        strike_run(run)
        if folder.parent == index_folder():
            shutil.rmtree(folder, ignore_errors=True)
    return secrets.cleaned(leftovers)


def _cloud_of(folder: Path) -> str | None:
    """The cpid of the cloud that the run was made on, if its journal tells."""
    with contextlib.suppress(InputError):
        cloud = read_journal(folder).header.cloud
        return cloud.cpid if cloud else None
    return None


def _open(name: str, recorder: Recorder, reference_file: Path | None, *, of: str | None) -> CloudUser:
    """Raises InputError where the name means another cloud by now: what is not there would be taken for removed."""
    user = open_user("sweep", name, recorder, reference_file=reference_file)
    user.open()
    if of and cpid(user) != of:
        message = f"{name!r} is another cloud than the one of the run: cpid {cpid(user)}, not {of}"
        hint = "name in clouds.yaml the cloud that the run was made on"
        raise InputError(Problem(code="sweep.cloud", message=message, hint=hint))
    return user


def _striker(run: str, folder: Path, stack: contextlib.ExitStack) -> Callable[[Entry], None]:
    """Notes in the ledger what is gone; on a full disk nothing is noted, and a later sweep finds it gone."""
    try:
        ledger = Ledger(folder, run=run)
    except OSError:
        return lambda _: None
    stack.callback(ledger.close)

    def strike(entry: Entry) -> None:
        with contextlib.suppress(OSError):
            ledger.removed(entry.key)

    return strike
