"""Which tests are run for a deviation, how the table counts, and a few deviations from end to end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from defcore.catalog import find_data, load_catalog
from defcore.model.capability import Catalog, TestCase
from defcore.model.outcome import Outcome
from tests.conftest import ReferenceCloud
from tests.deviations.asked import Asked, call_of, without_repeats
from tests.deviations.catalogue import DEVIATIONS
from tests.deviations.cloud import CloudFile
from tests.deviations.concern import Alone, ByTest, detect, first_look
from tests.deviations.detection import Bench, Detection, Ran, Seen
from tests.deviations.deviation import Deviation
from tests.deviations.proxy import Proxy
from tests.deviations.record import known, page, row, strengths, write

BY_ID = {one.id: one for one in DEVIATIONS}
LIMIT = BY_ID["image.limit-ignored"]


@dataclass(slots=True)
class FakeBench:
    """Sees of each test what it is told to."""

    alone: dict[str, Seen]
    killers: set[str]
    catalog: Catalog = field(default_factory=lambda: load_catalog(find_data()))
    asked: list[str] = field(default_factory=list)
    differs: bool = True
    together: list[dict[str, str]] = field(default_factory=list)
    troubles: tuple[str, ...] = ()
    now: Path = Path("now")

    def tests_for(self, deviation: Deviation, *, whole_service: bool = False) -> tuple[TestCase, ...]:
        return Bench.tests_for(self, deviation, whole_service=whole_service)  # type: ignore[arg-type]

    def run(self, tests: list[TestCase], changer: ByTest | None = None) -> Ran:
        seen = {test.id: self.alone[test.id] for test in tests}
        if changer:
            self.together.append({test: one.id for test, one in changer.deviations.items()})
            seen |= {id: replace(one, outcome=Outcome.FAILED) for id, one in seen.items() if id in self.killers}
        return Ran(seen=seen, differed=0, troubles=self.troubles)

    def detect(self, deviation: Deviation, tests: Sequence[TestCase], *, all_tests: bool) -> Detection:
        ran = [test.id for test in tests]
        killed = next(([id] for id in ran if id in self.killers), [])
        ran = ran[: ran.index(killed[0]) + 1] if killed else ran
        self.asked += ran
        differed = len(ran) * self.differs
        return Detection(deviation=deviation, ran=(*ran,), killed_by=(*killed,), errors=(), differed=differed)


def seen(*paths: str, outcome: Outcome = Outcome.PASSED) -> Seen:
    parts = [path.partition("?") for path in paths]
    calls = tuple(Asked(at=0.0, service=LIMIT.service, method="GET", path=path, query=q) for path, _, q in parts)
    return Seen(outcome=outcome, reason="", asked=calls)


@pytest.fixture
def bench() -> FakeBench:
    """All tests of images list images with a limit in one call of three, but for the fifth, which does nothing else,
    and for the first three: one fails anyway, one lists nothing, one gives no limit."""
    bench = FakeBench({}, set())
    tests = bench.tests_for(LIMIT, whole_service=True)
    bench.alone = {test.id: seen("/v2/images?limit=2", "/v2/images/1", "/v2/images/2") for test in tests}
    own = bench.tests_for(LIMIT)
    bench.alone[own[0].id] = seen("/v2/images?limit=2", outcome=Outcome.FAILED)
    bench.alone[own[1].id] = seen("/v2/images/1?limit=2")
    bench.alone[own[2].id] = seen("/v2/images?marker=1")
    bench.alone[own[4].id] = seen("/v2/images?limit=2")
    return bench


def ask(bench: FakeBench, **more: bool) -> Detection:
    chosen: dict[str, Any] = {"whole_service": False, "all_tests": False} | more
    return detect(Alone(bench), LIMIT, **chosen)  # type: ignore[arg-type]


def test_the_test_that_it_concerns_most_is_asked_first(bench: FakeBench) -> None:
    own = bench.tests_for(LIMIT)
    bench.killers = {own[4].id}
    detection = ask(bench)
    assert detection.killed_by == detection.ran == (own[4].id,)


def test_those_are_asked_to_whose_calls_it_makes_a_difference(bench: FakeBench) -> None:
    own = bench.tests_for(LIMIT)
    ask(bench)
    assert sorted(bench.asked) == sorted(test.id for n, test in enumerate(own) if n > 2)


def test_those_are_asked_that_meet_it_if_it_is_not_known_to_differ(bench: FakeBench) -> None:
    own = bench.tests_for(LIMIT)
    bench.alone = {test.id: seen("/v2/images/1") for test in own} | {own[3].id: seen("/v2/images")}
    assert ask(bench).ran == (own[3].id,)


def test_the_rest_of_the_service_is_asked_where_that_is_wanted(bench: FakeBench) -> None:
    own = bench.tests_for(LIMIT)
    other = next(test for test in bench.tests_for(LIMIT, whole_service=True) if test not in own)
    bench.killers = {other.id}
    assert not ask(bench).killed
    assert ask(bench, whole_service=True).killed_by == (other.id,)


def test_a_first_look_tries_each_on_a_test_of_its_own(bench: FakeBench) -> None:
    own = bench.tests_for(LIMIT)
    twin = replace(LIMIT, id="image.twin")
    alone = Alone(bench)  # type: ignore[arg-type]
    bench.killers = {own[4].id}
    assert first_look(alone, [LIMIT, twin]) == ({LIMIT.id: own[4].id}, [])
    assert sorted(bench.together[0].values()) == [LIMIT.id, twin.id]
    bench.troubles = ("the proxy broke",)
    assert first_look(alone, [LIMIT, twin], most=1) == ({}, [twin])


def test_in_a_first_look_the_cloud_deviates_as_the_running_test_has_it(tmp_path: Path) -> None:
    both = ByTest({"one": LIMIT, "two": BY_ID["image.next-missing"]}, tmp_path / "now")
    asked = seen("/v2/images?limit=1").asked[0]
    assert both.change_for(call_of(asked)) is None, "no test runs yet"
    memories = []
    for test in ("one", "two"):
        (tmp_path / "now").write_text(test)
        call = call_of(asked)
        assert both.change_for(call) is both.deviations[test].rules[0].change
        memories.append(call.memory)
    assert memories[0] is not memories[1], "each remembers for itself"


def test_of_calls_that_repeat_one_another_the_last_is_kept() -> None:
    first, other = seen("/v2/images").asked[0], seen("/v2/images/1").asked[0]
    asked = (replace(first, method="POST"), first, replace(first, told="last"), other, first)
    assert without_repeats(asked) == (asked[0], *asked[2:])


def test_what_tests_say_of_a_cloud_left_alone_is_kept(bench: FakeBench, tmp_path: Path) -> None:
    own = bench.tests_for(LIMIT)
    alone = Alone(bench, tmp_path / "alone.json")  # type: ignore[arg-type]
    alone.learn(own)
    assert [id for id, _ in alone.broken()] == [own[0].id]
    kept = Alone(bench, tmp_path / "alone.json")  # type: ignore[arg-type]
    assert kept.seen == {test.id: bench.alone[test.id] for test in own[1:]}, "what does not pass is asked again"


def test_the_page_counts_by_capability() -> None:
    own = [one for one in DEVIATIONS if one.capability == LIMIT.capability][:2]
    other = next(one for one in DEVIATIONS if one.service is not LIMIT.service)
    rows = [row(own[0], ["1"]), row(own[1], []), row(other, [])]
    assert strengths(rows) == {
        LIMIT.capability: {"aimed": 2, "killed": 1, "missed": [own[1].id]},
        other.capability: {"aimed": 1, "killed": 0, "missed": [other.id]},
    }
    text = page(rows, {"1": "notices"}, {own[0].id: "MG-00"})
    assert "**1 of 3 deviations are noticed**, 1 of 1 of the published list" in text
    where = f"| {LIMIT.service} | {LIMIT.capability} |"
    assert f"| {own[0].id} | MG-00 | {own[0].title} {where} `notices` |  |" in text
    assert f"| {own[1].id} |  | {own[1].title} {where}  | **missed** |" in text
    assert f"| {LIMIT.capability} | 2 | 1 | 1 |" in text


def test_each_deviation_is_written_down_as_it_is_found_out(tmp_path: Path) -> None:
    first, second = DEVIATIONS[0], DEVIATIONS[1]
    write(tmp_path, DEVIATIONS, {second.id: row(second, ["1"])})
    write(tmp_path, DEVIATIONS, {first.id: row(first, [])})
    assert [(id, one["killed"]) for id, one in known(tmp_path).items()] == [(first.id, False), (second.id, True)]
    write(tmp_path, DEVIATIONS[1:], {})
    assert [*known(tmp_path)] == [second.id], "a deviation that is no more is forgotten"


def test_what_makes_no_difference_is_neither_noticed_nor_missed(bench: FakeBench) -> None:
    detection = ask(bench)
    assert (detection.killed, detection.says_something) == (False, True)
    bench.differs = False
    assert not ask(bench).says_something


QUICK = (
    "identity.token-without-issued-at",
    "image.limit-ignored",
    "compute.flavors-in-small",
    "network.pool-stays",
    "block-storage.root-status-200",
    "object-store.range-ignored",
)


@pytest.mark.refcloud
def test_a_deviation_of_each_service_is_noticed(reference_cloud: ReferenceCloud, tmp_path: Path) -> None:
    clouds = CloudFile(path=reference_cloud.clouds_file)
    users = {"primary": "defcore-ref", "alt": "defcore-ref-alt"}
    with Proxy(clouds.mounts("defcore-ref")) as proxy:
        bench = Bench(proxy=proxy, users=users, folder=tmp_path)
        bench.prepare(clouds)
        alone = Alone(bench)
        found = [detect(alone, BY_ID[id], whole_service=False, all_tests=False) for id in QUICK]
    assert [one.deviation.id for one in found if not one.killed] == []
    assert [one.troubles for one in found if one.troubles] == []
    assert list(alone.broken()) == [], "through the proxy the cloud keeps its promises"
