"""The table of shapes: the command line that makes it, and its two forms."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from defcore.model.capability import Service
from defcore.model.outcome import Outcome
from tests.shapes.measure import Selection, document, run_suite, tests_of
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
    good = True
    for shape in [] if options.table else chosen:
        for service, part in _measure(shape, options):
            good &= not part["tests"]["FAILED"] and not part["tests"]["ERROR"]
            if not options.words:
                _keep(options.into, shape, service, part)
                _write_table(options.into)
    if options.table:
        _write_table(options.into)
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


def _measure(shape: Shape, options: argparse.Namespace) -> Iterator[tuple[Service, dict[str, Any]]]:
    """Put the shape on, run the tests of one service after another, and tell what did not pass."""
    file = (options.clouds or Path(os.environ["OS_CLIENT_CONFIG_FILE"])).resolve()
    os.environ["OS_CLIENT_CONFIG_FILE"] = str(file)
    users = {"primary": options.cloud} | {role: getattr(options, f"{role}_cloud") for role in ROLES}
    workers = options.workers or shape.workers
    with tempfile.TemporaryDirectory(prefix="shape-") as name:
        with shape.put_on(Site(clouds_file=file, users=users, folder=Path(name))) as site:
            for service in map(Service, options.service or Service):
                began = datetime.now(UTC)
                folder = (options.runs or Path(name)).resolve() / f"{shape.name}-{service}-{began:%H%M%S}"
                tests = tests_of(service)
                attempts, seconds = run_suite(
                    site, folder, Selection(services=(service,), words=options.words), workers
                )
                part = document([one for one in tests if not options.words or one.id in attempts], attempts)
                _tell(shape, service, part, seconds)
                about = {
                    "commit": _commit(),
                    "date": f"{began:%Y-%m-%d}",
                    "workers": workers,
                    "seconds": round(seconds),
                }
                yield service, about | part


def _tell(shape: Shape, service: Service, part: Mapping[str, Any], seconds: float) -> None:
    counts = ", ".join(f"{part['tests'][one]} {one}" for one in SHOWN if part["tests"][one])
    print(f"{shape.name} {service} ({seconds:.0f} s): {counts}", flush=True)
    for row in part["not_passed"]:
        cause = f"/{row['cause']}" if row["cause"] else ""
        print(f"  {row['outcome']}{cause} {row['name']}: {row['reason']}", flush=True)


def _commit() -> str:
    """Of the checkout, with a plus if what is packed was changed since."""
    told = [_git("rev-parse", "--short", "HEAD"), "+" if _git("status", "--porcelain", "--", "defcore") else ""]
    return "".join(told)


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()


def _keep(folder: Path, shape: Shape, service: Service, part: Mapping[str, Any]) -> None:
    """Put what was measured of one service beside what is kept of the others."""
    path = folder / "shapes" / f"{shape.name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    services = json.loads(path.read_text())["services"] if path.exists() else {}
    services[service] = part
    ordered = {str(one): services[one] for one in Service if one in services}
    kept = {"schema": SCHEMA, "shape": shape.name, "title": shape.title, "services": ordered}
    path.write_text(json.dumps(kept, indent=1, ensure_ascii=False) + "\n")


def _kept(folder: Path) -> list[dict[str, Any]]:
    paths = [folder / "shapes" / f"{shape.name}.json" for shape in SHAPES]
    return [json.loads(path.read_text()) for path in paths if path.exists()]


def _write_table(folder: Path) -> None:
    (folder / "shapes.md").write_text(markdown(_kept(folder)))


def total(shape: Mapping[str, Any], what: str) -> Counter[str]:
    """How many `tests` or `official` ids came to each outcome, over all services."""
    return sum((Counter(part[what]) for part in shape["services"].values()), Counter())


def markdown(shapes: Sequence[Mapping[str, Any]]) -> str:
    lines = [
        "# The suite on clouds of other shapes",
        "",
        "Made by `scripts/shapes`: every test of the catalog against the reference cloud, in each of these shapes. A",
        "shape breaks no promise, so nothing may be FAILED; what a shape takes away is SKIPPED, with the reason.",
        "",
        f"| shape | | services | {' | '.join(SHOWN)} | official ids passed |",
        f"|---|---|---:|{'---:|' * len(SHOWN)}---:|",
    ]
    for shape in shapes:
        parts = f"{len(shape['services'])} of {len(Service)}"
        tests, official = total(shape, "tests"), total(shape, "official")
        counts = " | ".join(str(tests[outcome]) for outcome in SHOWN)
        passed = f"{official[Outcome.PASSED]} of {official.total()}"
        lines.append(f"| [{shape['shape']}](#{shape['shape']}) | {shape['title']} | {parts} | {counts} | {passed} |")
    for shape in shapes:
        lines += ["", f"## {shape['shape']}", "", *_measured(shape), "", *_groups(shape)]
        note = next(one.note for one in SHAPES if one.name == shape["shape"])
        lines += ["", f"What the reference cloud itself does wrong: {note}"] if note else []
    return "\n".join(lines) + "\n"


def _measured(shape: Mapping[str, Any]) -> list[str]:
    lines = ["| service | passed | at a time | took | commit | date |", "|---|---:|---:|---:|---|---|"]
    for service in Service:
        part = shape["services"].get(service)
        if part is None:
            lines.append(f"| {service} | not measured yet | | | | |")
            continue
        passed = f"{part['tests'][Outcome.PASSED]} of {sum(part['tests'].values())}"
        lines.append(
            f"| {service} | {passed} | {part['workers']} | {part['seconds']} s | {part['commit']} | {part['date']} |"
        )
    return lines


def _groups(shape: Mapping[str, Any]) -> list[str]:
    """What did not pass, by reason: the tests, and the official ids that they answer for."""
    groups: dict[tuple[str, str, str], list[Mapping[str, Any]]] = defaultdict(list)
    for part in shape["services"].values():
        for row in part["not_passed"]:
            groups[row["outcome"], row["cause"] or "", row["reason"]].append(row)
    lines = [] if groups else ["Everything passed."]
    for (outcome, cause, reason), group in sorted(groups.items()):
        official = sorted({id for row in group for id in row["covers"]})
        lines.append(f"- **{outcome}{f' ({cause})' if cause else ''}**: {_quoted(reason)}")
        lines += _tests(group)
        if official:
            lines.append(f"  - official ids ({len(official)}): {', '.join(f'`{id}`' for id in official)}")
    return lines


def _tests(group: Sequence[Mapping[str, Any]]) -> list[str]:
    services = list(dict.fromkeys(row["service"] for row in group))
    names = {service: sorted(row["name"] for row in group if row["service"] == service) for service in services}
    return [f"  - {service}: {', '.join(f'`{name}`' for name in names[service])}" for service in services]


def _quoted(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*")
