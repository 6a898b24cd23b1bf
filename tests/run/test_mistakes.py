"""Ordinary mistakes in clouds.yaml: told to whoever made them, with the place, and with no secret."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from defcore.cli import call
from defcore.errors import InputError, UnknownError
from defcore.run.contact import open_user
from defcore.run.exchange import GuardedSession, Recorder
from tests.fakes.cloud import PASSWORDS, FakeCloud, Reply

HTTPS = "https://127.0.0.1:1/v3"
FEDERATED = {"identity_provider": "company", "protocol": "saml2", "identity_provider_url": "https://idp.example"}


@pytest.fixture(autouse=True)
def a_clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("OS_REGION_NAME", "OS_CACERT", "OS_CERT", "OS_KEY", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)


def change(
    tmp_path: Path, *, auth: dict[str, Any] | None = None, beside: dict[str, Any] | None = None, **own: Any
) -> None:
    file = tmp_path / "clouds.yaml"
    clouds = yaml.safe_load(file.read_text()) | (beside or {})
    clouds["clouds"]["user"] |= own
    clouds["clouds"]["user"]["auth"] |= auth or {}
    file.write_text(yaml.safe_dump(clouds))


def refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """What `check` says of the file. It is input, and tells no password."""
    assert call(["check", "--cloud", "user"]) == 2
    shown = capsys.readouterr()
    told = " ".join((shown.out + shown.err).split())
    assert "[cloud.configuration]" in told
    assert str(tmp_path / "clouds.yaml") in told
    assert PASSWORDS["user"] not in told
    return told


@pytest.mark.parametrize(
    ("own", "told"),
    [
        ({"cacert": "/nowhere/ca.pem"}, "cacert names a file that is not there: /nowhere/ca.pem"),
        ({"cert": "/nowhere/own.pem"}, "cert names a file that is not there: /nowhere/own.pem"),
        ({"cert": "clouds.yaml", "key": "/nowhere/key.pem"}, "key names a file that is not there: /nowhere/key.pem"),
        ({"cert": "own.pem\n" * 99}, "cert names a file that is not there: what stands there"),
        ({"verify": "maybe"}, "verify names a file that is not there: maybe"),
        ({"cacert": 5}, "cacert: must be a text"),
        ({"auth": {"auth_url": ""}}, "auth.auth_url: must be an address"),
        ({"auth": {"auth_url": None}}, "auth.auth_url: must be an address"),
        ({"auth": {"auth_url": 5}}, "auth.auth_url: must be an address"),
        ({"auth": {"auth_url": ["http://c/v3"]}}, "auth.auth_url: must be an address"),
        ({"auth": {"auth_url": "http://["}}, "'http://[' is no address"),
        ({"auth": {"auth_url": "http://h:99999/v3"}}, "'http://h:99999/v3' is no address"),
        ({"auth": {"auth_url": "http://u:An0ther-Pa55@h:99999/v3"}}, "'http://u:[redacted]@h:99999/v3' is no address"),
        ({"auth": {"auth_url": "cloud.example/v3"}}, "'cloud.example/v3' is no address"),
        ({"region_name": True}, "region_name: must be a text"),
        ({"region_name": {"a": 1}}, "region_name: must be a text"),
        ({"regions": [{"name": "North", "values": 5}]}, "regions: must be a list"),
        ({"regions": [None]}, "regions: must be a list"),
        ({"profile": "http://127.0.0.1:1/"}, "its profile cannot be fetched"),
        ({"profile": 5}, "profile: must be a text"),
        ({"networks": [5]}, "openstacksdk can make nothing of it"),
        ({"beside": {"cache": 5}}, "cache: must be a mapping"),
        ({"beside": {"client": 5}}, "client: must be a mapping"),
        ({"beside": {"metrics": 5}}, "metrics: must be a mapping"),
        ({"beside": {"metrics": {"statsd": 5}}}, "openstacksdk can make nothing of clouds.yaml"),
    ],
    ids=json.dumps,
)
def test_a_mistake_is_told_with_its_place(
    cloud: FakeCloud,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    own: Any,
    told: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    change(tmp_path, **own)
    assert told in refused(tmp_path, capsys)


def test_an_entry_with_nothing_below(cloud: FakeCloud, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "clouds.yaml").write_text("clouds:\n  user:\n")
    assert "nothing stands below its name" in refused(tmp_path, capsys)


@pytest.mark.parametrize("kind", ["v3adfspassword", "v3samlpassword"])
def test_a_login_that_needs_another_package_says_which(
    cloud: FakeCloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    change(tmp_path, auth_type=kind, auth=FEDERATED)
    assert "pip install 'keystoneauth1[saml2]'" in refused(tmp_path, capsys)


def test_a_bundle_of_the_environment_that_is_not_there(
    cloud: FakeCloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere/bundle.pem")
    assert call(["check", "--cloud", "user"]) == 0, "it is not asked for where there is no TLS"
    capsys.readouterr()
    change(tmp_path, auth={"auth_url": HTTPS})
    assert "the variable REQUESTS_CA_BUNDLE names a file that is not there" in refused(tmp_path, capsys)


def test_files_that_are_gone_by_the_time_of_logging_in(cloud: FakeCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(*_: object, **__: object) -> None:
        raise OSError("Could not find a suitable TLS CA certificate bundle, invalid path: ca.pem")

    user = open_user("primary", "user", Recorder(), reference_file=None)
    monkeypatch.setattr(GuardedSession, "send", gone)
    with pytest.raises(InputError, match=r"invalid path: ca\.pem(.|\n)*check cacert, cert and key"):
        user.open()


def test_a_login_that_stumbles_over_the_answer_is_no_bug(cloud: FakeCloud, tmp_path: Path) -> None:
    """One of a chosen version, which asks for no versions first."""
    change(tmp_path, auth_type="v3password")
    cloud.answer("POST", "/auth/tokens$", lambda asked: Reply(201, {"token": {}}))
    with pytest.raises(UnknownError, match="the answer to the login is no token: KeyError"):
        open_user("primary", "user", Recorder(), reference_file=None).open()
