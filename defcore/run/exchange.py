"""HTTP as the suite does it: every exchange recorded, tokens kept to the catalog's origins, bodies capped.

A `GuardedSession` is the one place that all traffic of a run passes, the logging in included.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import requests

from defcore.errors import CannotTell

READ_LIMIT = 64 << 20
"""Bytes read of one response body; what comes after is not read."""
KEEP_LIMIT = 64 << 10
"""Bytes of a body kept in evidence, beside the digest of all that was read."""
TOKEN_HEADERS = ("x-auth-token", "x-subject-token", "x-service-token", "authorization")


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request and its response, as sent and received: not yet redacted."""

    started: str
    seconds: float
    method: str
    url: str
    request_headers: tuple[tuple[str, str], ...]
    request_body: bytes
    status: int | None
    """None if no answer came."""
    reason: str
    response_headers: tuple[tuple[str, str], ...]
    response_body: bytes
    response_cut: bool
    error: str | None


class Recorder:
    """Collects the exchanges of the test that is running."""

    def __init__(self) -> None:
        self.exchanges: list[Exchange] = []

    def take(self) -> tuple[Exchange, ...]:
        """What was recorded since the last call."""
        taken, self.exchanges = tuple(self.exchanges), []
        return taken


def origin(url: str) -> tuple[str, str, int | None]:
    """(scheme, host, port) of an address."""
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    return parts.scheme, parts.hostname or "", port


def read_body(response: requests.Response, limit: int) -> tuple[bytes, bool]:
    """The body up to the limit, and whether there was more."""
    chunks, total = [], 0
    for chunk in response.iter_content(64 << 10):
        chunks.append(chunk[: limit - total])
        total += len(chunk)
        if total > limit:
            response.close()
            return b"".join(chunks), True
    return b"".join(chunks), False


class GuardedSession(requests.Session):
    """A requests session that records, and refuses to send a token to a foreign origin."""

    def __init__(self, recorder: Recorder) -> None:
        super().__init__()
        self.recorder = recorder
        self.trusted: set[tuple[str, str, int | None]] = set()

    def trust(self, url: str) -> None:
        """Let tokens go to this address's origin."""
        self.trusted.add(origin(url))

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """As requests does, without following redirects. Raises CannotTell for a token to a foreign origin."""
        url = request.url or ""
        if any(name in request.headers for name in TOKEN_HEADERS) and origin(url) not in self.trusted:
            raise CannotTell(f"{request.method} {url}: refused to send the token to an origin outside the catalog")
        kwargs.update(stream=True, allow_redirects=False)
        started, clock = datetime.now(UTC).isoformat(), time.monotonic()
        response, body, cut, trouble = None, b"", False, None
        try:
            response = super().send(request, **kwargs)
            body, cut = read_body(response, READ_LIMIT)
            response._content = body
            return response
        except requests.RequestException as error:
            trouble = f"{type(error).__name__}: {error}"
            raise
        finally:
            sent = request.body or b""
            self.recorder.exchanges.append(
                Exchange(
                    started=started,
                    seconds=time.monotonic() - clock,
                    method=request.method or "",
                    url=url,
                    request_headers=tuple((str(k), str(v)) for k, v in request.headers.items()),
                    request_body=sent.encode() if isinstance(sent, str) else bytes(sent),
                    status=None if response is None else response.status_code,
                    reason="" if response is None else response.reason or "",
                    response_headers=() if response is None else tuple(response.headers.items()),
                    response_body=body,
                    response_cut=cut,
                    error=trouble,
                )
            )
