"""A run that was cut off goes on: finished attempts are not made again, and nothing that was measured is lost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from defcore.errors import InputError
from defcore.model.outcome import Attempt, Outcome
from defcore.run.begun import check_ended, check_users, nothing_to_do, open_begun
from defcore.run.events import Event, TestEnded, TestsStarted
from defcore.run.exchange import Recorder
from defcore.run.folder import alone
from defcore.run.journal import FILE, Identity, Line, Resumed, read_journal
from defcore.run.ledger import index_run, indexed_runs
from defcore.run.result import make_result
from defcore.run.runner import RunRequest, run_tests
from tests.fakes.cloud import FakeCloud
from tests.run.test_journal import FOOTER, HEADER, LINE, codes, written
from tests.run.test_runner import LEAVES, PASSES, outcomes, request_of

__all__ = ["request_of"]
COUNTS = "def test_{n}():\n    (HERE / 'ran').open('a').write('{n}')\n"
DIES_ONCE = """def test_{n}():
    (HERE / 'ran').open('a').write('{n}')
    if not (HERE / 'died').exists():
        (HERE / 'died').touch()
        os.kill(os.getpid(), signal.SIGKILL)
"""
MEETS_NOBODY_ONCE = """def test_{n}(defcore_run):
    user = defcore_run.actor('primary')
    user.http.patience = 0
    if not (HERE / 'away').exists():
        (HERE / 'away').touch()
        user.request('GET', 'http://127.0.0.1:1/', headers={{}}, data=None, timeout=5)
"""
ENDS_ALL = """def test_{n}(defcore_run):
    (HERE / 'ran').open('a').write('{n}')
    if not (HERE / 'ended').exists():
        (HERE / 'ended').touch()
        make(defcore_run, 'defcore-33333333-{n}')
        os.killpg(0, signal.SIGKILL)
"""


def ran(tmp_path: Path) -> str:
    """The numbers of the tests as they were run."""
    return (tmp_path / "ran").read_text()


@pytest.mark.slow
def test_only_what_is_not_finished_is_run(
    cloud: FakeCloud, request_of: Callable[..., RunRequest], tmp_path: Path
) -> None:
    request = request_of(COUNTS, ENDS_ALL, COUNTS)
    broken = run_tests(request, lambda event: None, Recorder())
    assert outcomes(broken) == [Outcome.PASSED, Outcome.NOT_RUN, Outcome.NOT_RUN]
    assert "SIGKILL" in broken.problems[0].message
    (request.folder / FILE).open("ab").write(b'{"type": "attempt", "test"')
    heard: list[Event] = []
    resumed = run_tests(replace(request, resume=True), heard.append, Recorder())
    assert outcomes(resumed) == [Outcome.PASSED] * 3
    assert (resumed.problems, resumed.result.run.complete, resumed.result.leftovers) == ((), True, ())
    assert ran(tmp_path) == "1223"
    assert cloud.rows("/network/v2.0/networks") == []
    assert indexed_runs() == ()
    assert TestsStarted(total=3, workers=1, done=1) in heard
    assert [one.done for one in heard if isinstance(one, TestEnded)] == [2, 3]
    journal = read_journal(request.folder)
    assert [one.lines for one in journal.resumed] == [1]
    assert nothing_to_do(request.plan, journal)


@pytest.mark.slow
def test_a_run_goes_on_in_the_folder_to_which_it_was_moved(
    cloud: FakeCloud, request_of: Callable[..., RunRequest], tmp_path: Path
) -> None:
    request = request_of(COUNTS, ENDS_ALL, COUNTS)
    run_tests(request, lambda event: None, Recorder())
    moved = request.folder.rename(tmp_path / "elsewhere")
    resumed = run_tests(replace(request, folder=moved, resume=True), lambda event: None, Recorder())
    assert (outcomes(resumed), resumed.problems) == ([Outcome.PASSED] * 3, ())
    assert ran(tmp_path) == "1223"
    assert cloud.rows("/network/v2.0/networks") == []
    assert not request.folder.exists()
    assert indexed_runs() == ()


@pytest.mark.slow
def test_a_test_that_died_with_its_worker_is_run_again_and_both_attempts_are_kept(
    request_of: Callable[..., RunRequest], tmp_path: Path
) -> None:
    request = request_of(COUNTS, DIES_ONCE, COUNTS)
    first = run_tests(request, lambda event: None, Recorder())
    assert outcomes(first) == [Outcome.PASSED, Outcome.ERROR, Outcome.PASSED]
    assert "ended by SIGKILL" in (first.result.tests[1].reason or "")
    assert not nothing_to_do(request.plan, read_journal(request.folder))
    resumed = run_tests(replace(request, resume=True), lambda event: None, Recorder())
    assert outcomes(resumed) == [Outcome.PASSED] * 3
    assert [(one.n, one.outcome) for one in resumed.result.tests[1].attempts] == [
        (1, Outcome.ERROR),
        (2, Outcome.PASSED),
    ]
    assert ran(tmp_path) == "1232"


@pytest.mark.slow
def test_a_test_that_met_a_cloud_that_was_away_is_run_again(request_of: Callable[..., RunRequest]) -> None:
    request = request_of(COUNTS, MEETS_NOBODY_ONCE)
    first = run_tests(request, lambda event: None, Recorder())
    assert outcomes(first) == [Outcome.PASSED, Outcome.ERROR]
    assert [one.kind for one in first.result.tests[1].findings] == ["away"]
    assert [one.code for one in first.problems] == ["run.away"]
    assert "could not be reached by 1 tests" in first.problems[0].message
    resumed = run_tests(replace(request, resume=True), lambda event: None, Recorder())
    assert outcomes(resumed) == [Outcome.PASSED] * 2
    assert (resumed.problems, resumed.result.run.complete) == ((), True)


@pytest.mark.slow
def test_rounds_are_counted_by_test(request_of: Callable[..., RunRequest], tmp_path: Path) -> None:
    request = request_of(COUNTS, COUNTS)
    request = replace(request, plan=replace(request.plan, repeat=3), shuffle=1)
    run_tests(request, lambda event: None, Recorder())
    path = request.folder / FILE
    whole = ran(tmp_path)
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:4]))  # header and three attempts
    (tmp_path / "ran").unlink()
    resumed = run_tests(replace(request, resume=True), lambda event: None, Recorder())
    assert ran(tmp_path) == whole[3:], "the same order as if it had not been cut off"
    assert resumed.result.run.complete
    assert [[attempt.n for attempt in one.attempts] for one in resumed.result.tests] == [[1, 2, 3]] * 2


@pytest.mark.slow
def test_a_run_that_was_cut_off_after_its_last_test_only_ends(
    request_of: Callable[..., RunRequest], tmp_path: Path
) -> None:
    request = request_of(COUNTS, COUNTS)
    run_tests(request, lambda event: None, Recorder())
    path = request.folder / FILE
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-1]))
    resumed = run_tests(replace(request, resume=True), lambda event: None, Recorder())
    assert (resumed.problems, resumed.result.run.complete) == ((), True)
    assert ran(tmp_path) == "12"


@pytest.mark.slow
def test_an_attempt_whose_line_cannot_be_read_is_made_again_once(
    request_of: Callable[..., RunRequest], tmp_path: Path
) -> None:
    request = request_of(COUNTS)
    request = replace(request, plan=replace(request.plan, repeat=3))
    assert run_tests(request, lambda event: None, Recorder()).result.run.complete
    path = request.folder / FILE
    rows = path.read_text().splitlines(keepends=True)
    path.write_text("".join([*rows[:2], rows[2][:50] + "\n", *rows[3:]]))
    resumed = run_tests(replace(request, resume=True), lambda event: None, Recorder())
    assert (resumed.problems, resumed.result.run.complete) == ((), True)
    assert [one.where for one in resumed.settled] == [f"{path}:3"]
    assert [attempt.n for attempt in resumed.result.tests[0].attempts] == [1, 3, 4]
    assert ran(tmp_path) == "1111"
    assert nothing_to_do(request.plan, read_journal(request.folder))


# --- the journal ---------------------------------------------------------------------------------------------


def at(second: int, line: Line = LINE, **attempt: object) -> Line:
    started = f"2026-01-01T00:{second // 60:02}:{second % 60:02}+00:00"
    return replace(line, attempt=replace(line.attempt, started=started, **attempt))  # type: ignore[arg-type]


def resumed_after(lines: int, at: str = "2026-01-01T00:10:00+00:00") -> Resumed:
    return Resumed(at=at, lines=lines)


def test_a_torn_line_is_settled_by_the_line_that_resumes(tmp_path: Path) -> None:
    path = written(tmp_path, HEADER, LINE, LINE)
    path.write_bytes(path.read_bytes()[:-30])
    written(tmp_path, resumed_after(1), LINE, FOOTER)
    journal = read_journal(tmp_path)
    assert (journal.problems, journal.lines, journal.complete) == ((), (LINE, LINE), True)
    assert journal.resumed == (resumed_after(1),)


def test_a_torn_line_that_nothing_follows_up_stays_a_problem(tmp_path: Path) -> None:
    path = written(tmp_path, HEADER, resumed_after(0), LINE, LINE)
    path.write_bytes(path.read_bytes()[:-30])
    written(tmp_path, LINE, FOOTER)
    assert codes(tmp_path) == ["journal.line"]


def test_a_footer_holds_for_what_is_before_it(tmp_path: Path) -> None:
    written(tmp_path, HEADER, LINE, replace(FOOTER, ended="stopped"), resumed_after(1))
    assert codes(tmp_path) == ["journal.footer"]
    written(tmp_path, FOOTER)
    assert read_journal(tmp_path).complete


def test_the_seconds_are_those_of_the_parts(tmp_path: Path, request_of: Callable[..., RunRequest]) -> None:
    plan = request_of(PASSES).plan
    written(tmp_path, HEADER, at(5, seconds=1.5), resumed_after(1), at(602, seconds=4.0))
    assert make_result(plan, read_journal(tmp_path)).run.seconds == 6.5 + 6
    written(tmp_path, replace(FOOTER, finished="2026-01-01T00:10:10+00:00"))
    assert make_result(plan, read_journal(tmp_path)).run.seconds == 6.5 + 10


def test_a_line_that_cannot_be_written_leaves_nothing_behind(tmp_path: Path) -> None:
    """RLIMIT_FSIZE: a file that may not grow beyond what it has."""
    code = f"""
import resource, signal, sys
from pathlib import Path
sys.path.insert(0, {str(Path(__file__).parents[2])!r})
from defcore.run.journal import JournalWriter
from tests.run.test_journal import HEADER, LINE
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
writer = JournalWriter(Path({str(tmp_path)!r}))
writer.header(HEADER)
writer.line(LINE)
size = writer.path.stat().st_size
resource.setrlimit(resource.RLIMIT_FSIZE, (size + 20, size + 20))
try:
    writer.line(LINE)
except OSError as error:
    print(error.filename)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == str(tmp_path / FILE)
    assert codes(tmp_path) == ["journal.footer"]
    assert read_journal(tmp_path).lines == (LINE,)


# --- whether a run can go on -----------------------------------------------------------------------------------


def begun_with(folder: Path, plan: str = "{}") -> Path:
    import hashlib

    (folder / "plan.json").write_text(plan)
    digest = f"sha256:{hashlib.sha256(plan.encode()).hexdigest()}"
    written(folder, replace(HEADER, plan=digest), LINE)
    return folder


@pytest.mark.parametrize(
    ("spoil", "code"),
    [
        (lambda folder: (folder / "plan.json").unlink(), "begun.plan"),
        (lambda folder: (folder / "plan.json").write_text("{} "), "begun.plan-digest"),
        (lambda folder: (folder / FILE).unlink(), "journal.missing"),
        (lambda folder: (folder / FILE).write_bytes(b""), "journal.empty"),
        (lambda folder: (folder / FILE).write_bytes((folder / FILE).read_bytes()[:100]), "journal.empty"),
        (lambda folder: (folder / FILE).write_bytes(b"\0" * 4096), "journal.empty"),
    ],
    ids=["no plan", "another plan", "no journal", "empty journal", "torn header", "zeros after a loss of power"],
)
def test_what_cannot_be_used_is_told(tmp_path: Path, spoil: Callable[[Path], None], code: str) -> None:
    spoil(begun_with(tmp_path))
    with pytest.raises(InputError) as error:
        open_begun(tmp_path)
    assert error.value.problems[0].code == code


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ((), "remove the folder"),
        ((".plan.json.1.part",), "remove the folder"),
        (("thesis.txt",), "name the folder of a run"),
        ((FILE, "evidence"), "put back the plan"),
    ],
)
def test_a_folder_without_a_plan_may_be_anything(tmp_path: Path, names: tuple[str, ...], words: str) -> None:
    for name in names:
        (tmp_path / name).touch()
    with pytest.raises(InputError) as error:
        open_begun(tmp_path)
    (problem,) = error.value.problems
    assert problem.code == "begun.plan"
    assert words in (problem.hint or "")


@pytest.mark.parametrize("schema", ["defcore/journal/2", "defcore/journal/1"])
def test_nobody_is_told_to_remove_what_was_measured(tmp_path: Path, schema: str) -> None:
    """A journal of another defcore, or one whose first line was spoiled, may hold all that was measured."""
    path = begun_with(tmp_path) / FILE
    header, *rest = path.read_text().splitlines(keepends=True)
    path.write_text(header.replace('"plan":', '"PLAN":').replace("defcore/journal/1", schema) + "".join(rest))
    with pytest.raises(InputError) as error:
        open_begun(tmp_path)
    (problem,) = error.value.problems
    assert problem.code == "journal.header"
    assert "remove" not in f"{problem.message} {problem.hint}"
    path.write_text(path.read_text().replace('"attempt"', '"essay"'))
    with pytest.raises(InputError) as error:
        open_begun(tmp_path)
    assert error.value.problems[0].code == "journal.header", "nor if no line of it is known"


def test_a_run_that_is_alive_does_not_go_on(tmp_path: Path, cloud: FakeCloud) -> None:
    begun = open_begun(begun_with(tmp_path))
    check_ended(begun, now=0.0)
    index_run(HEADER.run, tmp_path, ("c",))
    with pytest.raises(InputError) as error:
        check_ended(begun, now=0.0, patience=0.2)
    assert str(os.getpid()) in error.value.problems[0].message


def test_a_run_on_another_machine_goes_on_after_a_long_silence(tmp_path: Path, cloud: FakeCloud) -> None:
    begun = open_begun(begun_with(tmp_path))
    process = {"event": "open", "pid": 1, "start": "1", "machine": "elsewhere/1"}
    (tmp_path / "ledger.jsonl").write_text(json.dumps(process) + "\n")
    heard = datetime(2026, 1, 1, 0, 0, 2, 500_000, tzinfo=UTC).timestamp()
    with pytest.raises(InputError) as error:
        check_ended(begun, now=heard + 3600)
    (problem,) = error.value.problems
    assert "elsewhere" in problem.message
    assert "in 60 minutes" in (problem.hint or "")
    check_ended(begun, now=heard + 3 * 3600)


def test_the_users_are_those_of_before_but_for_one_that_is_used_up(tmp_path: Path) -> None:
    begun = open_begun(begun_with(tmp_path))
    roles = ("primary", "disposable")
    before = tuple(Identity(role=role, user="u", project="p") for role in roles)
    journal = replace(begun.journal, header=replace(begun.journal.header, identities=before))
    others = tuple(Identity(role=role, user="other", project="p") for role in roles)
    check_users(replace(begun, journal=journal), before)
    check_users(replace(begun, journal=journal), others[1:])
    check_users(begun, others)
    with pytest.raises(InputError, match="c: user: other, before u"):
        check_users(replace(begun, journal=journal), others)
    with pytest.raises(InputError, match="project: another, before p"):
        check_users(replace(begun, journal=journal), [replace(others[1], project="another")])


def test_two_processes_are_not_at_work_in_one_run_folder(tmp_path: Path) -> None:
    with alone(tmp_path), pytest.raises(InputError) as error, alone(tmp_path):
        pass
    assert error.value.problems[0].code == "run.alive"
    with alone(tmp_path):
        pass


def test_an_error_that_the_cloud_caused_is_finished(tmp_path: Path) -> None:
    error = Attempt(n=1, outcome=Outcome.ERROR, started=LINE.attempt.started, seconds=1.0, reason="no answer")
    written(tmp_path, HEADER, replace(LINE, attempt=error))
    assert read_journal(tmp_path).finished == {LINE.nodeid: 1}


# --- kill -9 of pytest's controller alone ------------------------------------------------------------------------


@pytest.mark.slow
def test_the_run_ends_in_order_when_its_controller_is_killed(
    request_of: Callable[..., RunRequest], tmp_path: Path
) -> None:
    kills = "def test_{n}():\n    os.kill(os.getppid(), signal.SIGKILL)\n    time.sleep(60)\n"
    request = request_of(PASSES, kills, LEAVES)
    outcome = run_tests(request, lambda event: None, Recorder())
    assert outcomes(outcome) == [Outcome.PASSED, Outcome.NOT_RUN, Outcome.NOT_RUN]
    assert [problem.code for problem in outcome.problems] == ["run.pytest"]
    assert not outcome.result.run.complete
