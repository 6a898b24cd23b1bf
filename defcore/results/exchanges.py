"""What the exchanges of a submission tell of the run that they are said to be of: their time, and what they named.

Resources that a run makes bear its id, and the board's challenge, in their names; a HAR file says when each request
went out. So exchanges of another run show, as far as they name anything.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote

from defcore.model.result import Result
from defcore.reading import strict_json
from defcore.reading.document import Limits
from defcore.results.discrepancies import Found, no, unknown
from defcore.results.records import SLACK, moment

LIMITS = Limits(size=32 << 20, values=1_000_000)
NAME = re.compile(r"defcore-(?P<run>[0-9a-f]{8})-(?P<next>[A-Za-z0-9]+)(?=[^A-Za-z0-9])")
"""Of a resource; what follows the run is the challenge, or the purpose. A name that was cut off is none."""
MAKING = ("POST", "PUT")


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchanges:
    """Of one HAR file."""

    first: datetime | None
    last: datetime | None
    """When the first and the last request went out; None where none says so."""
    names: frozenset[tuple[str, str]]
    """What requests that make something name: the start of a run's id, and the word behind it."""


def read_exchanges(content: bytes, name: str) -> Exchanges | None:
    """None if this is no HAR file, or one that is too large to be read."""
    har = strict_json.parse(content, name, LIMITS, half_pairs=True)
    log = har.data.get("log") if isinstance(har.data, dict) and not har.problems else None
    entries = log.get("entries") if isinstance(log, dict) else None
    if not isinstance(entries, list) or not all(isinstance(one, dict) for one in entries):
        return None
    times = sorted(at for one in entries if (at := moment(str(one.get("startedDateTime")))))
    return Exchanges(
        first=times[0] if times else None,
        last=times[-1] if times else None,
        names=frozenset(name for one in entries for name in _names(one.get("request"))),
    )


def _names(request: Any) -> Iterator[tuple[str, str]]:
    if not isinstance(request, dict) or request.get("method") not in MAKING:
        return
    data = request.get("postData")
    body = data.get("text") if isinstance(data, dict) else None
    for text in (f"{unquote(str(request.get('url')))} ", str(body)):
        yield from ((found["run"], found["next"]) for found in NAME.finditer(text))


def of_the_run(result: Result, read: Mapping[str, Exchanges | None]) -> Found:
    """The exchanges are of this run, its challenge, and the time of their attempts. `read`: those that are here."""
    for path in sorted(read):
        exchanges = read[path]
        if exchanges is None:
            yield unknown("evidence", path, "this is no HAR file that can be read")
            continue
        yield from _named(result, path, exchanges.names)
    for record in result.tests:
        for attempt in record.attempts:
            exchanges = read.get(attempt.evidence or "")
            began = moment(attempt.started)
            if exchanges and exchanges.first and exchanges.last and began:
                ended = began + timedelta(seconds=min(attempt.seconds, 1e9))
                if exchanges.first < began - SLACK or exchanges.last > ended + SLACK:
                    message = f"these exchanges are not of the time of the test {record.id}"
                    yield unknown("time", attempt.evidence or "", message, attempt.started, exchanges.first.isoformat())


def _named(result: Result, path: str, names: Collection[tuple[str, str]]) -> Found:
    """A request may name what another run left; but one that makes things names its own."""
    runs = {run for run, _ in names}
    own, challenge = result.run.id[:8], result.run.challenge
    if runs and own not in runs:
        yield no(
            "evidence-run", path, "these exchanges are of another run, by what they name", own, ", ".join(sorted(runs))
        )
    strange = sorted(word for run, word in names if run == own and challenge and word != challenge)
    if strange:
        message = "what these exchanges name does not bear the challenge that the run is said to have been made for"
        yield no("challenge", path, message, challenge, strange[0])
