"""Guideline files, ours and official ones, to `Guideline` values, and the check that their names agree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sized
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from defcore import schemas
from defcore.catalog.document import read_either
from defcore.catalog.folders import Data
from defcore.catalog.frozen import load_locks, lock_path
from defcore.catalog.official import is_official, read_official
from defcore.errors import InputError, Problem, did_you_mean
from defcore.model.guideline import (
    OWN_SCHEMA,
    Component,
    Criterion,
    Elsewhere,
    Flag,
    Guideline,
    GuidelineCapability,
    Kind,
    OfficialTest,
    Platform,
    Repository,
    Status,
)
from defcore.model.lock import PUBLISHED
from defcore.reading.document import Document
from defcore.schemas import Place

FILES = (".yaml", ".yml", ".json")


@dataclass(frozen=True, slots=True)
class GuidelineFile:
    """A guideline with the document that it was read from."""

    guideline: Guideline
    document: Document


def guideline_names(data: Data) -> tuple[str, ...]:
    """The guidelines that can be named: those of the platform oldest first, then the others."""
    return tuple(sorted(path.stem for path in data.guidelines.glob("*.yaml")))


def current_guidelines(data: Data) -> tuple[str, ...]:
    """Those that a cloud is tested for today: the platform's newest approved one, and every one that is not frozen.

    The others are history, add-ons and drafts of a programme that has ended; they can be named all the same.
    """
    locks = load_locks(data.guidelines)
    approved = {one.guideline for one in locks if one.status == "approved" and one.kind is Kind.GUIDELINE}
    replaced = {one.replaces for one in locks if one.guideline in approved}
    history = {one.guideline for one in locks if one.status not in PUBLISHED} - (approved - replaced)
    return tuple(name for name in guideline_names(data) if name not in history)


def load_guideline(name: str | Path, data: Data) -> Guideline:
    """The guideline of that name, or in that file (a name that ends in `.yaml` or `.json`, or a path with a slash).

    A file may be ours or an official one, of any schema; its content decides. InputError has every problem.
    """
    path = Path(name)
    if isinstance(name, str) and path.suffix not in FILES and len(path.parts) == 1:
        path = data.guidelines / f"{name}.yaml"
        if not path.is_file():
            hint = did_you_mean(name, guideline_names(data)) or None
            raise InputError(Problem(code="catalog.unknown-guideline", message=f"no guideline {name!r}", hint=hint))
    return read_guideline(path).guideline


def read_guideline(path: Path) -> GuidelineFile:
    """The guideline in a file. InputError has every problem."""
    document = read_either(path)
    if not document.problems and is_official(document.data):
        return GuidelineFile(_official(document, path), document)
    if not document.problems and _is_frozen(document, path):
        with suppress(AttributeError, KeyError, TypeError, ValueError):  # a lock that is not what it says
            return GuidelineFile(_guideline(document), document)
    return GuidelineFile(guideline_in(document), document)


MOST_CAPABILITIES = 2_000
MOST = 200
"""Disagreements of one guideline that are looked for."""


def guideline_in(document: Document) -> Guideline:
    """The guideline that a document of our own schema states. InputError has every problem."""
    problems = [*document.problems]
    if document.data is not None:
        problems += schemas.problems(document.data, "guideline", document)
    if not problems:
        _check_size(document)
        problems += islice(_disagreements(document), MOST)
    if problems:
        raise InputError(*problems)
    return _guideline(document)


def _check_size(document: Document) -> None:
    """InputError if it has more capabilities than any guideline ever had: some questions take their square in time."""
    stated = document.data.get("capabilities")
    count = len(stated) if isinstance(stated, Sized) else 0  # an official file may state anything here
    if count > MOST_CAPABILITIES:
        message = f"{count:,} capabilities; a guideline has at most {MOST_CAPABILITIES:,}"
        raise InputError(Problem(code="catalog.too-large", message=message, where=document(("capabilities",))))


def _official(document: Document, path: Path) -> Guideline:
    _check_size(document)
    return read_official(document.data, stem=path.stem, locate=document, digest=document.digest, path=document.name)


def _is_frozen(document: Document, path: Path) -> bool:
    """What was checked when it was frozen, and has not changed since, need not be checked again."""
    lock = lock_path(path)
    return lock.is_file() and document.digest in lock.read_text(encoding="utf-8", errors="replace")


def _disagreements(document: Document) -> Iterator[Problem]:
    """Names that nothing in the guideline answers to, and tests that stand twice in one capability."""
    data = document.data
    defined = {**data["capabilities"], **dict.fromkeys(data.get("undefined", ()))}
    for name, component in data["components"].items():
        for status in Status:
            place: Place = ("components", name, status)
            yield from _unknown(component.get(status, []), defined, "capability", place, document)
    for name, platform in data["platforms"].items():
        place = ("platforms", name, "components")
        yield from _unknown(platform["components"], data["components"], "component", place, document)
    criteria = data.get("scoring", {}).get("criteria", {})
    for name, capability in data["capabilities"].items():
        place = ("capabilities", name, "achievements")
        yield from _unknown(capability.get("achievements", []), criteria, "criterion", place, document)
        yield from _repeated(capability["tests"], ("capabilities", name, "tests"), document)


def _unknown(
    names: list[str], valid: Mapping[str, object], noun: str, place: Place, document: Document
) -> Iterator[Problem]:
    for n, name in enumerate(names):
        if name not in valid:
            yield Problem(
                code=f"catalog.unknown-{noun}",
                message=f"no {noun} {name!r} in this guideline",
                where=document((*place, n)),
                hint=did_you_mean(name, valid) or None,
            )


def _repeated(tests: list[dict[str, Any]], place: Place, document: Document) -> Iterator[Problem]:
    """One id may stand under several names, as official guidelines have it; each is a test of its own."""
    seen: dict[tuple[str, str], int] = {}
    for n, test in enumerate(tests):
        own = test.get("id", "")
        first = seen.setdefault((own, test["name"]), n)
        if first != n:
            where = document((*place, first, "id" if own else "name"))
            message = f"the test {own or test['name']} stands already at {where}, in this capability"
            yield Problem(code="catalog.duplicate-test", message=message, where=document((*place, n, "id")))


def _guideline(document: Document) -> Guideline:
    data = document.data
    scoring = data.get("scoring", {})
    return Guideline(
        id=data["id"],
        status=data["status"],
        source=data["source"],
        releases=tuple(data.get("releases", ())),
        replaces=data.get("replaces"),
        approval=data.get("approval"),
        cutoff=scoring.get("cutoff"),
        criteria=tuple(
            Criterion(id=name, name=one["name"], description=one.get("description", ""), weight=one["weight"])
            for name, one in scoring.get("criteria", {}).items()
        ),
        platforms=tuple(_platform(name, one) for name, one in data["platforms"].items()),
        components=tuple(_component(name, one) for name, one in data["components"].items()),
        capabilities=tuple(_capability(name, one) for name, one in data["capabilities"].items()),
        digest=document.digest,
        kind=Kind(data.get("kind", Kind.GUIDELINE)),
        repositories=tuple(
            Repository(name=name, url=one["url"], reference=one.get("reference", ""))
            for name, one in data.get("repositories", {}).items()
        ),
        designated=tuple(data.get("designated", ())),
        notes=tuple(data.get("notes", ())),
        schema=data.get("origin", {}).get("schema", OWN_SCHEMA),
        path=document.name,
    )


def _platform(name: str, data: Mapping[str, Any]) -> Platform:
    return Platform(
        name=name,
        target=data["target"],
        description=data.get("description", ""),
        components=tuple(data["components"]),
        elsewhere=tuple(
            Elsewhere(
                component=other["component"],
                source=other.get("source", ""),
                optional=other.get("optional", False),
            )
            for other in data.get("elsewhere", ())
        ),
    )


def _component(name: str, data: Mapping[str, Any]) -> Component:
    """Where a capability stands under several statuses, the strongest wins (RefStack)."""
    strongest: dict[str, Status] = {}
    for status in Status:
        for capability in data.get(status, ()):
            strongest.setdefault(capability, status)
    return Component(name=name, capabilities=tuple(strongest.items()))


def _capability(name: str, data: Mapping[str, Any]) -> GuidelineCapability:
    return GuidelineCapability(
        id=name,
        description=data["description"],
        project=data["project"],
        admin=data.get("admin", False),
        required_since=data.get("required_since"),
        achievements=tuple(data.get("achievements", ())),
        tests=tuple(_test(one) for one in data["tests"]),
    )


def _test(data: Mapping[str, Any]) -> OfficialTest:
    flag = data.get("flag")
    return OfficialTest(
        id=data.get("id", ""),
        name=data["name"],
        aliases=tuple(data.get("aliases", ())),
        flag=Flag(code=flag.get("code"), date=flag.get("date"), reason=flag["reason"]) if flag else None,
    )
