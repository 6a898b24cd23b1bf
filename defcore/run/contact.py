"""Opening the cloud: from a name in clouds.yaml to a user that can ask.

OS_CLIENT_CONFIG_FILE wins outright; else openstacksdk's own search; the file of the reference cloud is asked
only for names not found there.
"""

from __future__ import annotations

import logging
import os
import re
import warnings
from collections.abc import Mapping
from datetime import UTC, datetime
from json import dumps, loads
from pathlib import Path
from typing import Any

import keystoneauth1.exceptions
import openstack.config
import openstack.exceptions
import requests
import yaml
from keystoneauth1.identity import v3
from keystoneauth1.identity.generic.base import BaseGenericPlugin
from keystoneauth1.session import Session
from openstack.config.loader import CONFIG_FILES

from defcore.errors import CannotTell, DefcoreError, InputError, Problem, UnknownError, did_you_mean
from defcore.model.capability import Service
from defcore.run.access import usable
from defcore.run.clouds_file import check_clouds_file, unquoted
from defcore.run.exchange import GuardedSession, Recorder
from defcore.run.redaction import environment_secrets, redact_url, secrets_in

for _library in ("keystoneauth", "openstack"):
    logging.getLogger(_library).addHandler(logging.NullHandler())  # what matters comes as an exception
UNVERSIONED = (Service.IDENTITY, Service.IMAGE, Service.NETWORK)
NO_CLOUDS = "write one: https://docs.openstack.org/openstacksdk/latest/user/config/configuration.html"
SCOPES = ("project_name", "project_id", "tenant_", "application_credential_")
"""Beginnings of the settings of clouds.yaml that ask for a project."""
MALFORMED = (AttributeError, KeyError, TypeError, ValueError)
"""What keystoneauth raises over version documents and tokens that are none."""
VERSION = re.compile(r"/v\d+(\.\d+)?/?$")


class _Session(Session):
    """Sends no token before there is one. Where versions are told only to those who have a token, keystoneauth would
    ask itself for one in the middle of getting it, and wait for itself without end."""

    logged_in = False

    def get_auth_headers(self, *plugin: Any, **more: Any) -> Any:
        if not self.logged_in:
            raise keystoneauth1.exceptions.DiscoveryFailure("the identity service tells strangers no versions")
        return super().get_auth_headers(*plugin, **more)


class CloudUser:
    """An authenticated user of a cloud: `defcore.suite.support.Actor` as the suite sees it."""

    temporary = False
    """Made by a test, and for it alone."""

    def __init__(
        self, role: str, cloud: str, region: Any, recorder: Recorder, password: v3.Password | None = None
    ) -> None:
        self.role = role
        self.cloud = cloud
        self.region: str | None = region.region_name or None
        self.interface: str = region.get_interface() or "public"
        self.credentials: Mapping[str, Any] = dict(region.config.get("auth", {}))
        self.auth_url: str = str(self.credentials.get("auth_url", ""))
        self._region = region
        recorder.secrets.add(*secrets_in(region.config), *environment_secrets(os.environ))
        self.http = GuardedSession(recorder)
        self.http.trust(self.auth_url)
        self._auth: Any = password or region.get_auth()
        verify, cert = region.get_requests_verify_args()
        self._tls = {"verify": verify, "cert": cert}
        self.session = _Session(
            auth=self._auth, session=self.http, verify=verify, cert=cert, timeout=120, redirect=False
        )

    def other(self, role: str, *, user_id: str, password: str, project_id: str) -> CloudUser:
        """Another user of the same cloud, made by a test. Not logged in yet."""
        auth = v3.Password(auth_url=self.auth_url, user_id=user_id, password=password, project_id=project_id)
        user = CloudUser(role, self.cloud, self._region, self.http.recorder, auth)
        about = {"user_id": user_id, "password": password, "project_id": project_id}
        user.credentials = {"auth_url": self.auth_url, **about}
        user.temporary = True
        return user

    def open(self) -> None:
        """Log in. Raises InputError (credentials, no project) or UnknownError (unreachable)."""
        try:
            self._access()
            access = self._made_usable()
        except (keystoneauth1.exceptions.ClientException, requests.RequestException, CannotTell) as error:
            raise self._refusal(error) from None
        self.session.logged_in = True
        if access.project_id is None and not self._asks_for_project():
            raise InputError(
                Problem(
                    code="cloud.no-project",
                    message=f"the credentials of {self.cloud!r} are not scoped to a project",
                    hint="set project_name or project_id in clouds.yaml",
                )
            )
        self.http.recorder.secrets.add(access.auth_token)
        for url in self._catalog_urls():
            self.http.trust(url)

    def _access(self) -> Any:
        """Log in where the versions of the identity service lead to or, if they lead nowhere, at its `/v3`.

        What is wrong with the versions is for the tests of discovery to say, which need a login like all others.
        """
        try:
            return self._auth.get_access(self.session)
        except (keystoneauth1.exceptions.DiscoveryFailure, *MALFORMED) as error:
            if not isinstance(self._auth, BaseGenericPlugin):
                raise
            url = self.auth_url.rstrip("/")
            plain = self._auth.create_plugin(self.session, (3, 0), url if url.endswith("/v3") else f"{url}/v3")
            if plain is None:
                raise keystoneauth1.exceptions.DiscoveryFailure(str(error)) from None
            try:
                access = plain.get_access(self.session)
            except keystoneauth1.exceptions.NotFound:
                raise keystoneauth1.exceptions.DiscoveryFailure(str(error)) from None
            except MALFORMED as missing:
                raise CannotTell(f"the answer to the login is no token: {missing!r}") from None
            self._auth = self.session.auth = plain
            return access

    def _made_usable(self) -> Any:
        """What the login gave, with whatever keystoneauth would miss in it. Raises CannotTell without a token."""
        state = loads(self._auth.get_auth_state())
        if not state["auth_token"]:
            raise CannotTell("the answer to the login is no token: its X-Subject-Token is empty")
        self._auth.set_auth_state(dumps(state | {"body": usable(state["body"], now=datetime.now(UTC))}))
        return self._auth.get_access(self.session)

    def _asks_for_project(self) -> bool:
        return any(name.startswith(SCOPES) for name, value in self.credentials.items() if value)

    def _refusal(self, error: Exception) -> DefcoreError:
        """What the answer to logging in means for the person who waits for it."""
        where = f"POST {redact_url(self.auth_url)}"
        told = self.http.recorder.secrets.clean(str(error))
        status = getattr(error, "http_status", None)
        entry = f"the auth section of {self.cloud!r} in clouds.yaml"
        if isinstance(error, keystoneauth1.exceptions.Unauthorized) or status in (400, 403):
            message = f"the cloud {self.cloud!r} refuses the credentials: {told}"
            return InputError(Problem(code="cloud.credentials", message=message, where=where, hint=f"check {entry}"))
        if status in (404, 405, 410, 300):
            message = f"no identity service answers at the address of {self.cloud!r}: {told}"
            hint = f"check auth_url in {entry}"
            return InputError(Problem(code="cloud.address", message=message, where=where, hint=hint))
        message = f"the cloud {self.cloud!r} cannot be asked: {told}"
        hint = "is the address right, and is the cloud running?"
        return UnknownError(Problem(code="cloud.unreachable", message=message, where=where, hint=hint))

    def _catalog_urls(self) -> list[str]:
        catalog = self._auth.get_access(self.session).service_catalog
        return [
            endpoint["url"]
            for endpoints in catalog.get_endpoints(interface=self.interface, region_name=self.region).values()
            for endpoint in endpoints
            if endpoint.get("url")
        ]

    def catalog(self) -> list[dict[str, Any]]:
        """The catalog of the token, as the identity service sent it."""
        entries = self._auth.get_access(self.session).service_catalog.catalog
        return [entry for entry in entries if isinstance(entry, dict)]

    def role_names(self) -> tuple[str, ...]:
        return tuple(map(str, self._auth.get_access(self.session).role_names))

    @property
    def user_id(self) -> str:
        """Raises CannotTell if the token's body does not tell it."""
        return self._told("user", self.session.get_user_id())

    @property
    def project_id(self) -> str:
        """Raises CannotTell if the token's body does not tell it."""
        return self._told("project", self.session.get_project_id())

    def _told(self, what: str, id: object) -> str:
        if not id:
            raise CannotTell(f"the token of {self.cloud!r} does not tell the id of its {what}")
        return str(id)

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
            how = self.http.merge_environment_settings(url, {}, None, self._tls["verify"], self._tls["cert"])
            return self.http.send(prepared, timeout=(15, timeout), **how)
        except (requests.RequestException, UnicodeError, ValueError) as error:
            told = self.http.recorder.secrets.clean(f"{type(error).__name__}: {error}")
            raise CannotTell(f"{method} {redact_url(url)}: no answer: {told}") from None

    def ask(
        self,
        method: str,
        service: Service,
        path: str,
        *,
        json: Any = None,
        microversion: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> requests.Response:
        """An exchange of our own, with the token, below the service's endpoint. Raises CannotTell."""
        endpoint = self.endpoint(service)
        if endpoint is None:
            raise CannotTell(f"no {service} service in the catalog of {self.cloud!r}")
        url = path if path.startswith(("http://", "https://")) else endpoint + path
        headers = {"X-Auth-Token": self.token(), "Accept": "application/json"} | dict(headers or {})
        if json is not None:
            headers["Content-Type"] = "application/json"
        if microversion:
            name = {Service.COMPUTE: "compute", Service.BLOCK_STORAGE: "volume"}[service]
            headers["OpenStack-API-Version"] = f"{name} {microversion}"
        data = None if json is None else dumps(json).encode()
        return self.request(method, url, headers=headers, data=data, timeout=120)


def open_user(role: str, cloud: str, recorder: Recorder, *, reference_file: Path | None) -> CloudUser:
    """The user that clouds.yaml names. Raises InputError for an unknown name or a broken file; does not log in."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openstacksdk's news for its own users
        config = _configuration(cloud, reference_file)
        try:
            return CloudUser(role, cloud, config.get_one(cloud=cloud), recorder)
        except (openstack.exceptions.ConfigException, keystoneauth1.exceptions.ClientException) as error:
            recorder.secrets.add(*environment_secrets(os.environ))
            told = recorder.secrets.clean(str(error))
            raise InputError(
                Problem(code="cloud.configuration", message=f"the entry {cloud!r} of clouds.yaml: {told}")
            ) from None


def cloud_names(reference_file: Path | None) -> tuple[str, ...]:
    """Every name that `open_user` would know; none if a file is broken."""
    try:
        names = set(_read(None).get_cloud_names())
        if not os.environ.get("OS_CLIENT_CONFIG_FILE") and reference_file and reference_file.exists():
            names |= set(_read(reference_file).get_cloud_names())
    except InputError:
        return ()
    return tuple(sorted(names - {"defaults"}))


def _configuration(cloud: str, reference_file: Path | None) -> Any:
    config = _read(None)
    names = set(config.get_cloud_names()) - {"defaults"}
    if cloud in names:
        return config
    if not os.environ.get("OS_CLIENT_CONFIG_FILE") and reference_file and reference_file.exists():
        reference = _read(reference_file)
        if cloud in reference.get_cloud_names():
            return reference
        names |= set(reference.get_cloud_names())
    raise InputError(
        Problem(
            code="cloud.unknown",
            message=f"no cloud {cloud!r} in clouds.yaml",
            where=os.environ.get("OS_CLIENT_CONFIG_FILE") or config.config_filename,
            hint=did_you_mean(cloud, names) if names else NO_CLOUDS,
        )
    )


def _read(file: Path | None) -> Any:
    """The configuration as openstacksdk finds it, or of one file alone."""
    named = os.environ.get("OS_CLIENT_CONFIG_FILE")
    if file is None and named and not Path(named).is_file():
        raise InputError(
            Problem(code="cloud.no-file", message="OS_CLIENT_CONFIG_FILE names a file that is not there", where=named)
        )
    files = [str(file or named)] if file or named else _search_path()
    present = next((Path(one) for one in files if Path(one).exists()), None)
    if present:
        check_clouds_file(present)
    try:
        return openstack.config.OpenStackConfig(config_files=files, load_envvars=file is None)
    except (openstack.exceptions.ConfigException, yaml.YAMLError, OSError, UnicodeError) as error:
        raise InputError(Problem(code="cloud.configuration", message=unquoted(str(error)), where=files[0])) from None


def _search_path() -> list[str]:
    """Where openstacksdk looks; it remembers the folder in which it was imported, we mean the present one."""
    here = [str(Path.cwd() / f"clouds.{ending}") for ending in ("yaml", "yml", "json")]
    return here + [path for path in CONFIG_FILES if path not in here]
