"""The JSON form of an Origin: the member `origin` of a result document, and the way back."""

from __future__ import annotations

from typing import Any

from defcore.model.node import Node
from defcore.model.outcome import Outcome
from defcore.model.result import FORMATS, MERGED, OWN, BrokenFixture, Conflict, Origin, OriginFile


def origin_document(origin: Origin) -> dict[str, Any]:
    return {
        "format": origin.format,
        "passes_only": origin.passes_only,
        "files": [{"name": file.name, "format": file.format, "digest": file.digest} for file in origin.files],
        "broken_fixtures": [
            {"class_name": fixture.class_name, "reason": fixture.reason, "outcome": fixture.outcome.value}
            for fixture in origin.broken_fixtures
        ],
        "conflicts": [
            {
                "test": conflict.test,
                "outcomes": [outcome.value for outcome in conflict.outcomes],
                "files": list(conflict.files),
                "taken": conflict.taken.value,
            }
            for conflict in origin.conflicts
        ],
        "remarks": list(origin.remarks),
    }


def read_origin(node: Node) -> Origin:
    """The Origin that the member states; the default where it is left out."""
    return Origin(
        format=_format(node.get("format", OWN), (*FORMATS, MERGED)),
        passes_only=node.get("passes_only", False).truth(),
        files=tuple(_read_file(file) for file in node.get("files", [])),
        broken_fixtures=tuple(_read_fixture(fixture) for fixture in node.get("broken_fixtures", [])),
        conflicts=tuple(_read_conflict(conflict) for conflict in node.get("conflicts", [])),
        remarks=node.get("remarks", []).texts(),
    )


def _format(node: Node, known: tuple[str, ...]) -> str:
    if node.text() not in known:
        node.wrong(f"{node.text()[:40]!r} is no format of results", hint=f"valid: {', '.join(known)}")
    return node.text()


def _read_file(node: Node) -> OriginFile:
    return OriginFile(name=node["name"].text(), format=_format(node["format"], FORMATS), digest=node["digest"].text())


def _read_fixture(node: Node) -> BrokenFixture:
    return BrokenFixture(
        class_name=node["class_name"].text(),
        reason=node["reason"].text(),
        outcome=node.get("outcome", Outcome.ERROR.value).word(Outcome),
    )


def _read_conflict(node: Node) -> Conflict:
    return Conflict(
        test=node["test"].text(),
        outcomes=tuple(outcome.word(Outcome) for outcome in node["outcomes"]),
        files=node["files"].texts(),
        taken=node["taken"].word(Outcome),
    )
