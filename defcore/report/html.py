"""The report as one HTML page that needs nothing but itself.

No network, no fonts, no frames: the page's Content-Security-Policy allows its own style and script by their
hashes and nothing else. Every value that the template prints passes `_inert`, then HTML escaping. Without
scripts the page is complete; with them it can be filtered.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from defcore.model.outcome import WORST_FIRST, Outcome, TestRecord
from defcore.model.result import Result
from defcore.model.scorecard import CapabilityScore, Scorecard, Support, Verdict
from defcore.report.evidence import EvidenceLoader, HttpExchange, exchanges, remark
from defcore.report.facts import (
    footnotes,
    level_words,
    link,
    must_pass,
    origin_lines,
    outcome_counts,
    outcome_words,
    percent,
    rate_words,
    service,
    sweep_command,
    title,
)
from defcore.report.inert import block, line, visible

BODY = 8_000
"""Characters of a body that the page shows."""
EXCHANGES = 30
"""Exchanges of a test that the page shows, the last ones."""
HELD = 64_000_000
"""Characters of evidence that are kept in memory until the page is written."""
BUDGET = 16_000_000
"""Characters of evidence in the whole page; what is beyond stays in the evidence folder."""
ICON: dict[str, str] = {
    Outcome.PASSED: "✓",
    Outcome.FAILED: "✕",
    Outcome.ERROR: "!",
    Outcome.SKIPPED: "–",
    Outcome.NOT_RUN: "○",
    Verdict.CONFORMANT: "✓",
    Verdict.NON_CONFORMANT: "✕",
    Verdict.INCONCLUSIVE: "?",
    Support.SUPPORTED: "✓",
    Support.UNSUPPORTED: "✕",
}
MEANING = {
    Verdict.CONFORMANT: "The cloud keeps every promise that the guideline requires.",
    Verdict.NON_CONFORMANT: "The cloud does not keep every promise that the guideline requires.",
    Verdict.INCONCLUSIVE: "What was measured is not enough for a yes, and gives no reason for a no.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A stretch of a bar, in percent of its width."""

    outcome: Outcome
    count: int
    start: float
    width: float


@dataclass(frozen=True, slots=True, kw_only=True)
class TestView:
    """A test with what the page shows beside its record."""

    __test__ = False  # not a pytest class

    anchor: str
    record: TestRecord
    service: str
    exchanges: tuple[HttpExchange, ...]
    evidence_note: str
    """What the reader must know of the evidence: missing, or more than is shown."""

    @property
    def seconds(self) -> float:
        return sum(attempt.seconds for attempt in self.record.attempts)


def render(card: Scorecard, result: Result, evidence: EvidenceLoader) -> str:
    tests = tuple(_tests(result, evidence))
    style, script = _source("report.css"), _source("report.js")
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            card=card,
            result=result,
            tests=tests,
            capabilities=_interesting_first(card.capabilities),
            anchors={test.record.id: test for test in tests},
            covering={test.id: test.covered_by for capability in card.capabilities for test in capability.tests},
            names={test.id: test.name for capability in card.capabilities for test in capability.tests},
            services=sorted({test.service for test in tests}),
            outcomes=[outcome for outcome in WORST_FIRST if any(t.record.outcome is outcome for t in tests)],
            meaning=MEANING[card.verdict],
            style=Markup(style),  # noqa: S704 - our own file
            script=Markup(script),  # noqa: S704 - our own file
            policy=_policy(style, script),
        )
    )


def parts(outcomes: Iterable[Outcome]) -> list[Part]:
    """The bar of some outcomes: passes first, then from the mildest to the worst."""
    counts = [(outcome, n) for outcome, n in outcome_counts(outcomes) if n]
    total = sum(n for _, n in counts)
    found, start = [], 0.0
    for outcome, n in counts:
        width = n * 100 / total
        found.append(Part(outcome=outcome, count=n, start=round(start, 3), width=round(width, 3)))
        start += width
    return found


def _interesting_first(capabilities: Sequence[CapabilityScore]) -> list[CapabilityScore]:
    rank = [Support.UNSUPPORTED, Support.INCONCLUSIVE, Support.SUPPORTED].index
    return sorted(capabilities, key=lambda one: rank(one.support))


def _tests(result: Result, evidence: EvidenceLoader) -> Iterator[TestView]:
    rank = {outcome: n for n, outcome in enumerate(WORST_FIRST)}
    left, held = BUDGET, HELD
    for n, record in enumerate(sorted(result.tests, key=lambda record: rank[record.outcome])):
        shown, note = _evidence(record, evidence, left, held) if record.outcome is not Outcome.PASSED else ((), "")
        left -= sum(map(_size, shown))
        held -= sum(map(_length, shown))
        yield TestView(anchor=f"test-{n}", record=record, service=service(record), exchanges=shown, evidence_note=note)


def _evidence(
    record: TestRecord, evidence: EvidenceLoader, left: int, held: int
) -> tuple[tuple[HttpExchange, ...], str]:
    """The exchanges that fit, the last ones, and a note on what is not shown."""
    if not record.evidence:
        return (), "" if record.outcome is Outcome.NOT_RUN else "No HTTP exchange is on record."
    har = evidence(record.evidence)
    if har is None:
        return (), f"Evidence missing or damaged: {line(record.evidence)}"
    found = exchanges(har)
    shown = found[-EXCHANGES:]
    if sum(map(_size, shown)) > left or sum(map(_length, shown)) > held:
        return (), f"The page is full; the {len(found)} exchanges are in {line(record.evidence)}"
    notes = [line(remark(har))] if remark(har) else []
    if len(found) > len(shown):
        notes.append(f"{len(found) - len(shown)} earlier exchanges are in {line(record.evidence)}")
    return shown, "; ".join(notes)


def _size(exchange: HttpExchange) -> int:
    bodies = min(len(exchange.request_body), BODY) + min(len(exchange.response_body), BODY)
    return bodies + 400 * (2 + len(exchange.request_headers) + len(exchange.response_headers))


def _length(exchange: HttpExchange) -> int:
    """All its characters, shown or not."""
    headers = (*exchange.request_headers, *exchange.response_headers)
    texts = (
        exchange.method,
        exchange.url,
        exchange.status_text,
        exchange.note,
        *(part for one in headers for part in one),
    )
    return len(exchange.request_body) + len(exchange.response_body) + sum(map(len, texts))


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("defcore.report", "page"),
        autoescape=True,
        finalize=_inert,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"line": line, "block": block, "percent": percent, "link": link, "words": outcome_words}
    environment.globals |= {
        "origin_lines": origin_lines,
        "icon": _icon,
        "parts": parts,
        "title": title,
        "sweep_command": sweep_command,
        "footnotes": footnotes,
        "level_words": level_words,
        "must_pass": must_pass,
        "rate_words": rate_words,
        "BODY": BODY,
    }
    return environment


def _inert(value: object) -> object:
    """What every printed expression passes before it is escaped."""
    return value if isinstance(value, Markup) or not isinstance(value, str) else visible(value)


def _icon(word: str) -> str:
    return ICON.get(word, "?")


@cache
def _source(name: str) -> str:
    return files("defcore.report").joinpath("page", name).read_text(encoding="utf-8")


def _policy(style: str, script: str) -> str:
    def hashed(source: str) -> str:
        return f"'sha256-{b64encode(hashlib.sha256(source.encode()).digest()).decode()}'"

    rules: Mapping[str, str] = {
        "default-src": "'none'",
        "style-src": hashed(style),
        "script-src": hashed(script),
        "base-uri": "'none'",
        "form-action": "'none'",
    }
    return "; ".join(f"{name} {value}" for name, value in rules.items())
