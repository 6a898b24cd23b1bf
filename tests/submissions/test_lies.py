"""What a vendor who lies can sign, and a reviewer can know; beside the alterations of `tests/faults/lies.py`."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from defcore.catalog import find_data, load_catalog
from defcore.model.outcome import Outcome, TestRecord
from defcore.results import leaves
from tests.submissions.handing_in import Handing
from tests.submissions.runs import plan

KNOWN = load_catalog(find_data())
TROUBLE = {0: Outcome.FAILED, 3: Outcome.SKIPPED, 5: Outcome.ERROR}
Document = dict[str, Any]


@pytest.fixture
def handing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Handing:
    monkeypatch.setattr("defcore.cli.verify.load_catalog", lambda _: KNOWN)
    return Handing(tmp_path)


def reasons(capsys: pytest.CaptureFixture[str]) -> set[str]:
    captured = capsys.readouterr()
    return {*re.findall(r"\[([a-z]+\.[a-z-]+)\]$", captured.out + captured.err, re.MULTILINE)}


def edit(handing: Handing, change: Callable[[Document], object], *names: str) -> None:
    """Change documents of the run folder."""
    for name in names or ("plan.json", "result.json"):
        document = json.loads((handing.folder / name).read_text())
        change(document)
        (handing.folder / name).write_text(json.dumps(document))


def test_a_plan_that_was_narrowed_in_a_way_that_nobody_knows(handing, capsys):
    """What a selection leaves out is not missed; so the selection must be one that can be made again."""
    handing.run()
    edit(handing, lambda own: own["tests"].pop(0))
    edit(handing, lambda own: own.update(selection=["--mood good"]), "plan.json")
    assert handing.verify(handing.pack()) == 1
    assert reasons(capsys) == {"verify.plan-incomplete"}


@pytest.mark.parametrize(
    "change",
    [
        lambda own: own["tests"][0]["why"][0].update(status="advisory"),
        lambda own: own.update(components=["os_powered_compute"]),
        lambda own: own["tests"][0].update(service="compute"),
        lambda own: own["uncovered"].append(
            {"id": "0" * 8 + "-0000" * 3 + "-" + "0" * 12, "name": "x", "capability": "x", "component": None}
            | {"status": "required"}
        ),
    ],
)
def test_a_plan_that_says_of_the_guideline_what_it_does_not_say(handing, capsys, change):
    handing.run()
    edit(handing, change, "plan.json")
    assert handing.verify(handing.pack()) == 1
    assert reasons(capsys) == {"verify.plan-differs"}


def test_a_plan_of_another_version_with_the_same_suite_may_differ(handing, capsys):
    handing.run()
    edit(handing, lambda own: own["suite"].update(version="0.0.1"))
    edit(handing, lambda own: own["tests"][0].update(service="compute"), "plan.json")
    assert handing.verify(handing.pack()) == 3
    assert reasons(capsys) == {"verify.plan-differs"}


def test_a_promise_in_plan_and_result_that_the_suite_does_not_make(handing, capsys):
    handing.run()
    edit(handing, lambda own: own["tests"][1].update(promise="the cloud is fine"))
    assert handing.verify(handing.pack()) == 1
    assert reasons(capsys) == {"verify.plan-differs"}


def test_what_a_plan_was_narrowed_to_is_told(handing, capsys):
    handing.run()
    folder = handing.pack()
    capsys.readouterr()
    assert handing.verify(folder) == 0
    assert f"narrowed    to {', '.join(plan().selection)}\n" in capsys.readouterr().out


def test_a_run_of_the_future_is_told(handing, capsys):
    """By a clock that may be wrong itself: so it is no yes, and no no."""
    handing.run()
    later = [(datetime.now(UTC) + timedelta(days=days)).isoformat() for days in (9, 10)]
    edit(handing, lambda own: own["run"].update(started=later[0], finished=later[1]), "result.json")
    folder = handing.pack()
    assert handing.verify(folder) == 3
    assert reasons(capsys) == {"verify.time"}


def test_attempts_outside_of_the_run_are_told(handing, capsys):
    handing.run()
    edit(handing, lambda own: own["run"].update(started="2026-01-31T12:09:00+00:00"), "result.json")
    assert handing.verify(handing.pack()) == 3
    assert reasons(capsys) == {"verify.time"}


def test_a_run_that_was_tried_again_is_not_one_run(handing, capsys):
    handing.run()
    file = {"name": "x", "format": "defcore", "digest": "sha256:" + "0" * 64}
    edit(handing, lambda own: own.update(origin={"files": [file, file | {"name": "y"}]}), "result.json")
    assert handing.try_pack() == 2
    assert reasons(capsys) == {"pack.merged"}


def lying(handing: Handing, monkeypatch: pytest.MonkeyPatch, number: int, **said: str) -> tuple[Path, Path]:
    """A submission of passes alone whose tree says otherwise of one test, and the leaf, without the record."""
    result = handing.run(TROUBLE)
    id, honest, file = result.tests[number].id, leaves.leaf_document, handing.base / "leaf.json"

    def leaf_document(record: TestRecord) -> Document:
        return honest(record) | (said if record.id == id else {})

    with monkeypatch.context() as patched:
        patched.setattr(leaves, "leaf_document", leaf_document)
        folder = handing.pack("--passes-only")
        assert handing.disclose(id, "-o", file) == 0
        assert handing.disclose(result.tests[3].id, "-o", handing.base / "other.json") == 0
    leaf = json.loads(file.read_text())
    del leaf["record"]
    file.write_text(json.dumps(leaf))
    return folder, file


def test_a_leaf_that_says_passed_of_what_is_not_published(handing, capsys, monkeypatch):
    folder, leaf = lying(handing, monkeypatch, 0, outcome="PASSED")
    assert handing.verify(folder) == 0, "until somebody asks"
    assert handing.verify(folder, "--leaf", leaf) == 1
    assert reasons(capsys) == {"verify.leaf"}


def test_leaves_that_say_more_than_was_counted(handing, capsys, monkeypatch):
    folder, leaf = lying(handing, monkeypatch, 0, outcome="SKIPPED", cause="prerequisite")
    assert handing.verify(folder, "--leaf", leaf) == 0, "one test was counted as SKIPPED"
    assert handing.verify(folder, "--leaf", leaf, "--leaf", handing.base / "other.json") == 1
    told = capsys.readouterr().out
    assert "more tests are disclosed as SKIPPED than were counted" in told


def test_a_leaf_that_calls_the_test_by_another_name(handing, capsys, monkeypatch):
    folder, leaf = lying(handing, monkeypatch, 0, name="harmless")
    assert handing.verify(folder, "--leaf", leaf) == 1
    assert "by another name" in capsys.readouterr().out


def test_a_disclosed_record_that_is_not_what_its_attempts_come_to(handing, capsys):
    result = handing.run(TROUBLE)
    honest = (handing.folder / "result.json").read_text()
    file = handing.base / "leaf.json"
    edit(handing, lambda own: own["tests"][0].update(outcome="ERROR"), "result.json")
    lie = json.loads((handing.folder / "result.json").read_text())["tests"][0]
    (handing.folder / "result.json").write_text(honest)
    folder = handing.pack("--passes-only")
    assert handing.disclose(result.tests[0].id, "-o", file) == 0
    leaf = json.loads(file.read_text()) | {"record": lie}
    file.write_text(json.dumps(leaf))
    assert handing.verify(folder, "--leaf", file) == 1
    assert "its attempts come to something else" in capsys.readouterr().out


def test_all_that_was_withheld_can_be_disclosed_at_once(handing, capsys):
    result = handing.run(TROUBLE)
    folder = handing.pack("--passes-only")
    options: list[object] = []
    for n in range(len(plan().tests)):
        assert handing.disclose(result.tests[n].id, "-o", handing.base / f"{n}.json") == 0
        options += ["--leaf", handing.base / f"{n}.json"]
    capsys.readouterr()
    assert handing.verify(folder, *options, *options[:2]) == 0
    assert capsys.readouterr().out.count("disclosed   ") == len(plan().tests) + 1


def test_a_million_differences_are_not_told_one_by_one(handing, capsys):
    handing.run()
    folder = handing.pack()
    file = folder / "submission.yaml"
    file.write_text(file.read_text() + "".join(f"k{n}: x\n" for n in range(5_000)))
    assert handing.verify(folder) == 1
    told = capsys.readouterr().out.splitlines()
    assert len(told) < 300
    assert any("[verify.more]" in one for one in told)


def test_the_code_of_a_reason_is_told_however_long_its_words_are(handing, capsys):
    handing.run()
    folder = handing.pack()
    (folder / ("x" * 255)).write_text("")
    assert handing.verify(folder) == 1
    assert reasons(capsys) == {"verify.extra-file"}
