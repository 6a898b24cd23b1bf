"""Runs that left something, found by the index, and swept."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from defcore.errors import InputError, Problem, did_you_mean
from defcore.model.result import Leftover
from defcore.run.contact import CloudUser, open_user
from defcore.run.events import Listener
from defcore.run.exchange import Recorder
from defcore.run.facts import cpid, ids
from defcore.run.journal import Header, read_journal
from defcore.run.ledger import (
    FILE,
    Entry,
    IndexedRun,
    Ledger,
    LedgerState,
    index_folder,
    indexed_runs,
    read_ledger,
    strike_run,
    unreadable_entries,
)
from defcore.run.process import ProcessId, is_alive, this_process
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
    damage: str | None = None
    """Why more may be left than the ledger says."""


def candidates(cloud: str, *, run: str | None, older_than: timedelta | None, now: datetime) -> tuple[Candidate, ...]:
    """The indexed runs of a cloud, the oldest first. Raises InputError for an id that is none of them."""
    of_cloud = [one for one in indexed_runs() if cloud in one.clouds]
    if run is not None:
        chosen = [one for one in of_cloud if _means(run, one.id)]
        if not (chosen or unreadable_runs(run)):
            ids = [one.id for one in of_cloud]
            hint = did_you_mean(run, ids) if ids else f"no run of {cloud!r} left anything"
            message = f"no run {run!r} of {cloud!r} left anything"
            raise InputError(Problem(code="sweep.unknown-run", message=message, where=str(index_folder()), hint=hint))
        of_cloud = chosen
    if older_than is not None:
        of_cloud = [one for one in of_cloud if now - one.started >= older_than]
    return tuple(map(_candidate, of_cloud))


def candidate_in(folder: Path, cloud: str, *, ended: bool) -> Candidate:
    """The run in a folder, on whatever machine it was made. `ended`: the user says that it is over there.

    Raises InputError if it may be alive, if the cloud is none of its own, or if the folder does not tell.
    """
    header = read_journal(folder).header
    if header.cloud is None or not (folder / FILE).exists():
        lacks = (
            "no ledger, which says what the run made" if header.cloud else "nothing of which cloud the run was made on"
        )
        hint = "sweep it on the machine where it ran, by --run; without a ledger, it has made nothing there"
        raise InputError(Problem(code="sweep.folder", message=f"there is {lacks}", where=str(folder), hint=hint))
    clouds = tuple(dict(header.users).values())
    if cloud not in clouds:
        message = f"the run is not of {cloud!r}: it was made by {', '.join(clouds)}"
        raise InputError(
            Problem(code="sweep.other", message=message, where=str(folder), hint=f"name it: --cloud {clouds[0]}")
        )
    processes = read_ledger(folder).processes
    processes += tuple(one.process for one in indexed_runs() if one.id == header.run)
    _check_over(folder, [one for one in processes if is_alive(one)], ended=ended)
    run = IndexedRun(
        id=header.run,
        folder=folder,
        clouds=clouds,
        started=datetime.fromisoformat(header.started),
        process=next(iter(processes), this_process()),
    )
    return replace(_candidate(run), alive=False)


def _check_over(folder: Path, alive: list[ProcessId], *, ended: bool) -> None:
    """Raises InputError for a run that is alive here, or may be elsewhere."""
    here = next((one for one in alive if one.is_here), None)
    if here:
        message, hint = f"the run is alive: process {here.pid}", "wait for its end, or end it with Ctrl-C"
        raise InputError(Problem(code="run.alive", message=message, where=str(folder), hint=hint))
    if alive and not ended:
        message = f"the run was at work on {alive[0].host}, and may be still: that cannot be seen from here"
        hint = "if you know that it has ended there, say so: --ended"
        raise InputError(Problem(code="sweep.elsewhere", message=message, where=str(folder), hint=hint))


def _means(given: str, run: str) -> bool:
    """Whether the user's id is that of the run, or its beginning."""
    return run == given or (len(given) >= SHORTEST_PREFIX and run.startswith(given))


def _candidate(run: IndexedRun) -> Candidate:
    ledger = read_ledger(run.folder)
    return Candidate(
        run=run, alive=run.alive, lost=not run.folder.is_dir(), left=ledger.left, damage=_damage(ledger, run.id)
    )


def _damage(ledger: LedgerState, run: str) -> str | None:
    """What is wrong with the ledger, and what to do."""
    if ledger.damage is None:
        return None
    return f"{ledger.damage}: look for defcore-{run[:8]}-* by hand"


def unreadable_runs(run: str | None) -> tuple[str, ...]:
    """What to do about each entry of the index that cannot be read, if it may be that of the run."""
    return tuple(
        f"{path} cannot be read, which names a run that may have left something:"
        f" look for defcore-{path.stem[:8]}-* by hand, then remove the file"
        for path in unreadable_entries()
        if run is None or _means(run, path.stem)
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

    A ledger that is damaged is a leftover of its own, for nobody knows what else there is. What the recorder knows, and
    the secrets of the users, are kept out of what is told.
    """
    recorder = recorder or Recorder()
    secrets = recorder.secrets
    ledger = read_ledger(folder)
    leftovers: tuple[Leftover, ...] = ()
    if ledger.left:
        with contextlib.ExitStack() as stack:
            leftovers = sweep(
                ledger.left,
                open_cloud=lambda name: _open(name, recorder, reference_file, header=_header_of(folder)),
                gone=_striker(run, folder, stack),
                listener=lambda event: listener(secrets.cleaned(event)),
                go_on=go_on,
            )
    damage = _damage(ledger, run)
    if damage:
        leftovers += (Leftover(kind="ledger", id=None, name=FILE, cloud="", reason=damage),)
    if not leftovers:
        strike_run(run)
        if folder.parent == index_folder():
            shutil.rmtree(folder, ignore_errors=True)
    return secrets.cleaned(leftovers)


def _header_of(folder: Path) -> Header | None:
    """What the journal says of the cloud and the users that the run was made with, if there is one."""
    with contextlib.suppress(InputError):
        return read_journal(folder).header
    return None


def _open(name: str, recorder: Recorder, reference_file: Path | None, *, header: Header | None) -> CloudUser:
    """Raises InputError where the name means another cloud, user or project by now: what is not there would be taken
    for removed."""
    user = open_user("sweep", name, recorder, reference_file=reference_file)
    user.open()
    if header is None:
        return user
    if header.cloud and cpid(user) != header.cloud.cpid:
        message = f"{name!r} is another cloud than the one of the run: cpid {cpid(user)}, not {header.cloud.cpid}"
        hint = "name in clouds.yaml the cloud that the run was made on"
        raise InputError(Problem(code="sweep.cloud", message=message, hint=hint))
    user_id, project_id = ids(user)
    roles = {role for role, named in header.users if named == name}
    for before in header.identities:
        differing = "; ".join(before.unlike(user=user_id, project=project_id)) if before.role in roles else ""
        if differing:
            message = f"{name!r} is not the user of the run any more: {differing}"
            hint = "name in clouds.yaml the user and the project that the run was made with"
            raise InputError(Problem(code="sweep.user", message=message, hint=hint))
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
