"""The main job: OpenStack Powered Platform of 2020.06 on the reference cloud, with every user there is; then SCS-0128.

`expected-<guideline>.json` says what each required official test must come to. It is never weakened to pass: where
the reference cloud falls short, the reason stands beside the id. No test is run twice: what SCS-0128 has in common with
the platform is judged from the platform's run.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from defcore.catalog import find_data, load_catalog, load_guideline
from defcore.plan import make_plan
from tests.conftest import ReferenceCloud, defcore
from tests.end_to_end.creations import unwritten
from tests.report.test_browser import Watched
from tests.run.at_a_time import most_at_a_time
from tests.submissions.handing_in import write_key
from tests.submissions.runs import PRODUCT

pytestmark = pytest.mark.refcloud
EXPECTED = Path(__file__).with_name("expected-2020.06.json")
EXPECTED_SCS = Path(__file__).with_name("expected-scs-0128.json")
WORST_FIRST = ("FAILED", "ERROR", "SKIPPED", "PASSED", "NOT_RUN")
"""Of what two runs say of the same id, the worst counts; one that ran none of its tests says nothing."""
USERS = (
    "--cloud", "defcore-ref", "--alt-cloud", "defcore-ref-alt",
    "--reader-cloud", "defcore-ref-reader", "--admin-cloud", "defcore-ref-admin",
)  # fmt: skip
TOKEN = re.compile(rb"gAAAAA[A-Za-z0-9_=-]{60,}")


@dataclass(frozen=True, slots=True, kw_only=True)
class FinishedRun:
    folder: Path
    process: subprocess.CompletedProcess[str]

    def document(self, name: str) -> Any:
        return json.loads((self.folder / name).read_text())


@pytest.fixture(scope="module")
def run(reference_cloud: ReferenceCloud, tmp_path_factory: pytest.TempPathFactory) -> FinishedRun:
    """One complete run."""
    folder = tmp_path_factory.mktemp("runs") / "platform"
    process = defcore(
        "run", *USERS, "--guideline", "2020.06", "--platform", "platform", "-n", "4", "--out", folder,
        timeout=1500, OS_CLIENT_CONFIG_FILE=str(reference_cloud.clouds_file),
        XDG_STATE_HOME=str(folder.parent / "state"),
    )  # fmt: skip
    assert (folder / "result.json").exists(), process.stdout[-3000:] + process.stderr[-3000:]
    return FinishedRun(folder=folder, process=process)


@pytest.fixture(scope="module")
def rest(run: FinishedRun, reference_cloud: ReferenceCloud, tmp_path_factory: pytest.TempPathFactory) -> FinishedRun:
    """A run of the tests for SCS-0128 that are not among the platform's."""
    data = find_data()
    plan = make_plan(load_guideline("scs-0128", data), load_catalog(data), required_only=True)
    ran = {test["id"] for test in run.document("plan.json")["tests"]}
    wanted = {why.capability for test in plan.tests if test.case.id not in ran for why in test.why}
    folder = tmp_path_factory.mktemp("runs") / "rest"
    process = defcore(
        "run", *USERS, "--guideline", "scs-0128", "--required-only", "-n", "4", "--out", folder,
        *(option for name in sorted(wanted) for option in ("--capability", name)),
        timeout=900, OS_CLIENT_CONFIG_FILE=str(reference_cloud.clouds_file),
        XDG_STATE_HOME=str(folder.parent / "state"),
    )  # fmt: skip
    assert (folder / "result.json").exists(), process.stdout[-3000:] + process.stderr[-3000:]
    return FinishedRun(folder=folder, process=process)


def outcomes(card: Any) -> dict[str, tuple[str, str | None, str | None]]:
    """Outcome, cause and reason of each official id."""
    return {
        test["id"]: (test["outcome"], test["cause"], test["reason"])
        for capability in card["capabilities"]
        for test in capability["tests"]
    }


def score(run: FinishedRun, *options: str) -> tuple[int, Any]:
    """Judge the stored run; no cloud is configured."""
    done = defcore("score", run.folder, "--format", "json", *options)
    return done.returncode, json.loads(done.stdout)


def test_each_official_test_comes_to_what_is_expected(run: FinishedRun) -> None:
    expected: dict[str, dict[str, str]] = json.loads(EXPECTED.read_text())
    assert_as_expected(outcomes(run.document("scorecard.json")), expected)


def test_each_test_of_scs_0128_comes_to_what_is_expected(run: FinishedRun, rest: FinishedRun) -> None:
    expected: dict[str, dict[str, str]] = json.loads(EXPECTED_SCS.read_text())
    cards = [score(one, "--guideline", "scs-0128", "--platform", "scs-0128")[1] for one in (run, rest)]
    first, second = map(outcomes, cards)
    worst = {id: min(first[id], second[id], key=lambda one: WORST_FIRST.index(one[0])) for id in first}
    assert_as_expected(worst, expected)
    assert sum(outcome == "PASSED" for outcome, *_ in worst.values()) == 256


def test_what_was_run_for_scs_0128_leaves_nothing_behind(rest: FinishedRun) -> None:
    result = rest.document("result.json")
    assert result["run"]["complete"] is True
    assert result["leftovers"] == []
    assert [test["id"] for test in result["tests"] if test["outcome"] != "PASSED"] == []


def assert_as_expected(seen: Mapping[str, tuple[Any, ...]], expected: Mapping[str, Mapping[str, str]]) -> None:
    differing = {
        id: {"expected": wanted, "seen": seen.get(id)}
        for id, wanted in expected.items()
        if (wanted["outcome"], wanted.get("cause")) != seen.get(id, (None, None, None))[:2]
    }
    assert differing == {}
    assert set(seen) == set(expected)


def test_the_verdict_is_inconclusive_for_the_guest_tests_alone(run: FinishedRun) -> None:
    expected = json.loads(EXPECTED.read_text())
    unproven = {id for id, wanted in expected.items() if wanted["outcome"] != "PASSED"}
    card = run.document("scorecard.json")
    assert card["verdict"] == "INCONCLUSIVE"
    assert run.process.returncode == 3
    assert {one["id"] for one in card["mend"]} == unproven
    verdicts = {one["name"]: one["verdict"] for one in card["components"]}
    assert verdicts == {"os_powered_compute": "INCONCLUSIVE", "os_powered_storage": "CONFORMANT"}


def test_object_storage_is_conformant(run: FinishedRun) -> None:
    for policy in ("strict", "official"):
        code, card = score(run, "--target", "object", "--policy", policy)
        assert (code, card["verdict"]) == (0, "CONFORMANT"), card["reasons"]


def test_the_official_rule_says_no_to_what_did_not_pass(run: FinishedRun) -> None:
    for target in ("platform", "compute"):
        code, card = score(run, "--target", target, "--policy", "official")
        assert (code, card["verdict"]) == (1, "NON_CONFORMANT")


def test_the_run_is_complete_and_leaves_nothing_behind(run: FinishedRun, reference_cloud: ReferenceCloud) -> None:
    result = run.document("result.json")
    assert result["run"]["complete"] is True
    assert result["leftovers"] == []
    assert not [test for test in result["tests"] if test["outcome"] in ("ERROR", "FAILED")]
    swept = defcore(
        "sweep", "--cloud", "defcore-ref", "--dry-run",
        OS_CLIENT_CONFIG_FILE=str(reference_cloud.clouds_file),
        XDG_STATE_HOME=str(run.folder.parent / "state"),
    )  # fmt: skip
    assert swept.returncode == 0, swept.stdout + swept.stderr


def test_all_that_the_run_made_was_in_the_ledger_before(run: FinishedRun) -> None:
    assert unwritten(run.folder) == []


def test_the_run_stayed_within_its_budget(run: FinishedRun) -> None:
    budget, most = run.document("plan.json")["budget"], most_at_a_time(run.folder)
    assert 0 < most["servers"] <= budget["servers"]
    assert 0 < most["volumes"] <= budget["volumes"]
    assert 0 < most["gigabytes"] <= budget["gigabytes"]


def test_the_run_folder_holds_what_is_promised(run: FinishedRun) -> None:
    for name in ("plan.json", "journal.jsonl", "result.json", "scorecard.json", "report.html", "junit.xml"):
        assert (run.folder / name).stat().st_size > 0, name
    assert list((run.folder / "evidence").glob("*.har"))
    assert run.document("scorecard.json") == score(run)[1]


def test_no_secret_reaches_disk_or_terminal(run: FinishedRun, reference_cloud: ReferenceCloud) -> None:
    clouds = yaml.safe_load(reference_cloud.clouds_file.read_text())["clouds"]
    secrets = [cloud["auth"]["password"].encode() for cloud in clouds.values()]
    texts = {path: path.read_bytes() for path in run.folder.rglob("*") if path.is_file()}
    texts[Path("terminal")] = (run.process.stdout + run.process.stderr).encode()
    assert len(texts) > 100
    found = [path for path, text in texts.items() if any(secret in text for secret in secrets) or TOKEN.search(text)]
    assert found == []


def test_output_in_a_pipe_is_plain_and_tells_progress(run: FinishedRun) -> None:
    assert "\x1b" not in run.process.stdout + run.process.stderr
    assert "INCONCLUSIVE" in run.process.stdout
    assert "report.html" in run.process.stdout


@pytest.mark.parametrize("format", ["text", "json", "md", "junit", "html"])
def test_every_format_is_rendered_without_the_cloud(run: FinishedRun, format: str) -> None:
    done = defcore("report", run.folder, "--format", format)
    assert done.returncode == 0, done.stderr
    assert "compute-flavors-list" in done.stdout


@pytest.mark.browser
def test_the_report_of_the_run_opens_in_a_browser(run: FinishedRun, chromium: Any) -> None:
    page = Watched(chromium.new_page(), (run.folder / "report.html").as_uri())
    assert (page.dialogs, page.errors) == ([], [])
    assert len(page.requests) == 1, f"the page asks for more than itself: {page.requests}"
    text = page.page.inner_text("body")
    assert "INCONCLUSIVE" in text
    assert "a guest that can be reached by SSH" in text


@pytest.mark.parametrize("options", [("--evidence", "all"), ("--passes-only",)], ids=" ".join)
def test_the_run_can_be_handed_in_and_what_is_handed_in_holds(
    run: FinishedRun, tmp_path: Path, options: tuple[str, ...]
) -> None:
    key, salts = write_key(tmp_path / "key"), ("--salts", tmp_path / "salts.json")
    (tmp_path / "product.yaml").write_text(PRODUCT)
    product, record = ("--product", tmp_path / "product.yaml"), ("--results", tmp_path / "results")
    packed = defcore("pack", run.folder, *product, *record, *salts, "--key", key, *options)
    assert packed.returncode == 0, packed.stderr
    [file] = tmp_path.glob("results/2020.06/acme-gmbh/acme-cloud/*/submission.yaml")
    verified = defcore("verify", file.parent, "--trusted", tmp_path / "key.pub")
    assert verified.returncode == 0, verified.stdout + verified.stderr
    assert "verdict     INCONCLUSIVE under the policy strict" in verified.stdout
