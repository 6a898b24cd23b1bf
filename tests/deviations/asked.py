"""Calls as they were made and answered while the cloud was left alone, and what a deviation would make of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Self

from multidict import CIMultiDict

from defcore.model.capability import Service
from defcore.suite.support.compute_guest import finished
from tests.deviations.deviation import Deviation
from tests.deviations.message import Call, Reply
from tests.deviations.tokens import Tokens

Headers = tuple[tuple[str, str], ...]
LARGEST = 64 << 10
"""Bytes of a body that are kept."""
SECRET = ("x-auth-token", "x-subject-token")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A call and its answer. Tokens are kept as digests."""

    at: float
    service: Service | None
    method: str
    path: str
    query: str = ""
    headers: Headers = ()
    body: str = ""
    status: int = 200
    told_headers: Headers = ()
    told: str = ""

    @classmethod
    def of(cls, at: float, call: Call, reply: Reply) -> Self:
        return cls(
            at=at,
            service=call.service,
            method=call.method,
            path=call.path,
            query=call.query,
            headers=_kept(call.headers),
            body=_text(call.body),
            status=reply.status,
            told_headers=_kept(reply.headers),
            told=_text(reply.body),
        )

    @classmethod
    def read(cls, kept: dict[str, Any]) -> Self:
        """From JSON."""
        about = kept | {"service": kept["service"] and Service(kept["service"])}
        return cls(**about | {name: tuple(tuple(one) for one in about[name]) for name in ("headers", "told_headers")})

    def repeats(self, other: Asked) -> bool:
        """Whether it is the same question, as one asks who waits."""
        same = (self.service, self.path, self.query) == (other.service, other.path, other.query)
        return same and self.method == other.method == "GET"


def share(deviation: Deviation, calls: Sequence[Asked]) -> float:
    """Of the calls, those that the deviation would make a difference to."""
    if not any(_met(deviation, call) for call in calls):
        return 0.0
    return finished(_differing(deviation, calls)) / len(calls)


def share_met(deviation: Deviation, calls: Sequence[Asked]) -> float:
    """Of the calls, those that the deviation is there for, whatever it would make of them."""
    return sum(_met(deviation, call) for call in calls) / len(calls) if calls else 0.0


def without_repeats(calls: Iterable[Asked]) -> tuple[Asked, ...]:
    """Of calls that repeat one another the last one."""
    kept: list[Asked] = []
    for call in calls:
        if kept and call.repeats(kept[-1]):
            kept.pop()
        kept.append(call)
    return tuple(kept)


def _met(deviation: Deviation, call: Asked) -> bool:
    return call.service is deviation.service and any(rule.fits(call.method, call.path) for rule in deviation.rules)


async def _differing(deviation: Deviation, calls: Sequence[Asked]) -> int:
    memory: dict[Any, Any] = {}
    return sum([await _differs(deviation, call, memory) for call in calls if _met(deviation, call)])


async def _differs(deviation: Deviation, asked: Asked, memory: dict[Any, Any]) -> bool:
    sent = []

    async def send(call: Call) -> Reply:
        sent.append(call.told())
        return _reply(asked)

    call = call_of(asked)
    call.send, call.memory = send, memory
    before, change = call.told(), deviation.change_for(call)
    assert change is not None
    try:
        reply = await change(call)
    except Exception:  # it needs more than was kept
        return True
    return sent != [before] or reply.told() != _reply(asked).told()


def call_of(asked: Asked) -> Call:
    """The call as it was, which is answered as it was."""

    async def send(_: Call) -> Reply:
        return _reply(asked)

    return Call(
        service=asked.service,
        method=asked.method,
        path=asked.path,
        query=asked.query,
        headers=CIMultiDict(asked.headers),
        body=asked.body.encode("latin-1"),
        send=send,
        tokens=Tokens(),
        memory={},
    )


def _reply(asked: Asked) -> Reply:
    return Reply(status=asked.status, headers=CIMultiDict(asked.told_headers), body=asked.told.encode("latin-1"))


def _kept(headers: CIMultiDict[str]) -> Headers:
    return tuple((name, _digest(value) if name.lower() in SECRET else value) for name, value in headers.items())


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()[:16]


def _text(body: bytes) -> str:
    return body[:LARGEST].decode("latin-1")
