"""The files of a submission, read from a folder that may come from a stranger.

Nothing is followed that is a link, nothing is opened but regular files, and there is a cap on each file, on how many
there are, and on all of them together. Each is read once: what was digested is what is judged.
"""

from __future__ import annotations

import errno
import hashlib
import os
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
from defcore.reading.folder import names_within, read_within
from defcore.results.discrepancies import no, unknown
from defcore.results.exchanges import Exchanges, read_exchanges

KEPT = (SUBMISSION_FILE, RESULT_FILE, PLAN_FILE, LEAVES_FILE, ATTESTATION_FILE)
"""The documents, which are kept whole; of evidence what it tells of the run; of every other file the digest."""
PLACE = "results/<guideline>/<vendor>/<product>/<day>-<run8>"
LARGEST = 64 << 20
MOST = 20_000
TOTAL = 4 << 30


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
    for name in _names(folder, contents, ""):
        if name == EVIDENCE_FOLDER:
            for inner in _names(folder, contents, EVIDENCE_FOLDER):
                _read(folder, f"{EVIDENCE_FOLDER}/{inner}", contents)
        else:
            _read(folder, name, contents)
    if not {*KEPT} & {*contents.digests, *(one.where for one in contents.problems)}:
        message, hint = "there is no submission in this folder", f"name {PLACE}"
        raise InputError(Problem(code="verify.missing", message=message, where=str(folder), hint=hint))
    return contents


def _names(folder: Path, contents: Contents, inner: str) -> Iterator[str]:
    """Of the files in the folder, or in a folder of it, that can be read and printed."""
    most = MOST - len(contents.digests)
    try:
        names = names_within(folder, inner, most)
    except OSError as error:
        _unread(contents, inner or ".", "no folder that can be read", error)
        return
    for name in names[:most]:
        if _shown(name) == name:
            yield name
        else:
            where = f"{inner}/{_shown(name)}" if inner else _shown(name)
            _wrong(contents, where, "file-name", "the name of the file is no UTF-8")
    if len(names) > most:
        _wrong(contents, inner or ".", "too-large", f"more than {MOST:,} files")


def _read(folder: Path, path: str, contents: Contents) -> None:
    """Digest the file, and keep it if it is a document."""
    if contents.total > TOTAL:
        _wrong(contents, path, "too-large", "this is not read, for what was read before it is large enough")
        return
    try:
        content = read_within(folder, path, LARGEST)
    except OSError as error:
        _unread(contents, path, "no regular file that can be read", error)
        return
    contents.total += len(content)
    if len(content) > LARGEST:
        _wrong(contents, path, "too-large", f"a file of more than {LARGEST >> 20} MiB is not read")
        return
    contents.digests[path] = hashlib.sha256(content).hexdigest()
    if path in KEPT:
        contents.documents[path] = content
    elif EVIDENCE_PATH.match(path):
        contents.exchanges[path] = read_exchanges(content, path)


def _shown(name: str) -> str:
    """The name as it can be printed: bytes that are no UTF-8 are told by their numbers."""
    return os.fsencode(name).decode(errors="backslashreplace")


def _unread(contents: Contents, where: str, message: str, error: OSError) -> None:
    """What the reader may not read, or what the disk does not give, is not the vendor's fault."""
    ours = error.errno in (errno.EACCES, errno.EPERM, errno.EIO)
    make, code = (unknown, "unread") if ours else (no, "not-a-file")
    contents.problems.append(make(code, where, f"{message}: {error.strerror}"))


def _wrong(contents: Contents, where: str, code: str, message: str) -> None:
    contents.problems.append(no(code, where, message))
