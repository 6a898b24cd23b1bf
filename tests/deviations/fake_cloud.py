"""A tiny server that tells what it was asked, for tests of the proxy."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Canned = tuple[int, Mapping[str, str], bytes]


@dataclass(slots=True, kw_only=True)
class FakeCloud:
    """Answers what `canned` holds for `METHOD path`; anything else with a description of the request."""

    origin: str = ""
    canned: dict[str, Canned | list[Canned]] = field(default_factory=dict)
    """A list is answered one by one, the last one again and again."""
    asked: list[dict[str, Any]] = field(default_factory=list)

    def answer(self, request: dict[str, Any]) -> Canned:
        self.asked.append(request)
        path = request["path"].partition("?")[0]
        found = self.canned.get(f"{request['method']} {path}")
        if isinstance(found, list):
            found = found.pop(0) if len(found) > 1 else found[0]
        return found or (200, {"Content-Type": "application/json"}, json.dumps(request).encode())

    def put(self, place: str, document: Any, status: int = 200, **headers: str) -> None:
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        self.canned[place] = (status, {"Content-Type": "application/json"} | told, json.dumps(document).encode())


@contextmanager
def fake_cloud() -> Iterator[FakeCloud]:
    cloud = FakeCloud()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(cloud))
    cloud.origin = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield cloud
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


def _handler(cloud: FakeCloud) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def handle_one_request(self) -> None:
            self.raw_requestline = self.rfile.readline(65537)
            if not self.raw_requestline or not self.parse_request():
                self.close_connection = True
                return
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            status, headers, answer = cloud.answer(
                {
                    "method": self.command,
                    "path": self.path,
                    "headers": {name.lower(): value for name, value in self.headers.items()},
                    "body": body.decode("latin-1"),
                }
            )
            self.send_response_only(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if "Content-Length" not in headers and status != 204:
                self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(answer)

    return Handler
