"""YAML from strangers, as mappings, lists and strings: several documents in a file, and nothing that explodes.

Read from the parser's events, so depth and number of values are known before anything is built. Scalars stay
text, as they were written. An alias may repeat a scalar, which costs nothing; one that repeats a collection is
refused, as are tags and a key that stands twice.
"""

from __future__ import annotations

from typing import Any, NoReturn

import yaml
from yaml.events import (
    AliasEvent,
    CollectionEndEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
)

from defcore.results.source import Source

LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
DEEPEST = 30
MOST_VALUES = 500_000
MOST_DOCUMENTS = 10_000
PLAIN_TAGS = {
    f"tag:yaml.org,2002:{kind}" for kind in ("str", "int", "float", "bool", "null", "timestamp", "map", "seq")
}
Value = dict[str, Any] | list[Any] | str


def parse(source: Source) -> list[Value]:
    """Every document of the file. InputError with line and column of what is refused."""
    builder = _Builder(source)
    try:
        for event in yaml.parse(source.text(), Loader=LOADER):
            builder.take(event)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        what = str(getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be parsed")
        source.wrong("yaml", f"not valid YAML: {what[:200]}", line=mark.line + 1 if mark else None)
    return builder.documents


class _Builder:
    """Puts the values together; `_stack` holds the collections that are open, with the key that waits in each."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.documents: list[Value] = []
        self._stack: list[tuple[Value, list[str]]] = []
        self._anchors: dict[str, str | None] = {}
        self._count = 0

    def take(self, event: Event) -> None:
        if isinstance(event, DocumentStartEvent):
            self._anchors = {}
        elif isinstance(event, CollectionEndEvent):
            self._stack.pop()
        elif isinstance(event, NodeEvent):
            self._node(event)

    def _node(self, event: NodeEvent) -> None:
        self._count += 1
        if self._count > MOST_VALUES:
            self._wrong(event, "too-large", f"the YAML holds more than {MOST_VALUES:,} values")
        if isinstance(event, AliasEvent):
            text = self._anchors.get(event.anchor or "")
            if text is None:
                self._wrong(event, "yaml-alias", "an alias (*name) may not repeat a mapping or a list")
            self._put(event, text)
            return
        if event.tag and event.tag not in PLAIN_TAGS:  # type: ignore[attr-defined]
            self._wrong(event, "yaml-tag", f"the tag {event.tag[:60]!r} is not read here")  # type: ignore[attr-defined]
        if isinstance(event, CollectionStartEvent):
            value: Value = {} if isinstance(event, MappingStartEvent) else []
            if len(self._stack) >= DEEPEST:
                self._wrong(event, "yaml-depth", f"nested deeper than {DEEPEST} levels")
            self._anchor(event, None)
            self._put(event, value)
            self._stack.append((value, []))
        elif isinstance(event, ScalarEvent):
            self._anchor(event, event.value)
            self._put(event, event.value)

    def _anchor(self, event: NodeEvent, text: str | None) -> None:
        if event.anchor:
            self._anchors[event.anchor] = text

    def _put(self, event: NodeEvent, value: Value) -> None:
        """Into the collection that is open, or as a document of its own."""
        if not self._stack:
            if len(self.documents) >= MOST_DOCUMENTS:
                self._wrong(event, "too-large", f"the file holds more than {MOST_DOCUMENTS:,} documents")
            self.documents.append(value)
            return
        holder, waiting = self._stack[-1]
        if isinstance(holder, list):
            holder.append(value)
        elif isinstance(holder, dict) and waiting:
            holder[waiting.pop()] = value
        elif not isinstance(value, str):
            self._wrong(event, "yaml-key", "a key must be a plain word")
        elif isinstance(holder, dict):
            if value in holder:
                self._wrong(event, "duplicate-key", f"the key {value[:60]!r} stands twice in one mapping")
            waiting.append(value)

    def _wrong(self, event: Event, code: str, message: str) -> NoReturn:
        mark: Any = event.start_mark
        self.source.wrong(code, f"{message}, column {mark.column + 1}", line=mark.line + 1)
