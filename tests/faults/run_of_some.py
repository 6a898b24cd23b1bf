"""A run of a few capabilities against a reference cloud, cut off in one way or another, and what must hold of it after
it was resumed: it comes to what an undisturbed one comes to, with nothing done twice, lost or left."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from defcore.errors import InputError
from defcore.run.journal import Journal, read_journal
from tests.faults.measured import Measured, Say
from tests.shapes.held import held

USERS = {"primary": "defcore-ref"} | {role: f"defcore-ref-{role}" for role in ("alt", "reader", "admin")}
FEW = ("objectstore-object-create", "objectstore-container-create")
MANY = (
    *("compute-keypairs-create", "compute-servers-create-multiple", "compute-servers-delete", "compute-volume-attach"),
    *("compute-images-create", "identity-v3-tokens-create", "images-v2-delete", "networks-l3-CRUD"),
    *("networks-subnet-pools-CRUD", "objectstore-account-quotas", "objectstore-object-copy", "volumes-v3-clone"),
)
"""Of every service, and of every kind of resource that others depend on."""
MEASURED = 10
"""Times, from which on it is a measurement for the record, of MANY."""
SECONDS = 900.0
WORKERS = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where runs are made."""

    clouds: Path
    folder: Path
    capabilities: tuple[str, ...]

    @property
    def environment(self) -> dict[str, str]:
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("OS_", "DEFCORE_"))}
        own = {"OS_CLIENT_CONFIG_FILE": str(self.clouds), "XDG_STATE_HOME": str(self.folder / "state")}
        return clean | own

    def arguments(self, out: Path) -> list[str]:
        """Of `defcore` for the run."""
        chosen = [word for name in self.capabilities for word in ("--capability", name)]
        return ["run", *as_options(USERS), "--guideline", "2020.06", *chosen, "-n", str(WORKERS), "--out", str(out)]

    def call(self, *arguments: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*PROGRAM, *map(str, arguments)],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
        )


def as_options(users: Mapping[str, str]) -> list[str]:
    """Role -> name in clouds.yaml, as `defcore run` takes them."""
    options = {role: "--cloud" if role == "primary" else f"--{role}-cloud" for role in users}
    return [word for role, name in users.items() for word in (options[role], name)]


PROGRAM = (sys.executable, "-m", "defcore")


@dataclass(frozen=True, slots=True, kw_only=True)
class Undisturbed:
    """The run that nothing happened to."""

    code: int
    outcomes: dict[str, str]
    """Id of the test -> outcome."""
    before: set[str]
    """What the cloud held before it, asked of the cloud itself and not of a ledger."""


def undisturbed(site: Site, out: Path) -> Undisturbed:
    before = held(USERS, site.clouds)
    done = site.call(*site.arguments(out))
    found = Undisturbed(code=done.returncode, outcomes=outcomes(out), before=before)
    assert "PASSED" in found.outcomes.values(), done.stdout[-3000:] + done.stderr[-3000:]
    return found


def outcomes(folder: Path) -> dict[str, str]:
    """Of the result in a run folder; empty if there is none."""
    file = folder / "result.json"
    if not file.exists():
        return {}
    return {test["id"]: test["outcome"] for test in json.loads(file.read_text())["tests"]}


def journal_of(folder: Path) -> Journal | None:
    """None for a run of which nothing can be used."""
    try:
        return read_journal(folder)
    except InputError:
        return None


def broken_promises(site: Site, expected: Undisturbed, before: Journal | None, folder: Path) -> Iterator[str]:
    """What does not hold of a run that was resumed, of which `before` was on record."""
    found = outcomes(folder)
    if found != expected.outcomes:
        differing = {id: (expected.outcomes.get(id), found.get(id)) for id in expected.outcomes | found}
        yield f"other outcomes: { {id: pair for id, pair in differing.items() if pair[0] != pair[1]} }"
    journal = journal_of(folder)
    if journal is None or not journal.complete:
        yield f"the journal is not complete: {[str(one) for one in journal.problems] if journal else 'none'}"
    else:
        twice = [test for test, count in Counter(journal.finished).items() if count > 1]
        if twice:
            yield f"run twice though finished: {twice}"
        if before and journal.lines[: len(before.lines)] != before.lines:
            yield "what had been measured is not all in the journal"
    for name in USERS.values():
        swept = site.call("sweep", "--cloud", name)
        if swept.returncode != 0:
            yield f"the sweep of {name} ended with {swept.returncode}: {swept.stdout}{swept.stderr}"
    left = held(USERS, site.clouds) - expected.before
    if left:
        yield f"left in the cloud: {sorted(left)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Runs that are cut off, one after another, each held against one that nothing happened to."""

    site: Site
    expected: Undisturbed
    whole: Path
    """Folder of the run that nothing happened to."""
    order: random.Random
    seen: Counter[str]
    """What was counted on the way."""

    def not_held(self, before: Journal | None, out: Path, code: int, said: str) -> Iterator[str]:
        """What does not hold of the run in `out`: it was cut off with `before` on record, and `--resume` ended so."""
        if before is None:
            self.seen["before the first line"] += 1
            if code != 2 or "nothing was measured" not in said:
                yield f"a run of which nothing can be used: --resume ended with {code}: {said[-2000:]}"
            out = out.with_name(f"{out.name}-anew")
            anew = self.site.call(*self.site.arguments(out))
            code, said = anew.returncode, anew.stderr
        if code != self.expected.code:
            yield f"resumed, or begun anew, it ended with {code}: {said[-2000:]}"
        yield from broken_promises(self.site, self.expected, before, out)


Round = Callable[[Series, int], tuple[str, Iterator[str]]]
"""Chooses what is done to the run of this number, and tells it in a few words; then, asked for them, does it and says
what does not hold."""


def measure_series(
    one: Round, *, fault: str, unit: str, holds: str, times: int, seed: int, clouds: Path | None, say: Say
) -> Measured:
    """Do it so many times; `clouds` is needed. From MEASURED times on with tests of every service."""
    assert clouds is not None, "needs a reference cloud: --clouds"
    broken: list[str] = []
    with tempfile.TemporaryDirectory(prefix=f"{fault.replace('_', '-')}-") as folder:
        chosen = MANY if times >= MEASURED else FEW
        site, whole = Site(clouds=clouds, folder=Path(folder), capabilities=chosen), Path(folder) / "undisturbed"
        expected = undisturbed(site, whole)
        say(f"undisturbed: {Counter(expected.outcomes.values())}")
        series = Series(site=site, expected=expected, whole=whole, order=random.Random(seed), seen=Counter())
        for number in range(times):
            what, not_held = one(series, number)
            found = list(not_held)
            say(f"{number + 1}/{times} {what}: {'; '.join(found) or 'holds'}")
            broken += [f"number {number} of seed {seed} ({what}): {words}" for words in found]
    return Measured(
        fault=fault,
        times=times,
        unit=unit,
        holds=holds,
        figures=(("tests of a run", len(expected.outcomes)), *sorted(series.seen.items())),
        broken=tuple(broken),
    )
