"""A sweep leaves alone what is another's, whatever a cloud lists; and it ends when it is told to."""

from __future__ import annotations

import json
import time

import pytest

from defcore.model.resources import KINDS
from defcore.run.events import Event, Removed, Stopping
from defcore.run.ledger import Entry
from tests.fakes.cloud import Asked, FakeCloud, Reply
from tests.run.test_sweep import entry, swept

SETTINGS = [("account_quota", "Quota-Bytes"), ("account_key", "Temp-URL-Key")]


def setting(kind: str, header: str, value: str) -> Entry:
    name = KINDS[kind].setting({f"X-Account-Meta-{header}": value})
    assert name is not None
    assert value not in name
    return entry(kind, "/../{id}", id="AUTH_y", name=name)


@pytest.mark.parametrize(("kind", "header"), SETTINGS)
@pytest.mark.parametrize("shown", ["X-Account-Meta-{}", "X-Account-{}"])
def test_a_setting_of_an_account_is_taken_back_and_the_account_stays(
    cloud: FakeCloud, kind: str, header: str, shown: str
) -> None:
    done: list[Asked] = []
    cloud.answer("HEAD", "^/object/v1/AUTH_y$", lambda _: Reply(204, headers={shown.format(header): "4711"}))
    cloud.answer("POST", "^/object/v1/AUTH_y$", lambda asked: done.append(asked) or Reply(204))
    left, gone = swept(cloud, setting(kind, header, "4711"))
    assert (left, len(gone)) == ([], 1)
    assert [asked.method for asked in done] == ["POST"]
    assert f"x-remove-account-meta-{header.lower()}" in done[-1].headers


@pytest.mark.parametrize(("kind", "header"), SETTINGS)
@pytest.mark.parametrize("now", ["4712", None])
def test_a_setting_that_another_has_made_since_stays(cloud: FakeCloud, kind: str, header: str, now: str | None) -> None:
    """Or that was there all along, since the run died before it set its own."""
    cloud.answer(
        "HEAD", "^/object/v1/AUTH_y$", lambda _: Reply(204, headers={f"X-Account-Meta-{header}": now} if now else {})
    )
    cloud.answer("POST", "^/object/v1/AUTH_y$", lambda _: Reply(204))
    heard: list[Event] = []
    assert swept(cloud, setting(kind, header, "4711"), listener=heard.append)[0] == []
    (told,) = [one for one in heard if isinstance(one, Removed)]
    assert (told.found, told.name) == (False, None)
    assert told.instead == (
        f"X-Account-Meta-{header} is set, but not to what the run set: it is left alone" if now else None
    )
    assert not any(asked.method == "POST" and "AUTH_y" in asked.path for asked in cloud.asked)


def test_a_setting_of_a_ledger_that_does_not_tell_its_value_stays(cloud: FakeCloud) -> None:
    cloud.answer("HEAD", "^/object/v1/AUTH_y$", lambda _: Reply(204, headers={"X-Account-Meta-Temp-URL-Key": "theirs"}))
    swept(cloud, entry("account_key", "/../{id}", id="AUTH_y", name=None))
    assert not any(asked.method == "POST" and "AUTH_y" in asked.path for asked in cloud.asked)


PORTS = "/network/v2.0/ports"


@pytest.mark.parametrize(
    ("kind", "path", "hangs", "elsewhere"),
    [
        ("network", "/v2.0/networks/{id}", {"network_id": "own"}, {"network_id": "prod"}),
        (
            "subnet",
            "/v2.0/subnets/{id}",
            {"fixed_ips": [{"subnet_id": "own"}]},
            {"fixed_ips": [{"subnet_id": "prod"}]},
        ),
    ],
)
def test_ports_of_others_stay_where_the_filter_is_passed_over(
    cloud: FakeCloud, kind: str, path: str, hangs: dict[str, object], elsewhere: dict[str, object]
) -> None:
    """And so do the interfaces of others' routers."""
    router = {"device_owner": "network:router_interface"}
    cloud.put(f"/network/v2.0/{kind}s", id="own")
    cloud.put(PORTS, id="mine", **hangs)
    cloud.put(PORTS, id="interface", device_id="my-router", **router, **hangs)
    cloud.put(PORTS, id="theirs", **elsewhere)
    cloud.put(PORTS, id="nowhere")
    cloud.put(PORTS, id="their-interface", device_id="prod-router", **router, **elsewhere)
    refusals = iter([Reply(409, {"NeutronError": "in use"})])
    cloud.answer("DELETE", f"{kind}s/own", lambda _: next(refusals, None))
    freed: list[str] = []
    cloud.answer("PUT", "/routers/", lambda asked: freed.append(asked.path.split("/")[-2]) or Reply(200, {}))
    assert swept(cloud, entry(kind, path, id="own"), patience=5)[0] == []
    assert freed == ["my-router"]
    assert [row["id"] for row in cloud.rows(PORTS)] == ["interface", "theirs", "nowhere", "their-interface"]


def test_a_router_of_ours_takes_no_interface_from_another(cloud: FakeCloud) -> None:
    cloud.put("/network/v2.0/routers", id="own")
    for id, device in (("mine", "own"), ("theirs", "prod-router")):
        cloud.put(PORTS, id=id, device_id=device)
    let_go: list[object] = []
    cloud.answer("PUT", "/remove_router_interface", lambda asked: let_go.append(json.loads(asked.body)) or Reply(200))
    assert swept(cloud, entry("router", "/v2.0/routers/{id}", id="own"))[0] == []
    assert let_go == [{"port_id": "mine"}]


@pytest.mark.parametrize("name", ["../prod/backup", "a/../../prod/backup", "."])
def test_the_name_of_an_object_leads_out_of_no_container(cloud: FakeCloud, name: str) -> None:
    """An address is made shorter on the way: what follows `..` would be somewhere else."""
    cloud.answer("GET", "box", lambda _: Reply(200, [{"name": name}]))
    asked: list[str] = []
    cloud.answer("DELETE", "", lambda request: asked.append(request.path) or Reply(409))
    left, _ = swept(cloud, entry("container", "/{id}", id="box"))
    assert len(left) == 1, "it is not empty"
    assert set(asked) == {"/object/v1/AUTH_x/box"}


def test_an_access_rule_is_found_by_its_path(cloud: FakeCloud) -> None:
    place = "/v3/users/id-user/access_rules"
    paths = ["/v2/images/defcore-1-rule", "/v2/images", "/v2/images/defcore-1-rule-2"]
    for path in paths:
        cloud.put(place, path=path)
    cloud.answer("GET", "access_rules", lambda _: Reply(200, {"access_rules": cloud.rows(place)}))
    assert swept(cloud, entry("access_rule", f"{place}/{{id}}", id=None, name=paths[0]))[0] == []
    assert [row["path"] for row in cloud.rows(place)] == paths[1:]
    [left], _ = swept(cloud, entry("access_rule", f"{place}/{{id}}", id=None, name="/v2/images"))
    assert "it may be" in left
    assert len(cloud.rows(place)) == 2


@pytest.mark.parametrize("phase", ["refused", "not gone", "away"])
def test_an_interrupt_is_heard_in_the_middle_of_a_removal(cloud: FakeCloud, phase: str) -> None:
    refusal = Reply({"refused": 409, "not gone": 204, "away": 503}[phase])
    cloud.answer("DELETE", "/servers/7", lambda _: refusal)
    cloud.answer("GET", "/servers/7", lambda _: Reply(200, {"server": {"status": "ACTIVE"}}))
    began = time.monotonic()
    heard: list[Event] = []
    entries = [entry("server", "/servers/{id}", id="7"), entry("network", "/v2.0/networks/{id}", id="8")]
    left, gone = swept(
        cloud, *entries, patience=60, listener=heard.append, go_on=lambda: time.monotonic() - began < 0.7
    )
    assert time.monotonic() - began < 5
    assert (["interrupted" in reason for reason in left], gone) == ([True, True], [])
    assert [one for one in heard if isinstance(one, Stopping)] == [Stopping(at_once=True, cleaning=True)]
