"""Quotas of a container."""

import pytest

from defcore.suite.support import Api, Resources
from defcore.suite.support.object_store import Container, feature, new_container
from defcore.suite.support.object_store_headers import stored_headers, usage

pytestmark = pytest.mark.reference(
    "https://docs.openstack.org/api-ref/object-store/#create-update-or-delete-container-metadata"
)

BYTES = 10
COUNT = 3


def narrow_container(object_store: Api, resources: Resources) -> Container:
    """Make a container that may hold three objects and ten bytes."""
    feature(object_store, "container_quotas")
    made = new_container(resources, object_store, "narrow")
    quota = {"X-Container-Meta-Quota-Bytes": str(BYTES), "X-Container-Meta-Quota-Count": str(COUNT)}
    object_store.post(made.path, headers=quota).expect(204, because="a container takes a quota")
    return made


@pytest.mark.uuid("899e262c-ca04-4edf-a827-7e40beedb876")
@pytest.mark.covers("9a0fb034-86af-4df0-86fa-f8bd7db21ae0")
def test_container_quota_is_a_maximum(object_store: Api, resources: Resources) -> None:
    """A container takes an object that fills its quota of bytes exactly."""
    narrow = narrow_container(object_store, resources)
    narrow.holds(0, 0)
    stored_headers(narrow.put("full", b"x" * BYTES).expect(201, because="the object is as large as the quota"))
    narrow.holds(1, BYTES)


@pytest.mark.uuid("014490fb-61d2-45b7-b91e-d79b6da4ed83")
@pytest.mark.covers("22eeeb2b-3668-4160-baef-44790f65a5a0")
def test_container_quota_of_bytes(object_store: Api, resources: Resources) -> None:
    """A container refuses an object that is larger than its quota of bytes, and stays as it was."""
    narrow = narrow_container(object_store, resources)
    narrow.holds(0, 0)
    narrow.put("large", b"x" * (BYTES + 1)).expect(413, because=f"the quota is {BYTES} bytes")
    assert usage(object_store.head(narrow.path).expect(204)) == (0, 0), "the refused object is counted"
    object_store.get(narrow.at("large")).expect(404, because="the object was refused")


@pytest.mark.uuid("eec75e3c-504a-4874-a6a2-65a520790c66")
@pytest.mark.covers("3a387039-697a-44fc-a9c0-935de31f426b")
def test_container_quota_of_objects(object_store: Api, resources: Resources) -> None:
    """A container that holds as many objects as its quota says refuses another."""
    narrow = narrow_container(object_store, resources)
    for number in range(COUNT):
        narrow.put(f"object-{number}").expect(201, because=f"the quota is {COUNT} objects")
    narrow.holds(COUNT, 0)
    narrow.put("one-too-many").expect(413, because=f"the quota is {COUNT} objects")
    assert usage(object_store.head(narrow.path).expect(204)) == (COUNT, 0), "the refused object is counted"
