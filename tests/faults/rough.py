"""The suite through a rough network: no test is FAILED for it, each ERROR says why, and PASSED has its proof."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from defcore.model.outcome import Attempt, Cause, Outcome
from tests.faults.measured import Measured, Say
from tests.faults.rough_proxy import MARK, Mishap, RoughProxy
from tests.faults.run_of_some import USERS
from tests.shapes.measure import Selection, run_suite
from tests.shapes.site import Site

HOLDS = "0 FAILED; each ERROR names its cause; PASSED only with an answer of the cloud; 0 left after the sweep"
CAUSE = re.compile(
    r"(GET|HEAD|POST|PUT|PATCH|DELETE|COPY|OPTIONS) https?://\S+.*?(no answer|answered (429|50[234])|logging in again)"
    r"|cannot be asked: .*https?://",
    re.DOTALL,
)
"""Names the request, and what became of it."""


@dataclass(slots=True)
class _Sum:
    outcomes: Counter[str] = field(default_factory=Counter)
    calls: int = 0
    mishaps: Counter[Mishap] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)


def measure(*, times: int, seed: int, clouds: Path | None, say: Say) -> Measured:
    """The whole suite, so many times, against the reference cloud of `clouds`."""
    assert clouds is not None, "needs a reference cloud (--clouds)"
    return rough_runs(clouds, Selection(), times=times, seed=seed, workers=4, say=say)


def rough_runs(clouds: Path, selection: Selection, *, times: int, seed: int, workers: int, say: Say) -> Measured:
    """What became of the tests of a selection."""
    total = _Sum()
    with tempfile.TemporaryDirectory(prefix="rough-") as name:
        site = Site(clouds_file=clouds, users=USERS, folder=Path(name))
        for number in range(times):
            known = len(total.broken)
            _one_run(site, selection, number, seed + number, workers, total)
            for one in total.broken[known:]:
                say(one)
            say(f"run {number + 1} of {times}: {dict(total.outcomes)}, {len(total.broken)} broken")
    return Measured(
        fault="rough",
        times=times,
        unit="runs",
        holds=HOLDS,
        figures=(
            ("calls", total.calls),
            *((str(mishap), total.mishaps[mishap]) for mishap in Mishap),
            *((outcome, total.outcomes[outcome]) for outcome in sorted(total.outcomes)),
        ),
        broken=tuple(total.broken),
    )


def _one_run(site: Site, selection: Selection, number: int, seed: int, workers: int, total: _Sum) -> None:
    folder = site.folder / f"run-{number}"
    state = site.folder / "state"
    with RoughProxy(site.clouds.mounts(site.users["primary"]), seed=seed) as proxy:
        rough = site.moved(proxy.origins)
        os.environ["XDG_STATE_HOME"] = str(state)
        attempts, _ = run_suite(rough, folder, selection, workers, "-p", "tests.faults.brisk")
    total.calls += proxy.calls
    total.mishaps += proxy.mishaps
    total.broken += [f"seed {seed}: the proxy itself: {one.splitlines()[0]}" for one in proxy.troubles]
    total.broken += [f"seed {seed}: {one}" for one in wrong(attempts, folder)]
    total.outcomes += Counter(_kind(one) for one in attempts.values())
    total.broken += [f"seed {seed}: {one}" for one in _left(site, state)]


def wrong(attempts: Mapping[str, Attempt], folder: Path) -> Iterator[str]:
    """What must not be, of each attempt by the test's id."""
    if not attempts:
        yield f"no test was run: {(folder / 'suite.log').read_text()[-500:]}"
    for test, attempt in attempts.items():
        if attempt.outcome is Outcome.FAILED:
            yield f"{test} FAILED: {attempt.reason}"
        elif attempt.outcome is Outcome.ERROR and not CAUSE.search(attempt.reason or ""):
            yield f"{test} ERROR without its cause: {attempt.reason}"
        elif attempt.outcome is Outcome.PASSED and not _answered(folder, attempt.evidence):
            yield f"{test} PASSED without an answer of the cloud"


def _answered(folder: Path, evidence: str | None) -> bool:
    """Whether the evidence holds an answer that the cloud itself gave."""
    if evidence is None:
        return False
    entries = json.loads((folder / evidence).read_text())["log"]["entries"]
    answers = (one["response"] for one in entries if "_error" not in one["response"])
    return any(
        200 <= one["status"] < 500 and all(header["name"] != MARK for header in one["headers"]) for one in answers
    )


def _kind(attempt: Attempt) -> str:
    return f"{attempt.outcome} ({attempt.cause})" if attempt.cause is Cause.ABSENT else str(attempt.outcome)


def _left(site: Site, state: Path) -> Iterator[str]:
    """What a sweep by the smooth way cannot remove."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("OS_", "DEFCORE_"))}
    environment = clean | {"OS_CLIENT_CONFIG_FILE": str(site.clouds_file), "XDG_STATE_HOME": str(state)}
    for name in site.users.values():
        command = [sys.executable, "-m", "defcore", "sweep", "--cloud", name]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            yield f"the sweep of {name} ended with {done.returncode}: {done.stdout[-500:]}{done.stderr[-500:]}"
