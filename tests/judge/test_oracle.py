"""RefStack's figures, from the official files as they are, by the command that users give.

What RefStack's server would count is computed naively from the raw JSON (`refstack.py`, `official_json.py`).
"""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from defcore.catalog import find_data, load_guideline
from defcore.cli import call
from defcore.judge import score
from defcore.results import read
from tests.catalog.test_official import official_files
from tests.judge import official_json, refstack
from tests.policies import OFFICIAL
from tests.values import DATE

VERDICTS = {True: ("CONFORMANT", 0), False: ("NON_CONFORMANT", 1), None: ("INCONCLUSIVE", 3)}


def names_of(raw: dict[str, Any]) -> list[tuple[str, str | None]]:
    """Each name of each test, aliases too, with its id."""
    found = {}
    for capability in raw["capabilities"].values():
        tests = capability["tests"]
        for name in tests:
            about = tests[name] if isinstance(tests, dict) else {}
            id = str(about.get("idempotent_id") or "").removeprefix("id-") or None
            found |= dict.fromkeys((name, *about.get("aliases", [])), id)
    return sorted(found.items())


def results(raw: dict[str, Any], seed: int) -> dict[str, Any]:
    """What a cloud may have passed: nearly all, or any share of the names; named alone, or by old names."""
    order = random.Random(seed)
    share = order.choice([1.0, 0.99, 0.9, order.random()])
    names = [name for name, _ in names_of(raw) if order.random() < share] or [names_of(raw)[0][0]]
    return {"cpid": "c" * 32, "duration_seconds": 60, "results": [{"name": name} for name in names]}


def expected(raw: dict[str, Any], components: list[str], passed: set[str]) -> dict[str, Any]:
    facts = official_json.facts(raw)
    table = refstack.counts(facts, components, passed)
    percents = refstack.percents(table["required"])
    return {
        "statuses": table,
        "required_pass_percent": percents[0],
        "non_flagged_required_pass_percent": percents[1],
        "verdict": VERDICTS[refstack.compliant(facts, components, passed)][0],
    }


def test_the_command_gives_refstacks_figures(shared: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for n, path in enumerate(official_files(shared)):
        raw = json.loads(path.read_text())
        for target, components in official_json.targets(raw).items():
            document = results(raw, n)
            file = tmp_path / "result.json"
            file.write_text(json.dumps(document))
            code = call(
                ["score", str(file), "--guideline", str(path), "--target", target, "--policy", "official",
                 "--format", "json"]
            )  # fmt: skip
            card = json.loads(capsys.readouterr().out)
            wanted = expected(raw, components, {one["name"] for one in document["results"]})
            assert {name: card[name] for name in wanted} == wanted, (path.name, target)
            assert code == dict(VERDICTS.values())[card["verdict"]]
            assert card["source"] == "refstack"


def test_random_results_give_refstacks_figures(shared: Path, tmp_path: Path) -> None:
    data = find_data(env={})
    for path in official_files(shared):
        raw, guideline = json.loads(path.read_text()), load_guideline(path, data)
        for seed in range(8):
            document = results(raw, seed)
            file = tmp_path / "result.json"
            file.write_text(json.dumps(document))
            own = read([file])
            passed = {one["name"] for one in document["results"]}
            for target, components in official_json.targets(raw).items():
                card = score(own, guideline, target=target, policy=OFFICIAL, date=DATE)
                wanted = expected(raw, components, passed)
                counted = {
                    one.status.value: {name: getattr(one, name) for name in wanted["statuses"][one.status]}
                    for one in card.statuses
                }
                assert counted == wanted["statuses"], (path.name, target, seed)
                assert card.verdict == wanted["verdict"], (path.name, target, seed)
                assert card.required_pass_percent == wanted["required_pass_percent"]
                assert card.non_flagged_required_pass_percent == wanted["non_flagged_required_pass_percent"]
