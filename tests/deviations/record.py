"""What was found out, kept as `capabilities/detection.json`, and the page that shows it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.deviations.deviation import Deviation

SCHEMA, FILE = "defcore/detection/1", "detection.json"
Row = dict[str, Any]
"""A deviation as the file holds it: id, service, capability, title, killed_by (ids of tests), killed."""


def row(deviation: Deviation, killed_by: Sequence[str]) -> Row:
    return {
        "id": deviation.id,
        "service": str(deviation.service),
        "capability": deviation.capability,
        "title": deviation.title,
        "killed_by": list(killed_by),
        "killed": bool(killed_by),
    }


def known(folder: Path | None) -> dict[str, Row]:
    """The rows that stand in the folder, by deviation."""
    path = folder / FILE if folder else None
    if path is None or not path.exists():
        return {}
    return {one["id"]: one for one in json.loads(path.read_text())["deviations"]}


def write(folder: Path, deviations: Iterable[Deviation], new: Mapping[str, Row]) -> None:
    """Take the new rows into the file; those of deviations that are no more are left out."""
    rows = known(folder) | new
    kept = [row(one, rows[one.id]["killed_by"]) for one in deviations if one.id in rows]
    text = json.dumps(document(kept), indent=1, ensure_ascii=False) + "\n"
    part = folder / f".{FILE}.part"
    part.write_text(text)
    part.replace(folder / FILE)


def document(rows: Sequence[Row]) -> dict[str, Any]:
    return {"schema": SCHEMA, "capabilities": strengths(rows), "deviations": list(rows)}


def strengths(rows: Iterable[Row]) -> dict[str, dict[str, Any]]:
    """Of each capability: how many deviations are aimed at it, how many are noticed, and which are not."""
    found: dict[str, dict[str, Any]] = {}
    for one in rows:
        counts = found.setdefault(one["capability"], {"aimed": 0, "killed": 0, "missed": []})
        counts["aimed"] += 1
        counts["killed"] += one["killed"]
        counts["missed"] += [] if one["killed"] else [one["id"]]
    return dict(sorted(found.items()))


def page(rows: Sequence[Row], names: Mapping[str, str], published: Mapping[str, str]) -> str:
    """Markdown. `names`: of the tests, by id; `published`: ids in the published list, by deviation."""
    theirs = [one for one in rows if one["id"] in published]
    lines = [
        "# What the suite notices",
        "",
        "<!-- Made by scripts/detection --render; the figures are those of capabilities/detection.json. -->",
        "",
        "A *deviation* is a cloud that breaks one promise and keeps all others: a rewriting proxy in front of the",
        "reference cloud changes what is asked or answered. It is *noticed* (killed) when a test FAILED that passes",
        "when the cloud is left alone. An ERROR or a SKIPPED test notices nothing. *Detection strength* of a",
        "capability: noticed / aimed at it; `defcore show CAPABILITY` shows both counts.",
        "",
        f"**{_share(rows)} deviations are noticed**, {_share(theirs)} of the published list among them.",
        "",
        *_counts("service", rows),
        "",
        *REPRODUCE,
        "",
        "## By capability",
        "",
        *_counts("capability", rows),
        "",
        "## Each deviation",
        "",
        "Killed by: the tests of the round that noticed it first; others may notice it too.",
    ]
    for service in dict.fromkeys(one["service"] for one in rows):
        lines += [
            "",
            f"### {service}",
            "",
            "| deviation | published as | what the cloud does | service | capability | killed by | missed |",
            "|---|---|---|---|---|---|---|",
            *(_line(one, names, published) for one in rows if one["service"] == service),
        ]
    return "\n".join(lines) + "\n"


REPRODUCE = """\
## To make it again

```console
$ pip install -e '.[dev]'
$ defcore cloud up --state FOLDER
$ export OS_CLIENT_CONFIG_FILE=FOLDER/clouds.yaml
$ scripts/detection --first-look --whole-service --into capabilities --page docs/detection.md \\
      --alone alone.json
```

For each deviation, the tests of the capability that it is aimed at run through the proxy, those first to whose calls
it makes the most difference; where they miss it, those of its whole service. `--first-look` tries many at a time
before, each with one test. `--only ID` runs one of them, `--new` those that are not
noticed yet, `--list` names them, `--all-tests` does not stop at the first tests that notice. The deviations are in
`tests/deviations/catalogue/`; each is a few lines.""".splitlines()


def _share(rows: Sequence[Row]) -> str:
    return f"{sum(one['killed'] for one in rows)} of {len(rows)}"


def _counts(key: str, rows: Sequence[Row]) -> list[str]:
    lines = [f"| {key} | aimed | killed | missed |", "|---|---|---|---|"]
    names = dict.fromkeys(one[key] for one in rows)
    for name in names if key == "service" else sorted(names):
        those = [one for one in rows if one[key] == name]
        killed = sum(one["killed"] for one in those)
        lines.append(f"| {name} | {len(those)} | {killed} | {len(those) - killed} |")
    return lines


def _line(one: Row, names: Mapping[str, str], published: Mapping[str, str]) -> str:
    by = ", ".join(f"`{names.get(id, id)}`" for id in one["killed_by"])
    missed = "" if one["killed"] else "**missed**"
    cells = (one["id"], published.get(one["id"], ""), one["title"], one["service"], one["capability"], by, missed)
    return f"| {' | '.join(cells)} |"
