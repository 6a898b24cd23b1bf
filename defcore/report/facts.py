"""What several formats say in the same words."""

from __future__ import annotations

import math
import shlex
from collections import Counter
from collections.abc import Iterable
from urllib.parse import urlsplit

from defcore.model.capability import Service
from defcore.model.guideline import Status
from defcore.model.outcome import WORST_FIRST, Attempt, Outcome, TestRecord
from defcore.model.result import Result
from defcore.model.scorecard import ComponentScore, Mend, Rate, Scorecard, TestScore
from defcore.report.inert import line

DOCUMENTATION = {"docs.openstack.org", "specs.openstack.org", "developer.openstack.org"}
"""Hosts of the references that a report turns into links; any other address stays text."""
OTHER = "other"
FLAKY = 20
"""Flaky tests that are named before the rest is counted."""
CONFLICTS = 20
"""Conflicts between files that a report lists; the result holds all of them."""


def title(card: Scorecard) -> str:
    """`OpenStack Powered Platform 2020.06`."""
    return f"{card.platform or 'All components'} {card.guideline}"


def percent(value: float | None) -> str:
    """Rounded down, so that 100 % means all of it; `0 of 0` where there is nothing to divide."""
    return "0 of 0" if value is None else f"{math.floor(value * 10) / 10:.1f} %"


def rate_words(rate: Rate | None) -> str:
    """`95.0 % to 100.0 % of 60, asked for 95.0 %`: the bounds, the attempts, the threshold."""
    if rate is None or not rate.decided:
        return "nothing decided"
    asked = f", asked for {percent(rate.threshold * 100)}" if rate.threshold is not None else ""
    attempts = "attempt" if rate.decided == 1 else "attempts"
    return f"{percent(rate.lower * 100)} to {percent(rate.upper * 100)} by {rate.decided} {attempts}{asked}"


def level_words(card: Scorecard) -> str:
    """The highest level reached, and how far it is to the next."""
    level = card.level
    reached = level.reached or "none"
    if level.next is None:
        return reached
    parts = [
        f"{n} {'test' if n == 1 else 'tests'} {what}"
        for n, what in ((level.to_mend, "to mend"), (level.to_find_out, "to find out"))
        if n
    ]
    return f"{reached}; to {level.next}: {' and '.join(parts) or 'more attempts, so that the rate is sure'}"


def footnotes(card: Scorecard) -> list[str]:
    """What several formats tell below the verdict: flaky tests, waivers, how records were found."""
    notes = []
    if card.flaky:
        shown = ", ".join(
            f"{test.name} ({test.tally.passed} of {test.tally.decided} passed)" for test in card.flaky[:FLAKY]
        )
        more = f" and {len(card.flaky) - FLAKY} more" if len(card.flaky) > FLAKY else ""
        notes.append(f"flaky: {shown}{more}")
    for use in card.waivers:
        lifts = f"lifts {len(use.tests)} tests" if use.in_force else "is not in force"
        notes.append(f"waiver {use.id} ({use.granted} to {use.expires}, by {use.decided_by}) {lifts}: {use.reason}")
    if card.source != "defcore":
        found = ", ".join(f"{count} by {way}" for way, count in card.matching.items()) or "none"
        notes.append(f"official tests found in the {card.source} result: {found}")
    return notes


def must_pass(card: Scorecard | ComponentScore) -> tuple[int, int]:
    """(passed, all) of the required tests that are not flagged."""
    required = next(count for count in card.statuses if count.status is Status.REQUIRED)
    tests = required.tests - required.flagged_passed - required.flagged_failed
    return required.passed - required.flagged_passed, tests


def outcome_counts(outcomes: Iterable[Outcome]) -> list[tuple[Outcome, int]]:
    """Each of the five outcomes with its number, passes first."""
    counts = Counter(outcomes)
    return [(outcome, counts[outcome]) for outcome in reversed(WORST_FIRST)]


def tally(result: Result) -> str:
    """`planned 5 = 2 passed + 1 failed + 0 error + 1 skipped + 1 not run`."""
    counts = {
        outcome: sum(record.outcome is outcome for record in result.tests)
        for outcome in (Outcome.PASSED, Outcome.FAILED, Outcome.ERROR, Outcome.SKIPPED, Outcome.NOT_RUN)
    }
    parts = " + ".join(f"{n} {outcome.lower().replace('_', ' ')}" for outcome, n in counts.items())
    return f"planned {len(result.tests)} = {parts}"


def not_passed(result: Result) -> list[TestRecord]:
    """The records that are no pass, worst first, otherwise in the order of the run."""
    rank = {outcome: n for n, outcome in enumerate(WORST_FIRST)}
    return sorted(
        (record for record in result.tests if record.outcome is not Outcome.PASSED),
        key=lambda record: rank[record.outcome],
    )


def service(record: TestRecord) -> str:
    """The service that a test belongs to, by its node id."""
    folder = record.nodeid.partition("/")[0].replace("_", "-")
    return folder if folder in set(Service) else OTHER


def outcome_words(record: TestRecord | TestScore | Attempt | Mend) -> str:
    """`SKIPPED (absent)`."""
    return f"{record.outcome} ({record.cause})" if record.cause else str(record.outcome)


def sweep_command(result: Result) -> str:
    """The command that removes what the run left behind, safe to paste whatever the names are."""
    return shlex.join(["defcore", "sweep", "--cloud", line(result.cloud.name), "--run", line(result.run.id)])


def origin_lines(result: Result, limit: int = CONFLICTS) -> list[str]:
    """What files a result was read from and what is odd about them, a line each; empty for a run of ours alone."""
    origin = result.origin
    lines = [f"read from {file.name} ({file.format})" for file in origin.files]
    if len(origin.files) > 1 and not result.cloud.cpid:
        lines.append("none of the files names its cloud: that they are of one is taken on trust")
    if origin.passes_only:
        lines.append("the files name passed tests only: what they do not name is NOT_RUN")
    conflicts = [
        f"the files disagree on {conflict.test}: "
        + ", ".join(f"{outcome} in {name}" for outcome, name in zip(conflict.outcomes, conflict.files, strict=False))
        + f"; {conflict.taken} is taken"
        for conflict in origin.conflicts
    ]
    fixtures = [f"class {one.class_name}: {one.reason}" for one in origin.broken_fixtures]
    return [*lines, *_first(conflicts, limit, "conflicts"), *_first(fixtures, limit, "classes"), *origin.remarks]


def _first(lines: list[str], limit: int, noun: str) -> list[str]:
    more = [f"and {len(lines) - limit} more {noun}"] if len(lines) > limit else []
    return [*lines[:limit], *more]


def link(reference: str | None) -> str | None:
    """The address, if it is one of the documentation that a reader may safely follow."""
    if not reference or len(reference) > 500 or not reference.isascii() or not reference.isprintable():
        return None
    try:
        parts = urlsplit(reference)
    except ValueError:
        return None
    safe = parts.scheme in ("http", "https") and parts.netloc in DOCUMENTATION
    return reference if safe and not set(reference) & set("<>\"'`\\ ()[]|") else None
