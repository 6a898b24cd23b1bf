"""What a request to the network service describes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.deviations.message import Call


def asked(call: Call, kind: str) -> dict[str, Any]:
    """The resource that a request describes."""
    found = (call.document or {}).get(kind)
    return found if isinstance(found, dict) else {}


def is_null(kind: str, name: str) -> Callable[[Call], bool]:
    """Whether a request asks for the attribute to be null."""
    return lambda call: name in asked(call, kind) and asked(call, kind)[name] is None


def is_false(kind: str, name: str) -> Callable[[Call], bool]:
    return lambda call: asked(call, kind).get(name) is False


def without(call: Call, kind: str, name: str) -> None:
    """Take an attribute out of the request."""
    document = call.document
    document[kind].pop(name, None)
    call.document = document
