"""Worksheets of the criteria, in the official text form and as YAML: read, written, and turned into one another.

A line of the text form: `name: [deployed,tools,clients] [future,complete,stable] [discover,doc,sticky]
[foundation,atomic,proximity] [non-admin] [total]*`, with the marks 0, 1, ? and, in the add-ons' form, * for
what is not considered. Everything else is prose, and kept. The official tabulation passes silently over a line
that is not spaced as it expects; here such a line is read and told, and one that cannot be read is an error.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

import yaml

from defcore import schemas
from defcore.catalog.document import LARGEST, bytes_of
from defcore.errors import InputError, Problem
from defcore.model.criteria import OFFICIAL_ORDER, Mark, Worksheet, WorksheetLine
from defcore.reading import strict_yaml
from defcore.reading.document import Document

SCHEMA = "defcore/worksheet/1"
NOT_CONSIDERED = "*"
LINE = re.compile(r"\s*(?P<name>\S+?)\s*:\s*(?P<groups>\[.*\S)\s*")
LINE_BREAK = re.compile(r"\r\n|\r|\n")
GROUP = re.compile(r"\[([^\[\]]*)\]")
TRIPLE = re.compile(r"\[\s*[^\s,\]]\s*,\s*[^\s,\]]\s*,\s*[^\s,\]]\s*\]")
GROUPS = re.compile(r"(?:\[[^\[\]]*\]\s*)+(?P<asterisk>\*?)\s*")
TABULATED = re.compile(r"\S+:\s+(?:\[\S,\S,\S\] ){4}\[\S\]")
"""What the official tabulation takes for a line with marks."""
UNDERLINE = re.compile(r"(-{3,}|={3,})\s*")
STATED_SCHEMA = re.compile(rb"^schema:", re.MULTILINE)
FORM = "write: name: [d,t,c] [f,c,s] [d,d,s] [f,a,p] [non-admin] [total]"


def read_worksheet(path: Path) -> Worksheet:
    """The worksheet in a file, text or YAML by its content. InputError with everything that cannot be read."""
    raw = bytes_of(path)
    if isinstance(raw, Problem):
        raise InputError(replace(raw, code="worksheet.unreadable"))
    return parse_worksheet(raw, str(path))


def parse_worksheet(raw: bytes, name: str) -> Worksheet:
    """The worksheet in the bytes of a file called `name`."""
    if len(raw) > LARGEST:
        raise InputError(Problem(code="worksheet.size", message=f"larger than {LARGEST} bytes", where=name))
    if name.endswith((".yaml", ".yml")) or STATED_SCHEMA.search(raw):
        return _from_document(strict_yaml.parse(raw, name))
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise InputError(
            Problem(code="worksheet.encoding", message="not UTF-8 text", where=f"{name}:{line}:1")
        ) from None
    return _from_text(text, name)


@dataclass(slots=True)
class _Reading:
    """What has been read so far, and what was wrong with it."""

    name: str
    parts: list[str | WorksheetLine] = field(default_factory=list)
    section: str = ""
    errors: list[Problem] = field(default_factory=list)
    irregularities: list[Problem] = field(default_factory=list)
    first: dict[str, str] = field(default_factory=dict)

    def wrong(self, code: str, message: str, where: str, hint: str | None = None) -> None:
        self.errors.append(Problem(code=code, message=message, where=where, hint=hint))

    def odd(self, code: str, message: str, where: str) -> None:
        self.irregularities.append(Problem(code=code, message=message, where=where))

    def add(self, line: WorksheetLine) -> None:
        first = self.first.setdefault(line.capability, line.where)
        if first != line.where:
            self.odd("worksheet.twice", f"{line.capability} stands already at {first}", line.where)
        self.parts.append(line)

    def worksheet(self) -> Worksheet:
        """Raises what is wrong; a sheet without any line is wrong too."""
        if not self.errors and not self.first:
            self.wrong("worksheet.empty", "this file holds no line of a worksheet", self.name, FORM)
        if self.errors:
            raise InputError(*self.errors)
        parts: list[str | tuple[WorksheetLine, ...]] = []
        for prose, group in groupby(self.parts, key=lambda part: isinstance(part, str)):
            own = list(group)
            parts.append(
                "".join(map(str, own)) if prose else tuple(one for one in own if isinstance(one, WorksheetLine))
            )
        return Worksheet(name=self.name, parts=tuple(parts), irregularities=tuple(self.irregularities))


def _from_text(text: str, name: str) -> Worksheet:
    reading = _Reading(name=name)
    before = ""
    lines = LINE_BREAK.split(text)
    for number, line in enumerate(lines if lines[-1] else lines[:-1], start=1):
        where = f"{name}:{number}"
        if UNDERLINE.fullmatch(line) and before.strip():
            reading.section = before.strip()
        before = line
        if not _has_marks(line):
            reading.parts.append(f"{line}\n")
            continue
        found = _line(line, where, reading)
        if found:
            reading.add(found)
    return reading.worksheet()


def _has_marks(line: str) -> bool:
    """Whether it is a line with marks, or was meant to be one."""
    match = LINE.fullmatch(line)
    groups = GROUP.findall(match["groups"]) if match and GROUPS.fullmatch(match["groups"]) else []
    return bool(TRIPLE.search(line)) or (
        len(groups) > 1 and all(len(cell.strip()) < 3 for cell in groups[0].split(","))
    )


def _line(line: str, where: str, reading: _Reading) -> WorksheetLine | None:
    """A line with marks, or None after its problems have been noted."""
    match = LINE.fullmatch(line)
    groups = GROUPS.fullmatch(match["groups"]) if match else None
    if match is None or groups is None:
        reading.wrong("worksheet.line", "marks that cannot be read", where, FORM)
        return None
    cells = [[cell.strip() for cell in group.split(",")] for group in GROUP.findall(match["groups"])]
    shape = [len(group) for group in cells]
    if shape not in ([3, 3, 3, 3, 1, 1], [3, 3, 3, 3, 1]):
        message = f"{match['name']}: four groups of three marks, one of one and a total are expected"
        reading.wrong("worksheet.groups", message, where, FORM)
        return None
    marks = [mark for group in cells[:4] for mark in group]
    valid = {*Mark, NOT_CONSIDERED}
    bad = [mark for mark in marks if mark not in valid] + [mark for mark in cells[4] if mark not in set(Mark)]
    if bad:
        message = f"{match['name']}: {bad[0]!r} is no mark"
        reading.wrong("worksheet.mark", message, where, "valid: 0, 1, ?, and * for a criterion that is not considered")
        return None
    if not TABULATED.match(line):
        message = "not spaced as the official tabulation expects, which passes over this line"
        reading.odd("worksheet.spacing", message, where)
    return WorksheetLine(
        capability=match["name"],
        section=reading.section,
        marks=tuple(
            (name, Mark(mark)) for name, mark in zip(OFFICIAL_ORDER, marks, strict=True) if mark != NOT_CONSIDERED
        ),
        non_admin=Mark(cells[4][0]),
        stated_total=_total(cells[5][0] if len(cells) == 6 else "", match["name"], where, reading),
        stated_chosen=bool(groups["asterisk"]),
        where=where,
    )


def _total(cell: str, name: str, where: str, reading: _Reading) -> int | None:
    if re.fullmatch(r"-?[0-9]{1,4}", cell):
        return int(cell)
    reading.odd("worksheet.total", f"{name}: no total" + (f", but {cell[:20]!r}" if cell else ""), where)
    return None


def _from_document(document: Document) -> Worksheet:
    problems = [*document.problems]
    if document.data is not None:
        problems += schemas.problems(document.data, "worksheet", document)
    if problems:
        raise InputError(*problems)
    reading = _Reading(name=document.name)
    for n, part in enumerate(document.data["parts"]):
        if "prose" in part:
            reading.parts.append(part["prose"] if part["prose"].endswith("\n") else f"{part['prose']}\n")
            reading.section = _heading(part["prose"]) or reading.section
            continue
        for m, line in enumerate(part["lines"]):
            where = document(("parts", n, "lines", m)).rsplit(":", 1)[0]
            reading.add(
                WorksheetLine(
                    capability=line["capability"],
                    section=reading.section,
                    marks=_in_order({name: Mark(str(mark)) for name, mark in line["marks"].items()}),
                    non_admin=Mark(str(line["non_admin"])),
                    stated_total=line.get("total"),
                    stated_chosen=line.get("chosen", False),
                    where=where,
                )
            )
    return reading.worksheet()


def _in_order(marks: dict[str, Mark]) -> tuple[tuple[str, Mark], ...]:
    known = [name for name in OFFICIAL_ORDER if name in marks]
    return tuple((name, marks[name]) for name in (*known, *(name for name in marks if name not in OFFICIAL_ORDER)))


def _heading(prose: str) -> str:
    """The last underlined line."""
    lines = prose.splitlines()
    found = [above.strip() for above, below in pairwise(lines) if UNDERLINE.fullmatch(below)]
    return next((one for one in reversed(found) if one), "")


def with_totals(sheet: Worksheet, totals: dict[WorksheetLine, tuple[int, bool]]) -> Worksheet:
    """The sheet with these (total, chosen) in place of those that stand in it."""

    def retotalled(line: WorksheetLine) -> WorksheetLine:
        total, chosen = totals[line]
        return replace(line, stated_total=total, stated_chosen=chosen)

    parts = (part if isinstance(part, str) else tuple(map(retotalled, part)) for part in sheet.parts)
    return replace(sheet, parts=tuple(parts))


def worksheet_text(sheet: Worksheet) -> str:
    """The official text form. InputError if a criterion has no column in it."""
    alien = [name for name in sheet.criteria if name not in OFFICIAL_ORDER]
    if alien:
        message = f"the text form has no column for the criterion {alien[0]!r}"
        raise InputError(Problem(code="worksheet.column", message=message, where=sheet.name, hint="write it as YAML"))
    return "".join(part if isinstance(part, str) else "".join(_group_text(part)) for part in sheet.parts)


def _group_text(lines: Iterable[WorksheetLine]) -> Iterator[str]:
    own = tuple(lines)
    width = max(len(line.capability) for line in own) + 1
    for line in own:
        marks = dict(line.marks)
        cells = [marks[name].value if name in marks else NOT_CONSIDERED for name in OFFICIAL_ORDER]
        groups = [f"[{','.join(cells[n : n + 3])}]" for n in range(0, len(cells), 3)]
        groups.append(f"[{line.non_admin.value}]")
        if line.stated_total is not None:
            groups.append(f"[{line.stated_total}]")
        yield f"{f'{line.capability}:':<{width}} {' '.join(groups)}{'*' * line.stated_chosen}\n"


class _Text(str):
    """Written as a block."""

    __slots__ = ()


class _Flow(dict[str, Any]):
    """Written in one line."""


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Any) -> bool:  # noqa: ARG002
        return True


_Dumper.add_representer(_Text, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|"))
_Dumper.add_representer(
    _Flow, lambda dumper, data: dumper.represent_mapping("tag:yaml.org,2002:map", data, flow_style=True)
)


def worksheet_yaml(sheet: Worksheet) -> str:
    """Our YAML form; nothing of the sheet is lost but the alignment of its columns."""
    parts = [
        {"prose": _Text(part)} if isinstance(part, str) else {"lines": [_line_document(line) for line in part]}
        for part in sheet.parts
    ]
    document = {"schema": SCHEMA, "parts": parts}
    return yaml.dump(document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=10_000)


def _line_document(line: WorksheetLine) -> dict[str, Any]:
    document: dict[str, Any] = {
        "capability": line.capability,
        "marks": _Flow({name: _plain(mark) for name, mark in line.marks}),
        "non_admin": _plain(line.non_admin),
    }
    if line.stated_total is not None:
        document["total"] = line.stated_total
    if line.stated_chosen:
        document["chosen"] = True
    return document


def _plain(mark: Mark) -> int | str:
    return mark.value if mark is Mark.OPEN else int(mark.value)
