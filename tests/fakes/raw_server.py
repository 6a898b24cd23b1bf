"""A server on loopback that answers with whatever bytes it likes, as slowly and as long as it likes."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Script = Callable[[Callable[[bytes], None]], None]
"""Given the way to send bytes, which raises OSError once nobody listens."""


@contextmanager
def answering(script: Script) -> Iterator[str]:
    """Its address. Each request, one a connection, is answered by the script."""
    over = threading.Event()

    def serve(connection: socket.socket) -> None:
        def send(data: bytes) -> None:
            if over.is_set():
                raise OSError("the server has ended")
            connection.sendall(data)

        with connection, contextlib.suppress(OSError):
            connection.recv(1 << 16)
            script(send)

    def listen() -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=serve, args=(connection,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=listen, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        finally:
            over.set()
            listener.shutdown(socket.SHUT_RDWR)
