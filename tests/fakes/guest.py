"""The inside of a server, played by a real SSH server on loopback."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import asyncssh

HOSTNAME = "hostname"
PROCESSORS = "grep -c ^processor /proc/cpuinfo"


@dataclass(frozen=True, slots=True, kw_only=True)
class Inside:
    """What is found at one address: the only key that opens it, and its answers."""

    key: str
    """Public half, as OpenSSH writes it."""
    answers: dict[str, str] = field(default_factory=dict)
    """Command -> what it prints. Other commands end with status 127."""
    user: str = "cirros"


Look = Callable[[str], Inside | None]
"""What is at an address now; None: nothing that lets anybody in."""


class _Session(asyncssh.SSHServer):
    def __init__(self, look: Look) -> None:
        self._look = look
        self.inside: Inside | None = None

    def connection_made(self, connection: asyncssh.SSHServerConnection) -> None:
        self.inside = self._look(connection.get_extra_info("sockname")[0])
        connection.set_extra_info(inside=self.inside)

    def begin_auth(self, username: str) -> bool:
        return True

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:
        if self.inside is None or username != self.inside.user:
            return False
        return bool(key == asyncssh.import_public_key(self.inside.key))


async def _serve(process: asyncssh.SSHServerProcess[str]) -> None:
    inside: Inside = process.get_extra_info("inside")
    printed = inside.answers.get(process.command or "")
    if printed is None:
        process.stderr.write(f"sh: {process.command}: not found\n")
    else:
        process.stdout.write(f"{printed}\n")
    process.exit(127 if printed is None else 0)


@contextlib.contextmanager
def ssh_server(look: Look, addresses: Sequence[str] = ("127.0.0.1",)) -> Iterator[int]:
    """Serves in a thread at all the addresses, on one port, until the context is left. Gives the port."""
    ready: list[int] = []
    begun, end = threading.Event(), asyncio.Event()
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        host_key = asyncssh.generate_private_key("ssh-ed25519")
        server = await asyncssh.listen(
            sock=None,
            host=list(addresses),
            port=_free_port(addresses),
            server_factory=lambda: _Session(look),
            process_factory=_serve,
            server_host_keys=[host_key],
        )
        ready.append(server.get_port())
        begun.set()
        await end.wait()
        server.close()
        await server.wait_closed()

    def run() -> None:
        asyncio.set_event_loop(loop)
        try:
            loop.run_until_complete(serve())
        finally:
            begun.set()
            loop.close()

    thread = threading.Thread(target=run, name="guest")
    thread.start()
    begun.wait()
    try:
        assert ready, "the SSH server did not start"
        yield ready[0]
    finally:
        with contextlib.suppress(RuntimeError):  # the loop is closed: it never started
            loop.call_soon_threadsafe(end.set)
        thread.join()


def _free_port(addresses: Sequence[str]) -> int:
    """A port that nothing listens on at any of the addresses, now."""
    while True:
        with contextlib.ExitStack() as held:
            first = held.enter_context(socket.socket())
            first.bind((addresses[0], 0))
            port = int(first.getsockname()[1])
            with contextlib.suppress(OSError):
                for address in addresses[1:]:
                    held.enter_context(socket.socket()).bind((address, port))
                return port
