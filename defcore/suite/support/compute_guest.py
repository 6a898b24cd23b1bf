"""A look into a guest: a server that can be reached by SSH, and a command run in it."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

import asyncssh

from defcore.errors import CannotTell, shortened
from defcore.suite.support.api import Api
from defcore.suite.support.compute import Servers, chosen
from defcore.suite.support.network import Net
from defcore.suite.support.wait import wait_for

Value = TypeVar("Value")
BOOT_TIME = 300.0
"""Seconds for the guest to start and take the key."""
ONE_TRY = 60.0
"""Seconds for a connection, the log-in and the command."""
PORT = 22


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """What came of one try to run a command."""

    status: int | None = None
    """The command's exit status; None if it was not run."""
    text: str = ""
    """What it printed, or why it was not run."""


class _Visitor(asyncssh.SSHClient):
    """Logs in with one key, and knows whether it was asked for."""

    def __init__(self, key: asyncssh.SSHKey) -> None:
        self._key = key
        self.asked = False

    def public_key_auth_requested(self) -> asyncssh.SSHKey | None:
        if self.asked:
            return None
        self.asked = True
        return self._key


@dataclass(frozen=True, slots=True, kw_only=True)
class Guest:
    """The inside of a server."""

    server: dict[str, Any]
    address: str
    port: int
    user: str
    key: asyncssh.SSHKey
    """Private half of the server's key pair. What it opens is this server: no other has this key."""

    def run(self, command: str) -> str:
        """What the command prints. Asks until the guest lets us in.

        Raises CannotTell if it never does: that may be the way there, the name of the user, or an image that does
        not take the key. None of them breaks a promise of the API.
        """
        spoken = wait_for(
            lambda: finished(self._try(command)),
            lambda seen: seen.status is not None,
            because=f"{command!r} runs as {self.user} at {self.address} port {self.port}, in server "
            f"{self.server['id']}",
            timeout=BOOT_TIME,
            show=lambda seen: seen.text,
        )
        if spoken.status != 0:
            raise CannotTell(
                f"{command!r} in server {self.server['id']} ended with {spoken.status}: {shortened(spoken.text, 200)}"
            )
        return spoken.text.strip()

    async def _try(self, command: str) -> Spoken:
        try:
            async with asyncio.timeout(ONE_TRY):
                return await self._ask(command)
        except asyncssh.PermissionDenied:
            reason = f"it is reached, and refuses the server's key for {self.user}: is that the user of the image, "
            return Spoken(text=f"{reason}and does the image take keys from the metadata?")
        except (OSError, asyncssh.Error) as error:  # TimeoutError is an OSError
            return Spoken(text=str(error) or type(error).__name__)

    async def _ask(self, command: str) -> Spoken:
        visitor = _Visitor(self.key)
        async with asyncssh.connect(
            self.address,
            self.port,
            username=self.user,
            client_factory=lambda: visitor,
            preferred_auth="publickey",
            client_keys=None,
            agent_path=None,
            config=None,
            known_hosts=None,  # the guest's own key is new with each server: there is nothing to compare it with
            errors="replace",
        ) as connection:
            if not visitor.asked:
                return Spoken(text="something lets anybody in without a key: it need not be this server")
            done = await connection.run(command, stdin=asyncssh.DEVNULL)
            # Without a status (-1: ended by a signal) nothing can be said about what was printed.
            status = -1 if done.returncode is None else done.returncode
            return Spoken(status=status, text=str(done.stdout if status == 0 else done.stderr))


def finished(work: Coroutine[Any, Any, Value]) -> Value:
    """What it comes to, in a thread of its own: in this one, another plugin of pytest may have a loop running."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(asyncio.run, work).result()


class Guests:
    """Boots servers that can be looked into; the fixture `guests`."""

    def __init__(self, servers: Servers, network: Api) -> None:
        self.servers = servers
        self.network = network

    def boot(self, purpose: str) -> Guest:
        """Set-up: a server with a key of its own and SSH let in, active."""
        user = chosen(self.servers.settings, "ssh_user")
        port = int(self.servers.settings.get("ssh_port") or PORT)
        key_name, key = self._key()
        group = self._open_group(port)
        server = self.servers.boot(purpose, key_name=key_name, security_groups=[{"name": group}])
        return Guest(server=server, address=self._address(server), port=port, user=user, key=key)

    def _key(self) -> tuple[str, asyncssh.SSHKey]:
        """Its name, and its private half, which never leaves memory."""
        resources, compute = self.servers.resources, self.servers.api
        name = resources.name("guest-key")
        answer = resources.create(compute, "keypair", "/os-keypairs", name=name, json={"keypair": {"name": name}})
        try:
            return name, asyncssh.import_private_key(answer.setup(200).json["keypair"]["private_key"])
        except asyncssh.KeyImportError as error:
            raise CannotTell(f"set-up: the private key of {answer.where} cannot be used: {error}") from None

    def _open_group(self, port: int) -> str:
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
                "port_range_min": port,
                "port_range_max": port,
            }
            resources.create(
                self.network,
                "security_group_rule",
                "/v2.0/security-group-rules",
                json={"security_group_rule": rule},
            ).setup(201)
        return name

    def _address(self, server: dict[str, Any]) -> str:
        """A floating IP, or the server's own address where no router leads to an external network."""
        own = [one for addresses in server["addresses"].values() for one in addresses]
        if not own:
            raise CannotTell(f"server {server['id']} has no address")
        return self._floating(server) or str(min(own, key=lambda one: one["version"])["addr"])

    def _floating(self, server: dict[str, Any]) -> str | None:
        external = self.servers.settings.get("external_network")
        if not external:
            return None
        listed = self.network.get("/v2.0/ports", params={"device_id": server["id"]}).setup(200).json["ports"]
        ports = [one for one in listed if one["device_id"] == server["id"]]  # lest another's become reachable
        if not ports:
            raise CannotTell(f"server {server['id']} has no port")
        net = Net(self.network, self.servers.resources)
        answer = net.create("floating_ip", floating_network_id=external, port_id=ports[0]["id"]).setup(201, 404)
        # 404: "external network is not reachable from subnet", as with a network whose own addresses are routed.
        return None if answer.status == 404 else str(answer.json["floatingip"]["floating_ip_address"])
