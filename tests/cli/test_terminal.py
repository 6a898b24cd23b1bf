"""Problems on the terminal: what strangers wrote in them does nothing there, and looks like nothing else."""

from __future__ import annotations

import pytest

from defcore.cli import call
from defcore.cli.terminal import inert, print_problems
from defcore.errors import Problem
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
