"""The YAML and JSON files of a catalog, as documents."""

from __future__ import annotations

from pathlib import Path

from defcore.errors import Problem
from defcore.reading import strict_json, strict_yaml
from defcore.reading.document import DEFAULT, Document, Limits
from defcore.reading.files import read_regular

LARGEST = DEFAULT.size
JSON_LIMITS = Limits(values=1_000_000)
"""Of a value in JSON no place is kept, so that it takes less memory."""


def read(path: Path) -> Document:
    """The document in a YAML file; what is wrong with it, even that it cannot be read, is in `problems`."""
    raw = bytes_of(path)
    if isinstance(raw, Problem):
        return Document(name=str(path), problems=[raw])
    return strict_yaml.parse(raw, str(path))


def read_either(path: Path) -> Document:
    """The document in a JSON or YAML file. The suffix decides, else the content; problems are in the document."""
    raw = bytes_of(path)
    if isinstance(raw, Problem):
        return Document(name=str(path), problems=[raw])
    looks_like_json = raw.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n")[:1] in (b"{", b"[")
    by_json = path.suffix == ".json" or (looks_like_json and path.suffix not in (".yaml", ".yml"))
    return strict_json.parse(raw, str(path), JSON_LIMITS) if by_json else strict_yaml.parse(raw, str(path))


def bytes_of(path: Path) -> bytes | Problem:
    """The file's bytes, or why there are none; of a file that is too large no more than shows it."""
    try:
        return read_regular(path, LARGEST)
    except OSError as error:
        message = f"the file cannot be read: {error.strerror or error}"
        return Problem(code="yaml.unreadable", message=message, where=str(path))
