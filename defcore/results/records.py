"""Whether a result can be what a run of defcore left: each record folded again from its attempts, and the times.

`run.result` makes a record of its attempts; what a stranger's result says of a test must be what they come to.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from defcore.model.outcome import Attempt, Outcome, TestRecord, telling
from defcore.model.plan import PlannedTest
from defcore.model.result import Result
from defcore.model.submission import RESULT_FILE
from defcore.results.discrepancies import Found, no, unknown

SLACK = timedelta(minutes=5)
"""By which the clock of a run may have been set meanwhile."""
AHEAD = timedelta(days=1)
"""By which the reader's clock may be behind the run's."""


def as_planned(record: TestRecord, planned: PlannedTest) -> Found:
    """The record tells of the test what its plan tells: names, promise, capability, the official tests."""
    for own, one in zip(_facts(record), _facts(planned.untried()), strict=True):
        if own != one:
            message = f"the test {record.id} is not the one of the plan"
            yield no("plan", RESULT_FILE, message, one, own)
            return


def _facts(record: TestRecord) -> tuple[object, ...]:
    covers = sorted(record.covers)
    return record.name, record.nodeid, covers, record.promise, record.reference, record.capability


def from_attempts(record: TestRecord, planned: PlannedTest, *, rounds: int) -> Found:
    """The record is what its attempts come to; there are as many as `rounds` at least, 0 for a run that was cut off."""
    numbers = {attempt.n for attempt in record.attempts}
    if rounds and numbers != set(range(1, len(numbers) + 1)):
        message = f"attempts at the test {record.id} are left out: there is none of a number before the last"
        yield no("outcome", RESULT_FILE, message, f"1 to {len(numbers)}", ", ".join(map(str, sorted(numbers)[:20])))
    if len(numbers) < rounds:
        message = f"the run is complete, and the test {record.id} has not as many attempts as planned"
        yield no("outcome", RESULT_FILE, message, rounds, len(record.attempts))
    if not record.attempts:
        if record != planned.untried():
            message = f"the test {record.id} has no attempt, and its record says more than that it was planned"
            yield no("outcome", RESULT_FILE, message, Outcome.NOT_RUN.value, record.outcome.value)
        return
    if len({attempt.started for attempt in record.attempts}) < len(record.attempts):
        yield no("outcome", RESULT_FILE, f"two attempts at the test {record.id} began at the same moment")
    yield from _folded(record)


def _folded(record: TestRecord) -> Found:
    single, deciding = _deciding(record.attempts)
    same = [one for one in deciding if one.outcome is record.outcome]
    if record.outcome is Outcome.PASSED and len(same) < _parts(record.attempts):
        message = f"the test {record.id} is PASSED, and not each of its parts has passed"
        yield no("outcome", RESULT_FILE, message, _parts(record.attempts), len(same))
        return
    if not same:
        told = sorted({one.outcome.value for one in deciding})
        message = f"the test {record.id} is {record.outcome.value}, and its attempts come to something else"
        yield no("outcome", RESULT_FILE, message, " or ".join(told), record.outcome.value)
        return
    if _told(record) not in map(_told, same):
        message = f"why the test {record.id} is {record.outcome.value} is not what its attempt says"
        yield no("outcome", RESULT_FILE, message, _told(same[-1]), _told(record))
    found = tuple(finding for one in (deciding if single else record.attempts) for finding in one.findings)
    if set(record.findings) - set(found) or (single and record.findings != found):
        message = f"the findings at the test {record.id} are not those of its attempts"
        yield no("outcome", RESULT_FILE, message, len(found), len(record.findings))


def _deciding(attempts: Sequence[Attempt]) -> tuple[bool, Sequence[Attempt]]:
    """True and the attempt that decides; False and those that may, where a test has parts, each with attempts.

    Which attempt belongs to which part is not on record. A broken promise decides in any case.
    """
    if len({attempt.n for attempt in attempts}) == len(attempts):
        return True, [telling(attempts)]
    failed = [attempt for attempt in attempts if attempt.outcome is Outcome.FAILED]
    return False, failed or attempts


def _parts(attempts: Sequence[Attempt]) -> int:
    """Of how many parts the test is, at least: the attempts of a part are numbered from 1."""
    return max(Counter(attempt.n for attempt in attempts).values())


def _told(one: TestRecord | Attempt) -> tuple[str | None, ...]:
    return one.cause and one.cause.value, one.reason, one.expected, one.seen, one.evidence


def times(result: Result, now: datetime) -> Found:
    """The run ended after it began and before now, and its attempts lie between. A clock may have been set."""
    run = result.run
    started, finished = moment(run.started), moment(run.finished or run.started)
    if started is None or finished is None:
        yield no(
            "time", f"{RESULT_FILE}: $.run", "this is no time", "ISO 8601", run.finished if started else run.started
        )
        return
    if run.complete and run.finished is None:
        yield no("time", f"{RESULT_FILE}: $.run.finished", "the run is complete, and it does not say when it ended")
    if finished < started:
        yield no("time", f"{RESULT_FILE}: $.run", "the run ended before it began", run.started, run.finished)
    if max(started, finished) > now + AHEAD:
        message = "the run is of the future, by the clock of this machine"
        yield unknown("time", f"{RESULT_FILE}: $.run", message, f"{now:%Y-%m-%d}", run.finished or run.started)
    end = finished if run.finished else now + AHEAD
    for record in result.tests:
        for attempt in record.attempts:
            at = moment(attempt.started)
            where = f"the test {record.id}"
            if at is None:
                yield no("time", RESULT_FILE, f"{where}: this is no time", "ISO 8601", attempt.started)
            elif not started - SLACK <= at <= end + SLACK:
                yield unknown(
                    "time", RESULT_FILE, f"{where} was tried outside of the run's time", None, attempt.started
                )


def moment(text: str) -> datetime | None:
    """None if it is no time, or does not say of which zone."""
    try:
        found = datetime.fromisoformat(text)
        return found if found.utcoffset() is not None and 1970 < found.year < 9000 else None
    except (ValueError, OverflowError, OSError):
        return None
