"""Opening the cloud: from a name in clouds.yaml to a user that can ask."""

from __future__ import annotations

import logging
import os
import re
import time
import warnings
from collections.abc import Mapping
from datetime import UTC, datetime
from json import dumps, loads
from pathlib import Path
from typing import Any

import keystoneauth1.exceptions
import requests
from keystoneauth1.access.service_catalog import ServiceCatalogV3
from keystoneauth1.identity import v3
from keystoneauth1.identity.generic.base import BaseGenericPlugin
from keystoneauth1.session import Session

from defcore.errors import CannotTell, DefcoreError, InputError, Problem, UnknownError, did_you_mean
from defcore.model.capability import Service
from defcore.run.access import astray, usable
from defcore.run.configuration import configuration_of, entry_of, several_regions, told_as_input
from defcore.run.exchange import GuardedSession, Recorder, origin
from defcore.run.login import providers
from defcore.run.redaction import environment_secrets, redact_url, secrets_in

for _library in ("keystoneauth", "openstack"):
    logging.getLogger(_library).addHandler(logging.NullHandler())  # what matters comes as an exception
UNVERSIONED = (Service.IDENTITY, Service.IMAGE, Service.NETWORK)
SCOPES = ("project_name", "project_id", "tenant_", "application_credential_")
"""Beginnings of the settings of clouds.yaml that ask for a project."""
MALFORMED = (AttributeError, KeyError, TypeError, ValueError)
"""What keystoneauth raises over version documents and tokens that are none."""
RENEWAL_PAUSE = 10.0
"""Seconds after a renewal in which a refused token is not renewed once more: it is not the token."""
VERSION = re.compile(r"/v\d+(\.\d+)?/?$")


class _Session(Session):
    """Says which requests are the login's own, and sends no token before there is one. Where versions are told only to
    those who have a token, keystoneauth would ask itself for one in the middle of getting it, and wait for itself
    without end."""

    logged_in = False

    def request(self, *arguments: Any, **more: Any) -> Any:
        http = self.session
        if more.get("authenticated") is not False or not isinstance(http, GuardedSession):
            return super().request(*arguments, **more)
        with http.logging_in():  # what a plugin of keystoneauth sends to get a token
            return super().request(*arguments, **more)

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
        self.http.providers |= {origin(url) for url in providers(self.credentials)}
        self._known: Any = None
        self._astray = ServiceCatalogV3([])
        self._renewed_at = -RENEWAL_PAUSE
        self._locked_out = ""
        """Why no other token was to be had when that was last tried."""
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
        user.http.patience = self.http.patience
        return user

    def open(self) -> None:
        """Log in. Raises InputError (credentials, no project, certificates) or UnknownError (unreachable)."""
        try:
            self._access()
            access = self._made_usable()
        except (keystoneauth1.exceptions.ClientException, requests.RequestException, CannotTell) as error:
            raise self._refusal(error) from None
        except OSError as error:
            if error.errno is not None:
                raise
            raise self._no_certificates(error) from None
        self.session.logged_in = True
        self._check_region(access)
        if access.project_id is None and not self._asks_for_project():
            raise InputError(
                Problem(
                    code="cloud.no-project",
                    message=f"the credentials of {self.cloud!r} are not scoped to a project",
                    hint="set project_name or project_id in clouds.yaml",
                )
            )

    def _check_region(self, access: Any) -> None:
        """Raises InputError if the catalog has several regions and none is chosen, or nothing in the chosen one."""
        found = [
            {str(one.get("region_id") or one.get("region") or "") for one in endpoints}
            for endpoints in access.service_catalog.get_endpoints(interface=self.interface).values()
        ]
        names = sorted(set().union(*found) - {""})
        if not self.region and any(len(one - {""}) > 1 for one in found):
            raise several_regions(self.cloud, names)
        if self.region and names and self.region not in names:
            message = f"the catalog of {self.cloud!r} has no region {self.region!r}, but {', '.join(names)}"
            hint = did_you_mean(self.region, names) or "set region_name in clouds.yaml to one of them"
            raise InputError(Problem(code="cloud.region", message=message, hint=hint))

    def _access(self) -> Any:
        """Log in where the versions of the identity service lead to or, if they lead nowhere, at its `/v3`.

        What is wrong with the versions is for the tests of discovery to say, which need a login like all others.
        """
        try:
            return self._auth.get_access(self.session)
        except (keystoneauth1.exceptions.DiscoveryFailure, *MALFORMED) as error:
            if not isinstance(self._auth, BaseGenericPlugin):
                if isinstance(error, MALFORMED):
                    raise _no_token(error) from None
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
                raise _no_token(missing) from None
            self._auth = self.session.auth = plain
            return access

    def _made_usable(self) -> Any:
        """What the login gave, with whatever keystoneauth would miss in it, and its token's way made free to what its
        catalog names. Raises CannotTell without a token."""
        state = loads(self._auth.get_auth_state())
        if not state["auth_token"]:
            raise CannotTell("the answer to the login is no token: its X-Subject-Token is empty")
        self._astray = ServiceCatalogV3(astray(state["body"]))
        self._auth.set_auth_state(dumps(state | {"body": usable(state["body"], now=datetime.now(UTC))}))
        self._known = self._auth.get_access(self.session)
        self.http.recorder.secrets.add(state["auth_token"])
        self.http.cloud_tokens.add(state["auth_token"])
        catalog = self._known.service_catalog
        for endpoints in catalog.get_endpoints(interface=self.interface, region_name=self.region).values():
            for endpoint in endpoints:
                self.http.trust(endpoint["url"])
        return self._known

    def _current(self) -> Any:
        """What the last login gave, which is done again before the token expires. Raises CannotTell."""
        try:
            access = self._auth.get_access(self.session)
            return access if access is self._known else self._made_usable()
        except (keystoneauth1.exceptions.ClientException, requests.RequestException, *MALFORMED) as error:
            told = self.http.recorder.secrets.clean(f"{type(error).__name__}: {error}")
            raise CannotTell(f"POST {redact_url(self.auth_url)}: logging in again: {told}") from None

    def _renewed(self, refused: str) -> str | None:
        """Another token, after the cloud has refused this one before its time: the clocks differ, or it was revoked.

        None if it is not the present one, or it is new itself. A disposable user's tests revoke its tokens. Raises
        CannotTell if none is to be had: the user may have been locked out, which no promise of the cloud speaks of.
        """
        if self.role == "disposable" or self._known is None or refused != self._known.auth_token:
            return None
        if time.monotonic() < self._renewed_at + RENEWAL_PAUSE:
            if self._locked_out:
                raise CannotTell(self._locked_out)
            return None
        self._renewed_at, self._locked_out = time.monotonic(), ""
        state, known = self._auth.get_auth_state(), self._known
        self._auth.invalidate()
        try:
            return self.token()
        except CannotTell as error:
            self._auth.set_auth_state(state)
            self._known = self._auth.auth_ref or known
            self._locked_out = f"the cloud refuses the token, and no other is to be had: {error}"
            raise CannotTell(self._locked_out) from None

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

    def _no_certificates(self, error: OSError) -> InputError:
        """What requests says without a number is of the files that it is to trust, or to show."""
        message = f"the cloud {self.cloud!r} cannot be asked: {self.http.recorder.secrets.clean(str(error))}"
        hint = f"check cacert, cert and key in the entry {self.cloud!r} of clouds.yaml, and REQUESTS_CA_BUNDLE"
        return InputError(Problem(code="cloud.configuration", message=message, hint=hint))

    def catalog(self) -> list[dict[str, Any]]:
        """The catalog of the token, as the identity service sent it."""
        entries = self._current().service_catalog.catalog
        return [entry for entry in entries if isinstance(entry, dict)]

    def role_names(self) -> tuple[str, ...]:
        return tuple(map(str, self._current().role_names))

    @property
    def user_id(self) -> str:
        """Raises CannotTell if the token's body does not tell it."""
        return self._told("user", self._current().user_id)

    @property
    def project_id(self) -> str:
        """Raises CannotTell if the token's body does not tell it."""
        return self._told("project", self._current().project_id)

    def _told(self, what: str, id: object) -> str:
        if not id:
            raise CannotTell(f"the token of {self.cloud!r} does not tell the id of its {what}")
        return str(id)

    def token(self) -> str:
        """A valid token; renewed before it expires. Raises CannotTell."""
        return str(self._current().auth_token)

    def astray(self) -> tuple[tuple[str, str], ...]:
        """(type of a service, what is wrong) of the catalog's addresses for us that are none."""
        self._current()
        found = self._astray.get_endpoints(interface=self.interface, region_name=self.region)
        return tuple((str(kind), str(one["url"])) for kind, several in found.items() for one in several if one)

    def lost(self, service: Service) -> str | None:
        """Why the service cannot be asked, though it is in the catalog; None if it can, or is not there."""
        if self._catalog_url(self._current().service_catalog, service) is not None:
            return None
        fault = self._catalog_url(self._astray, service)
        return fault and f"the catalog's address of the {service} service {fault}"

    def endpoint(self, service: Service) -> str | None:
        """The catalog's address for the service; see `defcore.suite.support.Actor.endpoint`."""
        url = self._catalog_url(self._current().service_catalog, service)
        if url is None:
            if lost := self.lost(service):
                raise CannotTell(lost)
            return None
        url = url.rstrip("/")
        if service in UNVERSIONED:
            return VERSION.sub("", url)
        if service is Service.COMPUTE and not re.search(r"/v2(\.\d+)?(/|$)", url):
            return f"{url}/v2.1"
        if service is Service.BLOCK_STORAGE and not re.search(r"/v3(/|$)", url):
            return f"{url}/v3"
        return url

    def _catalog_url(self, catalog: Any, service: Service) -> str | None:
        try:
            url = catalog.url_for(service_type=str(service), interface=self.interface, region_name=self.region)
        except keystoneauth1.exceptions.CatalogException:
            return None
        except ValueError:  # of keystoneauth: the service is there under several names, and under none in our region
            return None
        return str(url) if url else None

    def request(
        self, method: str, url: str, *, headers: Mapping[str, str], data: bytes | None, timeout: float
    ) -> requests.Response:
        """The answer to a request, sent again after trouble where that does no harm, and once with a new token if the
        cloud refuses ours; with `doubt` on the response if it refuses that one too. Raises CannotTell if no answer
        comes, or ours is refused and no new one is to be had."""
        answer = self._exchange(method, url, headers, data, timeout)
        sent = headers.get("X-Auth-Token")
        if sent and answer.status_code == 401:
            renewed = self._renewed(sent)
            if renewed:
                fresh = {name: renewed if value == sent else value for name, value in headers.items()}
                answer = self._exchange(method, url, fresh, data, timeout)
            if answer.status_code == 401:
                answer.doubt = self._doubt(renewed or sent)  # type: ignore[attr-defined]
        return answer

    def _doubt(self, refused: str) -> str:
        """What a refusal means that no other token mends: that of a new one says nothing about what was asked for.
        One node of several, it may be, lacks the keys of the others, or has another clock. Nothing, for a token that
        is a test's own."""
        age = time.monotonic() - self._renewed_at
        if self.role == "disposable" or self._known is None or refused != self._known.auth_token or age > RENEWAL_PAUSE:
            return ""
        return f"the cloud refuses a token that it issued {age:.0f} s ago"

    def _exchange(
        self, method: str, url: str, headers: Mapping[str, str], data: bytes | None, timeout: float
    ) -> requests.Response:
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


def _no_token(error: Exception) -> CannotTell:
    return CannotTell(f"the answer to the login is no token: {error!r}")


def open_user(role: str, cloud: str, recorder: Recorder, *, reference_file: Path | None) -> CloudUser:
    """The user that clouds.yaml names. Raises InputError for an unknown name, a broken file, or an entry with which
    nobody can log in; does not log in."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # openstacksdk's news for its own users
        config = configuration_of(cloud, reference_file)
        with told_as_input(cloud, config, recorder.secrets):
            return CloudUser(role, cloud, entry_of(cloud, config), recorder)
