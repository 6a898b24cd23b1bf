"""Reads a JSON file into plain data, with the same refusals as for YAML: size, encoding, depth, duplicate keys.

Places are JSONPaths (`2020.06.json: $.capabilities.x`), and `file:line:column` where the text itself is broken.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from pathlib import Path
from typing import Any, NoReturn

from defcore.catalog.document import DEEPEST, LARGEST, Document, bytes_of
from defcore.catalog.document import parse as parse_yaml
from defcore.errors import Problem
from defcore.schemas import Place, in_file


class JsonDocument(Document):
    """A document that knows paths, not lines."""

    __slots__ = ()

    def __call__(self, place: Place, *, key: bool = False) -> str:
        return in_file(self.name)(place, key=key) or self.name


class _Repeating(dict[str, Any]):
    """An object that stated a key twice; found before it is known where it stands."""

    __slots__ = ("repeated",)

    def __init__(self, pairs: list[tuple[str, Any]], repeated: list[str]) -> None:
        super().__init__(pairs)
        self.repeated = repeated


class _TooDeep(Exception):
    pass


def read_either(path: Path) -> Document:
    """The document in a JSON or YAML file. The suffix decides, else the content; problems are in the document."""
    raw = bytes_of(path)
    if isinstance(raw, Problem):
        return Document(name=str(path), problems=[raw])
    looks_like_json = raw.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n")[:1] in (b"{", b"[")
    by_json = path.suffix == ".json" or (looks_like_json and path.suffix not in (".yaml", ".yml"))
    return parse(raw, str(path)) if by_json else parse_yaml(raw, str(path))


def parse(raw: bytes, name: str) -> JsonDocument:
    """The document in the bytes of a file called `name`; what is wrong with it is in `problems`."""
    document = JsonDocument(name=name, digest=f"sha256:{hashlib.sha256(raw).hexdigest()}")
    if len(raw) > LARGEST:
        return _refused(document, "size", f"larger than {LARGEST} bytes", name)
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        return _refused(document, "encoding", "not UTF-8 text", f"{name}:{line}:1")
    try:
        document.data = json.loads(text, object_pairs_hook=_object, parse_constant=_no_constant)
        if "\\ud" in text.lower():  # half of a surrogate pair is no text
            json.dumps(document.data, ensure_ascii=False).encode()
        _check(document)
    except UnicodeEncodeError:
        document.data = None
        return _refused(document, "encoding", "half of a surrogate pair stands in a text", name)
    except json.JSONDecodeError as error:
        return _refused(document, "syntax", f"not valid JSON: {error.msg}", f"{name}:{error.lineno}:{error.colno}")
    except (RecursionError, _TooDeep):
        document.data = None
        return _refused(document, "depth", f"nested deeper than {DEEPEST} levels", name)
    except ValueError as error:  # NaN, or a number of thousands of digits
        return _refused(document, "value", str(error).split(";", maxsplit=1)[0], name)
    return document if document.data is not None else _refused(document, "empty", "the file holds null", name)


def _refused(document: JsonDocument, code: str, message: str, where: str) -> JsonDocument:
    document.problems.append(Problem(code=f"json.{code}", message=message, where=where))
    return document


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) == len(pairs):
        return data
    times = Counter(key for key, _ in pairs)
    return _Repeating(pairs, [key for key, count in times.items() if count > 1])


def _no_constant(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number of JSON")


def _check(document: JsonDocument, place: Place = (), value: Any = ...) -> None:
    """Depth and duplicate keys, each with its place. Descends DEEPEST levels and no further."""
    value = document.data if value is ... else value
    if not isinstance(value, dict | list):
        return
    if len(place) == DEEPEST:
        raise _TooDeep
    if isinstance(value, _Repeating):
        for key in value.repeated:
            _refused(document, "duplicate-key", f"the key {key[:60]!r} stands there twice", document((*place, key)))
    for step, inner in value.items() if isinstance(value, dict) else enumerate(value):
        if isinstance(inner, dict | list):  # a call for each number would take long in a large file
            _check(document, (*place, step), inner)
