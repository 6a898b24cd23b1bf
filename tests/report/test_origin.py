"""Where a result comes from is told in every report for people."""

from __future__ import annotations

import pytest

from defcore.cli.rendering import FORMATS
from defcore.judge import score
from defcore.model.outcome import Outcome
from defcore.report.facts import origin_lines
from defcore.results import merge
from tests.policies import STRICT
from tests.results.files import an_id, read, refstack, stream_v2
from tests.values import DATE, guideline, record, result

FULL = read(
    stream_v2((an_id("test_a", 0), "fail"), ("process-returncode", "fail"), ("setUpClass (a.B)", "error")),
    name="full.subunit",
)
MERGED = merge([FULL, read(refstack("tempest.api.Some.test_a"), name="passes.json")])
CARD = score(MERGED, guideline({"x": {"cap": "required"}}, {"cap": ["a"]}), target=None, policy=STRICT, date=DATE)


def test_of_a_run_of_ours_there_is_nothing_to_tell() -> None:
    assert origin_lines(result(record("a", Outcome.PASSED))) == []


def test_files_conflicts_fixtures_and_remarks_are_told() -> None:
    assert origin_lines(MERGED) == [
        "read from full.subunit (subunit)",
        "read from passes.json (refstack)",
        "the files disagree on tempest.api.Some.test_a: FAILED in full.subunit, PASSED in passes.json; FAILED is taken",
        "class a.B: setUpClass failed: TimeoutError: no server in 300 s Details: none",
        "a process of the test runner ended with an error",
    ]


def test_that_a_file_knows_passes_only_is_told() -> None:
    assert "the files name passed tests only: what they do not name is NOT_RUN" in origin_lines(read(refstack("a")))


def test_many_conflicts_are_counted() -> None:
    names = [an_id(f"test_{n}", 0) for n in range(5)]
    full = read(stream_v2(*((name, "fail") for name in names)), name="full")
    passed = read(stream_v2(*((name, "pass") for name in names)), name="passed")
    assert origin_lines(merge([full, passed]), limit=2)[-1] == "and 3 more conflicts"


@pytest.mark.parametrize("form", ["text", "md", "html"])
def test_every_report_for_people_tells_it(form: str) -> None:
    text = FORMATS[form](CARD, MERGED, lambda _: None)
    assert "the files disagree on" in text
    assert "passes.json" in text or "passes\\.json" in text
