"""What Tempest found on the reference cloud: we judge what Tempest said, also through RefStack JSON."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from defcore import results
from defcore.catalog import find_data, load_guideline
from defcore.judge import score
from defcore.model.guideline import Guideline
from defcore.model.outcome import Outcome
from defcore.model.result import Result
from defcore.model.scorecard import Scorecard, Verdict
from defcore.results import refstack
from tests.policies import OFFICIAL
from tests.results.files import read

WORD = {"success": Outcome.PASSED, "skip": Outcome.SKIPPED, "fail": Outcome.FAILED}
RUNS = ("tempest-2020.06", "tempest-2020.06-static-accounts")


@pytest.fixture(scope="module")
def asked() -> Guideline:
    return load_guideline("2020.06", find_data())


@pytest.fixture(scope="module", params=RUNS)
def run(request: pytest.FixtureRequest, shared: Path) -> tuple[Result, list[dict[str, str]]]:
    folder = shared / "refcloud" / "tempest"
    said = json.loads((folder / f"{request.param}.json").read_text())
    return results.read([folder / f"{request.param}.subunit"]), said


def judged(result: Result, asked: Guideline, target: str | None = None) -> Scorecard:
    return score(result, asked, target=target, policy=OFFICIAL, date="2026-11-22")


def by_id(card: Scorecard) -> dict[str, Outcome]:
    return {test.id: test.outcome for one in card.capabilities for test in one.tests}


def test_the_stream_tells_what_tempest_says_of_every_test(run) -> None:
    result, said = run
    assert {one.id: (one.covers, one.outcome) for one in result.tests} == {
        one["name"]: ((one["idempotent_id"].removeprefix("id-"),), WORD[one["outcome"]]) for one in said
    }
    seconds = {one.id: sum(attempt.seconds for attempt in one.attempts) for one in result.tests}
    assert all(seconds[one["name"]] == pytest.approx(one["duration_s"], abs=0.001) for one in said)


def test_the_scorecard_agrees_and_what_tempest_does_not_mention_was_not_run(run, asked: Guideline) -> None:
    result, said = run
    told = {one["idempotent_id"].removeprefix("id-"): WORD[one["outcome"]] for one in said}
    found = by_id(judged(result, asked))
    required = {test: told.get(test, Outcome.NOT_RUN) for test in found}
    assert found == required
    assert {test for test in told if test not in found} == set()


@pytest.mark.parametrize(
    ("target", "verdict"),
    [("object", Verdict.CONFORMANT), ("compute", Verdict.NON_CONFORMANT), ("platform", Verdict.NON_CONFORMANT)],
)
def test_the_verdicts_follow_from_what_tempest_skipped(run, asked: Guideline, target: str, verdict: Verdict) -> None:
    """Two tests look into a guest, and Tempest was told not to; the run with static accounts skips a third."""
    result, said = run
    card = judged(result, asked, target)
    skipped = {one["idempotent_id"].removeprefix("id-") for one in said if one["outcome"] == "skip"}
    deciding = {one.id for one in card.mend if one.outcome is Outcome.SKIPPED}
    assert deciding <= skipped
    if deciding:
        verdict = Verdict.NON_CONFORMANT
    assert card.verdict is verdict


def test_refstack_json_of_the_stream_gives_the_same_counts_and_verdicts(run, asked: Guideline) -> None:
    result, said = run
    everything = judged(result, asked)
    passed_only = read(refstack.write(everything, result, cpid="c" * 32))
    assert {one.id for one in passed_only.tests} >= {one["name"] for one in said if one["outcome"] == "success"} & {
        test.name for capability in asked.capabilities for test in capability.tests
    }
    for target in (None, "platform", "compute", "object"):
        direct, through = judged(result, asked, target), judged(passed_only, asked, target)
        assert (through.statuses, through.verdict) == (direct.statuses, direct.verdict)
    assert {test for test, outcome in by_id(everything).items() if outcome is Outcome.PASSED} == {
        test for test, outcome in by_id(judged(passed_only, asked)).items() if outcome is Outcome.PASSED
    }


def test_the_list_of_scs_0128_has_classes_that_tempest_left_out(shared: Path) -> None:
    result = results.read([shared / "refcloud" / "tempest" / "tempest-scs-0128.subunit"])
    card = judged(result, load_guideline("scs-0128", find_data()))
    assert sum(outcome is Outcome.PASSED for outcome in by_id(card).values()) == 242
    assert {one.class_name.rpartition(".")[2] for one in result.origin.broken_fixtures} == {
        "IdentityV3UsersTest",
        "NetworksTestDHCPv6",
    }
