"""Whether somebody can log in with an entry of clouds.yaml: what keystoneauth and requests would notice in the middle
of it, or not at all. Sends nothing.
"""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from keystoneauth1.identity.base import BaseIdentityPlugin
from keystoneauth1.identity.generic.password import Password
from openstack.exceptions import ConfigException

from defcore.errors import CannotTell
from defcore.run.exchange import origin
from defcore.run.redaction import redact_url

EXTRAS = {
    "v3adfspassword": ("lxml", "saml2"),
    "v3samlpassword": ("lxml", "saml2"),
    "v3fedkerb": ("requests_kerberos", "kerberos"),
    "v3kerberos": ("requests_kerberos", "kerberos"),
    "v3oauth1": ("oauthlib", "oauth1"),
}
"""Kind of login -> the module that it needs, and keystoneauth's name for the lot."""
BUNDLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
"""Variables that name the authorities to trust where an entry names none; the first that is set counts."""
LONGEST_PATH = 200


def check_packages(kind: object) -> None:
    """Raises ConfigException if a kind of login needs a package which is not installed."""
    module, extra = EXTRAS.get(str(kind), ("", ""))
    if module and importlib.util.find_spec(module) is None:
        raise ConfigException(
            f"auth_type {kind!r} needs a package that is not installed: pip install 'keystoneauth1[{extra}]'"
        )


def check_login(entry: Any) -> None:
    """Look through a CloudRegion. Raises ConfigException, or what comes of a plugin that cannot be made."""
    auth, kind = entry.get_auth(), entry.config.get("auth_type")
    if not isinstance(auth, BaseIdentityPlugin):
        raise ConfigException(f"auth_type {kind!r} does not log in at an identity service")
    given = entry.config.get("auth", {})
    if isinstance(auth, Password) and not given.get("password"):
        raise ConfigException(
            "there is no password: it may stand under auth, there or in secure.yaml, or in OS_PASSWORD"
        )
    for url in (str(given.get("auth_url", "")), *providers(given)):
        _check_address(url)
    for name, file in _files(entry, str(given.get("auth_url", ""))):
        if not _is_there(file):
            shown = file if len(file) <= LONGEST_PATH and file.isprintable() else "what stands there"
            raise ConfigException(f"{name} names a file that is not there: {shown}")


def providers(auth: Mapping[str, Any]) -> list[str]:
    """Addresses of identity providers in an `auth` section, such as `access_token_endpoint`."""
    named = {name: str(value) for name, value in auth.items() if name.endswith(("_endpoint", "_url")) and value}
    return [url for name, url in named.items() if name != "auth_url" and url.startswith(("http://", "https://"))]


def _check_address(url: str) -> None:
    try:
        scheme, host, _ = origin(url)
    except CannotTell as error:
        raise ConfigException(redact_url(str(error))) from None
    if scheme not in ("http", "https") or not host:
        raise ConfigException(f"{redact_url(url)!r} is no address such as https://cloud.example:5000/v3")


def _files(entry: Any, auth_url: str) -> Iterator[tuple[str, str]]:
    """(who names it, path) of the certificates and keys that are used."""
    verify, cert = entry.get_requests_verify_args()
    if isinstance(verify, str):
        yield ("cacert" if entry.config.get("cacert") else "verify"), verify
    yield from zip(("cert", "key"), (cert,) if isinstance(cert, str) else cert or (), strict=False)
    bundle = next((name for name in BUNDLES if os.environ.get(name)), None)
    if bundle and verify is True and auth_url.startswith("https://"):
        yield f"the variable {bundle}", os.environ[bundle]


def _is_there(file: str) -> bool:
    try:
        return Path(file).exists()
    except (OSError, ValueError):  # too long for a name, or with a character that no name has
        return False
