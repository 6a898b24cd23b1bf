"""The cloud behind the proxy: its services by their addresses, and a clouds.yaml that leads to the proxy."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import yaml

from defcore.model.capability import Service
from defcore.run.contact import open_user
from defcore.run.exchange import Recorder

TYPES = {"volumev3": Service.BLOCK_STORAGE, "volume": Service.BLOCK_STORAGE}
"""Former names of service types that a catalog may still hold."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mount:
    """Where a service begins at its origin."""

    origin: str
    """Such as `http://192.0.2.1:9292`."""
    prefix: str
    """Path in front of the service's own, empty or such as `/image`."""
    service: Service | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudFile:
    """A clouds.yaml."""

    path: Path

    @property
    def clouds(self) -> dict[str, Any]:
        return dict(yaml.safe_load(self.path.read_text())["clouds"])

    def mounts(self, cloud: str) -> tuple[Mount, ...]:
        """What the catalog of a cloud of this file holds, and the address that it is logged into at."""
        user = open_user("primary", cloud, Recorder(), reference_file=self.path)
        user.open()
        urls = [
            (entry["type"], endpoint["url"])
            for entry in user.catalog()
            for endpoint in entry["endpoints"]
            if endpoint["interface"] == user.interface
        ]
        found = {_mount(kind, url) for kind, url in [*urls, ("identity", user.auth_url)]}
        return tuple(sorted(found, key=lambda one: (one.origin, -len(one.prefix))))

    def write(self, path: Path, origins: Mapping[str, str]) -> None:
        """The same file with the origins exchanged for those of the proxy."""
        text = self.path.read_text()
        for origin, ours in origins.items():
            text = re.sub(re.escape(origin) + r"(?!\d)", ours, text)
        path.touch(mode=0o600)
        path.write_text(text)


def _mount(kind: str, url: str) -> Mount:
    parts = urlsplit(url)
    prefix = re.sub(r"/v\d+(\.\d+)?(/.*)?$", "", parts.path).rstrip("/")
    known = TYPES.get(kind) or next((one for one in Service if one == kind), None)
    return Mount(origin=f"{parts.scheme}://{parts.netloc}", prefix=prefix, service=known)
