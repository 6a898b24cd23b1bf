"""Which services are started, and where they listen."""

from __future__ import annotations

import socket

import pytest

from defcore.errors import InputError
from defcore.refcloud import parts, ports

USUAL = {"keystone": 5000, "swift": 8080}


def names(*wanted: str) -> list[str]:
    return [part.name for part in parts.choose(wanted)]


def test_no_name_means_every_service() -> None:
    assert names() == ["keystone", "glance", "placement", "neutron", "nova", "cinder", "swift"]


def test_a_service_brings_what_it_needs() -> None:
    assert names("swift") == ["keystone", "swift"]
    assert names("nova") == ["keystone", "glance", "placement", "neutron", "nova"]


def test_needs_are_listed_in_full() -> None:
    """`choose` takes one step only, so whatever a need needs must stand in the list too."""
    for part in parts.PARTS:
        assert {further for need in part.needs for further in parts.BY_NAME[need].needs} <= set(part.needs)


def test_an_unknown_service_is_named_with_the_nearest() -> None:
    with pytest.raises(InputError, match="no service 'swfit'") as caught:
        parts.choose(["swfit", "nova"])
    assert caught.value.problems[0].hint == "did you mean 'swift'?"


def test_usual_ports_are_taken_when_free() -> None:
    assert ports.assign(USUAL, {}, seed="a", free=lambda _: True, below=32768) == USUAL


def test_a_taken_port_is_replaced_by_one_below_the_ephemeral_range() -> None:
    chosen = ports.assign(USUAL, {}, seed="a", free=lambda port: port != 5000, below=20000)
    assert chosen["swift"] == 8080
    assert chosen["keystone"] != 5000
    assert 10000 <= chosen["keystone"] < 20000


def test_a_usual_port_inside_the_ephemeral_range_is_not_taken() -> None:
    assert ports.assign({"swift": 8080}, {}, seed="a", free=lambda _: True, below=8000)["swift"] < 8000


def test_ports_once_chosen_stay() -> None:
    kept = {"keystone": 12345}
    assert ports.assign(USUAL, kept, seed="a", free=lambda _: True, below=32768)["keystone"] == 12345


def test_two_listeners_never_get_one_port() -> None:
    same = {"one": 7000, "two": 7000, "three": 7000}
    chosen = ports.assign(same, {}, seed="a", free=lambda _: True, below=32768)
    assert len(set(chosen.values())) == 3


def test_clouds_that_start_at_the_same_time_look_in_different_places() -> None:
    one, two = (
        ports.assign(USUAL, {}, seed=seed, free=lambda port: port >= 10000, below=32768)
        for seed in ("/tmp/one", "/tmp/two")
    )
    assert set(one.values()).isdisjoint(two.values())


def test_no_free_port_is_an_error() -> None:
    with pytest.raises(InputError, match="no free port"):
        ports.assign(USUAL, {}, seed="a", free=lambda _: False, below=10050)


def test_a_port_taken_meanwhile_is_named() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        assert not ports.is_free(port)
        with pytest.raises(InputError, match=f"port {port}, which this cloud's nova has, is taken"):
            ports.check_free({"nova": port})
    ports.check_free({"nova": port})
