"""Words for the terminal. Colour goes off in a pipe and with NO_COLOR; what a cloud sent is made inert."""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

from defcore.errors import Problem

if TYPE_CHECKING:
    from rich.console import Console

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def inert(text: str) -> str:
    """The text with control characters, escape sequences and direction marks made visible."""
    return CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", text)


def console(*, stderr: bool = False) -> Console:
    """A console on the real stream; wide enough in a pipe that lines do not break."""
    from rich.console import Console  # noqa: PLC0415 - takes longer than a judgement; JSON does without

    stream = sys.stderr if stderr else sys.stdout
    return Console(stderr=stderr, highlight=False, width=None if stream.isatty() else 120)


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
        line = Text("error: ", style="bold red")
        if problem.where:
            line.append(f"{inert(problem.where)}: ", style="bold")
        line.append(inert(problem.message))
        line.append(f" [{problem.code}]", style="dim")
        out.print(line, soft_wrap=True)
        if problem.hint:
            out.print(Text(f"  {inert(problem.hint)}"), soft_wrap=True)
