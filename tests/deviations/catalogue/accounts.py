"""Whose account of the object store a call is for, and how the owner would ask."""

from __future__ import annotations

from tests.deviations.changes import ask, retry
from tests.deviations.deviation import Change
from tests.deviations.message import Call, Reply

ACCOUNT, CONTAINER, OBJECT = "/?", "/{container}/?", "/{container}/{object}"


def name(what: str) -> str:
    """Id of a capability."""
    return f"objectstore-{what}"


def account_of(call: Call) -> str:
    return call.path.split("/")[2]


def as_account(call: Call) -> None:
    """With the newest token of the account's project."""
    token = call.tokens.of_account(account_of(call))
    if token:
        call.headers["X-Auth-Token"] = token


def by_signature(call: Call) -> bool:
    return "temp_url_sig=" in call.query


def owned(on: int) -> Change:
    """What is refused to others is done as the owner would."""
    return retry(on, as_account)


def _unsigned(call: Call) -> None:
    call.params = [pair for pair in call.params if not pair[0].startswith("temp_url")]
    as_account(call)


def shorter(reply: Reply) -> None:
    """A listing in JSON without its last entry."""
    if isinstance(reply.document, list) and reply.document:
        reply.document = reply.document[:-1]


async def any_signature(call: Call) -> Reply:
    """Whatever the signature of an address, what it asks for is done as the owner would."""
    return await (retry(401, _unsigned) if by_signature(call) else ask(lambda _: None))(call)
