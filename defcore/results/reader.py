"""Finds out what a file is by its content, and reads it.

A folder is the run of ours that its `result.json` tells of, or a stestr repository, of which the newest run is
read, as `stestr last` does; older ones are files that may be named one by one.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

from defcore.errors import InputError, Problem
from defcore.model.result import Result
from defcore.results import junit, own, refstack, scs, subunit_v1, subunit_v2
from defcore.results.source import STDIN, Source, load

KNOWN = (
    "a run of defcore (its folder or result.json), RefStack JSON, a subunit stream of version 1 or 2,"
    " a stestr repository, JUnit XML, or a report of the SCS compliance check (YAML)"
)
COMPRESSED = {
    b"\x1f\x8b": "gzip",
    b"PK\x03\x04": "zip",
    b"BZh": "bzip2",
    b"\xfd7zXZ": "xz",
    b"\x28\xb5\x2f\xfd": "zstd",
}
NUMBER = re.compile(r"[0-9]{1,9}\Z")


def read_file(path: Path) -> Result:
    """The result at the path; `-` is the standard input. InputError if it is none of KNOWN, or broken."""
    if str(path) != STDIN and path.is_dir():
        return _read_folder(path)
    return read_source(load(path))


def _read_folder(folder: Path) -> Result:
    if os.path.lexists(folder / own.FILE):
        source = load(folder / own.FILE, links=False)
        return own.read(source, source.json())
    repository = folder / ".stestr" if (folder / ".stestr").is_dir() else folder
    runs = [int(one.name) for one in repository.iterdir() if NUMBER.match(one.name) and one.is_file()]
    if runs and (repository / "format").is_file():
        return read_source(load(repository / str(max(runs)), links=False))
    hint = f"no {own.FILE} and no stestr repository with a run in it"
    raise InputError(
        Problem(code="result.missing", message="there is no result here", where=str(folder / own.FILE), hint=hint)
    )


def read_source(source: Source) -> Result:
    """The result in a file's bytes."""
    head = source.content[:4096].removeprefix(b"\xef\xbb\xbf").lstrip()
    for magic, name in COMPRESSED.items():
        if head.startswith(magic):
            source.wrong("compressed", f"the file is compressed ({name})", hint="unpack it first")
    if head.startswith(subunit_v2.SIGNATURE):
        return subunit_v2.read(source)
    if subunit_v1.FIRST.match(source.content):
        return subunit_v1.read(source)
    if head.startswith(b"<"):
        return junit.read(source)
    if head.startswith((b"{", b"[")):
        return _read_json(source)
    documents = source.yaml_documents() if b"invocations" in source.content else []
    if scs.looks_like(documents):
        return scs.read(source, documents)
    if subunit_v1.FIRST.search(head):  # after lines that something printed
        return subunit_v1.read(source)
    raise _unknown(source)


def _read_json(source: Source) -> Result:
    document = source.json()
    if own.looks_like(document):
        return own.read(source, document)
    if isinstance(document, dict) and set(document) & set(refstack.KEYS):
        return refstack.read(source, document)
    raise _unknown(source)


def _unknown(source: Source) -> InputError:
    message = "this is no result that can be read"
    hint = f"readable: {KNOWN}"
    return InputError(Problem(code="result.unknown-format", message=message, where=source.name, hint=hint))
