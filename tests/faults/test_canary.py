"""No planted secret comes out: each answer alone, then the command line as a whole."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest
import requests

from defcore.run.exchange import Exchange, GuardedSession, Recorder
from tests.fakes.cloud import serving
from tests.faults.canary import measure
from tests.faults.canary_cloud import CanaryCloud, odd_answers
from tests.faults.leaks import Canaries

OWN = ("in-the-redact-file", "in-the-redact-file-too")
ANSWERS = sorted(odd_answers(Canaries(1)))


def exchanged(canaries: Canaries, answer: str, *own: str) -> tuple[Exchange, str]:
    """What is kept of an exchange with the canary cloud, and what a test that fails would say of it."""
    with serving(CanaryCloud(canaries)) as cloud:
        recorder = Recorder(*own)
        session = GuardedSession(recorder)
        response = session.send(requests.Request("GET", f"{cloud.url}/odd/{answer}").prepare())
        told = recorder.secrets.clean(
            f"{response.text} {response.content!r} {dict(response.headers)} {response.reason}"
        )
        (exchange,) = recorder.take()
    return exchange, told


@pytest.mark.parametrize("answer", ANSWERS)
def test_an_answer_leaves_no_secret_in_the_evidence_nor_in_a_message(answer: str) -> None:
    canaries = Canaries(1)
    own = [canaries.odd(OWN[0]), canaries.plain(OWN[1])]
    exchange, told = exchanged(canaries, answer, *own)
    kept = json.dumps(asdict(exchange))
    assert canaries.found_in(kept.encode()) == set()
    assert canaries.found_in(told.encode()) == set()


@pytest.mark.parametrize("answer", [one for one in ANSWERS if one.startswith("own_")])
def test_what_is_known_by_its_value_alone_would_be_found_if_it_were_not_known(answer: str) -> None:
    canaries = Canaries(1)
    exchange, told = exchanged(canaries, answer)
    found = canaries.found_in(json.dumps(asdict(exchange)).encode()) | canaries.found_in(told.encode())
    assert {place for place, _ in found} & set(OWN)


@pytest.mark.slow
def test_no_planted_secret_comes_out_of_the_command_line(tmp_path: Path) -> None:
    said: list[str] = []
    measured = measure(times=1, seed=1, clouds=None, say=said.append)
    assert measured.broken == (), said
    figures = dict(measured.figures)
    assert figures["places"] > 60
    assert figures["processes"] >= 5
