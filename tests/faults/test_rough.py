"""A few tests of the suite through a rough network, and the measure's own eyes for what must not be."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
import requests

from defcore.model.capability import Service
from defcore.model.outcome import Attempt, Outcome
from tests.conftest import ReferenceCloud
from tests.deviations.cloud import Mount
from tests.deviations.fake_cloud import fake_cloud
from tests.faults.rough import rough_runs, wrong
from tests.faults.rough_proxy import MARK, SHARES, Mishap, RoughProxy
from tests.shapes.measure import Selection


@pytest.mark.refcloud
def test_a_rough_network_makes_no_test_fail(reference_cloud: ReferenceCloud) -> None:
    selection = Selection(services=(Service.IMAGE,), words="test_data or test_update or test_sharing")
    measured = rough_runs(reference_cloud.clouds_file, selection, times=1, seed=3, workers=3, say=print)
    figures = dict(measured.figures)
    assert measured.broken == ()
    assert int(figures["PASSED"]) > 5
    assert sum(int(figures[mishap]) for mishap in Mishap) > 5


CAUSES = (
    "GET http://c/v2/x: no answer: ReadTimeout: timed out (5 tries)",
    "POST http://c/v3/auth/tokens (no request id) answered 503: no server is available",
    "it is not known what became of DELETE http://c/v2/x: answered 503; after it: DELETE answered 404, not 204",
    "POST http://c/v3: logging in again: ServiceUnavailable: 503",
    "the cloud 'ref' cannot be asked: Unable to establish connection to http://c/v3/auth/tokens: reset",
)


@pytest.mark.parametrize("reason", CAUSES)
def test_an_error_with_its_cause_is_right(tmp_path: Path, reason: str) -> None:
    assert list(wrong({"t": attempt(Outcome.ERROR, reason)}, tmp_path)) == []


@pytest.mark.parametrize(
    "found",
    [
        ("FAILED", "DELETE http://c/v2/x answered 404, not 204", None),
        ("ERROR", "set-up: DELETE http://c/v2/x answered 404, not 204", None),
        ("ERROR", "KeyError: 'id'", None),
        ("PASSED", None, []),
        ("PASSED", None, [(0, [])]),
        ("PASSED", None, [(503, [])]),
        ("PASSED", None, [(404, [MARK])]),
    ],
)
def test_what_must_not_be_is_seen(
    tmp_path: Path, found: tuple[str, str | None, list[tuple[int, list[str]]] | None]
) -> None:
    outcome, reason, answers = found
    evidence = None if answers is None else write(tmp_path, answers)
    assert len(list(wrong({"t": attempt(Outcome(outcome), reason, evidence)}, tmp_path))) == 1


def test_an_answer_of_the_cloud_is_proof(tmp_path: Path) -> None:
    evidence = write(tmp_path, [(503, [MARK]), (0, []), (200, [])])
    assert list(wrong({"t": attempt(Outcome.PASSED, None, evidence)}, tmp_path)) == []


def test_a_run_of_no_test_is_none(tmp_path: Path) -> None:
    (tmp_path / "suite.log").write_text("no such option")
    assert len(list(wrong({}, tmp_path))) == 1


def attempt(outcome: Outcome, reason: str | None, evidence: str | None = None) -> Attempt:
    return Attempt(n=1, outcome=outcome, reason=reason, evidence=evidence, started="", seconds=0)


def write(folder: Path, answers: list[tuple[int, list[str]]]) -> str:
    """A HAR file with these statuses and headers; 0: no answer came."""
    responses = [
        {"status": status, "headers": [{"name": name, "value": "1"} for name in names]}
        | ({} if status else {"_error": "reset"})
        for status, names in answers
    ]
    (folder / "x.har").write_text(json.dumps({"log": {"entries": [{"response": one} for one in responses]}}))
    return "x.har"


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_the_proxy_does_to_calls_what_it_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tests.faults.rough_proxy.SECONDS", 0.1)
    monkeypatch.setattr("tests.faults.rough_proxy.SHARES", dict.fromkeys(Mishap, 1 / 7))
    seen = set()
    with fake_cloud() as cloud:
        mount = Mount(origin=cloud.origin, prefix="", service=Service.IMAGE)
        with RoughProxy([mount], seed=1) as proxy:
            (address,) = proxy.origins.values()
            for _ in range(60):
                began = time.monotonic()
                try:
                    answer = requests.get(f"{address}/v2/images", timeout=5)
                    seen.add((answer.status_code, answer.headers.get("Retry-After"), MARK in answer.headers))
                except requests.ConnectionError:
                    seen.add("stall" if time.monotonic() - began > 0.14 else "reset")
        reached = 60 - sum(proxy.mishaps[one] for one in Mishap if "before" in one or "503" in one)
        assert len(cloud.asked) == reached
    assert set(proxy.mishaps) == set(Mishap)
    assert seen == {(200, None, False), (503, None, True), (503, "1", True), "reset", "stall"}


def test_its_shares_are_5_and_5_and_2_percent() -> None:
    kinds = ("reset", "503", "stall")
    shares = [round(sum(share for mishap, share in SHARES.items() if mishap.startswith(kind)), 9) for kind in kinds]
    assert shares == [0.05, 0.05, 0.02]
