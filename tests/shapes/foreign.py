"""Others at work in the project of the run: what they had before, and what they make and remove meanwhile."""

from __future__ import annotations

import itertools
import threading
import traceback
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import openstack
import openstack.config

BETWEEN = 0.5
"""Seconds between two changes."""


class Neighbours:
    """`with Neighbours(clouds_file, cloud):` has one of everything there, and keeps making and removing others."""

    def __init__(self, clouds_file: Path, cloud: str) -> None:
        config = openstack.config.OpenStackConfig(config_files=[str(clouds_file)], load_envvars=False)
        self.cloud: Any = openstack.connection.Connection(config=config.get_one(cloud=cloud))
        self.troubles: list[str] = []
        self.changes = 0
        self._kept = ExitStack()
        self._enough = threading.Event()
        self._thread = threading.Thread(target=self._work, name="neighbours", daemon=True)
        self._numbers = itertools.count(1)
        self._prefix = f"others-{uuid.uuid4().hex[:6]}"

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            for kind in KINDS:
                stack.enter_context(kind(self))
            self._kept = stack.pop_all()
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._enough.set()
        self._thread.join(120)
        self._kept.close()
        print(f"the neighbours made and removed {self.changes} things")
        for trouble in self.troubles:
            print(f"! the neighbours: {trouble}", flush=True)

    def name(self) -> str:
        return f"{self._prefix}-{next(self._numbers)}"

    def _work(self) -> None:
        """Make and remove one of each kind in turn; some stay while the next ones come."""
        held: list[ExitStack] = []
        try:
            for kind in itertools.cycle(KINDS):
                if self._enough.wait(BETWEEN):
                    return
                with ExitStack() as stack:
                    stack.enter_context(kind(self))
                    held.append(stack.pop_all())
                self.changes += 1
                if len(held) > len(KINDS) // 2:
                    held.pop(0).close()
        except Exception:
            self.troubles.append(traceback.format_exc())
        finally:
            for stack in reversed(held):
                stack.close()


Kind = Callable[[Neighbours], Any]


@contextmanager
def server(us: Neighbours) -> Iterator[None]:
    compute = us.cloud.compute
    image = next(one for one in us.cloud.image.images(visibility="public"))
    flavor = next(iter(compute.flavors()))
    networks = us.cloud.network.networks(project_id=us.cloud.current_project_id)
    network = next(one for one in networks if one.subnet_ids and not one.is_router_external)
    made = compute.create_server(
        name=us.name(),
        image_id=image.id,
        flavor_id=flavor.id,
        networks=[{"uuid": network.id}],
        metadata={"of": "others"},
    )
    try:
        compute.wait_for_server(made, wait=300)
        yield
    finally:
        compute.delete_server(made)
        compute.wait_for_delete(made, wait=300)


@contextmanager
def volume(us: Neighbours) -> Iterator[None]:
    storage = us.cloud.block_storage
    made = storage.create_volume(name=us.name(), size=1, metadata={"of": "others"})
    try:
        storage.wait_for_status(made, "available", failures=["error"], wait=120)
        snapshot = storage.create_snapshot(volume_id=made.id, name=us.name())
        storage.wait_for_status(snapshot, "available", failures=["error"], wait=120)
        yield
        storage.delete_snapshot(snapshot)
        storage.wait_for_delete(snapshot, wait=120)
    finally:
        storage.delete_volume(made)
        storage.wait_for_delete(made, wait=120)


@contextmanager
def network(us: Neighbours) -> Iterator[None]:
    network = us.cloud.network
    made = network.create_network(name=us.name())
    try:
        subnet = network.create_subnet(network_id=made.id, name=us.name(), ip_version=4, cidr="10.99.0.0/24")
        port = network.create_port(network_id=made.id, name=us.name())
        router = network.create_router(name=us.name())
        network.add_interface_to_router(router, subnet_id=subnet.id)
        group = network.create_security_group(name=us.name())
        yield
        network.remove_interface_from_router(router, subnet_id=subnet.id)
        network.delete_router(router)
        network.delete_port(port)
        network.delete_security_group(group)
    finally:
        network.delete_network(made)


@contextmanager
def image(us: Neighbours) -> Iterator[None]:
    made = us.cloud.image.create_image(
        name=us.name(), disk_format="raw", container_format="bare", data=b"others", tags=["others"]
    )
    try:
        yield
    finally:
        us.cloud.image.delete_image(made)


@contextmanager
def container(us: Neighbours) -> Iterator[None]:
    store, name = us.cloud.object_store, us.name()
    store.create_container(name)
    try:
        store.create_object(name, "of others", data=b"others")
        yield
        store.delete_object("of others", container=name)
    finally:
        store.delete_container(name)


@contextmanager
def keypair(us: Neighbours) -> Iterator[None]:
    made = us.cloud.compute.create_keypair(name=us.name())
    try:
        yield
    finally:
        us.cloud.compute.delete_keypair(made)


@contextmanager
def credential(us: Neighbours) -> Iterator[None]:
    user = us.cloud.current_user_id
    made = us.cloud.identity.create_application_credential(user, us.name())
    try:
        yield
    finally:
        us.cloud.identity.delete_application_credential(user, made)


KINDS: tuple[Kind, ...] = (server, volume, network, image, container, keypair, credential)
