"""The two official tests that look into a guest: the servers are nova's, what is inside them is an SSH server's.

The reference cloud's hypervisor starts no guests. Its networks take addresses of loopback, though, and there a real SSH
server answers for each server, to whom has the private key of the key pair that nova keeps for that server.
"""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncssh
import openstack
import pytest

from defcore.model.outcome import Outcome
from defcore.run.journal import read_journal
from tests.conftest import ROOT, ReferenceCloud, defcore
from tests.end_to_end.test_powered_platform import USERS
from tests.fakes.guest import HOSTNAME, PROCESSORS, Inside, Look, ssh_server

pytestmark = [
    pytest.mark.refcloud,
    pytest.mark.filterwarnings("ignore::PendingDeprecationWarning"),
]
OWN, PUBLIC = "127.64.64.{}", "127.64.65.{}"
"""Addresses that servers have themselves, and floating IPs."""
HOSTS = range(2, 15)
CAPABILITIES = ("compute-servers-host", "compute-servers-verify")
HOSTNAME_TEST, PROCESSORS_TEST = "2a67201d-50b7-41e9-bd6c-b78b91380bbb", "8063d3aa-2800-4350-ae58-fb53d6689f85"


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """Networks whose servers can be reached."""

    clouds_file: Path
    own: str
    """Network whose own addresses are on loopback; no router."""
    inner: str
    """Network behind a router to the external one."""
    external: str
    """Its floating IPs are on loopback."""
    member: Any
    admin: Any

    def server_at(self, address: str) -> Any:
        """The server that has this address, or the floating IP of this address."""
        floating = list(self.admin.network.ips(floating_ip_address=address))
        wanted: dict[str, str] = {"fixed_ips": f"ip_address={address}", "network_id": self.own}
        ports = [self.admin.network.get_port(floating[0].port_id)] if floating else self.admin.network.ports(**wanted)
        device = next(iter(ports)).device_id
        return self.admin.compute.get_server(device)

    def inside(self, address: str, **answers: str) -> Inside:
        """What an honest guest has: the key of the server, its name, the processors of its flavor; or `answers`."""
        server = self.server_at(address)
        key = self.member.compute.get_keypair(server.key_name).public_key
        honest = {"host": f"{server.name.lower()}.novalocal", "processors": str(server.flavor.vcpus)} | answers
        return Inside(key=key, answers={HOSTNAME: honest["host"], PROCESSORS: honest["processors"]})


def subnet(client: Any, network: str, pattern: str) -> Any:
    cidr = f"{pattern.format(0)}/28"
    # Neutron takes such addresses where it is to serve no DHCP.
    return client.network.create_subnet(network_id=network, ip_version=4, cidr=cidr, enable_dhcp=False)


@pytest.fixture(scope="module")
def grounds(reference_cloud: ReferenceCloud) -> Iterator[Grounds]:
    config = openstack.config.OpenStackConfig(config_files=[str(reference_cloud.clouds_file)], load_envvars=False)
    with contextlib.ExitStack() as undo:
        member, admin = (
            openstack.connection.Connection(config=config.get_one(cloud=name))
            for name in ("defcore-ref", "defcore-ref-admin")
        )
        made = {}
        for name, client, more in (
            ("own", member, {}),
            ("inner", member, {}),
            ("external", admin, {"is_router_external": True}),
        ):
            made[name] = client.network.create_network(name=f"guests-{name}", **more).id
            undo.callback(client.network.delete_network, made[name])
        subnet(member, made["own"], OWN)
        subnet(admin, made["external"], PUBLIC)
        inner = subnet(member, made["inner"], "10.64.64.{}").id
        router = member.network.create_router(external_gateway_info={"network_id": made["external"]}).id
        undo.callback(member.network.delete_router, router)
        interface = f"/routers/{router}/{{}}_router_interface"
        member.network.put(interface.format("add"), json={"subnet_id": inner})
        undo.callback(member.network.put, interface.format("remove"), json={"subnet_id": inner})
        yield Grounds(clouds_file=reference_cloud.clouds_file, member=member, admin=admin, **made)


def settings(grounds: Grounds, network: str, port: int) -> list[str]:
    wanted = {"network": network, "external_network": grounds.external, "ssh_user": "cirros", "ssh_port": port}
    return [f"{name}={value}" for name, value in wanted.items()]


def listen(look: Look, pattern: str = OWN) -> contextlib.AbstractContextManager[int]:
    return ssh_server(look, [pattern.format(host) for host in HOSTS])


def outcomes(grounds: Grounds, network: str, port: int, folder: Path) -> Mapping[str, tuple[Outcome, str]]:
    """Outcome and reason of the two tests by UUID, run by pytest alone with little patience."""
    folder.mkdir()
    command = [sys.executable, "-m", "pytest", "--pyargs", "defcore.suite.compute.test_server_guest", "-q", "-n", "2"]
    command += ["-p", "tests.fakes.impatience", "-p", "no:cacheprovider", "--defcore-cloud", "defcore-ref"]
    command += ["--defcore-run", str(folder)]
    for one in settings(grounds, network, port):
        command += ["--defcore-set", one]
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("OS_", "DEFCORE_", "PYTEST"))}
    environment = {"OS_CLIENT_CONFIG_FILE": str(grounds.clouds_file), "PYTHONPATH": str(ROOT)}
    environment["XDG_STATE_HOME"] = str(folder.parent / "state")
    done = subprocess.run(
        command, cwd=folder, env=clean | environment, capture_output=True, text=True, timeout=300, check=False
    )
    lines = read_journal(folder).lines
    assert {line.test for line in lines} == {HOSTNAME_TEST, PROCESSORS_TEST}, done.stdout + done.stderr
    return {line.test: (line.attempt.outcome, line.attempt.reason or "") for line in lines}


def test_an_honest_guest_passes_and_its_key_stays_secret(grounds: Grounds, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    environment = {"OS_CLIENT_CONFIG_FILE": str(grounds.clouds_file), "XDG_STATE_HOME": str(tmp_path / "state")}
    with listen(grounds.inside) as port:
        options = [word for one in CAPABILITIES for word in ("--capability", one)]
        options += [word for one in settings(grounds, grounds.own, port) for word in ("--set", one)]
        done = defcore(
            "run", *USERS, "--guideline", "2020.06", *options, "-n", "2", "--out", folder, **environment,
        )  # fmt: skip
    lines = {line.test: line.attempt for line in read_journal(folder).lines}
    assert lines[HOSTNAME_TEST].outcome is Outcome.PASSED, lines[HOSTNAME_TEST].reason
    assert lines[PROCESSORS_TEST].outcome is Outcome.PASSED, lines[PROCESSORS_TEST].reason
    texts = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    texts[Path("terminal")] = (done.stdout + done.stderr).encode()
    assert any(b"private_key" in text for text in texts.values()), "the key's making is in the evidence"
    assert [path for path, text in texts.items() if re.search(rb"PRIVATE KEY|MII[A-Za-z0-9+/]{60}", text)] == []


def test_a_guest_is_reached_by_its_floating_ip(grounds: Grounds, tmp_path: Path) -> None:
    with listen(grounds.inside, PUBLIC) as port:
        seen = outcomes(grounds, grounds.inner, port, tmp_path / "run")
    assert {outcome for outcome, _ in seen.values()} == {Outcome.PASSED}, seen


def test_a_guest_that_is_not_what_was_ordered_is_failed(grounds: Grounds, tmp_path: Path) -> None:
    with listen(lambda address: grounds.inside(address, host="localhost", processors="3")) as port:
        seen = outcomes(grounds, grounds.own, port, tmp_path / "run")
    assert {outcome for outcome, _ in seen.values()} == {Outcome.FAILED}, seen
    assert "expected 1 processors, seen 3" in seen[PROCESSORS_TEST][1]


def refusing(_: str) -> Inside:
    return Inside(key=asyncssh.generate_private_key("ssh-ed25519").export_public_key().decode())


def test_a_guest_that_cannot_be_looked_into_is_no_failure(grounds: Grounds, tmp_path: Path) -> None:
    with listen(refusing) as port:
        seen = outcomes(grounds, grounds.own, port, tmp_path / "run")
    assert {outcome for outcome, _ in seen.values()} == {Outcome.ERROR}, seen
    assert all("it is reached, and refuses the server's key" in why for _, why in seen.values()), seen
