"""Services as the proxy makes them look: older than they are, or farther away."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from typing import Any

from defcore.model.capability import Service
from tests.deviations.deviation import Change
from tests.deviations.message import Call, Reply

NAMES = {Service.COMPUTE: "compute", Service.BLOCK_STORAGE: "volume"}
LEGACY = "X-OpenStack-Nova-API-Version"
HEADER = "OpenStack-API-Version"
UNHEARD_OF = "9.9999"
"""A microversion that no service speaks, so that its own refusal can be shown."""
VERSION_DOCUMENT = re.compile(r"/?|/v(2\.1|3)/?")

Version = tuple[int, ...]


def version(text: str) -> Version:
    return tuple(map(int, text.split(".")))


class Far:
    """Each answer takes longer."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def change_for(self, call: Call) -> Change:
        return self._later

    async def _later(self, call: Call) -> Reply:
        await asyncio.sleep(self.seconds)
        return await call.forward()


class Older:
    """Services whose highest microversion is an older one: announced, served as `latest`, and refused beyond."""

    def __init__(self, highest: Mapping[Service, str]) -> None:
        self.highest = dict(highest)

    def change_for(self, call: Call) -> Change | None:
        if call.service not in self.highest:
            return None
        if VERSION_DOCUMENT.fullmatch(call.path) and call.method == "GET":
            return self._announced
        return self._served if self._wants(call) else None

    def _wants(self, call: Call) -> str | None:
        """The microversion that a call asks for: a version or `latest`; None for none, or what is no version."""
        assert call.service is not None
        named = re.search(rf"\b{NAMES[call.service]} +(\d+\.\d+|latest)\b", call.headers.get(HEADER, ""))
        if named:
            return named[1]
        legacy = call.headers.get(LEGACY, "") if call.service is Service.COMPUTE else ""
        return legacy if re.fullmatch(r"\d+\.\d+|latest", legacy) else None

    async def _announced(self, call: Call) -> Reply:
        reply = await call.forward()
        document = reply.document
        if isinstance(document, dict) and call.service:
            found = document.get("versions", [document.get("version")])
            changed = [self._age(call.service, one) for one in found if isinstance(one, dict)]
            if any(changed):
                reply.document = document
        return reply

    def _age(self, service: Service, entry: dict[str, Any]) -> bool:
        """Make an entry of a version document say the highest version there is now."""
        if not entry.get("min_version") or not entry.get("version"):
            return False
        entry["version"] = self.highest[service]
        return True

    async def _served(self, call: Call) -> Reply:
        wanted, highest = self._wants(call), self.highest[call.service]  # type: ignore[index]
        if wanted == "latest":
            return await self._ask(call, highest).forward()
        if wanted is None or version(wanted) <= version(highest):
            return await call.forward()
        reply = await self._ask(call, UNHEARD_OF).forward()
        text = reply.body.decode().replace(UNHEARD_OF, wanted)
        reply.body = re.sub(r"(maximum is:? )\d+\.\d+", rf"\g<1>{highest}", text).encode()
        for name in (HEADER, LEGACY):
            if name in reply.headers:
                reply.headers[name] = reply.headers[name].replace(UNHEARD_OF, wanted)
        return reply

    def _ask(self, call: Call, microversion: str) -> Call:
        """The same call for another microversion."""
        again = call.again()
        for name in (HEADER, LEGACY):
            if name in again.headers:
                again.headers[name] = re.sub(r"\d+\.\d+|latest", microversion, again.headers[name])
        return again
