"""A few runs one after another, and what counts as growth."""

from __future__ import annotations

import pytest

from tests.conftest import ReferenceCloud
from tests.faults.endurance import Lap, Most, growth, measure, wrong


def laps(*memory: float) -> list[Lap]:
    return [Lap(own=Most(memory=one, threads=20, files=90), cloud=Most(memory=1100)) for one in memory]


@pytest.mark.parametrize(
    ("memory", "told"),
    [
        ((400, 410, 400, 405, 410, 400), []),
        ((400, 450, 500, 550, 600, 650), ["memory of own: 425 MiB in the first runs, 625 MiB in the last ones"]),
        ((10, 15, 20, 25, 30, 35), []),
    ],
    ids=["level", "grows", "too little to tell"],
)
def test_growth_is_what_the_last_runs_have_more_than_the_first(memory: tuple[float, ...], told: list[str]) -> None:
    assert list(growth(laps(*memory))) == told


def test_threads_and_files_grow_too() -> None:
    more = [Lap(own=Most(threads=n, files=2 * n)) for n in (20, 30, 40, 60, 80, 100)]
    assert [one.split(":")[0] for one in growth(more)] == ["threads of own", "files of own"]


def test_a_false_alarm_is_whatever_neither_passed_nor_was_skipped() -> None:
    lap = Lap(outcomes={"PASSED": 3, "SKIPPED": 1, "ERROR": 2, "NOT_RUN": 1})
    assert wrong(lap) == ["2 ERROR", "1 NOT_RUN"]


@pytest.mark.refcloud
def test_a_few_runs_on_the_reference_cloud(
    reference_cloud: ReferenceCloud, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", "")  # put back at the end
    measured = measure(times=0, seed=1, clouds=reference_cloud.clouds_file, say=print)
    assert measured.broken == ()
    figures = dict(measured.figures)
    assert figures["runs"] == 3
    assert int(figures["tests"]) >= 15
    assert "exit 3" in capsys.readouterr().out
