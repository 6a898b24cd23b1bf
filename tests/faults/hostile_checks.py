"""What must hold of every answer to a hostile input: its exit code, and that each format is inert."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import NoReturn
from xml.etree import ElementTree

import yaml

from tests.faults.confined import PROCESSOR_SECONDS, Said
from tests.faults.hostile_values import CANARY
from tests.report.page import Page

CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff]")
FORMULA = re.compile(r"\s*[=+\-@\uff1d\uff0b\uff0d\uff20]")
NUMBER = re.compile(r"-|[-+]?[0-9.]+%?")
COMMAND = re.compile(r"::(error|warning|notice) [^\n]*::")
LONGEST = 40 << 20
"""Bytes of an answer."""


def wrong(verb: str, said: Said, files: Mapping[str, bytes]) -> Iterator[str]:
    """Each thing that does not hold of the call; `files` are those that it wrote."""
    if said.code not in (0, 1, 2, 3):
        yield f"exit code {said.code}: {said.err.decode(errors='replace')[-300:]}"
    if b"Traceback" in said.err:
        yield "a traceback"
    if said.code == 2 and not said.err.strip():
        yield "refused without a reason"
    if said.seconds > PROCESSOR_SECONDS:
        yield f"{said.seconds:.0f} s of the processor"
    yield from said.forbidden
    everything = {"the output": said.out, "the errors": said.err, **files}
    for name, content in everything.items():
        if CANARY.encode() in content:
            yield f"{name} holds what lies outside"
        if len(content) > LONGEST:
            yield f"{name} has {len(content)} bytes"
    yield from _of(text, said.err, "the errors")
    if said.code != 2:
        yield from _of(CHECKS[_form(verb)], said.out, f"the output ({_form(verb)})")
    for name, content in files.items():
        yield from _of(CHECKS[FILES.get(name) or _form(verb)], content, name)


def _form(verb: str) -> str:
    asked = re.search(r"--format (\S+)", verb)
    form = asked[1] if asked else "text"
    return "document" if form in ("yaml", "sheet") else form


FILES = {
    "report.html": "html",
    "j.xml": "junit",
    "t.txt": "text",
    "s.md": "md",
    "t.csv": "csv",
    "sheet.yaml": "document",
}


def _of(check: Callable[[str], Iterator[str]], content: bytes, name: str) -> Iterator[str]:
    if check is binary or not content:
        return
    try:
        shown = content.decode()
    except UnicodeDecodeError:
        yield f"{name}: not UTF-8"
        return
    try:
        yield from (f"{name}: {one}" for one in check(shown))
    except Exception as error:
        yield f"{name}: {error!r:.200}"


def text(shown: str) -> Iterator[str]:
    if found := CONTROL.search(shown):
        yield f"the character {found[0]!r} after {shown[max(0, found.start() - 40) : found.start()]!r}"


def as_json(shown: str) -> Iterator[str]:
    yield from text(shown)
    json.loads(shown, parse_constant=_no_number)


def _no_number(constant: str) -> NoReturn:
    raise ValueError(constant)


def markdown(shown: str) -> Iterator[str]:
    yield from text(shown)
    outside_code = re.sub(r"(`+).*?\1", "", shown)
    if found := re.search(r"(?<!\\)<(?!br>|/?details>|/?summary>)", outside_code):
        yield f"markup: {outside_code[found.start() : found.start() + 40]!r}"
    if found := re.search(r"(?<!\\)\]\(\s*(?!#|https://docs\.openstack\.org/)", outside_code):
        yield f"a link: {outside_code[found.start() : found.start() + 40]!r}"


def xml(shown: str) -> Iterator[str]:
    yield from text(shown)
    ElementTree.fromstring(shown)


def page(shown: str) -> Iterator[str]:
    yield from text(shown)
    read = Page(shown)
    if read.count("script") != 1 or read.count("style") != 1:
        yield "a script or style that is not ours"
    if not read.tags.isdisjoint({"img", "iframe", "object", "embed", "base", "link", "form action", "foreignobject"}):
        yield "an element that is not ours"
    if any(name.startswith("on") or name in ("src", "style", "srcset") for name in read.attributes):
        yield "an attribute that is not ours"
    if not all(address.startswith(("#", "https://docs.openstack.org/")) for address in read.links):
        yield "a link that is not ours"
    if "unsafe" in str(read.policy) or read.policy["script-src"] != read.hash_of("script"):
        yield "the policy allows more than our script"


def cells(shown: str) -> Iterator[str]:
    yield from text(shown)
    for row in csv.reader(io.StringIO(shown)):
        for one in row:
            if FORMULA.match(one) and not NUMBER.fullmatch(one):
                yield f"a formula: {one[:60]!r}"


def commands(shown: str) -> Iterator[str]:
    yield from text(shown)
    for line in shown.splitlines():
        if line.startswith("::") and not COMMAND.match(line):
            yield f"a command: {line[:60]!r}"


def document(shown: str) -> Iterator[str]:
    """YAML; or a worksheet, whose prose is kept as it came."""
    if shown.startswith("schema:") or "conformanceProfile" in shown:
        yaml.safe_load(shown)
    return
    yield


def binary(shown: str) -> Iterator[str]:
    raise NotImplementedError(shown)


CHECKS: dict[str, Callable[[str], Iterator[str]]] = {
    "text": text,
    "json": as_json,
    "md": markdown,
    "junit": xml,
    "html": page,
    "csv": cells,
    "sarif": as_json,
    "github": commands,
    "refstack": as_json,
    "shields": as_json,
    "subunit": binary,
    "conformance": document,
    "document": document,
}
