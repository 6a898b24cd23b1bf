"""What the exchanges of a submission tell of the run that they are said to be of: when, with whom, and what they named.

Resources that a run makes bear its id, and the board's challenge, in their names; a HAR file says when each request
went out, and to which address. So exchanges of another run, or with another cloud, show.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import unquote

from defcore.model.outcome import Attempt, Outcome, TestRecord
from defcore.model.result import Result
from defcore.reading import strict_json
from defcore.reading.document import Limits
from defcore.results.discrepancies import Found, no, unknown
from defcore.results.records import SLACK, moment

Value = TypeVar("Value")
SHOWN = (Outcome.PASSED, Outcome.FAILED)
"""Outcomes that a cloud's answer shows."""
LIMITS = Limits(size=32 << 20, values=1_000_000)
NAME = re.compile(r"defcore-(?P<run>[0-9a-f]{8})-(?P<next>[A-Za-z0-9]+)(?=[^A-Za-z0-9])")
"""Of a resource; what follows the run is the challenge, or the purpose. A name that was cut off is none."""
MAKING = ("POST", "PUT")
ORIGIN = re.compile(r"(https?)://[^/?#\s]+", re.IGNORECASE)
MOST = 500
"""Different names, or origins, of one file that are kept: the tests name a few."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchanges:
    """Of one HAR file."""

    first: datetime | None
    last: datetime | None
    """When the first and the last request went out; None where none says so."""
    names: frozenset[tuple[str, str]]
    """What requests that make something name: the start of a run's id, and the word behind it."""
    origins: frozenset[str]
    """With whom there was an exchange that has an answer: `https://host:port`."""


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
        names=_few(name for one in entries for name in _names(one.get("request"))),
        origins=_few(origin for one in entries for origin in _answered_by(one)),
    )


def _few(found: Iterator[Value]) -> frozenset[Value]:
    few: set[Value] = set()
    for one in found:
        few.add(one)
        if len(few) > MOST:
            break
    return frozenset(few)


def origin_of(url: str) -> str:
    """Of an address of the web: `https://host` or `https://host:port`; "" of anything else."""
    match = ORIGIN.match(url)
    if match is None:
        return ""
    found = match[0].lower()
    return found.removesuffix(":443" if found.startswith("https") else ":80")


def _answered_by(entry: Any) -> Iterator[str]:
    request, response = entry.get("request"), entry.get("response")
    if isinstance(request, dict) and isinstance(response, dict) and response.get("status"):
        yield origin_of(str(request.get("url")))


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
        if max(len(exchanges.names), len(exchanges.origins)) > MOST:
            yield unknown("evidence", path, f"these exchanges name more than {MOST} things, and not all are looked at")
        yield from _named(result, path, exchanges.names)
    stated = frozenset(origin_of(url) for _, url in result.cloud.endpoints)
    used: set[str] = set()
    for record in result.tests:
        for attempt in record.attempts:
            if attempt.evidence in used:
                yield no("evidence", attempt.evidence or "", "these exchanges are said to be those of two attempts")
            used |= {attempt.evidence} if attempt.evidence else set()
            exchanges = read.get(attempt.evidence or "")
            if exchanges:
                yield from _of_the_attempt(stated, record, attempt, exchanges)


def _of_the_attempt(stated: frozenset[str], record: TestRecord, attempt: Attempt, exchanges: Exchanges) -> Found:
    path, began = attempt.evidence or "", moment(attempt.started)
    if exchanges.first and exchanges.last and began:
        ended = began + timedelta(seconds=min(attempt.seconds, 1e9))
        if exchanges.first < began - SLACK or exchanges.last > ended + SLACK:
            message = f"these exchanges are not of the time of the test {record.id}"
            yield unknown("time", path, message, attempt.started, exchanges.first.isoformat())
    if attempt.outcome in SHOWN:
        if not exchanges.origins:
            message = f"the test {record.id} is {attempt.outcome.value}, and no answer of a cloud is on record"
            yield unknown("evidence", path, message)
        elif not exchanges.origins & stated:
            message = f"the test {record.id} was answered by none of the endpoints that are stated"
            yield unknown("evidence", path, message, ", ".join(sorted(stated)), ", ".join(sorted(exchanges.origins)))


def bear(challenge: str | None, run: str, read: Mapping[str, Exchanges | None]) -> bool:
    """Whether any exchange that is here makes something whose name bears the challenge."""
    return any(exchanges and (run[:8], challenge) in exchanges.names for exchanges in read.values())


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
