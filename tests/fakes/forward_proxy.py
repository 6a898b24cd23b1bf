"""A forward proxy on loopback, as companies have them: plain requests passed on, TLS tunnelled, by password."""

from __future__ import annotations

import base64
import http.client
import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

SECRET = "proxy-Pa55word"


@dataclass(slots=True)
class ForwardProxy:
    url: str = ""
    """With user and password."""
    asked: list[str] = field(default_factory=list)
    """`METHOD target` of all that was let through."""
    hangs_up: str = ""
    """A method: what is asked with it is passed on, and the answer is not."""


class _Server(ThreadingHTTPServer):
    proxy: ForwardProxy
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None: ...


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"

    def _let_in(self) -> bool:
        wanted = "Basic " + base64.b64encode(f"worker:{SECRET}".encode()).decode()
        if self.headers.get("Proxy-Authorization") == wanted:
            self.server.proxy.asked.append(f"{self.command} {self.path}")
            return True
        self.send_response(407)
        self.send_header("Content-Length", "0")
        self.end_headers()
        return False

    def _pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        if not self._let_in():
            return
        parts = urlsplit(self.path)
        there = http.client.HTTPConnection(parts.netloc, timeout=10)
        headers = {name: value for name, value in self.headers.items() if not name.lower().startswith("proxy-")}
        there.request(self.command, parts.path + (f"?{parts.query}" if parts.query else ""), body, headers)
        answer = there.getresponse()
        content = answer.read()
        if self.command == self.server.proxy.hangs_up:
            self.close_connection = True
            return
        self.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("date", "server", "transfer-encoding"):
                self.send_header(name, value)
        if answer.getheader("transfer-encoding"):
            self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        there.close()

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = _pass_on  # noqa: N815

    def do_CONNECT(self) -> None:
        if not self._let_in():
            return
        host, _, port = self.path.rpartition(":")
        with socket.create_connection((host, int(port)), 10) as there:
            self.send_response(200)
            self.end_headers()
            _shovel(self.connection, there)
        self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None: ...


def _shovel(one: socket.socket, other: socket.socket) -> None:
    """Until either end says goodbye."""
    while True:
        readable, _, _ = select.select([one, other], [], [], 10)
        for side in readable:
            data = side.recv(1 << 16)
            if not data:
                return
            (other if side is one else one).sendall(data)
        if not readable:
            return


@contextmanager
def forwarding() -> Iterator[ForwardProxy]:
    server = _Server(("127.0.0.1", 0), _Handler)
    server.proxy = ForwardProxy(url=f"http://worker:{SECRET}@127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server.proxy
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
