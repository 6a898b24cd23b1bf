"""Problems on the terminal: what strangers wrote in them does nothing there, and looks like nothing else."""

from __future__ import annotations

import errno
import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from defcore.cli import call
from defcore.cli.progress import Watcher
from defcore.cli.terminal import inert, print_problems
from defcore.errors import Problem
from defcore.run.events import Removed, Stopping, Sweeping, TestsStarted
from tests.report.hostile import ALL, LONG


def test_what_cannot_be_seen_is_shown() -> None:
    assert inert("a\x1b[2J\u202e\u200b\u2028\ufeff\U000e0041\ud800") == (
        "a\\x1b[2J\\u202e\\u200b\\u2028\\ufeff\\U000e0041\\ud800"
    )


def test_a_problem_is_no_other_problem(capsys: pytest.CaptureFixture[str]) -> None:
    words = "one\nerror: two"
    print_problems([Problem(code="a.b", message=words, where=f"file\n{words}", hint=f"three\n{words}")])
    lines = capsys.readouterr().err.splitlines()
    assert [line for line in lines if not line.startswith("  ")] == ["error: file one error: two: one"]
    assert len(lines) == 5


def test_a_problem_is_inert_and_of_bounded_length(capsys: pytest.CaptureFixture[str]) -> None:
    print_problems([Problem(code="a.b", message=ALL + LONG, where=ALL + LONG, hint=ALL + LONG)])
    said = capsys.readouterr().err
    assert "\x1b" not in said
    assert len(said) < 15_000


@pytest.mark.parametrize("name", ["d/" * 3_000, "n" * 300, "a/\x1b[2J\nb"])
def test_a_path_that_cannot_be_is_the_users_error(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert call(["score", name]) == 2
    said = capsys.readouterr().err
    assert "a bug" not in said
    assert "\x1b" not in said


def test_a_current_folder_that_is_gone_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    assert call(["run", "--cloud", "x"]) == 2
    assert "error: the current folder: No such file or directory" in capsys.readouterr().err


# --- nobody there to read


@pytest.mark.parametrize(
    "verb", [("--help",), ("guideline", "list"), ("show", "compute-flavors-list"), ("score", "no")]
)
def test_a_reader_who_has_had_enough_is_told_no_no(verb: tuple[str, ...]) -> None:
    """As `| head` does it; 1 would say that something does not hold."""
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run([sys.executable, "-m", "defcore", *verb], stdout=writing, stderr=writing, check=False)
    os.close(writing)
    assert done.returncode == 3


@pytest.mark.parametrize(
    ("verb", "closed", "code"),
    [
        ("guideline list", ">&-", 0),
        ("score no", "2>&-", 2),
        ("score no", "<&- >&- 2>&-", 2),
        ("guideline list", "<&- >&- 2>&-", 0),
    ],
)
def test_closed_streams_are_no_obstacle(verb: str, closed: str, code: int) -> None:
    done = subprocess.run(
        ["sh", "-c", f"{sys.executable} -m defcore {verb} {closed}"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (code, "")


@pytest.mark.parametrize("number", [errno.EPIPE, errno.EIO], ids=["a closed pipe", "a terminal that is gone"])
def test_a_run_goes_on_though_nobody_watches_it(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    tries: list[str] = []

    class Gone(io.StringIO):
        def write(self, text: str) -> int:
            tries.append(text)
            raise OSError(number, os.strerror(number))

    monkeypatch.setattr(sys, "stderr", Gone())
    with Watcher() as watcher:
        for _ in range(3):
            watcher(TestsStarted(total=1, workers=1))
            watcher(Sweeping(count=1))
    assert len(tries) == 1


def test_the_end_of_a_clean_up_is_told_and_what_is_anothers(capsys: pytest.CaptureFixture[str]) -> None:
    with Watcher() as watcher:
        watcher(Stopping(at_once=True, cleaning=True))
        about = {"kind": "account_key", "id": "AUTH_x", "name": None, "cloud": "c", "trouble": None}
        watcher(Removed(**about, found=False, instead="another key is set"))  # type: ignore[arg-type]
    lines = capsys.readouterr().err.splitlines()
    assert lines == [
        "interrupted: the clean-up ends here, and `defcore sweep` removes what is left",
        "not ours: account_key AUTH_x: another key is set",
    ]
