"""An answer of the cloud, with the assertions that tests make on it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self
from urllib.parse import urlsplit

import jsonschema

from defcore.errors import CannotTell, Prerequisite, PromiseBroken, shortened
from defcore.model.outcome import Finding
from defcore.suite.support.quota import refused_for_quota

TRANSPORT_TROUBLE = frozenset({407, 408, 421, 425, 429, 502, 503, 504, 511, *range(520, 530)})
"""Statuses of something between us and the service, or of an overload: they prove nothing about a promise."""
SHOWN = 400
ABOUT_TOKENS = re.compile(r"/auth/tokens/?$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Status, headers and body of one exchange."""

    method: str
    url: str
    status: int
    headers: Mapping[str, str]
    """Case-insensitive."""
    body: bytes
    note: Callable[[Finding], None]
    """Takes findings down."""
    tries: int = 1
    """How often it was asked for."""
    doubt: str = ""
    """Why a refusal (401) says nothing about what was asked for: the cloud refuses a token that it has just issued."""

    @property
    def request_id(self) -> str | None:
        return self.headers.get("x-openstack-request-id") or self.headers.get("x-compute-request-id")

    @property
    def where(self) -> str:
        return f"{self.method} {self.url} ({self.request_id or 'no request id'})"

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")

    @property
    def json(self) -> Any:
        """The body as JSON. Raises PromiseBroken if it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            raise self._broken(
                f"{self.where}: the body is not JSON", expected="a JSON document", seen=shortened(self.text, SHOWN)
            ) from None

    def arrived(self) -> Self:
        """It is the service's own. Raises CannotTell for the answer of something on the way, or of an overload: none
        of the API's promises is about those."""
        if self.status in TRANSPORT_TROUBLE and not self.refused_for_quota:
            times = f" ({self.tries} tries)" if self.tries > 1 else ""
            raise CannotTell(f"{self.where} answered {self.status}{times}: {shortened(self.text, SHOWN)}")
        return self

    def expect(self, *statuses: int, because: str = "") -> Self:
        """The promise is one of these statuses. Raises PromiseBroken, or Prerequisite where a quota is used up, or
        CannotTell where the cloud refuses a token that it has only just issued."""
        if self.status in statuses:
            return self
        self.need_room()
        self.arrived()
        wanted = " or ".join(map(str, statuses))
        message = f"{self.where} answered {self.status}, not {wanted}{': ' if because else ''}{because}"
        seen = f"{self.status} {shortened(self.text, SHOWN)}"
        if self._refuses_a_token(statuses):
            raise PromiseBroken(message, expected=wanted, seen=seen)
        raise self._broken(message, expected=wanted, seen=seen)

    def _broken(self, message: str, *, expected: object, seen: object) -> PromiseBroken | CannotTell:
        """What to raise for an answer that is not as promised."""
        if self.doubt:
            return CannotTell(f"{message}: {self.doubt}")
        return PromiseBroken(message, expected=expected, seen=seen)

    def _refuses_a_token(self, statuses: tuple[int, ...]) -> bool:
        """Whether a refusal is expected, and of the token that is looked up: then it may be of that one."""
        return min(statuses) >= 400 and ABOUT_TOKENS.search(urlsplit(self.url).path) is not None

    def setup(self, *statuses: int) -> Self:
        """What the test needs beforehand. Raises CannotTell (ERROR), for another test answers for this promise, or
        Prerequisite where a quota is used up."""
        if self.status not in statuses:
            self.need_room()
            wanted = " or ".join(map(str, statuses))
            raise CannotTell(
                f"set-up: {self.where} answered {self.status}, not {wanted}: {shortened(self.text, SHOWN)}"
            )
        return self

    @property
    def refused_for_quota(self) -> bool:
        return refused_for_quota(self.status, self.text)

    def need_room(self) -> None:
        """Raises Prerequisite if it refuses because a quota is used up: that breaks no promise."""
        if self.refused_for_quota:
            raise Prerequisite(f"the project's quota is used up: {shortened(self.text, 200)} ({self.where})")

    def header(self, name: str) -> str:
        """A header that must be there. Raises PromiseBroken."""
        value = self.headers.get(name)
        if value is None:
            raise self._broken(f"{self.where}: no header {name}", expected=name, seen=sorted(self.headers))
        return value

    def empty(self) -> Self:
        """The body must be empty. Raises PromiseBroken."""
        if self.body:
            raise self._broken(f"{self.where}: the body is not empty", expected="", seen=shortened(self.text, SHOWN))
        return self

    def check(self, schema: Mapping[str, Any]) -> Self:
        """The body must match the JSON Schema: types, required fields, formats.

        Properties that the schema does not name are taken down as findings, they do not fail the test
        (unless the schema says `additionalProperties: false`). Raises PromiseBroken with every mismatch.
        """
        body = self.json
        validator = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
        wrong = [f"{error.json_path}: {shortened(error.message, SHOWN)}" for error in validator.iter_errors(body)]
        if wrong:
            raise self._broken(
                f"{self.where}: the body does not match: {'; '.join(wrong[:5])}",
                expected="the documented response body",
                seen=shortened("; ".join(wrong), 2000),
            )
        for place, name in _unknown(schema, body, "$"):
            self.note(
                Finding(
                    kind="additional-property",
                    where=f"{self.method} {self.url} {place}",
                    expected="no property that the API reference does not name",
                    seen=name,
                )
            )
        return self


def _unknown(schema: Mapping[str, Any], value: Any, place: str) -> Iterator[tuple[str, str]]:
    """(place, name) of every property that an object schema with `properties` does not name."""
    if isinstance(value, dict) and "properties" in schema:
        for name, inner in value.items():
            if name in schema["properties"]:
                yield from _unknown(schema["properties"][name], inner, f"{place}.{name}")
            elif "additionalProperties" not in schema and "patternProperties" not in schema:
                yield place, name
    elif isinstance(value, list) and isinstance(schema.get("items"), Mapping):
        for number, inner in enumerate(value[:20]):
            yield from _unknown(schema["items"], inner, f"{place}[{number}]")
