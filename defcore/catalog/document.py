"""Reads a YAML file into plain data that knows where each key and value stands.

Only what a document needs: one document, mappings with plain keys, lists, strings, numbers, booleans, null.
Scalars are read by the core schema of YAML 1.2, so `no` and `2020-06-01` are strings; the text of a number is
kept, so that `2020.10` can be shown as it was written. Aliases, tags and duplicate keys are refused.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from defcore.errors import Problem
from defcore.schemas import Place

LARGEST = 8 * 1024 * 1024
"""Bytes; the largest official guideline has under half a megabyte."""
DEEPEST = 40
MOST = 250_000
"""Keys, values and collections of a YAML file; each takes a kilobyte of memory."""
STR = "tag:yaml.org,2002:str"
PLAIN_TAGS = {f"tag:yaml.org,2002:{kind}" for kind in ("str", "int", "float", "bool", "null", "timestamp")} | {
    "tag:yaml.org,2002:value",
    "tag:yaml.org,2002:merge",
}
NULLS = {"", "~", "null", "Null", "NULL"}
BOOLS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
INT = re.compile(r"[-+]?[0-9]{1,18}")
FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]{1,3})?")
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""Ten times faster where libyaml is there; errors are always told by the Python one."""


class WrittenFloat(float):
    """A number that remembers how it was written."""

    text: str = ""


@dataclass(slots=True)
class Document:
    """A file as plain data, with the place of every key and value in it."""

    name: str
    data: Any = None
    digest: str = ""
    """`sha256:<hex>` of the file's bytes."""
    problems: list[Problem] = field(default_factory=list)
    """What the reader refused; the data is there all the same, as far as it could be read."""
    values: dict[Place, tuple[int, int]] = field(default_factory=dict)
    keys: dict[Place, tuple[int, int]] = field(default_factory=dict)

    def __call__(self, place: Place, *, key: bool = False) -> str:
        """`file:line:column` of the value at the place, or of its key; of the nearest place above if unknown."""
        while place and place not in self.values:
            place = place[:-1]
        line, column = self.keys.get(place, self.values.get(place, (1, 1))) if key else self.values.get(place, (1, 1))
        return f"{self.name}:{line}:{column}"


def read(path: Path) -> Document:
    """The document in the file; what is wrong with it, even that it cannot be read, is in `problems`."""
    raw = bytes_of(path)
    if isinstance(raw, Problem):
        return Document(name=str(path), problems=[raw])
    return parse(raw, str(path))


def bytes_of(path: Path) -> bytes | Problem:
    """The file's bytes, or why there are none; of a file that is too large no more than shows it."""
    try:
        with path.open("rb") as file:
            return file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        message = f"the file cannot be read: {getattr(error, 'strerror', None) or error}"
        return Problem(code="yaml.unreadable", message=message, where=str(path))


def parse(raw: bytes, name: str) -> Document:
    """The document in the bytes of a file called `name`."""
    document = Document(name=name, digest=f"sha256:{hashlib.sha256(raw).hexdigest()}")
    if len(raw) > LARGEST:
        document.problems.append(Problem(code="yaml.size", message=f"larger than {LARGEST} bytes", where=name))
        return document
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        problem = Problem(code="yaml.encoding", message="not UTF-8 text", where=f"{name}:{line}:1")
        document.problems.append(problem)
        return document
    node = _compose(text, document)
    if node is not None:
        _Reader(document).read(node)
        if document.data is None and not document.problems:
            document.problems.append(_nothing(name))
    return document


def _nothing(name: str) -> Problem:
    return Problem(code="yaml.empty", message="the file is empty", where=name)


def _compose(text: str, document: Document) -> Node | None:
    """The tree of the text's one document; None with a problem if there is none."""
    problem: Problem | None = None
    for loader in (LOADER, yaml.SafeLoader):
        try:
            problem = _unsafe(text, loader, document.name)
            if problem:
                break
            node: Node | None = yaml.compose(text, Loader=loader)
        except yaml.YAMLError as error:
            problem = _syntax(error, document.name)  # once more, for the words of the other loader
            continue
        if node is not None:
            return node
        problem = _nothing(document.name)
        break
    document.problems += [problem] if problem else []
    return None


def _unsafe(text: str, loader: Any, name: str) -> Problem | None:
    """What must not reach the composer, which descends for each level and keeps each value: depth, number, aliases."""
    depth = 0
    for n, event in enumerate(yaml.parse(text, Loader=loader)):
        if n == MOST:
            return Problem(code="yaml.size", message=f"more than {MOST} values", where=_where(name, event.start_mark))
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        if depth <= DEEPEST and not isinstance(event, AliasEvent):
            continue
        where = _where(name, event.start_mark)
        if depth > DEEPEST:
            return Problem(code="yaml.depth", message=f"nested deeper than {DEEPEST} levels", where=where)
        message = "an alias (*name) is not read here"
        return Problem(code="yaml.alias", message=message, where=where, hint="write the value out")
    return None


def _syntax(error: yaml.YAMLError, name: str) -> Problem:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    what = getattr(error, "problem", None) or getattr(error, "reason", None) or "it cannot be parsed"
    context = getattr(error, "context", None)
    where = _where(name, mark)
    message = f"not valid YAML: {what}" + (f" ({context})" if context else "")
    return Problem(code="yaml.syntax", message=message, where=where, hint=_syntax_hint(what))


def _where(name: str, mark: Any) -> str:
    return f"{name}:{mark.line + 1}:{mark.column + 1}" if mark else name


def _syntax_hint(what: str) -> str | None:
    if "mapping values are not allowed" in what:
        return "put a text that holds a colon and a space in quotes"
    if "'\\t'" in what:
        return "indent with spaces, not with tabs"
    if "another document" in what:
        return "one document a file"
    return None


class _Reader:
    """Walks the tree once: data, places and problems into the document."""

    def __init__(self, document: Document) -> None:
        self.document = document

    def read(self, root: Node) -> None:
        self.document.data = self._value(root, ())

    def _problem(self, node: Node, code: str, message: str, hint: str | None = None) -> None:
        line, column = _position(node)
        where = f"{self.document.name}:{line}:{column}"
        self.document.problems.append(Problem(code=code, message=message, where=where, hint=hint))

    def _value(self, node: Node, place: Place) -> Any:
        self.document.values.setdefault(place, _position(node))
        match node:
            case MappingNode():
                return self._mapping(node, place)
            case SequenceNode():
                self._check_tag(node, "tag:yaml.org,2002:seq")
                return [self._value(item, (*place, n)) for n, item in enumerate(node.value)]
            case ScalarNode():
                return self._scalar(node)
            case _:  # YAML has no fourth kind of node
                raise TypeError(type(node).__name__)

    def _mapping(self, node: MappingNode, place: Place) -> dict[str, Any]:
        self._check_tag(node, "tag:yaml.org,2002:map")
        data: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, ScalarNode):
                self._problem(key_node, "yaml.key", "a key must be a plain word")
                continue
            key = key_node.value
            inner: Place = (*place, key)
            if key in data:
                line = self.document.keys[inner][0]
                self._problem(key_node, "yaml.duplicate-key", f"the key {key!r} stands already in line {line}")
                continue
            self.document.keys[inner] = _position(key_node)
            data[key] = self._value(value_node, inner)
        return data

    def _scalar(self, node: ScalarNode) -> Any:
        quoted = node.style in ("'", '"', "|", ">")
        if node.tag not in PLAIN_TAGS or (quoted and node.tag != STR):
            self._problem(node, "yaml.tag", f"the tag {node.tag!r} is not read here", "leave the tag out")
            return node.value
        return node.value if quoted or node.tag == STR else plain(node.value)

    def _check_tag(self, node: Node, usual: str) -> None:
        if node.tag != usual:
            self._problem(node, "yaml.tag", f"the tag {node.tag!r} is not read here", "leave the tag out")


def plain(text: str) -> object:
    """The value of an unquoted scalar by the core schema of YAML 1.2."""
    if text in NULLS:
        return None
    if text in BOOLS:
        return BOOLS[text]
    if INT.fullmatch(text):
        return int(text)
    if FLOAT.fullmatch(text):
        number = WrittenFloat(text)
        number.text = text
        return number
    return text


def _position(node: Node) -> tuple[int, int]:
    return node.start_mark.line + 1, node.start_mark.column + 1
