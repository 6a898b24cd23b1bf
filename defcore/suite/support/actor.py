"""Who talks to the cloud: a user in a project. The run opens it; the suite sees this much of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

from defcore.model.capability import Service
from defcore.model.outcome import Finding


class Response(Protocol):
    """What of requests.Response is used."""

    status_code: int
    headers: Mapping[str, str]
    content: bytes


class Actor(Protocol):
    """An authenticated user. Tests get it by the fixtures `actor`, `alt`, `reader`, `admin`, `disposable`."""

    role: str
    """primary, alt, reader, admin or disposable."""
    cloud: str
    """Name in clouds.yaml; of a user made for a test, that of the primary user."""
    temporary: bool
    """Made for one test, by an administrator: nobody can log in with it later."""
    auth_url: str
    region: str | None

    @property
    def user_id(self) -> str: ...

    @property
    def project_id(self) -> str: ...

    @property
    def credentials(self) -> Mapping[str, Any]:
        """The `auth` section of clouds.yaml: username, password, user_domain_id, project_name, ..."""
        ...

    def token(self) -> str:
        """A valid token of this user. It must not be revoked: a test that revokes makes its own."""
        ...

    def endpoint(self, service: Service) -> str | None:
        """Address from the catalog without a final slash; without version for identity, image, network. None if
        the catalog does not have the service. Raises CannotTell if what stands there is no address."""
        ...

    def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        data: bytes | None,
        timeout: float,
    ) -> Response:
        """The answer to a request, recorded as evidence, as is: no token added, no redirect followed.

        After trouble on the way it is sent again if that does no harm; each try is evidence. Raises CannotTell if no
        answer comes and if a token would go to an origin outside the catalog."""
        ...


class Ledger(Protocol):
    """Writes down what a test creates before the request, so that it can be swept."""

    def intend(
        self, *, kind: str, cloud: str, path: str, name: str | None, id: str | None = None, gigabytes: int = 0
    ) -> str:
        """Before the request; `gigabytes` of a volume or snapshot, GiB. Returns the entry's key.

        Waits while the run's budget is used up. Raises Prerequisite if the test alone needs more than it."""
        ...

    def created(self, key: str, *, id: str) -> None: ...

    def removed(self, key: str) -> None:
        """It is gone, or it was never made."""
        ...


class RunContext(Protocol):
    """What the run hands to the suite: the fixture `defcore_run`."""

    tag: str
    """First eight characters of the run's id and, behind a hyphen, a board's challenge if there is one."""
    settings: Mapping[str, str | None]
    ledger: Ledger

    def actor(self, role: str) -> Actor:
        """Raises Prerequisite if no cloud was named for the role."""
        ...

    def log_in(self, role: str, *, user_id: str, password: str, project_id: str) -> Actor:
        """A user that a test made. Raises InputError if it is refused."""
        ...

    def keep_secret(self, value: str) -> None:
        """Let the value show nowhere. Before it is sent."""
        ...

    def note(self, finding: Finding) -> None: ...


Note = Callable[[Finding], None]
