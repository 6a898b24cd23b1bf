"""`run --resume` and `run --rerun` as a person meets them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from defcore.catalog import find_data
from defcore.cli.options import load_both
from defcore.cli.rendering import REPORTS
from defcore.model.capability import Service
from defcore.model.documents import result_document, text
from defcore.plan import from_json, make_plan, to_json
from defcore.run.journal import JournalWriter, Line, read_journal
from defcore.run.result import make_result
from tests.fakes.cloud import FakeCloud, Reply
from tests.run.test_cli import told
from tests.run.test_journal import FOOTER, HEADER, LINE

CAPABILITY = "identity-v3-catalog"


@cache
def planned() -> str:
    data = find_data()
    guideline, catalog = load_both("2020.06", data)
    return json.dumps(to_json(make_plan(guideline, catalog, capability=[CAPABILITY])))


def begin(folder: Path, change: Callable[[Any], None] = lambda _: None) -> Path:
    """A run of one capability that passed its first test and was cut off."""
    plan = json.loads(planned())
    change(plan)
    content = json.dumps(plan)
    folder.mkdir()
    (folder / "plan.json").write_text(content)
    writer = JournalWriter(folder)
    digest = f"sha256:{hashlib.sha256(content.encode()).hexdigest()}"
    writer.header(replace(HEADER, plan=digest, cloud=None, users=(("primary", "user"),)))
    writer.line(first_of(plan))
    writer.close()
    return folder


def test_a_run_does_not_go_on_in_another_project(
    cloud: FakeCloud, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = begin(tmp_path / "run") / "journal.jsonl"
    header, *rest = path.read_text().splitlines(keepends=True)
    ids = {"primary": {"user": "", "project": "project-5"}, "alt": {"user": "u", "project": "p"}}
    path.write_text("".join([json.dumps(json.loads(header) | {"identities": ids}) + "\n", *rest]))
    before = path.read_bytes()
    code, shown = told(capsys, "run", "--resume", str(tmp_path / "run"))
    assert (code, "user: project: project-1, before project-5 [begun.users]" in shown) == (2, True)
    assert path.read_bytes() == before


def first_of(plan: dict[str, Any]) -> Line:
    return replace(LINE, test=plan["tests"][0]["id"], nodeid=plan["tests"][0]["nodeid"])


def another_digest(member: str) -> Callable[[Any], None]:
    def change(plan: Any) -> None:
        plan[member]["digest"] = "sha256:" + "0" * 64

    return change


@pytest.mark.parametrize(
    ("options", "named"),
    [
        (("--cloud", "user"), "--cloud"),
        (("--alt-cloud", "alt", "--platform", "object"), "--alt-cloud, --platform"),
        (("--repeat", "1"), "--repeat"),
        (("--shuffle", "3", "--challenge", "abc123"), "--shuffle, --challenge"),
        (("--out", "elsewhere"), "--out"),
        (("image=x",), "NAME=VALUE"),
        (("--rerun", "failed", "--of", "x"), "--rerun, --of"),
    ],
)
def test_a_run_that_goes_on_keeps_what_it_was_begun_with(
    cloud: FakeCloud, tmp_path: Path, capsys: pytest.CaptureFixture[str], options: tuple[str, ...], named: str
) -> None:
    folder = begin(tmp_path / "run")
    code, shown = told(capsys, "run", "--resume", str(folder), *options)
    assert code == 2
    assert f"{named} does not go with --resume" in shown


@pytest.mark.parametrize("verb", [("--resume",), ("--rerun", "failed", "--of")], ids=["resume", "rerun"])
@pytest.mark.parametrize("member", ["guideline", "suite"])
def test_another_guideline_or_suite_is_refused_with_both_digests(
    cloud: FakeCloud, tmp_path: Path, capsys: pytest.CaptureFixture[str], member: str, verb: tuple[str, ...]
) -> None:
    folder = begin(tmp_path / "run", another_digest(member))
    journal = (folder / "journal.jsonl").read_bytes()
    code, shown = told(capsys, "run", *verb, str(folder))
    assert code == 2
    assert f"[begun.{member}]" in shown
    assert "sha256:" + "0" * 64 in shown
    assert shown.count("sha256:") == 2
    assert (folder / "journal.jsonl").read_bytes() == journal


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--rerun", "failed"), "--rerun and --of go together"),
        (("--of", "run"), "--rerun and --of go together"),
        (("--rerun", "broken", "--of", "run"), "'broken' is none of failed, error, skipped, not-run"),
        (("--rerun", "failed", "--of", "run", "--service", "identity"), "--service does not go with --rerun"),
        (("--rerun", "failed", "--of", "run"), "defcore run --resume run"),
        (("--rerun", "failed", "--of", "judged"), "no test of the run is failed"),
        (("--rerun", "failed", "--of", "nowhere"), "name the folder of a run"),
        (("--resume", "nowhere"), "name the folder of a run"),
        (("--resume", "empty"), "nothing was measured"),
    ],
)
def test_what_is_amiss_is_told(
    cloud: FakeCloud,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    options: tuple[str, ...],
    words: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    begin(Path("run"))
    judged = begin(Path("judged"))
    plan = from_json(json.loads((judged / "plan.json").read_text()))
    (judged / "result.json").write_text(text(result_document(make_result(plan, read_journal(judged)))))
    Path("empty").mkdir()
    code, shown = told(capsys, "run", *options)
    assert code == 2, shown
    assert words in shown


def answer_as_promised(cloud: FakeCloud) -> None:
    """What the miniature cloud does not know by itself."""
    catalog = cloud._token("user")["catalog"]
    body = {"catalog": catalog, "links": {"self": f"{cloud.url}/v3/auth/catalog", "previous": None, "next": None}}
    cloud.answer("GET", "/v3/auth/catalog", lambda _: Reply(200, body))
    cloud.answer("POST", "nocatalog", lambda _: Reply(200, {"token": {}}))


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.slow
def test_what_failed_is_tried_again_and_merged_with_where_it_comes_from(
    cloud: FakeCloud, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, again = tmp_path / "first", tmp_path / "again"
    code, shown = told(capsys, "run", "--cloud", "user", "--capability", CAPABILITY, "-n", "1", "--out", str(first))
    assert code == 1, shown
    kept = files(first)
    (who,) = read_journal(first).header.identities
    assert (who.role, who.project) == ("primary", "project-1")
    assert who.user not in (first / "result.json").read_text()
    answer_as_promised(cloud)
    code, shown = told(capsys, "run", "--rerun", "failed,error", "--of", str(first), "-n", "1", "--out", str(again))
    assert code == 1, shown
    assert files(first) == kept, "the origin is not written to"
    before, after = (json.loads((folder / "result.json").read_text()) for folder in (first, again))
    assert {test["outcome"] for test in before["tests"]} == {"FAILED", "ERROR"}
    assert [test["outcome"] for test in after["tests"]] == ["FAILED"] * 4, "FAILED stays, and outweighs ERROR"
    assert [len(test["attempts"]) for test in after["tests"]] == [2] * 4
    assert before["run"]["id"] in {file["name"] for file in after["origin"]["files"]}
    assert len(after["origin"]["files"]) == 2
    assert {tuple(sorted(one["outcomes"])) for one in after["origin"]["conflicts"]} == {
        ("FAILED", "PASSED"),
        ("ERROR", "FAILED"),
    }
    for test in after["tests"]:
        for attempt in test["attempts"]:
            assert attempt["evidence"] is None or (again / attempt["evidence"]).is_file()
    assert_complete(again, capsys)
    cloud.services.discard(Service.IMAGE)
    code, shown = told(capsys, "run", "--rerun", "failed", "--of", str(first), "--out", str(tmp_path / "other"))
    assert code == 2
    assert f"endpoint of image: none, before {cloud.url}/image" in shown
    assert not (tmp_path / "other").exists()


def assert_complete(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It is said, judged, and left as it is."""
    kept = files(folder)
    code, shown = told(capsys, "run", "--resume", str(folder))
    assert code == 1
    assert "the run is complete, there is nothing to resume" in shown
    assert "NON_CONFORMANT" in shown
    assert files(folder) == kept


def spoil(journal: Path) -> None:
    """A line of its middle, after which the run was resumed before."""
    header, first, *rest = journal.read_text().splitlines(keepends=True)
    again = json.dumps({"type": "resumed", "at": "2026-01-01T00:00:05+00:00", "lines": 1})
    journal.write_text("".join([header, first, '{"type": "attem\n', again, "\n", *rest]))


@pytest.mark.parametrize("missing", ["scorecard.json", "report.html", "junit.xml"])
def test_a_run_that_was_cut_off_before_its_last_file_is_judged_again(
    cloud: FakeCloud, tmp_path: Path, capsys: pytest.CaptureFixture[str], missing: str
) -> None:
    """By its journal, in which all is; an earlier part of the run has left a result and reports of its own."""
    folder = begin(tmp_path / "run")
    plan = from_json(json.loads((folder / "plan.json").read_text()))
    stale = make_result(plan, read_journal(folder))
    (folder / "result.json").write_text(text(result_document(stale)))
    for name in REPORTS:
        (folder / name).write_text("stale")
    writer = JournalWriter(folder)
    for test in plan.tests[1:]:
        writer.line(replace(LINE, test=test.case.id, nodeid=test.case.nodeid))
    writer.footer(FOOTER)
    writer.close()
    spoil(folder / "journal.jsonl")
    answer_as_promised(cloud)
    code, shown = told(capsys, "run", "--resume", str(folder))
    assert f"note: {folder / 'journal.jsonl'}:3: the line is not JSON; the run was resumed after it" in shown
    assert "nothing to resume" not in shown
    result = json.loads((folder / "result.json").read_text())
    assert (result["run"]["complete"], {test["outcome"] for test in result["tests"]}) == (True, {"SKIPPED"})
    assert [name for name in REPORTS if (folder / name).read_text() == "stale"] == []
    kept = files(folder)
    (folder / missing).unlink()
    assert told(capsys, "run", "--resume", str(folder))[0] == code
    assert files(folder) == kept
    assert "nothing to resume" in told(capsys, "run", "--resume", str(folder))[1]


@pytest.mark.slow
def test_a_run_tried_again_that_is_cut_off_is_resumed_with_its_origin(
    cloud: FakeCloud, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first, again = begin(tmp_path / "first"), tmp_path / "again"
    writer = JournalWriter(first)
    writer.footer(FOOTER)
    writer.close()
    plan = from_json(json.loads((first / "plan.json").read_text()))
    (first / "result.json").write_text(text(result_document(make_result(plan, read_journal(first)))))
    answer_as_promised(cloud)
    code, shown = told(capsys, "run", "--rerun", "not-run", "--of", str(first), "-n", "1", "--out", str(again))
    whole = json.loads((again / "result.json").read_text())
    assert whole["run"]["complete"], shown
    journal = (again / "journal.jsonl").read_bytes().splitlines(keepends=True)
    (again / "journal.jsonl").write_bytes(b"".join(journal[:-2]) + journal[-2][:40])
    (again / "result.json").unlink()
    assert told(capsys, "run", "--resume", str(again))[0] == code
    resumed = json.loads((again / "result.json").read_text())
    assert [(test["id"], test["outcome"]) for test in resumed["tests"]] == [
        (test["id"], test["outcome"]) for test in whole["tests"]
    ]
    assert resumed["run"]["complete"]
    assert len(resumed["tests"]) == 4
