"""What a vendor who lies can sign, and a reviewer can know; beside the alterations of `tests/faults/lies.py`."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from defcore.catalog import find_data, load_catalog
from defcore.cli import call
from defcore.model.outcome import Outcome, TestRecord
from defcore.results import leaves
from defcore.results.keys import load_signing_key
from tests.faults.altered import signed_again
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
    assert handing.verify(folder, "--leaf", leaf) == 3, "one test was counted as SKIPPED, and the record is not given"
    assert reasons(capsys) == {"verify.leaf"}
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


@pytest.mark.parametrize("other", ["ERROR", "SKIPPED"])
def test_an_attempt_that_is_added_to_one_that_did_not_pass(handing, capsys, other):
    """Attempts of one number are those of parts, of which each must have passed."""
    handing.run()

    def add(own: Document) -> None:
        attempts = own["tests"][0]["attempts"]
        cause = "absent" if other == "SKIPPED" else None
        attempts.insert(0, attempts[0] | {"outcome": other, "cause": cause, "evidence": None, "reason": "timeout"})
        attempts[0]["started"] = "2026-01-31T12:00:00.5+00:00"

    edit(handing, add, "result.json")
    assert handing.try_pack() == 2
    assert "not each of its parts has passed" in capsys.readouterr().err


def test_one_attempt_for_five(handing, capsys):
    handing.run()
    edit(handing, lambda own: own.update(repeat=5), "plan.json")

    def copy(own: Document) -> None:
        for record in own["tests"]:
            record["attempts"] = [record["attempts"][0] | {"n": n} for n in range(1, 6)]

    edit(handing, copy, "result.json")
    assert handing.try_pack() == 2
    assert "began at the same moment" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["result.json", "plan.json"])
def test_members_that_no_format_has(handing, capsys, name):
    """Nothing checks what they say, and somebody may believe it."""
    handing.run()
    edit(handing, lambda own: own.update(verdict="CONFORMANT"), name)
    edit(handing, lambda own: own["tests"][0].update(note="certified"), name)
    assert handing.try_pack() == 2
    told = capsys.readouterr().err
    assert (f"{name}: $.verdict" in told, f"{name}: $.tests[0].note" in told) == (True, True)


def test_members_of_another_version_may_mean_something(handing, capsys):
    handing.run()
    edit(handing, lambda own: own["suite"].update(version="0.0.1"))
    edit(handing, lambda own: own.update(verdict="CONFORMANT"), "result.json")
    assert handing.verify(handing.pack()) == 3
    assert reasons(capsys) == {"verify.member"}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"schema:", b"# seen and confirmed by the board\nschema:"),
        (b"version: '3.10'", b"version: 3.10"),
        (b"complete: true", b"complete: 'true'"),
        (b"PASSED: 14", b"PASSED: 14 # of 14 required"),
    ],
)
def test_a_submission_file_that_says_more_than_was_signed(handing, capsys, old, new):
    handing.run()
    folder = handing.pack()
    files = {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert files["submission.yaml"].count(old) >= 1
    files["submission.yaml"] = files["submission.yaml"].replace(old, new, 1)
    for name, content in signed_again(files, load_signing_key(handing.key, lambda: None)).items():
        (folder / name).write_bytes(content)
    capsys.readouterr()
    assert handing.verify(folder) == 1
    assert reasons(capsys) == {"verify.binding"}


def test_a_selection_in_other_words_than_those_of_the_plan(handing, capsys):
    handing.run()
    edit(handing, lambda own: own["selection"].append("--service object-store"), "plan.json")
    edit(handing, lambda own: own["selection"].reverse(), "plan.json")
    assert handing.try_pack() == 0
    [folder] = {path.parent for path in handing.base.rglob("submission.yaml")}
    capsys.readouterr()
    assert handing.verify(folder) == 1
    assert reasons(capsys) == {"verify.plan-differs"}


def test_a_narrowed_run_has_not_passed_the_guideline(handing, capsys):
    """In words that any reader of in-toto understands."""
    handing.run()
    document = json.loads((handing.pack() / "attestation.dsse.json").read_text())
    predicate = json.loads(base64.b64decode(document["payload"]))["predicate"]
    assert predicate["result"] == "WARNED"
    assert predicate["defcoreSubmission"]["selection"] == list(plan().selection)


def test_a_challenge_is_no_place_for_words(handing, capsys):
    handing.run()
    edit(handing, lambda own: own["run"].update(challenge="7c1f2b (seen by the board)"), "result.json")
    assert handing.try_pack() == 2
    assert "6 to 16 letters and digits" in capsys.readouterr().err


def test_a_selection_without_end_is_no_work(handing, capsys):
    """To look for the nearest of each unknown name takes its time, and to print each its lines."""
    handing.run()
    names = [f"--capability objectstore-container-creat{n:06}" for n in range(1_001)]
    edit(handing, lambda own: own.update(selection=names), "plan.json")
    assert handing.try_pack() == 2
    assert "$.selection" in capsys.readouterr().err
    edit(handing, lambda own: own.update(selection=names[:1_000]), "plan.json")
    folder = handing.pack(key=None)
    capsys.readouterr()
    assert handing.verify(folder) == 1
    assert len(capsys.readouterr().out.splitlines()) < 50


@pytest.mark.parametrize(
    "verb", [("score",), ("gate", "--fail-on", "verdict"), ("report", "--output", "/dev/null"), ("explain",)]
)
def test_a_result_that_was_altered_since_is_not_judged(handing, capsys, verb):
    handing.run(dict.fromkeys(range(5), Outcome.FAILED))
    folder = handing.pack()
    document = json.loads((folder / "result.json").read_text())
    for record in document["tests"]:
        record.update(outcome="PASSED")
    (folder / "result.json").write_text(json.dumps(document))
    for path in (folder, folder / "result.json"):
        capsys.readouterr()
        assert call([verb[0], str(path), *verb[1:]]) == 2
        told = capsys.readouterr().err
        assert "this is not the result that was attested" in told
        assert "defcore verify" in told


def test_another_product_s_waiver_is_not_that_of_a_submission(handing, capsys):
    """The result may call its cloud what it likes."""
    [first, *_] = [n for n, test in enumerate(plan(whole=True).tests) if test.required]
    handing.run({first: Outcome.FAILED}, whole=True)
    edit(handing, lambda own: own["cloud"].update(name="Other Cloud"), "result.json")
    folder = handing.pack()
    waivers = handing.base / "waivers.yaml"
    tests = list(plan(whole=True).tests[first].case.covers)

    def judged(product: str, *options: str) -> int:
        granted = {"granted": "2026-01-15", "expires": "2026-07-15", "decided_by": "the board", "reason": "a bug"}
        one = {"id": "a-1", "product": product, "scope": {"tests": tests}, **granted}
        waivers.write_text(yaml.safe_dump({"schema": "defcore/waivers/1", "waivers": [one]}))
        return call(["score", str(folder), "--waivers", str(waivers), *options])

    assert judged("Other Cloud") == 1
    assert judged("ACME Cloud") == 0
    assert judged("Other Cloud", "--product", "Other Cloud") == 0
    assert call(["score", str(handing.folder), "--waivers", str(waivers)]) == 0, "of a run, its user's words count"
