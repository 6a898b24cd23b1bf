"""Users who may be locked out: the tester's own is as before after the tests, one that was made leaves nothing."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from defcore.model.capability import Service
from defcore.run.contact import CloudUser, open_user
from defcore.run.context import Orders, RunContext
from defcore.run.exchange import Recorder
from defcore.run.ledger import index_run, left_by
from defcore.run.leftovers import sweep_run
from defcore.suite.support import Api, Resources
from defcore.suite.support.disposable import disposable_user
from defcore.suite.support.object_store import account_name, new_container
from tests.conftest import ReferenceCloud

pytestmark = pytest.mark.refcloud
USERS = {"primary": "defcore-ref", "admin": "defcore-ref-admin"}


@pytest.fixture
def admin(reference_cloud: ReferenceCloud, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> CloudUser:
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(reference_cloud.clouds_file))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    user = open_user("admin", "defcore-ref-admin", Recorder(), reference_file=None)
    user.open()
    return user


def made(admin: CloudUser, kind: str, **about: Any) -> str:
    answer = admin.ask("POST", Service.IDENTITY, f"/v3/{kind}s", json={kind: about})
    assert answer.status_code == 201, answer.text
    return str(answer.json()[kind]["id"])


def status(admin: CloudUser, service: Service, path: str) -> int:
    return admin.ask("GET", service, path).status_code


@pytest.fixture
def named(admin: CloudUser, reference_cloud: ReferenceCloud, tmp_path: Path) -> Iterator[Path]:
    """A clouds.yaml with a disposable user of the tester's own."""
    name, password = f"own-{uuid.uuid4().hex[:8]}", secrets.token_hex(12)
    project = made(admin, "project", name=name, domain_id="default")
    user = made(admin, "user", name=name, password=password, domain_id="default")
    roles = admin.ask("GET", Service.IDENTITY, "/v3/roles?name=member").json()["roles"]
    admin.ask("PUT", Service.IDENTITY, f"/v3/projects/{project}/users/{user}/roles/{roles[0]['id']}")
    document = yaml.safe_load(reference_cloud.clouds_file.read_text())
    entry = json.loads(json.dumps(document["clouds"]["defcore-ref"]))
    entry["auth"] |= {"username": name, "password": password, "project_name": name}
    document["clouds"]["own"] = entry
    file = tmp_path / "clouds.yaml"
    file.write_text(yaml.safe_dump(document))
    yield file
    for path in (f"/v3/users/{user}", f"/v3/projects/{project}"):
        admin.ask("DELETE", Service.IDENTITY, path)


def test_the_testers_own_has_its_password_back(
    admin: CloudUser, named: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(named))
    for _ in range(2):
        done = subprocess.run(
            [
                *(sys.executable, "-m", "pytest", "--pyargs", "defcore.suite.identity.test_user_password"),
                *("-n", "2", "-q", "-p", "no:cacheprovider", "--defcore-cloud=defcore-ref"),
                "--defcore-disposable-cloud=own",
            ],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert "3 passed" in done.stdout
    open_user("own", "own", Recorder(), reference_file=None).open()


def test_one_that_a_killed_test_made_is_swept_with_account_and_project(admin: CloudUser, tmp_path: Path) -> None:
    folder, run = tmp_path / "run", str(uuid.uuid4())
    orders = Orders(
        run=run, folder=str(folder), keeps_evidence=False, users=USERS, settings={}, reference_file=None, limit=60
    )
    context = RunContext(orders)
    resources = Resources(context)
    user = disposable_user(context, resources)
    store = Api(user, Service.OBJECT_STORE, context.note)
    reseller = Api(context.actor("admin"), Service.OBJECT_STORE, context.note)
    resources.track(reseller, "account", account_name(store))
    new_container(resources, store, "left").has("object", b"left")
    quota = {"X-Account-Meta-Quota-Bytes": "1000000"}
    resources.create(
        reseller, "account_quota", store.endpoint, method="POST", id=account_name(store), headers=quota
    ).setup(204)
    assert status(admin, Service.OBJECT_STORE, store.endpoint) == 200
    assert [one.kind for one in left_by(folder)] == ["project", "user", "account", "account_quota"]
    index_run(run, folder, tuple(USERS.values()))

    assert sweep_run(run, folder, reference_file=None, listener=lambda _: None) == ()

    assert left_by(folder) == ()
    assert status(admin, Service.IDENTITY, f"/v3/users/{user.user_id}") == 404
    assert status(admin, Service.IDENTITY, f"/v3/projects/{user.project_id}") == 404
    assert status(admin, Service.OBJECT_STORE, store.endpoint) in (404, 410)
    written = (folder / "ledger.jsonl").read_text()
    assert str(user.credentials["password"]) not in written
