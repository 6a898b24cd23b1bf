"""The parts that a reference cloud can have: one OpenStack service each, with what it needs and offers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from defcore.errors import InputError, Problem, did_you_mean

REGION = "RegionOne"
HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A line of keystone's catalog."""

    type: str
    name: str
    path: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One service of the cloud."""

    name: str
    port: int
    """The usual port, taken if it is free."""
    needs: tuple[str, ...] = ()
    """Services without which this one does not work."""
    catalog: tuple[Entry, ...]
    health: str = "/"
    """A path that answers without a token once the service is ready."""
    inner_ports: tuple[tuple[str, int], ...] = ()
    """Further listeners of the service that no client talks to."""


PARTS = (
    Part(name="keystone", port=5000, catalog=(Entry(type="identity", name="keystone", path="/v3"),)),
    Part(name="glance", port=9292, needs=("keystone",), catalog=(Entry(type="image", name="glance"),)),
    Part(
        name="placement",
        port=8778,
        needs=("keystone",),
        catalog=(Entry(type="placement", name="placement"),),
    ),
    Part(name="neutron", port=9696, needs=("keystone",), catalog=(Entry(type="network", name="neutron"),)),
    Part(
        name="nova",
        port=8774,
        needs=("keystone", "glance", "placement", "neutron"),
        catalog=(Entry(type="compute", name="nova", path="/v2.1"),),
    ),
    Part(
        name="cinder",
        port=8776,
        needs=("keystone", "glance"),
        catalog=(
            Entry(type="block-storage", name="cinder", path="/v3"),
            Entry(type="volumev3", name="cinderv3", path="/v3/$(project_id)s"),
        ),
    ),
    Part(
        name="swift",
        port=8080,
        needs=("keystone",),
        catalog=(Entry(type="object-store", name="swift", path="/v1/AUTH_$(project_id)s"),),
        health="/healthcheck",
        inner_ports=(("swift-account", 6202), ("swift-container", 6201), ("swift-object", 6200)),
    ),
)
BY_NAME = {part.name: part for part in PARTS}


def choose(names: Iterable[str]) -> tuple[Part, ...]:
    """The parts named, and those that they need, in the order of `PARTS`; all parts for no name."""
    wanted = list(names)
    unknown = [name for name in wanted if name not in BY_NAME]
    if unknown:
        raise InputError(
            *(
                Problem(
                    code="refcloud.unknown-service",
                    message=f"the reference cloud has no service {name!r}",
                    where="--services",
                    hint=did_you_mean(name, BY_NAME),
                )
                for name in unknown
            )
        )
    if not wanted:
        return PARTS
    # What a part needs is listed in full, so one step is enough.
    needed = set(wanted).union(*(BY_NAME[name].needs for name in wanted))
    return tuple(part for part in PARTS if part.name in needed)
