"""Which tests to run for a deviation, and in which order: those first that it concerns most.

Tests whose calls would not meet the deviation cannot notice it and are never run. The others come in rounds, until
one of them notices it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

from defcore.model.capability import Service, TestCase
from defcore.model.outcome import Outcome
from tests.deviations.detection import Bench, Detection, Seen
from tests.deviations.deviation import Deviation
from tests.deviations.message import Asked

ROUNDS = (1, 3, 12)
"""Tests of each round but the last, which has all others. A test that waits in vain takes its time."""


class Alone:
    """What becomes of the tests when the cloud is left alone. Each is run once, and kept in a file if there is one."""

    def __init__(self, bench: Bench, file: Path | None = None) -> None:
        self.bench = bench
        self.file = file
        self.seen: dict[str, Seen] = {}
        if file and file.exists():
            kept = json.loads(file.read_text())
            if kept["suite"] == bench.catalog.suite_digest:
                self.seen = {id: _seen(one) for id, one in kept["tests"].items()}

    def learn(self, tests: Iterable[TestCase]) -> None:
        """Run those that have not been run yet. Raises RuntimeError if that cannot be done."""
        new = [test for test in tests if test.id not in self.seen]
        if not new:
            return
        ran = self.bench.run(new)
        if ran.troubles:
            raise RuntimeError("\n".join(ran.troubles))
        self.seen |= ran.seen
        if self.file:
            kept = {id: asdict(one) for id, one in self.seen.items()}
            self.file.write_text(json.dumps({"suite": self.bench.catalog.suite_digest, "tests": kept}))

    def concerned(self, deviation: Deviation, tests: Sequence[TestCase]) -> list[TestCase]:
        """Those that pass and make calls that would meet the deviation, the most concerned first."""
        self.learn(tests)
        shares = {test.id: self._share(deviation, self.seen[test.id]) for test in tests}
        return sorted((test for test in tests if shares[test.id]), key=lambda test: -shares[test.id])

    def _share(self, deviation: Deviation, seen: Seen) -> float:
        """Of the calls, those that would meet the deviation; 0 for a test that does not pass anyway."""
        if seen.outcome is not Outcome.PASSED or not seen.asked:
            return 0.0
        return sum(deviation.met_by([call]) for call in seen.asked) / len(seen.asked)

    def broken(self) -> Iterator[tuple[str, Seen]]:
        """Tests that say no, or cannot say, though the cloud is left alone."""
        return ((id, one) for id, one in self.seen.items() if one.outcome in (Outcome.FAILED, Outcome.ERROR))


def detect(alone: Alone, deviation: Deviation, *, whole_service: bool, all_tests: bool) -> Detection:
    """Run the tests of the capability, and if they miss it, and it is wanted, those of the whole service."""
    aimed = alone.bench.tests_for(deviation)
    detection = _in_rounds(alone, deviation, aimed, all_tests=all_tests)
    if detection.killed or not whole_service:
        return detection
    others = [test for test in alone.bench.tests_for(deviation, whole_service=True) if test not in aimed]
    wider = _in_rounds(alone, deviation, others, all_tests=all_tests)
    return wider if wider.killed else detection


def _in_rounds(alone: Alone, deviation: Deviation, tests: Sequence[TestCase], *, all_tests: bool) -> Detection:
    concerned = alone.concerned(deviation, tests)
    detection = alone.bench.detect(deviation, ())
    for size in (len(concerned),) if all_tests else (*ROUNDS, len(concerned)):
        now, concerned = concerned[:size], concerned[size:]
        if now:
            detection += alone.bench.detect(deviation, now)
        if detection.killed:
            break
    return detection


def _seen(one: dict[str, object]) -> Seen:
    """From the file."""
    calls = one["asked"]
    assert isinstance(calls, list)
    asked = tuple(Asked(**call | {"service": call["service"] and Service(call["service"])}) for call in calls)
    return Seen(outcome=Outcome(str(one["outcome"])), reason=str(one["reason"]), asked=asked)
