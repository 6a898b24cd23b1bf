"""The body of a token, as keystoneauth can use it whatever the cloud sent. Pure.

A test that asks for a token says what is wrong with its body. Here it must only not keep the tests from being run.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from defcore.errors import shortened

VALID = timedelta(hours=12)
"""How long a token is used whose body does not tell when it expires."""
SHOWN = 200
"""Characters of an address that is none."""


def usable(body: object, *, now: datetime) -> dict[str, Any]:
    """The body with everything that keystoneauth reads: what is missing or no such thing is empty, and endpoints whose
    address is none are not there."""
    sent = _object(_object(body).get("token"))
    token = sent | {
        "user": {"id": "", "name": ""} | _object(sent.get("user")),
        "roles": [one for one in _objects(sent.get("roles")) if isinstance(one.get("name"), str) and "id" in one],
        "catalog": [
            one | {"endpoints": [endpoint for endpoint in _endpoints(one) if not _fault(endpoint.get("url"))]}
            for one in _services(sent)
        ],
        "expires_at": _expiry(sent, now).isoformat(),
    }
    for name in ("project", "domain", "system"):
        if name in token and not isinstance(token[name], dict):
            del token[name]
    return {"token": token}


def astray(body: object) -> list[dict[str, Any]]:
    """The catalog of the endpoints that `usable` leaves out. Each has for its url what is wrong with it."""
    faults = [
        (one, [endpoint | {"url": fault} for endpoint in _endpoints(one) if (fault := _fault(endpoint.get("url")))])
        for one in _services(_object(_object(body).get("token")))
    ]
    return [one | {"endpoints": endpoints} for one, endpoints in faults if endpoints]


def _services(token: dict[str, Any]) -> list[dict[str, Any]]:
    """Of a type that is a name: keystoneauth looks for no service without stumbling over another."""
    return [one for one in _objects(token.get("catalog")) if isinstance(one.get("type"), str)]


def _endpoints(service: dict[str, Any]) -> list[dict[str, Any]]:
    return _objects(service.get("endpoints"))


def _fault(url: object) -> str | None:
    """Why nothing can be sent there; None if there is no reason."""
    if not isinstance(url, str) or not url.strip():
        return f"is {shortened(json.dumps(url), SHOWN)}, which is no address"
    try:
        _ = urlsplit(url).port
    except ValueError as error:
        return f"is {shortened(json.dumps(url), SHOWN)}, which is no address: {error}"
    return None


def _expiry(sent: dict[str, Any], now: datetime) -> datetime:
    """When the token expires, by our clock: the cloud's may be another, so what counts is how long it is valid."""
    issued, expires = _moment(sent.get("issued_at")), _moment(sent.get("expires_at"))
    if issued and expires and expires > issued:
        try:
            return now + (expires - issued)
        except OverflowError:
            return now + VALID
    return expires if expires and expires > now else now + VALID


def _moment(value: object) -> datetime | None:
    try:
        parsed = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return parsed.replace(tzinfo=UTC) if parsed and not parsed.tzinfo else parsed


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _objects(value: object) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
