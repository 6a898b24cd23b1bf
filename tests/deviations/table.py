"""The command line that runs the deviations and keeps what was found out."""

from __future__ import annotations

import argparse
import fnmatch
import os
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from defcore.catalog import find_data, load_catalog
from defcore.model.capability import Service
from tests.deviations import record
from tests.deviations.catalogue import DEVIATIONS
from tests.deviations.cloud import CloudFile
from tests.deviations.concern import Alone, detect, first_look
from tests.deviations.detection import Bench, Detection
from tests.deviations.deviation import Deviation
from tests.deviations.proxy import Proxy

REFERENCE = "defcore-ref"
ROLES = ("alt", "reader", "admin")
"""Further users; the reference cloud's clouds.yaml has them as `defcore-ref-<role>`."""


def main(about: str | None) -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was made is removed on the way out
    options = _options(about)
    if options.render:
        _page(options)
        return 0
    done = _noticed(options.into) if options.new else set()
    chosen = [one for one in DEVIATIONS if _wanted(one, options) and one.id not in done]
    if options.list:
        for one in chosen:
            print(f"{one.id:50} {one.published or '':6} {one.capability:40} {one.title}")
        return 0
    if not chosen:
        print("no such deviation", file=sys.stderr)
        return 2
    try:
        found = _detect_all(chosen, options)
    finally:
        _page(options)
    missed = [one for one in found if not one.killed]
    print(f"{len(chosen) - len(missed)} of {len(chosen)} deviations noticed")
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
    parser.add_argument(
        "--first-look", action="store_true", help="try many in one run at first, each with one test that it concerns"
    )
    parser.add_argument("--all-tests", action="store_true", help="do not stop at the first tests that notice it")
    parser.add_argument("--into", type=Path, metavar="FOLDER", help="update detection.json here, after each deviation")
    parser.add_argument("--page", type=Path, metavar="FILE", help="make this Markdown page of detection.json")
    parser.add_argument("--render", action="store_true", help="only make the page, of what is known, and end")
    parser.add_argument("--new", action="store_true", help="go on: leave out what stands in detection.json as noticed")
    parser.add_argument("--alone", type=Path, metavar="FILE", help="keep what tests say when the cloud is left alone")
    parser.add_argument("--list", action="store_true", help="list the deviations and end")
    options = parser.parse_args()
    if (options.page or options.render or options.new) and not options.into:
        parser.error("--page, --render and --new need --into")
    if options.render and not options.page:
        parser.error("--render needs --page")
    return options


def _wanted(deviation: Deviation, options: argparse.Namespace) -> bool:
    names = (deviation.id, deviation.published or "", deviation.capability)
    return (not options.service or str(deviation.service) in options.service) and (
        not options.only or any(fnmatch.fnmatch(name, pattern) for name in names for pattern in options.only)
    )


def _noticed(folder: Path) -> set[str]:
    """Deviations that tests of today's suite are known to notice."""
    tests = {test.id for test in load_catalog(find_data()).tests}
    return {id for id, one in record.known(folder).items() if tests.intersection(one["killed_by"])}


def _detect_all(chosen: Sequence[Deviation], options: argparse.Namespace) -> list[Detection]:
    users = {"primary": options.cloud} | {role: name for role in ROLES if (name := getattr(options, f"{role}_cloud"))}
    clouds = CloudFile(path=options.clouds or Path(os.environ["OS_CLIENT_CONFIG_FILE"]))
    found: list[Detection] = []
    with tempfile.TemporaryDirectory(prefix="detection-") as folder, Proxy(clouds.mounts(options.cloud)) as proxy:
        bench = Bench(proxy=proxy, users=users, folder=Path(folder))
        bench.prepare(clouds)
        names = {test.id: test.name for test in bench.catalog.tests}
        alone = Alone(bench, options.alone)
        noticed = _first_look(alone, chosen, options) if options.first_look else set()
        for deviation in chosen:
            if deviation.id in noticed:
                continue
            began = time.monotonic()
            one = detect(alone, deviation, whole_service=options.whole_service, all_tests=options.all_tests)
            found.append(one)
            _report(one, names, time.monotonic() - began)
            _keep(one, options)
        for id, seen in alone.broken():
            print(f"! though the cloud is left alone: {names[id]}: {seen.outcome}: {seen.reason}")
    return found


def _first_look(alone: Alone, chosen: Sequence[Deviation], options: argparse.Namespace) -> set[str]:
    """Those that the test notices that they concern most."""
    noticed: set[str] = set()
    left = list(chosen)
    while left:
        began, before = time.monotonic(), left
        killers, left = first_look(alone, before)
        noticed |= killers.keys()
        if options.into:
            rows = {one.id: record.row(one, [killers[one.id]]) for one in before if one.id in killers}
            record.write(options.into, DEVIATIONS, rows)
        tried = [one.id for one in before if one not in left]
        print(f"{len(killers)} of {len(tried)} noticed at first look ({time.monotonic() - began:.0f} s)", flush=True)
        print(f"  not yet: {', '.join(id for id in tried if id not in killers)}", flush=True)
    return noticed


def _keep(one: Detection, options: argparse.Namespace) -> None:
    """What makes no difference to any test's calls is neither noticed nor missed: it is not kept."""
    if options.into and one.says_something:
        record.write(options.into, DEVIATIONS, {one.deviation.id: record.row(one.deviation, one.killed_by)})


def _page(options: argparse.Namespace) -> None:
    if options.page:
        names = {test.id: test.name for test in load_catalog(find_data()).tests}
        published = {one.id: one.published for one in DEVIATIONS if one.published}
        options.page.write_text(record.page([*record.known(options.into).values()], names, published))


def _report(one: Detection, names: dict[str, str], seconds: float) -> None:
    verdict = "killed" if one.killed else "MISSED" if one.says_something else "NO DIFFERENCE"
    by = ", ".join(names[id] for id in one.killed_by)
    seen = f"{one.differed} calls differed, {len(one.ran)} tests ran; {one.reason[:300]}"
    errors = f" [errors: {', '.join(names[id] for id in one.errors)}]" if one.errors else ""
    print(f"{verdict} {one.deviation.id} ({seconds:.0f} s): {by}{errors} ({seen})", flush=True)
    for trouble in one.troubles:
        print(f"! in the proxy: {trouble}", flush=True)
