"""The report as Markdown, for an issue, a merge request or a wiki."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from defcore.model.outcome import TestRecord
from defcore.model.result import Result
from defcore.model.scorecard import Scorecard
from defcore.report.evidence import EvidenceLoader, exchanges
from defcore.report.facts import (
    footnotes,
    level_words,
    link,
    must_pass,
    not_passed,
    origin_lines,
    outcome_words,
    percent,
    rate_words,
    tally,
    title,
)
from defcore.report.inert import line

SPECIAL = re.compile(r"([\\`*_\[\]<>|~&@$!]|:(?=/)|(?<=www)\.|^[#+=-]|^\d+(?=[.)]))", re.IGNORECASE)
EXCHANGES = 20
"""HTTP exchanges listed for a test, the last ones; the evidence holds all of them."""


def render(card: Scorecard, result: Result, evidence: EvidenceLoader) -> str:
    return "\n".join(_lines(card, result, evidence)) + "\n"


def _lines(card: Scorecard, result: Result, evidence: EvidenceLoader) -> Iterator[str]:
    yield f"# {card.verdict}: {escaped(title(card))}"
    yield ""
    yield (
        f"Cloud {escaped(card.cloud)}, policy {escaped(card.policy)}, run {code(card.run)}, "
        f"judged for {escaped(card.date)}. {escaped(tally(result))}."
    )
    yield ""
    yield from (f"- {escaped(reason, 600)}" for reason in card.reasons)
    yield f"- level: {escaped(level_words(card), 300)}"
    yield from (f"- {escaped(note, 900)}" for note in footnotes(card))
    yield from _components(card)
    yield from _mend(card)
    yield from _capabilities(card)
    yield from _tests(result, evidence)
    yield from _leftovers(result)
    yield from _inputs(card, result)


def _components(card: Scorecard) -> Iterator[str]:
    yield from heading("Components")
    yield "| component | verdict | must-pass tests passed | of all required | rate |"
    yield "|---|---|---|---|---|"
    for one in card.components:
        passed, tests = must_pass(one)
        kept, required = percent(one.non_flagged_required_pass_percent), percent(one.required_pass_percent)
        rate = rate_words(one.rate)
        yield f"| {escaped(one.name)} | {one.verdict} | {passed} of {tests}, {kept} | {required} | {rate} |"


def _mend(card: Scorecard) -> Iterator[str]:
    if not card.mend:
        return
    yield from heading(f"To mend: {len(card.mend)} official tests")
    for mend in card.mend:
        yield f"- {outcome_words(mend)} {code(mend.name)} ({escaped(mend.capability)}): {escaped(mend.reason)}"


def _capabilities(card: Scorecard) -> Iterator[str]:
    yield from heading("Capabilities")
    yield "| capability | status | passed | support | because |"
    yield "|---|---|---|---|---|"
    for one in card.capabilities:
        because = "<br>".join(escaped(reason) for reason in one.reasons)
        yield (f"| {escaped(one.id)} | {one.status} | {one.passed} of {len(one.tests)} | {one.support} | {because} |")


def _tests(result: Result, evidence: EvidenceLoader) -> Iterator[str]:
    records = not_passed(result)
    if not records:
        return
    yield from heading("Tests that did not pass")
    for record in records:
        yield f"### {outcome_words(record)} {escaped(record.name)}"
        yield ""
        yield from _record(record)
        if record.evidence:
            yield from _exchanges(record, evidence)
        yield ""


def _record(record: TestRecord) -> Iterator[str]:
    address = link(record.reference)
    reference = f" ([API reference]({address}))" if address else ""
    yield f"- promise: {escaped(record.promise, 1000)}{reference}"
    for name, value in (("reason", record.reason), ("expected", record.expected), ("seen", record.seen)):
        if value:
            yield f"- {name}: {escaped(value, 1000)}"
    yield f"- test: {code(record.nodeid)}, {code(record.id)}"


def _exchanges(record: TestRecord, evidence: EvidenceLoader) -> Iterator[str]:
    har = evidence(record.evidence or "")
    if har is None:
        yield f"- evidence missing: {code(record.evidence or '')}"
        return
    found = exchanges(har)
    yield f"- evidence: {code(record.evidence or '')}, {len(found)} HTTP exchanges"
    for one in found[-EXCHANGES:]:
        request_id = f" {code(one.request_id)}" if one.request_id else ""
        yield f"  - {code(f'{one.method} {one.url}')}: {one.status or 'no answer'}{request_id}"


def _leftovers(result: Result) -> Iterator[str]:
    if not result.leftovers:
        return
    yield from heading("Left behind in the cloud")
    for one in result.leftovers:
        yield f"- {escaped(one.kind)} {code(one.id or one.name or '-')}: {escaped(one.reason)}"


def _inputs(card: Scorecard, result: Result) -> Iterator[str]:
    yield from heading("Made from")
    yield f"- guideline {escaped(card.guideline)} {code(card.guideline_digest)}"
    if result.suite_version:
        yield f"- suite {escaped(result.suite_version)} {code(result.suite_digest)}"
    yield from (f"- {escaped(one, 600)}" for one in origin_lines(result))
    yield f"- result {code(card.result_digest)}"
    for setting in result.run.settings:
        yield f"- {escaped(setting.name)}: {code(setting.value or 'none')} ({escaped(setting.reason)})"


def heading(text: str) -> Iterable[str]:
    return ("", f"## {text}", "")


def escaped(text: str | None, limit: int = 300) -> str:
    """In one line, with everything that Markdown reads as markup escaped."""
    return SPECIAL.sub(_escape, line(text, limit))


def _escape(found: re.Match[str]) -> str:
    own = found[0]
    return f"&#{ord(own[0])};{own[1:]}" if own[0].isdigit() else f"\\{own}"


def code(text: str) -> str:
    """A code span that its content cannot end."""
    shown = line(text)
    fence = "`" * (max((len(run) for run in re.findall("`+", shown)), default=0) + 1)
    space = " " if "`" in shown else ""
    return f"{fence}{space}{shown or '-'}{space}{fence}"
