"""Words for the terminal. Colour goes off in a pipe and with NO_COLOR; what a cloud sent is made inert."""

from __future__ import annotations

import contextlib
import errno
import io
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from defcore.errors import Problem
from defcore.report.inert import block, line, visible

if TYPE_CHECKING:
    from rich.console import Console

LONGEST_PLACE = 1_000
LONGEST_WORDS = 4_000


def inert(text: str) -> str:
    """The text with control characters, escape sequences, direction marks and what is invisible made visible."""
    return visible(text)


def console(*, stderr: bool = False) -> Console:
    """A console on the real stream; wide enough in a pipe that lines do not break."""
    from rich.console import Console  # noqa: PLC0415 - takes longer than a judgement; JSON does without

    stream = sys.stderr if stderr else sys.stdout
    made = Console(stderr=stderr, highlight=False, width=None if stream.isatty() else 120)
    made.on_broken_pipe = _pass_on  # type: ignore[method-assign]
    return made


def _pass_on() -> None:
    """Rich would end the process itself, with an exit code that means no."""
    raise BrokenPipeError(errno.EPIPE, os.strerror(errno.EPIPE))


def open_streams() -> None:
    """A process that was started with closed streams (`>&-`) has some that lead nowhere: otherwise the next file that
    is opened would be one of them."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115 - for the process's life


def let_go() -> None:
    """Nobody reads what we print any more: let nothing of it fail, up to the end of the process."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError):  # a stream that is no file
            os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def print_lines(lines: Iterable[tuple[str, str]]) -> None:
    """Words with their style, inert already; without colours in a pipe, and in any encoding."""
    from rich.text import Text  # noqa: PLC0415

    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    out = console()
    for words, style in lines:
        out.print(Text(words, style=style), soft_wrap=True)


def print_problems(problems: Iterable[Problem]) -> None:
    """Each problem on standard error: where, what, and below it what to do."""
    from rich.text import Text  # noqa: PLC0415

    out = console(stderr=True)
    for problem in problems:
        words = Text("error: ", style="bold red")
        if problem.where:
            words.append(f"{line(problem.where, LONGEST_PLACE)}: ", style="bold")
        words.append(_indented(problem.message))
        words.append(f" [{problem.code}]", style="dim")
        out.print(words, soft_wrap=True)
        if problem.hint:
            out.print(Text(f"  {_indented(problem.hint)}"), soft_wrap=True)


def _indented(text: str) -> str:
    """Inert, of bounded length, and without a line that could be taken for another error."""
    return block(text, LONGEST_WORDS).replace("\n", "\n  ")
