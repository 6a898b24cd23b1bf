"""Which tests to run for a deviation, and in which order: those first that it concerns most.

Tests to whose calls it would make no difference cannot notice it and are not run.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from defcore.model.capability import TestCase
from defcore.model.outcome import Outcome
from tests.deviations.asked import Asked, share, share_met
from tests.deviations.detection import SUITE, Bench, Detection, Seen
from tests.deviations.deviation import Change, Deviation
from tests.deviations.message import Call


class Alone:
    """What becomes of the tests when the cloud is left alone. Each is run once, until its module changes, and what
    does not pass once more; it is kept in a file if there is one."""

    def __init__(self, bench: Bench, file: Path | None = None) -> None:
        self.bench = bench
        self.file = file
        self.seen: dict[str, Seen] = {}
        if file and file.exists():
            kept = json.loads(file.read_text())
            places = {test.id: _file(test) for test in bench.catalog.tests}
            self.seen = {id: _seen(one["seen"]) for id, one in kept.items() if one["file"] == places.get(id)}
            self.seen = {id: one for id, one in self.seen.items() if not self._is_broken(id)}

    def learn(self, tests: Iterable[TestCase]) -> None:
        """Run those that have not been run yet. Raises RuntimeError if that cannot be done."""
        new = [test for test in tests if test.id not in self.seen]
        if not new:
            return
        for again in (False, True):
            ran = self.bench.run([test for test in new if not again or self._is_broken(test.id)])
            if ran.troubles:
                raise RuntimeError("\n".join(ran.troubles))
            self.seen |= ran.seen
            if not any(self._is_broken(test.id) for test in new):
                break
        if self.file:
            files = {test.id: _file(test) for test in self.bench.catalog.tests}
            kept = {id: {"file": files[id], "seen": asdict(one)} for id, one in self.seen.items()}
            self.file.touch(mode=0o600)
            self.file.write_text(json.dumps(kept))

    def concerned(self, deviation: Deviation, tests: Sequence[TestCase]) -> list[TestCase]:
        """Those that pass and make calls that would differ (failing that, that would meet it), the most concerned
        first."""
        self.learn(tests)
        passing = [test for test in tests if self.seen[test.id].outcome is Outcome.PASSED]
        for count in (share, share_met):
            shares = {test.id: count(deviation, self.seen[test.id].asked) for test in passing}
            if any(shares.values()):
                break
        worth = {test.id: shares[test.id] + _likeness(deviation, test) / 2 for test in passing}
        concerned = [test for test in passing if shares[test.id]]
        return sorted(concerned, key=lambda test: -worth[test.id] / _cost(self.seen[test.id]))

    def broken(self) -> Iterator[tuple[str, Seen]]:
        """Tests that say no, or cannot say, though the cloud is left alone, each time that they are asked."""
        return ((id, one) for id, one in self.seen.items() if self._is_broken(id))

    def _is_broken(self, id: str) -> bool:
        return self.seen[id].outcome in (Outcome.FAILED, Outcome.ERROR)


def detect(alone: Alone, deviation: Deviation, *, whole_service: bool, all_tests: bool) -> Detection:
    """Run the tests of the capability, and if they miss it, and it is wanted, those of the whole service."""
    aimed = alone.bench.tests_for(deviation)
    detection = alone.bench.detect(deviation, alone.concerned(deviation, aimed), all_tests=all_tests)
    if detection.killed or not whole_service:
        return detection
    others = [test for test in alone.bench.tests_for(deviation, whole_service=True) if test not in aimed]
    wider = alone.bench.detect(deviation, alone.concerned(deviation, others), all_tests=all_tests)
    return wider if wider.killed else detection + wider


class ByTest:
    """Each test has a deviation of its own: the cloud deviates in this way while the test runs."""

    def __init__(self, deviations: Mapping[str, Deviation], now: Path) -> None:
        """`deviations`: by the test's id; `now`: the file that holds the id of the test that runs."""
        self.deviations, self.now = deviations, now
        self.memories: dict[str, dict[Any, Any]] = {}

    def change_for(self, call: Call) -> Change | None:
        test = self.now.read_text() if self.now.exists() else ""
        if test not in self.deviations:
            return None
        call.memory = self.memories.setdefault(test, {})
        return self.deviations[test].change_for(call)


def first_look(
    alone: Alone, deviations: Iterable[Deviation], *, most: int = 30
) -> tuple[dict[str, str], list[Deviation]]:
    """Which test notices which, if each deviation is tried on one test only, all of them in one run.

    It is one of the tests that the deviation concerns most, and no two share one. Returns id -> test of those that
    are noticed, and those that were not tried, as there was no test left; of the others it says nothing.
    """
    chosen: dict[str, tuple[TestCase, Deviation]] = {}
    left: list[Deviation] = []
    for deviation in deviations:
        concerned = alone.concerned(deviation, alone.bench.tests_for(deviation))[:5]
        test = next((one for one in concerned if one.id not in chosen), None)
        if concerned and (test is None or len(chosen) == most):
            left.append(deviation)
        elif test:
            chosen[test.id] = (test, deviation)
    if not chosen:
        return {}, left
    by_test = ByTest({id: deviation for id, (_, deviation) in chosen.items()}, alone.bench.now)
    ran = alone.bench.run([test for test, _ in chosen.values()], by_test)
    return ({} if ran.troubles else {chosen[id][1].id: id for id in ran.of(Outcome.FAILED)}), left


def _likeness(deviation: Deviation, test: TestCase) -> float:
    """Of the words of the test's name, those that the deviation's have too, by their beginnings."""
    words, others = ({word[:5] for word in re.findall("[a-z]+", name)} for name in (test.name, deviation.id))
    return len(words & others) / len(words)


def _cost(seen: Seen) -> float:
    return 1 + seen.seconds / 20


def _file(test: TestCase) -> str:
    """Changes when the test does."""
    return hashlib.sha256((SUITE / test.nodeid.partition("::")[0]).read_bytes()).hexdigest()


def _seen(one: dict[str, Any]) -> Seen:
    """From the file."""
    about = one | {"outcome": Outcome(one["outcome"]), "asked": tuple(Asked.read(call) for call in one["asked"])}
    return Seen(**about)
