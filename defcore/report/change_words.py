"""How changes are said, in every format the same."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from defcore.model.change import Change, ChangeKind, Standing
from defcore.model.comparison import Side, Terms
from defcore.report.inert import line

NOWHERE = "-"
"""Stands where a result does not hold the test."""
HEADINGS = {
    ChangeKind.REGRESSION: ("regression", "regressions", "kept before, broken now"),
    ChangeKind.LOST: ("lost", "lost", "kept before, now we do not know"),
    ChangeKind.EXPOSED: ("exposed", "exposed", "not known before, broken now"),
    ChangeKind.NEWLY_FLAKY: ("newly flaky", "newly flaky", "attempts both passed and failed, for the first time"),
    ChangeKind.NEW_FINDING: ("new finding", "new findings", "what decides no outcome"),
    ChangeKind.NEW_TEST: ("new test", "new tests", "not in the result before"),
    ChangeKind.GONE_TEST: ("test gone", "tests gone", "not in the result after"),
    ChangeKind.OTHER: ("other", "other", "another outcome that says the same of the promise"),
    ChangeKind.GONE_FINDING: ("finding gone", "findings gone", "what decides no outcome"),
    ChangeKind.NO_LONGER_FLAKY: ("no longer flaky", "no longer flaky", "all decided attempts agree again"),
    ChangeKind.OBSCURED: ("obscured", "obscured", "broken before, now we do not know"),
    ChangeKind.REGAINED: ("regained", "regained", "not known before, kept now"),
    ChangeKind.REPAIR: ("repair", "repairs", "broken before, kept now"),
}
"""One, many, and what it means."""


def grouped(changes: Sequence[Change]) -> list[tuple[ChangeKind, list[Change]]]:
    """The changes by kind, as they come sorted."""
    return [(kind, list(own)) for kind, own in groupby(changes, key=lambda change: change.kind)]


def heading(kind: ChangeKind, n: int) -> str:
    """`2 regressions: kept before, broken now`."""
    one, many, meaning = HEADINGS[kind]
    return f"{n} {one if n == 1 else many}: {meaning}"


def counts(changes: Iterable[Change]) -> str:
    """`2 regressions, 1 repair`, or `no changes`."""
    own = list(changes)
    words = []
    for kind, (one, many, _) in HEADINGS.items():
        n = sum(change.kind is kind for change in own)
        if n:
            words.append(f"{n} {one if n == 1 else many}")
    return ", ".join(words) or "no changes"


def standing_words(standing: Standing | None) -> str:
    """`SKIPPED (absent)`; `PASSED, 2 of 3 attempts` where the attempts do not agree."""
    if standing is None:
        return NOWHERE
    words = f"{standing.outcome} ({standing.cause})" if standing.cause else str(standing.outcome)
    decided = standing.passed + standing.failed
    return f"{words}, {standing.passed} of {decided} attempts passed" if standing.flaky else words


def step(change: Change) -> str:
    """`PASSED -> FAILED`."""
    if change.finding:
        return f"{line(change.finding.kind)} at {line(change.finding.where)}: {line(change.finding.seen)}"
    return f"{standing_words(change.before)} -> {standing_words(change.after)}"


def reason(change: Change) -> str:
    """The reason on record, of the result after; where that has none, what the one before said."""
    if change.finding:
        return ""
    now = line(change.after.reason) if change.after else ""
    then = line(change.before.reason) if change.before else ""
    return now or (f"before: {then}" if then else "")


def side_words(side: Side) -> str:
    """One line on a result."""
    parts = [f"cloud {line(side.cloud)}", f"run {line(side.run, 8)[:8]}", line(side.started, 40)[:19]]
    if not side.complete:
        parts.append("not complete")
    if side.verdict:
        parts.append(str(side.verdict))
    if side.must_pass:
        parts.append("{} of {} must-pass tests".format(*side.must_pass))
    return ", ".join(part for part in parts if part)


def outcome_words(side: Side) -> str:
    """`3 PASSED, 1 FAILED`."""
    return ", ".join(f"{n} {outcome}" for outcome, n in side.outcomes if n) or "no tests"


def terms_words(terms: Terms | None) -> str:
    if terms is None:
        return "not judged"
    return f"judged under {line(terms.platform or 'all components of')} {line(terms.guideline)}, policy {terms.policy}"
