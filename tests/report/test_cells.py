"""What a spreadsheet opens computes nothing that a cloud or a stranger wrote."""

from __future__ import annotations

import csv
import io

import pytest

from defcore.report.cells import cell, table
from tests.report.hostile import ALL, LONG


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+cmd|' /C calc'!A0",
        "-2+3",
        "@SUM(1)",
        " =1",
        "\t=1",
        "\n=1",
        "\uff1d1",
        "\uff0b1",
        "\uff0d1+1",
        "\uff20x",
    ],
)
def test_a_formula_is_text(text: str) -> None:
    assert cell(text).startswith("'")


@pytest.mark.parametrize("text", ["a=b", "-", "-1", "+2.5", "50%", "1e5", "", "'=1"])
def test_what_is_no_formula_stays(text: str) -> None:
    assert cell(text) == text


def test_a_row_is_a_line_whatever_is_in_it() -> None:
    written = table([["head", "more"], [ALL, None], ['a\r\nb,"c"', LONG]])
    assert [len(row) for row in csv.reader(io.StringIO(written))] == [2, 2, 2]
    assert written.count("\n") == 3
    assert len(written) < 5_000
