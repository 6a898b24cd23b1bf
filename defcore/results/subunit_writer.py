"""A binary subunit stream of a judged result, written with python-subunit.

Ids are `name[id-<uuid>]`, as Tempest writes them. An ERROR has no word in version 2: such a test begins, says
why in an attachment, and does not end, which every reader takes for a test that came to nothing; `fail` would
say that the cloud broke a promise. NOT_RUN is `exists`: announced.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from defcore.model.outcome import Attempt, Outcome
from defcore.model.result import Result
from defcore.model.scorecard import Scorecard
from defcore.results.foreign import shortened
from defcore.results.official import Told, told

WORD = {Outcome.PASSED: "success", Outcome.FAILED: "fail", Outcome.SKIPPED: "skip"}
ATTACHMENT = {Outcome.FAILED: "traceback", Outcome.SKIPPED: "reason", Outcome.ERROR: "reason"}
TEXT = "text/plain;charset=utf8"
LATEST = datetime(2106, 1, 1, tzinfo=UTC)
"""The format holds seconds since 1970 in 32 bits."""


def write(card: Scorecard, result: Result) -> bytes:
    """The stream of the official tests, each with every attempt that is on record."""
    from subunit.v2 import StreamResultToBytes  # noqa: PLC0415 - its imports take longer than most verbs

    out = io.BytesIO()
    writer = StreamResultToBytes(out)
    for one in told(card, result):
        for event in _events(one):
            writer.status(test_id=_id(one), **event)
    return out.getvalue()


def _id(one: Told) -> str:
    name = one.name.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "backslashreplace").decode()
    return f"{name}[id-{one.uuid}]" if one.uuid else name


def _events(one: Told) -> Iterator[dict[str, Any]]:
    if one.outcome is Outcome.NOT_RUN:
        yield {"test_status": "exists"}
    for attempt in one.attempts:
        yield from _attempt(attempt, attempt.reason or (one.reason if attempt.outcome is one.outcome else None))


def _attempt(attempt: Attempt, reason: str | None) -> Iterator[dict[str, Any]]:
    began = _time(attempt.started)
    yield {"test_status": "inprogress", "timestamp": began}
    if attempt.outcome in ATTACHMENT and reason:
        text = shortened(reason).encode("utf-8", "backslashreplace")
        name = ATTACHMENT[attempt.outcome]
        yield {"file_name": name, "file_bytes": text, "mime_type": TEXT, "eof": True, "timestamp": began}
    if attempt.outcome in WORD:
        ended = _time(attempt.started, attempt.seconds)
        yield {"test_status": WORD[attempt.outcome], "timestamp": ended}


def _time(started: str, seconds: float = 0.0) -> datetime | None:
    """None where no time is on record that the format could hold."""
    try:
        when = datetime.fromisoformat(started)
        when = (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC) + timedelta(seconds=seconds)
    except (ValueError, OverflowError):
        return None
    return when if datetime.fromtimestamp(0, UTC) <= when < LATEST else None
