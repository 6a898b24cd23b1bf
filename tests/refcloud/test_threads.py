"""Users at work at the same time are not taken for one another."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import openstack
import pytest

from tests.conftest import ReferenceCloud

TRIES = 30


@contextmanager
def busy(connection: openstack.connection.Connection) -> Iterator[None]:
    """An administrator makes and removes users all the time, so that the identity service forgets what it knew."""
    ended = threading.Event()
    identity = connection.identity
    (role,) = identity.roles(name="member")

    def work() -> None:
        while not ended.is_set():
            project = identity.create_project(name=uuid.uuid4().hex)
            user = identity.create_user(name=uuid.uuid4().hex)
            identity.assign_project_role_to_user(project, user, role)
            identity.delete_user(user)
            identity.delete_project(project)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        ended.set()
        for thread in threads:
            thread.join()


@pytest.mark.refcloud
def test_an_application_credential_has_the_roles_of_who_makes_it(
    reference_cloud: ReferenceCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OS_CLIENT_CONFIG_FILE", str(reference_cloud.clouds_file))
    own, admin = openstack.connect(cloud="defcore-ref"), openstack.connect(cloud="defcore-ref-admin")
    user = own.current_user_id
    with busy(admin):
        for _ in range(TRIES):
            made = own.identity.create_application_credential(user, name=uuid.uuid4().hex)
            own.identity.delete_application_credential(user, made.id)
            assert {role["name"] for role in made.roles} == {"member", "reader"}
    own.close()
    admin.close()
