"""A run has no more in the cloud at a time than its budget says, and starts no test after its minutes."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from defcore.errors import CannotTell, InputError, Prerequisite
from defcore.model.budget import DEFAULT, Budget, read_budget
from defcore.run.allowance import Allowance
from defcore.run.capacity import MOST, Room, allowed, room_for
from defcore.run.context import GatedLedger
from defcore.run.facts import Quota
from defcore.run.ledger import Ledger, left_by
from defcore.run.preflight import State, preflight
from defcore.run.settings import choose
from tests.fakes.cloud import FakeCloud
from tests.run.at_a_time import most_at_a_time
from tests.run.test_preflight import FACTS, planned

pytest_plugins = ("pytester",)
RUN = "11111111-1111-4111-8111-111111111111"
SMALL = Budget(servers=2, volumes=3, gigabytes=5)


def test_what_is_not_named_keeps_its_default() -> None:
    assert Budget.parse("servers=4, minutes=90") == Budget(servers=4, minutes=90)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("", ["budget.unknown"]),
        ("server=4", ["budget.unknown"]),
        ("servers", ["budget.value"]),
        ("servers=0,volumes=-1,gigabytes=1.5,minutes=x", ["budget.value"] * 4),
        ("minutes=" + "9" * 5000, ["budget.value"]),
        ("minutes=²", ["budget.value"]),
        ("servers=1,servers=2,x=1", ["budget.twice", "budget.unknown"]),
    ],
)
def test_a_wrong_budget_is_told_with_what_is_valid(text: str, codes: list[str]) -> None:
    with pytest.raises(InputError) as raised:
        Budget.parse(text)
    assert [one.code for one in raised.value.problems] == codes
    assert all(one.hint for one in raised.value.problems)


def test_what_a_plan_leaves_out_has_its_default() -> None:
    assert read_budget(None) == DEFAULT
    assert read_budget({"servers": 3}) == Budget(servers=3)


def test_the_defaults_change_nothing_for_as_many_tests_as_are_usual() -> None:
    assert room_for(allowed(DEFAULT), None, MOST) is None


def test_budget_and_quota_together_tell_how_many_tests_may_run_at_a_time() -> None:
    budget = allowed(Budget(servers=5))
    assert room_for(budget, None, 8) == Room(tests=2, kinds=("server",))
    quota = Quota(name="compute.instances", limit=3, used=0)
    assert room_for((quota, *budget), None, 8) == Room(tests=1, kinds=("server",))


@pytest.mark.parametrize(("servers", "state"), [(16, State.OK), (6, State.NOTE), (1, State.NOTE)])
def test_the_preflight_shows_the_budget(servers: int, state: State) -> None:
    plan = replace(planned(), budget=Budget(servers=servers))
    (check,) = [one for one in preflight(FACTS, choose(FACTS, {}), plan, workers=8).checks if one.what == "budget"]
    assert check.state is state
    assert f"{servers} servers" in check.message
    assert state is State.OK or "--budget servers=16" in (check.remedy or "")


class Open:
    """A gate at which nobody waits."""

    def share(self, kind: str) -> None:
        pass


class Worker:
    """A ledger and an allowance, as each worker of a run has them."""

    def __init__(self, folder: Path, budget: Budget, patience: float = 20) -> None:
        self.ledger, self.allowance = Ledger(folder, run=RUN), Allowance(folder, budget, patience=patience)

    def make(self, kind: str, gigabytes: int = 0) -> str:
        return self.allowance.spend(
            kind,
            gigabytes,
            lambda: self.ledger.intend(kind=kind, cloud="c", path="/{id}", name="x", gigabytes=gigabytes),
        )

    def remove(self, key: str) -> None:
        self.ledger.removed(key)
        self.allowance.returned(key)


def test_several_workers_together_stay_within_the_budget(tmp_path: Path) -> None:
    def work() -> None:
        worker = Worker(tmp_path, SMALL)
        for number in range(10):
            worker.remove(worker.make("server"))
            worker.remove(worker.make("volume", 1 + number % 3))
            worker.remove(worker.make("network"))

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    most = most_at_a_time(tmp_path)
    assert most["servers"] == 2, "it is a limit, and it is made use of"
    assert most["volumes"] <= 3
    assert most["gigabytes"] <= 5


def test_a_test_that_alone_needs_more_says_how_much_and_how_to_give_it(tmp_path: Path) -> None:
    worker = Worker(tmp_path, SMALL)
    worker.make("server")
    worker.make("server")
    with pytest.raises(Prerequisite, match=r"needs 3 servers at a time, and the budget is 2 \(--budget servers=3\)"):
        worker.make("server")
    with pytest.raises(Prerequisite, match=r"needs 6 gigabytes .*--budget gigabytes=6"):
        worker.make("volume", 6)
    worker.make("volume", 4)
    with pytest.raises(Prerequisite, match=r"needs 8 gigabytes"):
        worker.make("snapshot", 4)


def test_what_is_there_already_is_written_down_whatever_the_budget_says(tmp_path: Path) -> None:
    ledger, allowance = Ledger(tmp_path, run=RUN), Allowance(tmp_path, SMALL, patience=0.1)
    gated = GatedLedger(ledger, Open(), allowance)  # type: ignore[arg-type]
    keys = [gated.intend(kind="server", cloud="c", path="/servers/{id}", name=None, id=id) for id in "abc"]
    with pytest.raises(Prerequisite, match="needs 4 servers"):
        gated.intend(kind="server", cloud="c", path="/servers/{id}", name="d")
    gated.removed(keys[0])
    gated.removed(keys[1])
    assert gated.intend(kind="server", cloud="c", path="/servers/{id}", name="d")


def test_what_others_have_is_waited_for_and_what_they_left_counts(tmp_path: Path) -> None:
    dead, worker = Worker(tmp_path, SMALL), Worker(tmp_path, SMALL, patience=0.1)
    keys = [dead.make("server"), dead.make("server")]
    with pytest.raises(CannotTell, match="the budget of 2 servers was used up"):
        worker.make("server")
    dead.remove(keys[0])
    assert worker.make("server")


def test_what_an_earlier_test_left_is_nobodys_need_and_not_waited_for(tmp_path: Path) -> None:
    worker, other = Worker(tmp_path, SMALL, patience=60), Worker(tmp_path, SMALL, patience=60)
    keys = [worker.make("server"), worker.make("server")]
    assert worker.allowance.begin() == tuple(keys)
    for key in keys:
        worker.ledger.abandoned(key)
    for one in (worker, other):
        with pytest.raises(CannotTell, match="of 2 servers is used up by what earlier tests could not remove"):
            one.make("server")
    assert len(left_by(tmp_path)) == 2
    worker.remove(keys[0])
    assert other.make("server")


def test_what_a_dead_worker_left_is_not_waited_for(tmp_path: Path) -> None:
    code = f"""
import sys
from pathlib import Path
sys.path.insert(0, {str(Path(__file__).parents[2])!r})
from tests.run.test_budget import SMALL, Worker
worker = Worker(Path({str(tmp_path)!r}), SMALL)
worker.make("server")
worker.make("server")
"""
    subprocess.run([sys.executable, "-c", code], check=True)
    began = time.monotonic()
    with pytest.raises(CannotTell, match="of 2 servers is used up by what earlier tests could not remove"):
        Worker(tmp_path, SMALL, patience=60).make("server")
    assert time.monotonic() - began < 30


def test_the_tests_of_a_run_stay_within_the_budget_of_their_plan(cloud: FakeCloud, pytester: pytest.Pytester) -> None:
    path = pytester.makepyfile(
        test_suite="""
import time
import pytest

@pytest.mark.uuid("00000000-0000-4000-8000-000000000001")
@pytest.mark.parametrize("n", range(6))
def test_makes_two(defcore_run, n):
    keys = [defcore_run.ledger.intend(kind="server", cloud="user", path="/{id}", name="x") for _ in range(2)]
    time.sleep(0.05)
    for key in keys:
        defcore_run.ledger.removed(key)

@pytest.mark.uuid("00000000-0000-4000-8000-000000000002")
def test_makes_four(defcore_run):
    keys = []
    try:
        for _ in range(4):
            keys.append(defcore_run.ledger.intend(kind="server", cloud="user", path="/{id}", name="x"))
    finally:
        for key in keys:
            defcore_run.ledger.removed(key)
"""
    )
    tests = [{"nodeid": f"x::{n}", "id": f"00000000-0000-4000-8000-00000000000{n}"} for n in (1, 2)]
    plan = {"tests": tests, "settings": {"image": {"value": "i"}}, "budget": {"servers": 3}}
    (pytester.path / "plan.json").write_text(json.dumps(plan))
    room = str(Room(tests=1, kinds=("server",)))  # else one may have 2, the other 1, and both want another
    arguments = ("--defcore-plan=plan.json", "--defcore-run=run", f"--defcore-room={room}", "-n", "2", "-rs")
    ran = pytester.runpytest_subprocess(path, "--defcore-cloud=user", *arguments)
    ran.assert_outcomes(passed=6, skipped=1)
    ran.stdout.fnmatch_lines(["*needs 4 servers at a time, and the budget is 3*"])
    assert most_at_a_time(pytester.path / "run")["servers"] == 3
