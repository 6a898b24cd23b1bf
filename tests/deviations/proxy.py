"""A reverse proxy in front of a cloud, through which a run passes whole, and which can break one promise at a time.

Each origin of the cloud's catalog gets a free port of the loopback interface; the addresses in the cloud's
answers are exchanged for the proxy's, so that nothing goes past it. Without a deviation it changes nothing else.
"""

from __future__ import annotations

import asyncio
import re
import ssl
import threading
import time
import traceback
from collections.abc import Awaitable, Callable, Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import aiohttp
from aiohttp import web
from multidict import CIMultiDict
from yarl import URL

from defcore.model.capability import Service
from tests.deviations.asked import Asked
from tests.deviations.cloud import Mount
from tests.deviations.deviation import Change, Changer
from tests.deviations.message import Call, Reply
from tests.deviations.tokens import Tokens

HOP_BY_HOP = (
    "connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer", "trailers",
    "transfer-encoding", "upgrade", "host", "expect",
)  # fmt: skip
UNASKED = ("User-Agent", "Accept", "Accept-Encoding", "Content-Type")
LONGEST_LINE = 64 << 10
TIMEOUT = aiohttp.ClientTimeout(total=180)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Proxy:
    """`with Proxy(mounts) as proxy:`; `proxy.disturb(deviation)` from any thread."""

    def __init__(self, mounts: Iterable[Mount]) -> None:
        self.mounts = tuple(mounts)
        self.origins: dict[str, str] = {}
        """The cloud's -> ours."""
        self.troubles: list[str] = []
        """What went wrong in the proxy itself, since the last `disturb`."""
        self.changed = 0
        """Calls that the deviation made a difference to."""
        self.asked: list[Asked] = []
        """All calls since the last `disturb` that were neither disturbed nor of the clean-up."""
        self._deviation: Changer | None = None
        self._pause: Path | None = None
        self._memory: dict[Any, Any] = {}
        self._tokens = Tokens()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy", daemon=True)
        self._runners: list[web.AppRunner] = []
        self._client: aiohttp.ClientSession | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        self._wait(self._open())
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._wait(self._stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def disturb(self, deviation: Changer | None, *, pause: Path | None = None) -> None:
        """From now on the cloud deviates in this way only, with nothing remembered of the last one.

        `pause`: a file; whenever it is there nothing is disturbed.
        """
        self._memory = {}
        self.troubles = []
        self.changed = 0
        self.asked = []
        self._pause = pause
        self._deviation = deviation

    def _wait(self, work: Any) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(60)

    async def _open(self) -> None:
        # A connection each: none is used that the cloud is about to close.
        self._client = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, force_close=True),
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            timeout=TIMEOUT,
            skip_auto_headers=UNASKED,
            max_line_size=LONGEST_LINE,
            max_field_size=LONGEST_LINE,
        )
        await self._start()

    async def _start(self) -> None:
        for origin in dict.fromkeys(mount.origin for mount in self.mounts):
            door = _Door(self, origin, [mount for mount in self.mounts if mount.origin == origin])
            self.origins[origin] = f"http://{await self._listen(door.handle)}"

    async def _listen(self, handle: Handler, tls: ssl.SSLContext | None = None) -> str:
        """Take requests at a free port. Returns its host and port."""
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", handle)
        app.on_response_prepare.append(_as_replied)
        runner = web.AppRunner(app, auto_decompress=False, max_line_size=LONGEST_LINE, max_field_size=LONGEST_LINE)
        await runner.setup()
        self._runners.append(runner)
        await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls).start()
        host, port = runner.addresses[0][:2]
        return f"{host}:{port}"

    async def _stop(self) -> None:
        for runner in self._runners:
            await runner.cleanup()
        if self._client:
            await self._client.close()

    async def answer(self, call: Call) -> Reply:
        """The cloud's reply, or what the deviation makes of it."""
        if self._pause and self._pause.exists():
            return await call.forward()
        change = self._deviation.change_for(call) if self._deviation else None
        if change is not None:
            return await self._changed(change, call)
        at, reply = time.time(), await call.forward()
        self.asked.append(Asked.of(at, call, reply))
        return reply

    async def _changed(self, change: Change, call: Call) -> Reply:
        """What the deviation makes of a call, and whether that differs from what the cloud makes of it."""
        asked, honest, sent = call.told(), call.send, []

        async def send(one: Call) -> Reply:
            reply = await honest(one)
            sent.append((one.told(), reply.told()))
            return reply

        call.send = send
        reply = await change(call)
        self.changed += sent != [(asked, reply.told())]
        return reply

    async def pass_on(self, request: web.Request, address: str, mount: Mount) -> web.Response:
        """Have a request answered by what is at `address`, which it knows by the mount's prefix."""
        body = await request.content.read()
        call = self._new_call(address, mount, request, body)
        try:
            reply = await self.answer(call)
        except Exception as error:
            self.troubles.append(f"{request.method} {request.path}: {error!r}\n{traceback.format_exc()}")
            reply = Reply(status=502, body=b"the proxy: " + repr(error).encode())
        return _response(request.method, reply)

    def _new_call(self, address: str, mount: Mount, request: web.Request, body: bytes) -> Call:
        path, _, query = request.raw_path.partition("?")

        async def send(call: Call) -> Reply:
            return await self._send(address, call)

        return Call(
            service=mount.service,
            method=request.method,
            path=path.removeprefix(mount.prefix),
            query=query,
            headers=_end_to_end(request.headers),
            body=body,
            send=send,
            tokens=self._tokens,
            memory=self._memory,
        )

    async def _send(self, address: str, call: Call) -> Reply:
        assert self._client is not None
        url = address + call.path + (f"?{call.query}" if call.query else "")
        headers = call.headers.copy()
        has_body = bool(call.body) or "Content-Length" in headers
        headers.popall("Content-Length", None)
        async with self._client.request(
            call.method,
            URL(url, encoded=True),
            headers=headers,
            data=call.body if has_body else None,
            allow_redirects=False,
        ) as response:
            body = await response.read()
            reply = Reply(status=response.status, headers=_end_to_end(response.headers), body=body)
        self._learn(call, reply)
        self._redirect(call, reply)
        return reply

    def _learn(self, call: Call, reply: Reply) -> None:
        if call.service is Service.IDENTITY and call.path == "/v3/auth/tokens":
            if call.method == "POST" and reply.status == 201:
                self._tokens.issued(reply.headers.get("X-Subject-Token", ""), reply.document)
            elif call.method == "DELETE" and reply.good:
                self._tokens.revoked(call.headers.get("X-Subject-Token", ""))

    def _redirect(self, call: Call, reply: Reply) -> None:
        """Exchange the cloud's addresses for ours. What is stored as an object stays as it is."""
        for name in ("Location", "Content-Location", "Link", "OpenStack-Image-Store-Ids"):
            if name in reply.headers:
                reply.headers[name] = self._ours(reply.headers[name])
        if call.service is not Service.OBJECT_STORE and "json" in reply.headers.get("Content-Type", ""):
            reply.body = self._ours(reply.body.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")

    def _ours(self, text: str) -> str:
        for origin, ours in self.origins.items():
            text = re.sub(re.escape(origin) + r"(?!\d)", ours, text)
        return text


class _Door:
    """The port that stands for one origin."""

    def __init__(self, proxy: Proxy, origin: str, mounts: list[Mount]) -> None:
        self.proxy, self.origin = proxy, origin
        self.mounts = sorted(mounts, key=lambda mount: -len(mount.prefix))

    async def handle(self, request: web.Request) -> web.StreamResponse:
        unknown = Mount(origin=self.origin, prefix="", service=None)
        mount = next((one for one in self.mounts if below(request.raw_path, one.prefix)), unknown)
        return await self.proxy.pass_on(request, self.origin + mount.prefix, mount)


def below(path: str, prefix: str) -> bool:
    return not prefix or path == prefix or path.startswith((f"{prefix}/", f"{prefix}?"))


def _end_to_end(headers: Mapping[str, str]) -> CIMultiDict[str]:
    return CIMultiDict((name, value) for name, value in headers.items() if name.lower() not in HOP_BY_HOP)


REPLY = web.ResponseKey("reply", CIMultiDict)


def _response(method: str, reply: Reply) -> web.Response:
    headers = reply.headers.copy()
    if method != "HEAD" and reply.status != 204:
        headers.popall("Content-Length", None)
    response = web.Response(status=reply.status, headers=headers, body=None if method == "HEAD" else reply.body)
    response[REPLY] = headers
    return response


async def _as_replied(request: web.Request, response: web.StreamResponse) -> None:
    """Take back what the server adds to the headers, or leaves out, on its own account."""
    headers = response[REPLY]
    for name in ("Content-Type", "Content-Length", "Server", "Date"):
        if name in headers:
            response.headers[name] = headers[name]
        elif name != "Content-Length":
            response.headers.popall(name, None)
