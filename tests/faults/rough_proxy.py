"""A proxy through which a part of all calls meets what a bad network or a tired load balancer does to them."""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
import struct
from collections import Counter
from collections.abc import Iterable
from enum import StrEnum

from aiohttp import web
from multidict import CIMultiDict

from tests.deviations.cloud import Mount
from tests.deviations.proxy import REPLY, Proxy
from tests.faults.brisk import SECONDS

MARK = "X-Not-Of-The-Cloud"
"""A header of the answers that the proxy makes up."""


class Mishap(StrEnum):
    RESET_BEFORE = "reset before the cloud heard of it"
    RESET_AFTER = "reset after the cloud had done it"
    UNAVAILABLE = "503"
    UNAVAILABLE_NOW = "503 with Retry-After"
    STALL_BEFORE = "stall before the cloud heard of it"
    STALL_AFTER = "stall after the cloud had done it"


SHARES = {
    Mishap.RESET_BEFORE: 0.025,
    Mishap.RESET_AFTER: 0.025,
    Mishap.UNAVAILABLE: 0.025,
    Mishap.UNAVAILABLE_NOW: 0.025,
    Mishap.STALL_BEFORE: 0.01,
    Mishap.STALL_AFTER: 0.01,
}
"""Of all calls: 5% resets, 5% 503, 2% stalls."""
AFTERWARDS = (Mishap.RESET_AFTER, Mishap.STALL_AFTER)
STALLS = (Mishap.STALL_BEFORE, Mishap.STALL_AFTER)


class RoughProxy(Proxy):
    """The cloud's answers come unchanged, or not at all, or 503 comes instead."""

    def __init__(self, mounts: Iterable[Mount], *, seed: int) -> None:
        super().__init__(mounts)
        self.calls = 0
        self.mishaps: Counter[Mishap] = Counter()
        self._random = random.Random(seed)

    async def pass_on(self, request: web.Request, address: str, mount: Mount) -> web.Response:
        self.calls += 1
        mishap = self._draw()
        if mishap is None:
            return await super().pass_on(request, address, mount)
        self.mishaps[mishap] += 1
        if mishap in (Mishap.UNAVAILABLE, Mishap.UNAVAILABLE_NOW):
            await request.content.read()
            return made_up(503, {"Retry-After": "1"} if mishap is Mishap.UNAVAILABLE_NOW else {})
        if mishap in AFTERWARDS:
            await super().pass_on(request, address, mount)
        if mishap in STALLS:
            await asyncio.sleep(1.5 * SECONDS)
        reset(request)
        return made_up(503, {})  # to nobody

    def _draw(self) -> Mishap | None:
        drawn = self._random.random()
        for mishap, share in SHARES.items():
            drawn -= share
            if drawn < 0:
                return mishap
        return None


def made_up(status: int, headers: dict[str, str]) -> web.Response:
    """An answer of the proxy's own."""
    response = web.Response(status=status, headers={MARK: "1", **headers}, text="no server is available")
    response[REPLY] = CIMultiDict(response.headers)
    return response


def reset(request: web.Request) -> None:
    """End the connection with a RST."""
    if request.transport is None:
        return
    with contextlib.suppress(OSError):
        connection = request.transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    request.transport.abort()
