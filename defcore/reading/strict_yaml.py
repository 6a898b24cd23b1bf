"""Reads the bytes of a YAML file into plain data that knows where each key and value stands.

Only what a document needs: mappings with plain keys, lists, strings, numbers, booleans, null. Scalars are read by the
core schema of YAML 1.2, so `no` and `2020-06-01` are strings; the text of a number is kept, so that `2020.10` can be
shown as it was written. Refused are tags, duplicate keys, and aliases, but for those of a scalar where they are asked
for. All is built from the parser's events, so depth and number of values are known before anything is built.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
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

from defcore.errors import Problem
from defcore.reading.document import DEFAULT, Document, Limits, decoded
from defcore.schemas import Place

TAG = "tag:yaml.org,2002:"
STR = f"{TAG}str"
SCALARS = {f"{TAG}{kind}" for kind in ("str", "int", "float", "bool", "null", "timestamp", "value", "merge")}
NULLS = {"", "~", "null", "Null", "NULL"}
BOOLS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
INT = re.compile(r"[-+]?[0-9]{1,18}")
FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]{1,3})?")
LONGEST_FLOAT = 100
"""Characters; what is longer is text."""
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""Ten times faster where libyaml is there."""
EXPLAINED = 256 << 10
"""Characters of a broken text that are parsed once more, by the slow parser, for its better words."""


class WrittenFloat(float):
    """A number that remembers how it was written."""

    text: str = ""


def parse(raw: bytes, name: str, limits: Limits = DEFAULT) -> Document:
    """The document in the bytes of a file called `name`, with all its places; what is wrong is in `problems`."""
    document = Document.of(raw, name)
    text = decoded(raw, document, "yaml", limits)
    if text is not None:
        _parse(text, document, _Builder(document, limits))
        if document.data is None and not document.problems:
            document.problems.append(Problem(code="yaml.empty", message="the file is empty", where=name))
    return document


def parse_texts(raw: bytes, name: str, limits: Limits) -> Document:
    """The list of all documents of a stream. Scalars stay text as it was written, and may be repeated by an alias.

    Places are not kept.
    """
    stream = Document.of(raw, name)
    text = decoded(raw, stream, "yaml", limits)
    if text is not None:
        _parse(text, stream, _Builder(stream, limits, texts=True))
    return stream


class _Refused(Exception):
    """Nothing more is read."""


def _parse(text: str, document: Document, builder: _Builder) -> None:
    """Into the document; with a problem, and without data, if the text is no YAML or goes beyond the limits."""
    loaders = [LOADER, yaml.SafeLoader] if len(text) <= EXPLAINED else [LOADER]
    problem: Problem | None = None
    for loader in loaders:
        builder.begin()
        try:
            for event in yaml.parse(text, Loader=loader):
                builder.take(event)
            builder.finish()
            return
        except _Refused:
            document.data = None
            return
        except yaml.YAMLError as error:
            problem = _syntax(error, document.name)
    document.data = None
    document.problems += [problem] if problem else []


def _syntax(error: yaml.YAMLError, name: str) -> Problem:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    what = str(getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be parsed")[:200]
    context = getattr(error, "context", None)
    where = _where(name, mark)
    message = f"not valid YAML: {what}" + (f" ({str(context)[:200]})" if context else "")
    return Problem(code="yaml.syntax", message=message, where=where, hint=_syntax_hint(what))


def _where(name: str, mark: Any) -> str:
    return f"{name}:{mark.line + 1}:{mark.column + 1}" if mark else name


def _syntax_hint(what: str) -> str | None:
    if "mapping values are not allowed" in what:
        return "put a text that holds a colon and a space in quotes"
    if "'\\t'" in what:
        return "indent with spaces, not with tabs"
    return None


@dataclass(slots=True)
class _Open:
    """A collection whose end has not come yet."""

    value: dict[str, Any] | list[Any]
    place: Place | None
    """None: what is in it is not kept, for its key stood there before, or is none."""
    key: str | None = None
    """Of a mapping: the key that waits for its value."""
    drop: bool = False
    """The value that comes next is not kept."""
    lines: dict[str, int] = field(default_factory=dict)
    """Key -> the line in which it stands."""


class _Builder:
    """Puts the values together: data, places and problems into the document."""

    def __init__(self, document: Document, limits: Limits, *, texts: bool = False) -> None:
        self.document = document
        self.limits = limits
        self.texts = texts

    def begin(self) -> None:
        self.documents: list[Any] = []
        self._open: list[_Open] = []
        self._anchors: dict[str, str | None] = {}
        self._count = 0
        for kept in (self.document.problems, self.document.values, self.document.keys):
            kept.clear()

    def finish(self) -> None:
        self.document.data = self.documents if self.texts else self.documents[0] if self.documents else None

    def take(self, event: Event) -> None:
        if isinstance(event, NodeEvent):
            self._node(event)
        elif isinstance(event, CollectionEndEvent):
            self._open.pop()
        elif isinstance(event, DocumentStartEvent):
            self._anchors = {}
            self._check_documents(event)

    def _check_documents(self, event: Event) -> None:
        if len(self.documents) < self.limits.documents:
            return
        if self.limits.documents == 1:
            self._refuse(event, "syntax", "not valid YAML: but found another document", "one document a file")
        self._refuse(event, "size", f"more than {self.limits.documents:,} documents")

    def _node(self, event: NodeEvent) -> None:
        self._count += 1
        if self._count > self.limits.values:
            self._refuse(event, "size", f"more than {self.limits.values:,} values")
        if isinstance(event, ScalarEvent):
            value = self._scalar(event)
            self._anchor(event, event.value)
            if self._is_key():
                self._take_key(event, event.value)
            else:
                self._put(event, value)
        elif isinstance(event, CollectionStartEvent):
            self._collection(event)
        elif isinstance(event, AliasEvent):
            self._alias(event)

    def _collection(self, event: CollectionStartEvent) -> None:
        mapping = isinstance(event, MappingStartEvent)
        if len(self._open) >= self.limits.depth:
            self._refuse(event, "depth", f"nested deeper than {self.limits.depth} levels")
        if event.tag not in (None, f"{TAG}map" if mapping else f"{TAG}seq"):
            self._tag(event, event.tag)
        self._anchor(event, None)
        value: dict[str, Any] | list[Any] = {} if mapping else []
        if self._is_key():
            self._problem(event, "key", "a key must be a plain word")
            self._open[-1].drop = True
            self._open[-1].key = ""
            self._open.append(_Open(value, None))
            return
        self._open.append(_Open(value, self._put(event, value)))

    def _alias(self, event: AliasEvent) -> None:
        if not self.texts:
            self._refuse(event, "alias", "an alias (*name) is not read here", "write the value out")
        text = self._anchors.get(event.anchor or "")
        if text is None:
            self._refuse(event, "alias", "an alias (*name) may not repeat a mapping or a list", "write the value out")
        if self._is_key():
            self._take_key(event, text)
        else:
            self._put(event, text)

    def _anchor(self, event: ScalarEvent | CollectionStartEvent, text: str | None) -> None:
        if event.anchor:
            self._anchors[event.anchor] = text

    def _is_key(self) -> bool:
        return bool(self._open) and isinstance(self._open[-1].value, dict) and self._open[-1].key is None

    def _take_key(self, event: Event, key: str) -> None:
        holder = self._open[-1]
        holder.key = key
        if key in holder.lines:
            line = holder.lines[key]
            self._problem(event, "duplicate-key", f"the key {key[:60]!r} stands already in line {line}")
            holder.drop = True
            return
        holder.lines[key] = _position(event)[0]
        if holder.place is not None and not self.texts:
            self.document.keys[(*holder.place, key)] = _position(event)

    def _put(self, event: Event, value: Any) -> Place | None:
        """Into the collection that is open, or as a document of its own; its place, if it is kept."""
        place = self._put_into(self._open[-1], value) if self._open else ()
        if not self._open:
            self.documents.append(value)
        if place is not None and not self.texts:
            self.document.values[place] = _position(event)
        return place

    def _put_into(self, holder: _Open, value: Any) -> Place | None:
        place = holder.place
        if isinstance(holder.value, list):
            holder.value.append(value)
            return None if place is None else () if self.texts else (*place, len(holder.value) - 1)
        key, holder.key = holder.key or "", None
        if holder.drop:
            holder.drop = False
            return None
        holder.value[key] = value
        return None if place is None else () if self.texts else (*place, key)

    def _scalar(self, event: ScalarEvent) -> Any:
        if not event.value.isascii():
            self._check_text(event)
        quoted = event.style in ("'", '"', "|", ">")
        if event.tag is not None and (event.tag not in SCALARS or (quoted and event.tag != STR)):
            self._tag(event, event.tag)
            return event.value
        return event.value if self.texts or quoted or event.tag == STR else plain(event.value)

    def _check_text(self, event: ScalarEvent) -> None:
        try:
            event.value.encode()
        except UnicodeEncodeError:
            self._refuse(event, "encoding", "half of a surrogate pair stands in a text")

    def _tag(self, event: Event, tag: str | None) -> None:
        self._problem(event, "tag", f"the tag {(tag or '')[:60]!r} is not read here", "leave the tag out")

    def _problem(self, event: Event, code: str, message: str, hint: str | None = None) -> None:
        where = _where(self.document.name, event.start_mark)
        self.document.problems.append(Problem(code=f"yaml.{code}", message=message, where=where, hint=hint))

    def _refuse(self, event: Event, code: str, message: str, hint: str | None = None) -> NoReturn:
        self._problem(event, code, message, hint)
        raise _Refused


def plain(text: str) -> object:
    """The value of an unquoted scalar by the core schema of YAML 1.2."""
    if text in NULLS:
        return None
    if text in BOOLS:
        return BOOLS[text]
    if INT.fullmatch(text):
        return int(text)
    if len(text) <= LONGEST_FLOAT and FLOAT.fullmatch(text):
        number = WrittenFloat(text)
        number.text = text
        return number
    return text


def _position(event: Event) -> tuple[int, int]:
    mark: Any = event.start_mark
    return mark.line + 1, mark.column + 1
