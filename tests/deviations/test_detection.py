"""Which tests are run for a deviation, how the table counts, and a few deviations from end to end."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from defcore.catalog import find_data, load_catalog
from defcore.model.capability import Catalog, TestCase
from defcore.model.outcome import Outcome
from tests.conftest import ReferenceCloud
from tests.deviations.catalogue import DEVIATIONS
from tests.deviations.cloud import CloudFile
from tests.deviations.detection import Bench, Detection, Ran, Seen
from tests.deviations.deviation import Deviation
from tests.deviations.message import Asked
from tests.deviations.proxy import Proxy
from tests.deviations.rounds import Alone, detect
from tests.deviations.table import markdown, strengths

BY_ID = {one.id: one for one in DEVIATIONS}
LIMIT = BY_ID["image.limit-ignored"]


@dataclass(slots=True)
class FakeBench:
    """Sees of each test what it is told to."""

    alone: dict[str, Seen]
    killers: set[str]
    catalog: Catalog = field(default_factory=lambda: load_catalog(find_data()))
    rounds: list[int] = field(default_factory=list)

    def tests_for(self, deviation: Deviation, *, whole_service: bool = False) -> tuple[TestCase, ...]:
        return Bench.tests_for(self, deviation, whole_service=whole_service)  # type: ignore[arg-type]

    def run(self, tests: list[TestCase]) -> Ran:
        return Ran(seen={test.id: self.alone[test.id] for test in tests}, met=0, troubles=())

    def detect(self, deviation: Deviation, tests: tuple[TestCase, ...]) -> Detection:
        if tests:
            self.rounds.append(len(tests))
        killed = tuple(test.id for test in tests if test.id in self.killers)
        ran = tuple(test.id for test in tests)
        return Detection(deviation=deviation, ran=ran, killed_by=killed, errors=(), met=len(ran))


def seen(*paths: str, outcome: Outcome = Outcome.PASSED) -> Seen:
    calls = tuple(Asked(at=0.0, service=LIMIT.service, method="GET", path=path) for path in paths)
    return Seen(outcome=outcome, reason="", asked=calls)


@pytest.fixture
def bench() -> FakeBench:
    """All tests of images list images in one call of three, but for the fifth, which does nothing else, and for the
    first two, of which one fails anyway and one lists nothing."""
    bench = FakeBench({}, set())
    tests = bench.tests_for(LIMIT, whole_service=True)
    bench.alone = {test.id: seen("/v2/images", "/v2/images/1", "/v2/images/2") for test in tests}
    own = bench.tests_for(LIMIT)
    bench.alone[own[0].id] = seen("/v2/images", outcome=Outcome.FAILED)
    bench.alone[own[1].id] = seen("/v2/images/1")
    bench.alone[own[4].id] = seen("/v2/images")
    return bench


def ask(bench: FakeBench, **more: bool) -> Detection:
    chosen: dict[str, Any] = {"whole_service": False, "all_tests": False} | more
    return detect(Alone(bench), LIMIT, **chosen)  # type: ignore[arg-type]


def test_the_test_that_it_concerns_most_is_asked_first(bench: FakeBench) -> None:
    own = bench.tests_for(LIMIT)
    bench.killers = {own[4].id}
    detection = ask(bench)
    assert (detection.killed_by, bench.rounds) == ((own[4].id,), [1])


def test_rounds_follow_until_one_notices(bench: FakeBench) -> None:
    own = bench.tests_for(LIMIT)
    bench.killers = {own[-1].id}
    detection = ask(bench)
    assert detection.killed
    assert bench.rounds[:2] == [1, 3]
    assert own[0].id not in detection.ran, "it fails anyway"
    assert own[1].id not in detection.ran, "it meets no deviation"


def test_the_rest_of_the_service_is_asked_where_that_is_wanted(bench: FakeBench) -> None:
    own = bench.tests_for(LIMIT)
    other = next(test for test in bench.tests_for(LIMIT, whole_service=True) if test not in own)
    bench.killers = {other.id}
    assert not ask(bench).killed
    assert ask(bench, whole_service=True).killed_by == (other.id,)


def test_what_tests_say_of_a_cloud_left_alone_is_kept(bench: FakeBench, tmp_path: Path) -> None:
    own = bench.tests_for(LIMIT)
    Alone(bench, tmp_path / "alone.json").learn(own)  # type: ignore[arg-type]
    kept = Alone(bench, tmp_path / "alone.json")  # type: ignore[arg-type]
    assert kept.seen == {test.id: bench.alone[test.id] for test in own}
    assert [id for id, _ in kept.broken()] == [own[0].id]


def test_the_table_counts_by_capability() -> None:
    usual = {"published": None, "title": "it goes wrong", "errors": []}
    rows = [
        usual | {"deviation": "a", "capability": "one", "killed_by": [{"uuid": "1", "name": "notices"}]},
        usual | {"deviation": "b", "capability": "one", "killed_by": []},
        usual | {"deviation": "c", "capability": "two", "killed_by": []},
    ]
    assert strengths(rows) == {"one": {"aimed": 2, "killed": 1}, "two": {"aimed": 1, "killed": 0}}
    text = markdown(rows, strengths(rows))
    assert "| a |  | it goes wrong | one | `notices` |  |" in text
    assert "| b |  | it goes wrong | one | **missed** |  |" in text
    assert "| one | 1 / 2 |" in text


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
