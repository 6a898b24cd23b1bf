"""A disk that is full at a random write: a small file system in a mount namespace. Then room, then resume."""

from __future__ import annotations

import random
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.faults.measured import Measured, Say
from tests.faults.run_of_some import (
    CLOUD,
    PROGRAM,
    SECONDS,
    Site,
    Undisturbed,
    arguments,
    broken_promises,
    journal_of,
    undisturbed,
)

HOLDS = "clear error, exit 3, --resume works: same outcomes, no test run twice that had finished, 0 leftovers"
WORKERS = 2
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
"$PROGRAM" -m defcore sweep --cloud "$CLOUD" > "$kept/sweep.out" 2>&1; echo $? > "$kept/sweep.code"
"""
"""In the namespace: the run on the small disk, a copy of it; then room, the same run resumed, a copy of it; a sweep."""


def measure(*, times: int, seed: int, clouds: Path | None, say: Say) -> Measured:
    """Fill so many disks; `clouds` is needed."""
    assert clouds is not None, "needs a reference cloud: --clouds"
    order = random.Random(seed)
    broken: list[str] = []
    seen: Counter[str] = Counter()
    with tempfile.TemporaryDirectory(prefix="full-disk-") as folder:
        site = Site(clouds=clouds, folder=Path(folder))
        expected = undisturbed(site, site.folder / "undisturbed", WORKERS)
        needed = _blocks(site.folder / "undisturbed")
        for number in range(times):
            size = order.randrange(2, needed * 9 // 10) * BLOCK
            found = list(_round(site, expected, site.folder / f"disk-{number}", size, seen))
            say(f"{number + 1}/{times} {size // 1024} of {needed * BLOCK // 1024} KiB: {'; '.join(found) or 'holds'}")
            broken += [f"disk {number} of seed {seed} ({size} bytes): {one}" for one in found]
    return Measured(
        fault="full_disk",
        times=times,
        unit="disks",
        holds=HOLDS,
        figures=tuple(sorted(seen.items())),
        broken=tuple(broken),
    )


def _blocks(folder: Path) -> int:
    """Of a tmpfs, for what the folder holds."""
    return sum(-(-file.stat().st_size // BLOCK) for file in folder.rglob("*") if file.is_file())


def _round(site: Site, expected: Undisturbed, kept: Path, size: int, seen: Counter[str]) -> Iterator[str]:
    """One full disk. What does not hold."""
    disk = kept / "disk"
    disk.mkdir(parents=True)
    command = ["unshare", "--map-root-user", "--mount", "sh", "-c", SCRIPT, "sh", kept, disk, size]
    command += [*PROGRAM, *arguments(disk / "run", WORKERS)]
    environment = site.environment | {"PROGRAM": PROGRAM[0], "CLOUD": CLOUD}
    done = subprocess.run(
        [*map(str, command)], env=environment, capture_output=True, text=True, timeout=2 * SECONDS, check=False
    )
    if not (kept / "sweep.code").exists():
        yield f"the disk could not be made: {done.returncode}: {done.stderr}"
        return
    code, said = (kept / "first.code").read_text().strip(), (kept / "first.err").read_text()
    if code != "3" or not any(one in said for one in CLEAR) or "Traceback" in said:
        yield f"on the full disk it ended with {code}: {said[-2000:]}"
    seen[next((one.strip("[]") for one in CLEAR if one in said), "no error")] += 1
    before = journal_of(kept / "first")
    seen["finished before the disk was full"] += sum(before.finished.values()) if before else 0
    code, said = (kept / "second.code").read_text().strip(), (kept / "second.err").read_text()
    again = kept / "second"
    if before is None:
        seen["before the first line"] += 1
        if code != "2" or "nothing was measured" not in said:
            yield f"a run of which nothing can be used: --resume ended with {code}: {said[-2000:]}"
        again = kept / "anew"
        code = str(site.call(*arguments(again, WORKERS)).returncode)
    if code != str(expected.code):
        yield f"with room again it ended with {code}: {said[-2000:]}"
    if (kept / "sweep.code").read_text().strip() != "0":
        yield f"the sweep left something: {(kept / 'sweep.out').read_text()}"
    yield from broken_promises(site, expected, before, again)
