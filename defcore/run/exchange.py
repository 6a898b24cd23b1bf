"""HTTP as the suite does it: every exchange recorded without its secrets, tokens kept to the catalog's origins,
bodies capped.

A `GuardedSession` is the one place that all traffic of a run passes, logging in and discovery included.
"""

from __future__ import annotations

import base64
import hashlib
import http.cookiejar
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import requests

from defcore.errors import CannotTell
from defcore.run.redaction import Secrets, redact_headers, redact_json, redact_text, redact_url

READ_LIMIT = 64 << 20
"""Bytes read of one response body; what comes after is not read."""
READ_SECONDS = 900
"""Seconds that one response body may take."""
KEEP_LIMIT = 64 << 10
"""Bytes of a body kept in evidence, beside the digest of all that was read."""
PARSE_LIMIT = 4 << 20
"""A larger body is cleaned as text."""
MARGIN = 8 << 10
"""Cleaned beyond what is kept, so that a secret at the edge is seen whole."""
MOST_EXCHANGES = 1000
"""Kept of one test."""
MOST_KEPT = 12 << 20
"""Characters of bodies kept of one test."""
TOKEN_HEADERS = ("x-auth-token", "x-subject-token", "x-service-token", "authorization")


@dataclass(frozen=True, slots=True, kw_only=True)
class Body:
    """What is kept of a body."""

    text: str
    """Without secrets; base64 if `encoded`."""
    encoded: bool
    size: int
    """Bytes read."""
    digest: str
    """`sha256:<hex>` of all that was read; empty for a body whose digest could give a secret away."""
    complete: bool
    """All of it is in `text`."""
    cut: bool = False
    """There was more than is ever read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One request and its response, without secrets."""

    started: str
    seconds: float
    method: str
    url: str
    request_headers: tuple[tuple[str, str], ...]
    request_body: Body
    status: int | None
    """None if no answer came."""
    reason: str
    response_headers: tuple[tuple[str, str], ...]
    response_body: Body
    error: str | None


class Recorder:
    """Collects the exchanges of the test that is running, and knows the secrets of the run."""

    def __init__(self) -> None:
        self.secrets = Secrets()
        self.exchanges: list[Exchange] = []
        self.dropped = 0
        self.begun: str | None = None
        """The request that went out last, answered or not: `METHOD url`, without secrets."""
        self._kept = 0

    def add(self, exchange: Exchange) -> None:
        """Keep it; of too many or too large ones, those in the middle are dropped."""
        self.exchanges.append(exchange)
        self._kept += _weight(exchange)
        while len(self.exchanges) > MOST_EXCHANGES or (self._kept > MOST_KEPT and len(self.exchanges) > 2):
            self._kept -= _weight(self.exchanges.pop(len(self.exchanges) // 2))
            self.dropped += 1

    def take(self) -> tuple[Exchange, ...]:
        """What was recorded since the last call."""
        taken, self.exchanges, self.begun = tuple(self.exchanges), [], None
        self._kept = self.dropped = 0
        return taken


def _weight(exchange: Exchange) -> int:
    return len(exchange.request_body.text) + len(exchange.response_body.text)


def origin(url: str) -> tuple[str, str, int | None]:
    """(scheme, host, port) of an address. Raises CannotTell for what is no address."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError as error:
        raise CannotTell(f"{url!r} is no address: {error}") from None
    return parts.scheme, parts.hostname or "", port


def keep_body(data: bytes, content_type: str, secrets: Secrets, *, cut: bool = False) -> Body:
    """The part of a body that is kept, without its secrets, which are learned on the way."""
    digest = "sha256:" + hashlib.sha256(data).hexdigest()
    size = len(data)
    text = _decoded(data, content_type)
    edge = KEEP_LIMIT + MARGIN
    if text is None:
        raw = secrets.redact_bytes(data[:edge])
        kept, encoded, unchanged = base64.b64encode(raw[:KEEP_LIMIT]).decode(), True, raw == data[:edge]
        complete = size <= KEEP_LIMIT
    else:
        window = _cleaned(text, secrets)
        kept, encoded, unchanged = window[:KEEP_LIMIT], False, size > KEEP_LIMIT or window == text
        complete = len(window) <= KEEP_LIMIT and size <= PARSE_LIMIT
    return Body(text=kept, encoded=encoded, size=size, digest=digest if unchanged else "", complete=complete, cut=cut)


def _decoded(data: bytes, content_type: str) -> str | None:
    """The body as text; None for what is none."""
    if "octet-stream" in content_type and b"\0" in data[:KEEP_LIMIT]:
        return None
    try:
        return data[:PARSE_LIMIT].decode("utf-8")
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data" and len(data) > PARSE_LIMIT:
            return data[: error.start].decode("utf-8")
        return None


def _cleaned(text: str, secrets: Secrets) -> str:
    edge = KEEP_LIMIT + MARGIN
    if text.lstrip()[:1] in ("{", "[", '"'):
        text, found = redact_json(text, keep=edge)
        secrets.learn(*found)
    else:
        text = redact_text(text[:edge])
    return secrets.redact(text)


def read_body(response: requests.Response, limit: int) -> tuple[bytes, bool]:
    """The body up to the limit, and whether there was more."""
    chunks, total, end = [], 0, time.monotonic() + READ_SECONDS
    for chunk in response.iter_content(64 << 10):
        chunks.append(chunk[: limit - total])
        total += len(chunk)
        if total > limit:
            response.close()
            return b"".join(chunks), True
        if time.monotonic() > end:
            response.close()
            raise requests.Timeout(f"the body took longer than {READ_SECONDS} s")
    return b"".join(chunks), False


class GuardedSession(requests.Session):
    """A requests session that records, and refuses to send a token or a password to a foreign origin.

    Follows no redirect, keeps no cookie and reads no .netrc.
    """

    def __init__(self, recorder: Recorder) -> None:
        super().__init__()
        self.recorder = recorder
        self.trusted: set[tuple[str, str, int | None]] = set()
        self.auth = _no_netrc
        self.cookies.set_policy(http.cookiejar.DefaultCookiePolicy(allowed_domains=[]))

    def trust(self, url: str) -> None:
        """Let tokens go to this address's origin."""
        self.trusted.add(origin(url))

    def _guard(self, request: requests.PreparedRequest) -> None:
        url = request.url or ""
        if origin(url) in self.trusted:
            return
        body = request.body if isinstance(request.body, bytes) else str(request.body or "").encode()
        carries_token = any(name in request.headers for name in TOKEN_HEADERS)
        if carries_token or self.recorder.secrets.occur_in(body + b"\n" + url.encode()):
            what = "the token" if carries_token else "credentials"
            raise CannotTell(
                f"{request.method} {redact_url(url)}: refused to send {what} to an origin outside the catalog"
            )

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """As requests does. Raises CannotTell for a secret on its way to a foreign origin."""
        self._guard(request)
        kwargs.update(stream=True, allow_redirects=False)
        started, clock = datetime.now(UTC).isoformat(), time.monotonic()
        self.recorder.begun = f"{request.method} {self.recorder.secrets.redact(redact_url(request.url or ''))}"
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
            seconds = time.monotonic() - clock
            self.recorder.add(self._exchange(request, response, body, cut, trouble, started, seconds))

    def _exchange(
        self,
        request: requests.PreparedRequest,
        response: requests.Response | None,
        body: bytes,
        cut: bool,
        trouble: str | None,
        started: str,
        seconds: float,
    ) -> Exchange:
        secrets = self.recorder.secrets
        asked = {str(_text(name)): str(_text(value)) for name, value in request.headers.items()}
        answered = {} if response is None else dict(response.headers)
        secrets.add(*(value for name, value in (asked | answered).items() if name.lower() in TOKEN_HEADERS[:3]))
        sent = request.body or b""
        sent = sent.encode() if isinstance(sent, str) else bytes(sent) if isinstance(sent, bytes) else b""
        request_body = keep_body(sent, _type(asked), secrets)
        response_body = keep_body(body, _type(answered), secrets, cut=cut)
        return Exchange(
            started=started,
            seconds=seconds,
            method=request.method or "",
            url=secrets.redact(redact_url(request.url or "")),
            request_headers=_headers(asked, secrets),
            request_body=request_body,
            status=None if response is None else response.status_code,
            reason="" if response is None else secrets.clean(response.reason or ""),
            response_headers=_headers(answered, secrets),
            response_body=response_body,
            error=trouble and secrets.clean(trouble),
        )


def _no_netrc(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _text(value: object) -> object:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def _type(headers: dict[str, str]) -> str:
    return next((value.lower() for name, value in headers.items() if name.lower() == "content-type"), "")


def _headers(headers: dict[str, str], secrets: Secrets) -> tuple[tuple[str, str], ...]:
    return tuple((name, secrets.redact(value)) for name, value in redact_headers(headers.items()))
