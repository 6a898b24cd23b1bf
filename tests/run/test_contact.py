"""Which cloud is meant, what its refusals mean, and where a token may go."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from defcore.cli import call
from defcore.errors import CannotTell, InputError, UnknownError
from defcore.model.capability import Service
from defcore.run.contact import CloudUser, open_user
from defcore.run.evidence import write_evidence
from defcore.run.exchange import Recorder
from defcore.run.facts import gather
from defcore.run.preflight import preflight
from defcore.run.settings import choose
from defcore.suite.support import Api
from tests.fakes.cloud import PASSWORDS, Asked, FakeCloud, Reply, serving


def opened(name: str = "user", recorder: Recorder | None = None) -> CloudUser:
    user = open_user("primary", name, recorder or Recorder(), reference_file=None)
    user.open()
    return user


def code_of(error: pytest.ExceptionInfo[InputError] | pytest.ExceptionInfo[UnknownError]) -> str:
    return error.value.problems[0].code


@pytest.fixture
def foreign() -> Iterator[FakeCloud]:
    """Another origin: whatever it hears of a token is too much."""
    with serving() as other:
        yield other


def test_a_user_logs_in_and_finds_the_services(cloud: FakeCloud) -> None:
    user = opened()
    assert user.project_id == "project-1"
    assert user.endpoint(Service.IDENTITY) == cloud.url
    assert user.endpoint(Service.COMPUTE) == f"{cloud.url}/compute/v2.1"
    assert user.endpoint(Service.BLOCK_STORAGE) == f"{cloud.url}/volume/v3"


def test_a_service_that_is_not_in_the_catalog_has_no_endpoint(cloud: FakeCloud) -> None:
    cloud.services.discard(Service.IMAGE)
    assert opened().endpoint(Service.IMAGE) is None


NO_ADDRESSES = [
    "http://[::1",
    5,
    ["x"],
    {"a": 1},
    None,
    "",
    "http://controller:8777:8777/",
    "http://host:99999/",
]


def with_address(cloud: FakeCloud, kind: str, url: object) -> None:
    """The catalog gives this address for the type of service, which may be one that nobody here knows."""

    def reply(asked: Asked) -> Reply:
        made = cloud.log_in(asked)
        if isinstance(made.body, dict) and "token" in made.body:
            catalog = made.body["token"]["catalog"]
            endpoint = {"id": "e", "interface": "public", "region": "RegionOne", "region_id": "RegionOne", "url": url}
            catalog[:] = [one for one in catalog if one["type"] != kind]
            catalog.append({"type": kind, "name": kind, "id": kind, "endpoints": [endpoint]})
        return made

    cloud.answer("POST", "/auth/tokens$", reply)


@pytest.mark.parametrize("url", NO_ADDRESSES, ids=json.dumps)
def test_an_odd_address_of_a_service_that_no_test_asks_is_passed_over(
    cloud: FakeCloud, capsys: pytest.CaptureFixture[str], url: object
) -> None:
    with_address(cloud, "metering", url)
    assert call(["check", "--cloud", "user"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert f"metering is passed over: its address is {json.dumps(url)}, which is no address" in shown


@pytest.mark.parametrize("url", NO_ADDRESSES, ids=json.dumps)
def test_a_service_whose_address_is_none_is_not_absent(
    cloud: FakeCloud, capsys: pytest.CaptureFixture[str], url: object
) -> None:
    with_address(cloud, "image", url)
    user = opened()
    told = f"the catalog's address of the image service is {json.dumps(url)}, which is no address"
    with pytest.raises(CannotTell, match=re.escape(told)):
        user.endpoint(Service.IMAGE)
    with pytest.raises(CannotTell, match=re.escape(told)):
        Api(user, Service.IMAGE, print).get("/v2/images")  # type: ignore[arg-type]
    assert user.ask("GET", Service.COMPUTE, "/servers").status_code == 200
    assert call(["check", "--cloud", "user"]) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert f"{told}" in shown
    assert "its tests will be ERROR" in shown
    assert "passed over" not in shown


@pytest.mark.parametrize("kind", [5, {"a": 1}, ["x"], True, None], ids=json.dumps)
def test_a_service_of_an_odd_type_is_none(cloud: FakeCloud, kind: str) -> None:
    for url in ("http://127.0.0.1:1/", 5):
        with_address(cloud, kind, url)
        assert opened().ask("GET", Service.COMPUTE, "/servers").status_code == 200
        cloud.answers.clear()


def test_of_two_addresses_the_one_that_is_one_is_taken(cloud: FakeCloud) -> None:
    def reply(asked: Asked) -> Reply:
        made = cloud.log_in(asked)
        for service in made.body["token"]["catalog"]:  # type: ignore[index]
            service["endpoints"].insert(0, service["endpoints"][0] | {"url": "http://["})
        return made

    cloud.answer("POST", "/auth/tokens$", reply)
    assert opened().endpoint(Service.COMPUTE) == f"{cloud.url}/compute/v2.1"


def test_a_cloud_that_tells_strangers_no_versions_is_logged_into_all_the_same(cloud: FakeCloud) -> None:
    """Not waited for without end: keystoneauth would ask for a token in order to get one."""
    cloud.answer("GET", "^/v3/?$", lambda asked: None if "x-auth-token" in asked.headers else Reply(401))
    assert opened().project_id == "project-1"


def test_an_unknown_cloud_is_told_with_the_nearest_name(cloud: FakeCloud) -> None:
    with pytest.raises(InputError) as error:
        open_user("primary", "usr", Recorder(), reference_file=None)
    assert code_of(error) == "cloud.unknown"
    assert "user" in str(error.value)


def test_the_named_file_wins_outright(cloud: FakeCloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the file in the working folder nor the reference cloud's is asked beside it."""
    reference = cloud.clouds_yaml(tmp_path / "reference.yaml", "admin")
    named = cloud.clouds_yaml(tmp_path / "named.yaml", "user")
    cloud.clouds_yaml(tmp_path / "clouds.yaml", "alt")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(named))
    open_user("primary", "user", Recorder(), reference_file=reference)
    for name in ("admin", "alt"):
        with pytest.raises(InputError):
            open_user("primary", name, Recorder(), reference_file=reference)


def test_a_named_file_that_is_not_there_is_told(cloud: FakeCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", "/nowhere/clouds.yaml")
    with pytest.raises(InputError) as error:
        open_user("primary", "user", Recorder(), reference_file=None)
    assert code_of(error) == "cloud.no-file"


def test_the_reference_clouds_file_is_asked_for_names_not_found_elsewhere(
    cloud: FakeCloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reference = cloud.clouds_yaml(tmp_path / "reference.yaml", "admin")
    monkeypatch.delenv("OS_CLIENT_CONFIG_FILE")
    monkeypatch.chdir(tmp_path)
    open_user("primary", "user", Recorder(), reference_file=reference)
    open_user("primary", "admin", Recorder(), reference_file=reference)


def test_broken_yaml_is_input(cloud: FakeCloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text("clouds: [}")
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(broken))
    with pytest.raises(InputError) as error:
        open_user("primary", "user", Recorder(), reference_file=None)
    assert code_of(error) == "cloud.configuration"


def test_a_wrong_password_is_input_and_is_not_repeated(cloud: FakeCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(PASSWORDS, "user", "changed-meanwhile")
    with pytest.raises(InputError) as error:
        opened()
    assert code_of(error) == "cloud.credentials"
    assert "Pa55word" not in str(error.value)


def test_a_cloud_that_is_not_there_is_unknown(
    cloud: FakeCloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving() as gone:
        file = gone.clouds_yaml(tmp_path / "gone.yaml")
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(file))
    with pytest.raises(UnknownError) as error:
        opened()
    assert code_of(error) == "cloud.unreachable"


def test_a_token_does_not_go_to_a_foreign_origin(cloud: FakeCloud, foreign: FakeCloud) -> None:
    user = opened()
    headers = {"X-Auth-Token": user.token()}
    with pytest.raises(CannotTell, match="refused to send the token"):
        user.request("GET", f"{foreign.url}/next?marker=1", headers=headers, data=None, timeout=5)
    assert foreign.asked == []


def test_what_needs_no_token_may_go_anywhere(cloud: FakeCloud, foreign: FakeCloud) -> None:
    assert opened().request("GET", f"{foreign.url}/v3", headers={}, data=None, timeout=5).status_code == 200


def test_a_password_does_not_go_to_a_foreign_origin_in_body_or_address(cloud: FakeCloud, foreign: FakeCloud) -> None:
    user = opened()
    with pytest.raises(CannotTell, match="refused to send credentials"):
        user.request("POST", foreign.url, headers={}, data=json.dumps(PASSWORDS["user"]).encode(), timeout=5)
    with pytest.raises(CannotTell, match="refused"):
        user.request("GET", f"{foreign.url}/?t={user.token()}", headers={}, data=None, timeout=5)
    assert foreign.asked == []


def test_a_redirect_to_a_foreign_origin_is_not_followed(cloud: FakeCloud, foreign: FakeCloud) -> None:
    user = opened()
    cloud.answer("GET", "/servers", lambda _: Reply(302, None, {"Location": f"{foreign.url}/servers"}))
    assert user.ask("GET", Service.COMPUTE, "/servers").status_code == 302
    answer = user.session.get(f"{cloud.url}/compute/v2.1/servers", raise_exc=False)
    assert answer.status_code == 302
    assert foreign.asked == []


@pytest.mark.parametrize("path", ["/v3", ""], ids=["versioned", "unversioned"])
def test_a_version_document_that_points_elsewhere_gets_no_password(
    cloud: FakeCloud, foreign: FakeCloud, tmp_path: Path, path: str
) -> None:
    """keystoneauth posts the password to where the discovery document points."""
    file = tmp_path / "clouds.yaml"
    file.write_text(file.read_text().replace("/v3", path))
    links = [{"rel": "self", "href": f"{foreign.url}/v3/"}]
    version = {"id": "v3.14", "status": "stable", "links": links}
    cloud.answer("GET", "^/v3/?$", lambda _: Reply(200, {"version": version}))
    cloud.answer("GET", "^/?$", lambda _: Reply(300, {"versions": {"values": [version]}}))
    with contextlib.suppress(UnknownError, InputError):
        opened()
    assert foreign.asked == []


@pytest.mark.parametrize("path", ["/v3", "", "/identity"], ids=["versioned", "unversioned", "prefixed"])
@pytest.mark.parametrize(
    "document",
    [
        {},
        {"version": None},
        {"version": {"id": "three", "status": "stable", "links": []}},
        {"version": {"id": "v3.14", "status": "stable", "links": 7}},
        {"version": {"id": "v9.0", "status": "stable", "links": [{"rel": "self", "href": "/v9"}]}},
        {"versions": {"values": "none"}},
        {"versions": {"values": []}},
        [],
    ],
    ids=json.dumps,
)
def test_broken_version_documents_keep_nobody_from_logging_in(
    cloud: FakeCloud, tmp_path: Path, path: str, document: object
) -> None:
    """They fail the tests of discovery, which could not be run otherwise."""
    file = tmp_path / "clouds.yaml"
    file.write_text(file.read_text().replace("/v3", path))
    cloud.answer("GET", f"^({path}|/v3)?/?$", lambda _: Reply(200, document))
    if path == "/identity":
        cloud.answer("POST", "^/identity/v3/auth/tokens$", cloud.log_in)
    assert opened().ask("GET", Service.COMPUTE, "/servers").status_code == 200


@pytest.mark.parametrize("name", ["user", "project", "roles", "catalog", "expires_at", "issued_at", "methods"])
@pytest.mark.parametrize("value", [None, 7, "", [], {}, "gone"], ids=json.dumps)
def test_a_token_with_a_broken_body_keeps_no_test_from_being_run(cloud: FakeCloud, name: str, value: object) -> None:
    def reply(asked: Asked) -> Reply:
        made = cloud.log_in(asked)
        assert isinstance(made.body, dict)
        if value == "gone":
            del made.body["token"][name]
        else:
            made.body["token"][name] = value
        return made

    cloud.answer("POST", "^/v3/auth/tokens$", reply)
    user = opened()
    facts = gather(user, [opened("alt")])
    preflight(facts, choose(facts, {}), None, workers=2)
    assert user.token() in cloud.tokens
    assert user.token() == user.token()


@pytest.mark.parametrize("headers", [{}, {"X-Subject-Token": ""}], ids=json.dumps)
@pytest.mark.parametrize("body", [{}, {"token": {}}, {"token": None}, [], None], ids=json.dumps)
def test_a_login_without_a_token_is_no_login(cloud: FakeCloud, headers: dict[str, str], body: object) -> None:
    cloud.answer("POST", "^/v3/auth/tokens$", lambda _: Reply(201, body, headers))
    with pytest.raises(UnknownError, match="cannot be asked"):
        opened()


def test_only_the_catalogs_origins_get_the_token_of_keystoneauth_itself(cloud: FakeCloud, foreign: FakeCloud) -> None:
    user = opened()
    with pytest.raises(CannotTell, match="refused"):
        user.session.get(f"{foreign.url}/anything", raise_exc=False)
    assert foreign.asked == []


def test_no_cookie_is_kept_and_no_netrc_read(cloud: FakeCloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password from-netrc\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    cloud.answer("GET", "/flavors$", lambda _: Reply(200, {"flavors": []}, {"Set-Cookie": "session=abc; Path=/"}))
    user = opened()
    for _ in range(2):
        user.session.get(f"{cloud.url}/compute/v2.1/flavors")
    assert not any({"cookie", "authorization"} & set(asked.headers) for asked in cloud.asked)


def test_evidence_holds_no_secret(cloud: FakeCloud, tmp_path: Path) -> None:
    recorder = Recorder()
    user = opened(recorder=recorder)
    user.ask("POST", Service.COMPUTE, "/servers", json={"server": {"name": "x", "user_data": "c2VjcmV0IHRoaW5n"}})
    path = write_evidence(tmp_path, recorder.take())
    assert path
    content = (tmp_path / path).read_text()
    for secret in (PASSWORDS["user"], "generated-Pa55", "c2VjcmV0IHRoaW5n", *cloud.tokens):
        assert secret not in content
    entries = json.loads(content)["log"]["entries"]
    assert [entry["request"]["method"] for entry in entries] == ["GET", "POST", "POST"]
    assert all(entry["_requestId"].startswith("req-") for entry in entries)


def test_a_token_issued_in_a_test_is_a_secret_from_then_on(cloud: FakeCloud) -> None:
    recorder = Recorder()
    user = opened(recorder=recorder)
    echo: list[str] = []

    def issue(asked: Asked) -> Reply:
        return Reply(201, {"token": {}}, {"X-Subject-Token": "another-Token-1234"})

    cloud.answer("POST", "/v3/auth/tokens", issue)
    user.request("POST", f"{cloud.url}/v3/auth/tokens", headers={}, data=b"{}", timeout=5)
    echo.append(recorder.secrets.clean("seen: another-Token-1234"))
    assert echo == ["seen: [redacted]"]


def test_a_deadline_or_refused_connection_is_no_answer(cloud: FakeCloud) -> None:
    user = opened()
    with serving() as gone:
        url = gone.url
    with pytest.raises(CannotTell, match="no answer"):
        user.request("GET", url, headers={}, data=None, timeout=2)
