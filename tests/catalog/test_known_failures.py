"""The file of known failures, and what is said to its author when something is wrong with it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from defcore.catalog.known_failures import load_known_failures, resolve_known_failures
from defcore.errors import InputError
from defcore.model.gate import KnownFailure

TESTS = [
    ("8fb42900-db6e-4493-afd5-09991d1e95d1", "flavors_brief_matches_show"),
    ("11111111-2222-4333-8444-555555555555", "test_create"),
    ("22222222-2222-4333-8444-555555555555", "create"),
]
ENTRY = """schema: defcore/known-failures/1
entries:
  - test: flavors_brief_matches_show
    reason: the fix is in the next release
    expires: 2026-12-31
    issue: https://bugs.example/1
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "known.yaml"
    path.write_text(text)
    return path


def problems(folder: Path, text: str) -> str:
    with pytest.raises(InputError) as error:
        resolve_known_failures(load_known_failures(write(folder, text)), TESTS)
    return str(error.value)


def entry(**values: str) -> str:
    own = {"test": TESTS[0][1], "reason": "r", "expires": "2026-12-31"} | values
    lines = [f"{name}: {value}" for name, value in own.items() if value]
    return "  - " + "\n    ".join(lines) + "\n"


def test_an_entry_names_its_test_by_name_or_by_id(tmp_path):
    known = load_known_failures(write(tmp_path, ENTRY))
    (own,) = resolve_known_failures(known, TESTS).entries
    assert own == KnownFailure(
        test="flavors_brief_matches_show",
        reason="the fix is in the next release",
        expires="2026-12-31",
        issue="https://bugs.example/1",
        where=f"{tmp_path}/known.yaml:3:11",
        id=TESTS[0][0],
    )
    assert known.digest.startswith("sha256:")
    for name in (TESTS[0][0], f"test_{TESTS[0][1]}"):
        text = ENTRY.replace(TESTS[0][1], name)
        (own,) = resolve_known_failures(load_known_failures(write(tmp_path, text)), TESTS).entries
        assert (own.test, own.id) == (name, TESTS[0][0])


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"test": "flavors_brief_matches_shwo"}, "did you mean 'flavors_brief_matches_show'?"),
        ({"test": "create"}, "several tests have the name 'create'"),
        ({"expires": ""}, "the key 'expires' is missing"),
        ({"reason": ""}, "the key 'reason' is missing"),
        ({"reason": '""'}, "must not be empty"),
        ({"expires": "2026-02-30"}, "there is no day 2026-02-30"),
        ({"expires": "soon"}, "the last day on which it is known"),
        ({"issue": "javascript:alert(1)"}, "an address, https://..."),
        ({"expire": "2026-12-31"}, "unknown key 'expire'"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(tmp_path, changed, said):
    text = "schema: defcore/known-failures/1\nentries:\n" + entry(**changed)
    told = problems(tmp_path, text)
    assert said in told
    assert re.search(rf"{tmp_path}/known.yaml:[3-6]:\d+: ", told)


def test_a_test_stands_there_once_by_whatever_name(tmp_path):
    head = "schema: defcore/known-failures/1\nentries:\n"
    assert "stands already at" in problems(tmp_path, head + entry() + entry())
    assert "are the same test" in problems(tmp_path, head + entry() + entry(test=TESTS[0][0]))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the file is empty"),
        ("schema: defcore/guideline/1\nentries: []\n", "this is a guideline, not a known-failures"),
        ("- a\n", "must be a mapping"),
        ("schema: defcore/known-failures/1\nentries: &a [*a]\n", "alias"),
    ],
)
def test_another_file_is_refused(tmp_path, text, said):
    assert said in problems(tmp_path, text)


def test_a_file_of_the_past_may_name_tests_that_are_no_more(tmp_path):
    known = load_known_failures(write(tmp_path, ENTRY.replace(TESTS[0][1], "gone_since")))
    (own,) = resolve_known_failures(known, TESTS, strict=False).entries
    assert (own.id, own.key) == (None, "gone_since")


def test_a_file_that_is_not_there_is_the_users_error(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        load_known_failures(tmp_path / "nowhere.yaml")
