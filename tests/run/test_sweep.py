"""What a dead run left is removed; a run that is alive is not touched."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from defcore.errors import InputError
from defcore.model.result import CloudInfo
from defcore.run.contact import open_user
from defcore.run.events import Event, Listener, Removed
from defcore.run.exchange import Recorder
from defcore.run.facts import cpid
from defcore.run.journal import Header, Identity, JournalWriter
from defcore.run.ledger import Entry, Ledger, index_run, indexed_runs, left_by
from defcore.run.leftovers import candidates, sweep_run
from defcore.run.sweep import removal_order, sweep
from tests.fakes.cloud import Asked, FakeCloud, Reply

RUN = "11111111-1111-4111-8111-111111111111"
USERS = (("primary", "user"), ("alt", "alt"))
DEAD = """
import sys
from pathlib import Path
from defcore.run.ledger import Ledger, index_run
index_run({run!r}, Path(sys.argv[1]), ("user", "alt"))
ledger = Ledger(Path(sys.argv[1]), run={run!r})
ledger.intend(kind="network", cloud="user", path="/v2.0/networks/{{id}}", name="defcore-11111111-net-1")
"""


def entry(
    kind: str,
    path: str,
    *,
    name: str | None = "n",
    id: str | None = "1",
    cloud: str = "user",
    asked: datetime | None = None,
) -> Entry:
    return Entry(key=f"{kind}-{id}-{name}", kind=kind, cloud=cloud, path=path, name=name, id=id, asked=asked)


def swept(
    cloud: FakeCloud,
    *entries: Entry,
    patience: float = 0.3,
    listener: Listener = lambda event: None,
    go_on: Callable[[], bool] = lambda: True,
) -> tuple[list[str], list[str]]:
    """(reasons for what is left, keys of what is gone)."""
    gone: list[str] = []

    def open_cloud(name: str):  # type: ignore[no-untyped-def]
        user = open_user("sweep", name, Recorder(), reference_file=None)
        user.open()
        return user

    left = sweep(
        entries,
        open_cloud=open_cloud,
        gone=lambda one: gone.append(one.key),
        listener=listener,
        go_on=go_on,
        patience=patience,
    )
    return [one.reason for one in left], gone


def test_what_depends_on_others_goes_first_and_the_newest_before_the_older() -> None:
    kinds = ["network", "server", "security_group", "router", "volume", "subnet", "snapshot", "object", "container"]
    ordered = [one.kind for one in removal_order(entry(kind, "/") for kind in kinds)]
    for first, later in [
        ("server", "volume"),
        ("snapshot", "volume"),
        ("router", "subnet"),
        ("subnet", "network"),
        ("server", "security_group"),
        ("object", "container"),
    ]:
        assert ordered.index(first) < ordered.index(later)


def test_a_resource_is_removed_by_its_id(cloud: FakeCloud) -> None:
    id = cloud.put("/network/v2.0/networks", name="other")
    assert swept(cloud, entry("network", "/v2.0/networks/{id}", id=id)) == ([], [f"network-{id}-n"])
    assert cloud.rows("/network/v2.0/networks") == []


def test_what_no_answer_told_the_id_of_is_found_by_its_name_and_nothing_else_is(cloud: FakeCloud) -> None:
    cloud.put("/network/v2.0/networks", name="defcore-1-a")
    cloud.put("/network/v2.0/networks", name="defcore-1-a")
    cloud.put("/network/v2.0/networks", name="defcore-1-ab")
    swept(cloud, entry("network", "/v2.0/networks/{id}", id=None, name="defcore-1-a"))
    assert [row["name"] for row in cloud.rows("/network/v2.0/networks")] == ["defcore-1-ab"]


def test_servers_that_one_request_made_are_found_by_their_common_name(cloud: FakeCloud) -> None:
    for name in ("defcore-1-pair-1", "defcore-1-pair-2", "defcore-1-pair-2-x", "defcore-1-pairs"):
        cloud.put("/compute/v2.1/servers", name=name)
    cloud.answer("GET", r"/servers\?", lambda _: Reply(200, {"servers": cloud.rows("/compute/v2.1/servers")}))
    swept(cloud, entry("server", "/servers/{id}", id=None, name="defcore-1-pair"))
    assert [row["name"] for row in cloud.rows("/compute/v2.1/servers")] == ["defcore-1-pair-2-x", "defcore-1-pairs"]


def test_an_address_is_found_by_its_description_and_a_trust_by_its_end(cloud: FakeCloud) -> None:
    """Kinds that have no name."""
    for description in ("defcore-1-ip", "", "other"):
        cloud.put("/network/v2.0/floatingips", description=description)
    swept(cloud, entry("floating_ip", "/v2.0/floatingips/{id}", id=None, name="defcore-1-ip"))
    assert sorted(row["description"] for row in cloud.rows("/network/v2.0/floatingips")) == ["", "other"]
    for end in ("2027-01-02T03:04:05.000000Z", "2027-01-02T03:04:05Z", "2027-01-02T03:04:06.000000Z", None):
        cloud.put("/v3/OS-TRUST/trusts", expires_at=end, trustor_user_id="id-user")
    cloud.put("/v3/OS-TRUST/trusts", expires_at="2027-01-02T03:04:05.000000Z", trustor_user_id="another")
    asked: list[str] = []
    cloud.answer("GET", "trusts", lambda request: asked.append(request.path))
    swept(cloud, entry("trust", "/v3/OS-TRUST/trusts/{id}", id=None, name="2027-01-02T03:04:05"))
    left = [(row["expires_at"], row["trustor_user_id"]) for row in cloud.rows("/v3/OS-TRUST/trusts")]
    end = "2027-01-02T03:04:0{}.000000Z"
    assert left == [(end.format(6), "id-user"), (None, "id-user"), (end.format(5), "another")]
    assert asked[0] == "/v3/OS-TRUST/trusts?trustor_user_id=id-user"


SERVERS = "/compute/v2.1/servers"


@pytest.mark.parametrize(
    ("late", "looks", "collection"),
    [
        (entry("server", "/servers/{id}", id=None, name="defcore-1-late", asked=datetime.now(UTC)), r"GET", SERVERS),
        (
            entry("network", "/v2.0/networks/{id}", id="late", asked=datetime.now(UTC)),
            "DELETE",
            "/network/v2.0/networks",
        ),
    ],
    ids=["by name", "by its id"],
)
def test_what_the_cloud_makes_after_the_first_look_is_removed(
    cloud: FakeCloud, monkeypatch: pytest.MonkeyPatch, late: Entry, looks: str, collection: str
) -> None:
    """The process that had asked for it was killed, and nobody heard the answer."""
    seen: list[str] = []

    def look(asked: Asked) -> None:
        seen.append(asked.path)
        if len(seen) == 2:
            cloud.put(collection, id="late", name="defcore-1-late")

    cloud.answer(looks, "servers|networks", look)
    monkeypatch.setattr("defcore.run.sweep.AT_WORK", timedelta(days=1))
    assert swept(cloud, late) == ([], [late.key])
    assert cloud.rows(collection) == []


def test_what_has_not_come_after_a_while_was_never_made(cloud: FakeCloud, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("defcore.run.sweep.AT_WORK", timedelta(seconds=0.2))
    late = entry("server", "/servers/{id}", id=None, name="defcore-1-never", asked=datetime.now(UTC))
    assert swept(cloud, late) == ([], [late.key])
    old = entry(
        "server", "/servers/{id}", id=None, name="defcore-1-never", asked=datetime.now(UTC) - timedelta(seconds=31)
    )
    monkeypatch.setattr("defcore.run.sweep.AT_WORK", timedelta(seconds=30))
    began = time.monotonic()
    assert swept(cloud, old) == ([], [old.key])
    assert time.monotonic() - began < 29, "it is waited for no longer"


def test_what_was_never_made_is_gone(cloud: FakeCloud) -> None:
    left, gone = swept(cloud, entry("volume", "/volumes/{id}", id=None, name="defcore-1-never"))
    assert (left, len(gone)) == ([], 1)


def test_what_has_neither_id_nor_name_is_told_if_there_is_anything_like_it(cloud: FakeCloud) -> None:
    """Such as what a cloud should refuse, for it has no name, and the answer was lost."""
    cloud.put("/compute/v2.1/servers", name="other")
    nameless = entry("server", "/servers/{id}", id=None, name=None)
    assert swept(cloud, nameless) == ([], ["server-None-None"])
    id = cloud.put("/compute/v2.1/servers", name="")
    [left], gone = swept(cloud, nameless)
    assert gone == []
    assert left == f"it was asked for without a name, and no answer told its id; it may be {id}"
    assert len(cloud.rows("/compute/v2.1/servers")) == 2, "it may be another's"


@pytest.mark.parametrize("name", ["default", "production"])
def test_by_a_name_that_is_not_ours_nothing_is_removed(cloud: FakeCloud, name: str) -> None:
    """Such as the name of the group that each project has, which a cloud should refuse, and whose answer was lost."""
    group = "/network/v2.0/security-groups"
    cloud.put(group, name=name)
    asked = entry("security_group", "/v2.0/security-groups/{id}", id=None, name=name)
    left, _ = swept(cloud, asked)
    assert left == [] if name == "default" else "with the name 'production'" in left[0]
    second = cloud.put(group, name=name)
    [left_now], gone = swept(cloud, asked)
    assert second in left_now
    assert gone == []
    assert len(cloud.rows(group)) == 2, "they may be others'"
    cloud.put("/compute/v2.1/os-keypairs", keypair={"name": name})
    [left_now], _ = swept(cloud, entry("keypair", "/os-keypairs/{id}", id=None, name=name))
    assert f"it may be {name}" in left_now
    assert not any(one.method == "DELETE" for one in cloud.asked)


def test_a_removal_that_is_refused_for_a_while_is_tried_again(cloud: FakeCloud) -> None:
    id = cloud.put("/network/v2.0/security-groups", name="x")
    refusals = iter([Reply(409, {"NeutronError": "in use"})] * 2)
    cloud.answer("DELETE", "security-groups", lambda _: next(refusals, None))
    assert swept(cloud, entry("security_group", "/v2.0/security-groups/{id}", id=id), patience=5)[0] == []


def test_a_removal_that_is_always_refused_is_told_with_the_answer(cloud: FakeCloud) -> None:
    id = cloud.put("/network/v2.0/security-groups", name="x")
    cloud.answer("DELETE", "security-groups", lambda _: Reply(409, {"NeutronError": "in use"}))
    left, _ = swept(cloud, entry("security_group", "/v2.0/security-groups/{id}", id=id))
    assert "409" in left[0]


def test_a_router_loses_its_interfaces_and_gateway_first(cloud: FakeCloud) -> None:
    id = cloud.put("/network/v2.0/routers", external_gateway_info={"network_id": "p"}, routes=[{"x": 1}])
    port = cloud.put("/network/v2.0/ports", device_id=id)
    done: list[object] = []
    cloud.answer("PUT", "routers", lambda asked: done.append(json.loads(asked.body)) or Reply(200, {}))
    assert swept(cloud, entry("router", "/v2.0/routers/{id}", id=id))[0] == []
    assert done == [
        {"router": {"routes": []}},  # a cloud lets no interface go that a route needs
        {"port_id": port},
        {"router": {"external_gateway_info": None}},
    ]


def test_a_container_is_emptied_first(cloud: FakeCloud) -> None:
    objects = {"a b", "c/d", "ü"}
    container = cloud.put("/object/v1/AUTH_x", id="box")

    def listing(asked: Asked) -> Reply:
        return Reply(200, [{"name": name} for name in sorted(objects)])

    def delete(asked: Asked) -> Reply | None:
        from urllib.parse import unquote

        name = unquote(asked.path.partition("/box")[2]).lstrip("/")
        if not name:
            return Reply(409) if objects else None
        objects.discard(name)
        return Reply(204)

    cloud.answer("GET", r"/box\?format=json", listing)
    cloud.answer("DELETE", "/box", delete)
    assert swept(cloud, entry("container", "/{id}", id=container))[0] == []
    assert objects == set()


def test_a_server_is_waited_for(cloud: FakeCloud) -> None:
    answers = iter([Reply(200, {"server": {"status": "ACTIVE"}})] * 2)
    cloud.answer("DELETE", "/servers/7", lambda _: Reply(204))
    cloud.answer("GET", "/servers/7", lambda _: next(answers, None))
    assert swept(cloud, entry("server", "/servers/{id}", id="7"), patience=5)[0] == []
    assert next(answers, None) is None


def test_a_server_that_does_not_go_is_told(cloud: FakeCloud) -> None:
    cloud.answer("DELETE", "/servers/7", lambda _: Reply(204))
    cloud.answer("GET", "/servers/7", lambda _: Reply(200, {"server": {}}))
    assert "still there" in swept(cloud, entry("server", "/servers/{id}", id="7"))[0][0]


def test_a_server_that_the_cloud_keeps_after_its_deletion_is_ended_for_good(cloud: FakeCloud) -> None:
    ended: list[object] = []
    cloud.answer("DELETE", "/servers/7", lambda _: Reply(204))
    cloud.answer("POST", "/servers/7/action", lambda asked: ended.append(json.loads(asked.body)) or Reply(202))
    cloud.answer("GET", "/servers/7", lambda _: None if ended else Reply(200, {"server": {"status": "SOFT_DELETED"}}))
    assert swept(cloud, entry("server", "/servers/{id}", id="7"), patience=5)[0] == []
    assert ended == [{"forceDelete": None}]


def test_trouble_with_one_does_not_keep_the_others(cloud: FakeCloud) -> None:
    id = cloud.put("/network/v2.0/networks", name="x")
    entries = (
        entry("unheard-of", "/x/{id}"),
        entry("volume", "/volumes/{id}", cloud="no-such-cloud"),
        entry("network", "/v2.0/networks/{id}", id=id),
    )
    left, gone = swept(cloud, *entries)
    assert (len(left), len(gone)) == (2, 1)


def test_the_sweep_of_a_dead_run_leaves_nothing_and_strikes_it(cloud: FakeCloud, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    subprocess.run([sys.executable, "-c", DEAD.format(run=RUN), str(folder)], check=True)
    cloud.put("/network/v2.0/networks", name="defcore-11111111-net-1")
    (found,) = candidates("alt", run=RUN[:4], older_than=None, now=datetime.now(UTC))
    assert (found.alive, len(found.left)) == (False, 1)
    heard: list[Event] = []
    assert sweep_run(RUN, folder, reference_file=None, listener=heard.append) == ()
    assert [(event.trouble, event.found) for event in heard if isinstance(event, Removed)] == [(None, True)]
    assert cloud.rows("/network/v2.0/networks") == []
    assert (indexed_runs(), left_by(folder)) == ((), ())


@pytest.mark.parametrize("same", [True, False])
def test_a_name_that_means_another_cloud_by_now_strikes_nothing(cloud: FakeCloud, tmp_path: Path, same: bool) -> None:
    user = open_user("sweep", "user", Recorder(), reference_file=None)
    user.open()
    there = CloudInfo(name="user", cpid=cpid(user) if same else "another", region=None, endpoints=(), microversions=())
    writer = JournalWriter(tmp_path)
    writer.header(
        Header(run=RUN, started="2026-01-31T12:00:00+00:00", plan=None, cloud=there, users=USERS, versions=())
    )
    writer.close()
    Ledger(tmp_path, run=RUN).intend(kind="network", cloud="user", path="/v2.0/networks/{id}", name="x", id="gone")
    heard: list[Event] = []
    left = sweep_run(RUN, tmp_path, reference_file=None, listener=heard.append)
    assert ["another cloud" in one.reason for one in left] == ([] if same else [True])
    assert not any(event.found for event in heard if isinstance(event, Removed))
    assert len(left_by(tmp_path)) == len(left)


@pytest.mark.parametrize(
    ("project", "user_id", "left"),
    [("project-1", "user", 0), ("", "", 0), ("project-2", "user", 1), ("project-1", "user-before", 1)],
    ids=["same", "unknown", "another project", "another user"],
)
def test_a_name_that_means_another_user_or_project_by_now_strikes_nothing(
    cloud: FakeCloud, tmp_path: Path, project: str, user_id: str, left: int
) -> None:
    user = open_user("sweep", "user", Recorder(), reference_file=None)
    user.open()
    there = CloudInfo(name="user", cpid=cpid(user), region=None, endpoints=(), microversions=())
    before = Identity(role="primary", user=user_id and user_id.replace("user", user.user_id, 1), project=project)
    header = Header(run=RUN, started="2026-01-31T12:00:00+00:00", plan=None, cloud=there, users=USERS, versions=())
    elsewhere = Identity(role="alt", user="u", project="p")
    writer = JournalWriter(tmp_path)
    writer.header(replace(header, identities=(elsewhere, before)))
    writer.close()
    index_run(RUN, tmp_path, ("user",))
    Ledger(tmp_path, run=RUN).intend(kind="network", cloud="user", path="/v2.0/networks/{id}", name="x", id="gone")
    stays = sweep_run(RUN, tmp_path, reference_file=None, listener=lambda _: None)
    assert ["is not the user of the run any more" in one.reason for one in stays] == [True] * left
    assert (len(left_by(tmp_path)), len(indexed_runs())) == (left, left)


def test_a_damaged_ledger_is_a_leftover_and_what_is_known_is_removed(cloud: FakeCloud, tmp_path: Path) -> None:
    index_run(RUN, tmp_path, ("user",))
    id = cloud.put("/network/v2.0/networks", name="x")
    ledger = Ledger(tmp_path, run=RUN)
    ledger.created("lost", id="7")
    ledger.intend(kind="network", cloud="user", path="/v2.0/networks/{id}", name="x", id=id)
    (left,) = sweep_run(RUN, tmp_path, reference_file=None, listener=lambda _: None)
    assert (left.kind, left.name) == ("ledger", "ledger.jsonl")
    assert left.reason.endswith("look for defcore-11111111-* by hand")
    assert cloud.rows("/network/v2.0/networks") == []
    assert [one.id for one in indexed_runs()] == [RUN]


def test_a_run_that_is_alive_is_shown_as_such(cloud: FakeCloud, tmp_path: Path) -> None:
    index_run(RUN, tmp_path, ("user",))
    Ledger(tmp_path, run=RUN).intend(kind="network", cloud="user", path="/v2.0/networks/{id}", name="x")
    (found,) = candidates("user", run=None, older_than=None, now=datetime.now(UTC))
    assert found.alive


def test_runs_are_chosen_by_cloud_id_and_age(cloud: FakeCloud, tmp_path: Path) -> None:
    index_run(RUN, tmp_path, ("user",))
    now = datetime.now(UTC)
    assert candidates("other", run=None, older_than=None, now=now) == ()
    assert candidates("user", run=None, older_than=timedelta(days=1), now=now) == ()
    assert len(candidates("user", run=None, older_than=timedelta(days=1), now=now + timedelta(days=2))) == 1
    with pytest.raises(InputError, match="no run"):
        candidates("user", run="99999999", older_than=None, now=now)


def test_a_lost_run_folder_is_told(cloud: FakeCloud, tmp_path: Path) -> None:
    index_run(RUN, tmp_path / "gone", ("user",))
    (found,) = candidates("user", run=None, older_than=None, now=datetime.now(UTC))
    assert found.lost


def test_an_account_is_emptied_and_deleted(cloud: FakeCloud) -> None:
    listings = iter([[{"name": "a b"}], []])
    objects = iter([[{"name": "o"}], []])
    done: list[str] = []
    cloud.answer("GET", r"AUTH_gone\?", lambda _: Reply(200, next(listings, [])))
    cloud.answer("GET", r"AUTH_gone/a%20b\?", lambda _: Reply(200, next(objects, [])))
    cloud.answer("DELETE", "AUTH_gone", lambda asked: done.append(asked.path.partition("AUTH_gone")[2]) or Reply(204))
    assert swept(cloud, entry("account", "/../{id}", id="AUTH_gone"))[0] == []
    assert done == ["/a%20b/o", "/a%20b", ""]


@pytest.mark.parametrize(("content", "left"), [(Reply(204), 0), (Reply(200, [{"name": "c"}]), 1)])
def test_an_account_that_nobody_may_delete_stays_if_it_is_empty(cloud: FakeCloud, content: Reply, left: int) -> None:
    cloud.answer("GET", "AUTH_gone", lambda _: content)
    cloud.answer("DELETE", "AUTH_gone", lambda _: Reply(405))
    assert len(swept(cloud, entry("account", "/../{id}", id="AUTH_gone"))[0]) == left
