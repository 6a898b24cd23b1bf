"""Lint of policies, waivers, known failures and worksheets."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from defcore.catalog import find_data
from defcore.catalog.document_checks import document_checks
from defcore.catalog.lint import Linter
from tests.catalog.conftest import COVERED, UUID, Folder

TODAY = date(2026, 1, 31)


def lint(folder: Folder, path: Path) -> list[str]:
    linter = Linter(data=folder.data, today=TODAY, checks=document_checks(folder.data, TODAY))
    linter.path(path)
    return [
        f"{one.severity} {one.problem.code} {(one.problem.where or '').removeprefix(one.file).lstrip(':')}"
        + (f" {one.problem.hint}" if one.problem.hint else "")
        for one in linter.finish()
    ]


WAIVERS = """\
schema: defcore/waivers/1
waivers:
  - id: acme-1
    product: acme
    scope: {SCOPE}
    reason: it is being mended
    granted: 2025-06-01
    expires: EXPIRES
    decided_by: the board
"""


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ("tests: [COVERED]", []),
        ("tests: [tempest.test_list_flavors], capabilities: [flavors], guidelines: ['2020.06']", []),
        ("tests: [id-COVERED]", [f"error waivers.unknown-test 5:21 did you mean '{COVERED}'?"]),
        ("capabilities: [flavours]", ["error waivers.unknown-capability 5:28 did you mean 'flavors'?"]),
        (
            "capabilities: [flavors], guidelines: ['2020.6']",
            ["error waivers.unknown-guideline 5:51 did you mean '2020.06'?"],
        ),
        (
            "tests: [tempest.test_list_flavor]",
            ["error waivers.unknown-test 5:21 did you mean 'tempest.test_list_flavors'?"],
        ),
        ("guidelines: ['2020.06']", ["error waivers.scope 5:12"]),
    ],
)
def test_a_waiver_that_lifts_nothing_is_an_error(folder: Folder, scope: str, expected: list[str]) -> None:
    text = WAIVERS.replace("SCOPE", scope.replace("COVERED", COVERED)).replace("EXPIRES", "2026-06-01")
    assert lint(folder, folder.write("waivers.yaml", text)) == expected


def test_a_waiver_that_has_run_out_is_a_warning(folder: Folder) -> None:
    text = WAIVERS.replace("SCOPE", "capabilities: [flavors]").replace("EXPIRES", "2026-01-30")
    assert lint(folder, folder.write("waivers.yaml", text)) == ["warning waivers.expired 8:14"]


KNOWN = """\
schema: defcore/known-failures/1
entries:
  - {test: NAME, reason: it is being mended, expires: EXPIRES}
"""


@pytest.mark.parametrize(
    ("name", "expires", "expected"),
    [
        ("flavors_are_listed", "2026-01-31", []),
        (UUID, "2026-01-31", []),
        ("flavors_are_listed", "2026-01-30", ["warning known-failures.expired 3:12"]),
        (
            "flavors_is_listed",
            "2026-01-31",
            ["error known-failures.unknown-test 3:12 did you mean 'flavors_are_listed'?"],
        ),
    ],
)
def test_known_failures_name_tests_of_the_suite(folder: Folder, name: str, expires: str, expected: list[str]) -> None:
    path = folder.write("known.yaml", KNOWN.replace("NAME", name).replace("EXPIRES", expires))
    assert lint(folder, path) == expected


def test_a_policy_is_named_as_its_file(folder: Folder) -> None:
    text = (find_data(env={}).policies / "strict.yaml").read_text()
    assert lint(folder, folder.write("policies/strict.yaml", text)) == []
    [found] = lint(folder, folder.write("policies/other.yaml", text))
    assert found == "error policy.misplaced  its file is policies/strict.yaml"


def test_an_unknown_word_of_a_policy_is_told(folder: Folder) -> None:
    text = (find_data(env={}).policies / "strict.yaml").read_text().replace("description:", "descripton:", 1)
    [found] = lint(folder, folder.write("policies/strict.yaml", text))
    assert found.startswith("error schema.unknown-key")
    assert "did you mean 'description'?" in found


def test_a_worksheet_is_read(folder: Folder) -> None:
    good = "flavors: [1,1,1] [1,1,1] [1,1,1] [1,1,1] [1] [100]*\n"
    assert lint(folder, folder.write("sheet.txt", good)) == []
    assert lint(folder, folder.write("sheet.txt", good.replace(": [", ":[", 1))) == ["warning worksheet.spacing 1"]
    [found] = lint(
        folder, folder.write("sheet.txt", good.replace("[1,1,1] [1,1,1] [1,1,1]", "[1,1,x] [1,1,1] [1,1,1]"))
    )
    assert found.startswith("error worksheet.mark 1")


def test_the_official_worksheets_have_no_errors(folder: Folder, shared: Path) -> None:
    found = lint(folder, shared / "guidelines" / "scoring")
    assert len(found) == 19
    assert {one.split()[0] for one in found} == {"warning"}
