"""A look into a guest: a server that can be reached by SSH, and a command run in it."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from defcore.errors import CannotTell, Prerequisite
from defcore.suite.support.api import Api
from defcore.suite.support.compute import Servers, chosen
from defcore.suite.support.wait import wait_for

BOOT_TIME = 300.0
"""Seconds for the guest to start and take the key."""
# The guest's host key is new with each server: there is nothing to compare it with.
OPTIONS = (
    "BatchMode=yes",
    "ConnectTimeout=10",
    "IdentitiesOnly=yes",
    "LogLevel=ERROR",
    "StrictHostKeyChecking=no",
    "UserKnownHostsFile=/dev/null",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """The inside of a server."""

    server: dict[str, Any]
    address: str
    user: str
    key: Path

    def run(self, command: str) -> str:
        """What the command prints. Asks until the guest lets us in; raises CannotTell if it never does."""
        done = wait_for(
            lambda: self._try(command),
            lambda seen: seen.returncode == 0,
            because=f"{command!r} runs as {self.user} at {self.address}, in server {self.server['id']}",
            timeout=BOOT_TIME,
            show=lambda seen: f"exit code {seen.returncode}: {seen.stderr.strip()[:200]}",
        )
        return done.stdout.strip()

    def _try(self, command: str) -> subprocess.CompletedProcess[str]:
        options = [part for option in OPTIONS for part in ("-o", option)]
        words = ["ssh", *options, "-i", str(self.key), "-l", self.user, "--", self.address, command]
        try:
            return subprocess.run(
                words, capture_output=True, text=True, timeout=60, check=False, stdin=subprocess.DEVNULL
            )
        except subprocess.TimeoutExpired:
            return subprocess.CompletedProcess(words, 255, "", "no answer in 60 seconds")


class Guests:
    """Boots servers that can be looked into; the fixture `guests`."""

    def __init__(self, servers: Servers, network: Api, folder: Path) -> None:
        self.servers = servers
        self.network = network
        self.folder = folder

    def boot(self, purpose: str) -> Guest:
        """Set-up: a server with a key of its own and SSH let in, active."""
        user = chosen(self.servers.settings, "ssh_user")
        if shutil.which("ssh") is None:
            raise Prerequisite("no ssh program on PATH")
        key_name, key = self._key()
        group = self._open_group()
        server = self.servers.boot(purpose, key_name=key_name, security_groups=[{"name": group}])
        return Guest(server=server, address=self._address(server), user=user, key=key)

    def _key(self) -> tuple[str, Path]:
        resources, compute = self.servers.resources, self.servers.api
        name = resources.name("guest-key")
        answer = resources.create(compute, "keypair", "/os-keypairs", name=name, json={"keypair": {"name": name}})
        file = self.folder / name
        file.touch(mode=0o600)
        file.write_text(answer.setup(200).json["keypair"]["private_key"])
        return name, file

    def _open_group(self) -> str:
        """The name of a security group that lets SSH in."""
        resources = self.servers.resources
        name = resources.name("guest")
        answer = resources.create(
            self.network,
            "security_group",
            "/v2.0/security-groups",
            name=name,
            json={"security_group": {"name": name}},
        ).setup(201)
        group = answer.json["security_group"]["id"]
        for family in ("IPv4", "IPv6"):
            rule = {
                "security_group_id": group,
                "direction": "ingress",
                "ethertype": family,
                "protocol": "tcp",
                "port_range_min": 22,
                "port_range_max": 22,
            }
            resources.create(
                self.network,
                "security_group_rule",
                "/v2.0/security-group-rules",
                json={"security_group_rule": rule},
            ).setup(201)
        return name

    def _address(self, server: dict[str, Any]) -> str:
        """A floating IP where there is an external network, else the server's own address."""
        external = self.servers.settings.get("external_network")
        if not external:
            found = [one["addr"] for addresses in server["addresses"].values() for one in addresses]
            if not found:
                raise CannotTell(f"server {server['id']} has no address")
            return str(found[0])
        ports = self.network.get("/v2.0/ports", params={"device_id": server["id"]}).setup(200).json["ports"]
        if not ports:
            raise CannotTell(f"server {server['id']} has no port")
        wanted = {"floating_network_id": external, "port_id": ports[0]["id"]}
        answer = self.servers.resources.create(
            self.network, "floating_ip", "/v2.0/floatingips", json={"floatingip": wanted}
        ).setup(201)
        return str(answer.json["floatingip"]["floating_ip_address"])
