"""HTTPS as clouds.yaml says: a private CA, no check at all, a certificate of one's own; for whoever asks."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme
import yaml

from defcore.errors import CannotTell, UnknownError
from defcore.model.capability import Service
from defcore.run.contact import CloudUser, open_user
from defcore.run.exchange import Recorder
from defcore.suite.support import Api
from tests.fakes.cloud import FakeCloud, serving

pytestmark = pytest.mark.filterwarnings("ignore::urllib3.exceptions.InsecureRequestWarning")


class Place:
    """A cloud by HTTPS, and the files that lead there."""

    def __init__(self, folder: Path, cloud: FakeCloud, authority: trustme.CA) -> None:
        self.folder, self.cloud = folder, cloud
        self.ca_file, self.own_file = folder / "ca.pem", folder / "own.pem"
        authority.cert_pem.write_to_path(str(self.ca_file))
        authority.issue_cert("user@example.org").private_key_and_cert_chain_pem.write_to_path(str(self.own_file))

    def open(self, **entry: Any) -> CloudUser:
        clouds = yaml.safe_load(self.cloud.clouds_yaml(self.folder / "clouds.yaml").read_text())
        clouds["clouds"]["user"] |= entry
        (self.folder / "clouds.yaml").write_text(yaml.safe_dump(clouds))
        user = open_user("primary", "user", Recorder(), reference_file=None)
        user.open()
        return user


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def context(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    return context


@pytest.fixture
def place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, authority: trustme.CA, context: ssl.SSLContext
) -> Iterator[Place]:
    for name in ("OS_CLOUD", "OS_AUTH_URL", "OS_CACERT", "OS_CERT", "OS_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(tmp_path / "clouds.yaml"))
    with serving(tls=context) as cloud:
        yield Place(tmp_path, cloud, authority)


def test_the_authority_of_clouds_yaml_is_trusted(place: Place) -> None:
    user = place.open(cacert=str(place.ca_file))
    assert user.ask("GET", Service.COMPUTE, "/").status_code == 200


def test_who_asks_without_a_token_trusts_it_too(place: Place) -> None:
    user = place.open(cacert=str(place.ca_file))
    identity = Api(user, Service.IDENTITY, print)  # type: ignore[arg-type]
    assert identity.get("/v3", authenticated=False).status == 200


def test_an_authority_of_the_environment_does_not_replace_it(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    other = place.folder / "other.pem"
    trustme.CA().cert_pem.write_to_path(str(other))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(other))
    user = place.open(cacert=str(place.ca_file))
    assert user.ask("GET", Service.COMPUTE, "/").status_code == 200


def test_an_unknown_authority_is_not_trusted(place: Place) -> None:
    with pytest.raises(UnknownError, match=r"(?i)certificate"):
        place.open()


def test_what_is_not_to_be_verified_is_not(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/etc/ssl/certs/ca-certificates.crt")
    user = place.open(verify=False)
    assert user.ask("GET", Service.COMPUTE, "/").status_code == 200


def test_a_certificate_of_ones_own_is_shown(place: Place, authority: trustme.CA, context: ssl.SSLContext) -> None:
    authority.configure_trust(context)
    context.verify_mode = ssl.CERT_REQUIRED
    with pytest.raises((UnknownError, CannotTell)):
        place.open(cacert=str(place.ca_file))
    own = str(place.own_file)
    user = place.open(cacert=str(place.ca_file), cert=own, key=own)
    assert user.ask("GET", Service.COMPUTE, "/").status_code == 200
