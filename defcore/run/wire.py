"""The connection to the cloud with ends that no server can put off: a byte now and then keeps no connection open.

A time limit of `requests` begins anew with every byte. Here connecting, the head of an answer and its body each have
one limit for all of it, kept by a timer that shuts the connection.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

CONNECT_SECONDS = 60.0
"""Seconds for a connection, the tunnel through a proxy included. A TLS handshake has the limit for connecting."""
HEAD_SECONDS = 330.0
"""Seconds from the request to the end of the answer's headers, `100 Continue` included."""
READ_SECONDS = 900.0
"""Seconds that one response body may take."""
READ_LIMIT = 64 << 20
"""Bytes read of one response body, after decompression; what comes after is not read."""
CHUNK = 64 << 10


@contextlib.contextmanager
def shut_after(seconds: float, shut: Callable[[], object], what: str) -> Iterator[None]:
    """Call `shut`, which ends what runs inside, when the time is up. Raises TimeoutError if it was called."""
    rung = threading.Event()

    def ring() -> None:
        rung.set()
        with contextlib.suppress(OSError, RuntimeError, ValueError):  # it has ended by itself
            shut()

    timer = threading.Timer(seconds, ring)
    timer.daemon = True
    timer.start()
    try:
        yield
    except Exception:
        if rung.is_set():
            raise TimeoutError(f"{what} took longer than {seconds:.0f} s") from None
        raise
    finally:
        timer.cancel()
    if rung.is_set():
        raise TimeoutError(f"{what} took longer than {seconds:.0f} s")


class _Bounded(HTTPConnection):
    def connect(self) -> None:
        with shut_after(CONNECT_SECONDS, self._shut, "connecting"):
            super().connect()

    def getresponse(self) -> Any:
        with shut_after(HEAD_SECONDS, self._shut, "the head of the answer"):
            return super().getresponse()

    def _shut(self) -> None:
        within = getattr(self.sock, "socket", self.sock)  # TLS within the TLS of a proxy has it inside
        if isinstance(within, socket.socket):
            socket.socket.shutdown(within, socket.SHUT_RDWR)  # not that of TLS, which the reader is still using


class _BoundedTLS(_Bounded, HTTPSConnection):
    pass


class BoundedPool(HTTPConnectionPool):
    ConnectionCls = _Bounded


class BoundedTLSPool(HTTPSConnectionPool):
    ConnectionCls = _BoundedTLS


POOLS = {"http": BoundedPool, "https": BoundedTLSPool}


class BoundedAdapter(HTTPAdapter):
    """As that of requests, with the limits of this module; no try is repeated here."""

    def init_poolmanager(self, *arguments: Any, **more: Any) -> None:
        super().init_poolmanager(*arguments, **more)
        self.poolmanager.pool_classes_by_scheme = POOLS

    def proxy_manager_for(self, proxy: Any, **more: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **more)
        if not proxy.lower().startswith("socks"):
            manager.pool_classes_by_scheme = POOLS
        return manager


def read_body(response: requests.Response, limit: int, seconds: float | None = None) -> tuple[bytes, bool]:
    """The body up to the limit, and whether there was more. Raises requests.Timeout after so many seconds
    (READ_SECONDS), ContentDecodingError for what does not fit into memory."""
    seconds = READ_SECONDS if seconds is None else seconds
    chunks, total, end = [], 0, time.monotonic() + seconds
    try:
        with shut_after(seconds, response.raw.shutdown, "the body"):
            for chunk in response.iter_content(CHUNK):
                chunks.append(chunk[: limit - total])
                total += len(chunk)
                if total > limit:
                    response.close()
                    return b"".join(chunks), True
                if time.monotonic() > end:
                    raise TimeoutError(f"the body took longer than {seconds:.0f} s")
        return b"".join(chunks), False
    except TimeoutError as error:
        response.close()
        raise requests.Timeout(str(error)) from None
    except MemoryError:
        chunks.clear()
        response.close()
        raise requests.exceptions.ContentDecodingError("the body does not fit into memory") from None
