"""A few kills of the reference cloud; `scripts/soak --only cloud_killing` does twenty."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.cloud_killing import Place, left_after_down, one_kill, own_place, works

pytestmark = [pytest.mark.refcloud, pytest.mark.slow]


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    with own_place(("keystone", "swift")) as made:
        yield made


@pytest.mark.parametrize("victim", ["service", "up"])
def test_after_a_kill_nothing_stays(place: Place, victim: str) -> None:
    assert one_kill(place, victim, random.Random(1)) == []


def test_and_the_cloud_works_again(place: Place) -> None:
    assert works(place) == []


def test_a_process_that_stays_is_seen(tmp_path: Path) -> None:
    place = Place(tmp_path)
    stays = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)", str(tmp_path)])
    try:
        assert [one.partition(":")[0] for one in left_after_down(place)] == ["processes after down"]
    finally:
        stays.kill()
        stays.wait()
