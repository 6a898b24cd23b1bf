"""Opening the cloud: from a name in clouds.yaml to a user that can ask.

OS_CLIENT_CONFIG_FILE wins outright; else openstacksdk's own search; the file of the reference cloud is asked
only for names not found there.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import keystoneauth1.exceptions
import openstack.config
import openstack.exceptions
import requests
from keystoneauth1.session import Session

from defcore.errors import CannotTell, InputError, Problem, UnknownError, did_you_mean
from defcore.model.capability import Service
from defcore.run.exchange import GuardedSession, Recorder

UNVERSIONED = (Service.IDENTITY, Service.IMAGE, Service.NETWORK)
VERSION = re.compile(r"/v\d+(\.\d+)?/?$")


class CloudUser:
    """An authenticated user of a cloud: `defcore.suite.support.Actor` as the suite sees it."""

    def __init__(self, role: str, cloud: str, region: Any, recorder: Recorder) -> None:
        self.role = role
        self.cloud = cloud
        self.region: str | None = region.region_name or None
        self.interface: str = region.get_interface() or "public"
        self.credentials: Mapping[str, Any] = dict(region.config.get("auth", {}))
        self.auth_url: str = str(self.credentials.get("auth_url", ""))
        self.http = GuardedSession(recorder)
        self.http.trust(self.auth_url)
        self._auth = region.get_auth()
        verify, cert = region.get_requests_verify_args()
        self._tls = {"verify": verify, "cert": cert}
        self.session = Session(
            auth=self._auth, session=self.http, verify=verify, cert=cert, timeout=120, redirect=False
        )

    def open(self) -> None:
        """Log in. Raises InputError (credentials, no project) or UnknownError (unreachable)."""
        try:
            access = self._auth.get_access(self.session)
        except keystoneauth1.exceptions.Unauthorized as error:
            raise InputError(
                Problem(
                    code="cloud.credentials",
                    message=f"the cloud {self.cloud!r} refuses the credentials: {error}",
                    where=f"POST {self.auth_url}",
                    hint=f"check the auth section of {self.cloud!r} in clouds.yaml",
                )
            ) from None
        except (keystoneauth1.exceptions.ClientException, requests.RequestException, CannotTell) as error:
            raise UnknownError(
                Problem(
                    code="cloud.unreachable",
                    message=f"the cloud {self.cloud!r} cannot be asked: {error}",
                    where=f"POST {self.auth_url}",
                    hint="is the address right, and is the cloud running?",
                )
            ) from None
        if access.project_id is None:
            raise InputError(
                Problem(
                    code="cloud.no-project",
                    message=f"the credentials of {self.cloud!r} are not scoped to a project",
                    hint="set project_name or project_id in clouds.yaml",
                )
            )
        for url in self._catalog_urls():
            self.http.trust(url)

    def _catalog_urls(self) -> list[str]:
        catalog = self._auth.get_access(self.session).service_catalog
        return [
            endpoint["url"]
            for endpoints in catalog.get_endpoints(interface=self.interface, region_name=self.region).values()
            for endpoint in endpoints
            if endpoint.get("url")
        ]

    @property
    def user_id(self) -> str:
        return str(self.session.get_user_id())

    @property
    def project_id(self) -> str:
        return str(self.session.get_project_id())

    def token(self) -> str:
        """A valid token; renewed by keystoneauth before it expires."""
        return str(self.session.get_token())

    def endpoint(self, service: Service) -> str | None:
        """The catalog's address for the service; see `defcore.suite.support.Actor.endpoint`."""
        url = self._catalog_url(service)
        if url is None:
            return None
        url = url.rstrip("/")
        if service in UNVERSIONED:
            return VERSION.sub("", url)
        if service is Service.COMPUTE and not re.search(r"/v2(\.\d+)?(/|$)", url):
            return f"{url}/v2.1"
        if service is Service.BLOCK_STORAGE and not re.search(r"/v3(/|$)", url):
            return f"{url}/v3"
        return url

    def _catalog_url(self, service: Service) -> str | None:
        catalog = self._auth.get_access(self.session).service_catalog
        try:
            url = catalog.url_for(service_type=str(service), interface=self.interface, region_name=self.region)
        except keystoneauth1.exceptions.CatalogException:
            return None
        return str(url) if url else None

    def request(
        self, method: str, url: str, *, headers: Mapping[str, str], data: bytes | None, timeout: float
    ) -> requests.Response:
        """One exchange as is. Raises CannotTell on transport trouble."""
        raw = {name: value.encode() for name, value in headers.items()}
        try:
            prepared = requests.Request(method, url, headers=raw, data=data).prepare()
            return self.http.send(prepared, timeout=(15, timeout), **self._tls)
        except requests.RequestException as error:
            raise CannotTell(f"{method} {url}: no answer: {type(error).__name__}: {error}") from None


def open_user(role: str, cloud: str, recorder: Recorder, *, reference_file: Path | None) -> CloudUser:
    """The user that clouds.yaml names. Raises InputError for an unknown name or a broken file; does not log in."""
    config = _configuration(cloud, reference_file)
    try:
        return CloudUser(role, cloud, config.get_one(cloud=cloud), recorder)
    except (openstack.exceptions.ConfigException, keystoneauth1.exceptions.ClientException) as error:
        raise InputError(
            Problem(code="cloud.configuration", message=f"the entry {cloud!r} of clouds.yaml: {error}")
        ) from None


def _configuration(cloud: str, reference_file: Path | None) -> Any:
    config = openstack.config.OpenStackConfig()
    names = set(config.get_cloud_names())
    if cloud in names:
        return config
    if "OS_CLIENT_CONFIG_FILE" not in os.environ and reference_file and reference_file.exists():
        reference = openstack.config.OpenStackConfig(config_files=[str(reference_file)])
        if cloud in reference.get_cloud_names():
            return reference
        names |= set(reference.get_cloud_names())
    raise InputError(
        Problem(
            code="cloud.unknown",
            message=f"no cloud {cloud!r} in clouds.yaml",
            where=os.environ.get("OS_CLIENT_CONFIG_FILE") or ", ".join(config._config_files[:1]) or None,
            hint=did_you_mean(cloud, names) or "see openstacksdk's documentation of clouds.yaml",
        )
    )
