"""Points in time, as documents and headers of the cloud tell them."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from defcore.errors import PromiseBroken
from defcore.suite.support.answer import Answer


def moment(answer: Answer, text: str) -> datetime:
    """A point in time of an answer's body; UTC if it names no zone. Raises PromiseBroken if it is not ISO 8601."""
    try:
        found = datetime.fromisoformat(text)
    except (ValueError, TypeError):
        raise PromiseBroken(f"{answer.where}: {text!r} is no date and time", expected="ISO 8601", seen=text) from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def clock_of(answer: Answer) -> datetime:
    """The cloud's clock by the header Date, so that a wrong clock of ours decides nothing; else ours."""
    try:
        return parsedate_to_datetime(answer.headers.get("date") or "").astimezone(UTC)
    except ValueError:
        return datetime.now(UTC)
