"""One of each kind of resource, entangled as tests entangle them and then abandoned: the sweep leaves none."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from defcore.model.capability import Service
from defcore.model.resources import KINDS
from defcore.run.contact import CloudUser, open_user
from defcore.run.exchange import Recorder
from defcore.run.ledger import Ledger, index_run, left_by
from defcore.run.leftovers import sweep_run
from tests.conftest import ReferenceCloud

pytestmark = [pytest.mark.refcloud, pytest.mark.slow]
RUN = str(uuid.uuid4())
NOT_THERE = {"volume_backup"}
"""Kinds that the reference cloud has no service for."""
GIGABYTE = str(1 << 50)


class Abandoned:
    """Makes things as the suite does, with the ledger before each request, and removes none."""

    def __init__(self, ledger: Ledger, users: Mapping[str, CloudUser]) -> None:
        self.ledger, self.users = ledger, users
        self.made: list[tuple[str, str, str]] = []
        """(kind, role, path) of each."""

    def name(self, kind: str) -> str:
        return f"defcore-{RUN[:8]}-{kind.replace('_', '-')}-{len(self.made)}"

    def post(self, kind: str, path: str, *, role: str = "primary", by_name: bool = False, **about: Any) -> str:
        """Make one by POST and return its id; `by_name`: its answer is lost, so that the ledger has no id."""
        row, user = KINDS[kind], self.users[role]
        name = str(about.get(row.name_key) or self.name(kind)).removesuffix("Z")
        envelope = row.envelope or kind
        body = about if row.envelope is None else {envelope: about}
        row_path = row.path.replace("{owner}", user.user_id)
        key = self.ledger.intend(kind=kind, cloud=user.cloud, path=row_path, name=name)
        answer = user.ask("POST", row.service, path, json=body)
        assert answer.ok, f"{kind}: {answer.status_code} {answer.text[:300]}"
        made = answer.json()[envelope] if row.envelope else answer.json()
        id = str(made[row.id_key])
        if not by_name:
            self.ledger.created(key, id=id)
        self.made.append((kind, role, row_path.replace("{id}", id)))
        return id

    def put(self, kind: str, id: str, *, role: str = "primary", **headers: str) -> None:
        """Make one whose id is known beforehand, or set something on an account."""
        row, user = KINDS[kind], self.users[role]
        self.ledger.intend(kind=kind, cloud=user.cloud, path=row.path, name=row.setting(headers), id=id)
        path = row.path.replace("{id}", id)
        answer = user.ask("POST" if row.undo else "PUT", row.service, path, headers=headers)
        assert answer.ok, f"{kind}: {answer.status_code} {answer.text[:300]}"
        self.made.append((kind, role, path))

    def settled(self, service: Service, path: str, kind: str, wanted: str) -> None:
        end = time.monotonic() + 120
        while (seen := self.users["primary"].ask("GET", service, path).json()[kind]["status"].lower()) != wanted:
            assert time.monotonic() < end, f"{path} is {seen}"
            time.sleep(0.3)

    def act(self, service: Service, method: str, path: str, body: Any, **more: Any) -> Any:
        answer = self.users["primary"].ask(method, service, path, json=body, **more)
        assert answer.ok, f"{path}: {answer.status_code} {answer.text[:300]}"
        return answer.json() if answer.content else {}


@pytest.fixture
def abandoned(
    reference_cloud: ReferenceCloud, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[Abandoned, Path]]:
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(reference_cloud.clouds_file))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    names = {"primary": "defcore-ref", "alt": "defcore-ref-alt", "admin": "defcore-ref-admin"}
    users = {role: open_user(role, name, Recorder(), reference_file=None) for role, name in names.items()}
    for user in users.values():
        user.open()
    folder = tmp_path / "run"
    folder.mkdir()
    index_run(RUN, folder, tuple(names.values()))
    ledger = Ledger(folder, run=RUN)
    yield Abandoned(ledger, users), folder
    ledger.close()
    sweep_run(RUN, folder, reference_file=None, listener=lambda _: None)


def networks(it: Abandoned) -> tuple[str, str]:
    """A router with gateway, route and interface; a port with a rule's group and a floating IP. (network, port)."""
    listed = it.act(Service.NETWORK, "GET", "/v2.0/networks?router:external=true", None)["networks"]
    external = listed[0]["id"]
    network = it.post("network", "/v2.0/networks", name=it.name("network"), by_name=True)
    pool = it.post(
        "subnet_pool", "/v2.0/subnetpools", name=it.name("pool"), prefixes=["10.99.0.0/16"], default_prefixlen=26
    )
    subnet = it.post(
        "subnet", "/v2.0/subnets", name=it.name("subnet"), network_id=network, ip_version=4, subnetpool_id=pool
    )
    gateway = {"network_id": external}
    router = it.post("router", "/v2.0/routers", name=it.name("router"), external_gateway_info=gateway, by_name=True)
    it.act(Service.NETWORK, "PUT", f"/v2.0/routers/{router}/add_router_interface", {"subnet_id": subnet})
    hop = it.act(Service.NETWORK, "GET", f"/v2.0/subnets/{subnet}", None)["subnet"]["cidr"].replace(".0/26", ".9")
    routes = [{"destination": "192.0.2.0/24", "nexthop": hop}]
    it.act(Service.NETWORK, "PUT", f"/v2.0/routers/{router}", {"router": {"routes": routes}})
    group = it.post("security_group", "/v2.0/security-groups", name=it.name("group"))
    it.post("security_group_rule", "/v2.0/security-group-rules", security_group_id=group, direction="ingress")
    port = it.post("port", "/v2.0/ports", name=it.name("port"), network_id=network, security_groups=[group])
    about = {"floating_network_id": external, "port_id": port, "description": it.name("address")}
    it.post("floating_ip", "/v2.0/floatingips", by_name=True, **about)
    return network, port


def volumes(it: Abandoned) -> str:
    """A volume with a snapshot, and one that is on offer; the id of the first."""
    ids = [it.post("volume", "/volumes", name=it.name("volume"), size=1, by_name=bool(n)) for n in range(2)]
    for id in ids:
        it.settled(Service.BLOCK_STORAGE, f"/volumes/{id}", "volume", "available")
    it.post("snapshot", "/snapshots", name=it.name("snapshot"), volume_id=ids[1])
    it.post("volume_transfer", "/os-volume-transfer", name=it.name("offer"), volume_id=ids[0])
    return ids[0]


def compute(it: Abandoned, port: str) -> None:
    """Two servers of one request, one more that is locked, on the port; and what they are made with."""
    it.post("keypair", "/os-keypairs", name=it.name("key"))
    it.post("server_group", "/os-server-groups", name=it.name("servers"), policies=["affinity"], by_name=True)
    it.post("compute_security_group", "/os-security-groups", name=it.name("old"), description="old", by_name=True)
    image = it.act(Service.IMAGE, "GET", "/v2/images?visibility=public", None)["images"][0]["id"]
    made_of = {"imageRef": image, "flavorRef": "42"}
    alone = it.post("server", "/servers", name=it.name("server"), networks=[{"port": port}], **made_of)
    network = it.act(Service.NETWORK, "GET", "/v2.0/networks?router:external=false", None)["networks"][0]["id"]
    several = {"min_count": 2, "networks": [{"uuid": network}]} | made_of
    it.post("server", "/servers", name=it.name("pair"), by_name=True, **several)
    it.settled(Service.COMPUTE, f"/servers/{alone}", "server", "active")
    it.act(Service.COMPUTE, "POST", f"/servers/{alone}/action", {"lock": None})


def images_and_objects(it: Abandoned) -> None:
    it.post("image", "/v2/images", name=it.name("image"), protected=True, by_name=True)
    account = str(it.users["alt"].endpoint(Service.OBJECT_STORE)).rpartition("/")[2]
    it.put("account_quota", account, role="admin", **{"X-Account-Meta-Quota-Bytes": GIGABYTE})
    it.put("account_key", account, role="alt", **{"X-Account-Meta-Temp-URL-Key": "key"})
    for box in ("box", "box+segments"):
        it.put("container", f"defcore-{RUN[:8]}-{box}")
        it.put("object", f"defcore-{RUN[:8]}-{box}/a%20b")


def identities(it: Abandoned) -> None:
    """What a user makes, and a disposable user with its account, on which a quota of a pebibyte is set."""
    mine, other = it.users["primary"], it.users["alt"]
    path = KINDS["application_credential"].path.replace("{owner}", mine.user_id).rpartition("/{id}")[0]
    rules = KINDS["access_rule"].path.replace("{owner}", mine.user_id)
    for by_name in (True, False):
        rule = {"service": "image", "method": "GET", "path": f"/v2/images/{it.name('access_rule')}"}
        key = it.ledger.intend(kind="access_rule", cloud=mine.cloud, path=rules, name=rule["path"])
        name = it.name("credential")
        id = it.post("application_credential", path, name=name, access_rules=[rule], by_name=by_name)
        told = it.act(Service.IDENTITY, "GET", f"{path}/{id}", None)["application_credential"]["access_rules"]
        if not by_name:
            it.ledger.created(key, id=told[0]["id"])
        it.made.append(("access_rule", "primary", rules.replace("{id}", told[0]["id"])))
    ids = {"trustor_user_id": mine.user_id, "trustee_user_id": other.user_id, "project_id": mine.project_id}
    more = {
        "impersonation": False,
        "roles": [{"name": "member"}],
        "expires_at": f"{datetime.now(UTC).year + 1}-01-02T03:04:05Z",
    }
    it.post("trust", "/v3/OS-TRUST/trusts", by_name=True, **ids, **more)
    project = it.post("project", "/v3/projects", role="admin", name=it.name("project"), domain_id="default")
    it.post("user", "/v3/users", role="admin", name=it.name("user"), domain_id="default", by_name=True)
    it.put("account", f"AUTH_{project}", role="admin")
    it.put("account_quota", f"AUTH_{project}", role="admin", **{"X-Account-Meta-Quota-Bytes": GIGABYTE})
    answer = it.users["admin"].ask("PUT", Service.OBJECT_STORE, f"/../AUTH_{project}/box")
    assert answer.ok


def test_one_of_each_kind_is_swept_with_all_that_hangs_on_it(abandoned: tuple[Abandoned, Path]) -> None:
    it, folder = abandoned
    _, port = networks(it)
    volumes(it)
    compute(it, port)
    images_and_objects(it)
    identities(it)
    assert {kind for kind, *_ in it.made} | NOT_THERE == KINDS.keys(), "each kind is made here"
    assert sweep_run(RUN, folder, reference_file=None, listener=lambda _: None) == ()
    assert left_by(folder) == ()
    assert list(stayed(it)) == []


def stayed(it: Abandoned) -> Iterator[str]:
    """What is still there, asked for one by one."""
    for kind, role, path in it.made:
        answer = it.users[role].ask("HEAD" if KINDS[kind].undo else "GET", KINDS[kind].service, path)
        undone = (KINDS[kind].undo or "").replace("X-Remove-", "X-")
        if (undone in answer.headers) if undone else answer.status_code not in (404, 410, 403):
            yield f"{kind} {path}: {answer.status_code}"
    listed = it.users["primary"].ask("GET", Service.COMPUTE, f"/servers?name=defcore-{RUN[:8]}").json()["servers"]
    yield from (f"server {one['name']}" for one in listed)
