"""From what happens in a test to its outcome: FAILED is about the cloud, ERROR about us."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from defcore.errors import Absent, CannotTell, Prerequisite, PromiseBroken
from defcore.model.outcome import Cause, Outcome
from defcore.run.outcomes import Phase, crashed, fold_phases, judge_phase, missing_needs
from tests.fakes.cloud import PASSWORDS, FakeCloud

pytest_plugins = ["pytester"]
HERE = (Path(__file__).parent,)

SUITE = """
import os
import pytest
from defcore.errors import Absent, CannotTell, Prerequisite, PromiseBroken
from defcore.model.capability import Service
from defcore.model.outcome import Finding

def uuid(n):
    return pytest.mark.uuid(f"00000000-0000-4000-8000-{n:012}")

@pytest.fixture
def leaves_something():
    yield
    raise CannotTell("clean-up left 1: server 7")

@pytest.fixture
def broken_setup():
    raise PromiseBroken("the cloud said no")

@pytest.fixture
def broken_teardown():
    yield
    assert False, "teardown asserts"

@uuid(1)
def test_passes(defcore_run):
    user = defcore_run.actor("primary")
    assert user.ask("GET", Service.COMPUTE, "/flavors/detail").status_code == 200
    defcore_run.note(Finding(kind="additional-property", where="GET /", expected="none", seen="x"))

@uuid(2)
def test_promise_broken():
    raise PromiseBroken("answered 500", expected="200", seen="500")

@uuid(3)
def test_plain_assertion():
    assert 1 == 2, "one is not two"

@uuid(4)
def test_absent():
    raise Absent("no such thing")

@uuid(5)
def test_prerequisite():
    raise Prerequisite("wants more")

@uuid(6)
def test_cannot_tell():
    raise CannotTell("no answer")

@uuid(7)
def test_bug():
    {}["missing"]

@uuid(8)
def test_broken_setup(broken_setup):
    pass

@uuid(9)
def test_passes_and_leaves(leaves_something):
    pass

@uuid(10)
def test_fails_and_leaves(leaves_something):
    raise PromiseBroken("answered 500")

@uuid(11)
def test_broken_teardown(broken_teardown):
    pass

@uuid(12)
@pytest.mark.needs("alt")
def test_needs_alt(broken_setup):
    pass

@uuid(13)
def test_pytest_skip():
    pytest.skip("for no reason")

@uuid(14)
def test_tells_a_secret(defcore_run):
    user = defcore_run.actor("primary")
    print("token", user.token())
    secret = user.credentials["password"]
    raise PromiseBroken(f"seen {secret} and {user.token()}", expected="x", seen=secret)

@uuid(15)
def test_asserts_in_a_library():
    from defcore_library import check
    check()

@uuid(16)
def test_crashes(pytestconfig):
    if hasattr(pytestconfig, "workerinput"):
        os.kill(os.getpid(), 9)

@uuid(17)
def test_hangs(defcore_run):
    defcore_run.actor("primary").ask("GET", Service.COMPUTE, "/flavors/detail")
    wait_for_ever()

def wait_for_ever():
    while True:
        pass
"""
EXPECTED = {
    "test_passes": ("PASSED", None),
    "test_promise_broken": ("FAILED", None),
    "test_plain_assertion": ("FAILED", None),
    "test_absent": ("SKIPPED", "absent"),
    "test_prerequisite": ("SKIPPED", "prerequisite"),
    "test_cannot_tell": ("ERROR", None),
    "test_bug": ("ERROR", None),
    "test_broken_setup": ("ERROR", None),
    "test_passes_and_leaves": ("PASSED", None),
    "test_fails_and_leaves": ("FAILED", None),
    "test_broken_teardown": ("ERROR", None),
    "test_needs_alt": ("SKIPPED", "prerequisite"),
    "test_pytest_skip": ("ERROR", None),
    "test_tells_a_secret": ("FAILED", None),
    "test_asserts_in_a_library": ("ERROR", None),
    "test_crashes": ("ERROR", None),
    "test_hangs": ("ERROR", None),
}


def journal(folder: Path) -> dict[str, dict[str, Any]]:
    lines = [json.loads(line) for line in (folder / "journal.jsonl").read_text().splitlines()]
    return {line["nodeid"].rpartition("::")[2]: line for line in lines if line["type"] == "attempt"}


@pytest.mark.slow
@pytest.mark.parametrize("workers", [(), ("-n", "2", "--max-worker-restart", "9")], ids=["plain", "xdist"])
def test_each_way_to_end_has_its_outcome(
    cloud: FakeCloud,
    pytester: pytest.Pytester,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    workers: tuple[str, ...],
) -> None:
    pytester.makepyfile(test_suite=SUITE)
    library = tmp_path / "elsewhere"
    library.mkdir()
    (library / "defcore_library.py").write_text("def check():\n    assert False, 'inner trouble'\n")
    monkeypatch.setenv("PYTHONPATH", str(library))
    ran = pytester.runpytest_subprocess(
        "test_suite.py", "--defcore-cloud=user", "--defcore-run=run", "--defcore-limit=1", "--showlocals", *workers
    )
    lines = journal(pytester.path / "run")
    expected = EXPECTED if workers else EXPECTED | {"test_crashes": ("PASSED", None)}
    assert {name: (line["outcome"], line["cause"]) for name, line in lines.items()} == expected
    assert [one["kind"] for one in lines["test_passes_and_leaves"]["findings"]] == ["leftover"]
    assert [one["kind"] for one in lines["test_fails_and_leaves"]["findings"]] == ["leftover"]
    assert lines["test_promise_broken"]["expected"] == "200"
    assert "alt-cloud" in str(lines["test_needs_alt"]["reason"])
    assert_told_where_it_hung(lines["test_hangs"])
    shown = ran.stdout.str() + ran.stderr.str()
    kept = "".join(path.read_text() for path in (pytester.path / "run").rglob("*") if path.is_file())
    for secret in (PASSWORDS["user"], *cloud.tokens):
        assert secret not in shown
        assert secret not in kept


def assert_told_where_it_hung(line: dict[str, Any]) -> None:
    reason = line["reason"]
    assert "the test took longer than 1 s" in reason
    assert "its last request was GET http://127.0.0.1:" in reason
    assert "/flavors/detail" in reason
    assert "it stood at test_suite.py:" in reason
    (finding,) = line["findings"]
    assert (finding["kind"], finding["where"].partition(" ")[0]) == ("hang", "GET")
    places = finding["seen"].splitlines()
    assert [place.partition(" in ")[2] for place in places] == ["wait_for_ever", "test_hangs"], "and no machinery"


def test_the_plugin_is_inert_without_its_option(pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_x():\n    assert True\n")
    pytester.runpytest_subprocess("-q").assert_outcomes(passed=1)


def test_an_unknown_cloud_is_a_usage_error(cloud: FakeCloud, pytester: pytest.Pytester) -> None:
    pytester.makepyfile("def test_x():\n    assert True\n")
    ran = pytester.runpytest_subprocess("--defcore-cloud=usr")
    assert ran.ret == pytest.ExitCode.USAGE_ERROR
    ran.stderr.fnmatch_lines(["*no cloud 'usr'*"])


def test_a_plan_selects_the_tests(cloud: FakeCloud, pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_suite=SUITE)
    test = {"id": "00000000-0000-4000-8000-000000000003", "nodeid": "test_suite.py::test_plain_assertion"}
    (pytester.path / "plan.json").write_text(json.dumps({"tests": [test], "settings": {}}))
    pytester.runpytest_subprocess("test_suite.py", "--defcore-cloud=user", "--defcore-plan=plan.json").assert_outcomes(
        failed=1, deselected=16
    )


def test_exclusive_tests_are_alone_with_their_kind(cloud: FakeCloud, pytester: pytest.Pytester) -> None:
    """Each test notes when it holds the kind; an exclusive one must overlap with no other."""
    pytester.makepyfile(
        test_suite="""
import time
import pytest

def hold(defcore_run, who):
    if who == "shared":
        defcore_run.ledger.removed(defcore_run.ledger.intend(kind="volume", cloud="user", path="/{id}", name="x"))
    begun = time.monotonic()
    end = begun + 0.05
    while time.monotonic() < end:
        pass
    with open("held.txt", "a") as file:
        file.write(f"{who} {begun} {time.monotonic()}\\n")

@pytest.mark.parametrize("n", range(9))
def test_shared(defcore_run, n):
    hold(defcore_run, "shared")

@pytest.mark.parametrize("n", range(3))
@pytest.mark.exclusive("volume", "snapshot")
def test_alone(defcore_run, n):
    hold(defcore_run, "alone")
"""
    )
    ran = pytester.runpytest_subprocess("--defcore-cloud=user", "-n", "3", "--dist=load", "--maxschedchunk=1")
    ran.assert_outcomes(passed=12)
    held = [line.split() for line in (pytester.path / "held.txt").read_text().splitlines()]
    spans = [(who, float(begun), float(ended)) for who, begun, ended in held]
    for who, begun, ended in spans:
        if who == "alone":
            overlapping = [one for one in spans if one[1] < ended and one[2] > begun]
            assert len(overlapping) == 1


@pytest.mark.parametrize(
    ("error", "when", "expected"),
    [
        (None, "call", Outcome.PASSED),
        (PromiseBroken("x"), "call", Outcome.FAILED),
        (PromiseBroken("x"), "setup", Outcome.ERROR),
        (PromiseBroken("x"), "teardown", Outcome.ERROR),
        (AssertionError("raised by nobody of ours"), "call", Outcome.ERROR),
        (Absent("x"), "setup", Outcome.SKIPPED),
        (Prerequisite("x"), "call", Outcome.SKIPPED),
        (CannotTell("x"), "call", Outcome.ERROR),
        (RuntimeError("x"), "call", Outcome.ERROR),
        (KeyboardInterrupt(), "call", Outcome.ERROR),
    ],
)
def test_a_phase_is_judged_by_its_error(error: BaseException | None, when: str, expected: Outcome) -> None:
    assert judge_phase(when, error, HERE).outcome is expected


def phase(when: str, outcome: Outcome, *, cleanup: bool = False) -> Phase:
    return Phase(when=when, outcome=outcome, reason="r", cleanup=cleanup)


SET_UP = phase("setup", Outcome.PASSED)


@pytest.mark.parametrize(
    ("phases", "outcome", "kinds"),
    [
        ((SET_UP, phase("call", Outcome.PASSED), phase("teardown", Outcome.PASSED)), Outcome.PASSED, []),
        ((SET_UP, phase("call", Outcome.FAILED), phase("teardown", Outcome.ERROR)), Outcome.FAILED, ["teardown"]),
        (
            (SET_UP, phase("call", Outcome.FAILED), phase("teardown", Outcome.ERROR, cleanup=True)),
            Outcome.FAILED,
            ["leftover"],
        ),
        ((SET_UP, phase("call", Outcome.PASSED), phase("teardown", Outcome.ERROR)), Outcome.ERROR, ["teardown"]),
        ((SET_UP, phase("call", Outcome.PASSED), crashed("teardown", "r")), Outcome.PASSED, ["leftover"]),
        ((SET_UP, crashed("call", "r")), Outcome.ERROR, []),
        ((crashed("setup", "r"),), Outcome.ERROR, []),
        ((), Outcome.ERROR, []),
        ((SET_UP,), Outcome.ERROR, []),
    ],
)
def test_phases_fold_to_one_outcome(phases: tuple[Phase, ...], outcome: Outcome, kinds: list[str]) -> None:
    main, findings = fold_phases(phases)
    assert (main.outcome, [one.kind for one in findings]) == (outcome, kinds)


def test_a_skip_has_its_cause() -> None:
    assert judge_phase("call", Absent("x"), HERE).cause is Cause.ABSENT
    assert judge_phase("setup", Prerequisite("x"), HERE).cause is Cause.PREREQUISITE


def test_needs_are_met_by_users_and_settings() -> None:
    settings = {"image": "i", "ssh_user": "me", "flavor": None}
    assert missing_needs(("alt", "image", "guest"), ("primary", "alt"), settings) == ()
    assert [need for need, _ in missing_needs(("reader", "flavor"), ("primary",), settings)] == ["reader", "flavor"]
