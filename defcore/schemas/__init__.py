"""The contract of every document that crosses the border, and the check against it.

A document names its noun and version in the key `schema` (`defcore/guideline/1`). What comes in is the plain
data of a YAML or JSON file; what goes out is every `Problem` in it, each with its place and the nearest valid
name. Older versions of a noun are read, newer ones refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

from jsonschema import Draft202012Validator, validators
from jsonschema.exceptions import ValidationError, best_match

from defcore.errors import Problem, did_you_mean, nearest

FOLDER = Path(__file__).parent
LONGEST_VALUE = 60
MOST_PROBLEMS = 1_000
"""Problems of one document after which the rest is not looked at."""
KINDS = {
    "string": "a string",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "null": "empty",
    "array": "a list",
    "object": "a mapping",
}

Place = tuple[str | int, ...]
"""Keys and indexes from the top of the document down to a value."""


class Locate(Protocol):
    """Where a place of the document stands in its source."""

    def __call__(self, place: Place, *, key: bool = False) -> str | None:
        """`file:line:column` of the value, or of its key."""


def in_file(name: str | Path) -> Locate:
    """For documents without line numbers: the file and the path of the value in it."""

    def locate(place: Place, *, key: bool = False) -> str:  # noqa: ARG001
        return f"{name}: {path_of(place)}" if place else str(name)

    return locate


def path_of(place: Place) -> str:
    """The place as a JSONPath: `$.tests[3].id`."""
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in place)
    return "$" + "".join(steps)


@cache
def load(name: str) -> dict[str, Any]:
    """The JSON Schema of a noun, such as `guideline`."""
    schema: dict[str, Any] = json.loads((FOLDER / f"{name}.schema.json").read_text(encoding="utf-8"))
    return schema


SOMEWHERE = in_file("document")


def problems(document: object, name: str, locate: Locate = SOMEWHERE, *, at_most: int = MOST_PROBLEMS) -> list[Problem]:
    """Everything that keeps the document from being a valid `name`; empty if it is one.

    After `at_most` problems the rest of a stranger's document is not looked at.
    """
    if not isinstance(document, Mapping):
        message = f"a {name} must be a mapping, not {_kind(document)}"
        return [Problem(code="schema.type", message=message, where=locate(()))]
    foreign = _foreign(document, name, locate)
    if foreign:
        return [foreign]
    found: list[Problem] = []
    for error in _validator(name).iter_errors(document):
        found += islice(_explain(error, locate), at_most - len(found))
        if len(found) >= at_most:
            break
    return found


def unnamed(document: object, name: str) -> Iterator[str]:
    """Where the document, a valid `name`, has members that its schema does not name: a later version may, or a liar."""
    yield from _unnamed(_any(_validator(name).schema), document, ())


def _unnamed(schema: Mapping[str, Any], value: object, place: Place) -> Iterator[str]:
    if isinstance(value, Mapping) and ("properties" in schema or "additionalProperties" in schema):
        named, rest = schema.get("properties", {}), schema.get("additionalProperties", {})
        for key, own in value.items():
            if key not in named and not rest:
                yield path_of((*place, key))
            else:
                yield from _unnamed(named.get(key, rest), own, (*place, key))
    elif isinstance(value, list):
        for n, own in enumerate(value):
            yield from _unnamed(schema.get("items", {}), own, (*place, n))


@cache
def _validator(name: str) -> Draft202012Validator:
    schema = load(name)
    return _Validator(_inlined(schema, schema.get("$defs", {})))


def _unique(_: object, wanted: object, instance: object, __: object) -> Iterator[ValidationError]:
    """In time that grows with the list alone; the library's own compares each value with each."""
    if wanted and isinstance(instance, list) and _repeated(instance) is not None:
        yield ValidationError("a value stands there twice")


def _pattern(_: object, wanted: str, instance: object, __: object) -> Iterator[ValidationError]:
    """`$` is the end, as in JSON Schema; Python's own lets a line break follow."""
    if isinstance(instance, str) and not _compiled(wanted).search(instance):
        yield ValidationError("it does not fit the pattern")


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern.removesuffix("$") + r"\Z" if pattern.endswith("$") else pattern)


def _is_whole(_: object, instance: object) -> bool:
    """1.0 is whole to JSON Schema; whoever reads the document counts on an int."""
    return isinstance(instance, int) and not isinstance(instance, bool)


_Validator: type[Draft202012Validator] = validators.extend(  # type: ignore[no-untyped-call]
    Draft202012Validator,
    {"uniqueItems": _unique, "pattern": _pattern},
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine("integer", _is_whole),
)


def _inlined(schema: Any, definitions: Mapping[str, Any]) -> Any:
    """The schema with what its `$ref`s name in their place: to resolve each again takes longer than to check.

    A description beside a `$ref` goes before that of the definition. No definition of ours holds itself.
    """
    match schema:
        case {"$ref": str(reference), **beside}:
            own: dict[str, Any] = _inlined(definitions[reference.removeprefix("#/$defs/")], definitions)
            return own | beside
        case dict():
            return {key: _inlined(value, definitions) for key, value in schema.items() if key != "$defs"}
        case list():
            return [_inlined(value, definitions) for value in schema]
        case _:
            return schema


def _foreign(document: Mapping[str, Any], name: str, locate: Locate) -> Problem | None:
    """A document of another noun, or of a version that this program does not know yet."""
    stated = document.get("schema")
    accepted: list[str] = load(name)["properties"]["schema"]["enum"]
    if stated is None or stated in accepted:
        return None
    where = locate(("schema",))
    match = re.fullmatch(r"defcore/([a-z-]+)/(\d{1,6})", stated) if isinstance(stated, str) else None
    known = {path.name.removesuffix(".schema.json") for path in FOLDER.glob("*.schema.json")}
    if match and match[1] == name:
        newest = max(int(one.rsplit("/", 1)[1]) for one in accepted)
        message = f"this {name} is of version {match[2]}; this program reads versions up to {newest}"
        return Problem(code="schema.version", message=message, where=where, hint="update defcore")
    if match and match[1] in known:
        message = f"this is a {match[1]}, not a {name}"
        return Problem(code="schema.noun", message=message, where=where, hint=f"expected: schema: {accepted[-1]}")
    message = f"{_shown(stated)} is no schema of a document"
    return Problem(code="schema.unknown", message=message, where=where, hint=f"write: schema: {accepted[-1]}")


def _explain(error: ValidationError, locate: Locate) -> Iterator[Problem]:
    """One or more problems that say what is wrong in the words of the document's author."""
    place: Place = tuple(error.absolute_path)
    match error.validator:
        case "additionalProperties" | "unevaluatedProperties":
            yield from _unknown_keys(error, place, locate)
        case "required":
            yield from _missing_keys(error, place, locate)
        case "anyOf" | "oneOf" if error.context:
            yield from _explain(best_match(error.context) or error, locate)
        case _:
            code, message, hint = _about_value(error)
            where = locate(place)
            yield Problem(code=code, message=f"{_name(place)}{message}", where=where, hint=hint or None)


def _unknown_keys(error: ValidationError, place: Place, locate: Locate) -> Iterator[Problem]:
    instance: Mapping[str, Any] = _any(error.instance)
    valid = list(_schema(error).get("properties", {}))
    for key in instance:
        if key in valid:
            continue
        yield Problem(
            code="schema.unknown-key",
            message=f"unknown key {_shown(key)}{_within(place)}",
            where=locate((*place, key), key=True),
            hint=did_you_mean(str(key), [one for one in valid if one not in instance]) or None,
        )


def _missing_keys(error: ValidationError, place: Place, locate: Locate) -> Iterator[Problem]:
    """The one required key that this error is about; its message begins with the key, quoted."""
    valid = _schema(error).get("properties", {})
    instance: Mapping[str, Any] = _any(error.instance)
    refused = False in (_schema(error).get(one) for one in ("additionalProperties", "unevaluatedProperties"))
    typos = [str(one) for one in instance if one not in valid] if refused else []
    for key in _any(error.validator_value):
        if key not in instance and error.message.startswith(repr(key)):
            if nearest(key, typos):
                continue  # reported as an unknown key, with this one as the hint
            schema = valid.get(key, {})
            hint = schema.get("description") or ""
            if key == "schema":
                hint = f"write: schema: {schema['enum'][-1]}"
            message = f"the key {key!r} is missing{_within(place)}"
            yield Problem(code="schema.missing-key", message=message, where=locate(place), hint=hint or None)


def _about_value(error: ValidationError) -> tuple[str, str, str]:
    """Code, message and hint for a value that is not as it must be."""
    value, wanted = _any(error.instance), _any(error.validator_value)
    described = str(_schema(error).get("description") or "")
    match error.validator:
        case "enum":
            names = [str(one) for one in wanted if one is not None]
            return "schema.value", f"{_shown(value)} is not valid", did_you_mean(str(value), names)
        case "const":
            return "schema.value", f"{_shown(value)} is not valid", f"valid: {_shown(wanted)}"
        case "type":
            kinds = [wanted] if isinstance(wanted, str) else wanted
            expected = " or ".join(KINDS[kind] for kind in kinds)
            hint = f'write it in quotes: "{_written(value)}"' if _quotable(value, kinds) else described
            return "schema.type", f"must be {expected}, not {_kind(value)}", hint
        case "pattern":
            return "schema.pattern", f"{_shown(value)} does not fit", f"expected {described or wanted}"
        case "uniqueItems":
            return "schema.duplicate", f"{_shown(_repeated(value))} stands there twice", ""
        case "minLength" | "minItems" | "minProperties" if not value:
            return "schema.empty", "must not be empty", described
        case "minimum" | "maximum":
            edge = "at least" if error.validator == "minimum" else "at most"
            return "schema.range", f"{_shown(value)} is out of range", f"must be {edge} {wanted}"
        case _:
            return "schema.invalid", error.message[:200], described


def _any(value: object) -> Any:
    """What the validator found, whose type only the schema knows."""
    return value


def _schema(error: ValidationError) -> Mapping[str, Any]:
    return error.schema if isinstance(error.schema, Mapping) else {}


def _repeated(values: Sequence[object]) -> object | None:
    """The first value that stands there for the second time; None if each is alone."""
    seen: set[str] = set()
    for one in values:
        key = json.dumps(one, sort_keys=True)
        if key in seen:
            return one if one is not None else "null"
        seen.add(key)
    return None


def _quotable(value: object, kinds: Sequence[str]) -> bool:
    return "string" in kinds and isinstance(value, bool | int | float)


def _name(place: Place) -> str:
    keys = [step for step in place if isinstance(step, str)]
    return f"{keys[-1]}: " if keys else ""


def _within(place: Place) -> str:
    return f" in {path_of(place)[2:]}" if place else ""


def _written(value: object) -> str:
    """The scalar as its source writes it: 2020.10 stays 2020.10."""
    return str(getattr(value, "text", None) or json.dumps(value))


def _shown(value: object) -> str:
    text = _written(value) if isinstance(value, bool | int | float) else repr(value)
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 3]}..."


def _kind(value: object) -> str:
    match value:
        case None:
            return "empty"
        case bool():
            return f"{_written(value)}"
        case int() | float():
            return f"the number {_written(value)}"
        case str():
            return "a string"
        case Mapping():
            return "a mapping"
        case _:
            return "a list"
