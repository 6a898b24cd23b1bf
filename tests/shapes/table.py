"""The table of shapes: the command line that makes it, and its two forms."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from defcore import __version__
from defcore.model.capability import Service
from defcore.model.outcome import Outcome
from tests.shapes.measure import Selection, asked_tests, document, run_suite
from tests.shapes.shapes import SHAPES, Shape
from tests.shapes.site import Site

SCHEMA = "defcore/shape/1"
ROOT = Path(__file__).parents[2]
REFERENCE = "defcore-ref"
ROLES = ("alt", "reader", "admin")
SHOWN = (Outcome.PASSED, Outcome.FAILED, Outcome.ERROR, Outcome.SKIPPED, Outcome.NOT_RUN)


def main(about: str | None) -> int:
    options = _options(about)
    chosen = [shape for shape in SHAPES if shape.name in (options.only or [shape.name])]
    if options.list:
        for shape in chosen:
            print(f"{shape.name:24} {shape.title}")
        return 0
    selection = Selection(services=tuple(map(Service, options.service or ())), words=options.words)
    whole = selection == Selection()
    good = True
    for shape in [] if options.table else chosen:
        found = _measure(shape, selection, options)
        good &= not found["tests"]["FAILED"] and not found["tests"]["ERROR"]
        if whole:
            _keep(options.into, shape, found)
    if whole or options.table:
        (options.into / "shapes.md").write_text(markdown(_kept(options.into)))
    return 0 if good else 1


def _options(about: str | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=about, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cloud", default=REFERENCE, help="name in clouds.yaml (default %(default)s)")
    for role in ROLES:
        parser.add_argument(f"--{role}-cloud", default=f"{REFERENCE}-{role}", help="default %(default)s")
    parser.add_argument("--clouds", type=Path, help="the clouds.yaml (default: OS_CLIENT_CONFIG_FILE)")
    parser.add_argument("--only", action="append", choices=[one.name for one in SHAPES], metavar="SHAPE")
    parser.add_argument("--service", action="append", choices=[str(one) for one in Service], help="a part, to try out")
    parser.add_argument("-k", dest="words", default="", metavar="WORDS", help="as of pytest: a part, to try out")
    parser.add_argument(
        "-n", dest="workers", type=int, metavar="N", help="tests at a time (default: as the shape says)"
    )
    parser.add_argument("--into", type=Path, default=ROOT / "docs", metavar="FOLDER", help="default: docs/")
    parser.add_argument("--runs", type=Path, metavar="FOLDER", help="keep the run folders here")
    parser.add_argument("--table", action="store_true", help="only write the table anew from what is kept")
    parser.add_argument("--list", action="store_true", help="list the shapes and end")
    return parser.parse_args()


def _measure(shape: Shape, selection: Selection, options: argparse.Namespace) -> dict[str, Any]:
    """Put the shape on, run the suite, and tell what did not pass."""
    file = (options.clouds or Path(os.environ["OS_CLIENT_CONFIG_FILE"])).resolve()
    os.environ["OS_CLIENT_CONFIG_FILE"] = str(file)
    users = {"primary": options.cloud} | {role: getattr(options, f"{role}_cloud") for role in ROLES}
    workers = options.workers or shape.workers
    began = datetime.now(UTC)
    with tempfile.TemporaryDirectory(prefix="shape-") as name:
        runs = options.runs or Path(name)
        folder = runs.resolve() / f"{shape.name}-{began:%H%M%S}"
        with shape.put_on(Site(clouds_file=file, users=users, folder=Path(name))) as site:
            attempts, seconds = run_suite(site, folder, selection, workers=workers)
    tests = asked_tests(selection)
    if selection.words:
        tests = tuple(one for one in tests if one.id in attempts)
    found = document(tests, attempts)
    _tell(shape, found, seconds)
    return {
        "schema": SCHEMA,
        "shape": shape.name,
        "title": shape.title,
        "defcore": __version__,
        "commit": _commit(),
        "date": f"{began:%Y-%m-%d}",
        "workers": workers,
        "seconds": round(seconds),
    } | found


def _tell(shape: Shape, found: Mapping[str, Any], seconds: float) -> None:
    counts = ", ".join(f"{found['tests'][one]} {one}" for one in SHOWN if found["tests"][one])
    print(f"{shape.name} ({seconds:.0f} s): {counts}", flush=True)
    for row in found["not_passed"]:
        cause = f"/{row['cause']}" if row["cause"] else ""
        print(f"  {row['outcome']}{cause} {row['service']} {row['name']}: {row['reason']}", flush=True)


def _commit() -> str:
    """Of the checkout, with a plus if it was changed since."""
    told = subprocess.run(
        ["git", "describe", "--always", "--dirty=+", "--exclude=*"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return told.stdout.strip()


def _keep(folder: Path, shape: Shape, found: Mapping[str, Any]) -> None:
    path = folder / "shapes" / f"{shape.name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n")


def _kept(folder: Path) -> list[dict[str, Any]]:
    paths = [folder / "shapes" / f"{shape.name}.json" for shape in SHAPES]
    return [json.loads(path.read_text()) for path in paths if path.exists()]


def markdown(shapes: Sequence[Mapping[str, Any]]) -> str:
    lines = [
        "# The suite on clouds of other shapes",
        "",
        "Made by `scripts/shapes`: every test of the catalog against the reference cloud, in each of these shapes. A",
        "shape breaks no promise, so nothing may be FAILED; what a shape takes away is SKIPPED, with the reason.",
        "",
        "| shape | | " + " | ".join(SHOWN) + " | official ids passed | at a time | took | commit | date |",
        "|---|---|" + "---:|" * len(SHOWN) + "---:|---:|---:|---|---|",
    ]
    for one in shapes:
        counts = " | ".join(str(one["tests"][outcome]) for outcome in SHOWN)
        official = f"{one['official']['PASSED']} of {sum(one['official'].values())}"
        lines.append(
            f"| [{one['shape']}](#{one['shape']}) | {one['title']} | {counts} | {official} | {one['workers']} "
            f"| {one['seconds']} s | {one['commit']} | {one['date']} |"
        )
    for one in shapes:
        lines += ["", f"## {one['shape']}", "", *_groups(one["not_passed"])]
    return "\n".join(lines) + "\n"


def _groups(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """What did not pass, by reason: the tests, and the official ids that they answer for."""
    groups: dict[tuple[str, str, str], list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        groups[row["outcome"], row["cause"] or "", row["reason"]].append(row)
    lines = [] if groups else ["Everything passed."]
    for (outcome, cause, reason), group in sorted(groups.items()):
        official = sorted({id for row in group for id in row["covers"]})
        lines.append(f"- **{outcome}{f' ({cause})' if cause else ''}**: {_quoted(reason)}")
        lines.append(_tests(group))
        if official:
            lines.append(f"  - official ids ({len(official)}): {', '.join(f'`{id}`' for id in official)}")
    return lines


def _tests(group: Sequence[Mapping[str, Any]]) -> str:
    names = ", ".join(f"`{row['name']}`" for row in sorted(group, key=lambda row: row["name"]))
    return f"  - {group[0]['service']}: {names}"


def _quoted(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")


if __name__ == "__main__":
    sys.exit(main(__doc__))
