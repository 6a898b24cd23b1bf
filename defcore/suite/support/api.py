"""The API of one service, as one actor asks it."""

from __future__ import annotations

import json as json_module
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urljoin

from defcore.errors import Absent, PromiseBroken
from defcore.model.capability import Service
from defcore.suite.support.actor import Actor, Note
from defcore.suite.support.answer import Answer

MICROVERSION_NAMES = {Service.COMPUTE: "compute", Service.BLOCK_STORAGE: "volume"}
LATEST = "latest"
TIMEOUT = 120.0
"""Seconds for one exchange."""


class Api:
    """Sends requests to one service. Paths are relative to its endpoint.

    Endpoints: identity, image and network without version (`/v3/...`, `/v2/images`, `/v2.0/networks`); compute,
    block storage and object store with it (`/servers`, `/volumes`, `/container/object`).
    """

    def __init__(self, actor: Actor, service: Service, note: Note) -> None:
        self.actor = actor
        self.service = service
        self.note = note

    @property
    def endpoint(self) -> str:
        """Raises Absent, with the catalog as the proof, if the cloud has no such service."""
        found = self.actor.endpoint(self.service)
        if found is None:
            identity = Api(self.actor, Service.IDENTITY, self.note)
            answer = identity.get("/v3/auth/catalog")
            raise Absent(f"no {self.service} service in the catalog ({answer.where})")
        return found

    @property
    def root(self) -> str:
        """The endpoint without version and what follows it, without a final slash."""
        return re.sub(r"/v\d+(\.\d+)?(/.*)?$", "", self.endpoint)

    def request(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        data: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, Any] | list[tuple[str, Any]] | None = None,
        microversion: str | None = None,
        token: str | None = None,
        authenticated: bool = True,
        timeout: float = TIMEOUT,
    ) -> Answer:
        """One request and its answer. `path` is relative to the endpoint, or an absolute address of the same origin.

        `json` is sent as is, `data` are raw bytes; `token` replaces the actor's; `authenticated=False` sends none;
        `microversion` such as "2.45" (no header if None: the service's oldest): that a good answer is given in it is
        part of every promise, so that PromiseBroken is raised if it is not. Header values are sent as UTF-8.
        Raises CannotTell if the service itself does not answer.
        """
        url = path if path.startswith(("http://", "https://")) else self.endpoint + path
        if params:
            url += ("&" if "?" in url else "?") + urlencode(params)
        sent = {"Accept": "application/json"}
        if self.service is Service.OBJECT_STORE:
            sent = {"Accept": "*/*"}
        if json is not None:
            data = json_module.dumps(json).encode()
            sent["Content-Type"] = "application/json"
        if authenticated:
            sent["X-Auth-Token"] = token or self.actor.token()
        if microversion:
            sent["OpenStack-API-Version"] = f"{MICROVERSION_NAMES[self.service]} {microversion}"
            if self.service is Service.COMPUTE:
                sent["X-OpenStack-Nova-API-Version"] = microversion
        sent |= headers or {}
        response = self.actor.request(method, url, headers=sent, data=data, timeout=timeout)
        answer = Answer(
            method=method,
            url=url,
            status=response.status_code,
            headers=response.headers,
            body=response.content,
            note=self.note,
            tries=getattr(response, "tries", 1),
            doubt=getattr(response, "doubt", ""),
        ).arrived()
        if microversion and microversion != LATEST and answer.status < 400:
            _honoured(answer, f"{MICROVERSION_NAMES[self.service]} {microversion}")
        return answer

    def need_microversion(self, wanted: str) -> None:
        """Raises Absent if the service announces, as the proof, that it does not speak this microversion.

        One that it announces and then refuses breaks the promise of the test that asks for it.
        """
        base = re.match(r".*?/v\d+(\.\d+)?(?=/|$)", self.endpoint)
        answer = self.get(f"{base[0] if base else self.endpoint}/").setup(200, 300)
        try:
            entry = next(one for one in answer.json.get("versions") or [answer.json["version"]] if one.get("version"))
            low, high = str(entry.get("min_version") or entry["version"]), str(entry["version"])
            speaks = _numbers(low) <= _numbers(wanted) <= _numbers(high)
        except (StopIteration, KeyError, TypeError, ValueError, AttributeError):
            raise Absent(f"the {self.service} service announces no microversions ({answer.where})") from None
        if not speaks:
            spoken = f"microversions {low} to {high}" if low != high else f"microversion {low} alone"
            raise Absent(f"the {self.service} service speaks {spoken}, not {wanted} ({answer.where})")

    def get(self, path: str, **more: Any) -> Answer:
        return self.request("GET", path, **more)

    def head(self, path: str, **more: Any) -> Answer:
        return self.request("HEAD", path, **more)

    def post(self, path: str, **more: Any) -> Answer:
        return self.request("POST", path, **more)

    def put(self, path: str, **more: Any) -> Answer:
        return self.request("PUT", path, **more)

    def patch(self, path: str, **more: Any) -> Answer:
        return self.request("PATCH", path, **more)

    def delete(self, path: str, **more: Any) -> Answer:
        return self.request("DELETE", path, **more)

    def follow(self, answer: Answer, link: str) -> str:
        """The absolute address of a link in an answer (`next`, a Location), which may be relative."""
        return urljoin(answer.url, link)


def _honoured(answer: Answer, wanted: str) -> None:
    """The answer says that it is in the microversion asked for, such as `compute 2.26`."""
    seen = answer.header("OpenStack-API-Version")
    if wanted not in [one.strip().lower() for one in seen.split(",")]:
        raise PromiseBroken(f"{answer.where}: answered in {seen}, not in {wanted}", expected=wanted, seen=seen)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))
