"""Many results in one table: nothing is lost on the way, and what is no result is told with its place."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from defcore.errors import InputError
from defcore.model.documents import result_document
from defcore.model.outcome import Attempt, Cause, Outcome
from defcore.model.outcomes_table import FEW, Block, OutcomesTable, ResultRow, TestIdentity
from defcore.model.result import Result
from defcore.results import outcomes_table
from defcore.results.outcomes_table import read_outcomes, result_files
from tests.values import record, result

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes a result into a folder of its own; returns the file."""

    def write(own: Result, folder: str, cpid: str = "c1", started: str = "2026-01-31T12:00:00Z") -> Path:
        own = replace(own, cloud=replace(own.cloud, cpid=cpid), run=replace(own.run, started=started))
        file = tmp_path / folder / "result.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(result_document(own)))
        return file

    return write


def counted(table: OutcomesTable) -> dict[str, dict[tuple[str, str | None], int]]:
    return {
        tally.test.id: {(outcome, cause): number for outcome, cause, number in tally.outcomes}
        for tally in table.tallies()
    }


def test_outcomes_causes_and_flaky_tests_are_counted(write: Write, tmp_path: Path) -> None:
    twice = (
        Attempt(n=1, outcome=Outcome.FAILED, started="", seconds=0.0),
        Attempt(n=2, outcome=Outcome.PASSED, started="", seconds=0.0),
    )
    write(result(record("a", Outcome.PASSED), record("b", Cause.ABSENT)), "one/deep/down")
    write(result(record("a", Outcome.FAILED, attempts=twice), record("b", Cause.PREREQUISITE)), "two", cpid="c2")
    write(result(record("c", Outcome.NOT_RUN, "x", "y")), "three", cpid="c2")
    table = read_outcomes([tmp_path])
    assert (table.results, table.products, len(table.blocks)) == (3, 2, 2)
    assert counted(table) == {
        "a": {("PASSED", None): 1, ("FAILED", None): 1},
        "b": {("SKIPPED", "absent"): 1, ("SKIPPED", "prerequisite"): 1},
        "c": {("NOT_RUN", None): 1},
    }
    assert {tally.test.id: tally.flaky for tally in table.tallies()} == {"a": 1, "b": 0, "c": 0}
    assert {tally.test.id: tally.count(Outcome.SKIPPED) for tally in table.tallies()} == {"a": 0, "b": 2, "c": 0}
    tests = {one.id: one for one in table.tests}
    assert (tests["a"].name, tests["a"].capability, tests["c"].covers) == ("test_a", "compute-servers", ("x", "y"))


def test_a_row_tells_of_the_cloud(write: Write, tmp_path: Path) -> None:
    file = write(result(record("a", Outcome.PASSED)), "one", cpid="c7", started="2026-02-01T00:00:00Z")
    (row,) = read_outcomes([file]).rows
    assert (row.path, row.product, row.cpid, row.started) == (str(file), "c7", "c7", "2026-02-01T00:00:00Z")
    assert (row.guideline, row.complete, row.services, row.versioned) == ("2020.06", True, ("compute",), ("compute",))
    (file.parent / "product.yaml").write_text("vendor: Example\nproduct: Cloud\nversion: 3\n")
    (row,) = read_outcomes([file]).rows
    assert (row.product, row.cpid) == ("Example / Cloud", "c7")
    (row,) = read_outcomes([file], product=_by_folder).rows
    assert row.product == "one of c7"


@pytest.mark.parametrize(
    "text", ["vendor: x", "- x", "product: [", "product: !!python/name:os.system", "[" * 5000, "\0"]
)
def test_a_broken_product_is_told(text: str, write: Write) -> None:
    file = write(result(record("a", Outcome.PASSED)), "one")
    (file.parent / "product.yaml").write_text(text)
    with pytest.raises(InputError) as caught:
        read_outcomes([file])
    (problem,) = caught.value.problems
    assert problem.code == "result.product"
    assert (problem.where or "").startswith(str(file.parent / "product.yaml"))


def _by_folder(file: Path, cpid: str) -> str:
    return f"{file.parent.name} of {cpid}"


def test_a_renamed_test_stays_the_same_test(write: Write, tmp_path: Path) -> None:
    write(result(record("a", Outcome.PASSED, name="old")), "1")
    write(result(record("a", Outcome.FAILED, name="new")), "2")
    table = read_outcomes([tmp_path])
    assert [(one.id, one.name) for one in table.tests] == [("a", "old")]
    assert len(table.blocks) == 1
    write(result(record("a", Outcome.PASSED, "other")), "3")
    assert len(read_outcomes([tmp_path]).tests) == 2


def test_processes_share_the_files_and_the_table_is_the_same(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outcomes_table, "CHUNK", 2)
    for n in range(7):
        tests = [record(name, Outcome.PASSED if n % 2 else Outcome.FAILED) for name in "abc"[: n % 3 + 1]]
        write(result(*tests), f"{n}", cpid=f"c{n % 2}")
    alone = read_outcomes([tmp_path], processes=1)
    assert read_outcomes([tmp_path], processes=2) == alone
    assert alone.results == 7


def test_the_same_file_named_twice_counts_once(write: Write, tmp_path: Path) -> None:
    file = write(result(record("a", Outcome.PASSED)), "one")
    assert read_outcomes([file, tmp_path, tmp_path / "one"]).results == 1
    assert result_files([tmp_path]) == [file]


def test_every_file_that_is_no_result_is_told(write: Write, tmp_path: Path) -> None:
    good = write(result(record("a", Outcome.PASSED), record("b", Outcome.PASSED)), "good")
    document = json.loads(good.read_text())
    broken = {
        "cut": (good.read_text()[:300], "result.json", ""),
        "text": ("hello", "result.json", ""),
        "bytes": (b"\xff\xfe\x00", "result.json", ""),
        "list": ("[]", "result.invalid", ""),
        "nan": (good.read_text().replace("0.5", "NaN", 1), "result.json", ""),
        "deep": ("[" * 100_000, "result.invalid", ""),
        "other": (json.dumps(document | {"schema": "defcore/plan/1"}), "result.invalid", ": $.schema"),
        "word": (good.read_text().replace('"PASSED"', '"PASED"', 1), "result.invalid", ": $.tests[0].outcome"),
        "type": (json.dumps(document | {"tests": {}}), "result.invalid", ": $.tests"),
        "missing": (json.dumps({k: v for k, v in document.items() if k != "tests"}), "result.invalid", ""),
        "twice": (
            json.dumps(document | {"tests": document["tests"][:1] * 2}),
            "result.duplicate-test",
            ": $.tests[1].id",
        ),
    }
    for name, (content, _, _) in broken.items():
        file = tmp_path / name / "result.json"
        file.parent.mkdir()
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(InputError) as caught:
        read_outcomes([tmp_path])
    found = {(one.where or "").split("/result.json")[0].rsplit("/", 1)[-1]: one for one in caught.value.problems}
    assert found.keys() == broken.keys()
    for name, (_, code, place) in broken.items():
        assert (found[name].code, name) == (code, name)
        assert (found[name].where or "").endswith(f"result.json{place}")


def test_of_many_broken_files_the_first_are_told(tmp_path: Path) -> None:
    for n in range(30):
        (tmp_path / f"{n:02}").mkdir()
        (tmp_path / f"{n:02}" / "result.json").write_text("{")
    with pytest.raises(InputError, match="and 10 more") as caught:
        read_outcomes([tmp_path])
    assert len(caught.value.problems) == 21


def test_a_place_without_results_is_told(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError) as caught:
        read_outcomes([tmp_path / "empty", tmp_path / "none", tmp_path / "none.json"])
    assert [one.code for one in caught.value.problems] == ["result.missing"] * 3


def test_what_cannot_be_looked_into_is_told(write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(result(record("a", Outcome.PASSED)), "one")
    os.mkfifo(tmp_path / "fifo.json")
    (tmp_path / "two").mkdir()
    os.mkfifo(tmp_path / "two" / "result.json")
    with pytest.raises(InputError, match="no regular file"):
        read_outcomes([tmp_path])

    def refuse(folder: str, *more: object) -> object:
        raise PermissionError(13, "Permission denied", folder)

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(InputError, match="the folder cannot be read: Permission denied"):
        result_files([tmp_path])


def test_evidence_is_not_searched(write: Write, tmp_path: Path) -> None:
    file = write(result(record("a", Outcome.PASSED)), "one")
    write(result(record("a", Outcome.PASSED)), "one/evidence")
    other = write(result(record("a", Outcome.PASSED)), "one/again")
    assert result_files([tmp_path]) == [other, file]


def test_a_file_too_large_is_not_read(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write(result(record("a", Outcome.PASSED)), "one")
    monkeypatch.setattr(outcomes_table, "LARGEST", 10)
    with pytest.raises(InputError, match=r"result\.too-large"):
        read_outcomes([file])


@given(st.lists(st.binary(min_size=3, max_size=3).map(lambda raw: bytes(byte % 6 for byte in raw)), max_size=2 * FEW))
def test_both_ways_of_counting_agree(outcomes: list[bytes]) -> None:
    """By columns where a block holds many results, one by one where it holds few."""
    tests = tuple(TestIdentity(id=name, covers=(), name=name, capability=None) for name in "abc")
    rows = [
        ResultRow(
            path="",
            product="",
            cpid="",
            run="",
            started="",
            guideline="",
            complete=True,
            services=(),
            versioned=(),
            outcomes=own,
        )
        for own in outcomes
    ]
    together = OutcomesTable(tests=tests, blocks=(Block(tests=(0, 1, 2), rows=tuple(rows)),) if rows else ())
    apart = OutcomesTable(tests=tests, blocks=tuple(Block(tests=(0, 1, 2), rows=(row,)) for row in rows))
    assert [*together.tallies()] == [*apart.tallies()]
    first = Counter(row.outcomes[0] for row in rows)
    assert sum(number for _, _, number in next(iter(apart.tallies())).outcomes) == first.total()


def test_a_result_of_too_many_values_is_refused(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write(result(record("a", Outcome.PASSED)), "one")
    monkeypatch.setattr(outcomes_table, "MOST_VALUES", 3)
    with pytest.raises(InputError, match=r"more than 3 values \[result\.too-large\]"):
        read_outcomes([file])


def test_a_link_is_not_followed(write: Write) -> None:
    file = write(result(record("a", Outcome.PASSED)), "one")
    link = file.with_name("link.json")
    link.symlink_to(file)
    with pytest.raises(InputError, match="symbolic link"):
        read_outcomes([link])
