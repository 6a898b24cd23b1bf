"""HTTP as the suite does it: every exchange recorded without its secrets, tokens kept to the catalog's origins,
bodies capped.

A `GuardedSession` is the one place that all traffic of a run passes, logging in and discovery included. After
trouble on the way it asks again (`defcore.run.repeating`); each try is an exchange of its own.

Where a token may go: to the origins of the catalog, since the identity service, which the user trusts with the
password, names the services in it; what any other document or header of the cloud points to is not trusted. Where
the user names an identity provider in clouds.yaml, logging in may show it the credentials, but no token of the cloud.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import http.cookiejar
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import requests

from defcore.errors import CannotTell
from defcore.run.forms import encodings
from defcore.run.redaction import Secrets, holds_secret, redact_headers, redact_json, redact_text, redact_url
from defcore.run.repeating import Trouble, leaves_doubt, pause_before_next, trouble_with_answer, trouble_without_answer
from defcore.run.wire import READ_LIMIT, BoundedAdapter, read_body

ANSWER_SECONDS = 300.0
"""Seconds of silence that any answer may take, whatever is asked for."""
KEEP_LIMIT = 64 << 10
"""Bytes of a body kept in evidence, beside the digest of all that was read."""
PARSE_LIMIT = 4 << 20
"""A larger body is cleaned as text."""
MARGIN = 8 << 10
"""Cleaned beyond what is kept, so that a secret at the edge is seen whole."""
_Answer = requests.Response | requests.RequestException
"""Of one try: what came, or why nothing did."""
MOST_EXCHANGES = 1000
"""Kept of one test."""
TOO_MANY = "[not kept: the test has met too many secrets to look for]"
"""In the place of a body."""
MOST_KEPT = 12 << 20
"""Characters of bodies kept of one test."""
CLOUD_TOKENS = ("x-auth-token", "x-subject-token", "x-service-token")
TOKEN_HEADERS = (*CLOUD_TOKENS, "authorization")
_WORDS = re.compile(r"[^\s=;,\"]{8,}")
"""Of a header that holds a secret: what follows `Bearer`, the values of cookies."""


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
    attempt: int = 1
    """Which try at the same request it was."""


class Recorder:
    """Collects the exchanges of the test that is running, and knows the secrets of the run."""

    def __init__(self, *own: str) -> None:
        """`own`: values that the user wants kept out."""
        self.secrets = Secrets()
        self.secrets.add(*own)
        self.exchanges: list[Exchange] = []
        self.dropped = 0
        self.unsure: list[str] = []
        """`METHOD url: what happened` of requests that may have changed something, though no answer says so."""
        self.away: str | None = None
        """`METHOD url` of a request that nobody was there to hear, however often it was sent."""
        self.begun: str | None = None
        """The request that went out last, answered or not: `METHOD url`, without secrets."""
        self._kept = 0
        self._known = self.secrets.count
        """Secrets that were known when the first of the exchanges was cleaned."""

    def add(self, exchange: Exchange, *, known: int = 0) -> None:
        """Keep it; of too many or too large ones, those in the middle are dropped.

        `known`: how many secrets were known (`Secrets.count`) when it was cleaned.
        """
        self._known = min(self._known, known) if self.exchanges else known
        self.exchanges.append(exchange)
        self._kept += _weight(exchange)
        while len(self.exchanges) > MOST_EXCHANGES or (self._kept > MOST_KEPT and len(self.exchanges) > 2):
            self._kept -= _weight(self.exchanges.pop(len(self.exchanges) // 2))
            self.dropped += 1

    def take(self) -> tuple[Exchange, ...]:
        """What was recorded since the last call, without the secrets that were met only afterwards."""
        taken, self.exchanges, self.unsure = tuple(self.exchanges), [], []
        self.begun = self.away = None
        self._kept = self.dropped = 0
        if self._known < self.secrets.count or self.secrets.overflowed:
            taken = tuple(_again(exchange, self.secrets) for exchange in taken)
        return taken


def _again(exchange: Exchange, secrets: Secrets) -> Exchange:
    return replace(
        exchange,
        url=secrets.redact(exchange.url),
        request_headers=tuple((name, secrets.redact(value)) for name, value in exchange.request_headers),
        request_body=_body_again(exchange.request_body, secrets),
        reason=secrets.redact(exchange.reason),
        response_headers=tuple((name, secrets.redact(value)) for name, value in exchange.response_headers),
        response_body=_body_again(exchange.response_body, secrets),
        error=exchange.error and secrets.redact(exchange.error),
    )


def _body_again(body: Body, secrets: Secrets) -> Body:
    if secrets.overflowed and body.size:
        return replace(body, text=TOO_MANY, encoded=False, digest="", complete=False)
    if body.encoded:
        text = base64.b64encode(secrets.redact_bytes(base64.b64decode(body.text))).decode()
    else:
        text = secrets.redact(body.text)
    return body if text == body.text else replace(body, text=text, digest="")


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
    known = secrets.count
    found: list[str] = []
    if text.lstrip()[:1] in ("{", "[", '"'):
        text, members = redact_json(text, keep=edge, values=secrets.redact)
        found += members
    else:
        text = redact_text(secrets.redact(text[:edge]), found)
    secrets.learn(*found)
    return secrets.redact(text) if secrets.count > known else text


class GuardedSession(requests.Session):
    """A requests session that records, asks again after trouble on the way, and refuses to send a token or a password
    to a foreign origin.

    Follows no redirect, keeps no cookie and reads no .netrc.
    """

    def __init__(self, recorder: Recorder) -> None:
        super().__init__()
        self.recorder = recorder
        self.patience = 0.0
        """Seconds that a service which nobody can reach is waited for, once each time that it goes away."""
        self._away_since: dict[tuple[str, str, int | None], float] = {}
        self.trusted: set[tuple[str, str, int | None]] = set()
        self.providers: set[tuple[str, str, int | None]] = set()
        """Origins of the identity providers that the user names: trusted while logging in, with credentials alone."""
        self.cloud_tokens: set[str] = set()
        """Tokens that the cloud has issued to this user, which no identity provider gets."""
        self._logging_in = False
        self.auth = _no_netrc
        self.cookies.set_policy(http.cookiejar.DefaultCookiePolicy(allowed_domains=[]))
        for scheme in ("http://", "https://"):
            self.mount(scheme, BoundedAdapter())

    def trust(self, url: str) -> None:
        """Let tokens go to this address's origin."""
        self.trusted.add(origin(url))

    @contextlib.contextmanager
    def logging_in(self) -> Iterator[None]:
        """What is sent inside is the login's own."""
        before, self._logging_in = self._logging_in, True
        try:
            yield
        finally:
            self._logging_in = before

    def _guard(self, request: requests.PreparedRequest) -> None:
        url = request.url or ""
        if origin(url) in self.trusted:
            return
        body = request.body if isinstance(request.body, bytes) else str(request.body or "").encode()
        content, secrets = body + b"\n" + url.encode(), self.recorder.secrets
        carries_token = any(name in request.headers for name in CLOUD_TOKENS)
        if self._logging_in and origin(url) in self.providers and not carries_token and not self._holds_token(content):
            return
        carries_token = carries_token or "authorization" in request.headers
        if carries_token or secrets.occur_in(content):
            what = "the token" if carries_token else "credentials"
            raise CannotTell(
                f"{request.method} {redact_url(url)}: refused to send {what} to an origin outside the catalog"
            )

    def _holds_token(self, content: bytes) -> bool:
        return any(form.encode() in content for token in self.cloud_tokens for form in encodings(token))

    def send(self, request: requests.PreparedRequest, **kwargs: Any) -> requests.Response:
        """As requests does, with `tries` on the response. Raises CannotTell for a secret on its way to a foreign
        origin, and what requests raises for the last of several tries."""
        self._guard(request)
        kwargs.update(stream=True, allow_redirects=False, timeout=_within(kwargs.get("timeout")))
        began, tries = time.monotonic(), 0
        while True:
            tries += 1
            answer = self._try(request, tries, **kwargs)
            pause = self._pause(request, answer, tries, began)
            if pause is None:
                break
            time.sleep(pause)
        if isinstance(answer, requests.Response):
            answer.tries = tries  # type: ignore[attr-defined]
            return answer
        if tries == 1:
            raise answer
        raise type(answer)(f"{answer} ({tries} tries)", request=request) from answer

    def _pause(self, request: requests.PreparedRequest, answer: _Answer, tries: int, began: float) -> float | None:
        """Seconds until the request is sent again; None: the answer stands. What is unsure now is taken down."""
        method, url, login, now = request.method or "", request.url or "", self._logging_in, time.monotonic()
        trouble = _trouble(answer)
        if trouble is None or not trouble.unreached:
            self._away_since.pop(origin(url), None)
        if trouble is None:
            return None
        if leaves_doubt(method, trouble, login=login):
            told = f"{method} {redact_url(url)}: {_told(answer)}"
            self.recorder.unsure.append(self.recorder.secrets.clean(told))
        patient = trouble.unreached and now - self._away_since.setdefault(origin(url), began) < self.patience
        pause = pause_before_next(method, url, trouble, tries=tries, elapsed=now - began, login=login, patient=patient)
        if pause is None and trouble.unreached:
            self.recorder.away = f"{method} {self.recorder.secrets.clean(redact_url(url))}"
        return pause

    def _try(self, request: requests.PreparedRequest, attempt: int, **kwargs: Any) -> _Answer:
        """One exchange, recorded: its answer, or why there was none."""
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
            return error
        finally:
            seconds, known = time.monotonic() - clock, self.recorder.secrets.count
            exchange = self._exchange(request, response, body, cut, trouble, started, seconds)
            self.recorder.add(replace(exchange, attempt=attempt), known=known)

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
        for name, value in (*asked.items(), *answered.items()):
            if name.lower() in CLOUD_TOKENS:
                secrets.add(value)
            elif holds_secret(name):
                secrets.learn(value, *_WORDS.findall(value))
        sent = request.body or b""
        sent = sent.encode() if isinstance(sent, str) else bytes(sent) if isinstance(sent, bytes) else b""
        request_body = keep_body(sent, _type(asked), secrets)
        response_body = keep_body(body, _type(answered), secrets, cut=cut)
        return Exchange(
            started=started,
            seconds=seconds,
            method=request.method or "",
            url=redact_url(secrets.redact(request.url or "")),
            request_headers=_headers(asked, secrets),
            request_body=request_body,
            status=None if response is None else response.status_code,
            reason="" if response is None else secrets.clean(response.reason or ""),
            response_headers=_headers(answered, secrets),
            response_body=response_body,
            error=trouble and secrets.clean(trouble),
        )


def _trouble(answer: _Answer) -> Trouble | None:
    if isinstance(answer, requests.Response):
        return trouble_with_answer(answer.status_code, answer.headers, now=datetime.now(UTC))
    return trouble_without_answer(answer)


def _told(answer: _Answer) -> str:
    if isinstance(answer, requests.Response):
        return f"answered {answer.status_code}"
    return f"no answer: {type(answer).__name__}: {answer}"


def _within(timeout: Any) -> Any:
    """(connecting, silence) in seconds, of what requests takes as a timeout."""
    connecting, silence = timeout if isinstance(timeout, tuple) else (timeout, timeout)
    return (min(connecting or ANSWER_SECONDS, ANSWER_SECONDS), min(silence or ANSWER_SECONDS, ANSWER_SECONDS))


def _no_netrc(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _text(value: object) -> object:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def _type(headers: dict[str, str]) -> str:
    return next((value.lower() for name, value in headers.items() if name.lower() == "content-type"), "")


def _headers(headers: dict[str, str], secrets: Secrets) -> tuple[tuple[str, str], ...]:
    return redact_headers((secrets.redact(name), secrets.redact(value)) for name, value in headers.items())
