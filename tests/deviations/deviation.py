"""A deviation: one promise that the cloud behind the proxy breaks."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from defcore.model.capability import Service
from tests.deviations.message import Call, Reply

Change = Callable[[Call], Awaitable[Reply]]
"""Answers a call, most often by forwarding it, changed, or by changing the reply."""


class Changer(Protocol):
    """What the proxy asks about each call."""

    def change_for(self, call: Call) -> Change | None: ...


VERSIONS = {
    Service.IDENTITY: "/v3",
    Service.IMAGE: "/v2",
    Service.COMPUTE: r"/v2\.1(?:/[0-9a-f]{32})?",
    Service.NETWORK: r"/v2\.0",
    Service.BLOCK_STORAGE: r"/v3(?:/[0-9a-f]{32})?",
    Service.OBJECT_STORE: "/v1/[^/]+",
}
"""What stands before a place; the project's id in front of volumes and servers depends on the catalog."""
WORDS = {
    "{id}": r"[^/]+",
    "{uuid}": r"[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}",
    "{container}": r"[^/]+",
    "{object}": ".+",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Which calls, and what is done to them."""

    methods: tuple[str, ...]
    place: re.Pattern[str]
    change: Change

    def fits(self, method: str, path: str) -> bool:
        return method in self.methods and self.place.fullmatch(path) is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    id: str
    """Ours: `<service>.<what goes wrong>`."""
    title: str
    service: Service
    capability: str
    """Whose tests are to notice it."""
    rules: tuple[Rule, ...]
    published: str | None = None
    """Its id in the list of deviations that every suite for these guidelines is to notice."""

    def change_for(self, call: Call) -> Change | None:
        if call.service is not self.service:
            return None
        return next((rule.change for rule in self.rules if rule.fits(call.method, call.path)), None)


class Book:
    """The deviations of one service, as its module writes them down."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.deviations: list[Deviation] = []

    def at(self, methods: str, place: str, change: Change) -> Rule:
        """`methods` such as `GET|HEAD`; `place` below the version, such as `/volumes/{id}`.

        A place is a regular expression with the words of WORDS; after `^` it is the whole path.
        """
        for word, pattern in WORDS.items():
            place = place.replace(word, pattern)
        pattern = place[1:] if place.startswith("^") else VERSIONS[self.service] + place
        return Rule(methods=tuple(methods.split("|")), place=re.compile(pattern), change=change)

    def add(self, id: str, title: str, capability: str, *rules: Rule, published: str | None = None) -> None:
        self.deviations.append(
            Deviation(
                id=f"{self.service}.{id}",
                title=title,
                service=self.service,
                capability=capability,
                rules=rules,
                published=published,
            )
        )
