"""Reports to files and to the terminal."""

from __future__ import annotations

import importlib
import io
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import click

from defcore.cli.stored import evidence_loader
from defcore.cli.terminal import console
from defcore.model import documents
from defcore.model.result import Result
from defcore.model.scorecard import Scorecard
from defcore.model.scorecard_document import scorecard_document
from defcore.report.evidence import EvidenceLoader
from defcore.run.durable import write_whole

Render = Callable[[Scorecard, Result, EvidenceLoader], str]
WIDTH = 120
RESULT = "result.json"
REPORTS = ("scorecard.json", "report.html", "junit.xml")
"""Beside the result in its run folder, in the order in which they are written."""


def plain_text(card: Scorecard, result: Result, evidence: EvidenceLoader) -> str:
    """The terminal's report without colours, for a file."""
    from rich.console import Console  # noqa: PLC0415 - only text needs it

    file = io.StringIO()
    Console(file=file, width=WIDTH, highlight=False, color_system=None).print(
        _module("text").render(card, result, evidence)
    )
    return "".join(f"{line.rstrip()}\n" for line in file.getvalue().splitlines())


def _module(name: str) -> ModuleType:
    """A module of the reports, when it is asked for: the template engine alone takes longer than a judgement."""
    return importlib.import_module(f"defcore.report.{name}")


def _later(name: str) -> Render:
    def render(card: Scorecard, result: Result, evidence: EvidenceLoader) -> str:
        rendered: str = _module(name).render(card, result, evidence)
        return rendered

    return render


FORMATS: dict[str, Render] = {
    "text": plain_text,
    "json": _later("json"),
    "md": _later("markdown"),
    "junit": _later("junit"),
    "html": _later("html"),
}


def show_text(card: Scorecard, result: Result, evidence: EvidenceLoader) -> None:
    """The report on the terminal; without colours in a pipe, and in any encoding."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    out = console()
    if out.is_terminal:
        out.print(_module("text").render(card, result, evidence))
    else:
        click.echo(plain_text(card, result, evidence), nl=False)


def write_reports(folder: Path, result: Result, card: Scorecard) -> None:
    """REPORTS."""
    evidence, (document, page, junit) = evidence_loader(folder), REPORTS
    write(folder / document, documents.text(scorecard_document(card)))
    write(folder / page, FORMATS["html"](card, result, evidence))
    write(folder / junit, FORMATS["junit"](card, result, evidence))


def write(path: Path, content: str | bytes) -> None:
    """The whole file or none of it, on disk when it returns."""
    write_whole(path, content.encode() if isinstance(content, str) else content)
