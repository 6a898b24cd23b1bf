"""Addresses of objects that are signed with a key and work without a token until they expire."""

from __future__ import annotations

import hashlib
import hmac
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from urllib.parse import quote, unquote, urlsplit

from defcore.errors import CannotTell
from defcore.suite.support.answer import Answer
from defcore.suite.support.api import Api
from defcore.suite.support.object_store import SETTLES, feature
from defcore.suite.support.wait import wait_for

BEST_FIRST = ("sha256", "sha512", "sha1")
LIFETIME = 600
"""Seconds that a signed address works, unless a test says otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """Signs addresses of an account's objects with a key."""

    api: Api
    key: str = field(repr=False)
    digest: str
    ahead: float
    """Seconds that the cloud's clock is ahead of ours: what expires does so by the cloud's."""

    def sign(self, method: str, path: str, *, lifetime: int = LIFETIME, signed_path: str | None = None) -> str:
        """The address at which `method` may be done to an object; `signed_path` if the signature is for another."""
        expires = int(time.time() + self.ahead) + lifetime
        subject = signed_path or unquote(urlsplit(self.api.endpoint + path).path)
        signature = hmac.new(self.key.encode(), f"{method}\n{expires}\n{subject}".encode(), self.digest).hexdigest()
        return f"{self.api.endpoint}{path}?temp_url_sig={signature}&temp_url_expires={expires}"

    def addresses(self, method: str, path: str) -> Iterator[str]:
        """The signed address; where the cloud has a prefix before /v1, also that which is signed without it,
        since a proxy may take the prefix away."""
        yield self.sign(method, path)
        whole = unquote(urlsplit(self.api.endpoint + path).path)
        shorter = whole[found.start() :] if (found := re.search(r"/v1/", whole)) else whole
        if shorter != whole:
            yield self.sign(method, path, signed_path=shorter)

    def for_prefix(self, method: str, path: str, prefix: str) -> Iterator[str]:
        """The addresses of an object that are signed for all objects of its container whose names begin so."""
        container = "/".join(path.split("/")[:2])
        whole = unquote(urlsplit(self.api.endpoint + container).path)
        shorter = whole[found.start() :] if (found := re.search(r"/v1/", whole)) else whole
        for place in dict.fromkeys((whole, shorter)):
            yield f"{self.sign(method, path, signed_path=f'prefix:{place}/{prefix}')}&temp_url_prefix={quote(prefix)}"

    def use(self, method: str, path: str, *, data: bytes | None = None, by: str | None = None) -> Answer:
        """Do it without a token, at an address signed for the method `by` (the same if None).

        A new key may take a while to be known everywhere: asked again until the answer is not 401.
        """

        def attempt() -> Answer:
            for url in self.addresses(by or method, path):
                answer = self.api.request(method, url, data=data, authenticated=False)
                if answer.status != 401:
                    break
            return answer

        return wait_for(
            attempt,
            lambda seen: seen.status != 401,
            because=f"{method} is allowed at an address signed for {by or method}",
            timeout=SETTLES,
            promised=True,
            show=lambda seen: f"{seen.where} answered {seen.status}",
        )


def signer(api: Api, key: str) -> Signer:
    """Signs in the way that the cloud says it understands. Raises Absent if it has no such feature."""
    told = feature(api, "tempurl").get("allowed_digests")
    now = parsedate_to_datetime(api.head("").setup(200, 204).header("Date")).timestamp()
    return Signer(api=api, key=key, digest=_digest(api, told), ahead=now - time.time())


def _digest(api: Api, allowed: object) -> str:
    if not isinstance(allowed, list):  # releases before there was a choice
        return "sha1"
    for digest in BEST_FIRST:
        if digest in allowed and digest in hashlib.algorithms_available:
            return digest
    raise CannotTell(f"{api.root}/info allows no digest that is known here: {allowed}")
