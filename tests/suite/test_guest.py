"""What the suite makes of a guest, of one that refuses, and of none: against a real SSH server."""

from __future__ import annotations

import socket
import threading

import asyncssh
import pytest

from defcore.errors import CannotTell
from defcore.suite.support import compute_guest
from defcore.suite.support.compute_guest import Guest, finished
from tests.fakes.guest import Inside, ssh_server

KEY = asyncssh.generate_private_key("ssh-ed25519")


def public(key: asyncssh.SSHKey) -> str:
    return key.export_public_key().decode()


def guest(port: int, key: asyncssh.SSHKey = KEY, user: str = "cirros") -> Guest:
    return Guest(server={"id": "s1"}, address="127.0.0.1", port=port, user=user, key=key)


@pytest.fixture(autouse=True)
def _impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compute_guest, "BOOT_TIME", 0.3)
    monkeypatch.setattr(compute_guest, "ONE_TRY", 5.0)


@pytest.mark.parametrize(
    ("algorithm", "form"),
    [
        ("ssh-rsa", "pkcs1-pem"),
        ("ssh-rsa", "openssh"),
        ("ssh-ed25519", "openssh"),
        ("ecdsa-sha2-nistp256", "pkcs8-pem"),
    ],
)
def test_each_kind_of_key_that_clouds_make_opens_the_guest(algorithm: str, form: str) -> None:
    key = asyncssh.generate_private_key(algorithm)
    read = asyncssh.import_private_key(key.export_private_key(form).decode())
    with ssh_server(lambda _: Inside(key=public(key), answers={"hostname": "box"})) as port:
        assert guest(port, read).run("hostname") == "box"


def test_a_key_refused_proves_nothing_about_the_cloud() -> None:
    with ssh_server(lambda _: Inside(key=public(asyncssh.generate_private_key("ssh-ed25519")))) as port:
        with pytest.raises(CannotTell, match="refuses the server's key for cirros"):
            guest(port).run("hostname")


def test_a_wrong_user_proves_nothing_about_the_cloud() -> None:
    with ssh_server(lambda _: Inside(key=public(KEY), answers={"hostname": "box"})) as port:
        with pytest.raises(CannotTell, match="is that the user of the image"):
            guest(port, user="ubuntu").run("hostname")


def test_nobody_listening_proves_nothing_about_the_cloud() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        with pytest.raises(CannotTell, match=r"127\.0\.0\.1 port .* in server s1"):
            guest(unused.getsockname()[1]).run("hostname")


def test_a_listener_that_says_nothing_is_left_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compute_guest, "ONE_TRY", 0.3)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        with pytest.raises(CannotTell, match="waited 0 s"):
            guest(silent.getsockname()[1]).run("hostname")


def test_a_listener_that_talks_nonsense_is_no_guest() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            listener.settimeout(5)
            while True:
                try:
                    connection = listener.accept()[0]
                except OSError:
                    return
                connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                connection.close()

        thread = threading.Thread(target=answer)
        thread.start()
        with pytest.raises(CannotTell):
            guest(listener.getsockname()[1]).run("hostname")
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


def test_a_loop_that_runs_already_is_in_nobodys_way() -> None:
    async def within() -> str:
        with ssh_server(lambda _: Inside(key=public(KEY), answers={"hostname": "s1"})) as port:
            return guest(port).run("hostname")

    assert finished(within()) == "s1"


def test_a_command_that_ends_badly_says_nothing_about_the_server() -> None:
    with ssh_server(lambda _: Inside(key=public(KEY))) as port, pytest.raises(CannotTell, match="ended with 127"):
        guest(port).run("hostname")


def test_who_lets_anybody_in_need_not_be_the_server() -> None:
    """Another machine may have the guest's address in the tester's own network."""

    class Open(asyncssh.SSHServer):
        def begin_auth(self, username: str) -> bool:
            return False

    async def visit() -> compute_guest.Spoken:
        server = await asyncssh.listen(
            "127.0.0.1", 0, server_factory=Open, server_host_keys=[asyncssh.generate_private_key("ssh-ed25519")]
        )
        async with server:
            return await guest(server.get_port())._ask("hostname")

    spoken = finished(visit())
    assert (spoken.status, "anybody" in spoken.text) == (None, True)
