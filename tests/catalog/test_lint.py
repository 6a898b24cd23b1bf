"""Lint finds what is wrong, with place and severity; the history of the guidelines is its corpus."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import pytest

from defcore.catalog import find_data
from defcore.catalog.finding import Finding, Severity
from defcore.catalog.frozen import lock_text
from defcore.catalog.guidelines import load_guideline
from defcore.catalog.lint import Linter
from defcore.errors import InputError, Problem
from defcore.model.lock import lock_of
from tests.catalog.conftest import COVERED, GUIDELINE, OTHER, Folder
from tests.catalog.test_official import official_files

DATA = find_data(env={})
TODAY = date(2026, 1, 31)
HISTORY = Path(__file__).parent / "lint_history.json"
"""File -> code -> how many. Measured; `python -m tests.catalog.test_lint FOLDER` measures it anew, to be looked at."""


def codes(findings: Iterable[Finding]) -> dict[str, dict[str, int]]:
    found: dict[str, Counter[str]] = {}
    for one in findings:
        found.setdefault(Path(one.file).name, Counter())[f"{one.severity} {one.problem.code}"] += 1
    return {name: dict(sorted(found[name].items())) for name in sorted(found)}


def shipped() -> list[Finding]:
    linter = Linter(data=DATA, today=TODAY)
    linter.folder(DATA.guidelines)
    return linter.finish()


def official(folder: Path) -> list[Finding]:
    linter = Linter(data=DATA, today=TODAY)
    for path in official_files(folder):
        linter.path(path)
    return linter.finish()


def test_the_shipped_history_breaks_the_rules_that_it_did_break() -> None:
    assert codes(shipped()) == json.loads(HISTORY.read_text())["shipped"]


def test_the_official_files_break_the_rules_that_they_do(shared: Path) -> None:
    assert codes(official(shared)) == json.loads(HISTORY.read_text())["official"]


def test_2017_01_required_two_unannounced_and_dropped_two() -> None:
    found = [one.problem for one in shipped() if Path(one.file).name == "2017.01.yaml"]
    broken = {
        one.message.split("'")[1]: one.code for one in found if one.code.startswith("lifecycle.") and "'" in one.message
    }
    assert broken == {
        "objectstore-info-request": "lifecycle.required-unannounced",
        "objectstore-temp-url-put": "lifecycle.required-unannounced",
        "objectstore-object-put": "lifecycle.dropped-undeprecated",
        "objectstore-object-upload": "lifecycle.dropped-undeprecated",
    }


def test_2020_06_carries_flags_from_2015() -> None:
    found = [one.problem for one in shipped() if Path(one.file).name == "2020.06.yaml"]
    carried = [one for one in found if one.code == "lifecycle.flag-carried"]
    old = [one for one in found if one.code == "guideline.old-flag"]
    assert (len(carried), len(old)) == (11, 11)
    assert sum("2015-05-07" in one.message for one in old) == 4


def lint(folder: Folder, *paths: Path, **checks: object) -> list[str]:
    """Severity, code and line of each finding."""
    linter = Linter(data=folder.data, today=TODAY, checks=checks)  # type: ignore[arg-type]
    if paths:
        for path in paths:
            linter.path(path)
    else:
        linter.catalog(folder.data)
    return [told(one) for one in linter.finish()]


def told(one: Finding) -> str:
    place = (one.problem.where or "").removeprefix(one.file).lstrip(": ")
    return f"{one.severity} {one.problem.code} {place}".strip()


def freeze(folder: Folder) -> None:
    folder.write("guidelines/frozen/2020.06.json", lock_text(lock_of(load_guideline("2020.06", folder.data))))


@pytest.fixture
def draft(folder: Folder) -> Folder:
    """A catalog whose guideline is a draft."""
    folder.replace(folder.guideline, "status: approved", "status: draft")
    folder.replace(folder.guideline, 'approval: "2020.06"\n', "")
    folder.replace(folder.guideline, "weight: 9", "weight: 100")
    folder.replace(folder.guideline, "date: 2017-04-27", "date: 2025-04-27")
    return folder


def test_a_right_catalog_has_no_findings(draft: Folder) -> None:
    assert lint(draft) == []


def test_an_approved_guideline_that_is_not_frozen_is_an_error(folder: Folder) -> None:
    assert "error frozen.missing" in lint(folder)
    freeze(folder)
    assert not any("frozen" in one for one in lint(folder))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("reason: it has a bug", "reason: it has two bugs", ["error frozen.changed"]),
        (", flag: {code: D401, date: 2017-04-27, reason: it has a bug}", "", ["error frozen.changed"]),
        ("weight: 9", "weight: 8", ["error frozen.fact"]),
        ("required: [flavors]", "advisory: [flavors]\n    required: []", ["error frozen.fact"]),
        (COVERED, OTHER, ["error frozen.fact", "error frozen.fact"]),
    ],
)
def test_a_frozen_file_that_changed_is_an_error(folder: Folder, old: str, new: str, expected: list[str]) -> None:
    text = (
        GUIDELINE.replace("\n        flag: {", ", flag: {")
        .replace("- id: ", "- {id: ")
        .replace("\n        name", ", name")
    )
    folder.guideline.write_text(f"{text.rstrip()}}}\n")
    freeze(folder)
    folder.replace(folder.guideline, old, new)
    assert [one for one in lint(folder, folder.data.guidelines) if "frozen" in one] == expected


def test_a_published_draft_may_change_but_for_its_weights(draft: Folder) -> None:
    draft.replace(draft.guideline, "status: draft", "status: review")
    freeze(draft)
    draft.replace(draft.guideline, "required: [flavors]", "advisory: [flavors]\n    required: []")
    assert lint(draft) == []
    draft.replace(draft.guideline, "cutoff: 74", "cutoff: 60")
    assert lint(draft) == ["error frozen.fact"]


def test_a_broken_measurement_is_an_error(draft: Folder) -> None:
    draft.write("capabilities/detection.json", "[1]")
    assert [one.split()[:2] for one in lint(draft)] == [["error", "schema.type"]]


def test_a_lock_without_its_guideline_is_an_error(folder: Folder) -> None:
    freeze(folder)
    folder.guideline.unlink()
    assert lint(folder) == ["error frozen.orphan"]


NAME = "tempest.test_list_flavors"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("weight: 100", "weight: 99", "error guideline.weights 10:5"),
        (f"- id: {COVERED}\n        name", "- name", "error guideline.no-id 25:9"),
        ("project: nova", "project: nova\n    admin: true", "error guideline.admin-required 20:5"),
        ("date: 2025-04-27", "date: 2023-04-27", "warning guideline.old-flag 27:15"),
        ("code: D401, ", "", "warning guideline.flag-without-code 27:15"),
        (", date: 2025-04-27", "", "warning guideline.flag-without-date 27:15"),
        ("required: [flavors]", "required: []", "warning guideline.unused-capability 20:5"),
        (
            "        flag",
            "        aliases: [tempest.test_list_flavors]\n        flag",
            "warning guideline.own-alias 27:18",
        ),
    ],
)
def test_a_flaw_of_a_draft_is_found_where_it_stands(draft: Folder, old: str, new: str, expected: str) -> None:
    draft.replace(draft.guideline, old, new)
    assert lint(draft, draft.guideline) == [expected]


def test_a_capability_that_nothing_defines_is_an_error_in_a_draft(draft: Folder) -> None:
    draft.replace(draft.guideline, "platforms:", "undefined: [gone]\nplatforms:")
    draft.replace(draft.guideline, "required: [flavors]", "required: [flavors]\n    removed: [gone]")
    assert lint(draft, draft.guideline) == ["error guideline.undefined-capability 19:14"]


def test_tests_that_cannot_be_told_apart_are_told(draft: Folder) -> None:
    again = f"      - {{id: {COVERED}, name: tempest.other, aliases: [tempest.alias]}}\n"
    other = f"      - {{id: {OTHER}, name: tempest.alias}}\n"
    draft.guideline.write_text(draft.guideline.read_text() + again + other)
    assert lint(draft, draft.guideline) == [
        "warning guideline.several-names 28:9",
        "warning guideline.shared-name 29:9",
    ]


def test_a_test_in_two_capabilities_is_told(draft: Folder) -> None:
    more = f"  more:\n    description: d\n    project: nova\n    tests:\n      - {{id: {COVERED}, name: {NAME}}}\n"
    draft.guideline.write_text(draft.guideline.read_text() + more)
    draft.replace(draft.guideline, "required: [flavors]", "required: [flavors]\n    advisory: [more]")
    assert lint(draft, draft.guideline) == ["warning guideline.test-twice 33:9"]


BEFORE = GUIDELINE.replace('"2020.06"', '"2019.11"').replace("weight: 9", "weight: 100")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("required: [flavors]", "advisory: [flavors]\n    required: []", []),
        (
            "required: [flavors]",
            "deprecated: [flavors]\n    required: []",
            ["error lifecycle.required-unannounced 17:15"],
        ),
        (
            "        flag: {code: D401, date: 2017-04-27, reason: it has a bug}\n",
            "        flag: {reason: a bug}\n",
            None,
        ),
    ],
)
def test_a_draft_is_held_against_what_it_replaces(
    draft: Folder, old: str, new: str, expected: list[str] | None
) -> None:
    draft.write("guidelines/2019.11.yaml", BEFORE.replace(old, new))
    if expected is not None:
        text = draft.guideline.read_text()
        draft.guideline.write_text(text[: text.index("        flag")])
    else:
        expected = ["error lifecycle.flag-carried 27:15"]
    assert lint(draft, draft.guideline) == expected


def test_what_was_required_goes_by_way_of_deprecation(draft: Folder) -> None:
    gone = "  gone:\n    description: d\n    project: nova\n    tests: []\n"
    before = BEFORE.split("        flag")[0] + gone
    text = draft.guideline.read_text()
    draft.guideline.write_text(text[: text.index("        flag")])
    draft.write("guidelines/2019.11.yaml", before.replace("required: [flavors]", "required: [flavors, gone]"))
    assert lint(draft, draft.guideline) == ["error lifecycle.dropped-undeprecated 16:3"]
    draft.write(
        "guidelines/2019.11.yaml", before.replace("required: [flavors]", "required: [flavors]\n    deprecated: [gone]")
    )
    assert lint(draft, draft.guideline) == []


def test_of_three_approved_guidelines_the_oldest_should_be_superseded(folder: Folder) -> None:
    for name in ("2019.06", "2019.11"):
        folder.write(f"guidelines/{name}.yaml", GUIDELINE.replace('"2020.06"', f'"{name}"'))
    assert [one for one in lint(folder) if "superseded" in one] == ["warning lifecycle.not-superseded"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("schema: defcore/polcy/1\n", "error lint.unknown-kind 1:9"),
        ("schema: defcore/capability/9\n", "error schema.version 1:9"),
        ("some: other\n", "error lint.unknown-kind"),
        ("a: [b\n", "error yaml.syntax 2:1"),
        ("a: &x [1]\nb: *x\n", "error yaml.alias 2:4"),
    ],
)
def test_a_document_that_is_none_is_an_error_where_it_is_named(folder: Folder, text: str, expected: str) -> None:
    assert lint(folder, folder.write("some.yaml", text)) == [expected]


def test_a_kind_has_a_check_of_its_own(folder: Folder) -> None:
    """By the noun of the schema or the suffix of the file; what they raise is an error too."""

    def refuse(path: Path) -> list[tuple[Severity, Problem]]:
        if path.suffix == ".txt":
            raise InputError(Problem(code="worksheet.line", message="no worksheet", where=f"{path}:1:1"))
        return [(Severity.WARNING, Problem(code="own.rule", message="against the rules", where=f"{path}:1:1"))]

    folder.write("more/a.txt", "x")
    folder.write("more/b.yaml", "schema: defcore/own/1\n")
    folder.write("more/c.yaml", "neither: known\n")
    found = lint(folder, folder.data.root / "more", **{".txt": refuse, "own": refuse})
    assert found == ["error worksheet.line 1:1", "warning own.rule 1:1"]


def test_the_catalogs_own_disagreements_are_errors(draft: Folder) -> None:
    draft.replace(draft.capability, "title: Flavors", "titel: Flavors")
    found = lint(draft)
    assert any(one.startswith("error schema.unknown-key") for one in found)
    assert not any("guideline" in one for one in found)


if __name__ == "__main__":
    import sys

    measured = {"shipped": codes(shipped()), "official": codes(official(Path(sys.argv[1])))}
    HISTORY.write_text(json.dumps(measured, indent=1) + "\n")
