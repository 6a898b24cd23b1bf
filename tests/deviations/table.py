"""The detection table: the command line that makes it, and its two forms."""

from __future__ import annotations

import argparse
import fnmatch
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from defcore.model.capability import Service
from tests.deviations.catalogue import DEVIATIONS
from tests.deviations.cloud import CloudFile
from tests.deviations.detection import Bench, Detection
from tests.deviations.deviation import Deviation
from tests.deviations.proxy import Proxy
from tests.deviations.rounds import Alone, detect

SCHEMA = "defcore/detection/1"
ROOT = Path(__file__).parents[2]
REFERENCE = "defcore-ref"
ROLES = ("alt", "reader", "admin")
"""Further users; the reference cloud's clouds.yaml has them as `defcore-ref-<role>`."""


def main(about: str | None) -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was made is removed on the way out
    options = _options(about)
    noticed = _noticed(options.into) if options.new else set()
    chosen = [one for one in DEVIATIONS if _wanted(one, options) and one.id not in noticed]
    if options.list:
        for one in chosen:
            print(f"{one.id:50} {one.published or '':6} {one.capability:40} {one.title}")
        return 0
    if not chosen:
        print("no such deviation", file=sys.stderr)
        return 2
    found = _detect_all(chosen, options)
    missed = [one for one in found if not one["killed_by"]]
    print(f"{len(found) - len(missed)} of {len(found)} deviations noticed")
    return 1 if missed else 0


def _options(about: str | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cloud", default=REFERENCE, help="name in clouds.yaml (default %(default)s)")
    for role in ROLES:
        parser.add_argument(f"--{role}-cloud", default=f"{REFERENCE}-{role}", help="default %(default)s; empty: none")
    parser.add_argument("--clouds", type=Path, help="the clouds.yaml (default: OS_CLIENT_CONFIG_FILE)")
    parser.add_argument("--service", action="append", choices=[str(one) for one in Service])
    parser.add_argument("--only", action="append", metavar="PATTERN", help="ids, published ids or capabilities")
    parser.add_argument(
        "--whole-service", action="store_true", help="where a capability's tests miss it, run all of the service"
    )
    parser.add_argument("--all-tests", action="store_true", help="do not stop at the first tests that notice it")
    parser.add_argument("--into", type=Path, metavar="FOLDER", help="update detection.json and detection.md here")
    parser.add_argument("--new", action="store_true", help="leave out what stands in detection.json as noticed")
    parser.add_argument("--alone", type=Path, metavar="FILE", help="keep what tests say when the cloud is left alone")
    parser.add_argument("--list", action="store_true", help="list the deviations and end")
    return parser.parse_args()


def _wanted(deviation: Deviation, options: argparse.Namespace) -> bool:
    names = (deviation.id, deviation.published or "", deviation.capability)
    return (not options.service or str(deviation.service) in options.service) and (
        not options.only or any(fnmatch.fnmatch(name, pattern) for name in names for pattern in options.only)
    )


def _detect_all(chosen: Sequence[Deviation], options: argparse.Namespace) -> list[dict[str, Any]]:
    users = {"primary": options.cloud} | {role: name for role in ROLES if (name := getattr(options, f"{role}_cloud"))}
    clouds = CloudFile(path=options.clouds or Path(os.environ["OS_CLIENT_CONFIG_FILE"]))
    found: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory(prefix="detection-") as folder, Proxy(clouds.mounts(options.cloud)) as proxy:
        bench = Bench(proxy=proxy, users=users, folder=Path(folder))
        bench.prepare(clouds)
        alone = Alone(bench, options.alone)
        for deviation in chosen:
            began = time.monotonic()
            detection = detect(alone, deviation, whole_service=options.whole_service, all_tests=options.all_tests)
            found.append(_row(bench, detection))
            _report(found[-1], time.monotonic() - began)
            _write(options.into, found)
        names = {test.id: test.name for test in bench.catalog.tests}
        for id, seen in alone.broken():
            print(f"! though the cloud is left alone: {names[id]}: {seen.outcome}: {seen.reason}")
    return found


def _row(bench: Bench, detection: Detection) -> dict[str, Any]:
    names = {test.id: test.name for test in bench.catalog.tests}
    deviation = detection.deviation
    return {
        "deviation": deviation.id,
        "published": deviation.published,
        "title": deviation.title,
        "service": str(deviation.service),
        "capability": deviation.capability,
        "killed_by": [{"uuid": id, "name": names[id]} for id in detection.killed_by],
        "errors": [{"uuid": id, "name": names[id]} for id in detection.errors],
        "tests": len(detection.ran),
        "calls": detection.met,
        "reason": detection.reason[:300],
        "troubles": list(detection.troubles),
    }


def _report(row: dict[str, Any], seconds: float) -> None:
    verdict = "killed" if row["killed_by"] else "MISSED"
    by = ", ".join(one["name"] for one in row["killed_by"]) or (
        f"{row['calls']} calls met it, {row['tests']} tests ran; {row['reason']}"
    )
    errors = f" [errors: {', '.join(one['name'] for one in row['errors'])}]" if row["errors"] else ""
    print(f"{verdict} {row['deviation']} ({seconds:.0f} s): {by}{errors}", flush=True)
    for trouble in row["troubles"]:
        print(f"! in the proxy: {trouble}", flush=True)


def _known(folder: Path | None) -> dict[str, dict[str, Any]]:
    """The rows of detection.json, by deviation."""
    path = folder / "detection.json" if folder else None
    if path is None or not path.exists():
        return {}
    return {one["deviation"]: one for one in json.loads(path.read_text())["deviations"]}


def _noticed(folder: Path | None) -> set[str]:
    return {id for id, one in _known(folder).items() if one["killed_by"]}


def _write(folder: Path | None, rows: Iterable[dict[str, Any]]) -> None:
    if folder is None:
        return
    known = _known(folder)
    known |= {row["deviation"]: {key: row[key] for key in row if key not in ("reason", "troubles")} for row in rows}
    order = [known[one.id] for one in DEVIATIONS if one.id in known]
    strength = strengths(order)
    document = {"schema": SCHEMA, "capabilities": strength, "deviations": order}
    (folder / "detection.json").write_text(json.dumps(document, indent=1, ensure_ascii=False) + "\n")
    (folder / "detection.md").write_text(markdown(order, strength))


def strengths(rows: Iterable[dict[str, Any]]) -> dict[str, dict[str, int]]:
    """Killed and aimed of each capability."""
    found: dict[str, dict[str, int]] = {}
    for row in rows:
        counts = found.setdefault(row["capability"], {"aimed": 0, "killed": 0})
        counts["aimed"] += 1
        counts["killed"] += bool(row["killed_by"])
    return dict(sorted(found.items()))


def markdown(rows: Sequence[dict[str, Any]], strength: dict[str, dict[str, int]]) -> str:
    killed = sum(bool(row["killed_by"]) for row in rows)
    lines = [
        "# What the suite notices",
        "",
        f"Made by `scripts/detection`: {killed} of {len(rows)} deviations are noticed by a test that passes when the",
        "cloud is left alone.",
        "",
        "| deviation | published as | what the cloud does | capability | killed by | ERROR |",
        "|---|---|---|---|---|---|",
    ]
    for row in rows:
        by = ", ".join(f"`{one['name']}`" for one in row["killed_by"]) or "**missed**"
        errors = ", ".join(f"`{one['name']}`" for one in row["errors"])
        cells = (row["deviation"], row["published"] or "", row["title"], row["capability"], by, errors)
        lines.append(f"| {' | '.join(cells)} |")
    lines += ["", "| capability | killed / aimed |", "|---|---|"]
    lines += [f"| {name} | {one['killed']} / {one['aimed']} |" for name, one in strength.items()]
    return "\n".join(lines) + "\n"
