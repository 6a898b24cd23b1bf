"""Ports of the loopback address for the parts of a cloud.

The usual port is taken if it is free. Otherwise one below the range from which the kernel gives ports to
outgoing connections: a port of that range may be held, at any moment, by any program's connection.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import socket
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import platformdirs

from defcore.errors import InputError, Problem

LOWEST = 10000
EPHEMERAL_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
USUAL_EPHEMERAL_START = 32768


@contextlib.contextmanager
def choosing() -> Iterator[None]:
    """Keep other clouds of this user from choosing ports until those chosen here are listened at."""
    path = platformdirs.user_state_path("defcore", appauthor=False) / "refcloud-ports.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether a service could listen on `port` now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def ephemeral_start() -> int:
    """The first port of the range that the kernel hands out."""
    try:
        return int(EPHEMERAL_RANGE.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return USUAL_EPHEMERAL_START


def assign(
    wanted: Mapping[str, int],
    kept: Mapping[str, int],
    *,
    seed: str,
    free: Callable[[int], bool] = is_free,
    below: int | None = None,
) -> dict[str, int]:
    """A port for each listener in `wanted` (name -> usual port); a port in `kept` stays as it is.

    `seed`, such as the state folder, makes two clouds that start at the same time look in different places.
    """
    end = below if below is not None else ephemeral_start()
    ports = {name: kept[name] for name in wanted if name in kept}
    used = set(kept.values())
    candidates = _candidates(seed, end)
    for name, usual in wanted.items():
        if name in ports:
            continue
        choice = usual if usual not in used and usual < end and free(usual) else None
        while choice is None:
            candidate = next(candidates, None)
            if candidate is None:
                raise _none_left(end)
            choice = candidate if candidate not in used and free(candidate) else None
        ports[name] = choice
        used.add(choice)
    return ports


def _candidates(seed: str, end: int) -> Iterator[int]:
    start = min(LOWEST, max(1024, end // 2))
    span = max(0, end - start)
    first = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:4], "big")
    return iter([start + (first + step) % span for step in range(span)])


def _none_left(end: int) -> InputError:
    return InputError(
        Problem(
            code="refcloud.no-free-port",
            message=f"no free port of the loopback address below {end}",
            where=str(EPHEMERAL_RANGE),
            hint="end programs that listen on many ports, or raise the range of ephemeral ports",
        )
    )


def check_free(ports: Mapping[str, int], *, free: Callable[[int], bool] = is_free) -> None:
    """Raise, naming each port, when something else listens where this cloud is to."""
    taken = [(name, port) for name, port in ports.items() if not free(port)]
    if taken:
        raise InputError(
            *(
                Problem(
                    code="refcloud.port-taken",
                    message=f"port {port}, which this cloud's {name} has, is taken by another program",
                    where=f"127.0.0.1:{port}",
                    hint=f"end that program (`ss -ltnp 'sport = :{port}'` shows it), or run "
                    "`defcore cloud wipe`, after which `up` chooses other ports",
                )
                for name, port in taken
            )
        )
