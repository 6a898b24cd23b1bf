"""The files of a submission, read from a folder that may come from a stranger.

Nothing is followed that is a link, nothing is opened but regular files, and there is a cap on each file, on how many
there are, and on all of them together. Each is read once: what was digested is what is judged.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from defcore.errors import InputError, Problem
from defcore.model.submission import (
    ATTESTATION_FILE,
    EVIDENCE_FOLDER,
    EVIDENCE_PATH,
    LEAVES_FILE,
    PLAN_FILE,
    RESULT_FILE,
    SUBMISSION_FILE,
)
from defcore.model.verification import Discrepancy
from defcore.results.exchanges import Exchanges, read_exchanges

KEPT = (SUBMISSION_FILE, RESULT_FILE, PLAN_FILE, LEAVES_FILE, ATTESTATION_FILE)
"""The documents, which are kept whole; of evidence what it tells of the run; of every other file the digest."""
PLACE = "results/<guideline>/<vendor>/<product>/<day>-<run8>"
LARGEST = 64 << 20
MOST = 20_000
TOTAL = 4 << 30
PIECE = 1 << 20
READ = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


@dataclass(slots=True, kw_only=True)
class Contents:
    """Names are relative to the submission's folder, with `/`."""

    documents: dict[str, bytes] = field(default_factory=dict)
    digests: dict[str, str] = field(default_factory=dict)
    """Of every file that could be read: SHA-256 in hexadecimal digits."""
    exchanges: dict[str, Exchanges | None] = field(default_factory=dict)
    """What each file of evidence tells; None of what is no HAR file."""
    problems: list[Discrepancy] = field(default_factory=list)
    total: int = 0


def read_contents(folder: Path) -> Contents:
    """InputError if there is no such folder; what is wrong inside it is told in `problems`."""
    if not folder.is_dir():
        hint = f"name the folder that `defcore pack` made: {PLACE}"
        raise InputError(
            Problem(code="verify.missing", message="there is no such folder", where=str(folder), hint=hint)
        )
    contents = Contents()
    top = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        for name in _names(top, contents, ""):
            if name == EVIDENCE_FOLDER:
                _read_evidence(top, contents)
            else:
                _read(top, name, name, contents)
    finally:
        os.close(top)
    if not {*KEPT} & {*contents.digests, *(one.where for one in contents.problems)}:
        message, hint = "there is no submission in this folder", f"name {PLACE}"
        raise InputError(Problem(code="verify.missing", message=message, where=str(folder), hint=hint))
    return contents


def _names(folder: int, contents: Contents, prefix: str) -> Iterator[str]:
    names = sorted(os.listdir(folder))
    for name in names[: MOST - len(contents.digests)]:
        if _shown(name) == name:
            yield name
        else:
            _wrong(contents, prefix + _shown(name), "file-name", "the name of the file is no UTF-8")
    if len(names) > MOST - len(contents.digests):
        _wrong(contents, prefix or ".", "too-large", f"more than {MOST:,} files")


def _read_evidence(top: int, contents: Contents) -> None:
    try:
        folder = os.open(EVIDENCE_FOLDER, READ | os.O_DIRECTORY, dir_fd=top)
    except OSError as error:
        _wrong(contents, EVIDENCE_FOLDER, "not-a-file", f"no folder that can be read: {error.strerror}")
        return
    try:
        for name in _names(folder, contents, f"{EVIDENCE_FOLDER}/"):
            _read(folder, name, f"{EVIDENCE_FOLDER}/{name}", contents)
    finally:
        os.close(folder)


def _read(folder: int, name: str, path: str, contents: Contents) -> None:
    """Digest the file, and keep it if it is a document."""
    try:
        descriptor = os.open(name, READ, dir_fd=folder)
    except OSError as error:
        _wrong(contents, path, "not-a-file", f"no regular file that can be read: {error.strerror}")
        return
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            _wrong(contents, path, "not-a-file", "this is no regular file")
            return
        if status.st_size > LARGEST or contents.total + status.st_size > TOTAL:
            _wrong(contents, path, "too-large", f"a file of {status.st_size:,} bytes is not read")
            return
        wanted = path in KEPT or EVIDENCE_PATH.match(path)
        digest, kept, rest = hashlib.sha256(), [], LARGEST
        while rest and (piece := os.read(descriptor, min(PIECE, rest))):
            digest.update(piece)
            rest -= len(piece)
            if wanted:
                kept.append(piece)
    finally:
        os.close(descriptor)
    contents.total += LARGEST - rest
    contents.digests[path] = digest.hexdigest()
    if path in KEPT:
        contents.documents[path] = b"".join(kept)
    elif wanted:
        contents.exchanges[path] = read_exchanges(b"".join(kept), path)


def _shown(name: str) -> str:
    """The name as it can be printed: bytes that are no UTF-8 are told by their numbers."""
    return os.fsencode(name).decode(errors="backslashreplace")


def _wrong(contents: Contents, where: str, code: str, message: str) -> None:
    contents.problems.append(Discrepancy(code=f"verify.{code}", where=where, message=message))
