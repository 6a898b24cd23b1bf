"""A miniature cloud: an identity service and a store of resources behind real HTTP, in this process.

It keeps the few promises that contact, preflight and sweep rely on; `answers` makes it break any of them.
"""

from __future__ import annotations

import json
import re
import socket
import ssl
import struct
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import yaml

from defcore.model.capability import Service
from defcore.model.resources import KINDS

PASSWORDS = {"user": "user-Pa55word&x", "alt": "alt-Pa55word", "reader": "reader-Pa55word", "admin": "admin-Pa55word"}
PROJECTS = {"user": "project-1", "alt": "project-2", "reader": "project-1", "admin": "project-9"}
APPLICATION_CREDENTIALS = {("credential-id", "credential-Secret"): "user"}
ROLES = {"user": ["member"], "alt": ["member"], "reader": ["reader"], "admin": ["admin", "ResellerAdmin"]}
BASES = {
    Service.IDENTITY: "",
    Service.IMAGE: "/image",
    Service.COMPUTE: "/compute/v2.1",
    Service.NETWORK: "/network",
    Service.BLOCK_STORAGE: "/volume/v3",
    Service.OBJECT_STORE: "/object/v1/AUTH_x",
}


@dataclass(slots=True)
class Asked:
    """A request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(slots=True)
class Reply:
    status: int
    """0: the connection is reset."""
    body: object = None
    headers: dict[str, str] = field(default_factory=dict)
    reason: str | None = None
    """The phrase of the status line, if not the usual one."""


class FakeCloud:
    """Its state, and what it was asked."""

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[Asked] = []
        self.tokens: dict[str, str] = {}
        self.store: dict[str, dict[str, dict[str, Any]]] = {}
        """Path of a collection -> id -> resource."""
        self.answers: list[tuple[str, re.Pattern[str], Callable[[Asked], Reply | None]]] = []
        self.services = set(BASES)
        self.foreign: str | None = None
        """Origin that the catalog gives for the object store instead."""

    def answer(self, method: str, path: str, reply: Callable[[Asked], Reply | None]) -> None:
        """Answer what matches in another way; None: as usual."""
        self.answers.append((method, re.compile(path), reply))

    def put(self, collection: str, **row: Any) -> str:
        """A resource that is there already. `collection` includes the service's base."""
        row.setdefault("id", str(uuid.uuid4()))
        self.store.setdefault(collection, {})[row["id"]] = row
        return str(row["id"])

    def rows(self, collection: str) -> list[dict[str, Any]]:
        return list(self.store.get(collection, {}).values())

    def clouds_yaml(self, path: Path, *names: str) -> Path:
        """Write a clouds.yaml with the users, each under its own name."""
        clouds = {
            name: {
                "auth": {
                    "auth_url": f"{self.url}/v3",
                    "username": name,
                    "password": PASSWORDS[name],
                    "project_name": PROJECTS[name],
                    "user_domain_id": "default",
                    "project_domain_id": "default",
                },
                "region_name": "RegionOne",
                "identity_api_version": 3,
            }
            for name in names or PASSWORDS
        }
        path.write_text(yaml.safe_dump({"clouds": clouds}))
        return path

    # --- answers -------------------------------------------------------------------------------------------

    def reply(self, asked: Asked) -> Reply:
        self.asked.append(asked)
        for method, path, own in self.answers:
            if asked.method == method and path.search(asked.path):
                made = own(asked)
                if made:
                    return made
        path = asked.path.partition("?")[0]
        if path in ("/v3", "/v3/"):
            links = [{"rel": "self", "href": f"{self.url}/v3/"}]
            return Reply(200, {"version": {"id": "v3.14", "status": "stable", "links": links}})
        if path == "/v3/auth/tokens" and asked.method == "POST":
            return self.log_in(asked)
        if asked.headers.get("x-auth-token") not in self.tokens:
            return Reply(401, {"error": {"code": 401, "message": "not logged in", "title": "Unauthorized"}})
        return self._resource(asked, path)

    def log_in(self, asked: Asked) -> Reply:
        identity = json.loads(asked.body)["auth"]["identity"]
        if "token" in identity["methods"]:
            name = self.tokens.get(identity["token"]["id"])
        elif "application_credential" in identity["methods"]:
            name = APPLICATION_CREDENTIALS.get(
                tuple(identity["application_credential"][key] for key in ("id", "secret"))
            )
        else:
            user = identity["password"]["user"]
            name = user["name"] if PASSWORDS.get(user["name"]) == user["password"] else None
        if name is None:
            return Reply(401, {"error": {"code": 401, "message": "wrong password", "title": "Unauthorized"}})
        return self.issue(name)

    def issue(self, name: str) -> Reply:
        """A token of this user."""
        token = f"token-{uuid.uuid4().hex}"
        self.tokens[token] = name
        return Reply(201, {"token": self._token(name)}, {"X-Subject-Token": token})

    def _token(self, name: str) -> dict[str, Any]:
        return {
            "methods": ["password"],
            "user": {"id": f"id-{name}", "name": name, "domain": {"id": "default", "name": "Default"}},
            "project": {"id": PROJECTS[name], "name": PROJECTS[name], "domain": {"id": "default", "name": "Default"}},
            "roles": [{"id": role, "name": role} for role in ROLES[name]],
            "issued_at": "2026-01-01T00:00:00.000000Z",
            "expires_at": "2099-01-01T00:00:00.000000Z",
            "catalog": [self._service(service) for service in BASES if service in self.services],
        }

    def _service(self, service: Service) -> dict[str, Any]:
        origin = self.foreign if service is Service.OBJECT_STORE and self.foreign else self.url
        endpoint = {
            "id": f"endpoint-{service}",
            "interface": "public",
            "region": "RegionOne",
            "region_id": "RegionOne",
            "url": f"{origin}{BASES[service]}",
        }
        return {"type": str(service), "name": str(service), "id": f"service-{service}", "endpoints": [endpoint]}

    def _resource(self, asked: Asked, path: str) -> Reply:
        if path == "/compute/v2.1/":
            return Reply(200, {"version": {"id": "v2.1", "version": "2.96", "min_version": "2.1"}})
        if asked.method == "POST":
            return self._create(asked, path)
        collection, _, name = path.rpartition("/")
        row = self.store.get(collection, {}).get(name)
        if row is not None:
            if asked.method == "DELETE":
                del self.store[collection][name]
                return Reply(204)
            return Reply(200, {_envelope(collection): row})
        if asked.method == "GET" and path.endswith(("/detail", *_collections())):
            path = path.removesuffix("/detail")
            return Reply(200, {path.rpartition("/")[2].replace("-", "_"): self.rows(path)})
        return Reply(404, {"error": {"code": 404, "message": f"no {path}"}})

    def _create(self, asked: Asked, path: str) -> Reply:
        body = json.loads(asked.body or b"{}")
        inner = next(iter(body.values()), {}) if len(body) == 1 else body
        row = dict(inner) if isinstance(inner, dict) else {}
        row["id"] = str(uuid.uuid4())
        self.store.setdefault(path, {})[row["id"]] = row
        return Reply(201, {_envelope(path): row | {"adminPass": "generated-Pa55"} if "servers" in path else row})


def _collections() -> tuple[str, ...]:
    places = (kind.lists.partition("?")[0] for kind in KINDS.values() if kind.lists)
    listed = (place for place in places if "{" not in place)
    return (*listed, "/flavors", "/limits", "/types", "/os-availability-zone")


def _envelope(collection: str) -> str:
    for kind in KINDS.values():
        if kind.path.startswith("/") and collection.endswith(kind.path.rpartition("/")[0]) and kind.envelope:
            return kind.envelope
    return "resource"


class _Server(ThreadingHTTPServer):
    cloud: FakeCloud
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up, or is refused, says so itself."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    protocol_version = "HTTP/1.1"

    def _serve(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = Asked(self.command, self.path, headers, self.rfile.read(length))
        reply = self.server.cloud.reply(asked)
        if reply.status == 0:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.close_connection = True
            self.connection.close()
            return
        body = reply.body if isinstance(reply.body, bytes) else b""
        if reply.body is not None and not isinstance(reply.body, bytes):
            body = json.dumps(reply.body).encode()
        self.send_response(reply.status, reply.reason)
        for name, value in ({"Content-Type": "application/json"} | reply.headers).items():
            self.send_header(name, value)
        self.send_header("X-Openstack-Request-Id", f"req-{uuid.uuid4()}")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = _serve  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None: ...


@contextmanager
def serving(cloud: FakeCloud | None = None, *, tls: ssl.SSLContext | None = None) -> Iterator[FakeCloud]:
    """The cloud on a free port of loopback, until the block ends; by HTTPS if `tls` is given."""
    cloud = cloud or FakeCloud()
    server = _Server(("127.0.0.1", 0), _Handler)
    server.cloud = cloud
    cloud.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_port}"
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield cloud
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
