"""What lint has to say about a file."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from defcore.errors import Problem
from defcore.schemas import Place


class Severity(StrEnum):
    ERROR = "error"
    """To be mended."""
    WARNING = "warning"
    """Worth knowing; or to be mended if it could be, as in a guideline that was approved long ago."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    severity: Severity
    file: str
    problem: Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Remark:
    """A finding about a guideline before it is known where that place stands in its file."""

    code: str
    """With `guideline.` or `lifecycle.` in front."""
    message: str
    place: Place
    """In the layout of our YAML."""
    hint: str | None = None


Check = Callable[[Path], Iterable[tuple[Severity, Problem]]]
"""Reads a file of one kind and tells what is to be said of it; may raise InputError, whose problems are errors."""
