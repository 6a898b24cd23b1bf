"""The bytes of a file that results are read from, with its name, digest and size under control.

Everything is read whole, so sizes are capped: 256 MiB for a binary subunit stream, which holds the logs of its
tests, and 64 MiB for every text format. Compressed files are not opened.
"""

from __future__ import annotations

import hashlib
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

from defcore.errors import InputError, Problem
from defcore.reading import strict_json, strict_yaml
from defcore.reading.document import Limits
from defcore.reading.files import read_regular

LARGEST_STREAM = 256 << 20
LARGEST_TEXT = 64 << 20
STDIN = "-"
JSON_LIMITS = Limits(size=LARGEST_TEXT, values=1_500_000)
"""Each value costs a few hundred bytes once it is read."""
YAML_LIMITS = Limits(size=LARGEST_TEXT, depth=30, values=500_000, documents=10_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    name: str
    """As the user named it; `-` for the standard input."""
    content: bytes

    @property
    def digest(self) -> str:
        return "sha256:" + hashlib.sha256(self.content).hexdigest()

    @property
    def stem(self) -> str:
        """The file's name without folder and ending: what a result without a cloud's name is called."""
        return "stdin" if self.name == STDIN else Path(self.name).stem or self.name

    def wrong(self, code: str, message: str, *, line: int | None = None, hint: str | None = None) -> NoReturn:
        """Raise an InputError about this file; `line` counts from 1."""
        where = self.name if line is None else f"{self.name}:{line}"
        raise InputError(Problem(code=f"result.{code}", message=message, where=where, hint=hint))

    def text(self) -> str:
        """The content of a text format. InputError if it is too large or not UTF-8."""
        if len(self.content) > LARGEST_TEXT:
            self.wrong("too-large", f"the file is larger than {LARGEST_TEXT >> 20} MiB")
        try:
            return self.content.decode("utf-8-sig")
        except UnicodeDecodeError as error:
            self.wrong("encoding", "not UTF-8 text", line=self.content.count(b"\n", 0, error.start) + 1)

    def json(self) -> Any:
        """What the JSON file holds. InputError names the places of what is wrong with it."""
        return strict_json.parse(self.content, self.name, JSON_LIMITS, half_pairs=True, lines=True).accepted()

    def yaml_documents(self) -> list[Any]:
        """Every document of the YAML file, its scalars as texts. InputError names the places of what is wrong."""
        documents: list[Any] = strict_yaml.parse_texts(self.content, self.name, YAML_LIMITS).accepted()
        return documents


def load(path: Path, *, links: bool = True) -> Source:
    """The file at the path, `-` for the standard input. InputError if it is missing, no regular file, or too large.

    links: whether it may be a symbolic link, which it may if the user named it.
    """
    if str(path) == STDIN:
        return _within_limit(Source(name=STDIN, content=sys.stdin.buffer.read(LARGEST_STREAM + 1)))
    try:
        return _within_limit(Source(name=str(path), content=read_regular(path, LARGEST_STREAM, links=links)))
    except (FileNotFoundError, NotADirectoryError):
        message = "there is no result here"
    except OSError as error:
        message = error.strerror or "the file cannot be read"
    hint = "name a file with results, a stestr repository, or the folder that `defcore run` made"
    raise InputError(Problem(code="result.missing", message=message, where=str(path), hint=hint))


def _within_limit(source: Source) -> Source:
    if len(source.content) > LARGEST_STREAM:
        source.wrong("too-large", f"the file is larger than {LARGEST_STREAM >> 20} MiB")
    return source
