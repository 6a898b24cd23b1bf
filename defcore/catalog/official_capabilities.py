"""The capabilities of an official guideline file: what each is called, and the tests with ids, aliases and flags."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from defcore.catalog.source import Source, short
from defcore.errors import nearest
from defcore.model.guideline import Flag, GuidelineCapability, OfficialTest
from defcore.schemas import Place

KNOWN = ("achievements", "admin", "description", "project", "tests", "required_since")
OLDEST = ("achievements", "admin", "description", "project", "tests", "status", "flagged", "name", "guidelines")
"""The keys of schema 1.2: `guidelines` lists those in which the capability stood."""
ID = re.compile(r"(id-)?([0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})((?:,[^,]*)*)")
CODE = re.compile(r"\s*\[?(D40[0-6])\]?\s*:?\s*")
DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def read_capabilities(
    data: dict[str, Any], source: Source, *, schema: str, criteria: Sequence[str]
) -> tuple[GuidelineCapability, ...]:
    """In the order of the file."""
    return tuple(
        _capability(name, source.mapping(value, ("capabilities", name)), source, schema=schema, criteria=criteria)
        for name, value in data.items()
    )


def _capability(
    name: str, data: dict[str, Any], source: Source, *, schema: str, criteria: Sequence[str]
) -> GuidelineCapability:
    place: Place = ("capabilities", name)
    since = "required_since" if schema == "2.0" else "required-since"
    known = OLDEST if schema == "1.2" else (*KNOWN[:-1], since)
    other = {"required-since": "required_since", "required_since": "required-since"}
    found = source.keys(data, place, known, {key: own for key, own in other.items() if own in known})

    def text(key: str) -> str | None:
        return source.text(*found.get(key, (None, place)))

    for key in ("description", "project"):
        if text(key) is None:
            source.odd("incomplete", f"the capability has no {key}", place)
    if text("name") not in (None, name):
        source.odd("other-name", f"the capability calls itself {short(text('name') or '')}", found["name"][1])
    first = min(source.names(*found.get("guidelines", (None, place))), default=None)
    return GuidelineCapability(
        id=name,
        description=text("description") or name,
        project=text("project") or "unknown",
        admin=source.truth(*found.get("admin", (None, place))),
        required_since=text(since) or first,
        achievements=_achievements(*found.get("achievements", (None, place)), source, criteria),
        tests=_tests(found, place, source),
    )


def _achievements(value: object, place: Place, source: Source, criteria: Sequence[str]) -> tuple[str, ...]:
    achieved: dict[str, None] = {}
    for name in source.names(value, place):
        near = name if name in criteria else nearest(name, criteria)
        if near is None:
            source.odd("unknown-criterion", f"no criterion {short(name)} in this guideline; it is not read", place)
        elif near != name:
            source.odd("other-criterion", f"no criterion {short(name)} in this guideline; read as {near!r}", place)
        if near is not None:
            achieved[near] = None
    return tuple(achieved)


def _tests(found: dict[str, tuple[Any, Place]], place: Place, source: Source) -> tuple[OfficialTest, ...]:
    value, own = found.get("tests", (None, (*place, "tests")))
    flagged = source.names(*found.get("flagged", (None, place)))
    if isinstance(value, dict):
        named = source.mapping(value, own)
        tests = tuple(_test(name, one, (*own, name), source) for name, one in named.items())
    else:
        if value is None:
            source.odd("incomplete", "the capability has no list of tests", place)
        silent = Flag(code=None, date=None, reason="the guideline gives no reason")
        names = source.names(value, own)
        tests = tuple(OfficialTest(id="", name=one, flag=silent if one in flagged else None) for one in names)
    known = {test.name for test in tests}
    for name in flagged:
        if name not in known:
            source.odd(
                "unknown-flagged", f"{short(name)} is flagged and no test of the capability", found["flagged"][1]
            )
    return tests


def _test(name: str, value: object, place: Place, source: Source) -> OfficialTest:
    found = source.keys(source.mapping(value, place), place, ("idempotent_id", "aliases", "flagged", "flag"))
    return OfficialTest(
        id=_id(*found.get("idempotent_id", (None, place)), source),
        name=name,
        aliases=tuple(source.names(*found.get("aliases", (None, place)))),
        flag=_flag(found, source),
    )


def _id(value: object, place: Place, source: Source) -> str:
    text = source.text(value, place)
    if text is None:
        source.odd("no-id", "the test has no id; only its name tells it", place)
        return ""
    match = ID.fullmatch(text.strip())
    if match is None:
        source.odd("no-id", f"{short(text)} is no id of a test; only its name tells it", place)
        return ""
    prefix, uuid, tags = match.groups()
    if not prefix:
        source.odd("id-without-prefix", "the id stands without its prefix id-", place)
    if tags:
        source.odd("id-with-tags", f"the tags {tags[1:]!r} stand behind the id; they are not read", place)
    return uuid.lower()


def _flag(found: dict[str, tuple[Any, Place]], source: Source) -> Flag | None:
    """From `flagged`, as every published file has it, or `flag`, as the text of the schema does."""
    for key in ("flagged", "flag"):
        if key in found:
            value, place = found[key]
            break
    else:
        return None
    if value in (None, False, "", {}, []):
        source.odd("empty-flag", "the flag is empty; the test counts as not flagged", place)
        return None
    if isinstance(value, str):
        value = {"reason": value}
    elif value is True:
        value = {}
    keys = source.keys(source.mapping(value, place), place, ("reason", "action", "date"))
    reason = source.text(*keys.get("reason", (None, place))) or ""
    code = CODE.match(reason)
    words = reason[code.end() :] if code else reason
    action = source.text(*keys.get("action", (None, place)))
    return Flag(
        code=code[1] if code else None,
        date=_date(*keys.get("date", (None, place)), source),
        reason="; ".join(one for one in (words.strip(), action) if one) or "the guideline gives no reason",
    )


def _date(value: object, place: Place, source: Source) -> str | None:
    text = source.text(value, place)
    if text is not None and not DATE.fullmatch(text):
        source.odd("flag-date", f"{short(text)} is no date of the form YYYY-MM-DD; it is not read", place)
        return None
    return text
