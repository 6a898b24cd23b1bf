"""A disk that is full at a random write: a small file system in a mount namespace. Then room, then resume."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.faults.measured import Measured, Say
from tests.faults.run_of_some import PROGRAM, SECONDS, USERS, Series, journal_of, measure_series

HOLDS = "clear error, exit 3, --resume works: same outcomes, no test run twice that had finished, 0 leftovers"
BLOCK = 4096
CLEAR = ("[disk.full]", "[run.journal]", "[run.folder]")
SCRIPT = r"""
kept=$1; disk=$2; size=$3; shift 3
mount -t tmpfs -o size="$size" tmpfs "$disk" || exit 96
"$@" > "$kept/first.out" 2> "$kept/first.err"; echo $? > "$kept/first.code"
cp -r "$disk/run" "$kept/first"
mount -o remount,size=256m "$disk" || exit 97
"$PROGRAM" -m defcore run --resume "$disk/run" > "$kept/second.out" 2> "$kept/second.err"; echo $? > "$kept/second.code"
cp -r "$disk/run" "$kept/second"
code=0
for cloud in $CLOUDS; do "$PROGRAM" -m defcore sweep --cloud "$cloud" >> "$kept/sweep.out" 2>&1 || code=$?; done
echo $code > "$kept/sweep.code"
"""
"""In the namespace: the run on the small disk, a copy of it; then room, the same run resumed, a copy of it; a sweep."""


def measure(*, times: int, seed: int, clouds: Path | None, say: Say) -> Measured:
    """Fill so many disks; `clouds` is needed."""
    about = {"fault": "full_disk", "unit": "disks", "holds": HOLDS}
    return measure_series(_one, **about, times=times, seed=seed, clouds=clouds, say=say)


def _one(series: Series, number: int) -> tuple[str, Iterator[str]]:
    needed = _blocks(series.whole)
    size = series.order.randrange(2, needed * 9 // 10) * BLOCK
    told = f"{size // 1024} of {needed * BLOCK // 1024} KiB"
    return told, _fill_one(series, series.site.folder / f"disk-{number}", size)


def _blocks(folder: Path) -> int:
    """Of a tmpfs, for what the folder holds."""
    return sum(-(-file.stat().st_size // BLOCK) for file in folder.rglob("*") if file.is_file())


def _fill_one(series: Series, kept: Path, size: int) -> Iterator[str]:
    """One full disk of so many bytes. What does not hold."""
    disk, site = kept / "disk", series.site
    disk.mkdir(parents=True)
    command = ["unshare", "--map-root-user", "--mount", "sh", "-c", SCRIPT, "sh", kept, disk, size]
    command += [*PROGRAM, *site.arguments(disk / "run")]
    environment = site.environment | {"PROGRAM": PROGRAM[0], "CLOUDS": " ".join(USERS.values())}
    done = subprocess.run(
        [*map(str, command)], env=environment, capture_output=True, text=True, timeout=2 * SECONDS, check=False
    )
    if not (kept / "sweep.code").exists():
        yield f"the disk could not be made: {done.returncode}: {done.stderr}"
        return
    code, said = _ended(kept, "first")
    if code != 3 or not any(one in said for one in CLEAR) or "Traceback" in said:
        yield f"on the full disk it ended with {code}: {said[-2000:]}"
    series.seen[next((one.strip("[]") for one in CLEAR if one in said), "no error")] += 1
    before = journal_of(kept / "first")
    series.seen["finished before the disk was full"] += sum(before.finished.values()) if before else 0
    if (kept / "sweep.code").read_text().strip() != "0":
        yield f"the sweep left something: {(kept / 'sweep.out').read_text()}"
    yield from series.not_held(before, kept / "second", *_ended(kept, "second"))


def _ended(kept: Path, name: str) -> tuple[int, str]:
    """The exit code of a run, and what it said on standard error."""
    return int((kept / f"{name}.code").read_text()), (kept / f"{name}.err").read_text()
