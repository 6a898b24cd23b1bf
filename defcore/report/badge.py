"""The verdict as a badge: the JSON that an endpoint badge of shields.io asks for."""

from __future__ import annotations

from defcore.model import documents
from defcore.model.scorecard import Scorecard, Verdict
from defcore.report.facts import title
from defcore.report.inert import line

MESSAGE = {
    Verdict.CONFORMANT: ("conformant", "brightgreen"),
    Verdict.NON_CONFORMANT: ("not conformant", "red"),
    Verdict.INCONCLUSIVE: ("inconclusive", "lightgrey"),
}
LONGEST = 80


def render(card: Scorecard) -> str:
    message, color = MESSAGE[card.verdict]
    return documents.text({"schemaVersion": 1, "label": line(title(card), LONGEST), "message": message, "color": color})
