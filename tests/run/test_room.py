"""In a project with little room, tests that would take more than there is wait for their turn."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from defcore.model.resources import KINDS
from defcore.run import runner
from defcore.run.capacity import COUNTED, PER_WORKER, Room, room_for
from defcore.run.exclusive import Gate
from defcore.run.facts import Quota
from defcore.run.runner import RunRequest
from tests.fakes.cloud import FakeCloud
from tests.run.test_preflight import FACTS, planned

pytest_plugins = ("pytester",)
ONE = Room(tests=1, kinds=("server", "volume"))


def test_every_quota_counts_kinds_that_there_are() -> None:
    assert COUNTED.keys() == PER_WORKER.keys()
    assert {kind for kinds in COUNTED.values() for kind in kinds} <= KINDS.keys()


@pytest.mark.parametrize(
    ("workers", "expected"),
    [(1, None), (2, None), (3, Room(tests=2, kinds=("server",))), (8, Room(tests=2, kinds=("network", "server")))],
)
def test_the_tightest_quota_tells_how_many(workers: int, expected: Room | None) -> None:
    quotas = [
        Quota(name="compute.instances", limit=10, used=3),
        Quota(name="network.network", limit=10, used=0),
        Quota(name="network.port", limit=-1, used=90),
    ]
    assert room_for(quotas, None, workers) == expected


def test_a_full_project_lets_tests_try_one_at_a_time() -> None:
    room = room_for([Quota(name="block-storage.volumes", limit=2, used=2)], None, 2)
    assert room == Room(tests=1, kinds=("volume",))


def test_it_travels_as_text() -> None:
    assert Room.parse(str(ONE)) == ONE


class Waiter(threading.Thread):
    def __init__(self, what: Callable[[], None]) -> None:
        super().__init__(daemon=True)
        self.what, self.done = what, threading.Event()

    def run(self) -> None:
        self.what()
        self.done.set()


def waiting(what: Callable[[], None]) -> Waiter:
    """Begun, and seen to wait."""
    waiter = Waiter(what)
    waiter.start()
    assert not waiter.done.wait(0.2)
    return waiter


def test_a_second_test_waits_for_the_place_whatever_it_makes(tmp_path: Path) -> None:
    first, second = Gate(tmp_path, ONE), Gate(tmp_path, ONE)
    first.share("server")
    second.share("keypair")
    waiter = waiting(lambda: second.share("volume"))
    first.share("volume")
    first.release()
    assert waiter.done.wait(5)


def test_as_many_as_there_is_room_for_go_on(tmp_path: Path) -> None:
    gates = [Gate(tmp_path, Room(tests=2, kinds=("server",))) for _ in range(3)]
    gates[0].share("server")
    gates[1].share("server")
    waiter = waiting(lambda: gates[2].share("server"))
    gates[1].release()
    assert waiter.done.wait(5)


def test_places_are_given_in_turn(tmp_path: Path) -> None:
    """Whoever makes one thing after another leaves the place to those who wait."""
    first, second = Gate(tmp_path, ONE), Gate(tmp_path, ONE)
    first.share("server")
    waiter = waiting(lambda: second.share("server"))
    first.release()
    again = Waiter(lambda: first.share("server"))
    again.start()
    assert waiter.done.wait(5)
    assert not again.done.wait(0.2)
    second.release()
    assert again.done.wait(5)


def test_a_test_alone_and_one_that_has_a_place_do_not_wait_for_each_other(tmp_path: Path) -> None:
    """Whoever has the place can still get any kind; whoever is alone with a kind needs the place no more."""
    placed, alone = Gate(tmp_path, ONE), Gate(tmp_path, ONE)
    placed.share("server")
    waiter = waiting(lambda: alone.alone(["snapshot"]))
    placed.share("snapshot")
    placed.release()
    assert waiter.done.wait(5)
    began = time.monotonic()
    alone.share("volume")
    assert time.monotonic() - began < 1


def test_the_tests_of_a_run_take_turns(cloud: FakeCloud, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        test_suite="""
import time
import pytest

@pytest.mark.parametrize("n", range(4))
def test_makes_one(defcore_run, n):
    defcore_run.ledger.removed(defcore_run.ledger.intend(kind="volume", cloud="user", path="/{id}", name="x"))
    begun = time.monotonic()
    time.sleep(0.1)
    with open("held.txt", "a") as file:
        file.write(f"{begun} {time.monotonic()}\\n")
"""
    )
    room = str(Room(tests=1, kinds=("volume",)))
    ran = pytester.runpytest_subprocess("--defcore-cloud=user", "-n", "2", f"--defcore-room={room}")
    ran.assert_outcomes(passed=4)
    spans = sorted(tuple(map(float, line.split())) for line in (pytester.path / "held.txt").read_text().splitlines())
    assert all(before[1] <= after[0] for before, after in pairwise(spans))


def test_a_run_tells_the_tests_how_much_room_there_is(tmp_path: Path) -> None:
    request = RunRequest(
        run="r",
        folder=tmp_path,
        plan=planned(),
        plan_digest="",
        cloud=FACTS.cloud,
        users={"primary": "user"},
        workers=2,
        room=ONE,
    )
    command = runner._command(request)
    assert command[command.index("--defcore-room") + 1] == "1:server,volume"
