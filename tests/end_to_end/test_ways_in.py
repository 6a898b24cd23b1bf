"""The ways into a cloud that clouds.yaml and the environment can say, on the real thing: each run proves by its own
evidence which way it came, and keeps nothing of what it came in with.

`tests/run/test_ways_in.py` shows the same, and what may go wrong with it, on a miniature cloud.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from defcore.errors import InputError, UnknownError
from defcore.model.capability import Service
from defcore.run.contact import CloudUser, open_user
from defcore.run.exchange import Recorder
from tests.conftest import ReferenceCloud, defcore
from tests.deviations.cloud import CloudFile
from tests.deviations.deviation import Change
from tests.deviations.message import Call, Reply
from tests.deviations.proxy import Proxy
from tests.fakes.cloud import serving
from tests.fakes.forward_proxy import SECRET, forwarding
from tests.fakes.identity_provider import ACCESS_TOKEN, ADA, CLIENT, DISCOVERY, SECRETS, IdentityProvider
from tests.shapes.gateway import Gateway
from tests.shapes.shapes import application_credential
from tests.shapes.site import Site, ask

pytestmark = pytest.mark.refcloud
CLOUD, ADMIN = "defcore-ref", "defcore-ref-admin"
CAPABILITY = "objectstore-container-delete"
"""A few quick tests, each with the token at another service than the one that gave it."""
SOUTH = "defcore-south"
LOGIN = "/v3/auth/tokens"
PROXIES = ("http_proxy", "https_proxy", "no_proxy", "all_proxy")


@pytest.fixture(autouse=True)
def no_way_in_of_the_testers_own(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [one for one in os.environ if one.startswith("OS_") or one.lower() in PROXIES]:
        monkeypatch.delenv(name)


@dataclass(frozen=True, slots=True, kw_only=True)
class CameIn:
    """A run whose tests passed, by its own evidence."""

    cloud: dict[str, Any]
    """Of the result."""
    asked: list[dict[str, Any]]
    """Requests, as HAR has them."""

    @property
    def logins(self) -> set[tuple[str, ...]]:
        """The methods of each."""
        texts = [one["postData"]["text"] for one in self.asked if urlsplit(one["url"]).path.endswith(LOGIN)]
        return {tuple(json.loads(text)["auth"]["identity"]["methods"]) for text in texts}

    def origins(self, path: str) -> set[str]:
        """Of the requests for what begins with the path."""
        urls = [urlsplit(one["url"]) for one in self.asked]
        return {f"{url.scheme}://{url.netloc}" for url in urls if url.path.startswith(path)}


def come_in(here: Path, cloud: str, *secrets: str, **environment: str) -> CameIn:
    """A run that is started in the folder `here`; none of the secrets is in what it prints and keeps."""
    run, own = here / "run", {"HOME": str(here), "XDG_CONFIG_HOME": str(here / "none"), "XDG_STATE_HOME": str(here)}
    done: subprocess.CompletedProcess[str] = defcore(
        "run", "--cloud", cloud, "--guideline", "2020.06", "--capability", CAPABILITY, "-n", "1", "--out", run,
        cwd=here, **(own | environment),
    )  # fmt: skip
    assert (run / "result.json").exists(), done.stdout + done.stderr
    result = json.loads((run / "result.json").read_text())
    reasons = [(test["outcome"], test["reason"]) for test in result["tests"]]
    assert {outcome for outcome, _ in reasons} == {"PASSED"}, reasons
    assert result["run"]["complete"]
    kept = {str(file): file.read_bytes() for file in run.rglob("*") if file.is_file()}
    kept["what it printed"] = (done.stdout + done.stderr).encode()
    assert all(len(secret) > 8 for secret in secrets)
    assert [(name, secret) for name, text in kept.items() for secret in secrets if secret.encode() in text] == []
    logs = [json.loads(text)["log"] for name, text in kept.items() if name.endswith(".har")]
    return CameIn(cloud=result["cloud"], asked=[entry["request"] for log in logs for entry in log["entries"]])


def entry_of(clouds_file: Path) -> dict[str, Any]:
    entry: dict[str, Any] = yaml.safe_load(clouds_file.read_text())["clouds"][CLOUD]
    return entry


def write_clouds(folder: Path, entry: dict[str, Any], name: str = "clouds.yaml") -> Path:
    """A file with one cloud, `mine`."""
    (folder / name).write_text(yaml.safe_dump({"clouds": {"mine": entry}}))
    return folder / name


def opened(clouds_file: Path, cloud: str = "mine") -> CloudUser:
    user = open_user("primary", cloud, Recorder(), reference_file=clouds_file)
    user.open()
    return user


def test_a_password_in_secure_yaml_by_tls_with_a_private_authority(
    reference_cloud: ReferenceCloud, tmp_path: Path
) -> None:
    """All files, the authority's too, are found in the folder where the run is started."""
    cloud = CloudFile(path=reference_cloud.clouds_file)
    with Gateway(cloud.mounts(CLOUD), tmp_path) as gateway:
        cloud.write(tmp_path / "moved.yaml", gateway.origins)
        entry = entry_of(tmp_path / "moved.yaml")
        (tmp_path / "moved.yaml").unlink()
        with pytest.raises(UnknownError, match="certificate"):
            opened(write_clouds(tmp_path, entry))
        password = entry["auth"].pop("password")
        write_clouds(tmp_path, entry | {"cacert": gateway.ca_file.name})
        write_clouds(tmp_path, {"auth": {"password": password}}, "secure.yaml")
        came = come_in(tmp_path, "mine", password)
        assert gateway.troubles == []
    assert came.logins == {("password",)}
    assert {origin.partition(":")[0] for origin in came.origins("/")} == {"https"}


@contextlib.contextmanager
def second_region(clouds_file: Path) -> Iterator[None]:
    """In the catalog of the cloud, for identity and object store: they are reached by another name there."""
    admin = opened(clouds_file, ADMIN)

    def identity(method: str, path: str, **body: Any) -> Any:
        return ask(admin, method, Service.IDENTITY, f"/v3/{path}", body or None)

    made = []
    try:
        identity("POST", "regions", region={"id": SOUTH})
        made.append(f"regions/{SOUTH}")
        for kind in (Service.IDENTITY, Service.OBJECT_STORE):
            (service,) = identity("GET", f"services?type={kind}")["services"]
            (public,) = identity("GET", f"endpoints?service_id={service['id']}&interface=public")["endpoints"]
            about = {"service_id": service["id"], "interface": "public", "region_id": SOUTH}
            url = public["url"].replace("127.0.0.1", "localhost")
            assert url != public["url"]
            endpoint = identity("POST", "endpoints", endpoint=about | {"url": url})["endpoint"]
            made.append(f"endpoints/{endpoint['id']}")
        yield
    finally:
        for path in reversed(made):
            identity("DELETE", path)


def test_a_token_in_one_of_two_regions(reference_cloud: ReferenceCloud, tmp_path: Path) -> None:
    entry = entry_of(reference_cloud.clouds_file)
    user = opened(reference_cloud.clouds_file, CLOUD)
    token = user.token()
    auth = {"auth_url": entry["auth"]["auth_url"], "token": token, "project_id": user.project_id}
    mine = {"auth_type": "token", "auth": auth, "interface": "public"}
    with second_region(reference_cloud.clouds_file):
        with pytest.raises(InputError, match=f"several regions: RegionOne, {SOUTH}"):
            opened(write_clouds(tmp_path, mine))
        write_clouds(tmp_path, mine | {"region_name": SOUTH})
        came = come_in(tmp_path, "mine", token)
    assert came.logins == {("token",)}
    assert came.cloud["region"] == SOUTH
    (store,) = came.origins("/v1/AUTH_")
    assert store.startswith("http://localhost:")
    assert user.endpoint(Service.OBJECT_STORE) not in came.cloud["endpoints"].values()


def test_an_application_credential_through_a_proxy(reference_cloud: ReferenceCloud, tmp_path: Path) -> None:
    site = Site(clouds_file=reference_cloud.clouds_file, users={"primary": CLOUD}, folder=tmp_path)
    with application_credential(unrestricted=False)(site) as changed, forwarding() as proxy:
        auth = entry_of(changed.clouds_file)["auth"]
        came = come_in(tmp_path, CLOUD, auth["application_credential_secret"], SECRET, http_proxy=proxy.url)
        passed = list(proxy.asked)
    assert came.logins == {("application_credential",)}
    assert "password" not in auth
    assert {f"{one['method']} {one['url']}" for one in came.asked} <= set(passed)
    assert len(passed) >= len(came.asked) > 0


def test_an_openrc_file_alone(reference_cloud: ReferenceCloud, tmp_path: Path) -> None:
    entry = entry_of(reference_cloud.clouds_file)
    openrc = {f"OS_{name.upper()}": value for name, value in entry["auth"].items()}
    openrc |= {"OS_REGION_NAME": entry["region_name"], "OS_IDENTITY_API_VERSION": "3", "OS_INTERFACE": "public"}
    came = come_in(tmp_path, "envvars", entry["auth"]["password"], **openrc)
    assert came.logins == {("password",)}
    assert came.cloud["name"] == "envvars"


# --- OpenID Connect


FEDERATION = "OS-FEDERATION/identity_providers/defcore-idp"
ISSUER = "https://idp.example.org"


class WebServer:
    """What stands before a keystone that is federated: it looks at the access token (as mod_auth_openidc does), and
    tells keystone who came."""

    def change_for(self, call: Call) -> Change | None:
        return self._vouch if call.path == f"/v3/{FEDERATION}/protocols/mapped/auth" else None

    async def _vouch(self, call: Call) -> Reply:
        if call.headers.popall("Authorization", None) != [f"Bearer {ACCESS_TOKEN}"]:
            return Reply(status=401)
        call.headers.update({"OIDC-iss": ISSUER, "OIDC-name": ADA["username"]})
        return await call.forward()


@contextlib.contextmanager
def federated(clouds_file: Path) -> Iterator[None]:
    """Keystone believes the issuer, and gives whoever comes from there a role in the project of CLOUD."""
    admin, project = opened(clouds_file, ADMIN), entry_of(clouds_file)["auth"]["project_name"]

    def identity(method: str, path: str, **body: Any) -> Any:
        return ask(admin, method, Service.IDENTITY, f"/v3/{path}", body or None)

    local = [{"user": {"name": "{0}"}, "projects": [{"name": project, "roles": [{"name": "member"}]}]}]
    rules = [{"local": local, "remote": [{"type": "HTTP_OIDC_NAME"}]}]
    parts = {
        FEDERATION: {"identity_provider": {"enabled": True, "remote_ids": [ISSUER], "domain_id": "default"}},
        "OS-FEDERATION/mappings/defcore-idp": {"mapping": {"rules": rules}},
        f"{FEDERATION}/protocols/mapped": {
            "protocol": {"mapping_id": "defcore-idp", "remote_id_attribute": "HTTP_OIDC_ISS"}
        },
    }
    made = []
    try:
        for path, body in parts.items():
            identity("PUT", path, **body)
            made.append(path)
        yield
    finally:
        for path in reversed(made):
            identity("DELETE", path)
        for user in identity("GET", f"users?name={ADA['username']}")["users"]:
            identity("DELETE", f"users/{user['id']}")


def test_who_is_known_to_an_identity_provider(reference_cloud: ReferenceCloud, tmp_path: Path) -> None:
    cloud = CloudFile(path=reference_cloud.clouds_file)
    with federated(cloud.path), serving() as place, Proxy(cloud.mounts(CLOUD)) as front:
        IdentityProvider(place)
        front.disturb(WebServer())
        cloud.write(tmp_path / "moved.yaml", front.origins)
        entry = entry_of(tmp_path / "moved.yaml")
        (tmp_path / "moved.yaml").unlink()
        project = {name: entry["auth"][name] for name in ("auth_url", "project_name", "project_domain_id")}
        idp = {"identity_provider": "defcore-idp", "protocol": "mapped", "discovery_endpoint": place.url + DISCOVERY}
        entry |= {"auth_type": "v3oidcpassword", "auth": project | idp | CLIENT | ADA}
        with pytest.raises(InputError, match="refuses the credentials"):
            opened(write_clouds(tmp_path, entry | {"auth": entry["auth"] | {"password": "another-Pa55word"}}))
        write_clouds(tmp_path, entry)
        came = come_in(tmp_path, "mine", *SECRETS)
        assert front.troubles == []
        assert not any("x-auth-token" in asked.headers for asked in place.asked)
    assert came.logins == {("token",)}, "what federation gives is a token without a project"
    assert any(one["url"].endswith("/protocols/mapped/auth") for one in came.asked)
