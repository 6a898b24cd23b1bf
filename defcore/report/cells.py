"""CSV for spreadsheets: each cell in one line, and none that the program which opens it computes."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable

from defcore.report.inert import LINE, line

FORMULA = ("=", "+", "-", "@", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""How a cell begins that is computed, in wide letters too; such text gets an apostrophe in front."""
PLAIN = re.compile(r"-|[-+]?[0-9]+(\.[0-9]+)?%?")
"""A number computes nothing."""


def cell(value: object, limit: int = LINE) -> str:
    text = line("" if value is None else str(value), limit)
    return f"'{text}" if text.lstrip().startswith(FORMULA) and not PLAIN.fullmatch(text) else text


def table(rows: Iterable[Iterable[object]], limit: int = LINE) -> str:
    """The rows, the first of which is the head."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([cell(value, limit) for value in row] for row in rows)
    return out.getvalue()
