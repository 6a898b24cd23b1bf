"""What passes the proxy: a call on its way to the cloud, and the cloud's reply, both open to change."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

from multidict import CIMultiDict

from defcore.model.capability import Service
from tests.deviations.tokens import Tokens


@dataclass(slots=True, kw_only=True)
class Reply:
    status: int
    headers: CIMultiDict[str] = field(default_factory=CIMultiDict)
    body: bytes = b""

    @property
    def document(self) -> Any:
        """The body as JSON; None if it is none."""
        return _parsed(self.body)

    @document.setter
    def document(self, value: Any) -> None:
        self.body = json.dumps(value).encode()
        if "json" not in self.headers.get("Content-Type", ""):
            self.headers["Content-Type"] = "application/json"

    @property
    def good(self) -> bool:
        return 200 <= self.status < 300

    def told(self) -> tuple[Any, ...]:
        """All that reaches who asked. A document says the same in any spelling."""
        return self.status, sorted(self.headers.items()), _canonical(self.body)


@dataclass(slots=True, kw_only=True)
class Call:
    service: Service | None
    """None for what no test asks, such as placement."""
    method: str
    path: str
    """As sent, quoted, without the prefix that the deployment puts in front."""
    query: str
    headers: CIMultiDict[str]
    body: bytes
    send: Callable[[Call], Awaitable[Reply]]
    """To the cloud, without any deviation."""
    tokens: Tokens
    """Whose tokens they are, from all answers of the identity service so far."""
    memory: dict[Any, Any]
    """What the deviation keeps from one call to the next."""

    async def forward(self) -> Reply:
        return await self.send(self)

    def told(self) -> tuple[Any, ...]:
        """All that reaches the cloud."""
        return self.method, self.path, self.params, sorted(self.headers.items()), _canonical(self.body)

    def again(self, **changes: Any) -> Call:
        """A copy to change and to send beside the call itself."""
        return replace(self, **({"headers": self.headers.copy()} | changes))

    def beside(self, path: str, method: str = "GET", query: str = "") -> Call:
        """A call of our own with the same token."""
        kept = {name: self.headers[name] for name in ("X-Auth-Token", "Accept") if name in self.headers}
        return replace(self, method=method, path=path, query=query, headers=CIMultiDict(kept), body=b"")

    @property
    def params(self) -> list[tuple[str, str]]:
        return parse_qsl(self.query, keep_blank_values=True)

    @params.setter
    def params(self, pairs: list[tuple[str, str]]) -> None:
        self.query = urlencode(pairs)

    def param(self, name: str) -> str | None:
        return next((value for key, value in self.params if key == name), None)

    @property
    def document(self) -> Any:
        """The body as JSON; None if it is none."""
        return _parsed(self.body)

    @document.setter
    def document(self, value: Any) -> None:
        self.body = json.dumps(value).encode()

    @property
    def token(self) -> str:
        return self.headers.get("X-Auth-Token", "")

    @property
    def project(self) -> str | None:
        """The project of the caller's token."""
        return self.tokens.project_of(self.token)

    @property
    def last(self) -> str:
        """The last part of the path."""
        return self.path.rstrip("/").rpartition("/")[2]


def _canonical(body: bytes) -> bytes | str:
    """The same for documents that say the same."""
    document = _parsed(body)
    return body if document is None else json.dumps(document, sort_keys=True)


def _parsed(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return None
