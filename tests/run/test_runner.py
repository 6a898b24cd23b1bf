"""A run from its start to whatever end: done, Ctrl-C, a worker killed, the run itself killed."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from defcore.model.capability import Service, TestCase
from defcore.model.documents import read_result, result_document
from defcore.model.outcome import Outcome
from defcore.model.plan import Plan, PlannedTest
from defcore.model.result import CloudInfo
from defcore.plan import to_json
from defcore.run import runner
from defcore.run.begun import nothing_to_do
from defcore.run.events import Event, OutOfTime, Sweeping, TestEnded, TestsStarted
from defcore.run.exchange import Recorder
from defcore.run.interrupts import Interrupts
from defcore.run.journal import read_journal
from defcore.run.ledger import indexed_runs, left_by
from defcore.run.runner import RunOutcome, RunRequest, run_tests
from tests.fakes.cloud import PASSWORDS, FakeCloud, Reply

pytestmark = pytest.mark.slow
RUN = "33333333-3333-4333-8333-333333333333"
SUITE = """
import os, signal, time
from pathlib import Path
import pytest
from defcore.errors import PromiseBroken
from defcore.model.capability import Service
from defcore.run import deadline

deadline.GRACE = 1.0
HERE = Path(os.environ["MINIATURE"])

def uuid(n):
    return pytest.mark.uuid(f"00000000-0000-4000-8000-{n:012}")

def make(run, name):
    run.ledger.intend(kind="network", cloud="user", path="/v2.0/networks/{id}", name=name)
    run.actor("primary").ask("POST", Service.NETWORK, "/v2.0/networks", json={"network": {"name": name}})

def wait_for_end():
    (HERE / "waiting").touch()
    while not (HERE / "go").exists():
        time.sleep(0.02)

"""
PASSES = "def test_{n}(defcore_run):\n    print(defcore_run.actor('primary').token())\n"
FAILS = "def test_{n}():\n    raise PromiseBroken('answered 500')\n"
DIES = "def test_{n}():\n    os.kill(os.getpid(), signal.SIGKILL)\n"
LEAVES = "def test_{n}(defcore_run):\n    make(defcore_run, 'defcore-33333333-{n}')\n"
SPOILS = """def test_{n}(defcore_run):
    key = defcore_run.ledger.intend(kind='network', cloud='user', path='/v2.0/networks/{{id}}', name='x')
    with Path(defcore_run.orders.folder, 'ledger.jsonl').open('a') as ledger:
        ledger.write('x\\n')
    defcore_run.ledger.removed(key)
"""
WAITS = "def test_{n}(defcore_run):\n    make(defcore_run, 'defcore-33333333-{n}')\n    wait_for_end()\n"
NAMES = "def test_{n}(defcore_run):\n    make(defcore_run, f'defcore-{{defcore_run.tag}}-{n}')\n"
HANGS = "def test_{n}():\n    time.sleep(3600)\n"
HANGS_HARD = """def test_{n}():
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGALRM])
    time.sleep(3600)
"""
FULL = "def test_{n}():\n    raise OSError(28, 'No space left on device', 'ledger.jsonl')\n"


def planned(number: int) -> PlannedTest:
    case = TestCase(
        id=f"00000000-0000-4000-8000-{number:012}",
        name=f"test_{number}",
        nodeid=f"test_x.py::test_{number}",
        service=Service.IDENTITY,
        promise="It is so.",
        reference=None,
    )
    return PlannedTest(case=case, capability="c", why=())


@pytest.fixture
def request_of(cloud: FakeCloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., RunRequest]:
    """A run of a miniature suite made of the bodies given."""

    def make(*bodies: str, workers: int = 1) -> RunRequest:
        suite = tmp_path / "src" / "miniature_suite"
        suite.mkdir(parents=True)
        (suite / "__init__.py").touch()
        tests = [f"@uuid({n})\n{textwrap.dedent(body).format(n=n)}\n" for n, body in enumerate(bodies, start=1)]
        (suite / "test_x.py").write_text(SUITE + "\n".join(tests))
        monkeypatch.syspath_prepend(str(suite.parent))
        monkeypatch.setenv("PYTHONPATH", str(suite.parent))
        monkeypatch.setenv("MINIATURE", str(tmp_path))
        folder = tmp_path / "run"
        folder.mkdir()
        plan = Plan(
            guideline="g",
            guideline_digest="sha256:0",
            target=None,
            components=(),
            selection=(),
            suite_version="0",
            suite_digest="sha256:0",
            tests=tuple(planned(n) for n in range(1, len(bodies) + 1)),
            uncovered=(),
        )
        document = to_json(plan) | {"settings": {"image": {"value": "i", "reason": "r"}}}
        (folder / "plan.json").write_text(json.dumps(document))
        return RunRequest(
            run=RUN,
            folder=folder,
            plan=plan,
            plan_digest="sha256:0",
            cloud=CloudInfo(name="user", cpid="service-identity", region=None, endpoints=(), microversions=()),
            users={"primary": "user"},
            workers=workers,
            limit=60,
            suite="miniature_suite",
        )

    return make


def outcomes(outcome: RunOutcome) -> list[Outcome]:
    return [record.outcome for record in outcome.result.tests]


def kept(folder: Path) -> str:
    return "".join(path.read_text() for path in folder.rglob("*") if path.is_file())


def test_after_the_minutes_of_the_budget_no_more_tests_are_started(
    request_of: Callable[..., RunRequest], monkeypatch: pytest.MonkeyPatch
) -> None:
    request = request_of(PASSES, "def test_{n}():\n    time.sleep(1)\n", *[PASSES] * 4)
    monkeypatch.setattr(runner._Tests, "_time_is_over", lambda tests: bool(tests.done))
    heard: list[Event] = []
    outcome = run_tests(request, heard.append, Recorder())
    assert outcomes(outcome)[:2] == [Outcome.PASSED] * 2, "what runs is let finish"
    assert outcomes(outcome)[-1] is Outcome.NOT_RUN
    assert not outcome.result.run.complete
    assert heard.count(OutOfTime(minutes=480)) == 1
    assert [(one.code, "--resume" in (one.hint or "")) for one in outcome.problems] == [("run.minutes", True)]


@pytest.mark.parametrize(("minute", "over"), [(60.0, False), (0.0, True)])
def test_the_minutes_of_the_budget_are_counted_from_the_start(
    request_of: Callable[..., RunRequest], monkeypatch: pytest.MonkeyPatch, minute: float, over: bool
) -> None:
    monkeypatch.setattr(runner, "MINUTE", minute)
    request = request_of()
    runner._begin(request)
    tests = runner._Tests(request, lambda _: None, Recorder(), Interrupts())
    assert tests._time_is_over() is over


def test_a_run_to_its_end(cloud: FakeCloud, request_of: Callable[..., RunRequest]) -> None:
    request = request_of(PASSES, FAILS, LEAVES, workers=2)
    heard: list[Event] = []
    outcome = run_tests(request, heard.append, Recorder())
    assert outcomes(outcome) == [Outcome.PASSED, Outcome.FAILED, Outcome.PASSED]
    assert (outcome.problems, outcome.result.run.complete, outcome.result.leftovers) == ((), True, ())
    assert heard[0] == TestsStarted(total=3, workers=2)
    assert sorted(one.done for one in heard if isinstance(one, TestEnded)) == [1, 2, 3]
    assert Sweeping(count=1) in heard
    assert cloud.rows("/network/v2.0/networks") == []
    assert indexed_runs() == ()
    assert sorted(path.name for path in request.folder.iterdir()) == [
        "evidence",
        "journal.jsonl",
        "ledger.jsonl",
        "plan.json",
        "pytest.log",
    ]
    for secret in (PASSWORDS["user"], *cloud.tokens):
        assert secret not in kept(request.folder)


def test_a_seed_gives_an_order_of_its_own_on_every_number_of_workers(request_of: Callable[..., RunRequest]) -> None:
    request = replace(request_of(*[PASSES] * 8), shuffle=3)
    run_tests(request, lambda event: None, Recorder())
    shuffled = [line.test for line in read_journal(request.folder).lines]
    planned_order = [test.case.id for test in request.plan.tests]
    assert sorted(shuffled) == planned_order
    assert shuffled != planned_order
    expected = list(planned_order)
    random.Random(3).shuffle(expected)
    assert shuffled == expected


def test_a_challenge_stands_in_names_and_in_the_result(request_of: Callable[..., RunRequest]) -> None:
    request = replace(request_of(NAMES), challenge="Board2026x")
    outcome = run_tests(request, lambda event: None, Recorder())
    assert outcome.result.run.challenge == "Board2026x"
    assert '"name":"defcore-33333333-Board2026x-1"' in (request.folder / "ledger.jsonl").read_text()
    assert read_result(result_document(outcome.result)).run == outcome.result.run


def test_a_worker_that_dies_is_replaced_and_its_test_is_an_error(request_of: Callable[..., RunRequest]) -> None:
    outcome = run_tests(request_of(DIES, PASSES, DIES, PASSES), lambda event: None, Recorder())
    assert outcomes(outcome) == [Outcome.ERROR, Outcome.PASSED, Outcome.ERROR, Outcome.PASSED]
    assert outcome.result.tests[0].reason == "its worker crashed: ended by SIGKILL"
    assert outcome.result.run.complete


def test_a_test_that_hangs_is_an_error(request_of: Callable[..., RunRequest]) -> None:
    outcome = run_tests(replace(request_of(HANGS, PASSES), limit=1), lambda event: None, Recorder())
    assert outcomes(outcome) == [Outcome.ERROR, Outcome.PASSED]
    assert "took longer than" in (outcome.result.tests[0].reason or "")
    assert list(outcome.result.tests[0].findings[0].seen.splitlines()) == ["miniature_suite/test_x.py:26 in test_1"]


def test_a_test_that_lets_no_exception_through_ends_with_its_worker_and_tells_where_it_stood(
    request_of: Callable[..., RunRequest],
) -> None:
    request = request_of(HANGS_HARD, PASSES)
    outcome = run_tests(replace(request, limit=1), lambda event: None, Recorder())
    assert outcomes(outcome) == [Outcome.ERROR, Outcome.PASSED]
    reason = (outcome.result.tests[0].reason or "").splitlines()
    assert reason[0] == "its worker crashed: it hung, and was ended; it stood at"
    assert [place.partition(":")[0] for place in reason[1:]] == ["miniature_suite/test_x.py"]
    assert reason[1].endswith(" in test_1")
    assert not nothing_to_do(request.plan, read_journal(request.folder)), "it is tried again when the run is resumed"


def test_an_attempt_that_cannot_be_written_down_is_none(request_of: Callable[..., RunRequest]) -> None:
    request = request_of(PASSES, FULL, PASSES)
    outcome = run_tests(request, lambda event: None, Recorder())
    assert outcomes(outcome) == [Outcome.PASSED, Outcome.NOT_RUN, Outcome.NOT_RUN]
    assert [problem.code for problem in outcome.problems] == ["run.journal"]
    assert f"defcore run --resume {request.folder}" in (outcome.problems[0].hint or "")
    assert "No space left on device" in (request.folder / "pytest.log").read_text()


def test_what_cannot_be_removed_is_in_the_result_and_stays_in_the_index(
    cloud: FakeCloud, request_of: Callable[..., RunRequest]
) -> None:
    cloud.answer("DELETE", "/networks/", lambda _: Reply(403, {"NeutronError": "no"}))
    outcome = run_tests(request_of(LEAVES), lambda event: None, Recorder())
    (leftover,) = outcome.result.leftovers
    assert (leftover.kind, leftover.name) == ("network", "defcore-33333333-1")
    assert "403" in leftover.reason
    assert [run.id for run in indexed_runs()] == [RUN]


def test_a_run_whose_ledger_is_damaged_is_not_taken_for_one_that_left_nothing(
    request_of: Callable[..., RunRequest],
) -> None:
    outcome = run_tests(request_of(SPOILS), lambda event: None, Recorder())
    (leftover,) = outcome.result.leftovers
    assert (leftover.kind, leftover.name) == ("ledger", "ledger.jsonl")
    assert read_result(result_document(outcome.result)).leftovers == (leftover,)
    assert [run.id for run in indexed_runs()] == [RUN]


def test_ctrl_c_lets_what_runs_finish_and_starts_no_more(
    cloud: FakeCloud, request_of: Callable[..., RunRequest], tmp_path: Path
) -> None:
    request = request_of(WAITS, PASSES, PASSES)

    def listener(event: Event) -> None:
        if type(event).__name__ == "Stopping":
            until((request.folder / "stop").exists, (tmp_path / "go").touch)

    timer = interrupt_when(tmp_path / "waiting")
    outcome = run_tests(request, listener, Recorder())
    timer.wait(10)
    assert outcomes(outcome)[0] is Outcome.PASSED
    assert outcomes(outcome)[1:] == [Outcome.NOT_RUN, Outcome.NOT_RUN]
    assert [problem.code for problem in outcome.problems] == ["run.interrupted"]
    assert not outcome.result.run.complete
    assert cloud.rows("/network/v2.0/networks") == []


def test_ctrl_c_twice_cuts_off_and_cleans_up_all_the_same(
    cloud: FakeCloud, request_of: Callable[..., RunRequest], tmp_path: Path
) -> None:
    request = request_of(PASSES, WAITS, PASSES)
    timer = interrupt_when(tmp_path / "waiting", times=2)
    outcome = run_tests(request, lambda event: None, Recorder())
    timer.wait(10)
    assert outcomes(outcome) == [Outcome.PASSED, Outcome.NOT_RUN, Outcome.NOT_RUN]
    assert not outcome.result.run.complete
    assert cloud.rows("/network/v2.0/networks") == []
    assert indexed_runs() == ()


@pytest.mark.parametrize(("number", "heard"), [(signal.SIGHUP, 0), (signal.SIGINT, 1), (signal.SIGTERM, 1)])
def test_the_end_of_the_terminal_stays_unheard_where_the_run_was_started_deaf_to_it(number: int, heard: int) -> None:
    """As `nohup` does it. A shell's background is deaf to Ctrl-C as well, which somebody must have sent there."""
    before = signal.signal(number, signal.SIG_IGN)
    try:
        with Interrupts() as interrupts:
            os.kill(os.getpid(), number)
            assert interrupts.count == heard
        assert signal.getsignal(number) is signal.SIG_IGN
    finally:
        signal.signal(number, before)


def interrupt_when(file: Path, *, times: int = 1) -> subprocess.Popen[bytes]:
    """Another process, which sends Ctrl-C to this one when the file is there."""
    code = f"""
import os, pathlib, signal, time
for _ in range({times}):
    while not pathlib.Path({str(file)!r}).exists():
        time.sleep(0.02)
    os.kill({os.getpid()}, signal.SIGINT)
    time.sleep(0.6)
"""
    return subprocess.Popen([sys.executable, "-c", code])


def until(condition: Callable[[], bool], then: Callable[[], None]) -> None:
    """Do it in the background as soon as the condition holds."""
    import threading

    def wait() -> None:
        end = time.monotonic() + 30
        while not condition() and time.monotonic() < end:
            time.sleep(0.02)
        then()

    threading.Thread(target=wait, daemon=True).start()


def test_kill_9_of_the_run_ends_its_workers_and_the_sweep_finds_what_is_left(
    cloud: FakeCloud, request_of: Callable[..., RunRequest], tmp_path: Path
) -> None:
    request = request_of(WAITS, PASSES)
    code = f"""
import pickle, sys
from defcore.run.exchange import Recorder
from defcore.run.runner import run_tests
run_tests(pickle.loads({__import__("pickle").dumps(request)!r}), lambda event: None, Recorder())
"""
    run = subprocess.Popen([sys.executable, "-c", code])
    wait_until((tmp_path / "waiting").exists)
    (indexed,) = indexed_runs()
    assert indexed.alive
    run.send_signal(signal.SIGKILL)
    run.wait(10)
    wait_until(lambda: not indexed.alive)
    assert len(left_by(request.folder)) == 1
    swept = subprocess.run(
        [sys.executable, "-m", "defcore", "sweep", "--cloud", "user"], capture_output=True, text=True, check=False
    )
    assert swept.returncode == 0, swept.stdout + swept.stderr
    assert "removed network defcore-33333333-1" in swept.stdout
    assert cloud.rows("/network/v2.0/networks") == []
    assert indexed_runs() == ()


def wait_until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.02)


def test_a_journal_that_cannot_be_written_ends_the_run_with_the_reason(
    request_of: Callable[..., RunRequest], monkeypatch: pytest.MonkeyPatch
) -> None:
    request = request_of(PASSES, PASSES)
    plugin = "import errno, os\nfrom defcore.run.journal import JournalWriter\n"
    plugin += "def full(self, document): raise OSError(errno.ENOSPC, 'No space left on device')\n"
    plugin += "JournalWriter._write = full\n"
    (Path(os.environ["PYTHONPATH"]) / "sitecustomize.py").write_text(plugin)
    outcome = run_tests(request, lambda event: None, Recorder())
    assert [problem.code for problem in outcome.problems] == ["run.journal"]
    assert outcomes(outcome) == [Outcome.NOT_RUN, Outcome.NOT_RUN]


def test_a_plan_without_tests_is_a_run_all_the_same(request_of: Callable[..., RunRequest]) -> None:
    outcome = run_tests(request_of(), lambda event: None, Recorder())
    assert (outcomes(outcome), outcome.result.run.complete) == ([], False)
