"""A real keystone and swift: up, used, crashed, up again, down, wiped."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from defcore.errors import InputError
from defcore.refcloud import launch, processes
from defcore.refcloud.cloud import ANSWERS, CRASHED, Cloud
from defcore.refcloud.state import Facts
from tests.refcloud.test_cloud import invoke

pytestmark = [pytest.mark.refcloud, pytest.mark.slow]
SERVICES = ("keystone", "swift")


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    made = Cloud(tmp_path_factory.mktemp("cloud") / "state")
    try:
        made.up(["swift"])
        yield made
    finally:
        made.wipe()
    assert not made.state.path.exists()


def facts_of(cloud: Cloud) -> Facts:
    facts = cloud.state.read()
    assert facts
    return facts


def processes_of(cloud: Cloud) -> frozenset[processes.Process]:
    return processes.of_cloud(facts_of(cloud).token, cloud.state / "run")


def log_in(cloud: Cloud, name: str) -> tuple[str, dict[str, str]]:
    """A token, and the catalog: type -> public address."""
    entry = yaml.safe_load((cloud.state / "clouds.yaml").read_text())["clouds"][name]["auth"]
    user = {"name": entry["username"], "domain": {"id": "default"}, "password": entry["password"]}
    project = {"name": entry["project_name"], "domain": {"id": "default"}}
    identity = {"methods": ["password"], "password": {"user": user}}
    body = json.dumps({"auth": {"identity": identity, "scope": {"project": project}}})
    connection = http.client.HTTPConnection("127.0.0.1", facts_of(cloud).ports["keystone"], timeout=30)
    connection.request("POST", "/v3/auth/tokens", body, {"Content-Type": "application/json"})
    response = connection.getresponse()
    token = json.loads(response.read())["token"]
    catalog = {one["type"]: one["endpoints"][0]["url"] for one in token["catalog"]}
    return response.headers["X-Subject-Token"], catalog


def test_the_cloud_is_truthful_about_what_runs(cloud: Cloud) -> None:
    assert [(one.name, one.condition) for one in cloud.status()] == [(name, ANSWERS) for name in SERVICES]
    assert set(log_in(cloud, "defcore-ref")[1]) == {"identity", "object-store"}


def test_each_of_the_four_clouds_logs_in(cloud: Cloud) -> None:
    for suffix in ("", "-alt", "-reader", "-admin"):
        assert log_in(cloud, f"defcore-ref{suffix}")[0]


def test_swift_keeps_an_object(cloud: Cloud) -> None:
    token, catalog = log_in(cloud, "defcore-ref")
    path = catalog["object-store"].split("/", 3)[3]
    for method, name, body in (("PUT", "box", b""), ("PUT", "box/thing", b"kept"), ("GET", "box/thing", b"")):
        connection = http.client.HTTPConnection("127.0.0.1", facts_of(cloud).ports["swift"], timeout=30)
        connection.request(method, f"/{path}/{name}", body, {"X-Auth-Token": token})
        response = connection.getresponse()
        text = response.read()
        assert response.status < 300, text
    assert text == b"kept"


def test_up_again_changes_nothing(cloud: Cloud) -> None:
    before = processes_of(cloud)
    said: list[str] = []
    assert cloud.up(SERVICES, report=said.append).services == SERVICES
    assert processes_of(cloud) == before
    assert not any("starting" in line for line in said)


def test_a_second_cloud_runs_beside_it(cloud: Cloud, tmp_path: Path) -> None:
    other = Cloud(tmp_path / "other")
    try:
        other.up(["keystone"])
        assert [one.condition for one in (*other.status(), *cloud.status())] == [ANSWERS] * 3
        assert set(facts_of(other).ports.values()).isdisjoint(facts_of(cloud).ports.values())
    finally:
        other.wipe()
    assert [one.condition for one in cloud.status()] == [ANSWERS] * 2


def test_a_crashed_service_is_shown_and_started_again(cloud: Cloud) -> None:
    record = processes.recorded(launch.record_file(cloud.state, "swift"))
    assert record
    os.kill(record.pid, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while record.alive and time.monotonic() < deadline:
        time.sleep(0.05)
    shown = invoke("status", "--state", str(cloud.state.path))
    assert shown.exit_code == 3
    assert "swift      crashed" in shown.output
    assert [one.condition for one in cloud.status()] == [ANSWERS, CRASHED]
    cloud.up(SERVICES)
    assert [one.condition for one in cloud.status()] == [ANSWERS] * 2


def test_down_leaves_no_process_and_keeps_the_data(cloud: Cloud) -> None:
    ports = facts_of(cloud).ports
    assert cloud.down() == 2
    assert processes_of(cloud) == frozenset()
    assert cloud.status() == ()
    cloud.up(SERVICES)
    assert facts_of(cloud).ports == ports
    test_swift_keeps_an_object(cloud)


def test_a_port_taken_meanwhile_is_told(cloud: Cloud) -> None:
    cloud.down()
    port = facts_of(cloud).ports["keystone"]
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", port))
        other.listen()
        with pytest.raises(InputError, match=f"port {port}, which this cloud's keystone has, is taken"):
            cloud.up(SERVICES)
    assert processes_of(cloud) == frozenset()
