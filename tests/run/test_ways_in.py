"""What clouds.yaml and the environment can say of the way to a cloud: kinds of login, regions, proxies."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme
import yaml

from defcore.cli import call
from defcore.errors import CannotTell, InputError, UnknownError
from defcore.model.capability import Service
from defcore.model.outcome import Outcome
from defcore.run import repeating
from defcore.run.contact import CloudUser, open_user
from defcore.run.evidence import write_evidence
from defcore.run.exchange import Recorder
from defcore.run.runner import RunRequest, run_tests
from tests.fakes.cloud import BASES, PASSWORDS, Asked, FakeCloud, Reply, serving
from tests.fakes.forward_proxy import SECRET, ForwardProxy, forwarding
from tests.fakes.identity_provider import ACCESS_TOKEN, ADA, CLIENT, DISCOVERY, SECRETS, IdentityProvider
from tests.run.test_runner import PASSES, outcomes, request_of

__all__ = ["request_of"]

FEDERATION = "/v3/OS-FEDERATION/identity_providers/company/protocols/openid/auth"
DOMAINS = {"project_name": "project-1", "user_domain_id": "default", "project_domain_id": "default"}
PROXY_VARIABLES = ("http_proxy", "https_proxy", "no_proxy", "all_proxy")


@pytest.fixture(autouse=True)
def a_clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repeating, "FIRST_PAUSE", 0.01)
    for name in PROXY_VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.delenv("OS_REGION_NAME", raising=False)


@pytest.fixture
def foreign() -> Iterator[FakeCloud]:
    with serving() as other:
        yield other


def entry(tmp_path: Path, **changes: Any) -> None:
    """Change the user's entry of clouds.yaml; None takes a setting away."""
    file = tmp_path / "clouds.yaml"
    clouds = yaml.safe_load(file.read_text())
    merged = clouds["clouds"]["user"] | changes
    clouds["clouds"]["user"] = {name: value for name, value in merged.items() if value is not None}
    file.write_text(yaml.safe_dump(clouds))


def opened(name: str = "user", recorder: Recorder | None = None) -> CloudUser:
    user = open_user("primary", name, recorder or Recorder(), reference_file=None)
    user.open()
    return user


def works(user: CloudUser) -> bool:
    return user.project_id == "project-1" and user.ask("GET", Service.COMPUTE, "/servers").status_code == 200


# --- kinds of login


def test_an_application_credential_logs_in(cloud: FakeCloud, tmp_path: Path) -> None:
    auth = {
        "auth_url": f"{cloud.url}/v3",
        "application_credential_id": "credential-id",
        "application_credential_secret": "credential-Secret",
    }
    entry(tmp_path, auth_type="v3applicationcredential", auth=auth)
    recorder = Recorder()
    assert works(opened(recorder=recorder))
    path = write_evidence(tmp_path, recorder.take())
    assert path is not None
    assert "credential-Secret" not in (tmp_path / path).read_text()


@pytest.mark.parametrize("kind", ["v3token", "token"])
def test_a_token_logs_in(cloud: FakeCloud, tmp_path: Path, kind: str) -> None:
    issued = cloud.issue("user").headers["X-Subject-Token"]
    entry(tmp_path, auth_type=kind, auth={"auth_url": f"{cloud.url}/v3", "token": issued, "project_id": "project-1"})
    recorder = Recorder()
    assert works(opened(recorder=recorder))
    path = write_evidence(tmp_path, recorder.take())
    assert path is not None
    assert issued not in (tmp_path / path).read_text()


def test_a_token_that_has_expired_is_input(cloud: FakeCloud, tmp_path: Path) -> None:
    entry(tmp_path, auth_type="v3token", auth={"auth_url": f"{cloud.url}/v3", "token": "old", "project_id": "p"})
    with pytest.raises(InputError, match="refuses the credentials"):
        opened()


def test_an_openrc_file_is_the_cloud_envvars(
    cloud: FakeCloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("OS_CLIENT_CONFIG_FILE")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "clouds.yaml").unlink()
    for name, value in {
        "AUTH_URL": f"{cloud.url}/v3",
        "USERNAME": "user",
        "PASSWORD": PASSWORDS["user"],
        "PROJECT_NAME": "project-1",
        "USER_DOMAIN_NAME": "Default",
        "PROJECT_DOMAIN_ID": "default",
        "REGION_NAME": "RegionOne",
        "INTERFACE": "public",
        "IDENTITY_API_VERSION": "3",
    }.items():
        monkeypatch.setenv(f"OS_{name}", value)
    assert works(opened("envvars"))
    assert call(["check", "--cloud", "envvars"]) == 0
    shown = capsys.readouterr()
    assert "Pa55word" not in shown.out + shown.err


@pytest.mark.slow
def test_the_tests_find_what_is_in_the_folder_where_the_run_was_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, request_of: Callable[..., RunRequest]
) -> None:
    """clouds.yaml and secure.yaml, and the authority that the one names by a relative path."""
    here, authority, context = tmp_path / "here", trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    here.mkdir()
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(str(here / "ca.pem"))
    request = request_of(PASSES)
    monkeypatch.chdir(here)
    monkeypatch.delenv("OS_CLIENT_CONFIG_FILE")
    with serving(tls=context) as cloud:
        cloud.clouds_yaml(here / "clouds.yaml", "user")
        entry(here, cacert="ca.pem", auth={"auth_url": f"{cloud.url}/v3", "username": "user", **DOMAINS})
        secret = {"clouds": {"user": {"auth": {"password": PASSWORDS["user"]}}}}
        (here / "secure.yaml").write_text(yaml.safe_dump(secret))
        outcome = run_tests(request, lambda event: None, Recorder())
    assert outcomes(outcome) == [Outcome.PASSED], outcome.result.tests[0].reason
    assert not any(PASSWORDS["user"] in file.read_text() for file in request.folder.rglob("*") if file.is_file())


class Provider(IdentityProvider):
    """An identity provider, and the cloud's federation that believes it."""

    def __init__(self, cloud: FakeCloud, idp: FakeCloud) -> None:
        super().__init__(idp)
        self.cloud, self.idp = cloud, idp
        cloud.answer("POST", f"^{FEDERATION}$", self._believe)

    def _believe(self, asked: Asked) -> Reply:
        believed = asked.headers.get("authorization") == f"Bearer {ACCESS_TOKEN}"
        return self.cloud.issue("user") if believed else Reply(401, {"error": {"code": 401, "message": "who?"}})

    def auth(self, **more: str) -> dict[str, str]:
        common = {"auth_url": f"{self.cloud.url}/v3", "identity_provider": "company", "protocol": "openid"}
        return common | {"project_id": "project-1"} | more


@pytest.fixture
def provider(cloud: FakeCloud, foreign: FakeCloud) -> Provider:
    return Provider(cloud, foreign)


@pytest.mark.parametrize("way", ["access_token_endpoint", "discovery_endpoint"])
@pytest.mark.parametrize("kind", ["v3oidcpassword", "v3oidcclientcredentials", "v3oidcaccesstoken"])
def test_who_is_known_to_an_identity_provider_logs_in(
    cloud: FakeCloud, provider: Provider, tmp_path: Path, kind: str, way: str
) -> None:
    place = {"access_token_endpoint": "/token", "discovery_endpoint": DISCOVERY}[way]
    auth = {
        "v3oidcpassword": provider.auth(**CLIENT, **ADA, **{way: provider.idp.url + place}),
        "v3oidcclientcredentials": provider.auth(**CLIENT, **{way: provider.idp.url + place}),
        "v3oidcaccesstoken": provider.auth(access_token=ACCESS_TOKEN),
    }[kind]
    entry(tmp_path, auth_type=kind, auth=auth)
    recorder = Recorder()
    assert works(opened(recorder=recorder))
    path = write_evidence(tmp_path, recorder.take())
    assert path is not None
    content = (tmp_path / path).read_text()
    assert [secret for secret in (*SECRETS, *cloud.tokens) if secret in content] == []
    assert not any("x-auth-token" in asked.headers for asked in provider.idp.asked)


def test_what_the_provider_refuses_is_input(provider: Provider, tmp_path: Path) -> None:
    wrong = CLIENT | {"client_secret": "no-Secret"}
    endpoint = provider.token_endpoint
    entry(tmp_path, auth_type="v3oidcclientcredentials", auth=provider.auth(**wrong, access_token_endpoint=endpoint))
    with pytest.raises(InputError, match="refuses the credentials") as error:
        opened()
    assert "no-Secret" not in str(error.value)


def test_a_provider_that_sends_the_password_elsewhere_is_not_obeyed(provider: Provider, tmp_path: Path) -> None:
    """Neither by its discovery document nor by a redirect."""
    with serving() as other:
        discovery = f"{provider.idp.url}{DISCOVERY}"
        entry(tmp_path, auth_type="v3oidcpassword", auth=provider.auth(**CLIENT, **ADA, discovery_endpoint=discovery))
        provider.token_endpoint = f"{other.url}/token"
        with pytest.raises(UnknownError, match="refused to send"):
            opened()
        provider.token_endpoint = f"{provider.idp.url}/moved"
        provider.idp.answer("POST", "^/moved$", lambda _: Reply(307, None, {"Location": f"{other.url}/token"}))
        with pytest.raises((UnknownError, InputError)):
            opened()
        assert other.asked == []


def test_the_provider_hears_nothing_but_the_login(provider: Provider, tmp_path: Path) -> None:
    auth = provider.auth(**CLIENT, **ADA, access_token_endpoint=provider.token_endpoint)
    entry(tmp_path, auth_type="v3oidcpassword", auth=auth)
    user = opened()
    heard = len(provider.idp.asked)
    for headers, data in (
        ({"X-Auth-Token": user.token()}, None),
        ({"Authorization": "Bearer x"}, None),
        ({}, b"password=idp-Pa55word"),
    ):
        with pytest.raises(CannotTell, match="refused"):
            user.request("POST", provider.token_endpoint, headers=headers, data=data, timeout=5)
    with user.http.logging_in(), pytest.raises(CannotTell, match="refused"):
        user.request("POST", f"{provider.idp.url}/?t={user.token()}", headers={}, data=None, timeout=5)
    assert len(provider.idp.asked) == heard


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"auth": {"username": "user"}}, "there is no password"),
        ({"auth": {"username": "user", "password": ""}}, "there is no password"),
        ({"auth_type": "v3password", "auth": {"username": "user", "user_domain_id": "default"}}, "'password'"),
        ({"auth_type": "v3token"}, "'token'"),
        ({"auth": {"application_credential_id": "x"}}, "'application_credential_id'"),
        ({"auth_type": "none"}, "'auth_url'"),
        ({"auth_type": "none", "auth": None}, "does not log in at an identity service"),
        ({"auth_type": "admin_token", "auth": {"endpoint": "http://c", "token": "t0ken-of-all"}}, "does not log in"),
        ({"auth_type": "v3kerberos"}, "kerberos"),
    ],
    ids=str,
)
def test_an_entry_with_which_nobody_can_log_in_is_input(
    cloud: FakeCloud, tmp_path: Path, capsys: pytest.CaptureFixture[str], changes: dict[str, Any], words: str
) -> None:
    auth = changes.get("auth", {})
    if auth is not None and "endpoint" not in auth:
        auth = {"auth_url": f"{cloud.url}/v3", **auth}
    entry(tmp_path, **changes | {"auth": auth})
    assert call(["check", "--cloud", "user"]) == 2
    said = capsys.readouterr().err
    assert "the entry 'user' of clouds.yaml" in said
    assert words in said
    assert "t0ken-of-all" not in said
    assert cloud.asked == []


# --- regions


def regions(cloud: FakeCloud, *names: str, alone: tuple[str, ...] = ("image",)) -> None:
    """Give the cloud several regions, each with all services but for what the first alone has."""

    def reply(asked: Asked) -> Reply:
        made = cloud.log_in(asked)
        assert isinstance(made.body, dict)
        catalog = made.body["token"]["catalog"]
        catalog += [{**one, "type": "volumev3"} for one in catalog if one["type"] == "block-storage"]
        for service in catalog:
            (one,) = service["endpoints"]
            base = BASES[Service(service["type"].replace("volumev3", "block-storage"))]
            service["endpoints"] = [
                one | {"region": name, "region_id": name, "url": f"{cloud.url}/{name}{base}"}
                for name in (names[:1] if service["type"] in alone else names)
            ]
        return made

    cloud.answer("POST", "/auth/tokens$", reply)


def test_the_region_of_clouds_yaml_is_the_one(cloud: FakeCloud, tmp_path: Path) -> None:
    regions(cloud, "North", "South")
    entry(tmp_path, region_name="South")
    user = opened()
    assert user.endpoint(Service.COMPUTE) == f"{cloud.url}/South/compute/v2.1"
    assert user.endpoint(Service.IMAGE) is None


def test_a_service_of_several_names_may_have_none_in_the_region(cloud: FakeCloud, tmp_path: Path) -> None:
    """As block storage does, whose former type many catalogs hold beside the present one."""
    regions(cloud, "North", "South", alone=("block-storage", "volumev3"))
    entry(tmp_path, region_name="South")
    user = opened()
    assert user.endpoint(Service.BLOCK_STORAGE) is None
    assert user.endpoint(Service.COMPUTE) == f"{cloud.url}/South/compute/v2.1"


@pytest.mark.parametrize("named", [None, "Suoth"])
def test_a_region_that_is_not_told_or_not_there_is_input_and_names_them(
    cloud: FakeCloud, tmp_path: Path, capsys: pytest.CaptureFixture[str], named: str | None
) -> None:
    regions(cloud, "North", "South")
    entry(tmp_path, region_name=named)
    assert call(["check", "--cloud", "user"]) == 2
    shown = capsys.readouterr().err
    assert "[cloud.region]" in shown
    assert "North, South" in shown
    assert ("did you mean 'South'?" in shown) == bool(named)


def test_one_region_need_not_be_told(cloud: FakeCloud, tmp_path: Path) -> None:
    regions(cloud, "North")
    entry(tmp_path, region_name=None)
    assert opened().endpoint(Service.COMPUTE) == f"{cloud.url}/North/compute/v2.1"


def test_an_entry_that_lists_regions_takes_the_choice_from_the_environment(
    cloud: FakeCloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    regions(cloud, "North", "South")
    entry(tmp_path, region_name=None, regions=["North", {"name": "South", "values": {}}])
    with pytest.raises(InputError, match="several regions: North, South"):
        opened()
    monkeypatch.setenv("OS_REGION_NAME", "South")
    assert opened().endpoint(Service.COMPUTE) == f"{cloud.url}/South/compute/v2.1"
    monkeypatch.setenv("OS_REGION_NAME", "West")
    with pytest.raises(InputError, match="North,South"):
        opened()


# --- proxies


@pytest.fixture
def proxy() -> Iterator[ForwardProxy]:
    with forwarding() as running:
        yield running


def test_a_proxy_of_the_environment_is_used_by_all(
    cloud: FakeCloud, proxy: ForwardProxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", proxy.url)
    recorder = Recorder()
    user = opened(recorder=recorder)
    assert user.request("GET", f"{cloud.url}/v3", headers={}, data=None, timeout=5).status_code == 200
    assert works(user)
    assert len(proxy.asked) == len(cloud.asked) == 4
    path = write_evidence(tmp_path, recorder.take())
    assert path is not None
    assert SECRET not in (tmp_path / path).read_text()


def test_what_needs_no_proxy_goes_past_it(
    cloud: FakeCloud, proxy: ForwardProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", proxy.url)
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    assert works(opened())
    assert proxy.asked == []


def test_tls_goes_through_a_proxy_to_a_cloud_with_a_private_authority(
    proxy: ForwardProxy, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("https_proxy", proxy.url)
    with serving(tls=context) as cloud:
        monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(cloud.clouds_yaml(tmp_path / "clouds.yaml")))
        entry(tmp_path, cacert=str(tmp_path / "ca.pem"))
        user = opened()
        assert works(user)
        user.http.close()
        assert {one.split()[0] for one in proxy.asked} == {"CONNECT"}
        assert not any("proxy-authorization" in asked.headers for asked in cloud.asked)


def test_a_proxy_that_lets_nobody_in_is_told_without_its_password(
    cloud: FakeCloud, proxy: ForwardProxy, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("http_proxy", proxy.url.replace(SECRET, "wrong-Pa55word"))
    assert call(["check", "--cloud", "user"]) == 3
    shown = capsys.readouterr()
    assert "wrong-Pa55word" not in shown.out + shown.err
    assert "407" in shown.err
    assert cloud.asked == []


@pytest.mark.parametrize(("method", "times"), [("POST", 1), ("DELETE", 5)])
def test_what_a_proxy_has_passed_on_before_it_hung_up_may_have_been_done(
    cloud: FakeCloud, proxy: ForwardProxy, monkeypatch: pytest.MonkeyPatch, method: str, times: int
) -> None:
    user = opened()
    monkeypatch.setenv("http_proxy", proxy.url)
    proxy.hangs_up = method
    cloud.asked.clear()
    with pytest.raises(CannotTell, match="no answer"):
        user.ask(method, Service.NETWORK, "/v2.0/networks", json={"network": {"name": "x"}})
    assert [asked.method for asked in cloud.asked] == [method] * times
    assert len(user.http.recorder.unsure) == times


def test_what_a_proxy_lets_not_through_was_not_done(
    cloud: FakeCloud, proxy: ForwardProxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = opened()
    monkeypatch.setenv("https_proxy", proxy.url.replace(SECRET, "wrong-Pa55word"))
    with pytest.raises(CannotTell, match=r"407.*\(5 tries\)"):
        user.request("POST", "https://127.0.0.1:1/", headers={}, data=None, timeout=5)
    assert user.http.recorder.unsure == []


def test_a_proxy_that_is_not_there_is_told(
    cloud: FakeCloud, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with forwarding() as gone:
        url = gone.url
    monkeypatch.setenv("http_proxy", url)
    assert call(["check", "--cloud", "user"]) == 3
    shown = capsys.readouterr().err
    assert "proxy" in shown.lower()
    assert SECRET not in shown
