"""The command line: help, wrong invocations, exit codes."""

from __future__ import annotations

import errno
import io

import click
import pytest

import defcore.cli
from defcore.cli import VERBS, call
from defcore.cli.terminal import inert
from defcore.errors import InputError, Problem, UnknownError


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help_with_an_example(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert call([verb, "--help"]) == 0
    text = capsys.readouterr().out
    assert text.startswith(f"Usage: defcore {verb}")
    assert f"defcore {verb}" in text.split("\n", 1)[1], "no example"


def test_help_names_the_exit_codes_and_where_to_start(capsys: pytest.CaptureFixture[str]) -> None:
    assert call(["--help"]) == 0
    text = capsys.readouterr().out
    assert "defcore cloud up" in text
    assert "Exit codes" in text


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["plam"], "did you mean 'plan'?"),
        (["plan", "--guidelin", "x"], "--guideline"),
        (["plan", "--guideline", "2020.6"], "2020.06"),
        (["plan", "--platform", "platfrom"], "platform"),
        (["plan", "--service", "computer"], "compute"),
        (["plan", "--capability", "compute-flavor-list"], "compute-flavors-list"),
        (["run"], "--cloud"),
        (["score", "no-such-folder"], "no-such-folder"),
        (["report", "no-such-folder", "--format", "html"], "no-such-folder"),
        (["sweep"], "--cloud"),
        (["completion", "tcsh"], "bash"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_a_wrong_invocation_says_what_is_right_and_ends_with_2(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call(arguments) == 2
    captured = capsys.readouterr()
    assert said in captured.err
    assert "Traceback" not in captured.err + captured.out


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (InputError(Problem(code="a.b", message="no such", where="f:1:2", hint="do this")), 2, "f:1:2: no such [a.b]"),
        (UnknownError(Problem(code="a.b", message="unreachable")), 3, "unreachable"),
        (KeyboardInterrupt(), 3, "interrupted"),
        (OSError(errno.ENOSPC, "No space left on device", "/x"), 3, "/x: No space left on device"),
        (OSError(errno.EACCES, "Permission denied", "/x"), 2, "/x: Permission denied"),
        (ZeroDivisionError("hush-hush"), 70, "a bug of defcore: ZeroDivisionError"),
    ],
    ids=["input", "unknown", "interrupt", "disk-full", "no-rights", "bug"],
)
def test_what_goes_wrong_has_its_exit_code(
    error: BaseException, code: int, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    @click.command
    def broken() -> None:
        raise error

    monkeypatch.setattr(defcore.cli.Verbs, "get_command", lambda *_: broken)
    assert call(["plan"]) == code
    captured = capsys.readouterr()
    assert said in captured.err
    assert "Traceback" not in captured.err
    assert "hush-hush" not in captured.err


def test_text_of_the_cloud_is_inert_in_the_terminal() -> None:
    assert inert("a\x1b[31mb\u202ec\r\x07") == "a\\x1b[31mb\\u202ec\\x0d\\x07"
    assert inert("two\nlines\tand ünïcode") == "two\nlines\tand ünïcode"


def test_colour_is_off_in_a_pipe(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    assert call(["plam"]) == 2
    assert "\x1b" not in stream.getvalue()
