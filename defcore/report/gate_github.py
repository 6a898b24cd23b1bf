"""A gate's decision as workflow commands of GitHub Actions, which show it at the run and in the file view.

A command is one line, `::error title=T::MESSAGE`. In the message `%`, CR and LF are written as `%25`, `%0D` and
`%0A`; in a property `:` and `,` as `%3A` and `%2C` as well. Ten errors and ten warnings of a step are shown, so
the summary and what decides come first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from defcore.model.gate import GateAnswer, GateDecision, GateReason, Weight
from defcore.model.result import Result
from defcore.report.change_words import reason as recorded
from defcore.report.gate_text import MESSAGE, summary
from defcore.report.inert import line

LEVEL = {Weight.FAIL: "error", Weight.UNKNOWN: "error", Weight.WARNING: "warning"}
PLACE = re.compile(r"(?P<file>.+):(?P<line>\d+):(?P<col>\d+)\Z")
TITLE = "defcore gate"


def render(decision: GateDecision, result: Result) -> str:  # noqa: ARG001 - one shape for all
    return "".join(f"{one}\n" for one in _commands(decision))


def command(level: str, message: str, **properties: str) -> str:
    """One line, whatever the message holds."""
    own = ",".join(f"{name}={_property(value)}" for name, value in properties.items() if value)
    return f"::{level} {own}::{_data(message)}"


def _commands(decision: GateDecision) -> Iterator[str]:
    level = "notice" if decision.answer is GateAnswer.PASS else "error"
    yield command(level, summary(decision), title=TITLE)
    for reason in decision.reasons:
        yield _command(reason)


def _command(reason: GateReason) -> str:
    why = recorded(reason.change) if reason.change else ""
    message = line(reason.message, MESSAGE) + (f"\n{why}" if why else "")
    place = PLACE.match(reason.where or "")
    properties = {"file": line(place["file"]), "line": place["line"], "col": place["col"]} if place else {}
    return command(LEVEL[reason.weight], message, title=f"{TITLE}: {reason.kind}", **properties)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
