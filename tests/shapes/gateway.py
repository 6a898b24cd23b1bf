"""One address for all services, as a gateway in front of a cloud gives: TLS, and a path prefix for each service."""

from __future__ import annotations

import ssl
from collections.abc import Iterable
from pathlib import Path

import trustme
from aiohttp import web

from defcore.model.capability import Service
from tests.deviations.cloud import Mount
from tests.deviations.proxy import Proxy, below

PREFIXES = {
    Service.IDENTITY: "/identity",
    Service.IMAGE: "/image",
    Service.COMPUTE: "/compute",
    Service.NETWORK: "/networking",
    Service.BLOCK_STORAGE: "/volume",
    Service.OBJECT_STORE: "/object-store",
    None: "/other",
}


class Gateway(Proxy):
    """All services at one port, by HTTPS; what is below no service's prefix is not found.

    Relative links of the services (those of images) stay as they are: no service knows of its prefix but by the
    absolute addresses that it is told.
    """

    def __init__(self, mounts: Iterable[Mount], folder: Path) -> None:
        super().__init__(mounts)
        authority = trustme.CA()
        self.ca_file = folder / "ca.pem"
        authority.cert_pem.write_to_path(str(self.ca_file))
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("127.0.0.1").configure_cert(self._tls)
        self._doors: dict[str, Mount] = {}

    async def _start(self) -> None:
        address = await self._listen(self._handle, self._tls)
        for mount in self.mounts:
            prefix = PREFIXES[mount.service]
            self._doors[prefix] = mount
            self.origins[mount.origin + mount.prefix] = f"https://{address}{prefix}"

    async def _handle(self, request: web.Request) -> web.StreamResponse:
        for prefix, mount in self._doors.items():
            if below(request.raw_path, prefix):
                front = Mount(origin="", prefix=prefix, service=mount.service)
                return await self.pass_on(request, mount.origin + mount.prefix, front)
        await request.read()
        return web.Response(status=404, text="nothing is served here")
